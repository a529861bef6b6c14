//! Closed words, yes and no, numbers with a decimal comma, visa indexes.

use super::fault::Doubt;
use crate::intake::sheet::Cell;
use crate::pack::profile::{Words, bare};
use crate::record::reject::RejectCode;
use crate::words::say;

/// How close a word is to one that is known before it is offered as a guess.
const CLOSE: f64 = 0.86;
const YES: [&str; 9] = ["ya", "y", "iya", "ada", "benar", "boleh", "true", "yes", "1"];
const NO: [&str; 9] = ["tidak", "t", "tdk", "tidakada", "bukan", "tidakboleh", "false", "no", "0"];
/// From here on whole numbers are not exact.
const EXACT: f64 = 9e15;

/// One of a closed list of words, however it is written.
///
/// # Errors
/// It is not in the list.
pub fn word(text: &str, words: &Words) -> Result<String, Doubt> {
    let wanted = bare(text);
    let written = || words.iter().flat_map(|(word, written)| written.iter().map(move |text| (word, text)));
    if let Some((word, _)) = written().find(|(word, text)| bare(text) == wanted || bare(word) == wanted) {
        return Ok(word.clone());
    }
    let usual = words.values().filter_map(|written| written.first()).map(String::as_str);
    let reason = say("cell-word").with("words", usual.collect::<Vec<_>>().join(", "));
    let doubt = Doubt::new(RejectCode::Choice, reason);
    let close = written().map(|(word, text)| (strsim::jaro_winkler(&wanted, &bare(text)), word, text));
    match close.filter(|(score, ..)| *score >= CLOSE).max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((_, word, text)) => Err(doubt.guess(text, word)),
        None => Err(doubt),
    }
}

/// Yes or no.
///
/// # Errors
/// It is neither.
pub fn yes(cell: &Cell) -> Result<bool, Doubt> {
    let text = match cell {
        Cell::Bool(yes) => return Ok(*yes),
        Cell::Text(text) => bare(text),
        Cell::Number(number) => format!("{number}"),
        _ => String::new(),
    };
    match (YES.contains(&text.as_str()), NO.contains(&text.as_str())) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(Doubt::new(RejectCode::Type, say("cell-bool"))),
    }
}

/// A number as Indonesians write it: a comma before decimals, points between thousands.
///
/// # Errors
/// It is none, or another country's.
pub fn number(cell: &Cell) -> Result<f64, Doubt> {
    let doubt = || Doubt::new(RejectCode::Type, say("cell-number"));
    let text = match cell {
        Cell::Number(number) => return Ok(*number),
        Cell::Text(text) => text.trim(),
        _ => return Err(doubt()),
    };
    let plain = text.strip_prefix("Rp").map_or(text, |rest| rest.trim_start_matches(['.', ' ']));
    let plain: String = plain.chars().filter(|c| !c.is_whitespace()).collect();
    let read = |thousands: char, decimal: char| of_signs(&plain, thousands, decimal);
    match (read('.', ','), read(',', '.')) {
        (Some(number), _) => Ok(number),
        (None, Some(number)) => Err(doubt().guess(indonesian(number), format!("{number}"))),
        (None, None) => Err(doubt()),
    }
}

fn of_signs(text: &str, thousands: char, decimal: char) -> Option<f64> {
    let (whole, part) = text.split_once(decimal).unwrap_or((text, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let groups: Vec<&str> = whole.split(thousands).collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let grouped = groups.len() == 1
        || (groups.iter().skip(1).all(|group| group.len() == 3)
            && groups.first().is_some_and(|first| first.len() <= 3));
    let stands = grouped && !groups.concat().is_empty() && digits(&groups.concat()) && digits(part);
    stands.then(|| format!("{sign}{}.{part}0", groups.concat()).parse().ok()).flatten()
}

fn indonesian(number: f64) -> String {
    format!("{number}").replace('.', ",")
}

/// The text of a cell, as its sender sees it; none where there is none.
pub fn text(cell: &Cell) -> Option<String> {
    let text = match cell {
        Cell::Empty | Cell::Error(_) => return None,
        Cell::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Cell::Number(number) => format!("{number}"),
        Cell::Date(at) if at.time() == chrono::NaiveTime::MIN => at.date().to_string(),
        Cell::Date(at) => at.to_string(),
        Cell::Bool(yes) => if *yes { "ya" } else { "tidak" }.to_owned(),
    };
    let is_dash = text.chars().all(|c| matches!(c, '-' | '–' | '—'));
    Some(text).filter(|text| !is_dash && !text.is_empty())
}

/// A number as JSON has it: whole where it is.
pub fn json(number: f64) -> serde_json::Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small enough to be exact")]
    if number.fract() == 0.0 && number.abs() < EXACT {
        return serde_json::Value::from(number as i64);
    }
    serde_json::Value::from(number)
}

/// The index at the beginning of what stands in its column: `B1 - wisata` is `B1`.
///
/// # Errors
/// There is none.
pub fn visa_index(text: &str) -> Result<String, Doubt> {
    let upper = text.trim().to_uppercase();
    let end = upper.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(upper.len());
    let index = upper.get(..end).unwrap_or_default();
    let letters = index.chars().take_while(char::is_ascii_alphabetic).count();
    let digits = index.chars().skip(letters).take_while(char::is_ascii_digit).count();
    let after = index.len().saturating_sub(letters + digits);
    let stands = letters <= 1 && (letters > 0 || digits == 3) && digits <= 3 && after <= 1 && !index.is_empty();
    if stands { Ok(index.to_owned()) } else { Err(Doubt::new(RejectCode::Choice, say("cell-visa"))) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        let written = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let words: Words = Arc::new(BTreeMap::from([
            ("itas".to_owned(), written(&["ITAS", "KITAS", "Izin Tinggal Terbatas"])),
            ("voa".to_owned(), written(&["VoA", "Visa on Arrival"])),
        ]));
        assert_eq!(word("izin  tinggal-terbatas", &words).as_deref(), Ok("itas"));
        assert_eq!(word("V.O.A", &words).as_deref(), Ok("voa"));
        assert_eq!(word("Izin Tingal Terbatas", &words).unwrap_err().value.as_deref(), Some("itas"));
        assert_eq!(word("turis", &words).unwrap_err().guess, None);
    }

    #[test]
    fn numbers_have_a_decimal_comma() {
        let read = |text: &str| number(&Cell::Text(text.to_owned()));
        for (written, expected) in
            [("1.000", 1000.0), ("1.234.567,5", 1_234_567.5), ("-3,25", -3.25), ("Rp. 50.000", 50_000.0)]
        {
            assert_eq!(read(written), Ok(expected), "{written}");
        }
        assert_eq!(read("104.17").unwrap_err().guess.as_deref(), Some("104,17"));
        assert_eq!(read("banyak").unwrap_err().guess, None);
    }

    #[test]
    fn indexes_stand_before_what_explains_them() {
        for (written, index) in
            [("B1 - wisata", "B1"), ("e33g", "E33G"), ("B211A", "B211A"), ("211", "211"), ("A", "A")]
        {
            assert_eq!(visa_index(written).as_deref(), Ok(index), "{written}");
        }
        assert!(visa_index("wisata").is_err() && visa_index("-").is_err());
    }
}
