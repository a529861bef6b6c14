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
            let mut newest: Option<i64> = None;
            for kind in &kinds {
                let word = SubjectKind::Source.word();
                let at = statement.query_row(params![word, source, kind], |row| row.get(0)).optional()?;
                newest = newest.max(at);
            }
            // those that are not filed; there are a few thousand
            let mut unfiled = connection.prepare_cached(
                "SELECT kind, MAX(occurred_at) FROM log
                 WHERE position > ?1 AND type = 'record' AND newest = 1 AND withdrawn = 0 AND source = ?2
                 GROUP BY kind",
            )?;
            let mut rows = unfiled.query(params![state_meta(connection, "filed")?, source])?;
            while let Some(row) = rows.next()? {
                if kinds.contains(&row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?) {
                    newest = newest.max(row.get(1)?);
                }
            }
            Ok(newest.map(time_of))
        })
    }
}
