//! Passport numbers as spreadsheets leave them: with spaces, in lower case, without the zeros in front.

use std::collections::HashMap;

use super::fault::Doubt;
use crate::intake::sheet::Cell;
use crate::record::parse::passport;
use crate::record::reject::RejectCode;
use crate::words::say;

/// What a person writes behind a number that is right although it looks cut.
pub const CONFIRMED: &str = "(benar)";
/// From here on a spreadsheet's numbers lose digits.
const EXACT: f64 = 1e15;

/// How long the numbers of a column usually are.
#[derive(Clone, Debug, Default)]
pub struct Lengths {
    /// Of all that are text.
    all: HashMap<usize, usize>,
    /// Of those that have digits only.
    digits: HashMap<usize, usize>,
}

impl Lengths {
    /// Takes a cell into account.
    pub fn count(&mut self, cell: &Cell) {
        let (number, is_text) = match cell {
            Cell::Text(text) => (tidy(text).0, true),
            Cell::Number(number) => (format!("{number}"), false),
            _ => return,
        };
        if is_text {
            *self.all.entry(number.len()).or_default() += 1;
        }
        if number.bytes().all(|b| b.is_ascii_digit()) {
            *self.digits.entry(number.len()).or_default() += 1;
        }
    }

    /// The length that a number of digits lacks zeros to, if it looks cut.
    fn lacks(&self, length: usize, is_text: bool) -> Option<usize> {
        let usual = |lengths: &HashMap<usize, usize>| {
            lengths.iter().max_by_key(|(length, count)| (**count, **length)).map(|(length, _)| *length)
        };
        // what is text was not cut by the cell that it stands in: only numbers like it speak against it
        let digits = usual(&self.digits);
        let usual = if is_text { digits } else { digits.max(usual(&self.all)) };
        usual.filter(|usual| *usual > length)
    }
}

/// A number without blanks and signs in upper case, and whether a person has confirmed it.
fn tidy(text: &str) -> (String, bool) {
    let text = text.trim();
    let confirmed = text.strip_suffix(CONFIRMED);
    let plain = confirmed.unwrap_or(text).trim().trim_start_matches('\'');
    let number =
        plain.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/')).flat_map(char::to_uppercase);
    (number.collect(), confirmed.is_some())
}

/// Reads a passport number.
///
/// # Errors
/// It is none, or looks cut beside the others of its column.
pub fn read(cell: &Cell, lengths: &Lengths) -> Result<String, Doubt> {
    let doubt = |reason| Doubt::new(RejectCode::Identity, reason);
    let (number, confirmed, is_text) = match cell {
        Cell::Text(text) if is_scientific(text) => return Err(doubt(say("cell-passport-notation"))),
        Cell::Text(text) => {
            let (number, confirmed) = tidy(text);
            (number, confirmed, true)
        }
        Cell::Number(number) if *number >= 1.0 && *number < EXACT && number.fract() == 0.0 => {
            (format!("{number}"), false, false)
        }
        Cell::Number(_) => return Err(doubt(say("cell-passport-notation"))),
        _ => return Err(doubt(say("cell-passport"))),
    };
    let number = passport::number(&number).ok_or_else(|| doubt(say("cell-passport")))?;
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    match lengths.lacks(number.len(), is_text).filter(|_| digits && !confirmed) {
        None => Ok(number),
        Some(usual) => {
            let padded = format!("{number:0>usual$}");
            Err(doubt(say("cell-passport-zeros")).guess(padded.clone(), padded))
        }
    }
}

/// `1.23457E+08`, as spreadsheets shorten long numbers.
fn is_scientific(text: &str) -> bool {
    let text = text.trim().to_uppercase();
    text.split_once("E+").is_some_and(|(mantissa, power)| {
        mantissa.starts_with(|c: char| c.is_ascii_digit()) && power.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn blanks_and_case_make_no_difference() {
        for written in ["x 1234567", "X1234567", " X-123.45 67 "] {
            assert_eq!(read(&text(written), &Lengths::default()).as_deref(), Ok("X1234567"), "{written}");
        }
    }

    #[test]
    fn a_number_that_lost_zeros_is_doubted_where_the_others_are_longer() {
        let mut lengths = Lengths::default();
        [text("00123456"), text("01234567"), text("X1234567"), Cell::Number(1_234_567.0)]
            .iter()
            .for_each(|cell| lengths.count(cell));
        let doubt = |cell: &Cell| read(cell, &lengths).unwrap_err().guess;
        assert_eq!(doubt(&text("1234567")).as_deref(), Some("01234567"));
        assert_eq!(doubt(&Cell::Number(1_234_567.0)).as_deref(), Some("01234567"));
        assert_eq!(read(&text("1234567 (benar)"), &lengths).as_deref(), Ok("1234567"));
        assert_eq!(read(&text("12345678"), &lengths).as_deref(), Ok("12345678"));
        assert_eq!(read(&text("X12345"), &lengths).as_deref(), Ok("X12345"));
        assert_eq!(read(&Cell::Number(1234.0), &Lengths::default()).as_deref(), Ok("1234"));
    }

    #[test]
    fn what_is_no_number_has_no_guess() {
        for cell in [text("1.23457E+08"), Cell::Number(1.5), text("lihat lampiran!"), Cell::Bool(true)] {
            assert_eq!(read(&cell, &Lengths::default()).unwrap_err().guess, None, "{cell:?}");
        }
    }
}
