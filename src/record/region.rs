//! Kabupaten and kecamatan by their Kemendagri codes.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::reject::RejectCode;

/// What a code names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A regency, `16.01`.
    Kabupaten,
    /// A district of a regency, `16.01.14`.
    Kecamatan,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Kabupaten => "kabupaten",
            Level::Kecamatan => "kecamatan",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Level::Kabupaten => "16.01",
            Level::Kecamatan => "16.01.14",
        }
    }

    fn groups(self) -> usize {
        match self {
            Level::Kabupaten => 2,
            Level::Kecamatan => 3,
        }
    }
}

/// One kabupaten or kecamatan of OKU Raya.
#[derive(Clone, Debug, Deserialize)]
pub struct Region {
    /// The Kemendagri code, with dots.
    pub code: String,
    /// Whether it is a kabupaten or a kecamatan.
    pub level: Level,
    /// The name in the Kemendagri list.
    pub name: String,
    /// The Kemendagri code of what it lies in.
    pub parent: String,
    /// The code of BPS of 2018, which numbers OKU Timur and OKU Selatan the other way round.
    #[serde(rename = "bps_2018")]
    pub bps: String,
}

/// Why a code is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `region` or `bps-code`.
    pub code: RejectCode,
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub help: String,
}

/// The longest thing that can still be a code and is therefore repeated in a message: a dotted village code.
const MAX_CODE_CHARS: usize = 13;

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("regions.csv").as_bytes()).deserialize().flatten().collect()
});

static CODES: LazyLock<HashMap<&str, Level, foldhash::fast::FixedState>> =
    LazyLock::new(|| REGIONS.iter().map(|region| (region.code.as_str(), region.level)).collect());

/// Every region that ships with the program, kabupaten before their kecamatan.
pub fn all() -> &'static [Region] {
    &REGIONS
}

/// The name of one of the three kabupaten.
pub fn kabupaten_name(code: &str) -> Option<&'static str> {
    find(code, Level::Kabupaten).map(|region| region.name.as_str())
}

/// One of the kecamatan of the three kabupaten.
pub fn kecamatan(code: &str) -> Option<&'static Region> {
    find(code, Level::Kecamatan)
}

/// Whether a code is a kabupaten or kecamatan that ships with the program.
pub fn is_known(code: &str) -> bool {
    REGIONS.iter().any(|region| region.code == code)
}

/// Accepts a Kemendagri code of a level: one of ours, or one of the right shape from elsewhere in Indonesia.
///
/// # Errors
/// Says why not, and which Kemendagri code was probably meant.
pub fn check(code: &str, level: Level) -> Result<(), Fault> {
    if CODES.get(code) == Some(&level) {
        return Ok(());
    }
    if !has_shape(code, level) {
        return Err(explain(code, level));
    }
    let ours = code.get(..5).and_then(kabupaten_name);
    match (level, ours) {
        (Level::Kecamatan, Some(name)) if kecamatan(code).is_none() => Err(Fault {
            code: RejectCode::Region,
            what: format!("`{code}` is no kecamatan of {name}"),
            help: "look the code up in the Kemendagri list".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn find(code: &str, level: Level) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.level == level && region.code == code)
}

fn has_shape(code: &str, level: Level) -> bool {
    let two_digits = |group: &str| group.len() == 2 && group.bytes().all(|b| b.is_ascii_digit());
    code.split('.').count() == level.groups() && code.split('.').all(two_digits)
}

fn explain(text: &str, level: Level) -> Fault {
    let like_a_code = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !like_a_code || text.len() > MAX_CODE_CHARS {
        return explain_name(text, level);
    }
    let digits = text.replace('.', "");
    let padded = text.split('.').map(|group| format!("{group:0>2}")).collect::<Vec<_>>().join(".");
    let of_level = || REGIONS.iter().filter(|region| region.level == level);
    let by_bps = of_level().find(|region| region.bps == digits);
    let by_digits = of_level().find(|region| region.code.replace('.', "") == digits || region.code == padded);
    let word = level.word();
    let (code, what, help) = match (by_bps, by_digits) {
        (Some(bps), Some(other)) if bps.code != other.code => (
            RejectCode::BpsCode,
            format!("`{text}` is the BPS code of {}, and without its dot also looks like {}", bps.name, other.name),
            format!("write the Kemendagri code: `{}` for {}, `{}` for {}", bps.code, bps.name, other.code, other.name),
        ),
        (Some(region), _) => (
            RejectCode::BpsCode,
            format!("`{text}` is the BPS code of {}", region.name),
            format!("write its Kemendagri code, `{}`", region.code),
        ),
        (None, Some(region)) => (
            RejectCode::BpsCode,
            format!("`{text}` is a Kemendagri code that lost a dot or a zero"),
            format!("write `{}` if {} is meant, as text and not as a number", region.code, region.name),
        ),
        (None, None) => (
            if text.contains('.') { RejectCode::Region } else { RejectCode::BpsCode },
            format!("`{text}` is not the Kemendagri code of a {word}"),
            format!("write a code such as `{}`, with its dots", level.example()),
        ),
    };
    Fault { code, what, help }
}

/// A name, or something else that is no code. It may be anything, so only names from the table are repeated.
fn explain_name(text: &str, level: Level) -> Fault {
    let bare =
        |name: &str| name.to_lowercase().replace("kabupaten ", "").replace("ogan komering ulu", "oku").replace(' ', "");
    let named = REGIONS.iter().find(|region| region.level == level && bare(&region.name) == bare(text));
    let word = level.word();
    let help = match named {
        Some(region) => format!("write `{}` for {}", region.code, region.name),
        None => format!("write a code such as `{}`", level.example()),
    };
    Fault { code: RejectCode::Region, what: format!("the {word} must be given by its Kemendagri code"), help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_oku_raya_ships() {
        let count = |level| all().iter().filter(|region| region.level == level).count();
        assert_eq!((count(Level::Kabupaten), count(Level::Kecamatan)), (3, 52));
        assert!(all().iter().all(|region| check(&region.code, region.level).is_ok()));
        let parents = all().iter().filter(|region| region.level == Level::Kecamatan);
        assert!(parents.clone().all(|region| region.code.starts_with(&region.parent)));
        assert_eq!(kabupaten_name("16.09"), Some("Kabupaten Ogan Komering Ulu Selatan"));
        assert!(is_known("16.01.14") && !is_known("16.01.99") && kecamatan("16.01").is_none());
    }

    /// Code as sent, whether it was taken for another numbering, and what the help must name.
    #[test]
    fn another_numbering_is_told_what_it_meant() {
        use Level::{Kabupaten, Kecamatan};
        let cases = [
            ("1601", Kabupaten, true, vec!["`16.01`"]),
            ("1608", Kabupaten, true, vec!["`16.09` for Kabupaten Ogan Komering Ulu Selatan", "`16.08` for"]),
            ("1609", Kabupaten, true, vec!["`16.08` for Kabupaten Ogan Komering Ulu Timur", "`16.09` for"]),
            ("16.1", Kabupaten, true, vec!["`16.01`", "not as a number"]),
            ("1601130", Kecamatan, true, vec!["`16.01.14`"]),
            ("16.01.130", Kecamatan, true, vec!["`16.01.14`"]),
            ("1608050", Kecamatan, true, vec!["`16.09.01`"]),
            ("160114", Kecamatan, true, vec!["`16.01.14`"]),
            ("16.1.14", Kecamatan, true, vec!["`16.01.14`"]),
            ("3174", Kabupaten, true, vec!["`16.01`"]),
            ("16.01.14.1001", Kecamatan, false, vec!["`16.01.14`"]),
            ("16.01.14", Kabupaten, false, vec!["`16.01`"]),
            ("OKU Timur", Kabupaten, false, vec!["`16.08`"]),
            ("muaradua", Kecamatan, false, vec!["`16.09.01`"]),
            ("Contoh", Kecamatan, false, vec!["`16.01.14`"]),
        ];
        for (text, level, other_numbering, names) in cases {
            let fault = check(text, level).expect_err(text);
            assert_eq!(fault.code == RejectCode::BpsCode, other_numbering, "{text}: {fault:?}");
            assert!(names.iter().all(|name| fault.help.contains(name)), "{text}: {fault:?}");
        }
    }

    #[test]
    fn the_rest_of_indonesia_is_known_by_its_shape() {
        assert_eq!(check("18.08", Level::Kabupaten), Ok(()));
        assert_eq!(check("18.08.01", Level::Kecamatan), Ok(()));
    }
}
