//! Quick looks at bytes that most lines and texts pass; the others are looked at thoroughly.

use crate::record::parse::{MAX_TEXT_BYTES, scan};

/// A NIK has so many digits; shorter texts hold none.
const NIK_DIGITS: usize = 16;

/// Longer texts could be files.
const MAX_SHORT_BYTES: usize = 2048;

/// Whether all of it is ASCII without backslashes and control characters.
#[inline]
pub fn is_plain(bytes: &[u8]) -> bool {
    let is_other = |byte: &u8| (*byte < b' ') | (*byte >= 0x7f) | (*byte == b'\\');
    let (blocks, rest) = bytes.as_chunks::<64>();
    let has_other = |bytes: &[u8]| bytes.iter().fold(false, |found, byte| found | is_other(byte));
    !blocks.iter().any(|block| has_other(block)) && !has_other(rest)
}

/// Where the next quote stands.
#[inline]
pub fn quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const QUOTES: u64 = ONES * b'"' as u64;
    while let Some(word) = bytes.get(at..)?.first_chunk::<8>() {
        let differs = u64::from_le_bytes(*word) ^ QUOTES;
        // the lowest bit set is that of the first byte that is zero
        let zeros = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    Some(at + bytes.get(at..)?.iter().position(|byte| *byte == b'"')?)
}

/// Whether a text is no NIK, no file and not too long.
pub fn is_clean(text: &str, is_plain: bool, in_zone: bool) -> bool {
    (is_plain && is_surely_clean(text)) || scan::is_clean(text, in_zone)
}

/// The same of a text of plain characters; false where a thorough look is needed.
fn is_surely_clean(text: &str) -> bool {
    const { assert!(MAX_SHORT_BYTES <= MAX_TEXT_BYTES) };
    let bytes = text.as_bytes();
    // a data URI, perhaps after spaces
    if matches!(bytes.first(), Some(b'd' | b'D' | b' ')) {
        let start = bytes.trim_ascii_start().get(..5);
        return bytes.len() < NIK_DIGITS && start.is_none_or(|start| !start.eq_ignore_ascii_case(b"data:"));
    }
    bytes.len() < NIK_DIGITS || (bytes.len() <= MAX_SHORT_BYTES && !has_run(bytes) && !is_separated(bytes))
}

/// Whether there is a run of digits at least as long as a NIK: one of every sixteen bytes lies in it.
fn has_run(bytes: &[u8]) -> bool {
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let run = |index: usize| {
        let (before, after) = bytes.split_at_checked(index)?;
        Some(before.iter().rev().take_while(is_digit).count() + after.iter().take_while(is_digit).count())
    };
    let mut probes = (NIK_DIGITS - 1..bytes.len()).step_by(NIK_DIGITS);
    probes.any(|probe| bytes.get(probe).as_ref().is_some_and(is_digit) && run(probe) >= Some(NIK_DIGITS))
}

/// Whether there is nothing but digits and what may stand between those of a NIK.
fn is_separated(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'-' | b'_' | b'\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_looks_miss_nothing() {
        let cases = [
            ("Hotel Contoh", true),
            ("2024-11-20T21:15:00+07:00", true),
            ("2024-11-20 2024-11-21", false),
            ("Jalan Contoh 1 RT 001 RW 002", true),
            ("NIK 1601145208840001", false),
            ("x1601145208840001x", false),
            ("12345678901234567", false),
            ("160114.520884.0001", false),
            ("data:x", false),
            ("  DATA:x", false),
            ("dahlia", true),
        ];
        for (text, clean) in cases {
            assert_eq!(is_surely_clean(text), clean, "{text}");
            assert!(!clean || scan::is_clean(text, false), "{text}");
        }
        for at in 0..200 {
            let mut bytes = vec![b'x'; 200];
            bytes[at] = b'"';
            assert_eq!((0..=at).map(|from| quote(&bytes, from)).collect::<Vec<_>>(), vec![Some(at); at + 1]);
            assert_eq!(quote(&bytes, at + 1), None);
            for other in [0, 0x1f, 0x7f, 0x80, 0xff, b'\\'] {
                bytes[at] = other;
                assert!(!is_plain(&bytes));
            }
        }
        assert!(is_plain(&(b' '..b'\\').collect::<Vec<u8>>()) && is_plain(&(b']'..0x7f).collect::<Vec<u8>>()));
    }
}
