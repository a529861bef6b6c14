//! Committing steps: everything that they changed, with the progress that says so.

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use crate::alert::{Alert, AlertEvent, AlertEventKind, Finding, FindingChange, KeyOf};
use crate::entry::{Position, RuleFailure, Step, Timer};
use crate::store::audit::{self, Note};
use crate::store::counts::{Tally, name};
use crate::store::outbox::{self, Claimed, NewDelivery};
use crate::store::{Digest, StoreError, millis, set_state_meta, to_json};
use crate::subject::Subject;

/// What the entries after one progress and up to the next come to.
pub(super) struct Judged<'a> {
    pub(super) steps: &'a [Step],
    pub(super) before: Position,
    pub(super) progress: Position,
    /// Others may have the processor between two steps.
    pub(super) gives_way: bool,
}

/// Commits within the caller's transaction.
pub(super) fn commit(
    connection: &Connection,
    judged: &Judged<'_>,
    deliveries: Vec<NewDelivery>,
) -> Result<Vec<Claimed>, StoreError> {
    let Judged { steps, before, progress, gives_way } = *judged;
    let follows = |step: &Step| step.position > before && step.position <= progress;
    if progress < before || !steps.iter().all(follows) {
        return Err(StoreError::OutOfStep { progress: before });
    }
    let mut tally = Tally::default();
    for (place, step) in steps.iter().enumerate() {
        if gives_way && place > 0 {
            std::thread::yield_now();
        }
        apply(connection, step, &mut tally)?;
    }
    tally.add_to_state(connection)?;
    let claimed = outbox::queue::insert(connection, deliveries)?;
    set_state_meta(connection, "progress", progress)?;
    Ok(claimed)
}

fn apply(connection: &Connection, step: &Step, tally: &mut Tally) -> Result<(), StoreError> {
    let effects = &step.effects;
    let mut changed = Vec::new();
    for change in &effects.findings {
        let alert = effects.alerts.iter().find(|alert| holds(alert, change.finding()));
        changed.push((alert.map(|alert| &alert.id), change_finding(connection, change, alert)?));
    }
    for timer in &effects.timers_cleared {
        clear_timer(connection, &step.subject, timer)?;
    }
    for timer in &effects.timers_set {
        set_timer(connection, &step.subject, timer)?;
    }
    for alert in &effects.alerts {
        let findings = changed.iter().filter(|(id, _)| *id == Some(&alert.id)).map(|(_, body)| body.as_str());
        keep_alert(connection, alert, &findings.collect::<Vec<_>>())?;
    }
    for event in &effects.events {
        add_event(connection, step.position, event)?;
        if let AlertEventKind::Disposed { disposition, .. } = &event.what {
            tally.add(name::DISPOSITIONS, disposition.word(), 1);
        }
    }
    for failure in &effects.failures {
        count_failure(connection, step.position, failure)?;
    }
    Ok(())
}

fn holds(alert: &Alert, finding: &Finding) -> bool {
    alert.findings.binary_search_by(|other| other.key().cmp(&finding.key())).is_ok()
}

/// What is kept of a finding now: nothing, where it was withdrawn.
fn change_finding(
    connection: &Connection,
    change: &FindingChange,
    alert: Option<&Alert>,
) -> Result<String, StoreError> {
    match change {
        FindingChange::Added(finding) | FindingChange::Changed(finding) => keep_finding(connection, finding, alert),
        FindingChange::Withdrawn(finding, _) => {
            forget_finding(connection, &finding.about.subject, finding.key())?;
            Ok(String::new())
        }
    }
}

fn keep_finding(connection: &Connection, finding: &Finding, alert: Option<&Alert>) -> Result<String, StoreError> {
    let body = to_json(finding)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO finding (subject_kind, subject_key, rule, trigger_source, trigger_id, firing, body, alert)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET body = excluded.body, alert = COALESCE(excluded.alert, alert)",
    )?;
    statement.execute(params![
        finding.about.subject.kind,
        finding.about.subject.key,
        finding.rule(),
        finding.about.trigger.source,
        finding.about.trigger.id,
        finding.firing,
        body,
        alert.map(|alert| &alert.id)
    ])?;
    Ok(body)
}

fn forget_finding(connection: &Connection, subject: &Subject, key: KeyOf<'_>) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM finding WHERE subject_kind = ?1 AND subject_key = ?2 AND rule = ?3
           AND trigger_source = ?4 AND trigger_id = ?5 AND firing = ?6",
    )?;
    statement.execute(params![subject.kind, subject.key, key.rule, key.trigger.source, key.trigger.id, key.firing])?;
    Ok(())
}

fn clear_timer(connection: &Connection, subject: &Subject, timer: &Timer) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM timer WHERE subject_kind = ?1 AND subject_key = ?2 AND rule = ?3
           AND trigger_source = ?4 AND trigger_id = ?5 AND firing = ?6",
    )?;
    let key = &timer.key;
    statement.execute(params![subject.kind, subject.key, key.rule, key.trigger.source, key.trigger.id, key.firing])?;
    Ok(())
}

fn set_timer(connection: &Connection, subject: &Subject, timer: &Timer) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO timer (subject_kind, subject_key, rule, trigger_source, trigger_id, firing, due)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET due = excluded.due",
    )?;
    let key = &timer.key;
    statement.execute(params![
        subject.kind,
        subject.key,
        key.rule,
        key.trigger.source,
        key.trigger.id,
        key.firing,
        millis(timer.due)
    ])?;
    Ok(())
}

/// Keeps an alert; the audit row vouches for it and for those of its findings that changed.
fn keep_alert(connection: &Connection, alert: &Alert, findings: &[&str]) -> Result<(), StoreError> {
    let body = to_json(alert)?;
    let what = if is_known(connection, &alert.id)? { "alert.changed" } else { "alert.opened" };
    upsert_alert(connection, alert, &body)?;
    let mut told =
        connection.prepare_cached("INSERT INTO alert_agency (agency, alert) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for agency in &alert.told {
        told.execute([agency, &alert.id])?;
    }
    let note = Note { at: alert.updated_at, actor: audit::PROGRAM, what, object: &alert.id };
    audit::put_by(connection, &note, vouched(&body, findings))
}

/// Over an alert and findings, a line each.
fn vouched(alert: &str, findings: &[&str]) -> Digest {
    let mut hasher = Sha256::new_with_prefix(alert);
    for finding in findings {
        hasher.update("\n");
        hasher.update(finding);
    }
    hasher.finalize().into()
}

fn is_known(connection: &Connection, id: &str) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM alert WHERE id = ?1")?;
    Ok(statement.exists([id])?)
}

fn upsert_alert(connection: &Connection, alert: &Alert, body: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO alert (id, rule, subject_kind, subject_key, state, open, severity, held, kabupaten, opened_at,
                            body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (id) DO UPDATE SET
           state = excluded.state, open = excluded.open, severity = excluded.severity, held = excluded.held,
           kabupaten = COALESCE(excluded.kabupaten, kabupaten), body = excluded.body",
    )?;
    // an alert whose findings are all withdrawn stays where it was
    let kabupaten = alert.newest().and_then(|finding| finding.about.kabupaten.as_deref());
    statement.execute(params![
        alert.id,
        alert.rule,
        alert.subject.kind,
        alert.subject.key,
        alert.status.word(),
        alert.status.is_open(),
        alert.severity,
        alert.held.is_some(),
        kabupaten,
        millis(alert.opened_at),
        body
    ])?;
    Ok(())
}

fn add_event(connection: &Connection, position: Position, event: &AlertEvent) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO alert_event (alert, seq, position, at, body)
         VALUES (?1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM alert_event WHERE alert = ?1), ?2, ?3, ?4)",
    )?;
    statement.execute(params![event.alert, position, millis(event.at), to_json(&event.what)?])?;
    Ok(())
}

fn count_failure(connection: &Connection, position: Position, failure: &RuleFailure) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO rule_failure (rule, times, last_reason, last_position) VALUES (?1, 1, ?2, ?3)
         ON CONFLICT DO UPDATE SET
           times = times + 1, last_reason = excluded.last_reason, last_position = excluded.last_position",
    )?;
    statement.execute(params![failure.rule, failure.reason, position])?;
    Ok(())
}
