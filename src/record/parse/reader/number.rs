//! Numbers whose canonical form is part of how they are written.

/// More digits might not come out as they went in, or be a NIK.
const MAX_DIGITS: usize = 15;

/// Smaller numbers are canonically written with an exponent.
const MAX_LEADING_ZEROS: usize = 6;

/// A number of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// Where it ends.
    pub end: usize,
    /// Where its canonical form ends.
    pub canonical_end: usize,
    /// Its value, where that is whole.
    pub whole: Option<i64>,
    /// Its value.
    pub value: f64,
}

/// The number that starts at `at`; `None` where it is none, or one to look at more thoroughly.
pub fn read(bytes: &[u8], at: usize) -> Option<Number> {
    let is_negative = bytes.get(at) == Some(&b'-');
    let start = at + usize::from(is_negative);
    let (units, point) = digits(bytes, start, 0);
    let has_leading_zero = bytes.get(start) == Some(&b'0') && point - start > 1;
    if has_leading_zero || point == start || point - start > MAX_DIGITS {
        return None;
    }
    let (sum, end, canonical_end) = match bytes.get(point) {
        Some(b'.') => {
            let (sum, end) = digits(bytes, point + 1, units);
            let fraction = bytes.get(point + 1..end)?;
            let zeros_after = fraction.iter().rev().take_while(|digit| **digit == b'0').count();
            let zeros_before = fraction.iter().take_while(|digit| **digit == b'0').count();
            let is_tiny = units == 0 && zeros_before >= MAX_LEADING_ZEROS && zeros_before < fraction.len();
            if fraction.is_empty() || is_tiny || end - 1 - start > MAX_DIGITS {
                return None;
            }
            let canonical_end = end - zeros_after;
            (sum, end, if canonical_end == point + 1 { point } else { canonical_end })
        }
        _ => (units, point, point),
    };
    let has_exponent = matches!(bytes.get(end), Some(b'e' | b'E' | b'.'));
    if has_exponent || (is_negative && sum == 0) {
        return None;
    }
    // both are exact, so the quotient is the nearest number there is
    #[expect(clippy::cast_precision_loss, reason = "below 10^15")]
    let value = sum as f64 / POWERS.get((end - point).saturating_sub(1))?;
    let whole = (canonical_end == point).then_some(if is_negative { -units } else { units });
    Some(Number { end, canonical_end, whole, value: if is_negative { -value } else { value } })
}

/// Runs of digits as a number, going on from `sum`, and where they end; of too many digits the number is any.
fn digits(bytes: &[u8], start: usize, mut sum: i64) -> (i64, usize) {
    let mut end = start;
    while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
        sum = sum.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        end += 1;
    }
    (sum, end)
}

const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_canonical_form() {
        let cases = [
            ("5", Some("5")),
            ("5.0", Some("5")),
            ("0", Some("0")),
            ("0.0", Some("0")),
            ("-4.130", Some("-4.13")),
            ("104.17", Some("104.17")),
            ("0.000001", Some("0.000001")),
            ("0.0000001", None),
            ("999999999999999", Some("999999999999999")),
            ("1000000000000000", None),
            ("-0", None),
            ("-0.0", None),
            ("01", None),
            ("1.", None),
            (".5", None),
            ("-", None),
            ("1e3", None),
            ("1.5E3", None),
            ("1.2.3", None),
            ("+1", None),
        ];
        for (text, wanted) in cases {
            let found = read(text.as_bytes(), 0).map(|number| {
                assert_eq!(number.end, text.len(), "{text}");
                assert_eq!(number.value, text.parse::<f64>().unwrap(), "{text}");
                let json: serde_json::Value = serde_json::from_str(text).unwrap();
                assert_eq!(serde_json_canonicalizer::to_string(&json).unwrap(), text[..number.canonical_end]);
                &text[..number.canonical_end]
            });
            assert_eq!(found, wanted, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn values_are_those_of_serde_json(text in "-?[0-9]{1,9}(\\.[0-9]{1,9})?([eE.][0-9])?") {
            if let Some(number) = read(text.as_bytes(), 0) {
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                proptest::prop_assert_eq!(json.as_f64(), Some(number.value));
                proptest::prop_assert_eq!(
                    serde_json_canonicalizer::to_string(&json).unwrap(),
                    &text[..number.canonical_end]
                );
            }
        }
    }
}
