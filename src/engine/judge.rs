//! One rule at one trigger: does it hold, and what is the evidence.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::alert::finding::{More, Told, Words};
use crate::alert::{About, Finding, Severity};
use crate::entry::Position;
use crate::pack::expr::Node;
use crate::pack::rule::{Cost, Rule};
use crate::pack::sight::{ONE_OF, Sight};
use crate::pack::wording::Wording;
use crate::record::Record;
use crate::record::schema::core;
use crate::record::shown::{Bound, Shown};
use crate::record::slot::{Fields, Slot};
use crate::subject::{Subject, SubjectKind, subject_of};
use crate::timeline::{PhaseId, Place};

use super::dossier::Dossier;
use super::eval::{Fault, Looking, Scope, gather};
use super::world::{Brief, World};

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
    Found(Finding),
    /// A condition does not hold.
    NotHeld,
    /// The rule does not run in the phase.
    NotInPhase,
    /// It happened where this pack is not responsible.
    OutsideArea,
}

/// Where a rule is judged, and in which phase; or why it is not judged at all.
pub(super) enum Stand<'a> {
    /// In this kabupaten, or the whole area, in a phase in which it runs.
    Here(Option<&'a Arc<str>>, PhaseId),
    /// In a kabupaten for which this pack is not responsible.
    OutsideArea(Arc<str>),
    /// In a phase in which it does not run.
    NotInPhase(PhaseId),
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
    pub trigger: &'a Arc<Record>,
}

impl<'a> Bench<'a> {
    /// Whether the rule holds, and what it finds.
    pub fn judge(&self, moment: Moment) -> Result<Verdict, Fault> {
        let (now, as_of, firing) = match moment {
            Moment::Trigger(position) => (self.trigger.occurred_at, position, 0),
            Moment::Due { at, as_of, firing } => (at, as_of, firing),
        };
        let (kabupaten, phase) = match self.stand(now, as_of)? {
            Stand::Here(kabupaten, phase) => (kabupaten, phase),
            Stand::OutsideArea(_) => return Ok(Verdict::OutsideArea),
            Stand::NotInPhase(_) => return Ok(Verdict::NotInPhase),
        };
        let scope = self.scope(kabupaten.map(AsRef::as_ref), phase, now, as_of, Looking::Back);
        if !scope.conjuncts_hold()? {
            return Ok(Verdict::NotHeld);
        }
        let more = self.more(&scope, firing)?;
        let about = Arc::new(self.about(kabupaten.cloned(), phase, now));
        Ok(self.finding(self.rule.place, more, about, self.rule.severity_of(firing, phase), firing))
    }

    /// What the rule finds at a trigger, in the phase there and then, of which the index knows already that all its
    /// conjuncts hold. `place` is the rule's: the rule itself is not looked at for a finding that asks nothing of it.
    pub fn found(&self, place: u32, position: Position, phase: PhaseId, about: &Arc<About>) -> Result<Verdict, Fault> {
        let brief = self.world.brief(place, || Brief::of(self.rule, self.wording()));
        let severity = brief.severity.unwrap_or_else(|| self.rule.severity_in(phase));
        let more = if brief.is_plain && is_within(brief.basis_days, about.at) {
            None
        } else {
            let scope = self.scope(about.kabupaten.as_deref(), phase, about.at, position, Looking::Back);
            self.more(&scope, 0)?
        };
        Ok(self.finding(place, more, about.clone(), severity, 0))
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

    /// Whether the rule judges at all where and when it is asked.
    #[inline]
    pub(super) fn stand(&self, now: DateTime<Utc>, as_of: Position) -> Result<Stand<'a>, Fault> {
        let stated = self.kabupaten(now, as_of)?;
        let kabupaten = stated.as_deref().and_then(|code| self.world.kabupaten(code));
        if let (Some(code), None) = (stated.as_deref(), kabupaten) {
            return Ok(Stand::OutsideArea(code.into()));
        }
        let phase = self.phase(kabupaten.map(AsRef::as_ref), now);
        Ok(if self.rule.is_active_in(phase) { Stand::Here(kabupaten, phase) } else { Stand::NotInPhase(phase) })
    }

    pub(super) fn kabupaten(&self, now: DateTime<Utc>, as_of: Position) -> Result<Option<Cow<'a, str>>, Fault> {
        let own = self.trigger.value(core::KABUPATEN).as_text();
        let Some(area) = &self.rule.area else { return Ok(own.map(Cow::Borrowed)) };
        let phase = self.phase(own, now);
        let value = self.scope(own, phase, now, as_of, Looking::Back).value(area)?;
        Ok(value.as_text().map(|code| Cow::Owned(code.to_string())))
    }

    pub(super) fn phase(&self, kabupaten: Option<&str>, now: DateTime<Utc>) -> PhaseId {
        self.world.pack.timeline.phase_at(place_of(self.trigger.as_ref(), kabupaten), now)
    }

    pub(super) fn scope<'s>(
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

    /// The phase there and then, and what all findings at the trigger have in common that belong there.
    pub(super) fn setting(&self) -> (PhaseId, Arc<About>) {
        let phase = self.world.phase_at(self.trigger.as_ref());
        let own = self.trigger.value(core::KABUPATEN).as_text();
        let kabupaten = own.map(|code| self.world.kabupaten(code).map_or_else(|| Arc::from(code), Arc::clone));
        (phase, Arc::new(self.about(kabupaten, phase, self.trigger.occurred_at)))
    }

    /// What all findings at the trigger have in common that are judged as of an instant and belong to a kabupaten.
    pub(super) fn about(&self, kabupaten: Option<Arc<str>>, phase: PhaseId, at: DateTime<Utc>) -> About {
        About {
            subject: self.subject.clone(),
            trigger: self.trigger.key.clone(),
            record: Some(self.trigger.clone()),
            occurred_at: self.trigger.occurred_at,
            at,
            phase: self.world.pack.timeline.phase_text(phase),
            kabupaten,
            exempt: self.is_exempt(at),
        }
    }

    fn wording(&self) -> &'a Wording {
        let pack = &self.world.pack;
        self.rule.wording(&pack.schema, pack.timeline.zone)
    }

    /// What a finding has of its own.
    fn more(&self, scope: &Scope<'_>, firing: u8) -> Result<Option<Box<More>>, Fault> {
        let wording = self.wording();
        let own = if wording.asks.is_empty() { Box::default() } else { scope.own(wording)? };
        let more = More { own, basis: self.basis(firing, scope.now) };
        Ok((more != More::default()).then(|| Box::new(more)))
    }

    fn finding(
        &self,
        place: u32,
        more: Option<Box<More>>,
        about: Arc<About>,
        severity: Severity,
        firing: u8,
    ) -> Verdict {
        let words = Words::Told(Told { teller: self.world.pack.clone(), place, more });
        Verdict::Found(Finding { about, words, severity, firing })
    }

    /// The citations of a finding, where they are not all of the rule's and no more.
    fn basis(&self, firing: u8, now: DateTime<Utc>) -> Option<Arc<[Arc<str>]>> {
        let pack = &self.world.pack;
        let step = firing.checked_sub(1).and_then(|step| self.rule.deadline.as_ref()?.steps.get(usize::from(step)));
        let step = step.map_or(&[][..], |step| step.basis.as_slice());
        let mut added = step.iter().filter(|id| !self.rule.basis.contains(id)).peekable();
        if added.peek().is_none() && is_within(self.rule.basis_days, now) {
            return None;
        }
        let on = pack.timeline.date(now);
        let stated = self.rule.basis.iter().chain(added);
        Some(stated.filter(|id| pack.citation(id).is_some_and(|citation| citation.in_force(on))).cloned().collect())
    }

    fn is_exempt(&self, now: DateTime<Utc>) -> bool {
        let pack = &self.world.pack;
        if pack.exemptions.is_empty() {
            return false;
        }
        let holds = |person: &Subject| pack.exemptions.holds(&person.key, || pack.timeline.date(now));
        match self.subject.kind {
            SubjectKind::Person => holds(self.subject),
            _ => subject_of(self.trigger, SubjectKind::Person).is_some_and(|person| holds(&person)),
        }
    }
}

impl Scope<'_> {
    /// Whether all conjuncts hold: false where one is false, a fault where none is false and one failed.
    pub fn conjuncts_hold(&self) -> Result<bool, Fault> {
        let mut fault: Option<(bool, usize, Fault)> = None;
        for turn in &self.rule.judged {
            let Some(conjunct) = self.rule.when.get(turn.place) else { continue };
            match self.holds(&conjunct.node) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(failed) => {
                    // told is the author's first, scripts after all others, in whatever order they are judged
                    let rank = (turn.cost == Cost::Script, turn.place);
                    if fault.as_ref().is_none_or(|(script, place, _)| rank < (*script, *place)) {
                        fault = Some((rank.0, rank.1, failed));
                    }
                }
            }
        }
        fault.map_or(Ok(true), |(_, _, fault)| Err(fault))
    }

    /// What a finding says of its own.
    fn own(&self, wording: &Wording) -> Result<Box<[Shown]>, Fault> {
        wording.asks.iter().map(|ask| Ok(self.shown(self.read(&ask.node)?.slot(), ask.naming))).collect()
    }

    /// The value that a condition sees and what it is held against; in words only where it holds.
    #[inline]
    pub(super) fn saw(&self, sight: &Sight, node: &Node) -> Result<(Shown, Option<Bound>), Fault> {
        Ok(match (sight, node) {
            (Sight::Value { naming, bound }, Node::Compare(comparison, left, right)) => {
                let value = self.shown(self.read(left)?.slot(), *naming);
                let bound = match bound {
                    Some(bound) => bound.clone(),
                    None => Bound { how: comparison.sign(), value: self.shown(self.read(right)?.slot(), *naming) },
                };
                (value, Some(bound))
            }
            (Sight::Value { naming, bound }, Node::In(value, choices)) => {
                let value = self.shown(self.read(value)?.slot(), *naming);
                let bound = match bound {
                    Some(bound) => bound.clone(),
                    None => {
                        let choices = gather(choices, |choice| Ok(self.shown(self.read(choice)?.slot(), *naming)))?;
                        Bound { how: ONE_OF, value: Shown::Listed(choices) }
                    }
                };
                (value, Some(bound))
            }
            (Sight::Words(words), _) => (Shown::Static(words), None),
            // no other condition is shown with a value
            (Sight::Value { .. }, _) => (Shown::Bool(true), None),
        })
    }
}

/// Whether an instant surely lies on one of some days, between a first and a last one.
fn is_within(days: Option<(NaiveDate, NaiveDate)>, at: DateTime<Utc>) -> bool {
    // the local date is the one in UTC or a neighbour of it
    let about = at.date_naive();
    days.is_some_and(|(first, last)| first < about && about < last)
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
