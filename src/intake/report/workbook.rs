//! The row report as a workbook: the sender's own table, a status and a reason beside each row, the cells at fault marked.
//!
//! Written row by row: a report of a million rows takes no more memory than one of ten.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{NaiveDateTime, NaiveTime};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Note, Workbook, Worksheet, XlsxError};

use super::{Reported, Status, Sums, is_nik};
use crate::intake::profile::{Fit, OWN_HEADERS};
use crate::intake::sheet::{Cell, TIME_ALONE};
use crate::pack::profile::Form;
use crate::words::{Language, say};

/// The language of a report: who filled in the table reads it.
const LANGUAGE: Language = Language::Indonesian;
/// How wide the columns of the report are.
const WIDTHS: [(u16, f64); 2] = [(0, 16.0), (1, 54.0)];
/// How many letters of a reason fit on a line, and of the guide: somewhat fewer than their columns are wide.
const REASON_LETTERS: usize = 50;
const GUIDE_LETTERS: usize = 92;
const GUIDE_WIDTH: f64 = 100.0;
/// How high a line is, in points, and a row at most. Programs that only show a workbook keep to what it says.
const LINE_POINTS: f64 = 15.0;
const MOST_POINTS: f64 = 400.0;
/// How wide the sender's own columns are.
const OWN_WIDTH: f64 = 18.0;
/// Notes on cells, which stay in memory until the end; the reason stands beside the row in any case.
const MOST_NOTES: usize = 1_000;
/// A4, as the format of workbooks numbers it.
const A4: u8 = 9;
/// The columns of the report before those of the sender.
const BESIDE: u16 = 2;

/// A report that is being written.
pub struct Report {
    book: Workbook,
    looks: Looks,
    /// Columns of an earlier report, which are left out.
    dropped: BTreeSet<usize>,
    /// Columns in which a number is text, so that zeros in front stay.
    texts: BTreeSet<usize>,
    header_row: u32,
    width: u16,
    last: u32,
    notes: usize,
}

/// How cells look.
struct Looks {
    header: Format,
    statuses: [(&'static str, Format); 4],
    reason: Format,
    plain: Format,
    text: Format,
    date: Format,
    moment: Format,
    time: Format,
}

fn looks() -> Looks {
    let status =
        |color: u32| Format::new().set_bold().set_background_color(Color::RGB(color)).set_align(FormatAlign::Top);
    let shown = |format: &str| Format::new().set_num_format(format).set_align(FormatAlign::Top);
    Looks {
        header: Format::new().set_bold().set_background_color(Color::RGB(0xD9_E1_F2)).set_border(FormatBorder::Thin),
        statuses: [
            ("accepted", status(0xE2_EF_DA)),
            ("duplicate", status(0xED_ED_ED)),
            ("quarantined", status(0xFF_C7_CE)),
            ("skipped", status(0xFA_FA_FA).set_italic()),
        ],
        reason: Format::new().set_text_wrap().set_align(FormatAlign::Top),
        plain: Format::new().set_align(FormatAlign::Top),
        text: shown("@"),
        date: shown("dd/mm/yyyy"),
        moment: shown("dd/mm/yyyy hh:mm"),
        time: shown("hh:mm"),
    }
}

impl Report {
    /// An empty report of a table.
    ///
    /// # Errors
    /// What the writer of workbooks says.
    pub fn new(fit: &Fit) -> Result<Self, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?.set_name("Laporan baris")?;
        let dropped: BTreeSet<usize> = fit.own().collect();
        let width = column(fit.headers.len().saturating_sub(dropped.len())).saturating_add(BESIDE);
        for (column, width) in WIDTHS {
            sheet.set_column_width(column, width)?;
        }
        for column in BESIDE..width {
            sheet.set_column_width(column, OWN_WIDTH)?;
        }
        sheet.set_freeze_panes(fit.header_row, BESIDE)?;
        // for who prints it: all columns side by side, the headers on every page
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        // reasons name rows
        sheet.set_print_headings(true);
        sheet.set_repeat_rows(fit.header_row.saturating_sub(1), fit.header_row.saturating_sub(1))?;
        let is_text = |form: Form| matches!(form, Form::Passport | Form::Region | Form::VisaIndex | Form::Slug);
        let texts = fit.columns().filter(|(_, column)| is_text(column.form)).map(|(place, _)| place);
        Ok(Report {
            texts: texts.collect(),
            dropped,
            header_row: fit.header_row,
            width,
            last: 0,
            notes: 0,
            book,
            looks: looks(),
        })
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// What the writer of workbooks says.
    pub fn row(&mut self, row: &Reported, fit: &Fit) -> Result<(), XlsxError> {
        let sheet = self.book.worksheet_from_index(0)?;
        let place = row.number.saturating_sub(1);
        self.last = place;
        let is_header = row.number == self.header_row;
        let reason = reason(row, fit);
        sheet.set_row_height(place, height(&reason, REASON_LETTERS))?;
        if is_header {
            for (column, title) in (0..).zip(OWN_HEADERS) {
                sheet.write_string_with_format(place, column, title, &self.looks.header)?;
            }
            let guide = Note::new(say("report-guide").render(LANGUAGE));
            sheet.insert_note(place, 1, &guide.set_author("siaga").set_width(480).set_height(240))?;
        } else {
            let look = self.looks.statuses.iter().find(|(code, _)| *code == row.status.code()).map(|(_, look)| look);
            sheet.write_string_with_format(
                place,
                0,
                row.status.text().render(LANGUAGE),
                look.unwrap_or(&self.looks.plain),
            )?;
            sheet.write_string_with_format(place, 1, reason, &self.looks.reason)?;
        }
        let faulty: BTreeSet<usize> = row.faults.iter().filter_map(|fault| fault.column).collect();
        let most = faulty.last().map_or(0, |last| last + 1).max(row.cells.len());
        let mut to = BESIDE;
        for from in (0..most).filter(|from| !self.dropped.contains(from)) {
            let cell = row.cells.get(from).unwrap_or(&Cell::Empty);
            let mut look =
                if is_header { self.looks.header.clone() } else { self.looks.of(cell, self.texts.contains(&from)) };
            if faulty.contains(&from) {
                look = look.set_background_color(Color::RGB(0xFF_EB_9C)).set_border(FormatBorder::Medium);
                if self.notes < MOST_NOTES {
                    sheet.insert_note(place, to, &note(row, from, fit))?;
                    self.notes += 1;
                }
            }
            write(sheet, place, to, cell, &look)?;
            to = to.saturating_add(1);
        }
        Ok(())
    }

    /// Puts the sums and what to do on a second sheet and saves the workbook.
    ///
    /// # Errors
    /// What the writer of workbooks says, or the operating system.
    pub fn save(mut self, path: &Path, sums: &Sums) -> Result<(), XlsxError> {
        if self.last >= self.header_row {
            let sheet = self.book.worksheet_from_index(0)?;
            sheet.autofilter(self.header_row.saturating_sub(1), 0, self.last, self.width.saturating_sub(1))?;
        }
        let sheet = self.book.add_worksheet().set_name("Petunjuk")?;
        sheet.set_column_width(0, GUIDE_WIDTH)?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let guide = if sums.quarantined == 0 { say("report-done") } else { say("report-guide") };
        let guide = guide.render(LANGUAGE);
        let sums = sums.words(LANGUAGE);
        for (row, line) in (0..).zip(std::iter::once(sums.as_str()).chain(guide.lines())) {
            sheet.set_row_height(row, height(line, GUIDE_LETTERS))?;
            sheet.write_string_with_format(row, 0, line, &wrapped)?;
        }
        self.book.save(path)
    }
}

impl Looks {
    fn of(&self, cell: &Cell, is_text: bool) -> Format {
        match cell {
            Cell::Date(at) if at.date() == TIME_ALONE => self.time.clone(),
            Cell::Date(at) if at.time() == NaiveTime::MIN => self.date.clone(),
            Cell::Date(_) => self.moment.clone(),
            // what a program would run stays text, also after somebody has edited it
            Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) => {
                self.text.clone().set_quote_prefix()
            }
            Cell::Text(_) | Cell::Empty if is_text => self.text.clone(),
            _ => self.plain.clone(),
        }
    }
}

fn column(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// How high a row has to be for a text that is wrapped.
fn height(text: &str, letters: usize) -> f64 {
    let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(letters).max(1)).sum();
    (LINE_POINTS * f64::from(u16::try_from(lines.max(1)).unwrap_or(u16::MAX))).min(MOST_POINTS)
}

fn reason(row: &Reported, fit: &Fit) -> String {
    match row.status {
        Status::Skipped(why) => why.text().render(LANGUAGE),
        _ => row.told(fit, LANGUAGE).iter().map(|told| told.words(LANGUAGE)).collect::<Vec<_>>().join("\n"),
    }
}

fn note(row: &Reported, place: usize, fit: &Fit) -> Note {
    let faults = row.faults.iter().filter(|fault| fault.column == Some(place));
    let told = faults.map(|fault| fault.told(fit, &row.cells, LANGUAGE).words(LANGUAGE));
    Note::new(told.collect::<Vec<_>>().join("\n")).set_author("siaga").set_width(320).set_height(120)
}

/// Writes a cell as its sender has it; texts are never formulas, and no NIK is kept.
fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, look: &Format) -> Result<(), XlsxError> {
    match cell {
        cell if is_nik(cell) => {
            sheet.write_string_with_format(row, column, say("report-nik").render(LANGUAGE), look)?;
        }
        Cell::Empty => {
            sheet.write_blank(row, column, look)?;
        }
        Cell::Text(text) | Cell::Error(text) => {
            sheet.write_string_with_format(row, column, text, look)?;
        }
        Cell::Number(number) => {
            sheet.write_number_with_format(row, column, *number, look)?;
        }
        Cell::Bool(yes) => {
            sheet.write_boolean_with_format(row, column, *yes, look)?;
        }
        Cell::Date(at) => {
            sheet.write_number_with_format(row, column, serial(*at), look)?;
        }
    }
    Ok(())
}

/// The day number of a date.
#[expect(clippy::cast_precision_loss, reason = "days and seconds of the calendar are far below 2^52")]
fn serial(at: NaiveDateTime) -> f64 {
    let since = at - TIME_ALONE.and_time(NaiveTime::MIN);
    since.num_days() as f64 + (since.num_seconds() % 86_400) as f64 / 86_400.0
}
