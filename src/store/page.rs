//! Cursors: where a page of a list ends, as a text that means nothing to whoever hands it back.

use crate::store::{Page, StoreError};

/// The place of an item in a list that is ordered by a number, then by a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: i64,
    pub(super) text: String,
}

impl Place {
    /// Before every item of a list that runs downwards.
    fn top() -> Self {
        Self { number: i64::MAX, text: String::new() }
    }

    /// The place that a cursor names; the list's start without one.
    pub(super) fn from_cursor(cursor: Option<&str>) -> Result<Self, StoreError> {
        let Some(cursor) = cursor else {
            return Ok(Self::top());
        };
        let (number, text) = cursor.split_once('.').ok_or(StoreError::Cursor)?;
        Ok(Self { number: number.parse().map_err(|_| StoreError::Cursor)?, text: text.to_owned() })
    }
}

/// A page of at most `limit` out of rows read up to [`one_more`]: the row too many says that there is a next page.
pub(super) fn cut<T>(mut rows: Vec<(Place, T)>, limit: usize) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(place, _)| format!("{}.{}", place.number, place.text));
    Page { items: rows.into_iter().map(|(_, item)| item).collect(), next }
}

/// How many rows to read for a page of `limit`.
pub(super) fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}
