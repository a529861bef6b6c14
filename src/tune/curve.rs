//! The curve: what would have become of the findings at each value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::alert::Disposition;
use crate::pack::Pack;
use crate::record::RecordKey;
use crate::subject::Subject;

use super::coverage::Judgements;
use super::near::NearMiss;
use super::plan::Method;

/// What dispositions are counted by: day and phase are those of the finding, as `replay` prints them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The phase.
    pub phase: Arc<str>,
    /// The kabupaten; none means the whole area.
    pub kabupaten: Option<Arc<str>>,
    /// The local date.
    pub day: NaiveDate,
}

/// How many findings came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// They opened an alert.
    pub open: usize,
    /// They joined one.
    pub repeat: usize,
    /// They raised one.
    pub escalate: usize,
    /// They were kept from people.
    pub hold: usize,
    /// They went, with their alert where they were its last.
    pub resolve: usize,
}

impl Counts {
    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            open: self.open + other.open,
            repeat: self.repeat + other.repeat,
            escalate: self.escalate + other.escalate,
            hold: self.hold + other.hold,
            resolve: self.resolve + other.resolve,
        }
    }

    fn count(&mut self, disposition: &Disposition) {
        match disposition {
            Disposition::Open => self.open += 1,
            Disposition::Repeat { .. } => self.repeat += 1,
            Disposition::Escalate { .. } => self.escalate += 1,
            Disposition::Hold(_) => self.hold += 1,
            Disposition::Resolve { .. } => self.resolve += 1,
        }
    }
}

/// Who is told of alerts of a rule in a kabupaten.
pub type Told = BTreeMap<(Arc<str>, Option<Arc<str>>), Vec<Arc<str>>>;

/// A finding that opened an alert.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opened {
    /// When its trigger happened.
    pub at: DateTime<Utc>,
    /// The record that triggered it.
    pub record: RecordKey,
    /// The rule's id.
    pub rule: Arc<str>,
    /// Whom or what it is about.
    pub subject: Subject,
}

/// What came of the findings under one setting.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// By rule, phase, kabupaten and day.
    pub cells: BTreeMap<Cell, Counts>,
    pub(super) opened: BTreeSet<Opened>,
}

impl Tally {
    pub(super) fn count(&mut self, cell: &Cell, disposition: &Disposition) {
        match self.cells.get_mut(cell) {
            Some(counts) => counts.count(disposition),
            None => self.cells.entry(cell.clone()).or_default().count(disposition),
        }
    }

    pub(super) fn add(&mut self, other: Tally) {
        for (cell, counts) in other.cells {
            let sum = self.cells.entry(cell).or_default();
            *sum = sum.plus(counts);
        }
        self.opened.extend(other.opened);
    }

    /// All of it.
    pub fn sum(&self) -> Counts {
        self.cells.values().fold(Counts::default(), |sum, counts| sum.plus(*counts))
    }

    /// By something that a cell has.
    pub fn by<K: Ord>(&self, key: impl Fn(&Cell) -> K) -> BTreeMap<K, Counts> {
        let mut by: BTreeMap<K, Counts> = BTreeMap::new();
        for (cell, counts) in &self.cells {
            let sum = by.entry(key(cell)).or_default();
            *sum = sum.plus(*counts);
        }
        by
    }
}

/// What there would be at one value.
#[derive(Clone, Debug)]
pub struct Point {
    /// The value.
    pub value: f64,
    /// What came of the findings.
    pub tally: Tally,
}

/// Neighbouring values that come out the same.
#[derive(Clone, Copy, Debug)]
pub struct Plateau<S> {
    /// The first value.
    pub first: f64,
    /// The last one.
    pub last: f64,
    /// What comes out at each of them.
    pub shown: S,
}

/// The curve of a threshold.
#[derive(Debug)]
pub struct Curve {
    /// How it was had.
    pub method: Method,
    /// Nothing changes between two of its values.
    pub complete: bool,
    /// As things are, with the pack's own values by phase and kabupaten.
    pub now: Tally,
    /// By value, rising.
    pub points: Vec<Point>,
    /// How far the records get.
    pub judgements: Judgements,
    /// The triggers closest to firing, the closest first.
    pub near: Vec<NearMiss>,
    /// Who is told of what.
    pub told: Told,
}

impl Curve {
    /// The values with those neighbours together that come out the same in what is `shown`, as far as nothing can lie
    /// between them; those that are `marked` stand alone.
    pub fn plateaus<S: PartialEq>(&self, marked: impl Fn(f64) -> bool, shown: impl Fn(&Tally) -> S) -> Vec<Plateau<S>> {
        let mut plateaus: Vec<Plateau<S>> = Vec::new();
        for Point { value, tally } in &self.points {
            let shown = shown(tally);
            let joins =
                |last: &&mut Plateau<S>| self.complete && !marked(*value) && !marked(last.last) && last.shown == shown;
            match plateaus.last_mut().filter(joins) {
                Some(plateau) => plateau.last = *value,
                None => plateaus.push(Plateau { first: *value, last: *value, shown }),
            }
        }
        plateaus
    }

    /// How many points a plot needs: past the last change it goes on a little.
    pub fn plotted(&self, marked: impl Fn(f64) -> bool) -> usize {
        let end = self.points.last().map(|point| &point.tally.cells);
        let counts = |point: &Point| Some(&point.tally.cells) != end || marked(point.value);
        let changes = self.points.iter().rposition(counts).map_or(0, |place| place + 1);
        (changes + (changes / 4).max(3)).min(self.points.len())
    }

    /// By agency; an alert counts for each agency that its rule asks there.
    pub fn by_agency(&self, tally: &Tally, wanted: impl Fn(&Cell) -> bool) -> BTreeMap<Arc<str>, Counts> {
        self.by_agency_and(tally, wanted, |_| ()).into_iter().map(|((agency, ()), counts)| (agency, counts)).collect()
    }

    /// By agency and something that a cell has.
    pub fn by_agency_and<K: Ord + Clone>(
        &self,
        tally: &Tally,
        wanted: impl Fn(&Cell) -> bool,
        key: impl Fn(&Cell) -> K,
    ) -> BTreeMap<(Arc<str>, K), Counts> {
        let mut by: BTreeMap<(Arc<str>, K), Counts> = BTreeMap::new();
        for (cell, counts) in tally.cells.iter().filter(|(cell, _)| wanted(cell)) {
            let key = key(cell);
            let told = self.told.get(&(cell.rule.clone(), cell.kabupaten.clone()));
            for agency in told.into_iter().flatten() {
                let sum = by.entry((agency.clone(), key.clone())).or_default();
                *sum = sum.plus(*counts);
            }
        }
        by
    }

    /// The agencies that any value would tell anything, in the pack's order.
    pub fn agencies<'a>(&self, pack: &'a Pack) -> Vec<&'a crate::pack::tables::Agency> {
        let told: BTreeSet<&Arc<str>> = self.told.values().flatten().collect();
        pack.agencies.iter().filter(|agency| told.contains(&agency.id)).collect()
    }
}
