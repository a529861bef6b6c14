//! Applies dispositions to a subject's alerts: their life, their history, and who is to be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::alert::{
    Act, Alert, AlertEvent, AlertEventKind, AlertId, CloseReason, Disposition, Finding, FindingChange, HoldReason,
    KeyOf, Status, Withdrawal,
};
use crate::engine::judge::place_of;
use crate::engine::{Case, Changes, Instant, World, still_stands};
use crate::entry::{Disposed, Effects};
use crate::notice::Occasion;
use crate::pack::rule::Rule;
use crate::pack::tables::Agency;
use crate::route;

use super::{Target, decide, hold, is_about_exempt};

/// What triage does to one subject at one instant.
pub struct Triage<'a> {
    world: &'a World,
    case: &'a mut Case,
    now: Instant,
    effects: Effects,
    touched: BTreeSet<usize>,
    /// Somebody keeps the alerts, or tells people of them; else only what becomes of findings is asked for.
    is_kept: bool,
}

impl<'a> Triage<'a> {
    /// For one subject.
    pub fn new(world: &'a World, case: &'a mut Case, now: Instant) -> Self {
        Triage { world, case, now, effects: Effects::default(), touched: BTreeSet::new(), is_kept: true }
    }

    /// The same for who asks only what becomes of findings: alerts, their histories and notices are not told.
    pub fn of_findings(self) -> Self {
        Triage { is_kept: false, ..self }
    }

    /// Takes on what an event changed.
    pub fn take(&mut self, changes: Changes) {
        let mut ordered: Vec<&FindingChange> = changes.findings.iter().collect();
        ordered.sort_by_key(|change| self.turn(change));
        for change in ordered {
            match change {
                FindingChange::Added(finding) => self.added(finding),
                FindingChange::Changed(finding) => self.changed(finding),
                FindingChange::Withdrawn(finding, why) => self.withdrawn(finding, *why),
            }
        }
        self.effects.findings.extend(changes.findings);
        self.effects.timers_set.extend(changes.timers_set);
        self.effects.timers_cleared.extend(changes.timers_cleared);
        self.effects.failures.extend(changes.failures);
    }

    /// A phase began: what nobody has looked into yet rises with it, and never falls.
    pub fn raise(&mut self) {
        for index in 0..self.case.alerts.len() {
            if let Some(raised) = self.raised(index) {
                self.raise_one(index, &raised);
            }
        }
    }

    /// A person acted on an alert of this subject.
    pub fn act(&mut self, id: &AlertId, by: &Arc<str>, act: &Act) {
        let Some(index) = self.case.alerts.iter().position(|alert| alert.id == *id) else { return };
        let at = self.now.at;
        let Some(alert) = self.alert(index) else { return };
        let status = match (act, &alert.status) {
            (_, Status::Ditutup { .. }) => alert.status.clone(),
            (Act::Acknowledge, Status::Baru) => Status::Diterima,
            (Act::Review, _) => Status::Ditinjau,
            (Act::Close { reason }, _) => Status::Ditutup { reason: *reason, at },
            (Act::Acknowledge | Act::Comment { .. }, status) => status.clone(),
        };
        let closed = alert.status.is_open() && !status.is_open();
        alert.status = status;
        alert.updated_at = at;
        let what = AlertEventKind::Acted { by: by.clone(), act: act.clone() };
        self.effects.events.push(AlertEvent { alert: id.clone(), at, what });
        if closed {
            self.release(index);
        }
    }

    /// All that changed.
    pub fn finish(mut self) -> Effects {
        if self.is_kept {
            let touched = self.touched.iter().filter_map(|index| self.case.alerts.get(*index));
            self.effects.alerts = touched.cloned().collect();
        }
        self.effects
    }

    fn alert(&mut self, index: usize) -> Option<&mut Alert> {
        self.touched.insert(index);
        self.case.alerts.get_mut(index)
    }

    /// Within one step what suppresses opens before what it suppresses, and closes after it.
    fn turn(&self, change: &FindingChange) -> u8 {
        let suppresses = self.rule(change.finding()).is_some_and(|rule| !rule.suppresses.is_empty());
        match change {
            FindingChange::Added(_) | FindingChange::Changed(_) if suppresses => 0,
            FindingChange::Withdrawn(..) if suppresses => 2,
            _ => 1,
        }
    }

    fn rule(&self, finding: &Finding) -> Option<Arc<Rule>> {
        self.world.pack.rule(finding.rule()).cloned()
    }

    fn added(&mut self, finding: &Finding) {
        let Some(rule) = self.rule(finding) else { return };
        let (disposition, target) = decide(&self.world.pack, &rule, finding, &self.case.alerts, self.now.at);
        let index = match target {
            Target::Join(index) => index,
            Target::New(occasion) => self.open(finding, occasion),
        };
        let at = self.now.at;
        if let Some(alert) = self.alert(index) {
            put(&mut alert.findings, finding);
            alert.updated_at = at;
            match &disposition {
                // who was told of the alert is not told of this, so the alert stays as they know it
                Disposition::Hold(_) if alert.revision > 0 => {}
                Disposition::Hold(reason) => {
                    alert.held = Some(reason.clone());
                    alert.severity = alert.severity.max(finding.severity);
                }
                Disposition::Open => {
                    alert.held = None;
                    alert.severity = alert.severity.max(finding.severity);
                }
                _ => alert.severity = alert.severity.max(finding.severity),
            }
        }
        self.dispose(index, Some(finding), &disposition);
        match disposition {
            Disposition::Open => self.tell(index, finding, Occasion::Opened),
            Disposition::Escalate { from, .. } => self.tell(index, finding, Occasion::Escalated { from }),
            _ => {}
        }
    }

    fn changed(&mut self, finding: &Finding) {
        let Some(index) = self.index_of(finding.key()) else { return self.added(finding) };
        let Some(rule) = self.rule(finding) else { return };
        let hold = hold(&self.world.pack, &rule, finding, &self.case.alerts, self.now.at);
        let at = self.now.at;
        let Some(alert) = self.alert(index) else { return };
        let before = put(&mut alert.findings, finding);
        if let Some(before) = before.as_ref().filter(|_| is_about_exempt(alert) != finding.about.exempt) {
            // it is about somebody else now: those who were told hear that it is over, and the rest starts anew
            self.withdrawn(before, Withdrawal::EvidenceWithdrawn);
            return self.added(finding);
        }
        alert.updated_at = at;
        match hold {
            _ if alert.held.is_none() || !alert.status.is_open() => {}
            None => {
                alert.severity = alert.severity.max(finding.severity);
                return self.open_or_hold(index, finding, None);
            }
            Some(reason) => {
                alert.held = Some(reason.clone());
                return self.dispose(index, Some(finding), &Disposition::Hold(reason));
            }
        }
        let (from, since) = (alert.severity, alert.opened_at);
        let is_told = alert.status.is_open() && alert.held.is_none();
        let escalates = is_told && finding.severity > from;
        if escalates {
            alert.severity = finding.severity;
        }
        let disposition = if escalates {
            Disposition::Escalate { from, to: finding.severity }
        } else {
            Disposition::Repeat { since }
        };
        self.dispose(index, Some(finding), &disposition);
        if escalates {
            self.tell(index, finding, Occasion::Escalated { from });
        } else if let Some(before) = before.filter(|_| is_told) {
            self.correct(index, &before, finding);
        }
    }

    fn withdrawn(&mut self, finding: &Finding, why: Withdrawal) {
        let reason = CloseReason::from(why);
        let disposition = Disposition::Resolve { reason };
        let Some(index) = self.index_of(finding.key()) else { return };
        let at = self.now.at;
        let Some(alert) = self.alert(index) else { return };
        alert.findings.retain(|other| other.key() != finding.key());
        alert.updated_at = at;
        let ends = alert.findings.is_empty() && alert.status.is_open();
        let was_told = ends && alert.held.is_none();
        if ends {
            alert.status = Status::Ditutup { reason, at };
        }
        self.dispose(index, Some(finding), &disposition);
        if was_told {
            self.tell(index, finding, Occasion::Resolved { reason });
        }
        if ends {
            self.release(index);
        }
    }

    /// An alert is over: what it suppressed is looked at again.
    fn release(&mut self, closed: usize) {
        let Some(by) = self.case.alerts.get(closed).map(|alert| alert.rule.clone()) else { return };
        let held = HoldReason::Suppressed { by };
        let waiting: Vec<usize> = self
            .case
            .alerts
            .iter()
            .enumerate()
            .filter(|(_, alert)| alert.status.is_open() && alert.held.as_ref() == Some(&held))
            .map(|(index, _)| index)
            .collect();
        for index in waiting {
            self.release_one(index);
        }
    }

    fn release_one(&mut self, index: usize) {
        let findings = self.case.alerts.get(index).map(|alert| alert.findings.clone()).unwrap_or_default();
        for finding in findings {
            if !still_stands(self.world, self.case, &finding.key().owned(), self.now) {
                self.case.findings.remove(&finding.key().owned());
                self.effects.findings.push(FindingChange::Withdrawn(finding.clone(), Withdrawal::AnsweredLate));
                self.withdrawn(&finding, Withdrawal::AnsweredLate);
            }
        }
        let Some(newest) = self.case.alerts.get(index).and_then(Alert::newest).cloned() else { return };
        let Some(rule) = self.rule(&newest) else { return };
        let hold = hold(&self.world.pack, &rule, &newest, &self.case.alerts, self.now.at);
        self.open_or_hold(index, &newest, hold);
    }

    /// An alert that was held is opened, or goes on being held for another reason.
    fn open_or_hold(&mut self, index: usize, finding: &Finding, hold: Option<HoldReason>) {
        let Some(alert) = self.alert(index) else { return };
        alert.held.clone_from(&hold);
        match hold {
            Some(reason) => self.dispose(index, Some(finding), &Disposition::Hold(reason)),
            None => {
                let raised = self.raised(index);
                if let (Some(alert), Some(raised)) = (self.alert(index), raised) {
                    alert.severity = raised.severity;
                }
                self.dispose(index, Some(finding), &Disposition::Open);
                self.tell(index, finding, Occasion::Opened);
            }
        }
    }

    /// An alert's newest finding in the phase as of now, where its rule has a higher severity for it there.
    fn raised(&self, index: usize) -> Option<Finding> {
        let alert = self.case.alerts.get(index)?;
        let is_raisable = matches!(alert.status, Status::Baru | Status::Diterima)
            && matches!(alert.held, None | Some(HoldReason::SilentPhase));
        let finding = alert.newest().filter(|_| is_raisable)?;
        let rule = self.world.pack.rule(finding.rule())?;
        let trigger = self.case.dossier.find(&finding.about.trigger, &rule.on)?;
        let place = place_of(trigger.record.as_ref(), finding.about.kabupaten.as_deref());
        let phase = self.world.pack.timeline.phase_at(place, self.now.at);
        let severity = rule.severity_of(finding.firing, phase);
        let word = self.world.pack.timeline.phase_text(phase);
        let raised = || finding.raised(severity, self.now.at, word);
        (rule.is_active_in(phase) && severity > alert.severity).then(raised)
    }

    fn raise_one(&mut self, index: usize, finding: &Finding) {
        let (at, to) = (self.now.at, finding.severity);
        let Some(rule) = self.rule(finding) else { return };
        let hold = hold(&self.world.pack, &rule, finding, &self.case.alerts, at);
        let Some(alert) = self.alert(index) else { return };
        let from = alert.severity;
        alert.severity = to;
        alert.updated_at = at;
        if alert.held.is_some() {
            return self.open_or_hold(index, finding, hold);
        }
        self.dispose(index, Some(finding), &Disposition::Escalate { from, to });
        self.tell(index, finding, Occasion::Escalated { from });
    }

    fn index_of(&self, key: KeyOf<'_>) -> Option<usize> {
        self.case.alerts.iter().rposition(|alert| alert.findings.iter().any(|finding| finding.key() == key))
    }

    fn open(&mut self, finding: &Finding, occasion: String) -> usize {
        let ordinal = self.case.alerts.iter().filter(|alert| alert.rule == *finding.rule()).count();
        self.case.alerts.push(Alert {
            id: alert_id(finding.key(), ordinal, self.now),
            rule: finding.rule().clone(),
            subject: finding.about.subject.clone(),
            occasion,
            status: Status::Baru,
            severity: finding.severity,
            held: None,
            opened_at: self.now.at,
            updated_at: self.now.at,
            findings: Vec::new(),
            revision: 0,
            told: Vec::new(),
        });
        self.case.alerts.len() - 1
    }

    fn dispose(&mut self, index: usize, finding: Option<&Finding>, disposition: &Disposition) {
        let Some(alert) = self.case.alerts.get(index) else { return };
        if self.is_kept {
            let what = AlertEventKind::Disposed {
                finding: finding.map(|finding| finding.key().owned()),
                disposition: disposition.clone(),
            };
            self.effects.events.push(AlertEvent { alert: alert.id.clone(), at: self.now.at, what });
        }
        if let Some(finding) = finding {
            let mut finding = finding.clone();
            if finding.severity < alert.severity {
                finding.severity = alert.severity;
            }
            self.effects.dispositions.push(Disposed {
                alert: alert.id.clone(),
                finding,
                disposition: disposition.clone(),
            });
        }
    }

    fn tell(&mut self, index: usize, finding: &Finding, occasion: Occasion) {
        self.tell_those(index, finding, occasion, |_| true);
    }

    /// Tells those for whom the finding reads otherwise now; the others have it as it is.
    fn correct(&mut self, index: usize, before: &Finding, finding: &Finding) {
        self.tell_those(index, finding, Occasion::Corrected, |agency| route::reads_otherwise(before, finding, agency));
    }

    fn tell_those(&mut self, index: usize, finding: &Finding, occasion: Occasion, concerns: impl Fn(&Agency) -> bool) {
        let (world, is_kept) = (self.world, self.is_kept);
        let Some(alert) = self.alert(index) else { return };
        let mut told = route::recipients(&world.pack, alert, finding, &occasion);
        told.retain(|agency| concerns(agency));
        if told.is_empty() {
            return;
        }
        alert.revision += 1;
        let noticed = told.iter().filter(|_| is_kept);
        let notices: Vec<_> =
            noticed.filter_map(|agency| route::notice(&world.pack, alert, finding, agency, occasion.clone())).collect();
        for agency in told {
            if !alert.told.contains(&agency.id) {
                alert.told.push(agency.id.clone());
            }
        }
        self.effects.notices.extend(notices);
    }
}

/// Puts a finding in its place; what stood there before.
fn put(findings: &mut Vec<Finding>, finding: &Finding) -> Option<Finding> {
    match findings.binary_search_by(|other| other.key().cmp(&finding.key())) {
        Ok(index) => findings.get_mut(index).map(|slot| std::mem::replace(slot, finding.clone())),
        Err(index) => {
            findings.insert(index, finding.clone());
            None
        }
    }
}

/// Four of the second, two of the position, six of the digest.
const NAME_BYTES: usize = 12;

/// An alert's name: when it opened, then a digest of that, its rule, first trigger and number. It says nothing of the person,
/// is the same in every run over a log, and another where a revision moved the trigger to somebody else. Names rise as
/// alerts open, so that a store puts what came together in one place.
fn alert_id(key: KeyOf<'_>, ordinal: usize, opened: Instant) -> AlertId {
    let Instant { at, position } = opened;
    let second = u32::try_from(at.timestamp()).unwrap_or_default().to_be_bytes();
    // within a second in the log's order
    let [.., high, low] = position.to_be_bytes();
    let at = at.timestamp_millis();
    let text = format!("{}\0{}\0{}\0{ordinal}\0{position}\0{at}", key.rule, key.trigger.source, key.trigger.id);
    let name = [&second[..], &[high, low], &Sha256::digest(text.as_bytes())].concat();
    let short = name.get(..NAME_BYTES).unwrap_or(&name);
    // this alphabet sorts as the bytes do
    Arc::from(format!("A-{}", data_encoding::BASE32HEX_NOPAD.encode(short).to_lowercase()))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::alert::FindingKey;
    use crate::record::RecordKey;

    #[test]
    fn names_rise_as_alerts_open() {
        let id = |rule: &str, second: i64, position: i64| {
            let trigger = RecordKey { source: "uji".into(), id: "a-1".into() };
            let key = FindingKey { rule: rule.into(), trigger, firing: 0 };
            let at = DateTime::from_timestamp(second, 0).unwrap();
            alert_id(key.of(), 1, Instant { at, position })
        };
        let ids = [(0, 1), (1_700_000_000, 9), (1_700_000_000, 10), (1_732_665_600, 10), (1_732_665_601, 2)];
        let ids: Vec<AlertId> = ids.into_iter().map(|(second, position)| id("b", second, position)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert_eq!(ids.last(), Some(&id("b", 1_732_665_601, 2)));
        assert_ne!(ids.last(), Some(&id("a", 1_732_665_601, 2)));
    }
}
