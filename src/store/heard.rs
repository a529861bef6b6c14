//! What was last heard of sources.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, params};

use crate::store::{Store, StoreError, state_meta, time_of};
use crate::subject::SubjectKind;

impl Store {
    /// When the newest record of a source happened, of those kinds; none before its first. One that is not judged yet
    /// counts too.
    ///
    /// # Errors
    /// What the database says.
    pub fn last_heard<'k>(
        &self,
        source: &str,
        kinds: impl IntoIterator<Item = &'k str>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        self.read(|connection| {
            // the key of the table is in this order, so each is one step
            let mut statement = connection.prepare_cached(
                "SELECT occurred_at FROM dossier WHERE subject_kind = ?1 AND subject_key = ?2 AND kind = ?3
                 ORDER BY occurred_at DESC LIMIT 1",
            )?;
            // those that no dossier has yet; there are few
            let mut waiting = connection.prepare_cached(
                "SELECT MAX(occurred_at) FROM log
                 WHERE position > ?1 AND type = 'record' AND newest = 1 AND withdrawn = 0 AND source = ?2 AND kind = ?3",
            )?;
            let progress = state_meta(connection, "progress")?;
            let mut newest: Option<i64> = None;
            for kind in kinds {
                let word = SubjectKind::Source.word();
                let at = statement.query_row(params![word, source, kind], |row| row.get(0)).optional()?;
                let unjudged = waiting.query_row(params![progress, source, kind], |row| row.get(0))?;
                newest = newest.max(at).max(unjudged);
            }
            Ok(newest.map(time_of))
        })
    }
}
