//! One rule at one trigger: does it hold, and what is the evidence.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::alert::{Evidence, Finding, FindingKey, Message};
use crate::entry::Position;
use crate::pack::expr::Node;
use crate::pack::rule::{Conjunct, Rule};
use crate::record::Record;
use crate::record::schema::core;
use crate::record::slot::{Fields, Slot};
use crate::record::value::Value;
use crate::subject::{Subject, SubjectKind, subject_of};
use crate::timeline::{PhaseId, Place};

use super::World;
use super::dossier::Dossier;
use super::eval::{Fault, Looking, Scope};
use super::words::words;

/// As of when a rule is judged.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// At the trigger: thresholds as of the trigger's place in the log.
    Trigger(Position),
    /// At a deadline.
    Due {
        /// When it was due.
        at: DateTime<Utc>,
        /// Thresholds as of this place in the log.
        as_of: Position,
        /// Which firing this is.
        firing: u8,
    },
}

/// What came of judging a rule at a trigger.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It holds.
    Found(Box<Finding>),
    /// A condition does not hold.
    NotHeld,
    /// The rule does not run in the phase.
    NotInPhase,
    /// It happened where this pack is not responsible.
    OutsideArea,
}

/// A rule at a trigger, with what does not change while it is judged.
pub struct Bench<'a> {
    /// Pack and thresholds.
    pub world: &'a World,
    /// The rule.
    pub rule: &'a Rule,
    /// Whom it is about.
    pub subject: &'a Subject,
    /// The subject's records.
    pub dossier: &'a Dossier,
    /// The record that triggered or armed it.
    pub trigger: &'a Record,
}

impl<'a> Bench<'a> {
    /// Whether the rule holds, and what it finds.
    pub fn judge(&self, moment: Moment) -> Result<Verdict, Fault> {
        let (now, as_of, firing) = match moment {
            Moment::Trigger(position) => (self.trigger.occurred_at, position, 0),
            Moment::Due { at, as_of, firing } => (at, as_of, firing),
        };
        let kabupaten = self.kabupaten(now, as_of)?;
        if kabupaten.as_deref().is_some_and(|code| !self.world.pack.area.iter().any(|area| area == code)) {
            return Ok(Verdict::OutsideArea);
        }
        let phase = self.phase(kabupaten.as_deref(), now);
        if !self.rule.is_active_in(phase) {
            return Ok(Verdict::NotInPhase);
        }
        let scope = self.scope(kabupaten.as_deref(), phase, now, as_of, Looking::Back);
        if !scope.conjuncts_hold()? {
            return Ok(Verdict::NotHeld);
        }
        self.finding(&scope, firing).map(|finding| Verdict::Found(Box::new(finding)))
    }

    /// Whether what a deadline waits for has come, as of an instant.
    pub fn is_answered(&self, unless: &Node, now: DateTime<Utc>, as_of: Position) -> Result<bool, Fault> {
        let kabupaten = self.kabupaten(now, as_of)?;
        let phase = self.phase(kabupaten.as_deref(), now);
        self.scope(kabupaten.as_deref(), phase, now, as_of, Looking::Forward).holds(unless)
    }

    /// When a deadline is due, with the thresholds of an instant; `None` where a part of it is missing.
    pub fn due(&self, due: &Node, now: DateTime<Utc>, as_of: Position) -> Result<Option<DateTime<Utc>>, Fault> {
        let kabupaten = self.kabupaten(now, as_of)?;
        let phase = self.phase(kabupaten.as_deref(), now);
        Ok(self.scope(kabupaten.as_deref(), phase, now, as_of, Looking::Back).value(due)?.as_time())
    }

    fn kabupaten(&self, now: DateTime<Utc>, as_of: Position) -> Result<Option<Arc<str>>, Fault> {
        let own = self.trigger.value(core::KABUPATEN).as_text().cloned();
        let Some(area) = &self.rule.area else { return Ok(own) };
        let phase = self.phase(own.as_deref(), now);
        let value = self.scope(own.as_deref(), phase, now, as_of, Looking::Back).value(area)?;
        Ok(value.as_text().cloned())
    }

    fn phase(&self, kabupaten: Option<&str>, now: DateTime<Utc>) -> PhaseId {
        self.world.pack.timeline.phase_at(place_of(self.trigger, kabupaten), now)
    }

    fn scope<'s>(
        &'s self,
        kabupaten: Option<&'s str>,
        phase: PhaseId,
        now: DateTime<Utc>,
        as_of: Position,
        looking: Looking,
    ) -> Scope<'s> {
        Scope {
            world: self.world,
            rule: self.rule,
            dossier: self.dossier,
            trigger: self.trigger,
            as_of,
            now,
            kabupaten,
            phase,
            looking,
            values: RefCell::new(Vec::new()),
        }
    }

    fn finding(&self, scope: &Scope<'_>, firing: u8) -> Result<Finding, Fault> {
        let pack = &self.world.pack;
        let mut notify = Vec::new();
        for message in &self.rule.notify {
            let text = words(&scope.value(&message.text)?, pack.timeline.zone);
            notify.push((message.role.clone(), Message { text, groups: message.groups.iter().copied().collect() }));
        }
        let evidence = self.rule.when.iter().map(|conjunct| scope.evidence(conjunct)).collect::<Result<_, _>>()?;
        Ok(Finding {
            key: FindingKey { rule: self.rule.id.clone(), trigger: self.trigger.key.clone(), firing },
            subject: self.subject.clone(),
            occurred_at: self.trigger.occurred_at,
            at: scope.now,
            phase: Arc::from(pack.timeline.phase_word(scope.phase)),
            kabupaten: scope.kabupaten.map(Arc::from),
            severity: self.rule.severity_of(firing, scope.phase),
            notify,
            basis: self.basis(firing, scope.now),
            evidence,
            exempt: self.is_exempt(scope.now),
        })
    }

    fn basis(&self, firing: u8, now: DateTime<Utc>) -> Vec<Arc<str>> {
        let pack = &self.world.pack;
        let on = pack.timeline.date(now);
        let step = firing.checked_sub(1).and_then(|step| self.rule.deadline.as_ref()?.steps.get(usize::from(step)));
        let step = step.map_or(&[][..], |step| step.basis.as_slice());
        let added = step.iter().filter(|id| !self.rule.basis.contains(id));
        let stated = self.rule.basis.iter().chain(added);
        stated.filter(|id| pack.citation(id).is_some_and(|citation| citation.in_force(on))).cloned().collect()
    }

    fn is_exempt(&self, now: DateTime<Utc>) -> bool {
        let on = self.world.pack.timeline.date(now);
        subject_of(self.trigger, SubjectKind::Person)
            .is_some_and(|person| self.world.pack.exemptions.holds(&person.key, on))
    }
}

impl Scope<'_> {
    /// Whether all conjuncts hold: false where one is false, a fault where none is false and one failed.
    pub fn conjuncts_hold(&self) -> Result<bool, Fault> {
        let (scripts, plain): (Vec<&Conjunct>, Vec<&Conjunct>) =
            self.rule.when.iter().partition(|conjunct| runs_script(&conjunct.node));
        let mut fault = None;
        for conjunct in plain.into_iter().chain(scripts) {
            match self.holds(&conjunct.node) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(failed) => fault = fault.or(Some(failed)),
            }
        }
        fault.map_or(Ok(true), Err)
    }

    /// What one conjunct saw.
    pub fn evidence(&self, conjunct: &Conjunct) -> Result<Evidence, Fault> {
        let (value, bound) = self.seen(&conjunct.node)?;
        Ok(Evidence {
            text: conjunct.text.clone(),
            value,
            bound,
            holds: self.holds(&conjunct.node)?,
            groups: conjunct.groups.iter().copied().collect(),
        })
    }

    fn seen(&self, node: &Node) -> Result<(String, Option<String>), Fault> {
        Ok(match node {
            Node::Compare(comparison, left, right) => {
                let (value, bound) = (self.value(left)?, self.value(right)?);
                // a constant is read as a value of the field beside it
                let (value, bound) = match **left {
                    Node::Constant(_) => (self.shown(right, &value), self.shown(right, &bound)),
                    _ => (self.shown(left, &value), self.shown(left, &bound)),
                };
                (value, Some(format!("{} {bound}", comparison.sign())))
            }
            Node::In(value, choices) => {
                let choices: Vec<String> = choices
                    .iter()
                    .map(|choice| self.value(choice).map(|choice| self.shown(value, &choice)))
                    .collect::<Result<_, _>>()?;
                (self.shown(value, &self.value(value)?), Some(format!("salah satu dari {}", choices.join(", "))))
            }
            Node::Seen(_) | Node::InForce(_) | Node::Has(_) => {
                (if self.holds(node)? { "ada" } else { "tidak ada" }.to_owned(), None)
            }
            Node::Not(inner) if matches!(**inner, Node::Seen(_) | Node::InForce(_) | Node::Has(_)) => {
                (if self.holds(inner)? { "ada" } else { "tidak ada" }.to_owned(), None)
            }
            other => (self.shown(other, &Value::Bool(self.holds(other)?)), None),
        })
    }
}

fn runs_script(node: &Node) -> bool {
    let mut found = false;
    node.walk(&mut |node| found |= matches!(node, Node::Script(..)));
    found
}

/// Whether a record that happened at `touched` lies in what a rule reads at a trigger.
pub fn reaches_back(looks_back: Option<TimeDelta>, trigger: DateTime<Utc>, touched: DateTime<Utc>) -> bool {
    looks_back.is_none_or(|span| trigger.checked_sub_signed(span).is_none_or(|from| touched >= from))
}

/// Where a record happened, with the kabupaten of the finding over the record's own.
pub fn place_of<'a, F: Fields>(record: &'a F, kabupaten: Option<&'a str>) -> Place<'a> {
    let text = |field| match record.slot(field) {
        Slot::Text(text) => Some(text),
        _ => None,
    };
    Place {
        kabupaten: kabupaten.or_else(|| text(core::KABUPATEN)),
        kecamatan: text(core::KECAMATAN),
        tps: text(core::TPS),
    }
}
