//! A log in memory that a test drives: records, acts and time in, steps out.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use siaga::alert::{Act, Alert, AlertEventKind, AlertId, CloseReason};
use siaga::entry::{Disposed, EntryBody, Step};
use siaga::ledger::{Appended, Ledger};
use siaga::machine::Machine;
use siaga::notice::Notice;
use siaga::pack::files::Files;
use siaga::pack::{self, Pack};
use siaga::record::parse::{Received, parse};

/// The built-in pack with its files changed first.
pub fn pack_with(change: impl FnOnce(&mut Files)) -> Arc<Pack> {
    let mut files = Files::built_in();
    change(&mut files);
    let loaded = pack::build(files);
    let drawn = loaded.render(false);
    Arc::new(loaded.pack.unwrap_or_else(|| panic!("the pack does not load:\n{drawn}")))
}

/// An instant.
pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_utc()
}

/// A machine with its log.
pub struct Drive {
    pub pack: Arc<Pack>,
    machine: Machine,
    ledger: Ledger,
    /// All steps so far, in order.
    pub steps: Vec<Step>,
}

impl Drive {
    pub fn new(pack: Arc<Pack>) -> Self {
        Drive { machine: Machine::new(pack.clone()), pack, ledger: Ledger::default(), steps: Vec::new() }
    }

    /// A record arrives when it says that it was received, or when it happened; the steps that it causes.
    pub fn record(&mut self, json: &Value) -> Vec<Step> {
        let parsed = parse(&self.pack.schema, json, Received::Stated, self.pack.timeline.zone)
            .unwrap_or_else(|faults| panic!("{json}: {faults:?}"));
        match self.ledger.append(parsed) {
            Appended::Entry(entry) | Appended::Stale(entry) => self.process(&entry),
            Appended::Duplicate => Vec::new(),
        }
    }

    /// Time runs on.
    pub fn until(&mut self, time: &str) -> Vec<Step> {
        let entry = self.ledger.tick(at(time));
        self.process(&entry)
    }

    /// Somebody acts on an alert.
    pub fn act(&mut self, time: &str, alert: &AlertId, act: Act) -> Vec<Step> {
        let subject = self.alert(alert).subject.clone();
        let body = EntryBody::Act { alert: alert.clone(), subject, by: Arc::from("kanim-muaraenim"), act };
        self.entry(time, body)
    }

    /// Somebody closes an alert.
    pub fn close(&mut self, time: &str, alert: &AlertId, reason: CloseReason) -> Vec<Step> {
        self.act(time, alert, Act::Close { reason })
    }

    /// Any other entry.
    pub fn entry(&mut self, time: &str, body: EntryBody) -> Vec<Step> {
        let entry = self.ledger.entry(at(time), body);
        self.process(&entry)
    }

    fn process(&mut self, entry: &siaga::entry::Entry) -> Vec<Step> {
        let steps = self.machine.process(entry);
        self.steps.extend(steps.iter().cloned());
        steps
    }

    /// An alert in its newest state.
    pub fn alert(&self, id: &AlertId) -> &Alert {
        let mut alerts = self.steps.iter().flat_map(|step| &step.effects.alerts);
        alerts.rfind(|alert| alert.id == *id).unwrap_or_else(|| panic!("there is no alert {id}"))
    }

    /// The alerts of a rule in the order of their opening, each in its newest state.
    pub fn alerts(&self, rule: &str) -> Vec<&Alert> {
        let mut ids: Vec<&AlertId> = Vec::new();
        for alert in self.steps.iter().flat_map(|step| &step.effects.alerts) {
            if alert.rule.as_ref() == rule && !ids.contains(&&alert.id) {
                ids.push(&alert.id);
            }
        }
        ids.into_iter().map(|id| self.alert(id)).collect()
    }

    /// The only alert of a rule.
    pub fn only(&self, rule: &str) -> &Alert {
        let alerts = self.alerts(rule);
        assert_eq!(alerts.len(), 1, "alerts of {rule}");
        alerts[0]
    }
}

/// The dispositions of a step, each with its alert and the notices that went out for it.
pub fn told(step: &Step) -> Vec<(&Disposed, &AlertId, Vec<&Notice>)> {
    let alerts = step.effects.events.iter().filter_map(|event| match &event.what {
        AlertEventKind::Disposed { .. } => Some(&event.alert),
        AlertEventKind::Acted { .. } => None,
    });
    let occasion = |notice: &Notice| serde_json::to_value(&notice.occasion).unwrap()["occasion"].clone();
    let mut left: Vec<&Notice> = step.effects.notices.iter().collect();
    let told: Vec<_> = step
        .effects
        .dispositions
        .iter()
        .zip(alerts)
        .map(|(disposed, alert)| {
            let wanted = match disposed.disposition.word() {
                "open" => "opened",
                "escalate" => "escalated",
                "repeat" => "corrected",
                "resolve" => "resolved",
                other => other,
            };
            let (own, others) =
                left.iter().copied().partition(|notice| notice.alert == *alert && occasion(notice) == wanted);
            left = others;
            (disposed, alert, own)
        })
        .collect();
    assert_eq!(left, Vec::<&Notice>::new(), "notices that belong to no disposition");
    told
}
