//! CloudEvents 1.0 in JSON: the record is the event's `data`.

use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;
use serde_json::{Map, Value as Json};

use super::body::BodyError;
use super::row::Row;
use crate::record::reject::{RejectCode, Rejection, pointer};

/// The attributes that every event has.
const REQUIRED: &[&str] = &["specversion", "id", "source", "type"];

/// The record of an event. What the record does not say of its source and id, the event does.
pub fn unwrap(row: Row) -> Row {
    let Ok(json) = row.json() else {
        return row;
    };
    match record_of(json) {
        Ok(record) => Row::of(row.index, record),
        Err(fault) => Row::refused(row.index, &row.raw, fault),
    }
}

/// The event that a request is in binary mode: its attributes are headers, its data the body. `None` where the headers
/// announce no event.
///
/// # Errors
/// The body is no JSON.
pub fn of_request<'h>(
    headers: impl Iterator<Item = (&'h str, &'h [u8])>,
    body: &[u8],
) -> Option<Result<Row, BodyError>> {
    let mut event = Map::new();
    for (name, value) in headers {
        let Some(attribute) = name.strip_prefix("ce-") else { continue };
        let value = percent_encoding::percent_decode(value).decode_utf8_lossy().into_owned();
        event.insert(attribute.to_owned(), Json::from(value));
    }
    event.get("specversion")?;
    let data: Json = match serde_json::from_slice(body) {
        Ok(data) => data,
        Err(error) => return Some(Err(BodyError::not_json(&error))),
    };
    event.insert("data".to_owned(), data);
    Some(Ok(unwrap(Row::of(0, Json::Object(event)))))
}

/// The same for a row that is an event although nothing announced it.
pub fn unwrap_if_event(row: Row) -> Row {
    let is_event = may_be_event(&row.raw)
        && row.json().is_ok_and(|json| json.get("specversion").is_some() && json.get("kind").is_none());
    if is_event { unwrap(row) } else { row }
}

/// Whether bytes could name a `specversion`. Most rows need not be read to see that they are no event.
fn may_be_event(raw: &[u8]) -> bool {
    static SIGN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("specversion"));
    // letters can be written as escapes too
    SIGN.find(raw).is_some() || memchr(b'\\', raw).is_some()
}

fn record_of(json: &Json) -> Result<Json, Rejection> {
    let Some(event) = json.as_object() else {
        let help = "wrap the record as `{\"specversion\": \"1.0\", ..., \"data\": {...}}`";
        return Err(Rejection::new(RejectCode::NotAnObject, "", "an event must be a JSON object", help));
    };
    for name in REQUIRED {
        if attribute(event, name).is_none() {
            let what = format!("the event has no `{name}`");
            return Err(missing(name, &what, "CloudEvents 1.0 requires it as text"));
        }
    }
    if attribute(event, "specversion") != Some("1.0") {
        let fault = Rejection::at(RejectCode::Choice, "specversion", "the event is of another version", "use `1.0`");
        return Err(fault);
    }
    let mut record = data(event)?;
    if let Some(members) = record.as_object_mut() {
        for name in ["id", "source"] {
            if members.get(name).is_none_or(Json::is_null)
                && let Some(value) = attribute(event, name)
            {
                members.insert(name.to_owned(), Json::from(value));
            }
        }
    }
    Ok(record)
}

/// The event's data, as JSON or in base 64.
fn data(event: &Map<String, Json>) -> Result<Json, Rejection> {
    if let Some(data) = event.get("data").filter(|data| !data.is_null()) {
        return Ok(data.clone());
    }
    let Some(text) = attribute(event, "data_base64") else {
        return Err(missing("data", "the event has no `data`", "put the record there, as a JSON object"));
    };
    let bytes = data_encoding::BASE64.decode(text.as_bytes()).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
        let help = "put the record into `data`, as a JSON object";
        Rejection::at(RejectCode::NotJson, "data_base64", "the event's `data_base64` holds no JSON", help)
    })
}

fn attribute<'a>(event: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    event.get(name)?.as_str().filter(|value| !value.is_empty())
}

fn missing(name: &str, what: &str, help: &str) -> Rejection {
    Rejection::new(RejectCode::Missing, &pointer(name), what, help)
}
