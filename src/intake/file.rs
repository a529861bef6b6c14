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
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("ndjson" | "jsonl") => {
            let file = File::open(path).map_err(|reason| io_error(path, reason))?;
            Ok(Rows { path: path.to_owned(), next: 0, rest: Rest::Lines(BufReader::new(file)) })
        }
        Some("json") => Ok(Rows { path: path.to_owned(), next: 0, rest: Rest::Read(whole(path)?.into_iter()) }),
        _ => Err(FileError::Unsupported { path: path.to_owned() }),
    }
}

/// The rows of one file.
#[derive(Debug)]
pub struct Rows {
    path: PathBuf,
    next: usize,
    rest: Rest,
}

#[derive(Debug)]
enum Rest {
    Lines(BufReader<File>),
    Read(std::vec::IntoIter<Row>),
    Done,
}

impl Iterator for Rows {
    type Item = Result<Row, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = match &mut self.rest {
            Rest::Lines(reader) => reader,
            Rest::Read(rows) => return rows.next().map(Ok),
            Rest::Done => return None,
        };
        match next_row(reader, self.next) {
            Ok(Some(row)) => {
                self.next += 1;
                Some(Ok(cloudevent::unwrap_if_event(row)))
            }
            Ok(None) => None,
            Err(reason) => {
                self.rest = Rest::Done;
                Some(Err(io_error(&self.path, reason)))
            }
        }
    }
}

fn next_row(reader: &mut BufReader<File>, index: usize) -> io::Result<Option<Row>> {
    loop {
        let mut line = Vec::new();
        let limit = MAX_LINE_BYTES as u64 + 1;
        if reader.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() > MAX_LINE_BYTES && !line.ends_with(b"\n") {
            reader.skip_until(b'\n')?;
            return Ok(Some(too_long(index, &line)));
        }
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        if !line.is_empty() {
            return Ok(Some(Row::read(index, line)));
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
