//! The rows of a table to records, one by one: nothing is guessed, and every row ends somewhere.

pub mod country;
mod date;
mod evidence;
pub mod fault;
mod passport;
mod place;
mod record;
mod word;

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use chrono_tz::Tz;
use foldhash::fast::FixedState;
use thiserror::Error;

use super::profile::{Fit, NoFit, Settings, fit};
use super::row::Row;
use super::sheet::{self, Cell, Limits, Opened, Refusal, Rows, SheetRow};
use crate::pack::Pack;
use crate::pack::profile::bare;
use crate::record::reject::{RejectCode, Rejection, pointer};
use crate::words::{Language, Text, say};
use evidence::Evidence;
use fault::Doubt;
use record::Draft;
pub use word::text as text_of;

/// Rows that are looked at before the first is taken: they show how long passport numbers are and in which order dates
/// are written.
const LOOKAHEAD: usize = 1_000;
/// How the first cell of a row of totals begins.
const TOTALS: [&str; 4] = ["total", "jumlah", "subtotal", "grandtotal"];

/// Why a table is refused whole.
#[derive(Debug, Error)]
pub enum TableError {
    /// It cannot be read.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody knows what its columns mean.
    #[error(transparent)]
    NoFit(#[from] NoFit),
}

impl TableError {
    /// A word that stays.
    pub fn code(&self) -> &'static str {
        match self {
            TableError::Refused(refusal) => refusal.code(),
            TableError::NoFit(fault) => fault.code(),
        }
    }

    /// What is wrong, and what its sender can do.
    pub fn texts(&self) -> (Text, Text) {
        match self {
            TableError::Refused(refusal) => (refusal.text(), refusal.help()),
            TableError::NoFit(fault) => (fault.text(), fault.help()),
        }
    }
}

/// One row of a table.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// Its number as a spreadsheet program shows it, from 1.
    pub number: u32,
    /// Its cells as they came.
    pub cells: Vec<Cell>,
    /// What it is.
    pub what: What,
}

/// What a row of a table is.
#[derive(Clone, Debug)]
pub enum What {
    /// A record, perhaps with cells that nobody is sure of.
    Record(Row, Vec<CellFault>),
    /// No record.
    Skipped(Skip),
}

/// Why a row is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// It stands above the header.
    Title,
    /// It is the header, perhaps once more.
    Header,
    /// No column that states something is filled in.
    Empty,
    /// It sums up the rows above it.
    Totals,
    /// One cell is filled in, as in lines for signatures.
    Note,
}

impl Skip {
    /// A word that stays.
    pub fn code(self) -> &'static str {
        match self {
            Skip::Title => "title",
            Skip::Header => "header",
            Skip::Empty => "empty",
            Skip::Totals => "totals",
            Skip::Note => "note",
        }
    }

    /// For people.
    pub fn text(self) -> Text {
        match self {
            Skip::Title => say("skip-title"),
            Skip::Header => say("skip-header"),
            Skip::Empty => say("skip-empty"),
            Skip::Totals => say("skip-totals"),
            Skip::Note => say("skip-note"),
        }
    }
}

/// A cell that keeps its row from being a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFault {
    /// The field.
    pub field: String,
    /// The column of the table, from 0; none where the table has no column for the field.
    pub column: Option<usize>,
    /// What is wrong, and what was probably meant.
    pub doubt: Doubt,
}

impl CellFault {
    /// The same for programs, without values of the row.
    fn rejection(&self) -> Rejection {
        let what = self.doubt.reason.render(Language::English);
        let help = say("cell-help").render(Language::English);
        Rejection::new(self.doubt.code, &pointer(&self.field), &what, &help)
    }
}

/// The rows of a table as records.
#[derive(Debug)]
pub struct Table<'a> {
    /// The profile that it is written by.
    pub fit: Fit,
    /// The rows without anything, which are not among those that come.
    pub blank: usize,
    pack: &'a Pack,
    evidence: Evidence,
    head: VecDeque<SheetRow>,
    rows: Rows,
    number: u32,
    /// Of each identity, by its hash, the hash of what is said of it, and the row.
    seen: HashMap<u64, (u32, u32), FixedState>,
}

/// Opens a file as a table.
///
/// # Errors
/// It is none, or of no known profile.
pub fn open<'a>(path: &Path, pack: &'a Pack, settings: &Settings, limits: &Limits) -> Result<Table<'a>, TableError> {
    Table::new(sheet::open(path, None, limits)?, pack, settings)
}

/// Opens what came over a network as a table.
///
/// # Errors
/// As [`open`].
pub fn open_bytes<'a>(
    bytes: Vec<u8>,
    pack: &'a Pack,
    settings: &Settings,
    limits: &Limits,
) -> Result<Table<'a>, TableError> {
    Table::new(sheet::open_bytes(bytes, None, limits)?, pack, settings)
}

impl<'a> Table<'a> {
    fn new(opened: Opened, pack: &'a Pack, settings: &Settings) -> Result<Self, TableError> {
        let mut rows = opened.rows;
        let head: VecDeque<SheetRow> = rows.by_ref().take(LOOKAHEAD).collect::<Result<_, _>>()?;
        let fit = fit(&pack.profiles, &head.iter().cloned().collect::<Vec<_>>(), settings)?;
        let evidence = Evidence::of(&fit, head.iter().filter(|row| row.number > fit.header_row));
        Ok(Table { fit, blank: 0, pack, evidence, head, rows, number: 0, seen: HashMap::default() })
    }

    fn map(&mut self, row: SheetRow) -> Mapped {
        let SheetRow { number, mut cells } = row;
        for place in self.fit.own() {
            cells.get_mut(place).into_iter().for_each(|cell| *cell = Cell::Empty);
        }
        let zone = self.zone();
        let nil = || record::nil(&self.fit, &self.pack.profiles, &self.evidence, zone, &cells);
        let what = match nil().filter(|_| number > self.fit.header_row) {
            Some(nil) => self.record(number, nil),
            None => match skip(&self.fit, number, &cells) {
                Some(why) => What::Skipped(why),
                None => {
                    let drafted = record::draft(&self.fit, &self.pack.profiles, &self.evidence, zone, &cells);
                    self.record(number, drafted)
                }
            },
        };
        Mapped { number, cells, what }
    }

    fn record(&mut self, number: u32, drafted: Draft) -> What {
        let mut faults = drafted.faults;
        if faults.is_empty()
            && let Some(fault) = self.twice(number, &drafted.identity, &drafted.json.to_string())
        {
            faults.push(fault);
        }
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        let doubts = faults.iter().map(CellFault::rejection).collect();
        What::Record(Row::doubted(index, drafted.json, doubts), faults)
    }

    /// A row that says something else of what an earlier one is about: nobody knows which of them is right.
    fn twice(&mut self, number: u32, identity: &str, content: &str) -> Option<CellFault> {
        use std::hash::BuildHasher as _;
        let hasher = FixedState::default();
        let [.., a, b, c, d] = hasher.hash_one(content).to_be_bytes();
        let content = u32::from_be_bytes([a, b, c, d]);
        let (first, row) = *self.seen.entry(hasher.hash_one(identity)).or_insert((content, number));
        (first != content).then(|| {
            let field = self.fit.profile.identity.iter().rfind(|field| self.fit.place_of(field).is_some());
            let field = field.map_or("id", String::as_str);
            let reason = say("cell-twice").with("row", i64::from(row));
            let doubt = Doubt::new(RejectCode::Identity, reason);
            CellFault { field: field.to_owned(), column: self.fit.place_of(field), doubt }
        })
    }

    fn zone(&self) -> Tz {
        self.pack.timeline.zone
    }
}

impl Iterator for Table<'_> {
    type Item = Result<Mapped, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.head.pop_front() {
            Some(row) => row,
            None => match self.rows.next()? {
                Ok(row) => row,
                Err(refusal) => return Some(Err(refusal)),
            },
        };
        let gap = row.number.saturating_sub(self.number).saturating_sub(1);
        self.blank += usize::try_from(gap).unwrap_or(0);
        self.number = row.number;
        Some(Ok(self.map(row)))
    }
}

/// Why a row is no record; none where it has to be one.
fn skip(fit: &Fit, number: u32, cells: &[Cell]) -> Option<Skip> {
    match number.cmp(&fit.header_row) {
        std::cmp::Ordering::Less => return Some(Skip::Title),
        std::cmp::Ordering::Equal => return Some(Skip::Header),
        std::cmp::Ordering::Greater => {}
    }
    let is_filled =
        |place: usize| cells.get(place).is_some_and(|cell| text_of(cell).is_some() || matches!(cell, Cell::Error(_)));
    let stating = fit.columns().filter(|(place, column)| column.field.is_some() && is_filled(*place)).count();
    let first = cells.iter().enumerate().find_map(|(place, cell)| Some((place, bare(&text_of(cell)?))));
    let is_total = first.as_ref().is_some_and(|(_, word)| TOTALS.iter().any(|total| word.starts_with(total)));
    let first = first.map(|(place, _)| place);
    let mut required = fit.columns().filter(|(_, column)| column.required);
    if is_total && required.all(|(place, _)| Some(place) == first || !is_filled(place)) {
        return Some(Skip::Totals);
    }
    if stating == 0 {
        return Some(Skip::Empty);
    }
    if is_header(fit, cells) {
        return Some(Skip::Header);
    }
    let filled = (0..cells.len()).filter(|place| is_filled(*place)).count();
    (filled == 1).then_some(Skip::Note)
}

/// Whether a row is the header once more, as at the top of printed pages.
fn is_header(fit: &Fit, cells: &[Cell]) -> bool {
    let (mut same, mut all) = (0, 0);
    for (place, column) in fit.columns() {
        let word = cells.get(place).and_then(text_of).map(|text| bare(&text));
        all += 1;
        same += usize::from(word.is_some_and(|word| column.headers.iter().any(|header| bare(header) == word)));
    }
    same >= 2 && same * 2 > all
}
