//! Tables as agencies send them, CSV or XLSX, to rows of cells: streamed, bounded, refused whole where they are no table.

mod csv;
mod delimiter;
mod package;
mod quotes;
pub mod refusal;
mod sniff;
mod text;
mod vet;
mod xlsx;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
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

/// The thread in which a workbook is unpacked. A panic of the library in it ends as [`Refusal::Damaged`], so a panic
/// hook need not tell of it.
pub const WORKBOOK_THREAD: &str = "workbook";

/// The day of a cell that holds a time without a date: the day 0 of LibreOffice.
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

impl SheetRow {
    /// Without empty cells at its end; none if nothing is left.
    fn trimmed(mut self) -> Option<Self> {
        let filled = self.cells.iter().rposition(|cell| *cell != Cell::Empty)? + 1;
        self.cells.truncate(filled);
        Some(self)
    }
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
enum Form {
    /// Text with `;`, `,` or tabs between the cells.
    Csv,
    /// The workbooks of Excel since 2007.
    Xlsx,
}

/// How much of a table is taken. The defaults stand far above what agencies send, and low enough that no file can
/// exhaust a machine with little memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes: a million rows of a guest list are about 150 MB of CSV.
    pub file_bytes: u64,
    /// The most rows, those without anything included: what a spreadsheet program can show.
    pub rows: u32,
    /// The most columns: a form that people fill in has dozens.
    pub columns: usize,
    /// The longest cell, in bytes: four for each of the 32,767 characters that a cell of Excel holds.
    pub cell_bytes: usize,
    /// The most text of one row, in bytes: what one row may take of the memory. A workbook can name one long text in
    /// every cell.
    pub row_bytes: usize,
    /// The most parts of a workbook: with a sheet for each day of a year and a picture on each.
    pub parts: usize,
    /// What a workbook unpacks to at most, in bytes, all parts together: 300,000 rows of 20 columns and more.
    pub unpacked_bytes: u64,
    /// How many times larger than the file it may unpack, once it is past [`Self::ratio_free_bytes`]: sheets unpack
    /// to 10 to 40 times their size, bombs to a thousand times.
    pub ratio: u64,
    /// What may unpack at any ratio, in bytes: it is cheap, and sheets of formatted empty rows do.
    pub ratio_free_bytes: u64,
    /// The most cells of a workbook, all sheets together.
    pub cells: u64,
    /// The most different texts of a workbook: they stay in memory while it is read.
    pub strings: u64,
    /// How long they are all together at most, in bytes.
    pub string_bytes: u64,
    /// The most formats, names and links of a workbook: they too stay in memory. Excel has 65,490 formats.
    pub formats: u64,
    /// How deep the XML of a workbook is nested at most: spreadsheet programs write a dozen levels.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 512 * 1024 * 1024,
            rows: 1_048_576,
            columns: 512,
            cell_bytes: 4 * 32_767,
            row_bytes: 1024 * 1024,
            parts: 2_000,
            unpacked_bytes: 384 * 1024 * 1024,
            ratio: 100,
            ratio_free_bytes: 16 * 1024 * 1024,
            cells: 10_000_000,
            strings: 1_000_000,
            string_bytes: 64 * 1024 * 1024,
            formats: 250_000,
            depth: 64,
        }
    }
}

/// Opens a file, whatever its name says that it is; of a workbook the `sheet` of that name, or the first with
/// anything in it.
///
/// # Errors
/// The file is no table, or not one that is taken.
pub fn open(path: &Path, sheet: Option<&str>, limits: &Limits) -> Result<Opened, Refusal> {
    let file = File::open(path).map_err(Refusal::unreadable)?;
    from(BufReader::new(file), sheet, limits)
}

/// Opens what came over a network, as [`open`] does.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(bytes: Vec<u8>, sheet: Option<&str>, limits: &Limits) -> Result<Opened, Refusal> {
    from(Cursor::new(bytes), sheet, limits)
}

fn from(mut input: impl Source, sheet: Option<&str>, limits: &Limits) -> Result<Opened, Refusal> {
    let size = input.seek(SeekFrom::End(0)).map_err(Refusal::unreadable)?;
    if size > limits.file_bytes {
        return Err(Refusal::TooLarge { most_mb: limits.file_bytes / 1_000_000 });
    }
    match sniff::form(&mut input)? {
        Form::Csv => {
            let rows = csv::Rows::new(Box::new(input), *limits)?;
            Ok(Opened { sheet: String::new(), rows: Rows(Kind::Csv(Box::new(rows))) })
        }
        Form::Xlsx => {
            package::vet(&mut input, size, limits)?;
            let (sheet, rows) = xlsx::open(input, sheet, *limits)?;
            Ok(Opened { sheet, rows: Rows(Kind::Xlsx(rows)) })
        }
    }
}

/// Where the bytes of a table come from.
trait Source: Read + Seek + Send + 'static {}

impl<T: Read + Seek + Send + 'static> Source for T {}

/// The rows of a table, in order.
#[derive(Debug)]
pub struct Rows(Kind);

#[derive(Debug)]
enum Kind {
    Csv(Box<csv::Rows>),
    Xlsx(xlsx::Rows),
}

impl Iterator for Rows {
    type Item = Result<SheetRow, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Kind::Csv(rows) => rows.next(),
            Kind::Xlsx(rows) => rows.next(),
        }
    }
}

/// A cell of a text, which may be blank.
fn text_cell(text: &str) -> Cell {
    if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
}

/// The letters of a column, from 0: `A`, `Z`, `AA`.
pub fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests;
