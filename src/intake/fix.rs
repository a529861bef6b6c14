//! A row in quarantine set right, or tried again: what becomes of it now.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::Value as Json;

use super::entries::entries;
use super::row::Row;
use super::{Submitter, sort};
use crate::record::json::put;
use crate::record::parse::Received;
use crate::record::reject::Rejection;
use crate::record::schema::Schema;
use crate::store::log::NewEntry;

/// How a row changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Not at all: the pack has changed since.
    Nothing,
    /// These parts, by JSON pointer.
    Parts(BTreeMap<String, Json>),
    /// All of it.
    Whole(Vec<u8>),
}

/// Why a row still does not stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FixError {
    /// It is no JSON object, and only parts of it were to be set.
    #[error("the row is no JSON object\nhelp: give the corrected record whole")]
    NotAnObject,
    /// A place that is no JSON pointer.
    #[error("`{0}` is no place in a record\nhelp: write it as `/place/kabupaten`, as the row's own `pointer` is")]
    Pointer(String),
    /// It does not hold to the schema.
    #[error("the row still does not stand:{}", .0.iter().map(line).collect::<String>())]
    Refused(Vec<Rejection>),
}

fn line(fault: &Rejection) -> String {
    format!("\n  `{}`: {}", fault.pointer, fault.detail)
}

impl Change {
    /// How it stands in the list from then on; it repeats no value.
    pub fn how(&self, by: &str) -> String {
        match self {
            Change::Nothing => format!("tried again by {by}"),
            Change::Parts(parts) => {
                let places: Vec<&str> = parts.keys().map(String::as_str).collect();
                format!("fixed by {by}: {}", places.join(", "))
            }
            Change::Whole(_) => format!("fixed by {by}: whole"),
        }
    }

    /// The row's bytes with the change.
    fn apply(&self, body: &[u8]) -> Result<Vec<u8>, FixError> {
        match self {
            Change::Nothing => Ok(body.to_vec()),
            Change::Whole(body) => Ok(body.clone()),
            Change::Parts(parts) => {
                let mut json: Json = serde_json::from_slice(body).map_err(|_| FixError::NotAnObject)?;
                if !json.is_object() {
                    return Err(FixError::NotAnObject);
                }
                for (pointer, value) in parts {
                    let members = pointer.strip_prefix('/').filter(|rest| !rest.is_empty() && !rest.ends_with('/'));
                    let members = members.ok_or_else(|| FixError::Pointer(pointer.clone()))?;
                    put(&mut json, members.split('/'), value.clone());
                }
                Ok(json.to_string().into_bytes())
            }
        }
    }

    /// The record that the row is with the change, for the log.
    ///
    /// # Errors
    /// It still does not stand, with every fault.
    pub fn entry(
        &self,
        body: &[u8],
        schema: &Schema,
        zone: Tz,
        received: Received,
        by: &str,
    ) -> Result<NewEntry, FixError> {
        let row = Row::read(0, &self.apply(body)?);
        let mut intake = sort(schema, [row], received, zone, &Submitter::LOCAL);
        if let Some(row) = intake.quarantined.pop() {
            let first = Rejection { pointer: row.pointer, code: row.code, detail: row.detail };
            return Err(FixError::Refused([first].into_iter().chain(row.also).collect()));
        }
        entries(schema, intake.accepted, &[], received, by).into_iter().next().ok_or(FixError::NotAnObject)
    }
}
