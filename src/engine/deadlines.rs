//! "X, and no Y by then": arming, moving, firing and answering deadlines.

use chrono::{DateTime, Utc};

use crate::alert::{FindingKey, Withdrawal};
use crate::entry::{Position, Timer};
use crate::pack::rule::{Deadline, Rule};
use crate::record::RecordKey;

use super::dossier::Logged;
use super::eval::Fault;
use super::judge::{Bench, Moment, Verdict};
use super::{Case, Changes, Judged, Touch, World};

/// A step of one rule with a deadline, for one subject, at one instant of the log.
pub struct DeadlineStep<'a> {
    /// Pack and thresholds.
    pub world: &'a World,
    /// The rule.
    pub rule: &'a Rule,
    /// Its deadline.
    pub deadline: &'a Deadline,
    /// Now.
    pub at: DateTime<Utc>,
    /// The place in the log.
    pub position: Position,
}

impl DeadlineStep<'_> {
    /// A record joined, left or changed in the subject's dossier.
    pub fn on_record(&self, case: &mut Case, touch: &Touch<'_>, changes: &mut Changes) {
        let arms = |kind| self.rule.on.contains(&kind);
        if touch.old.is_some_and(|old| arms(old.kind)) || touch.new.is_some_and(|new| arms(new.record.kind)) {
            self.rearm(case, touch, changes);
        }
        if touch.kinds().any(|kind| self.rule.moves.contains(&kind)) {
            self.recompute_but(case, Some(touch.key), changes);
            self.ask_again(case, touch, changes);
        }
        if touch.old.is_some_and(|old| self.rule.answers.contains(&old.kind)) {
            self.ask_again(case, touch, changes);
        }
        if touch.kinds().any(|kind| self.rule.answers.contains(&kind) || self.rule.reads.contains(&kind)) {
            self.answer(case, changes);
        }
    }

    /// A phase began, a threshold changed, or a record that they read came: waiting deadlines are computed again.
    pub fn recompute(&self, case: &mut Case, changes: &mut Changes) {
        self.recompute_but(case, None, changes);
    }

    /// The same for all but those of one trigger, which has just been armed.
    fn recompute_but(&self, case: &mut Case, armed: Option<&RecordKey>, changes: &mut Changes) {
        let waiting: Vec<Timer> = case.timers.of(&self.rule.id).to_vec();
        for timer in waiting.into_iter().filter(|timer| Some(&timer.key.trigger) != armed) {
            let Some(trigger) = case.dossier.find(&timer.key.trigger, &self.rule.on).cloned() else { continue };
            match self.due_of(case, &trigger, timer.key.firing) {
                Ok(Some(due)) if due == timer.due => {}
                Ok(due) => {
                    case.clear_timer(&timer, changes);
                    if let Some(due) = due {
                        self.wait_or_fire(case, &trigger, timer.key.firing, due, Past::AsOfNow, changes);
                    }
                }
                Err(fault) => changes.failed(self.rule, &fault),
            }
        }
    }

    /// Triggers that neither wait nor have a finding are armed: their deadline could not be told until this record
    /// came, or what answered them says so no more. What was due already is judged as of when it was due, so that
    /// one that had ended silently does so again.
    fn ask_again(&self, case: &mut Case, touch: &Touch<'_>, changes: &mut Changes) {
        let is_open = |trigger: &&Logged| {
            trigger.record.key != *touch.key
                && case.timers.at(&self.rule.id, &trigger.record.key).is_empty()
                && case.findings.get(&self.key(trigger, 0)).is_none()
        };
        let triggers: Vec<Logged> = if self.deadline.each_record {
            self.rule.on.iter().flat_map(|kind| case.dossier.of_kind(*kind)).filter(is_open).cloned().collect()
        } else {
            case.dossier.newest(&self.rule.on).filter(is_open).cloned().into_iter().collect()
        };
        for trigger in triggers {
            self.arm(case, &trigger, Past::AsOfDue, changes);
        }
    }

    /// A timer is due: the rule is judged as of then.
    pub fn fire(&self, case: &mut Case, timer: &Timer, changes: &mut Changes) {
        case.clear_timer(timer, changes);
        if let Some(trigger) = case.dossier.find(&timer.key.trigger, &self.rule.on).cloned() {
            self.judge(case, &trigger, timer.key.firing, timer.due, Past::AsOfNow, changes);
        }
    }

    fn rearm(&self, case: &mut Case, touch: &Touch<'_>, changes: &mut Changes) {
        let key = touch.key;
        self.review_findings_of(case, touch, changes);
        if self.deadline.each_record {
            self.clear(case, Some(key), changes);
            if let Some(new) = touch.new.filter(|new| self.rule.on.contains(&new.record.kind)) {
                self.arm(case, &new.clone(), Past::AsOfNow, changes);
            }
            return;
        }
        let Some(newest) = case.dossier.newest(&self.rule.on).cloned() else {
            self.clear(case, None, changes);
            return;
        };
        let is_armed = || !case.timers.at(&self.rule.id, &newest.record.key).is_empty();
        let is_touched = newest.record.key == *key;
        let takes_over = touch.old.is_some_and(|old| old.order() > newest.record.order());
        if is_touched || (takes_over && !is_armed()) {
            self.clear(case, None, changes);
            self.arm(case, &newest, Past::AsOfNow, changes);
        }
    }

    /// Nothing waits any more for one trigger, or for all.
    fn clear(&self, case: &mut Case, trigger: Option<&RecordKey>, changes: &mut Changes) {
        case.clear_timers(&self.rule.id, trigger, changes);
    }

    /// A trigger that went takes its findings with it; so does one that was revised and is not due any more. The
    /// others are judged again, unless arming it anew does so.
    fn review_findings_of(&self, case: &mut Case, touch: &Touch<'_>, changes: &mut Changes) {
        if touch.old.is_none() {
            return;
        }
        let revised = touch.new.filter(|new| self.rule.on.contains(&new.record.kind));
        let is_armed_anew = self.deadline.each_record
            || revised
                .is_some_and(|new| case.dossier.newest(&self.rule.on).is_some_and(|n| n.record.key == new.record.key));
        for finding in case.findings_of(&self.rule.id).into_iter().filter(|f| f.about.trigger == *touch.key) {
            let due = revised.and_then(|new| self.due_of(case, new, finding.firing).ok().flatten());
            match revised {
                Some(new) if due.is_some_and(|due| due <= self.at) => {
                    if !is_armed_anew {
                        self.judge(case, new, finding.firing, finding.about.at, Past::AsOfDue, changes);
                    }
                }
                _ => case.withdraw(&finding.key().owned(), Withdrawal::EvidenceWithdrawn, changes),
            }
        }
    }

    fn arm(&self, case: &mut Case, trigger: &Logged, past: Past, changes: &mut Changes) {
        self.arm_firing(case, trigger, 0, past, changes);
    }

    fn arm_firing(&self, case: &mut Case, trigger: &Logged, firing: u8, past: Past, changes: &mut Changes) {
        match self.due_of(case, trigger, firing) {
            Ok(Some(due)) => self.wait_or_fire(case, trigger, firing, due, past, changes),
            Ok(None) => changes.judged.push((self.rule.place, Judged::NotHeld)),
            Err(fault) => {
                changes.failed(self.rule, &fault);
                changes.judged.push((self.rule.place, Judged::Failed));
            }
        }
    }

    fn wait_or_fire(
        &self,
        case: &mut Case,
        trigger: &Logged,
        firing: u8,
        due: DateTime<Utc>,
        past: Past,
        changes: &mut Changes,
    ) {
        if due > self.at {
            case.set_timer(Timer { due, key: self.key(trigger, firing) }, changes);
            changes.judged.push((self.rule.place, Judged::Armed));
            return;
        }
        // a finding that stands keeps the instant as of which it was judged
        let known = case.findings.get(&self.key(trigger, firing)).map(|finding| finding.about.at.max(due));
        let now = match past {
            Past::AsOfNow => known.unwrap_or(self.at),
            Past::AsOfDue => known.unwrap_or(due),
        };
        self.judge(case, trigger, firing, now, past, changes);
    }

    fn judge(
        &self,
        case: &mut Case,
        trigger: &Logged,
        firing: u8,
        now: DateTime<Utc>,
        past: Past,
        changes: &mut Changes,
    ) {
        changes.deadlines.push((self.key(trigger, firing), now));
        let judged = match self.verdict(case, trigger, firing, now) {
            Ok(None) => Judged::Answered,
            Ok(Some(verdict)) => {
                let judged = Judged::from(&verdict);
                match verdict {
                    Verdict::Found(finding) => case.record_finding(finding, changes),
                    _ => self.withdraw(case, trigger, firing, Withdrawal::EvidenceWithdrawn, changes),
                }
                judged
            }
            Err(fault) => {
                changes.failed(self.rule, &fault);
                Judged::Failed
            }
        };
        changes.judged.push((self.rule.place, judged));
        if judged == Judged::Answered {
            return self.withdraw(case, trigger, firing, Withdrawal::AnsweredLate, changes);
        }
        if usize::from(firing) < self.deadline.steps.len() {
            self.arm_firing(case, trigger, firing + 1, past, changes);
        }
    }

    fn withdraw(&self, case: &mut Case, trigger: &Logged, firing: u8, why: Withdrawal, changes: &mut Changes) {
        if !case.findings.is_empty() {
            case.withdraw(&self.key(trigger, firing), why, changes);
        }
    }

    /// The verdict, or `None` where what it waits for has come.
    fn verdict(&self, case: &Case, trigger: &Logged, firing: u8, now: DateTime<Utc>) -> Result<Option<Verdict>, Fault> {
        let bench = self.bench(case, trigger);
        if let Some(unless) = &self.deadline.unless
            && bench.is_answered(&unless.node, now, self.position)?
        {
            return Ok(None);
        }
        bench.judge(Moment::Due { at: now, as_of: self.position, firing }).map(Some)
    }

    /// Findings whose answer has come after all are withdrawn.
    fn answer(&self, case: &mut Case, changes: &mut Changes) {
        for finding in case.findings_of(&self.rule.id) {
            let key = finding.key().owned();
            match self.still_waits(case, &key) {
                Ok(true) => {}
                Ok(false) => {
                    self.clear(case, Some(&key.trigger), changes);
                    case.withdraw(&key, Withdrawal::AnsweredLate, changes);
                }
                Err(fault) => changes.failed(self.rule, &fault),
            }
        }
    }

    /// Whether what a finding waits for has still not come.
    pub fn still_waits(&self, case: &Case, key: &FindingKey) -> Result<bool, Fault> {
        let Some(unless) = &self.deadline.unless else { return Ok(true) };
        let Some(trigger) = case.dossier.find(&key.trigger, &self.rule.on) else { return Ok(true) };
        Ok(!self.bench(case, trigger).is_answered(&unless.node, self.at, self.position)?)
    }

    pub(super) fn due_of(&self, case: &Case, trigger: &Logged, firing: u8) -> Result<Option<DateTime<Utc>>, Fault> {
        let due = self.bench(case, trigger).due(&self.deadline.due, self.at, self.position)?;
        let Some(step) = firing.checked_sub(1) else { return Ok(due) };
        let after = self.deadline.steps.get(usize::from(step)).map(|step| step.after);
        Ok(due.zip(after).and_then(|(due, after)| due.checked_add_signed(after)))
    }

    fn key(&self, trigger: &Logged, firing: u8) -> FindingKey {
        FindingKey { rule: self.rule.id.clone(), trigger: trigger.record.key.clone(), firing }
    }

    fn bench<'s>(&'s self, case: &'s Case, trigger: &'s Logged) -> Bench<'s> {
        Bench {
            world: self.world,
            rule: self.rule,
            subject: &case.subject,
            dossier: &case.dossier,
            trigger: &trigger.record,
        }
    }
}

/// As of when a deadline is judged that is past already.
#[derive(Clone, Copy)]
enum Past {
    /// Now: it is heard of for the first time.
    AsOfNow,
    /// When it was due: it was heard of before.
    AsOfDue,
}
