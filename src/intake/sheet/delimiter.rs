//! What stands between the cells of a CSV: told by how many cells of its first lines fall into place.

use std::collections::BTreeMap;

/// The ones that agencies use; of two that are as good the first.
const DELIMITERS: [u8; 3] = [b';', b'\t', b','];
/// The lines that are looked at: titles above a header, the header, and a good many rows.
const LINES: usize = 50;

/// The delimiter of the beginning of a CSV, and how many bytes a line takes that says so: `sep=;`.
pub(super) fn of(head: &[u8]) -> (u8, usize) {
    stated(head).unwrap_or_else(|| (most_consistent(head), 0))
}

/// Excel reads such a first line and does not show it.
fn stated(head: &[u8]) -> Option<(u8, usize)> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let word = line.strip_prefix(b"\"").and_then(|word| word.strip_suffix(b"\"")).unwrap_or(line);
    match word {
        [name @ .., delimiter] if name.eq_ignore_ascii_case(b"sep=") && delimiter.is_ascii() && *delimiter != b'"' => {
            Some((*delimiter, line.len() + 1))
        }
        _ => None,
    }
}

fn most_consistent(head: &[u8]) -> u8 {
    // a file without any has one column, which a tab splits last
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| cells_in_place(head, *delimiter));
    best.filter(|delimiter| cells_in_place(head, *delimiter) > 0).unwrap_or(b'\t')
}

/// How well the lines agree on a number of cells, quotes respected. That many lines agree counts more than that they
/// agree on many cells: addresses have commas.
fn cells_in_place(head: &[u8], delimiter: u8) -> usize {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(head);
    let mut lines_with: BTreeMap<usize, usize> = BTreeMap::new();
    for record in reader.byte_records().take(LINES).flatten() {
        *lines_with.entry(record.len()).or_default() += 1;
    }
    lines_with.into_iter().map(|(cells, lines)| cells.saturating_sub(1) * lines * lines).max().unwrap_or(0)
}
