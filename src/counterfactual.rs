//! Would the same have been decided about other people? The same records with nationality, passport issuer, sex and name
//! exchanged among them; every decision that then differs rests on who somebody is.

pub mod swap;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::Severity;
use crate::entry::Step;
use crate::pack::Pack;
use crate::record::RecordKey;
use crate::replay::reason;
use crate::route;

/// Which decision is meant, whoever it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matter {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The record that triggered or armed it.
    pub record: RecordKey,
    /// Which firing of a deadline.
    pub firing: u8,
    /// As of when it was judged.
    pub at: DateTime<Utc>,
}

/// What was decided: all that people would notice of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// What became of the finding.
    pub disposition: &'static str,
    /// Why, in a word or two.
    pub reason: String,
    /// How urgent.
    pub severity: Severity,
    /// The agencies that are asked.
    pub agencies: Vec<Arc<str>>,
}

/// All decisions over some records.
#[derive(Debug, Default)]
pub struct Decisions(BTreeMap<Matter, Vec<Decision>>);

impl Decisions {
    /// Takes note of steps.
    pub fn note(&mut self, pack: &Pack, steps: &[Step]) {
        for disposed in steps.iter().flat_map(|step| &step.effects.dispositions) {
            let finding = &disposed.finding;
            let matter = Matter {
                rule: finding.rule().clone(),
                record: finding.about.trigger.clone(),
                firing: finding.firing,
                at: finding.about.at,
            };
            self.0.entry(matter).or_default().push(Decision {
                disposition: disposed.disposition.word(),
                reason: reason(&disposed.disposition, pack.timeline.zone),
                severity: finding.severity,
                agencies: route::responsible(pack, finding).map(|agency| agency.id.clone()).collect(),
            });
        }
    }

    /// How many decisions there are.
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A decision that came out otherwise about somebody else; a side without decisions did not find anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// Which one.
    pub matter: Matter,
    /// What was decided about the people as they are.
    pub before: Vec<Decision>,
    /// What was decided about the others.
    pub after: Vec<Decision>,
}

/// Every decision that differs, by rule, record and time.
pub fn flips(before: &Decisions, after: &Decisions) -> Vec<Flip> {
    let matters = before.0.keys().chain(after.0.keys().filter(|matter| !before.0.contains_key(matter)));
    let of = |side: &Decisions, matter| {
        let mut decisions: Vec<Decision> = side.0.get(matter).cloned().unwrap_or_default();
        decisions.sort();
        decisions
    };
    let mut flips: Vec<Flip> = matters
        .map(|matter| Flip { matter: matter.clone(), before: of(before, matter), after: of(after, matter) })
        .filter(|flip| flip.before != flip.after)
        .collect();
    flips.sort_by(|a, b| a.matter.cmp(&b.matter));
    flips
}
