//! The audit log: who changed what when, each row chained to the one before it by hash.
//!
//! It stands in the log's file, where every commit is durable: what people did is chained in the commit that does it. Rows of
//! what the program does by itself are written by the state's commits, which are not synced, and brought into the chain
//! soon after. So a power failure never shortens the chain; what it took from the state is done, and said, again.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest as _, Sha256};

use crate::store::page::{Place, cut, one_more};
use crate::store::{Answer, Digest, Page, Store, StoreError, meta, millis, set_meta, time_of};

/// The actor of what the program does by itself.
pub const PROGRAM: &str = "siaga";

/// What the first row follows from.
const GENESIS: Digest = [0; 32];

/// One row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: an agency's id, or `siaga` for the program.
    pub actor: String,
    /// What, in a word.
    pub what: String,
    /// To what.
    pub object: String,
    /// The hash of this row and of all before it.
    pub hash: Digest,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every row follows from the one before it.
    Whole {
        /// How many rows there are.
        rows: i64,
        /// The last row's hash; none without rows. Only one who holds an earlier head can prove a truncation.
        head: Option<Digest>,
    },
    /// This row was changed, or one before it is gone.
    Broken {
        /// Its number.
        seq: i64,
    },
}

impl Store {
    /// Follows the chain from its first row.
    ///
    /// # Errors
    /// What the database says.
    pub fn audit_verify(&self) -> Result<AuditVerdict, StoreError> {
        self.read(verify)
    }

    /// The last row's hash; none without rows.
    ///
    /// # Errors
    /// What the database says.
    pub fn audit_head(&self) -> Result<Option<Digest>, StoreError> {
        self.read(|connection| Ok(head(connection)?.map(|(_, hash)| hash)))
    }

    /// Brings what waits into the chain now.
    pub fn audit_up(&self) -> Answer<()> {
        let chain = self.inner.chain.clone();
        self.write(move |log| chain.bring_in(log).map(drop))
    }

    /// A page of the audit log, the newest first.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn audit(&self, cursor: Option<&str>, limit: usize) -> Result<Page<AuditRow>, StoreError> {
        let from = Place::from_cursor(cursor)?;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, at, actor, what, object, hash FROM audit
                 WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
            )?;
            let rows = statement
                .query_map(params![from.number, one_more(limit)], audit_row)?
                .collect::<Result<Vec<_>, _>>()?;
            Ok(cut(rows, limit))
        })
    }
}

fn audit_row(row: &Row<'_>) -> rusqlite::Result<(Place, AuditRow)> {
    let seq = row.get(0)?;
    let place = Place { number: seq, text: String::new() };
    let item = AuditRow {
        seq,
        at: time_of(row.get(1)?),
        actor: row.get(2)?,
        what: row.get(3)?,
        object: row.get(4)?,
        hash: row.get(5)?,
    };
    Ok((place, item))
}

/// What a new row says.
pub(super) struct Note<'a> {
    pub(super) at: DateTime<Utc>,
    pub(super) actor: &'a str,
    pub(super) what: &'a str,
    pub(super) object: &'a str,
}

/// Adds a row in the caller's transaction on the log. Of the payload only the hash is kept.
pub(super) fn append(log: &Connection, note: &Note<'_>, payload: &[u8]) -> Result<(), StoreError> {
    let (last, previous) = head(log)?.unwrap_or((0, GENESIS));
    let link = Link {
        seq: last + 1,
        at: millis(note.at),
        actor: note.actor.to_owned(),
        what: note.what.to_owned(),
        object: note.object.to_owned(),
        payload_hash: Sha256::digest(payload).into(),
        previous,
    };
    link.insert(log, link.hash())
}

/// Adds a row in the caller's transaction on the state; the chain takes it over afterwards.
pub(super) fn put_by(state: &Connection, note: &Note<'_>, payload_hash: Digest) -> Result<(), StoreError> {
    let mut statement = state.prepare_cached(
        "INSERT INTO audit_waiting (at, actor, what, object, payload_hash) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    statement.execute(params![millis(note.at), note.actor, note.what, note.object, payload_hash])?;
    Ok(())
}

/// Chains the rows that wait in the state, in the caller's transaction on the log; the number of the last one.
pub(super) fn take_over(log: &Connection, state: &Connection) -> Result<i64, StoreError> {
    let mut audited = meta(log, "audited")?;
    let (mut last, mut previous) = head(log)?.unwrap_or((0, GENESIS));
    let mut statement = state.prepare_cached(
        "SELECT seq, at, actor, what, object, payload_hash FROM audit_waiting WHERE seq > ?1 ORDER BY seq",
    )?;
    let mut rows = statement.query([audited])?;
    while let Some(row) = rows.next()? {
        audited = row.get(0)?;
        let link = Link {
            seq: last + 1,
            at: row.get(1)?,
            actor: row.get(2)?,
            what: row.get(3)?,
            object: row.get(4)?,
            payload_hash: row.get(5)?,
            previous,
        };
        (last, previous) = (link.seq, link.hash());
        link.insert(log, previous)?;
    }
    set_meta(log, "audited", audited)?;
    Ok(audited)
}

/// The number of the newest row that waits, or has waited, in the state.
pub(super) fn newest_waiting(state: &Connection) -> Result<i64, StoreError> {
    let mut statement = state.prepare_cached("SELECT COALESCE(MAX(seq), 0) FROM audit_waiting")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Lets go of the rows before one that is in the chain; that one stays, so that its number is not given again.
pub(super) fn forget_waiting(state: &Connection, audited: i64) -> Result<(), StoreError> {
    state.prepare_cached("DELETE FROM audit_waiting WHERE seq < ?1")?.execute([audited])?;
    Ok(())
}

/// Lets numbers begin after those that the chain has had from a state that lost them.
pub(super) fn begin_waiting_after(state: &Connection, audited: i64) -> Result<(), StoreError> {
    if newest_waiting(state)? < audited {
        let sql = "INSERT INTO audit_waiting VALUES (?1, 0, ?2, 'state.begins', '', zeroblob(32))";
        state.execute(sql, params![audited, PROGRAM])?;
    }
    Ok(())
}

/// A row as the chain sees it.
struct Link {
    seq: i64,
    at: i64,
    actor: String,
    what: String,
    object: String,
    payload_hash: Digest,
    previous: Digest,
}

impl Link {
    /// Texts go in with their lengths, so that no two rows can read the same.
    fn hash(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(self.previous);
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.at.to_be_bytes());
        for text in [&self.actor, &self.what, &self.object] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        hasher.update(self.payload_hash);
        hasher.finalize().into()
    }

    fn insert(&self, log: &Connection, hash: Digest) -> Result<(), StoreError> {
        let mut statement = log.prepare_cached(
            "INSERT INTO audit (seq, at, actor, what, object, payload_hash, previous, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        statement.execute(params![
            self.seq,
            self.at,
            self.actor,
            self.what,
            self.object,
            self.payload_hash,
            self.previous,
            hash
        ])?;
        Ok(())
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            what: row.get(3)?,
            object: row.get(4)?,
            payload_hash: row.get(5)?,
            previous: row.get(6)?,
        })
    }
}

fn head(connection: &Connection) -> Result<Option<(i64, Digest)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
    let head = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(head.optional()?)
}

fn verify(connection: &Connection) -> Result<AuditVerdict, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT seq, at, actor, what, object, payload_hash, previous, hash FROM audit ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut before: Option<(i64, Digest)> = None;
    while let Some(row) = rows.next()? {
        let link = Link::from_row(row)?;
        let hash: Digest = row.get(7)?;
        let (last, previous) = before.unwrap_or((0, GENESIS));
        if link.seq != last + 1 || link.previous != previous || link.hash() != hash {
            return Ok(AuditVerdict::Broken { seq: link.seq });
        }
        before = Some((link.seq, hash));
    }
    Ok(AuditVerdict::Whole { rows: before.map_or(0, |(seq, _)| seq), head: before.map(|(_, hash)| hash) })
}
