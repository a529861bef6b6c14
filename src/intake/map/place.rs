//! Kabupaten and kecamatan by code or name, to their Kemendagri codes; codes of BPS are never taken for them.

use super::fault::Doubt;
use crate::intake::sheet::Cell;
use crate::pack::profile::bare;
use crate::record::region::{self, Level, Region};
use crate::record::reject::RejectCode;
use crate::words::say;

/// How close a name is to one that is known before it is offered as a guess.
const CLOSE: f64 = 0.88;
/// Names of kabupaten that are not made of their full names.
const ALIASES: [(&str, &str); 5] =
    [("okut", "16.08"), ("okus", "16.09"), ("okuinduk", "16.01"), ("baturaja", "16.01"), ("muaradua", "16.09")];

/// Reads the region of a level.
///
/// # Errors
/// Nobody is sure which is meant.
pub fn read(cell: &Cell, level: Level) -> Result<String, Doubt> {
    let text = match cell {
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Number(number) => format!("{number}"),
        _ => return Err(Doubt::new(RejectCode::Region, say("cell-region"))),
    };
    if text.starts_with(|c: char| c.is_ascii_digit()) { of_code(&text, level) } else { of_name(&text, level) }
}

fn of_level(level: Level) -> impl Iterator<Item = &'static Region> {
    region::all().iter().filter(move |region| region.level == level)
}

fn guess(doubt: Doubt, region: &Region) -> Doubt {
    doubt.guess(region.code.as_str(), region.code.as_str())
}

fn of_code(text: &str, level: Level) -> Result<String, Doubt> {
    let code: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let Err(fault) = region::check(&code, level) else { return Ok(code) };
    let digits = code.replace('.', "");
    let by_bps = of_level(level).find(|region| region.bps == digits);
    let by_digits = of_level(level).find(|region| region.code.replace('.', "") == digits);
    match (by_bps, by_digits) {
        (Some(region), _) => {
            let reason = say("cell-region-bps").with("code", code.as_str()).with("name", region.name.as_str());
            Err(guess(Doubt::new(RejectCode::BpsCode, reason), region))
        }
        (None, Some(region)) => Err(guess(Doubt::new(fault.code, say("cell-region-dots")), region)),
        (None, None) => Err(Doubt::new(fault.code, say("cell-region"))),
    }
}

/// A name in its shortest form: `Kab. OKU Timur` and `Ogan Komering Ulu Timur` are one.
fn short(name: &str) -> String {
    let bare = bare(name).replace("ogankomeringulu", "oku");
    let before = ["kabupaten", "kecamatan", "kab", "kec"];
    let rest = before.iter().find_map(|before| bare.strip_prefix(before)).filter(|rest| !rest.is_empty());
    rest.unwrap_or(&bare).to_owned()
}

fn of_name(text: &str, level: Level) -> Result<String, Doubt> {
    let name = short(text);
    let alias = ALIASES.iter().find(|(alias, _)| level == Level::Kabupaten && *alias == name).map(|(_, code)| *code);
    if let Some(region) =
        of_level(level).find(|region| short(&region.name) == name || alias == Some(region.code.as_str()))
    {
        return Ok(region.code.clone());
    }
    let doubt = Doubt::new(RejectCode::Region, say("cell-region"));
    let scored = of_level(level).map(|region| (strsim::jaro_winkler(&name, &short(&region.name)), region));
    match scored.filter(|(score, _)| *score >= CLOSE).max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((_, region)) => {
            Err(Doubt::new(RejectCode::Region, say("cell-region-name").with("name", region.name.as_str()))
                .guess(region.name.as_str(), region.code.as_str()))
        }
        None => Err(doubt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn codes_and_names_come_to_one_code() {
        use Level::{Kabupaten, Kecamatan};
        for (written, level, code) in [
            ("16.08", Kabupaten, "16.08"),
            ("OKU Timur", Kabupaten, "16.08"),
            ("Kab. OKU Selatan", Kabupaten, "16.09"),
            ("Ogan Komering Ulu", Kabupaten, "16.01"),
            ("OKUS", Kabupaten, "16.09"),
            ("Kec. Baturaja Timur", Kecamatan, "16.01.14"),
            ("martapura", Kecamatan, "16.08.01"),
        ] {
            assert_eq!(read(&text(written), level).as_deref(), Ok(code), "{written}");
        }
        assert_eq!(read(&Cell::Number(16.08), Kabupaten).as_deref(), Ok("16.08"));
    }

    #[test]
    fn codes_of_bps_and_slips_are_doubted_with_the_right_code() {
        use Level::{Kabupaten, Kecamatan};
        for (cell, level, code, guess) in [
            (text("1608"), Kabupaten, RejectCode::BpsCode, Some("16.09")),
            (Cell::Number(1609.0), Kabupaten, RejectCode::BpsCode, Some("16.08")),
            (text("1609010"), Kecamatan, RejectCode::BpsCode, Some("16.08.01")),
            (text("160114"), Kecamatan, RejectCode::BpsCode, Some("16.01.14")),
            (text("Batu Raja Timr"), Kecamatan, RejectCode::Region, Some("16.01.14")),
            (text("OKU Tmur"), Kabupaten, RejectCode::Region, Some("16.08")),
            (text("Contoh"), Kecamatan, RejectCode::Region, None),
        ] {
            let doubt = read(&cell, level).expect_err(&format!("{cell:?}"));
            assert_eq!((doubt.code, doubt.value.as_deref()), (code, guess), "{cell:?}");
        }
    }
}
