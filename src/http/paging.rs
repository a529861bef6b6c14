//! Pages of lists, and the reading of parameters and small bodies.

use axum::body::Bytes;
use axum::extract::Query;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::problem::Problem;
use super::records::whole;
use crate::entry::Position;
use crate::intake::body::BodyError;
use crate::intake::row::reason;
use crate::store::Page;
use crate::store::log::Appended;

/// The length of a page where the caller does not say.
const USUAL_LIMIT: usize = 50;
/// The largest body that is no records: a comment fits many times.
pub const MAX_SMALL_BODY_BYTES: usize = 64 * 1024;
/// As much of a reader's reason as is passed on.
const MAX_REASON_CHARS: usize = 300;
/// The longest page.
const MOST_LIMIT: usize = 200;

/// Where a page starts and how long it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// The most items.
    pub limit: Option<usize>,
}

/// One page, as callers get it.
#[derive(Debug, Serialize)]
pub struct Paged<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one starts; none on the last.
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// A page of the store with each item as the caller may see it.
    pub fn of<S>(page: Page<S>, view: impl FnMut(S) -> T) -> Self {
        Paged { items: page.items.into_iter().map(view).collect(), next: page.next }
    }
}

/// Where an entry stands that was just appended.
#[derive(Debug, Serialize)]
pub struct Logged {
    /// Its position in the log.
    pub position: Position,
}

impl Logged {
    /// The place of the last of the entries.
    pub fn last(appended: &[Appended]) -> Result<Self, Problem> {
        match appended.last() {
            Some(Appended::At { position, .. }) => Ok(Logged { position: *position }),
            _ => Err(Problem::Internal("an entry was not taken into the log")),
        }
    }
}

/// How long a page is to be.
pub fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked {
        None => Ok(USUAL_LIMIT),
        Some(limit) if (1..=MOST_LIMIT).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::Invalid(format!("`limit` is 1 to {MOST_LIMIT}"))),
    }
}

/// The parameters, or what is wrong with them.
pub fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    match query {
        Ok(Query(query)) => Ok(query),
        Err(rejection) => {
            let text = rejection.body_text();
            let reason = text.split_once("query string: ").map_or(text.as_str(), |(_, reason)| reason);
            Err(Problem::Invalid(format!("a parameter is not understood: {}", short(reason))))
        }
    }
}

/// The value that a parameter's word names.
pub fn choice<T>(name: &str, word: Option<&str>, known: &[(T, &str)]) -> Result<Option<T>, Problem>
where
    T: Copy,
{
    let Some(word) = word else { return Ok(None) };
    let found = known.iter().find(|(_, one)| *one == word);
    found.map(|(value, _)| Some(*value)).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(_, word)| *word).collect();
        Problem::Invalid(format!("`{name}` is one of `{}`", words.join("`, `")))
    })
}

/// A small JSON body; an empty one reads as `{}`. Where it does not fit, the caller is told how it looks.
pub fn json<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>, looks: &str) -> Result<T, Problem> {
    let body = whole(body, MAX_SMALL_BODY_BYTES)?;
    let text: &[u8] = if body.trim_ascii().is_empty() { b"{}" } else { &body };
    serde_json::from_slice(text).map_err(|error| match error.classify() {
        Category::Data => {
            let reason = reason(&error);
            // of the reader's words those about members; the others name types of the program
            let what = reason.split(", expected").next().filter(|what| what.contains(" field `"));
            let what = what.map_or_else(String::new, |what| format!(": {}", short(what)));
            Problem::Invalid(format!("the body does not fit{what}; help: it looks like {looks}"))
        }
        _ => BodyError::NotJson { line: error.line(), column: error.column(), detail: reason(&error) }.into(),
    })
}

/// A reader's reason can repeat a name that the caller made up.
fn short(reason: &str) -> String {
    reason.chars().take(MAX_REASON_CHARS).collect()
}
