//! Tables that come as bodies: the same profiles as for files, within what one request may take.

use std::collections::BTreeMap;

use super::body::{BodyError, MAX_BODY_BYTES, MAX_ROWS};
use super::map::{self, Mapped, TableError, What};
use super::profile::Settings;
use super::report;
use super::row::Row;
use super::sheet::{Limits, Refusal};
use super::{Intake, Submitter, sort};
use crate::pack::Pack;
use crate::record::parse::Received;
use crate::words::Language;

/// The content types of tables.
pub const TABLE_TYPES: [&str; 2] = ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"];

/// What a table of one request may take: it is read while others are.
fn limits() -> Limits {
    Limits {
        file_bytes: MAX_BODY_BYTES as u64,
        unpacked_bytes: 64 * 1024 * 1024,
        cells: 1_000_000,
        string_bytes: 16 * 1024 * 1024,
        ..Limits::default()
    }
}

/// Whether a body of a content type is a table.
pub fn is_table(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    TABLE_TYPES.iter().any(|table| essence.eq_ignore_ascii_case(table))
}

/// A profile and fields that are the same in every row, as a query states them.
pub fn settings(mut query: BTreeMap<String, String>) -> Settings {
    Settings { profile: query.remove("profile"), set: query }
}

/// Sorts the rows of a table; how many of them are no records comes with them. The index of a row is its number.
///
/// # Errors
/// The table is refused whole.
pub fn sorted(
    pack: &Pack,
    settings: &Settings,
    body: Vec<u8>,
    received: Received,
    allowed: &Submitter,
) -> Result<(Intake, usize), BodyError> {
    let mut table = map::open_bytes(body, pack, settings, &limits()).map_err(|error| refused(&error))?;
    let fit = table.fit.clone();
    let mut rows: Vec<Row> = Vec::new();
    let mut found = BTreeMap::new();
    let mut skipped = 0;
    for mapped in table.by_ref() {
        let Mapped { cells, what, .. } = mapped.map_err(|refusal| refused(&refusal.into()))?;
        match what {
            What::Skipped(_) => skipped += 1,
            What::Record(_, _) if rows.len() == MAX_ROWS => {
                return Err(BodyError::TooLarge { limit: MAX_ROWS, unit: "records" });
            }
            What::Record(row, faults) => {
                found.insert(row.index, (cells, faults));
                rows.push(row);
            }
        }
    }
    let mut intake = sort(&pack.schema, rows, received, pack.timeline.zone, allowed);
    for aside in &mut intake.quarantined {
        let (cells, faults) = found.remove(&aside.index).unwrap_or_default();
        let faults = report::faults(&fit, faults, aside);
        aside.cells = faults.iter().map(|fault| fault.told(&fit, &cells, Language::Indonesian)).collect();
        aside.index += 1;
    }
    Ok((intake, skipped + table.blank))
}

fn refused(error: &TableError) -> BodyError {
    let too_large = matches!(
        error,
        TableError::Refused(
            Refusal::TooLarge { .. }
                | Refusal::UnpacksTooLarge { .. }
                | Refusal::TooManyRows { .. }
                | Refusal::TooManyCells { .. }
                | Refusal::TooManyColumns { .. }
                | Refusal::TooManyParts { .. }
                | Refusal::TooManyFormats { .. }
                | Refusal::TooMuchText
        )
    );
    BodyError::Table { too_large, detail: error.to_string() }
}
