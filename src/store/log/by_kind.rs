//! Records of some kinds in log order, for looking back over all of them; of the others only that they are there.

use chrono::{DateTime, Utc};
use rusqlite::params;
use rusqlite::types::ValueRef;

use super::Replaced;
use super::read::replaced;
use crate::entry::Position;
use crate::store::{Store, StoreError, time_of};

/// A record that was the newest revision when it was appended.
#[derive(Debug)]
pub struct Passed<'a> {
    /// Where it stands.
    pub position: Position,
    /// When it was taken in.
    pub at: DateTime<Utc>,
    /// The kind's name.
    pub kind: &'a str,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// What it replaced, where it is wanted; none when it is the first.
    pub replaced: Option<Replaced>,
    /// The canonical JSON, where it is wanted and was not erased.
    pub body: Option<&'a [u8]>,
}

impl Store {
    /// Passes every record of `(after, up_to]` that was the newest revision when it came, in log order, on one
    /// snapshot. It is wanted, and comes with its body, where `is_wanted` says so of its kind or where it replaces
    /// another revision. Positions up to the head never change, so that several threads can pass parts of the log.
    ///
    /// # Errors
    /// What the database says.
    pub fn pass(
        &self,
        (after, up_to): (Position, Position),
        is_wanted: impl Fn(&str) -> bool,
        mut see: impl FnMut(&Passed<'_>),
    ) -> Result<(), StoreError> {
        self.read(|connection| {
            let mut log = connection.prepare_cached(
                "SELECT position, at, kind, occurred_at, received_at, replaced FROM log
                 WHERE position > ?1 AND position <= ?2 AND type = 'record' AND newest = 1 ORDER BY position",
            )?;
            let mut payload = connection.prepare_cached("SELECT body FROM payload WHERE position = ?1")?;
            let mut rows = log.query(params![after, up_to])?;
            while let Some(row) = rows.next()? {
                let position: Position = row.get(0)?;
                let kind = match row.get_ref(2)? {
                    ValueRef::Text(kind) => std::str::from_utf8(kind).unwrap_or_default(),
                    _ => "",
                };
                let mut passed = Passed {
                    position,
                    at: time_of(row.get(1)?),
                    kind,
                    occurred_at: time_of(row.get(3)?),
                    received_at: time_of(row.get(4)?),
                    replaced: None,
                    body: None,
                };
                let older: Option<Position> = row.get(5)?;
                if older.is_none() && !is_wanted(kind) {
                    see(&passed);
                    continue;
                }
                passed.replaced = older.map(|older| replaced(connection, older)).transpose()?;
                let mut bodies = payload.query([position])?;
                let body = bodies.next()?;
                passed.body = match body.map(|body| body.get_ref(0)).transpose()? {
                    Some(ValueRef::Blob(body)) => Some(body),
                    _ => None,
                };
                see(&passed);
            }
            Ok(())
        })
    }
}
