//! The bodies of `POST /v1/records`: one object, an array, lines, CloudEvents.

use serde_json::value::RawValue;
use thiserror::Error;

use super::cloudevent;
use super::row::{Row, reason};
use super::sent::TABLE_TYPES;

/// The largest body, in bytes: what one sender uploads at once, held in memory a few times over.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// The most records of one body: they are acknowledged together, after one fsync.
pub const MAX_ROWS: usize = 10_000;

/// Why a whole body is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    /// Nothing in it is JSON: status 400.
    #[error(
        "the body is not JSON at line {line}, column {column}: {detail}; help: send a JSON object, an array of them, or one a line"
    )]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1; 0 at a line's start.
        column: usize,
        /// What the reader says, without values of the body.
        detail: String,
    },
    /// The content type is not one of those that are read: status 415.
    #[error("the content type is not read here; help: use `{}`", MEDIA_TYPES.join("`, `"))]
    UnsupportedMediaType,
    /// Too many bytes or rows: status 413.
    #[error("the body has more than {limit} {unit}; help: send it in parts")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// `bytes` or `records`.
        unit: &'static str,
    },
    /// A table that cannot be taken: status 413 or 422.
    #[error("{detail}")]
    Table {
        /// It is larger than a request may be.
        too_large: bool,
        /// What is wrong, and what to do.
        detail: String,
    },
}

impl BodyError {
    /// The HTTP status that says it.
    pub fn status(&self) -> u16 {
        match self {
            BodyError::NotJson { .. } => 400,
            BodyError::TooLarge { .. } => 413,
            BodyError::UnsupportedMediaType => 415,
            BodyError::Table { too_large, .. } => {
                if *too_large {
                    413
                } else {
                    422
                }
            }
        }
    }

    /// What a reader of JSON objects to.
    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        BodyError::NotJson { line: error.line(), column: error.column(), detail: reason(error) }
    }

    /// More bytes than [`MAX_BODY_BYTES`].
    pub const TOO_MANY_BYTES: BodyError = BodyError::TooLarge { limit: MAX_BODY_BYTES, unit: "bytes" };
}

/// The content types that are read.
pub const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "application/x-ndjson",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    TABLE_TYPES[0],
    TABLE_TYPES[1],
];

/// How the bytes are to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Lines,
    Event,
    Events,
}

/// Takes a body apart into rows. A row that cannot be read is one of them; it does not stop the others.
///
/// # Errors
/// The whole body is of another type, too large, or not JSON at all.
pub fn read_body(content_type: Option<&str>, bytes: &[u8]) -> Result<Vec<Row>, BodyError> {
    let form = form(content_type)?;
    if bytes.len() > MAX_BODY_BYTES {
        return Err(BodyError::TOO_MANY_BYTES);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let rows = match form {
        Form::Lines => lines(bytes, MAX_ROWS)?,
        Form::Json | Form::Event | Form::Events => rows_of(bytes, MAX_ROWS)?,
    };
    Ok(match form {
        Form::Json | Form::Lines => rows.into_iter().map(cloudevent::unwrap_if_event).collect(),
        Form::Event | Form::Events => rows.into_iter().map(cloudevent::unwrap).collect(),
    })
}

/// The same of a request, whose headers can say that its body is the data of an event.
///
/// # Errors
/// As [`read_body`].
pub fn read_request<'h>(
    content_type: Option<&str>,
    headers: impl Iterator<Item = (&'h str, &'h [u8])>,
    bytes: &[u8],
) -> Result<Vec<Row>, BodyError> {
    let event = if form(content_type)? == Form::Json { cloudevent::of_request(headers, bytes) } else { None };
    event.map_or_else(|| read_body(content_type, bytes), |event| Ok(vec![event?]))
}

/// `type/subtype`, and perhaps parameters, of which only a charset matters: JSON is UTF-8.
fn form(content_type: Option<&str>) -> Result<Form, BodyError> {
    let Some(content_type) = content_type else {
        return Ok(Form::Json);
    };
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let form = match parts.next().as_deref() {
        Some("application/json" | "text/json") => Form::Json,
        Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => Form::Lines,
        Some("application/cloudevents+json") => Form::Event,
        Some("application/cloudevents-batch+json") => Form::Events,
        _ => return Err(BodyError::UnsupportedMediaType),
    };
    let other_charset = parts
        .filter_map(|part| part.strip_prefix("charset=").map(|set| set.trim_matches('"').to_owned()))
        .any(|set| set != "utf-8" && set != "utf8");
    if other_charset {
        return Err(BodyError::UnsupportedMediaType);
    }
    Ok(form)
}

/// One value, the items of an array, or several values each on its line.
pub(super) fn rows_of(bytes: &[u8], most: usize) -> Result<Vec<Row>, BodyError> {
    if bytes.trim_ascii().is_empty() {
        return Err(empty());
    }
    let text: &RawValue = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(_) if starts_with_a_line_of_json(bytes) => return lines(bytes, most),
        Err(error) => return Err(BodyError::not_json(&error)),
    };
    if !text.get().starts_with('[') {
        return Ok(vec![Row::read(0, text.get().as_bytes())]);
    }
    let items: Vec<&RawValue> = serde_json::from_str(text.get()).map_err(|error| BodyError::not_json(&error))?;
    let rows = items.into_iter().map(|item| item.get().as_bytes());
    numbered(rows, most)
}

/// One row a line, blank lines left out.
fn lines(bytes: &[u8], most: usize) -> Result<Vec<Row>, BodyError> {
    let rows = numbered(full_lines(bytes), most)?;
    let first_fault = full_lines(bytes).next().map(|line| serde_json::from_slice::<&RawValue>(line).err());
    match first_fault {
        None => Err(empty()),
        Some(Some(error)) if rows.iter().all(|row| row.json().is_err()) => Err(BodyError::not_json(&error)),
        Some(_) => Ok(rows),
    }
}

fn numbered<'a>(rows: impl Iterator<Item = &'a [u8]>, most: usize) -> Result<Vec<Row>, BodyError> {
    let rows: Vec<&[u8]> = rows.take(most.saturating_add(1)).collect();
    if rows.len() > most {
        return Err(BodyError::TooLarge { limit: most, unit: "records" });
    }
    Ok(rows.into_iter().enumerate().map(|(index, raw)| Row::read(index, raw)).collect())
}

fn full_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

fn starts_with_a_line_of_json(bytes: &[u8]) -> bool {
    let mut lines = full_lines(bytes);
    let first = lines.next().map(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    first == Some(true) && lines.next().is_some()
}

fn empty() -> BodyError {
    BodyError::NotJson { line: 1, column: 1, detail: "it is empty".to_owned() }
}
