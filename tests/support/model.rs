//! What findings are, told naively: after each entry every rule is asked anew at every record of the subject, by rhai.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use siaga::alert::{Finding, FindingChange};
use siaga::engine::reference::{Reference, Seen, Told, View};
use siaga::entry::{Entry, EntryBody, Position, Step};
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pack::rule::{Rule, Status};
use siaga::pack::thresholds::Thresholds;
use siaga::record::{Record, RecordKey};
use siaga::subject::{Subject, subjects_of};

/// A finding, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The conjuncts as they were written.
    written: Vec<String>,
    told: Told,
    occurred_at: String,
    severity: &'static str,
}

/// What became of one.
#[derive(Clone, PartialEq)]
pub struct Change {
    how: &'static str,
    subject: Subject,
    rule: Arc<str>,
    trigger: RecordKey,
    said: Said,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { how, subject, rule, trigger, said } = self;
        let subject = format!("{}:{}", subject.kind.word(), subject.key);
        write!(f, "{how} {rule} of {subject} at {trigger}: {said:#?}")
    }
}

/// All records as they stand, and what was found.
pub struct Model {
    pack: Arc<Pack>,
    reference: Reference,
    written: BTreeMap<String, Vec<String>>,
    thresholds: Thresholds,
    standing: BTreeMap<RecordKey, (Arc<Record>, Position)>,
    found: BTreeMap<(Subject, Arc<str>, RecordKey), Said>,
}

impl Model {
    /// With the conjuncts of each rule as they were written.
    pub fn new(pack: &Arc<Pack>, files: &Files, written: BTreeMap<String, Vec<String>>) -> Self {
        Model {
            written,
            reference: Reference::new(pack, files),
            thresholds: pack.thresholds.clone(),
            pack: pack.clone(),
            standing: BTreeMap::new(),
            found: BTreeMap::new(),
        }
    }

    /// What an entry changes, of rules without a deadline: by subject, by rule, the record itself before later ones.
    pub fn process(&mut self, entry: &Entry) -> Vec<Change> {
        match &entry.body {
            EntryBody::Threshold(change) => {
                let phase = change.phase.as_deref().and_then(|phase| self.pack.timeline.phase_id(phase));
                self.thresholds.set(entry.position, change, phase);
                Vec::new()
            }
            EntryBody::Record { record, .. } => {
                let new = (!record.withdrawn).then(|| (record.clone(), entry.position));
                let old = match new.clone() {
                    Some(new) => self.standing.insert(record.key.clone(), new),
                    None => self.standing.remove(&record.key),
                };
                let touched = old.iter().chain(&new).flat_map(|(record, _)| subjects_of(record));
                let touched: BTreeSet<Subject> = touched.collect();
                touched.iter().flat_map(|subject| self.judge(subject, &record.key)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn judge(&mut self, subject: &Subject, touched: &RecordKey) -> Vec<Change> {
        let pack = self.pack.clone();
        let about = |rule: &&Arc<Rule>| rule.per == subject.kind && is_judging(rule);
        let rules: Vec<&Arc<Rule>> = pack.rules.iter().filter(about).collect();
        if rules.is_empty() {
            return Vec::new();
        }
        let is_about = |record: &Record| subjects_of(record).contains(subject);
        let mut records: Vec<(Arc<Record>, Position)> =
            self.standing.values().filter(|(record, _)| is_about(record)).cloned().collect();
        records.sort_by_key(|(record, _)| (record.key != *touched, record.occurred_at, record.key.clone()));
        let all = Arc::new(records.iter().map(|(record, _)| record.clone()).collect::<Vec<_>>());
        let thresholds = Arc::new(self.thresholds.clone());
        let mut views: Vec<View> = records
            .iter()
            .map(|(record, position)| View::new(&self.pack, &thresholds, &all, record, *position))
            .collect();
        let mut changes = Vec::new();
        for rule in rules {
            if !records.iter().any(|(record, _)| record.key == *touched) {
                changes.extend(self.compare(subject, rule, touched, None));
            }
            for ((record, _), view) in records.iter().zip(&mut views) {
                // what cannot be told is not found
                let told = rule.on.contains(&record.kind).then(|| self.reference.told(&rule.id, view));
                let told = told.and_then(Result::ok).flatten();
                let said = told.map(|told| Said {
                    written: self.written.get(rule.id.as_ref()).cloned().unwrap_or_default(),
                    severity: severity(rule, &pack, &told.phase),
                    occurred_at: record.occurred_at.to_rfc3339(),
                    told,
                });
                changes.extend(self.compare(subject, rule, &record.key, said));
            }
        }
        changes
    }

    fn compare(&mut self, subject: &Subject, rule: &Rule, trigger: &RecordKey, now: Option<Said>) -> Option<Change> {
        let key = (subject.clone(), rule.id.clone(), trigger.clone());
        let before = match now.clone() {
            Some(said) => self.found.insert(key, said),
            None => self.found.remove(&key),
        };
        let (how, said) = match (before, now) {
            (None, Some(now)) => ("added", now),
            (Some(before), None) => ("withdrawn", before),
            (Some(before), Some(now)) if before != now => ("changed", now),
            _ => return None,
        };
        Some(Change { how, subject: subject.clone(), rule: rule.id.clone(), trigger: trigger.clone(), said })
    }
}

/// The same of what an engine did.
pub fn changes(pack: &Pack, steps: &[Step]) -> Vec<Change> {
    let all = steps.iter().flat_map(|step| step.effects.findings.iter().map(|change| (&step.subject, change)));
    let all = all.map(|(subject, change)| {
        let (how, finding) = match change {
            FindingChange::Added(finding) => ("added", finding),
            FindingChange::Changed(finding) => ("changed", finding),
            FindingChange::Withdrawn(finding, _) => ("withdrawn", finding),
        };
        let (rule, trigger) = (finding.rule().clone(), finding.about.trigger.clone());
        Change { how, subject: subject.clone(), rule, trigger, said: said(finding) }
    });
    all.filter(|change| pack.rule(&change.rule).is_some_and(|rule| is_judging(rule))).collect()
}

fn said(finding: &Finding) -> Said {
    let evidence = finding.evidence();
    let seen = evidence.iter().map(|evidence| Seen {
        value: evidence.value.to_string(),
        bound: evidence.bound.as_ref().map(ToString::to_string),
    });
    let told = Told {
        phase: finding.about.phase.to_string(),
        kabupaten: finding.about.kabupaten.as_ref().map(ToString::to_string),
        evidence: seen.collect(),
        messages: finding.notify().iter().map(|(role, message)| (role.to_string(), message.text.to_string())).collect(),
    };
    let written = evidence.iter().map(|evidence| evidence.text.to_string()).collect();
    Said { written, told, occurred_at: finding.about.occurred_at.to_rfc3339(), severity: finding.severity.word() }
}

fn is_judging(rule: &Rule) -> bool {
    rule.deadline.is_none() && rule.status != Status::Draft
}

fn severity(rule: &Rule, pack: &Pack, phase: &str) -> &'static str {
    pack.timeline.phase_id(phase).map_or("", |phase| rule.severity_in(phase).word())
}
