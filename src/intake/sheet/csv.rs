//! The rows of a CSV.

use std::fmt;
use std::io::{Cursor, Read};

use super::{Cell, Limits, Refusal, SheetRow, head};

/// The rows of a CSV, in order.
pub struct Rows {
    records: csv::StringRecordsIntoIter<Box<dyn Read + Send>>,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

impl Rows {
    pub(super) fn new(mut input: Box<dyn Read + Send>, _limits: &Limits) -> Result<Self, Refusal> {
        let head = head(&mut input, 4096).map_err(|error| Refusal::unreadable(&error))?;
        let count = |delimiter: &u8| head.iter().filter(|byte| *byte == delimiter).count();
        let delimiter = [b'\t', b',', b';'].into_iter().max_by_key(count).unwrap_or(b';');
        let all: Box<dyn Read + Send> = Box::new(Cursor::new(head).chain(input));
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(all);
        Ok(Rows { records: reader.into_records() })
    }
}

impl Iterator for Rows {
    type Item = Result<SheetRow, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.records.next()? {
            Ok(record) => Ok(SheetRow {
                number: record.position().and_then(|place| u32::try_from(place.line()).ok()).unwrap_or(u32::MAX),
                cells: record.iter().map(cell).collect(),
            }),
            Err(error) => Err(Refusal::Unreadable { reason: error.to_string() }),
        })
    }
}

fn cell(text: &str) -> Cell {
    if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
}
