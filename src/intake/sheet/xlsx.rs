//! The rows of a workbook. A thread of its own reads it: cells borrow from the workbook that they are read from, and
//! what a broken workbook does to its reader stays there.

use std::io::BufReader;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::{Cell, Limits, Refusal, SheetRow, Source, TIME_ALONE, WORKBOOK_THREAD, letters, text_cell};

/// How many rows go over at once, and how many such lots wait.
const LOT_ROWS: usize = 256;
const LOTS_WAITING: usize = 4;
/// How much text goes over at once, in bytes.
const LOT_BYTES: usize = 256 * 1024;
/// The day after the last that spreadsheet programs know, 31 December 9999, as they count.
const LAST_DAY: f64 = 2_958_466.0;

/// The rows of a workbook's sheet, in order.
#[derive(Debug)]
pub(super) struct Rows {
    lots: Receiver<News>,
    lot: std::vec::IntoIter<SheetRow>,
    over: bool,
}

enum News {
    /// The name of the sheet that is read.
    Sheet(String),
    Rows(Vec<SheetRow>),
    Refused(Refusal),
    End,
}

/// Opens the sheet of a name, or the first that people see and that has something in it.
pub(super) fn open(input: impl Source, sheet: Option<&str>, limits: Limits) -> Result<(String, Rows), Refusal> {
    let (sender, lots) = sync_channel(LOTS_WAITING);
    let wanted = sheet.map(str::to_owned);
    let reads = move || {
        let news = match Xlsx::new(BufReader::new(input)).map_err(refusal) {
            Ok(mut book) => {
                read(&mut book, wanted.as_deref(), &limits, &sender).map_or_else(News::Refused, |()| News::End)
            }
            Err(refusal) => News::Refused(refusal),
        };
        // whoever reads may have enough
        drop(sender.send(news));
    };
    thread::Builder::new().name(WORKBOOK_THREAD.to_owned()).spawn(reads).map_err(Refusal::unreadable)?;
    match lots.recv() {
        Ok(News::Sheet(name)) => Ok((name, Rows { lots, lot: Vec::new().into_iter(), over: false })),
        Ok(News::Refused(refusal)) => Err(refusal),
        Ok(News::Rows(_) | News::End) | Err(_) => Err(Refusal::Damaged),
    }
}

impl Iterator for Rows {
    type Item = Result<SheetRow, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            if let Some(row) = self.lot.next() {
                return Some(Ok(row));
            }
            match self.lots.recv() {
                Ok(News::Rows(rows)) => self.lot = rows.into_iter(),
                Ok(News::Sheet(_)) => {}
                Ok(News::End) => self.over = true,
                Ok(News::Refused(refusal)) => {
                    self.over = true;
                    return Some(Err(refusal));
                }
                // the thread ended in the middle
                Err(_) => {
                    self.over = true;
                    return Some(Err(Refusal::Damaged));
                }
            }
        }
        None
    }
}

fn read(
    book: &mut Xlsx<BufReader<impl Source>>,
    wanted: Option<&str>,
    limits: &Limits,
    sender: &SyncSender<News>,
) -> Result<(), Refusal> {
    for name in candidates(book, wanted)? {
        let cells = book.worksheet_cells_reader(&name).map_err(refusal)?;
        let mut sheet = Sheet { cells, limits, ahead: None, row: 0, ended: false };
        let first = sheet.next()?;
        if first.is_none() && wanted.is_none() {
            continue;
        }
        drop(sender.send(News::Sheet(name)));
        return sheet.send(first, sender);
    }
    Err(Refusal::Empty)
}

fn candidates(book: &Xlsx<BufReader<impl Source>>, wanted: Option<&str>) -> Result<Vec<String>, Refusal> {
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let Some(wanted) = wanted else {
        return Ok(sheets
            .filter(|sheet| sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect());
    };
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    let same = |name: &&String| name.trim().to_lowercase() == wanted.trim().to_lowercase();
    match names.iter().find(same) {
        Some(name) => Ok(vec![name.clone()]),
        None => Err(Refusal::NoSuchSheet { wanted: wanted.to_owned(), there: names }),
    }
}

/// A cell with its row and column, from 0.
type Placed = ((u32, u32), Cell);

/// The cells of a sheet while they are put together to rows.
struct Sheet<'a, R: Source> {
    cells: XlsxCellReader<'a, BufReader<R>>,
    limits: &'a Limits,
    /// The first cell of the next row.
    ahead: Option<Placed>,
    /// The row of the last cell, from 1.
    row: u32,
    ended: bool,
}

impl<R: Source> Sheet<'_, R> {
    fn send(&mut self, first: Option<SheetRow>, sender: &SyncSender<News>) -> Result<(), Refusal> {
        let (mut lot, mut bytes, mut next) = (Vec::new(), 0, first);
        while let Some(row) = next {
            bytes += text_bytes(&row.cells);
            lot.push(row);
            if lot.len() == LOT_ROWS || bytes > LOT_BYTES {
                bytes = 0;
                if sender.send(News::Rows(std::mem::take(&mut lot))).is_err() {
                    return Ok(());
                }
            }
            next = self.next()?;
        }
        drop(sender.send(News::Rows(lot)));
        Ok(())
    }

    /// The next row with something in it.
    fn next(&mut self) -> Result<Option<SheetRow>, Refusal> {
        let mut row = SheetRow { number: 0, cells: Vec::new() };
        let mut bytes = 0;
        while let Some((place, cell)) = self.cell()? {
            if row.number != 0 && row.number != place.0 + 1 {
                self.ahead = Some((place, cell));
                break;
            }
            row.number = place.0 + 1;
            bytes += text_bytes(std::slice::from_ref(&cell));
            if bytes > self.limits.row_bytes {
                return Err(Refusal::LongRow { row: u64::from(row.number) });
            }
            self.put(&mut row, place.1 as usize, cell)?;
        }
        Ok((row.number != 0).then_some(row))
    }

    /// The next cell with something in it.
    fn cell(&mut self) -> Result<Option<Placed>, Refusal> {
        if let Some(cell) = self.ahead.take() {
            return Ok(Some(cell));
        }
        while !self.ended {
            let row = self.row;
            let Some(next) = self.cells.next_cell().map_err(|error| in_row(error, row))? else {
                self.ended = true;
                break;
            };
            let place = next.get_position();
            if place.0 >= self.limits.rows {
                return Err(Refusal::TooManyRows { most: u64::from(self.limits.rows) });
            }
            if place.0 + 1 < self.row {
                return Err(Refusal::Damaged);
            }
            self.row = place.0 + 1;
            match cell(next.get_value()) {
                Cell::Empty => {}
                cell => return Ok(Some((place, cell))),
            }
        }
        Ok(None)
    }

    fn put(&self, row: &mut SheetRow, column: usize, cell: Cell) -> Result<(), Refusal> {
        if column >= self.limits.columns {
            return Err(Refusal::TooManyColumns { row: u64::from(row.number), most: self.limits.columns as u64 });
        }
        if let Cell::Text(text) = &cell
            && text.len() > self.limits.cell_bytes
        {
            return Err(Refusal::LongCell { cell: format!("{}{}", letters(column), row.number) });
        }
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = row.cells.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }
}

fn in_row(error: XlsxError, row: u32) -> Refusal {
    match error {
        XlsxError::CellError(error) => Refusal::UnknownError { error, row: u64::from(row.max(1)) },
        error => refusal(error),
    }
}

fn refusal(error: XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::Password,
        _ => Refusal::Damaged,
    }
}

fn text_bytes(cells: &[Cell]) -> usize {
    cells.iter().map(|cell| if let Cell::Text(text) = cell { text.len() } else { 0 }).sum()
}

fn cell(value: &DataRef) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) | DataRef::DurationIso(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        #[expect(clippy::cast_precision_loss, reason = "workbooks hold floating point numbers only")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) if !number.is_finite() => Cell::Error("#NUM!".to_owned()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::DateTime(serial) => date(serial).map_or_else(|| cell(&DataRef::Float(serial.as_f64())), Cell::Date),
        DataRef::DateTimeIso(text) => iso(text).map_or_else(|| text_cell(text), Cell::Date),
    }
}

/// The date and time that a count of days stands for; none where it stands for none, as the 29 February 1900 that
/// Excel counts and that never was.
fn date(serial: &ExcelDateTime) -> Option<NaiveDateTime> {
    let days = serial.as_f64();
    if !(0.0..LAST_DAY).contains(&days) {
        return None;
    }
    if days < 1.0 {
        #[expect(clippy::cast_possible_truncation, reason = "a day has fewer milliseconds")]
        let time = TimeDelta::milliseconds((days * 86_400_000.0).round() as i64);
        return TIME_ALONE.and_time(NaiveTime::MIN).checked_add_signed(time);
    }
    // more than a day of hours is how long something took
    let date = serial.as_datetime().filter(|_| !serial.is_duration())?;
    let never_was = (60.0..61.0).contains(&days) && date.year() == 1900;
    (!never_was).then_some(date)
}

fn iso(text: &str) -> Option<NaiveDateTime> {
    text.trim_end_matches('Z').parse().ok().or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)))
}
