//! Files of records, row by row, with bounded memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::body::{self, BodyError};
use super::cloudevent;
use super::row::Row;
use crate::record::reject::{RejectCode, Rejection};

/// The longest line, in bytes: far beyond any record, and what one row may take of the memory.
pub const MAX_LINE_BYTES: usize = 1024 * 1024;
/// What is read of a file at once, in bytes.
const READ_BYTES: usize = 128 * 1024;
/// The largest `.json` file, in bytes: it is read whole, unlike `.ndjson`.
pub const MAX_JSON_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file cannot be read.
#[derive(Debug, Error)]
pub enum FileError {
    /// Another ending than those that are read.
    #[error("`{}` is not a file of records; help: `.ndjson`, `.jsonl` and `.json` are read", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
    },
    /// The operating system does not give it.
    #[error("cannot read `{}`: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// Not JSON at all, or too large.
    #[error("`{}`: {reason}", path.display())]
    Body {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: BodyError,
    },
}

/// The rows of a file, in order. A line that is no JSON is a row that says so.
///
/// # Errors
/// The file is of another kind, cannot be read, or is a `.json` file that is no JSON.
pub fn read(path: &Path) -> Result<Rows, FileError> {
    lines(path).map(|lines| Rows { lines })
}

/// The same without a copy of each row, for who reads most of them straight from their bytes.
///
/// # Errors
/// As [`read`].
pub fn lines(path: &Path) -> Result<Lines, FileError> {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let rest = match ending.as_deref() {
        Some("ndjson" | "jsonl") => {
            let file = File::open(path).map_err(|reason| io_error(path, reason))?;
            Rest::Lines(BufReader::with_capacity(READ_BYTES, file))
        }
        Some("json") => Rest::Read(whole(path)?.into_iter()),
        _ => return Err(FileError::Unsupported { path: path.to_owned() }),
    };
    Ok(Lines { path: path.to_owned(), next: 0, rest, buffer: Vec::new() })
}

/// The rows of one file.
#[derive(Debug)]
pub struct Rows {
    lines: Lines,
}

impl Iterator for Rows {
    type Item = Result<Row, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.lines.next_line().map(|line| line.map(Line::into_row))
    }
}

/// The lines of one file, each of which lives until the next is read.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    next: usize,
    rest: Rest,
    buffer: Vec<u8>,
}

#[derive(Debug)]
enum Rest {
    Lines(BufReader<File>),
    Read(std::vec::IntoIter<Row>),
    Done,
}

/// One line of a file, or one row of a file that was read whole.
#[derive(Debug)]
pub struct Line<'a> {
    index: usize,
    held: Held<'a>,
}

#[derive(Debug)]
enum Held<'a> {
    Bytes(&'a [u8]),
    Row(Row),
}

impl Line<'_> {
    /// Its bytes, unless nobody may take them as they are.
    pub fn unrefused(&self) -> Option<&[u8]> {
        match &self.held {
            Held::Bytes(raw) => Some(raw),
            Held::Row(row) => row.unrefused(),
        }
    }

    /// The row for itself.
    pub fn into_row(self) -> Row {
        match self.held {
            Held::Bytes(raw) => cloudevent::unwrap_if_event(Row::read(self.index, raw)),
            Held::Row(row) => row,
        }
    }
}

impl Lines {
    /// The next line that is not blank.
    pub fn next_line(&mut self) -> Option<Result<Line<'_>, FileError>> {
        let index = self.next;
        let reader = match &mut self.rest {
            Rest::Lines(reader) => reader,
            Rest::Read(rows) => return rows.next().map(|row| Ok(Line { index: row.index, held: Held::Row(row) })),
            Rest::Done => return None,
        };
        let held = match next_full(reader, &mut self.buffer) {
            Ok(Found::Line(range)) => Held::Bytes(self.buffer.get(range).unwrap_or_default()),
            Ok(Found::TooLong) => Held::Row(too_long(index, &self.buffer)),
            Ok(Found::End) => return None,
            Err(reason) => {
                self.rest = Rest::Done;
                return Some(Err(io_error(&self.path, reason)));
            }
        };
        self.next += 1;
        Some(Ok(Line { index, held }))
    }
}

enum Found {
    /// What of the buffer is the line.
    Line(std::ops::Range<usize>),
    /// The buffer has its start.
    TooLong,
    End,
}

fn next_full(reader: &mut BufReader<File>, buffer: &mut Vec<u8>) -> io::Result<Found> {
    loop {
        buffer.clear();
        let limit = MAX_LINE_BYTES as u64 + 1;
        if reader.by_ref().take(limit).read_until(b'\n', buffer)? == 0 {
            return Ok(Found::End);
        }
        if buffer.len() > MAX_LINE_BYTES && !buffer.ends_with(b"\n") {
            reader.skip_until(b'\n')?;
            return Ok(Found::TooLong);
        }
        let mark = if buffer.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let end = buffer.trim_ascii_end().len();
        let blank = buffer.iter().skip(mark).take_while(|byte| byte.is_ascii_whitespace()).count();
        if mark + blank < end {
            return Ok(Found::Line(mark + blank..end));
        }
    }
}

fn too_long(index: usize, start: &[u8]) -> Row {
    let what = format!("the line is longer than {MAX_LINE_BYTES} bytes; only its start is kept");
    let fault = Rejection::new(RejectCode::TooLong, "", &what, "write one record a line");
    Row::refused(index, start, fault)
}

fn whole(path: &Path) -> Result<Vec<Row>, FileError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_JSON_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|reason| io_error(path, reason))?;
    let body = |reason| FileError::Body { path: path.to_owned(), reason };
    if bytes.len() as u64 > MAX_JSON_FILE_BYTES {
        return Err(body(BodyError::TooLarge { limit: MAX_JSON_FILE_BYTES as usize, unit: "bytes" }));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let rows = body::rows_of(bytes, usize::MAX).map_err(body)?;
    Ok(rows.into_iter().map(cloudevent::unwrap_if_event).collect())
}

fn io_error(path: &Path, reason: io::Error) -> FileError {
    FileError::Io { path: path.to_owned(), reason }
}
