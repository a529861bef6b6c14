//! Tables as agencies send them, CSV or XLSX, to rows of cells: streamed, bounded, refused whole where they are no table.

pub mod csv;
pub mod refusal;

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};

pub use refusal::Refusal;

/// What one cell holds. Texts are as they stand, blanks around them included.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing, or blanks only.
    Empty,
    /// Letters, and in CSV everything.
    Text(String),
    /// A number that is not shown as a date.
    Number(f64),
    /// A number that is shown as a date or a time; a time alone stands on the day [`TIME_ALONE`].
    Date(NaiveDateTime),
    /// True or false.
    Bool(bool),
    /// What a formula failed with, such as `#REF!`.
    Error(String),
}

/// The day of a cell that holds a time without a date: day 0 of both LibreOffice and Excel.
pub const TIME_ALONE: NaiveDate = match NaiveDate::from_ymd_opt(1899, 12, 30) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// One row that has something in it. Rows without anything are left out, and counted in the numbers of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetRow {
    /// Its number as a spreadsheet program shows it, from 1.
    pub number: u32,
    /// Its cells from column A on; the last is not empty.
    pub cells: Vec<Cell>,
}

/// A table that can be read.
#[derive(Debug)]
pub struct Opened {
    /// The name of the table in its workbook; empty for CSV.
    pub sheet: String,
    /// Its rows. After a refusal there is nothing more.
    pub rows: Rows,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text with `;`, `,` or tabs between the cells.
    Csv,
    /// The workbooks of Excel since 2007.
    Xlsx,
}

/// How much of a table is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes: a million rows of a guest list are about 150 MB.
    pub file_bytes: u64,
    /// The most rows, those without anything included: what a spreadsheet program can show.
    pub rows: u32,
    /// The most columns: a form that people fill in has dozens.
    pub columns: usize,
    /// The longest cell, in bytes: four for each of the 32,767 characters that a cell of Excel holds.
    pub cell_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { file_bytes: 512 * 1024 * 1024, rows: 1_048_576, columns: 512, cell_bytes: 4 * 32_767 }
    }
}

/// Opens a file, by its content first and its name second; of a workbook the `sheet` of that name, or the first with
/// anything in it.
///
/// # Errors
/// The file is no table, or not one that is taken.
pub fn open(path: &Path, sheet: Option<&str>, limits: &Limits) -> Result<Opened, Refusal> {
    let file = File::open(path).map_err(|error| Refusal::unreadable(&error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    from(&name, BufReader::new(file), sheet, limits)
}

/// Opens what came over a network, as [`open`] does.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(name: &str, bytes: Vec<u8>, sheet: Option<&str>, limits: &Limits) -> Result<Opened, Refusal> {
    from(name, Cursor::new(bytes), sheet, limits)
}

fn from(
    _name: &str,
    input: impl Read + Seek + Send + 'static,
    _sheet: Option<&str>,
    limits: &Limits,
) -> Result<Opened, Refusal> {
    let rows = csv::Rows::new(Box::new(input), limits)?;
    Ok(Opened { sheet: String::new(), rows: Rows(Source::Csv(rows)) })
}

/// The rows of a table, in order.
#[derive(Debug)]
pub struct Rows(Source);

#[derive(Debug)]
enum Source {
    Csv(csv::Rows),
}

impl Iterator for Rows {
    type Item = Result<SheetRow, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Source::Csv(rows) => rows.next(),
        }
    }
}

/// Reads until `most` bytes are there or the input ends.
fn head(input: &mut impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    input.take(most).read_to_end(&mut head)?;
    Ok(head)
}
