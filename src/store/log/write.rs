//! Appending: positions, times and revisions.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::read::{Stood, replaced_by, stood};
use super::{Appended, EdgeTime, NewEntry, NewRecord, Standing, StoredBody, StoredEntry, StoredRecord, word};
use crate::entry::{Position, ThresholdChange};
use crate::store::audit::{self, Note};
use crate::store::counts::{Tally, name};
use crate::store::dossier::Move;
use crate::store::packs::PackInForce;
use crate::store::recent::Kept;
use crate::store::{Digest, StoreError, millis, packs, quarantine, time_of, to_json, whole_millisecond};
use crate::subject::Subject;

/// Appends within the caller's transaction: what became of each entry, and those that are in the log now.
pub(super) fn append_all(
    connection: &Connection,
    entries: Vec<NewEntry>,
    time: EdgeTime,
) -> Result<(Vec<Appended>, Vec<Kept>), StoreError> {
    let mut appender = Appender {
        connection,
        statements: Statements::new(connection)?,
        time,
        last: last(connection)?,
        anything_waits: quarantine::anything_waits(connection)?,
        tally: Tally::default(),
        kept: Vec::with_capacity(entries.len()),
    };
    let appended = entries.into_iter().map(|entry| appender.entry(entry)).collect::<Result<Vec<_>, _>>()?;
    appender.tally.add_to_log(connection)?;
    Ok((appended, appender.kept))
}

/// Where the log ends: the newest entry's position and time.
struct Last {
    position: Position,
    at: i64,
}

fn last(connection: &Connection) -> Result<Last, StoreError> {
    let mut statement = connection.prepare_cached("SELECT position, at FROM log ORDER BY position DESC LIMIT 1")?;
    let last = statement.query_row([], |row| Ok(Last { position: row.get(0)?, at: row.get(1)? })).optional()?;
    // before the first entry only a wall clock or a record says the time
    Ok(last.unwrap_or(Last { position: 0, at: i64::MIN }))
}

/// What each record takes, looked up once for all of an append.
struct Statements<'a> {
    claim: CachedStatement<'a>,
    newest: CachedStatement<'a>,
    revision: CachedStatement<'a>,
    waiting: CachedStatement<'a>,
    payload: CachedStatement<'a>,
    replace: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    fn new(connection: &'a Connection) -> Result<Self, StoreError> {
        let claim = connection.prepare_cached(
            "INSERT INTO record (source, record_id, first, newest, revisions, last_received)
             VALUES (?1, ?2, ?3, ?3, 1, ?4)
             ON CONFLICT DO NOTHING",
        )?;
        let newest = connection.prepare_cached(
            "SELECT log.position, record.last_received, log.hash, record.revisions, record.first
             FROM record JOIN log ON log.position = record.newest
             WHERE record.source = ?1 AND record.record_id = ?2",
        )?;
        let revision = connection.prepare_cached(
            "INSERT INTO log (position, at, type, hash, source, record_id, kind, occurred_at, received_at,
                              revision, withdrawn, newest, replaced, unknown_fields)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?;
        let waiting = quarantine::waiting(connection)?;
        let payload =
            connection.prepare_cached("INSERT INTO payload (position, subjects, body) VALUES (?1, ?2, ?3)")?;
        let replace = connection.prepare_cached(
            "UPDATE record SET newest = ?3, revisions = ?4, last_received = ?5 WHERE source = ?1 AND record_id = ?2",
        )?;
        Ok(Statements { claim, newest, revision, waiting, payload, replace })
    }
}

struct Appender<'a> {
    connection: &'a Connection,
    statements: Statements<'a>,
    time: EdgeTime,
    last: Last,
    /// Whether a record can be one that was waited for.
    anything_waits: bool,
    tally: Tally,
    kept: Vec<Kept>,
}

impl Appender<'_> {
    fn entry(&mut self, entry: NewEntry) -> Result<Appended, StoreError> {
        let at = self.at(&entry);
        match entry {
            NewEntry::Record(record) => self.record(*record, at),
            NewEntry::Quarantine(quarantined) => {
                let id = quarantine::keep(self.connection, &quarantined, at)?;
                self.anything_waits = true;
                Ok(Appended::Quarantined { id })
            }
            NewEntry::Tick => self.line(word::TICK, None, at, StoredBody::Tick),
            NewEntry::Pack { hash, files } => {
                packs::keep(self.connection, &hash, &files)?;
                self.note(at, audit::PROGRAM, "pack.set", &hash, hash.as_bytes())?;
                let body = StoredBody::Pack(PackInForce { hash: hash.clone(), stopped: Vec::new() });
                self.line(word::PACK, Some(hash.as_bytes()), at, body)
            }
            NewEntry::Stop { rule, of } => self.stop(&rule, &of, at),
            NewEntry::Threshold { change, by } => {
                let body = to_json(&LoggedThreshold { change: &change, by: &by })?;
                self.note(at, &by, "threshold.set", &change.name, body.as_bytes())?;
                self.line(word::THRESHOLD, Some(body.as_bytes()), at, StoredBody::Threshold(change))
            }
            NewEntry::Act(act) => {
                let body = to_json(&act)?;
                self.note(at, &act.by, "alert.act", &act.alert, body.as_bytes())?;
                self.line(word::ACT, Some(body.as_bytes()), at, StoredBody::Act(act))
            }
        }
    }

    fn stop(&mut self, rule: &Arc<str>, of: &str, at: i64) -> Result<Appended, StoreError> {
        let newest = packs::pack_at(self.connection, Position::MAX)?;
        let Some(mut pack) = newest.filter(|pack| pack.hash == of && !pack.stopped.contains(rule)) else {
            return Ok(Appended::Duplicate);
        };
        pack.stopped.push(rule.clone());
        let payload = pack.payload()?;
        self.note(at, audit::PROGRAM, "rule.stopped", rule, payload.as_bytes())?;
        self.line(word::PACK, Some(payload.as_bytes()), at, StoredBody::Pack(pack))
    }

    /// The entry's time, never earlier than that of the entry before it.
    fn at(&self, entry: &NewEntry) -> i64 {
        let own = match (self.time, entry) {
            (EdgeTime::Wall(now), _) => millis(now),
            (EdgeTime::Records, NewEntry::Record(record)) => millis(record.received_at.unwrap_or(record.occurred_at)),
            (EdgeTime::Records, _) if self.last.at == i64::MIN => 0,
            (EdgeTime::Records, _) => self.last.at,
        };
        own.max(self.last.at)
    }

    fn note(&self, at: i64, actor: &str, what: &str, object: &str, payload: &[u8]) -> Result<(), StoreError> {
        let note = Note { at: time_of(at), actor, what, object };
        audit::append(self.connection, &note, payload)
    }

    /// Logs what is not a record.
    fn line(
        &mut self,
        type_word: &'static str,
        payload: Option<&[u8]>,
        at: i64,
        body: StoredBody,
    ) -> Result<Appended, StoreError> {
        let hash: Option<Digest> = payload.map(|payload| Sha256::digest(payload).into());
        let mut statement = self.connection.prepare_cached("INSERT INTO log (at, type, hash) VALUES (?1, ?2, ?3)")?;
        let position = statement.insert(params![at, type_word, hash])?;
        if let Some(payload) = payload {
            self.payload(position, None, payload)?;
        }
        Ok(self.logged(position, at, 0, body, None))
    }

    fn payload(&mut self, position: Position, subjects: Option<&[Subject]>, body: &[u8]) -> Result<(), StoreError> {
        let subjects = subjects.map(|subjects| to_json(&subjects)).transpose()?;
        self.statements.payload.execute(params![position, subjects, body])?;
        Ok(())
    }

    fn logged(
        &mut self,
        position: Position,
        at: i64,
        revision: u32,
        body: StoredBody,
        moved: Option<Move>,
    ) -> Appended {
        self.last = Last { position, at };
        self.tally.add(name::ENTRIES, "", 1);
        self.kept.push(Kept { entry: StoredEntry { position, at: time_of(at), body }, moved });
        Appended::At { position, at: time_of(at), revision }
    }

    fn record(&mut self, record: NewRecord, at: i64) -> Result<Appended, StoreError> {
        let stated = record.received_at.map(|stated| millis(stated).min(at));
        let received_at = stated.unwrap_or(at);
        let newest = if self.claims(&record, received_at)? { None } else { self.newest_revision(&record)? };
        if self.is_duplicate(&record, stated, newest.as_ref())? {
            self.tally.add(name::DUPLICATES, "", 1);
            self.receive_again(&record, stated, newest.as_ref())?;
            return Ok(Appended::Duplicate);
        }
        let standing = Revision {
            number: newest.as_ref().map_or(0, |newest| newest.revisions) + 1,
            is_newest: newest.as_ref().is_none_or(|newest| received_at >= newest.received_at),
            before: newest.map(|newest| newest.position),
            received_at,
        };
        let position = self.revision(&record, at, &standing)?;
        if self.anything_waits {
            quarantine::correct(self.connection, &mut self.statements.waiting, &record.key, at)?;
        }
        let entered: &[Subject] = if standing.is_newest && !record.withdrawn { &record.subjects } else { &[] };
        self.payload(position, Some(entered), &record.body)?;
        match standing.before {
            None => {}
            Some(_) if standing.is_newest => self.replace(&record, position, &standing)?,
            Some(_) => self.count_revision(&record)?,
        }
        self.tally_revision(&record, &standing);
        let (body, moved) = self.stored(record, position, &standing)?;
        Ok(self.logged(position, at, standing.number, body, moved))
    }

    /// The revision as it is read back, and what it does to dossiers.
    fn stored(
        &self,
        record: NewRecord,
        position: Position,
        revision: &Revision,
    ) -> Result<(StoredBody, Option<Move>), StoreError> {
        let before = revision.before.filter(|_| revision.is_newest);
        let stood = before.map(|before| Ok::<_, StoreError>((before, stood(self.connection, before)?))).transpose()?;
        let standing = match &stood {
            _ if !revision.is_newest => Standing::Stale,
            stood => Standing::Newest { replaced: stood.as_ref().map(|(at, stood)| replaced_by(*at, stood)) },
        };
        let subjects = if record.withdrawn { Vec::new() } else { record.subjects };
        let stands = Stood { kind: record.kind.clone(), occurred_at: millis(record.occurred_at), subjects };
        let moved = revision.is_newest.then(|| Move { key: record.key.clone(), position, stands, stood });
        let record = Box::new(StoredRecord {
            position,
            key: record.key,
            kind: record.kind,
            occurred_at: whole_millisecond(record.occurred_at),
            received_at: time_of(revision.received_at),
            revision: revision.number,
            withdrawn: record.withdrawn,
            body: record.body,
        });
        Ok((StoredBody::Record { record, standing }, moved))
    }

    /// Whether nothing is known under the record's name; then it is known, from the next position on.
    fn claims(&mut self, record: &NewRecord, received_at: i64) -> Result<bool, StoreError> {
        let (source, id, next) = (&record.key.source, &record.key.id, self.next());
        Ok(self.statements.claim.execute(params![source, id, next, received_at])? == 1)
    }

    fn next(&self) -> Position {
        self.last.position + 1
    }

    fn newest_revision(&mut self, record: &NewRecord) -> Result<Option<Newest>, StoreError> {
        let newest = self.statements.newest.query_row([&record.key.source, &record.key.id], |row| {
            Ok(Newest {
                position: row.get(0)?,
                received_at: row.get(1)?,
                hash: row.get(2)?,
                revisions: row.get(3)?,
                first: row.get(4)?,
            })
        });
        Ok(newest.optional()?)
    }

    fn is_duplicate(
        &self,
        record: &NewRecord,
        stated: Option<i64>,
        newest: Option<&Newest>,
    ) -> Result<bool, StoreError> {
        let Some(newest) = newest else {
            return Ok(false);
        };
        if newest.hash == record.content_hash {
            return Ok(true);
        }
        let Some(received_at) = stated else {
            return Ok(false);
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM log WHERE position = ?5 AND received_at = ?3 AND hash = ?4
             UNION ALL
             SELECT 1 FROM log
             WHERE source = ?1 AND record_id = ?2 AND revision > 1 AND received_at = ?3 AND hash = ?4",
        )?;
        let (source, id) = (&record.key.source, &record.key.id);
        Ok(statement.exists(params![source, id, received_at, record.content_hash, newest.first])?)
    }

    /// The newest content came again, later: what was received in between is older than it.
    fn receive_again(
        &self,
        record: &NewRecord,
        stated: Option<i64>,
        newest: Option<&Newest>,
    ) -> Result<(), StoreError> {
        let Some(stated) = stated.filter(|_| newest.is_some_and(|newest| newest.hash == record.content_hash)) else {
            return Ok(());
        };
        let mut statement = self.connection.prepare_cached(
            "UPDATE record SET last_received = MAX(last_received, ?3) WHERE source = ?1 AND record_id = ?2",
        )?;
        statement.execute(params![record.key.source, record.key.id, stated])?;
        Ok(())
    }

    fn revision(&mut self, record: &NewRecord, at: i64, standing: &Revision) -> Result<Position, StoreError> {
        let position = self.next();
        self.statements.revision.execute(params![
            position,
            at,
            word::RECORD,
            record.content_hash,
            record.key.source,
            record.key.id,
            record.kind,
            millis(record.occurred_at),
            standing.received_at,
            standing.number,
            record.withdrawn,
            standing.is_newest,
            standing.before.filter(|_| standing.is_newest),
            record.unknown_fields
        ])?;
        Ok(position)
    }

    /// Makes it the one by which the record is known.
    fn replace(&mut self, record: &NewRecord, position: Position, standing: &Revision) -> Result<(), StoreError> {
        self.statements.replace.execute(params![
            record.key.source,
            record.key.id,
            position,
            standing.number,
            standing.received_at
        ])?;
        Ok(())
    }

    fn count_revision(&self, record: &NewRecord) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("UPDATE record SET revisions = revisions + 1 WHERE source = ?1 AND record_id = ?2")?;
        statement.execute([&record.key.source, &record.key.id])?;
        Ok(())
    }

    fn tally_revision(&mut self, record: &NewRecord, standing: &Revision) {
        self.tally.add(name::REVISIONS, "", 1);
        self.tally.add(name::RECORDS, "", u64::from(standing.number == 1));
        self.tally.add(name::STALE, "", u64::from(!standing.is_newest));
        self.tally.add(name::UNKNOWN_FIELDS, "", u64::from(record.unknown_fields));
    }
}

/// A threshold's change as the log keeps it.
#[derive(Serialize)]
struct LoggedThreshold<'a> {
    #[serde(flatten)]
    change: &'a ThresholdChange,
    by: &'a str,
}

/// The newest revision of a record so far.
struct Newest {
    position: Position,
    received_at: i64,
    hash: Digest,
    revisions: u32,
    first: Position,
}

/// How a new revision stands to those before it.
struct Revision {
    number: u32,
    is_newest: bool,
    before: Option<Position>,
    received_at: i64,
}
