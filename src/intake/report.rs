//! What became of each row of a table, with the cell at fault, for whoever sent it.

pub mod workbook;

use std::collections::BTreeMap;

use serde::Serialize;

use super::Quarantined;
use super::map::fault::Doubt;
use super::map::{CellFault, Skip, text_of};
use super::profile::Fit;
use super::sheet::{Cell, letters};
use crate::record::reject::{RejectCode, Rejection};
use crate::words::{Language, Text, say};

/// A NIK has sixteen digits.
const NIK_DIGITS: usize = 16;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It is a record now.
    Accepted,
    /// It says what is known already.
    Duplicate,
    /// A person has to look at it.
    Quarantined,
    /// It is no record.
    Skipped(Skip),
}

impl Status {
    /// A word that stays.
    pub fn code(self) -> &'static str {
        match self {
            Status::Accepted => "accepted",
            Status::Duplicate => "duplicate",
            Status::Quarantined => "quarantined",
            Status::Skipped(_) => "skipped",
        }
    }

    /// For people.
    pub fn text(self) -> Text {
        match self {
            Status::Accepted => say("row-accepted"),
            Status::Duplicate => say("row-duplicate"),
            Status::Quarantined => say("row-quarantined"),
            Status::Skipped(_) => say("row-skipped"),
        }
    }
}

/// A row and what became of it.
#[derive(Clone, Debug)]
pub struct Reported {
    /// Its number, from 1.
    pub number: u32,
    /// Its cells as they came.
    pub cells: Vec<Cell>,
    /// What became of it.
    pub status: Status,
    /// Why, for a row in quarantine.
    pub faults: Vec<CellFault>,
}

impl Reported {
    /// Its faults with their places.
    pub fn told(&self, fit: &Fit, language: Language) -> Vec<CellTold> {
        self.faults.iter().map(|fault| fault.told(fit, &self.cells, language)).collect()
    }
}

/// How many rows became what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Now records.
    pub accepted: usize,
    /// Known already.
    pub duplicates: usize,
    /// To be looked at.
    pub quarantined: usize,
    /// No records, by why.
    pub skipped: BTreeMap<Skip, usize>,
}

impl Sums {
    /// Counts a row.
    pub fn count(&mut self, status: Status) {
        match status {
            Status::Accepted => self.accepted += 1,
            Status::Duplicate => self.duplicates += 1,
            Status::Quarantined => self.quarantined += 1,
            Status::Skipped(why) => *self.skipped.entry(why).or_default() += 1,
        }
    }

    /// All rows of the table.
    pub fn rows(&self) -> usize {
        self.accepted + self.duplicates + self.quarantined + self.skipped.values().sum::<usize>()
    }

    /// In a sentence, for people.
    pub fn words(&self, language: Language) -> String {
        let skipped = self.skipped.iter().map(|(why, rows)| format!("{rows} {}", why.text().render(language)));
        let skipped = skipped.collect::<Vec<_>>().join(", ");
        let sums = say("rows-sums")
            .with("rows", self.rows())
            .with("accepted", self.accepted)
            .with("duplicates", self.duplicates)
            .with("quarantined", self.quarantined)
            .with("skipped", self.skipped.values().sum::<usize>());
        let sums = sums.render(language);
        let sums = if skipped.is_empty() { sums } else { format!("{sums} ({skipped})") };
        let is_empty = self.accepted + self.duplicates + self.quarantined == 0;
        // an empty table could be a nil report, or one that nobody has filled in
        if is_empty { format!("{sums}. {}", say("rows-none").render(language)) } else { sums }
    }
}

/// A fault of a cell, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CellTold {
    /// The letters of its column; none where the table has no column for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The header of its column, or the field.
    pub header: String,
    /// What stands in it, unless that is a NIK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What kind of fault.
    pub code: RejectCode,
    /// What is wrong.
    pub reason: String,
    /// What was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guess: Option<String>,
}

impl CellTold {
    /// On one line.
    pub fn words(&self, language: Language) -> String {
        let reason = format!("{}: {}", self.header, self.reason);
        match &self.guess {
            Some(guess) => format!("{reason}. {}", say("cell-guess").with("guess", guess.as_str()).render(language)),
            None => reason,
        }
    }
}

impl CellFault {
    /// With its place in the table and what stands there.
    pub fn told(&self, fit: &Fit, cells: &[Cell], language: Language) -> CellTold {
        let cell = self.column.and_then(|place| cells.get(place));
        CellTold {
            column: self.column.map(letters),
            header: self.column.map(|place| fit.header(place).to_owned()).unwrap_or_else(|| self.field.clone()),
            value: cell.filter(|cell| !is_nik(cell)).and_then(text_of),
            code: self.doubt.code,
            reason: self.doubt.reason.render(language),
            guess: self.doubt.guess.clone(),
        }
    }
}

/// Whether a cell holds a NIK, which is not repeated anywhere.
pub fn is_nik(cell: &Cell) -> bool {
    let text = match cell {
        Cell::Text(text) => text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\'')).collect(),
        Cell::Number(number) => format!("{number}"),
        _ => String::new(),
    };
    text.len() == NIK_DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

/// All faults of a row: what was found in its cells, then what the record as a whole lacks.
pub fn faults(fit: &Fit, found: Vec<CellFault>, aside: &Quarantined) -> Vec<CellFault> {
    let first = Rejection { code: aside.code, pointer: aside.pointer.clone(), detail: aside.detail.clone() };
    let mut faults = found;
    for rejection in std::iter::once(&first).chain(&aside.also) {
        let field = field_of(&rejection.pointer);
        let origin = fit.origin(&field);
        let told = |fault: &CellFault| fault.field == field || fault.field == origin || within(&fault.field, &field);
        if !faults.iter().any(told) {
            let doubt = Doubt::new(rejection.code, reason(rejection.code));
            faults.push(CellFault { column: fit.place_of(&field), field, doubt });
        }
    }
    faults
}

/// The dotted path of a JSON pointer.
fn field_of(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn within(field: &str, section: &str) -> bool {
    field.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// What a fault of a record means for whoever filled in the table.
fn reason(code: RejectCode) -> Text {
    match code {
        RejectCode::Missing => say("cell-missing"),
        RejectCode::TooLong | RejectCode::TooMany | RejectCode::TooDeep => say("cell-too-long"),
        RejectCode::Control => say("cell-control"),
        RejectCode::Nik => say("cell-nik"),
        RejectCode::NikHash => say("cell-nik-hash"),
        RejectCode::Photo => say("cell-photo"),
        RejectCode::Date => say("cell-date"),
        RejectCode::Future => say("cell-future"),
        RejectCode::Region => say("cell-region"),
        RejectCode::BpsCode => say("cell-region-dots"),
        RejectCode::Identity => say("cell-identity"),
        RejectCode::Kind => say("cell-kind"),
        RejectCode::NotYours => say("cell-not-yours"),
        RejectCode::NotJson
        | RejectCode::NotAnObject
        | RejectCode::DuplicateKey
        | RejectCode::Type
        | RejectCode::Choice
        | RejectCode::Range
        | RejectCode::Mrz => say("cell-other"),
    }
}
