//! Counts for `/metrics` and the page that shows how things stand.

use chrono::{DateTime, Utc};
use rusqlite::{CachedStatement, Connection, params};

use crate::alert::Severity;
use crate::store::outbox::{Channel, DeliveryState};
use crate::store::{Store, StoreError, time_of};

/// How much of everything there is. Sums since the store began, unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Entries in the log.
    pub entries: u64,
    /// Revisions of records in the log, first ones included.
    pub revisions: u64,
    /// Records, each counted once.
    pub records: u64,
    /// Revisions that came after a newer one.
    pub stale: u64,
    /// Records that were sent again without change.
    pub duplicates: u64,
    /// Members that the schema does not know.
    pub unknown_fields: u64,
    /// What waits in quarantine now, by code.
    pub quarantined: Vec<(String, u64)>,
    /// Findings now.
    pub findings: u64,
    /// Timers that wait now.
    pub timers: u64,
    /// Dispositions by kind.
    pub dispositions: Vec<(String, u64)>,
    /// Alerts now, by state and severity.
    pub alerts: Vec<(String, Severity, u64)>,
    /// Alerts of which nobody was told, by rule.
    pub alerts_held: Vec<(String, u64)>,
    /// Deliveries now, by channel and state; the dead ones are the dead letters.
    pub deliveries: Vec<(Channel, DeliveryState, u64)>,
    /// When the oldest delivery that is not settled came up.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Rule failures by rule.
    pub rule_failures: Vec<(String, u64)>,
}

/// A rule that failed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRule {
    /// The rule's id.
    pub rule: String,
    /// How many times.
    pub times: u64,
    /// Why, the last time.
    pub last_reason: String,
    /// The position of the entry at which it last failed.
    pub last_position: i64,
}

/// The names of the sums that are kept.
pub(super) mod name {
    pub(in crate::store) const ENTRIES: &str = "entries";
    pub(in crate::store) const REVISIONS: &str = "revisions";
    pub(in crate::store) const RECORDS: &str = "records";
    pub(in crate::store) const STALE: &str = "stale";
    pub(in crate::store) const DUPLICATES: &str = "duplicates";
    pub(in crate::store) const UNKNOWN_FIELDS: &str = "unknown-fields";
    pub(in crate::store) const DISPOSITIONS: &str = "dispositions";
    pub(in crate::store) const DELIVERED: &str = "delivered";
}

/// What a transaction adds to the sums, gathered so that each is written once.
#[derive(Debug, Default)]
pub(super) struct Tally(Vec<(&'static str, &'static str, u64)>);

impl Tally {
    pub(super) fn add(&mut self, name: &'static str, label: &'static str, amount: u64) {
        if amount == 0 {
            return;
        }
        // they are few, and most differ in their length already
        match self.0.iter_mut().find(|(its, of, _)| (*its, *of) == (name, label)) {
            Some((.., sum)) => *sum += amount,
            None => self.0.push((name, label, amount)),
        }
    }

    /// Adds to the log's sums.
    pub(super) fn add_to_log(&self, log: &Connection) -> Result<(), StoreError> {
        self.add_by(log.prepare_cached(
            "INSERT INTO counter (name, label, value) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET value = value + excluded.value",
        )?)
    }

    /// Adds to the state's sums.
    pub(super) fn add_to_state(&self, state: &Connection) -> Result<(), StoreError> {
        self.add_by(state.prepare_cached(
            "INSERT INTO state_counter (name, label, value) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET value = value + excluded.value",
        )?)
    }

    fn add_by(&self, mut statement: CachedStatement<'_>) -> Result<(), StoreError> {
        for (name, label, amount) in &self.0 {
            let amount = i64::try_from(*amount).unwrap_or(i64::MAX);
            statement.execute(params![name, label, amount])?;
        }
        Ok(())
    }
}

impl Store {
    /// All counts, as of one moment.
    ///
    /// # Errors
    /// What the database says.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.read(counts)
    }

    /// Alerts of which nobody was told, by rule.
    ///
    /// # Errors
    /// What the database says.
    pub fn alerts_held(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(alerts_held)
    }

    /// The rules that failed, by id.
    ///
    /// # Errors
    /// What the database says.
    pub fn failed_rules(&self) -> Result<Vec<FailedRule>, StoreError> {
        self.read(failed_rules)
    }
}

fn counts(connection: &Connection) -> Result<Counts, StoreError> {
    Ok(Counts {
        entries: sum(connection, name::ENTRIES)?,
        revisions: sum(connection, name::REVISIONS)?,
        records: sum(connection, name::RECORDS)?,
        stale: sum(connection, name::STALE)?,
        duplicates: sum(connection, name::DUPLICATES)?,
        unknown_fields: sum(connection, name::UNKNOWN_FIELDS)?,
        quarantined: by_label(
            connection,
            "SELECT code, COUNT(*) FROM quarantine WHERE settled_at IS NULL GROUP BY code",
        )?,
        findings: count(connection, "SELECT COUNT(*) FROM finding")?,
        timers: count(connection, "SELECT COUNT(*) FROM timer")?,
        dispositions: by_label(
            connection,
            "SELECT label, value FROM state_counter WHERE name = 'dispositions' ORDER BY label",
        )?,
        alerts: alerts(connection)?,
        alerts_held: alerts_held(connection)?,
        deliveries: deliveries(connection)?,
        oldest_waiting: oldest_waiting(connection)?,
        rule_failures: by_label(connection, "SELECT rule, times FROM rule_failure ORDER BY rule")?,
    })
}

fn sum(connection: &Connection, name: &str) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT COALESCE(SUM(value), 0) FROM counter WHERE name = ?1")?;
    Ok(unsigned(statement.query_row([name], |row| row.get(0))?))
}

fn count(connection: &Connection, sql: &str) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(unsigned(statement.query_row([], |row| row.get(0))?))
}

fn by_label(connection: &Connection, sql: &str) -> Result<Vec<(String, u64)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn alerts(connection: &Connection) -> Result<Vec<(String, Severity, u64)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT state, severity, COUNT(*) FROM alert GROUP BY state, severity")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, unsigned(row.get(2)?))))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn alerts_held(connection: &Connection) -> Result<Vec<(String, u64)>, StoreError> {
    by_label(connection, "SELECT rule, COUNT(*) FROM alert WHERE held = 1 GROUP BY rule")
}

fn deliveries(connection: &Connection) -> Result<Vec<(Channel, DeliveryState, u64)>, StoreError> {
    // those that are delivered are many, and counted as they are
    let mut statement = connection.prepare_cached(
        "SELECT channel, state, COUNT(*) FROM delivery INDEXED BY delivery_unsettled
         WHERE due_at IS NOT NULL GROUP BY channel, state
         UNION ALL
         SELECT channel, 'dead', COUNT(*) FROM delivery INDEXED BY delivery_dead WHERE state = 'dead' GROUP BY channel
         UNION ALL
         SELECT label, 'delivered', value FROM state_counter WHERE name = 'delivered'
         ORDER BY 1, 2",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, unsigned(row.get(2)?))))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn oldest_waiting(connection: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT MIN(created_at) FROM delivery INDEXED BY delivery_unsettled WHERE due_at IS NOT NULL",
    )?;
    let oldest: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(oldest.map(time_of))
}

fn failed_rules(connection: &Connection) -> Result<Vec<FailedRule>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT rule, times, last_reason, last_position FROM rule_failure ORDER BY rule")?;
    let rows = statement.query_map([], |row| {
        Ok(FailedRule {
            rule: row.get(0)?,
            times: unsigned(row.get(1)?),
            last_reason: row.get(2)?,
            last_position: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// A count; SQLite has signed numbers only.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
