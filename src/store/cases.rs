//! Findings, timers and alerts of subjects, and the one transaction that moves them with the progress.

mod write;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use crate::alert::{Alert, Finding, FindingKey};
use crate::entry::{Position, Step, Timer};
use crate::record::RecordKey;
use crate::store::column::subject_from;
use crate::store::outbox::{Claimed, NewDelivery};
use crate::store::{Answer, Inner, Store, StoreError, dossier, from_json, state_meta, time_of};
use crate::subject::Subject;
use write::Judged;

/// So many steps are committed on the thread that asks for it: waking another one would take as long.
const FEW_STEPS: usize = 32;

/// Everything the store holds about one subject apart from its records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubjectState {
    /// Its findings, in the order of their keys.
    pub findings: Vec<Finding>,
    /// Its timers, by due time and key.
    pub timers: Vec<Timer>,
    /// Its alerts, open and closed, in the order of opening.
    pub alerts: Vec<Alert>,
}

impl Store {
    /// Commits the steps of the entries up to `progress`: findings, timers, alerts, their events, rule failures,
    /// audit rows and deliveries, with the progress, whole or not at all; and with them the dossiers that these entries'
    /// records entered and left. All steps of one entry belong in one call. A timer is known by its key: setting it
    /// again moves it. A delivery whose id exists is left as it is. The notices of the steps are not kept: what is to be
    /// sent of them comes as `deliveries`. A few steps are committed before this returns, on the calling thread.
    ///
    /// Errors: `OutOfStep` when a step is not after the old progress and up to the new one.
    /// Once it is committed, and before anything else is done, `done` makes the answer of the deliveries that went in claimed:
    /// they are the caller's to send.
    pub fn commit<T: Send + 'static>(
        &self,
        steps: impl Into<Arc<[Step]>>,
        progress: Position,
        deliveries: Vec<NewDelivery>,
        done: impl FnOnce(Vec<Claimed>) -> T + Send + 'static,
    ) -> Answer<T> {
        let steps = steps.into();
        let is_small = steps.len() <= FEW_STEPS;
        let Inner { recent, unfiled, readers, .. } = &*self.inner;
        let (recent, unfiled, readers) = (Arc::clone(recent), Arc::clone(unfiled), Arc::clone(readers));
        let work = move |connection: &Connection| {
            let before = state_meta(connection, "progress")?;
            if let Some(moves) = recent.moves(before, progress) {
                unfiled.add(before, progress, moves);
            }
            recent.forget(progress);
            let claimed = write::commit(
                connection,
                &Judged { steps: &steps, before, progress, gives_way: is_small },
                deliveries,
            )?;
            if !recent.is_on_disk(progress) {
                // written while its entry is: all that is left of the commit then is a page or two
                connection.cache_flush()?;
                // no effect is committed before its entry is on disk
                recent.wait_for(progress)?;
            }
            dossier::file_many(connection, &unfiled, &readers, is_small)?;
            Ok(claimed)
        };
        self.inner.state.submit_then(work, done, is_small)
    }

    /// The position up to which every entry has had its effects; 0 at first.
    ///
    /// # Errors
    /// What the database says.
    pub fn progress(&self) -> Result<Position, StoreError> {
        self.read(|connection| state_meta(connection, "progress"))
    }

    /// What is known of a subject: nothing, for one that never was.
    ///
    /// # Errors
    /// What the database says.
    pub fn subject_state(&self, subject: &Subject) -> Result<SubjectState, StoreError> {
        self.read(|connection| state(connection, subject))
    }

    /// What is known of some subjects, in their order, on one snapshot.
    ///
    /// # Errors
    /// What the database says.
    pub fn subject_states(&self, subjects: &[Subject]) -> Result<Vec<SubjectState>, StoreError> {
        self.read(|connection| subjects.iter().map(|subject| state(connection, subject)).collect())
    }

    /// Every timer that waits, by due time, rule, subject.
    ///
    /// # Errors
    /// What the database says.
    pub fn timers_waiting(&self) -> Result<Vec<(Subject, Timer)>, StoreError> {
        self.read(timers_waiting)
    }

    /// When the next timer is due.
    ///
    /// # Errors
    /// What the database says.
    pub fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT MIN(due) FROM timer")?;
            let due: Option<i64> = statement.query_row([], |row| row.get(0))?;
            Ok(due.map(time_of))
        })
    }

    /// The subjects with an alert that is not closed, in their order.
    ///
    /// # Errors
    /// What the database says.
    pub fn subjects_with_open_alerts(&self) -> Result<Vec<Subject>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT DISTINCT subject_kind, subject_key FROM alert WHERE open = 1")?;
            let rows = statement.query_map([], |row| subject_from(row, 0))?;
            let mut subjects = rows.collect::<Result<Vec<_>, _>>()?;
            subjects.sort();
            Ok(subjects)
        })
    }
}

fn state(connection: &Connection, subject: &Subject) -> Result<SubjectState, StoreError> {
    let mut state = SubjectState {
        alerts: alerts(connection, subject)?,
        timers: timers(connection, subject)?,
        findings: Vec::new(),
    };
    for (finding, of) in findings(connection, subject)? {
        if let Some(alert) = state.alerts.iter_mut().find(|alert| of.as_deref() == Some(&*alert.id)) {
            alert.findings.push(finding.clone());
        }
        state.findings.push(finding);
    }
    Ok(state)
}

/// The findings of a subject in the order of their keys, each with its alert's id.
type Belonging = (Finding, Option<String>);

fn findings(connection: &Connection, subject: &Subject) -> Result<Vec<Belonging>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body, alert FROM finding WHERE subject_kind = ?1 AND subject_key = ?2
         ORDER BY rule, trigger_source, trigger_id, firing",
    )?;
    let mut rows = statement.query(params![subject.kind, subject.key])?;
    let mut findings = Vec::new();
    while let Some(row) = rows.next()? {
        findings.push((from_json(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?, row.get(1)?));
    }
    Ok(findings)
}

/// An alert of whose body this is, with its findings.
pub(super) fn whole_alert(connection: &Connection, body: &str) -> Result<Alert, StoreError> {
    let mut alert: Alert = from_json(body)?;
    let mut statement = connection.prepare_cached(
        "SELECT body FROM finding WHERE subject_kind = ?1 AND subject_key = ?2 AND rule = ?3 AND alert = ?4
         ORDER BY trigger_source, trigger_id, firing",
    )?;
    let rows = statement.query_map(params![alert.subject.kind, alert.subject.key, alert.rule, alert.id], |row| {
        row.get::<_, String>(0)
    })?;
    for body in rows {
        alert.findings.push(from_json(&body?)?);
    }
    Ok(alert)
}

fn alerts(connection: &Connection, subject: &Subject) -> Result<Vec<Alert>, StoreError> {
    let mut statement = connection
        // in the order of opening, which equal times do not tell
        .prepare_cached("SELECT body FROM alert WHERE subject_kind = ?1 AND subject_key = ?2 ORDER BY rowid")?;
    let rows = statement.query_map(params![subject.kind, subject.key], |row| row.get::<_, String>(0))?;
    rows.map(|body| from_json(&body?)).collect()
}

fn timers(connection: &Connection, subject: &Subject) -> Result<Vec<Timer>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT due, rule, trigger_source, trigger_id, firing FROM timer
         WHERE subject_kind = ?1 AND subject_key = ?2
         ORDER BY due, rule, trigger_source, trigger_id, firing",
    )?;
    let rows = statement.query_map(params![subject.kind, subject.key], timer_from)?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn timers_waiting(connection: &Connection) -> Result<Vec<(Subject, Timer)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT due, rule, trigger_source, trigger_id, firing, subject_kind, subject_key FROM timer")?;
    let rows = statement.query_map([], |row| Ok((subject_from(row, 5)?, timer_from(row)?)))?;
    let mut waiting = rows.collect::<Result<Vec<_>, _>>()?;
    waiting.sort_by(|(a_subject, a), (b_subject, b)| {
        let a_place = (a.due, &a.key.rule, a_subject, &a.key);
        a_place.cmp(&(b.due, &b.key.rule, b_subject, &b.key))
    });
    Ok(waiting)
}

fn timer_from(row: &Row<'_>) -> rusqlite::Result<Timer> {
    Ok(Timer {
        due: time_of(row.get(0)?),
        key: FindingKey {
            rule: row.get(1)?,
            trigger: RecordKey { source: row.get(2)?, id: row.get(3)? },
            firing: row.get(4)?,
        },
    })
}

#[cfg(test)]
mod tests;
