//! The rows of a CSV: ragged, quoted and blank lines as they come, in memory that does not grow with the file.

use std::io::Read;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use memchr::{memchr, memchr_iter};

use super::text::Text;
use super::{Limits, Refusal, SheetRow, delimiter, letters, quotes, text_cell};

/// What is looked at to find the delimiter, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// The most lines within one cell: what Excel shows of them. With more, a quote mark was not closed.
const CELL_LINES: usize = 253;

/// The rows of a CSV, in order.
#[derive(Debug)]
pub(super) struct Rows {
    text: Text,
    limits: Limits,
    delimiter: u8,
    core: Reader,
    buffer: Vec<u8>,
    /// Where the record starts in it.
    start: usize,
    /// Where what the record takes so far ends.
    taken: usize,
    /// The cells of the record, one after the other.
    cells: Vec<u8>,
    cells_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    /// The line on which the record starts, from 1.
    line: u64,
    /// The number of the last row.
    number: u32,
    over: bool,
}

impl Rows {
    pub(super) fn new(input: Box<dyn Read + Send>, limits: Limits) -> Result<Self, Refusal> {
        let mut text = Text::new(input)?;
        let mut buffer = Vec::new();
        while buffer.len() < HEAD_BYTES && text.read(&mut buffer)? {}
        let (delimiter, stated_bytes) = delimiter::of(&buffer);
        let start = stated_bytes.min(buffer.len());
        let line = if stated_bytes == 0 { 1 } else { 2 };
        Ok(Rows {
            text,
            limits,
            delimiter,
            core: ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build(),
            buffer,
            start,
            taken: start,
            cells: vec![0; HEAD_BYTES],
            cells_len: 0,
            ends: vec![0; limits.columns],
            ends_len: 0,
            line,
            number: 0,
            over: false,
        })
    }

    /// The next row, which may have nothing in it.
    fn advance(&mut self) -> Result<Option<SheetRow>, Refusal> {
        if !self.record()? {
            return Ok(None);
        }
        self.check_quotes()?;
        let blank = self.blank_lines();
        let more = u32::try_from(blank + 1).unwrap_or(u32::MAX);
        self.number = self.number.saturating_add(more);
        if self.number > self.limits.rows {
            return Err(Refusal::TooManyRows { most: u64::from(self.limits.rows) });
        }
        let row = self.row()?;
        self.line += memchr_iter(b'\n', self.raw()).count() as u64;
        (self.start, self.cells_len, self.ends_len) = (self.taken, 0, 0);
        Ok(Some(row))
    }

    /// Reads on to the end of a record; false at the end of the file.
    fn record(&mut self) -> Result<bool, Refusal> {
        loop {
            if self.taken == self.buffer.len() && !self.read_on()? {
                return self.at_the_end();
            }
            let (result, read, written, ended) = self.core.read_record(
                self.buffer.get(self.taken..).unwrap_or_default(),
                self.cells.get_mut(self.cells_len..).unwrap_or_default(),
                self.ends.get_mut(self.ends_len..).unwrap_or_default(),
            );
            self.taken += read;
            self.cells_len += written;
            self.ends_len += ended;
            match result {
                ReadRecordResult::Record => return Ok(true),
                ReadRecordResult::End => return Ok(false),
                ReadRecordResult::OutputEndsFull => return Err(self.too_many_columns()),
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::InputEmpty => self.pass_blank_lines(),
            }
            self.check_sizes()?;
        }
    }

    /// Blank lines at the end of what was read are not kept for the record that follows: there may be millions.
    fn pass_blank_lines(&mut self) {
        let blank = self.blank_lines();
        if blank == self.raw().len() {
            self.number = self.number.saturating_add(u32::try_from(blank).unwrap_or(u32::MAX));
            self.line += blank as u64;
            self.start = self.taken;
        }
    }

    fn read_on(&mut self) -> Result<bool, Refusal> {
        self.buffer.drain(..self.start);
        self.taken -= self.start;
        self.start = 0;
        self.text.read(&mut self.buffer)
    }

    /// Every line ends, the last one too: a record that is not complete is within quote marks.
    fn at_the_end(&mut self) -> Result<bool, Refusal> {
        match self.core.read_record(&[], &mut [0; 8], &mut [0; 8]) {
            (ReadRecordResult::End, ..) => Ok(false),
            _ => Err(Refusal::OpenQuote { line: self.line_of_open_cell() }),
        }
    }

    /// A record that is not complete yet must not grow without bound.
    fn check_sizes(&self) -> Result<(), Refusal> {
        let open = self.cells.get(self.open_cell_from()..self.cells_len).unwrap_or_default();
        let lines = memchr_iter(b'\n', open).count();
        if lines > CELL_LINES || (lines > 0 && open.len() > self.limits.cell_bytes) {
            return Err(Refusal::OpenQuote { line: self.line_of_open_cell() });
        }
        if open.len() > self.limits.cell_bytes {
            return Err(long_cell(self.ends_len, self.coming_row()));
        }
        if self.cells_len > self.limits.row_bytes {
            return Err(Refusal::LongRow { row: self.coming_row() });
        }
        Ok(())
    }

    fn check_quotes(&self) -> Result<(), Refusal> {
        let record = self.raw().get(self.blank_lines()..).unwrap_or_default();
        if memchr(b'"', record).is_none() {
            return Ok(());
        }
        match quotes::swallows_lines(record, self.delimiter) {
            Some(place) => {
                let before = memchr_iter(b'\n', record.get(..place).unwrap_or_default()).count();
                Err(Refusal::OpenQuote { line: self.line + (self.blank_lines() + before) as u64 })
            }
            None => Ok(()),
        }
    }

    fn row(&self) -> Result<SheetRow, Refusal> {
        let mut cells = Vec::with_capacity(self.ends_len);
        let mut from = 0;
        for (column, end) in self.ends.iter().take(self.ends_len).enumerate() {
            let cell = self.cells.get(from..*end).unwrap_or_default();
            if cell.len() > self.limits.cell_bytes {
                return Err(long_cell(column, u64::from(self.number)));
            }
            if memchr_iter(b'\n', cell).count() > CELL_LINES {
                return Err(Refusal::OpenQuote { line: self.line_of_cell_from(from) });
            }
            // what was written is UTF-8, and delimiters and quote marks are ASCII
            cells.push(text_cell(std::str::from_utf8(cell).unwrap_or_default()));
            from = *end;
        }
        Ok(SheetRow { number: self.number, cells })
    }

    fn blank_lines(&self) -> usize {
        self.raw().iter().take_while(|byte| **byte == b'\n').count()
    }

    /// What the record takes of the file so far, and the blank lines before it.
    fn raw(&self) -> &[u8] {
        self.buffer.get(self.start..self.taken).unwrap_or_default()
    }

    fn line_of_open_cell(&self) -> u64 {
        self.line_of_cell_from(self.open_cell_from())
    }

    /// Where the cell begins that is not complete yet.
    fn open_cell_from(&self) -> usize {
        self.ends_len.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0)
    }

    fn line_of_cell_from(&self, from: usize) -> u64 {
        let before = memchr_iter(b'\n', self.cells.get(..from).unwrap_or_default()).count();
        self.line + (self.blank_lines() + before) as u64
    }

    /// The number of the row that is read.
    fn coming_row(&self) -> u64 {
        u64::from(self.number) + self.blank_lines() as u64 + 1
    }

    fn too_many_columns(&self) -> Refusal {
        Refusal::TooManyColumns { row: self.coming_row(), most: self.limits.columns as u64 }
    }
}

fn long_cell(column: usize, row: u64) -> Refusal {
    Refusal::LongCell { cell: format!("{}{row}", letters(column)) }
}

impl Iterator for Rows {
    type Item = Result<SheetRow, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            match self.advance() {
                Ok(Some(row)) => {
                    if let Some(row) = row.trimmed() {
                        return Some(Ok(row));
                    }
                }
                Ok(None) => self.over = true,
                Err(refusal) => {
                    self.over = true;
                    return Some(Err(refusal));
                }
            }
        }
        None
    }
}
