//! The pack that judges, and which of its rules a record concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;

use crate::alert::Severity;
use crate::entry::{Position, ThresholdChange};
use crate::pack::Pack;
use crate::pack::rule::Rule;
use crate::pack::thresholds::Thresholds;
use crate::pack::wording::Wording;
use crate::record::schema::KindId;
use crate::record::slot::Fields;
use crate::subject::SubjectKind;
use crate::timeline::PhaseId;

use super::index::{Index, Lookup, Match, Setting};
use super::judge::place_of;

/// The pack that judges, with the thresholds set over it and what finds the rules that a record concerns.
#[derive(Clone, Debug)]
pub struct World {
    /// The pack.
    pub pack: Arc<Pack>,
    /// Its thresholds, with what was set at run time.
    pub thresholds: Thresholds,
    /// `None`: every rule that a kind of record triggers is judged.
    index: Option<Index>,
    /// The codes of the area's kabupaten, as findings share them.
    area: Vec<Arc<str>>,
    /// By the place of the kind of record.
    concerned: Vec<Vec<Concerned>>,
    /// Whom each rule is about, by its place: asked so often that it lies apart.
    per: Vec<SubjectKind>,
    /// The same of what each of its findings asks; made when it first finds something, as most of many rules do not.
    briefs: Vec<OnceLock<Brief>>,
}

/// What each finding of a rule asks of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Brief {
    /// Its severity, where it is the same in all phases.
    pub(super) severity: Option<Severity>,
    /// The first and the last day on which all its citations are in force.
    pub(super) basis_days: Option<(NaiveDate, NaiveDate)>,
    /// A finding shows nothing but its trigger and what all of them say.
    pub(super) is_plain: bool,
}

impl Brief {
    pub(super) fn of(rule: &Rule, wording: &Wording) -> Self {
        let severity = rule.severity.first().copied().filter(|first| rule.severity.iter().all(|other| other == first));
        Brief { severity, basis_days: rule.basis_days, is_plain: wording.asks.is_empty() }
    }
}

/// The rules about one kind of subject that a kind of record concerns, by their places.
#[derive(Clone, Debug)]
pub(super) struct Concerned {
    /// Whom these rules are about.
    pub(super) per: SubjectKind,
    /// All of them.
    pub(super) all: Vec<u32>,
    /// Those that it concerns whatever it says: it can arm, move or answer their deadlines, or later triggers look back
    /// to it. For the others the index tells.
    pub(super) standing: Vec<u32>,
    /// Dossiers hold such records: rules read them, or their later judgements ask for them.
    pub(super) is_kept: bool,
}

impl World {
    /// For a pack, with nothing set over it yet.
    pub fn new(pack: Arc<Pack>) -> Self {
        debug_assert!((0..).zip(&pack.rules).all(|(place, rule)| rule.place == place), "rules without their places");
        let mut concerned: BTreeMap<(KindId, SubjectKind), Concerned> = BTreeMap::new();
        for (place, rule) in (0..).zip(&pack.rules).filter(|(_, rule)| rule.judges()) {
            let kinds: BTreeSet<KindId> =
                rule.on.iter().chain(&rule.reads).chain(&rule.moves).chain(&rule.answers).copied().collect();
            for kind in kinds {
                let nothing = || Concerned { per: rule.per, all: vec![], standing: vec![], is_kept: false };
                let known = concerned.entry((kind, rule.per)).or_insert_with(nothing);
                let is_read = rule.deadline.is_some() || rule.reads.contains(&kind);
                known.all.push(place);
                if is_read {
                    known.standing.push(place);
                }
                known.is_kept |= is_read || !rule.reads.is_empty();
            }
        }
        let mut by_kind: Vec<Vec<Concerned>> = pack.schema.kinds().iter().map(|_| Vec::new()).collect();
        for ((kind, _), known) in concerned {
            if let Some(all) = by_kind.get_mut(usize::from(kind.0)) {
                all.push(known);
            }
        }
        let index = Some(Index::new(&pack, &pack.thresholds));
        let area = pack.area.iter().map(|code| code.as_str().into()).collect();
        let per = pack.rules.iter().map(|rule| rule.per).collect();
        let briefs = vec![OnceLock::new(); pack.rules.len()];
        World { thresholds: pack.thresholds.clone(), index, pack, area, concerned: by_kind, per, briefs }
    }

    /// The same with its index off: every rule is judged at every record of its kinds. What it finds is the same.
    pub fn without_index(self) -> Self {
        World { index: None, ..self }
    }

    /// The same with rules and area of its own: threads that count references to the same ones wait for each other.
    pub fn apart(&self) -> Self {
        let own = |text: &Arc<str>| Arc::from(&**text);
        let mut pack = Pack::clone(&self.pack);
        for rule in &mut pack.rules {
            *rule = Arc::new(Rule { id: own(&rule.id), ..Rule::clone(rule) });
        }
        World { pack: Arc::new(pack), area: self.area.iter().map(own).collect(), ..self.clone() }
    }

    /// Sets a threshold from a position on.
    pub fn set_threshold(&mut self, from: Position, change: &ThresholdChange) {
        self.set_thresholds([(from, change)]);
    }

    /// Sets thresholds, each from a position on. One that this pack does not have, or for a phase that it does not have,
    /// is left out.
    pub fn set_thresholds<'a>(&mut self, changes: impl IntoIterator<Item = (Position, &'a ThresholdChange)>) {
        for (from, change) in changes {
            let phase = change.phase.as_deref().map(|word| self.pack.timeline.phase_id(word));
            if phase != Some(None) {
                self.thresholds.set(from, change, phase.flatten());
            }
        }
        if let Some(index) = &mut self.index {
            *index = Index::new(&self.pack, &self.thresholds);
        }
    }

    /// Finds the rules without a deadline that a record can trigger, by all that they ask of the record alone.
    pub fn matching<F: Fields>(&self, record: &F, lookup: &mut Lookup) {
        let Some(index) = &self.index else { return self.all_triggered(record, lookup) };
        index.matching(record, || self.setting(record, index.asks_about_days()), lookup);
        if !lookup.found.is_empty() && self.is_outside(record) {
            lookup.found.retain(|found| self.rule(found.rule).is_some_and(|rule| rule.area.is_some()));
        }
    }

    /// The phase in which a record happened, by its place; `None` where this pack is not responsible there.
    pub fn phase_of<F: Fields>(&self, record: &F) -> Option<usize> {
        (!self.is_outside(record)).then(|| usize::from(self.phase_at(record).0))
    }

    /// The phase when and where a record happened.
    pub(super) fn phase_at<F: Fields>(&self, record: &F) -> PhaseId {
        self.pack.timeline.phase_at(place_of(record, None), record.occurred_at())
    }

    fn is_outside<F: Fields>(&self, record: &F) -> bool {
        let kabupaten = place_of(record, None).kabupaten;
        kabupaten.is_some_and(|code| self.kabupaten(code).is_none())
    }

    /// The code of a kabupaten, where the pack is responsible there.
    pub(super) fn kabupaten(&self, code: &str) -> Option<&Arc<str>> {
        self.area.iter().find(|area| ***area == *code)
    }

    /// Takes every rule without a deadline as found that runs at a kind of record, then and there.
    fn all_triggered<F: Fields>(&self, record: &F, lookup: &mut Lookup) {
        let phase = self.phase_of(record);
        let is_active = |rule: &Rule| phase.is_some_and(|phase| rule.phases.get(phase) == Some(&true));
        let is_meant = |rule: &Rule| rule.on.contains(&record.kind()) && (rule.area.is_some() || is_active(rule));
        let judging = |rule: &Rule| rule.judges() && rule.deadline.is_none();
        let found = (0..).zip(&self.pack.rules).filter(|(_, rule)| judging(rule) && is_meant(rule));
        lookup.found.clear();
        lookup.found.extend(found.map(|(rule, _)| Match { rule, holds: false }));
    }

    fn setting<F: Fields>(&self, record: &F, asks_about_days: bool) -> Setting {
        let timeline = &self.pack.timeline;
        let (place, at) = (place_of(record, None), record.occurred_at());
        Setting {
            phase: usize::from(timeline.phase_at(place, at).0),
            days_to_voting: if asks_about_days { timeline.days_to_voting(place, at) } else { 0 },
            is_voting_day: asks_about_days && timeline.is_voting_day(place, at),
        }
    }

    /// The kinds of subject for which a record of a kind changes something, given the rules that it can trigger.
    pub fn concerned_by<'a>(&'a self, kind: KindId, found: &'a [Match]) -> impl Iterator<Item = SubjectKind> + 'a {
        let triggers = move |per| found.iter().any(|found| self.per(found.rule) == Some(per));
        let concerned = self.concerned.get(usize::from(kind.0)).map_or(&[][..], Vec::as_slice).iter();
        concerned.filter(move |known| known.is_kept || !known.standing.is_empty() || triggers(known.per)).map(|k| k.per)
    }

    /// The kinds of subject that rules which a kind of record concerns are about.
    pub fn subjects_of_rules(&self, kind: KindId) -> impl Iterator<Item = SubjectKind> {
        self.concerned.get(usize::from(kind.0)).into_iter().flatten().map(|known| known.per)
    }

    /// The rules about a kind of subject that a kind of record triggers, with their places.
    pub fn triggered(&self, subject: SubjectKind, kind: KindId) -> impl Iterator<Item = (u32, &Arc<Rule>)> {
        let concerned = self.concerned(subject, kind).map_or(&[][..], |known| &known.all);
        let rules = concerned.iter().filter_map(|place| Some((*place, self.rule(*place)?)));
        rules.filter(move |(_, rule)| rule.on.contains(&kind))
    }

    /// The rule at a place.
    pub fn rule(&self, place: u32) -> Option<&Arc<Rule>> {
        self.pack.rules.get(place as usize)
    }

    /// Whom the rule at a place is about.
    #[inline]
    pub(super) fn per(&self, place: u32) -> Option<SubjectKind> {
        self.per.get(place as usize).copied()
    }

    /// What each finding of the rule at a place asks of it.
    #[inline]
    pub(super) fn brief(&self, place: u32, make: impl FnOnce() -> Brief) -> Brief {
        self.briefs.get(place as usize).map(|brief| *brief.get_or_init(make)).unwrap_or_default()
    }

    /// The rule of an id, where it judges: a draft does not.
    pub(super) fn judging(&self, id: &str) -> Option<&Arc<Rule>> {
        self.pack.rule(id).filter(|rule| rule.judges())
    }

    pub(super) fn place_of_rule(&self, id: &str) -> Option<u32> {
        self.pack.place_of(id).filter(|place| self.rule(*place).is_some_and(|rule| rule.judges()))
    }

    pub(super) fn concerned(&self, subject: SubjectKind, kind: KindId) -> Option<&Concerned> {
        self.concerned.get(usize::from(kind.0))?.iter().find(|known| known.per == subject)
    }
}
