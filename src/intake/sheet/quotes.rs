//! Quote marks of a CSV that open a cell and do not close it where it ends: the rest of the file would be one cell.

use memchr::{memchr, memchr2};

/// Where in a record a cell is opened that runs over a line's end and is closed in the middle of another cell. Within
/// one line such a quote mark hurts nobody: `"Hotel "Contoh" Baturaja"`.
pub(super) fn swallows_lines(record: &[u8], delimiter: u8) -> Option<usize> {
    let mut place = 0;
    while let Some(rest) = record.get(place..).filter(|rest| !rest.is_empty()) {
        if rest.first() != Some(&b'"') {
            place += memchr2(delimiter, b'\n', rest).unwrap_or(rest.len()) + 1;
            continue;
        }
        let inside = closing(rest);
        let after = rest.get(inside + 1..).unwrap_or_default();
        let clean = after.first().is_none_or(|next| *next == delimiter || *next == b'\n');
        if !clean && memchr(b'\n', rest.get(..inside).unwrap_or_default()).is_some() {
            return Some(place);
        }
        let to_end = memchr2(delimiter, b'\n', after).unwrap_or(after.len());
        place += inside + 1 + to_end + 1;
    }
    None
}

/// Where the quote mark stands that closes a cell; two in a row stand for one and close nothing.
fn closing(cell: &[u8]) -> usize {
    let mut place = 1;
    while let Some(found) = cell.get(place..).and_then(|rest| memchr(b'"', rest)) {
        place += found;
        if cell.get(place + 1) != Some(&b'"') {
            return place;
        }
        place += 2;
    }
    cell.len()
}
