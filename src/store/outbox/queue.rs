//! The outbox as a queue: put in, claim under a lease, settle.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use sha2::{Digest as _, Sha256};

use super::{Channel, ClaimLimits, Claimed, Claims, DeliveryState, NewDelivery, Paused, Settlement};
use crate::alert::{AlertId, Severity};
use crate::store::audit::{self, Note};
use crate::store::counts::{Tally, name};
use crate::store::{StoreError, from_json, millis, time_of, to_json};

const DELIVERED: &str = "delivered";
const LEASE_RAN_OUT: &str = "no word before the lease ran out";

/// Puts deliveries in, in the caller's transaction; says which of them went in claimed. One that a state set aside had
/// delivered is delivered.
pub(in crate::store) fn insert(
    connection: &Connection,
    deliveries: Vec<NewDelivery>,
) -> Result<Vec<Claimed>, StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO delivery (id, alert, revision, agency, channel, recipient, severity, notice, state, attempts,
                               due_at, created_at, first_attempt_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (id) DO NOTHING",
    )?;
    let mut told = connection.prepare_cached("SELECT settled_at FROM told_before WHERE delivery = ?1")?;
    let mut claimed = Vec::new();
    for mut delivery in deliveries {
        let told_at: Option<i64> = told.query_row([&delivery.id], |row| row.get(0)).optional()?;
        if told_at.is_some() {
            delivery.lease_until = None;
        }
        let begun = delivery.lease_until.map(|_| millis(delivery.created_at));
        let state = if begun.is_some() { DeliveryState::Claimed } else { DeliveryState::Waiting };
        let added = statement.execute(params![
            delivery.id,
            delivery.alert,
            delivery.revision,
            delivery.agency,
            delivery.channel,
            delivery.recipient,
            delivery.notice.severity,
            to_json(&delivery.notice)?,
            state,
            u32::from(begun.is_some()),
            millis(delivery.lease_until.unwrap_or(delivery.not_before)),
            millis(delivery.created_at),
            begun,
        ])?;
        if let Some(told_at) = told_at {
            deliver_before(connection, &delivery.id, told_at)?;
        } else if added > 0 && begun.is_some() {
            claimed.push(at_once(delivery));
        }
    }
    Ok(claimed)
}

/// It counts among the deliveries as it did before.
fn deliver_before(connection: &Connection, id: &str, at: i64) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM told_before WHERE delivery = ?1")?.execute([id])?;
    let mut tally = Tally::default();
    settle(connection, id, &Settlement::Delivered, time_of(at), &mut tally)?;
    tally.add_to_state(connection)
}

fn at_once(delivery: NewDelivery) -> Claimed {
    let created_at = time_of(millis(delivery.created_at));
    Claimed {
        id: delivery.id,
        alert: delivery.alert,
        revision: delivery.revision,
        agency: delivery.agency,
        channel: delivery.channel,
        recipient: delivery.recipient,
        notice: delivery.notice,
        created_at,
        attempt: 1,
        first_attempt_at: created_at,
    }
}

/// Ends the leases of the process that had the store before: it can settle nothing any more, and an alert should not
/// wait for the end of a lease because a process died. A send of it that still arrives has the same id as the next.
pub(in crate::store) fn end_leases(connection: &Connection, now: DateTime<Utc>) -> Result<(), StoreError> {
    let sql = "UPDATE delivery SET due_at = ?1 WHERE state = 'claimed' AND due_at > ?1";
    connection.execute(sql, [millis(now)])?;
    Ok(())
}

pub(super) fn next_at(connection: &Connection, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT MIN(due_at) FROM delivery WHERE due_at > ?1")?;
    let due: Option<i64> = statement.query_row([millis(after)], |row| row.get(0))?;
    Ok(due.map(time_of))
}

pub(super) fn claim(connection: &Connection, now: DateTime<Utc>, limits: &ClaimLimits) -> Result<Claims, StoreError> {
    let until = millis(now + limits.lease);
    let choice = choose(connection, millis(now), limits)?;
    let taken = choice.chosen.into_iter().map(|chosen| take(connection, chosen, millis(now), until));
    Ok(Claims { claimed: taken.collect::<Result<_, _>>()?, left: choice.left, is_cut: choice.is_cut })
}

pub(super) fn claim_these(
    connection: &Connection,
    ids: &[String],
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Vec<Claimed>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT severity, created_at, id, state, rowid FROM delivery WHERE id = ?1 AND due_at <= ?2")?;
    let mut claimed = Vec::new();
    for id in ids {
        let chosen = statement.query_row(params![id, millis(now)], Chosen::from_row).optional()?;
        if let Some(chosen) = chosen {
            claimed.push(take(connection, chosen, millis(now), millis(now + lease))?);
        }
    }
    Ok(claimed)
}

/// What is sent to whom: in-flight sends are counted by it.
pub(super) type Recipient = (Channel, Arc<str>);

/// A delivery about to be claimed; in the order of sending.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Chosen {
    severity: Reverse<Severity>,
    created_at: i64,
    id: String,
    state: DeliveryState,
    rowid: i64,
}

impl Chosen {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            severity: Reverse(row.get(0)?),
            created_at: row.get(1)?,
            id: row.get(2)?,
            state: row.get(3)?,
            rowid: row.get(4)?,
        })
    }
}

/// What is about to be claimed, and what is not.
#[derive(Default)]
struct Choice {
    chosen: Vec<Chosen>,
    left: BTreeSet<Arc<str>>,
    is_cut: bool,
}

/// Looks at each recipient's own queue, so that a long one for somebody who is busy or away is not walked through.
fn choose(connection: &Connection, now: i64, limits: &ClaimLimits) -> Result<Choice, StoreError> {
    let in_flight = in_flight(connection, now)?;
    let mut choice = Choice::default();
    let mut recipient = next_recipient(connection, None)?;
    while let Some(current) = recipient {
        if !limits.paused.iter().any(|paused| paused.covers(&current)) {
            let sending = in_flight.get(&current).copied().unwrap_or_default();
            let room = limits.most_for(&current).saturating_sub(sending).min(limits.most);
            let mut due = due_for(connection, &current, now, room + 1)?;
            if due.len() > room {
                due.truncate(room);
                choice.left.insert(current.1.clone());
            }
            choice.chosen.extend(due);
        }
        recipient = next_recipient(connection, Some(&current))?;
    }
    choice.chosen.sort();
    choice.is_cut = choice.chosen.len() > limits.most;
    choice.chosen.truncate(limits.most);
    Ok(choice)
}

/// The recipient after another one, among those that anything waits for: a step through the index, and one more at the
/// end of a channel. `(channel, recipient) > (?, ?)` would walk over all that waits for the one before.
pub(super) fn next_recipient(
    connection: &Connection,
    after: Option<&Recipient>,
) -> Result<Option<Recipient>, StoreError> {
    let step = |sql: &str, bounds: &[&str]| {
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_row(params_from_iter(bounds), |row| Ok((row.get(0)?, row.get(1)?)));
        found.optional().map_err(StoreError::from)
    };
    let (channel, name) = after.map_or(("", ""), |(channel, name)| (channel.word(), &**name));
    let same = step(
        "SELECT channel, recipient FROM delivery INDEXED BY delivery_unsettled
         WHERE due_at IS NOT NULL AND channel = ?1 AND recipient > ?2 ORDER BY recipient LIMIT 1",
        &[channel, name],
    )?;
    if same.is_some() {
        return Ok(same);
    }
    step(
        "SELECT channel, recipient FROM delivery INDEXED BY delivery_unsettled
         WHERE due_at IS NOT NULL AND channel > ?1 ORDER BY channel, recipient LIMIT 1",
        &[channel],
    )
}

fn due_for(connection: &Connection, to: &Recipient, now: i64, most: usize) -> Result<Vec<Chosen>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT severity, created_at, id, state, rowid FROM delivery INDEXED BY delivery_unsettled
         WHERE channel = ?1 AND recipient = ?2 AND due_at IS NOT NULL AND due_at <= ?3
         ORDER BY severity DESC, created_at, id LIMIT ?4",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![to.0, to.1, now, most], Chosen::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl ClaimLimits {
    fn most_for(&self, recipient: &Recipient) -> usize {
        if self.on_trial.contains(recipient) {
            return self.per_recipient.min(1);
        }
        self.per_recipient + self.ahead.get(recipient).copied().unwrap_or_default()
    }
}

impl Paused {
    fn covers(&self, (channel, recipient): &Recipient) -> bool {
        match self {
            Paused::Channel(paused) => paused == channel,
            Paused::Recipient(paused, name) => paused == channel && **name == **recipient,
        }
    }
}

pub(super) fn in_flight(connection: &Connection, now: i64) -> Result<HashMap<Recipient, usize>, StoreError> {
    // grouped by SQLite it would go over all that waits, which lies in the order of the groups
    let mut statement =
        connection.prepare_cached("SELECT channel, recipient FROM delivery WHERE due_at > ?1 AND state = 'claimed'")?;
    let mut counts = HashMap::new();
    let mut rows = statement.query([now])?;
    while let Some(row) = rows.next()? {
        *counts.entry((row.get(0)?, row.get(1)?)).or_default() += 1;
    }
    Ok(counts)
}

fn take(connection: &Connection, chosen: Chosen, now: i64, until: i64) -> Result<Claimed, StoreError> {
    if chosen.state == DeliveryState::Claimed {
        note_attempt(connection, &chosen.id, LEASE_RAN_OUT, now)?;
    }
    // apart from the change, which would first build a table of what it returns
    let mut statement = connection.prepare_cached(
        "SELECT alert, revision, agency, channel, recipient, created_at, attempts + 1, notice,
                COALESCE(first_attempt_at, ?2)
         FROM delivery WHERE rowid = ?1",
    )?;
    let row = statement.query_row(params![chosen.rowid, now], ClaimedRow::from_row)?;
    let mut statement = connection.prepare_cached(
        "UPDATE delivery SET state = 'claimed', due_at = ?2, attempts = ?3, first_attempt_at = ?4 WHERE rowid = ?1",
    )?;
    statement.execute(params![chosen.rowid, until, row.attempts, row.first_attempt_at])?;
    Ok(Claimed {
        id: chosen.id,
        alert: row.alert,
        revision: row.revision,
        agency: row.agency,
        channel: row.channel,
        recipient: row.recipient,
        created_at: time_of(row.created_at),
        attempt: row.attempts,
        first_attempt_at: time_of(row.first_attempt_at),
        notice: from_json(&row.notice)?,
    })
}

struct ClaimedRow {
    alert: AlertId,
    revision: u32,
    agency: Arc<str>,
    channel: Channel,
    recipient: Arc<str>,
    created_at: i64,
    attempts: u32,
    notice: String,
    first_attempt_at: i64,
}

impl ClaimedRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            alert: row.get(0)?,
            revision: row.get(1)?,
            agency: row.get(2)?,
            channel: row.get(3)?,
            recipient: row.get(4)?,
            created_at: row.get(5)?,
            attempts: row.get(6)?,
            notice: row.get(7)?,
            first_attempt_at: row.get(8)?,
        })
    }
}

fn note_attempt(connection: &Connection, id: &str, outcome: &str, now: i64) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO delivery_attempt (delivery, seq, at, outcome)
         VALUES (?1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM delivery_attempt WHERE delivery = ?1), ?2, ?3)",
    )?;
    statement.execute(params![id, now, outcome])?;
    Ok(())
}

pub(super) fn settle(
    connection: &Connection,
    id: &str,
    settlement: &Settlement,
    now: DateTime<Utc>,
    tally: &mut Tally,
) -> Result<(), StoreError> {
    let (rowid, state, channel) = standing(connection, id)?.ok_or(StoreError::NotFound("delivery"))?;
    let (next, due, outcome) = match settlement {
        Settlement::PutBack => return put_back(connection, id, now),
        Settlement::Delivered => (DeliveryState::Delivered, None, DELIVERED),
        Settlement::Retry { at, outcome } => (DeliveryState::Waiting, Some(*at), outcome.as_str()),
        Settlement::Dead { outcome } => (DeliveryState::Dead, None, outcome.as_str()),
    };
    note_attempt(connection, id, outcome, millis(now))?;
    let counts = match settlement {
        Settlement::Delivered => state != DeliveryState::Delivered,
        Settlement::Retry { .. } | Settlement::Dead { .. } | Settlement::PutBack => state == DeliveryState::Claimed,
    };
    if !counts {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "UPDATE delivery SET state = ?2, due_at = ?3, last_outcome = ?4, settled_at = ?5 WHERE rowid = ?1",
    )?;
    let settled_at = due.is_none().then(|| millis(now));
    statement.execute(params![rowid, next, due.map(millis), outcome, settled_at])?;
    match next {
        DeliveryState::Delivered => {
            tally.add(name::DELIVERED, channel.word(), 1);
            note(connection, id, audit::PROGRAM, "delivery.delivered", now)
        }
        DeliveryState::Dead => note(connection, id, audit::PROGRAM, "delivery.dead", now),
        DeliveryState::Waiting | DeliveryState::Claimed => Ok(()),
    }
}

/// As if it had not been claimed; when an attempt was made before, giving up still counts from there.
fn put_back(connection: &Connection, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE delivery SET state = 'waiting', due_at = ?2, attempts = attempts - 1,
                             first_attempt_at = CASE WHEN attempts > 1 THEN first_attempt_at END
         WHERE id = ?1 AND state = 'claimed'",
    )?;
    statement.execute(params![id, millis(now)])?;
    Ok(())
}

fn standing(connection: &Connection, id: &str) -> Result<Option<(i64, DeliveryState, Channel)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT rowid, state, channel FROM delivery WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?)
}

fn note(connection: &Connection, id: &str, actor: &str, what: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let note = Note { at: now, actor, what, object: id };
    audit::put_by(connection, &note, Sha256::digest(b"").into())
}

pub(super) fn revive(connection: &Connection, id: &str, by: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE delivery SET state = 'waiting', due_at = ?2, attempts = 0, first_attempt_at = NULL,
                             settled_at = NULL
         WHERE id = ?1 AND state = 'dead'",
    )?;
    if statement.execute(params![id, millis(now)])? == 0 {
        return Err(StoreError::NotFound("dead delivery"));
    }
    note(connection, id, by, "delivery.revived", now)
}
