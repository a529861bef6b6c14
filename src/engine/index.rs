//! All conditions of all rules together: which rules a record can trigger, found without asking every rule.
//!
//! Every feature of a record (a field, the phase ...) has an axis, on which the constants of all conditions mark
//! classes. A conjunct about one feature is then a set of classes, mostly one interval. Each rule is entered under the
//! classes of its least likely conjunct, its *anchor*; for a record only the rules that are entered under its own
//! classes are looked at, and their other conjuncts are compared class by class, the least likely first.

mod axis;
mod classes;
mod feature;

use std::collections::BTreeMap;

use crate::pack::Pack;
use crate::pack::rule::{Rule, Status};
use crate::pack::thresholds::Thresholds;
use crate::record::schema::Type;
use crate::record::slot::{Fields, Slot};

use axis::{Axis, Holds, MISSING, Point};
use classes::Classes;
use feature::{Feature, Reader};

/// A rule is entered under at most so many classes; one that would need more looks for another anchor.
const MAX_ANCHORS: u32 = 16;
/// No class: it has not been looked up yet.
const UNKNOWN: u32 = u32::MAX;
/// In place of an interval's end: the classes are a set.
const SET: u32 = u32::MAX;

/// A rule that a record may trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// The rule's place in the pack.
    pub rule: u32,
    /// All its conjuncts hold; else some of them are still to be asked.
    pub holds: bool,
}

/// When and where a record happened, as far as rules ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The phase, by its place.
    pub phase: usize,
    /// Days to the next voting day; only asked for where a rule does.
    pub days_to_voting: i64,
    /// Whether people voted; only asked for where a rule does.
    pub is_voting_day: bool,
}

/// The index over the rules without a deadline: one with a deadline is armed by every trigger.
#[derive(Clone, Debug, Default)]
pub struct Index {
    features: Vec<(Feature, Axis)>,
    /// The features that anchor rules.
    anchors: Vec<Anchored>,
    /// Entries of rules without an anchor.
    loose: Vec<Entry>,
    /// Further conjuncts of all entries.
    asks: Vec<Ask>,
    sets: Vec<Box<[u64]>>,
    asks_about_days: bool,
}

#[derive(Clone, Debug)]
struct Anchored {
    feature: u16,
    /// Where the entries of each class begin, and the end of the last.
    begins: Vec<u32>,
    entries: Vec<Entry>,
}

/// A rule under one class of its anchor, with its first further conjunct.
#[derive(Clone, Copy, Debug)]
struct Entry {
    rule: u32,
    first: Ask,
    more: u32,
    count: u16,
    /// Some conjuncts are not in the index.
    leaves_rest: bool,
    /// The anchor holds wherever it can.
    is_sure: bool,
}

/// A conjunct: the class of a feature lies in an interval, or in a set.
#[derive(Clone, Copy, Debug)]
struct Ask {
    feature: u16,
    /// It holds wherever it can.
    is_sure: bool,
    first: u32,
    last: u32,
}

/// A conjunct before it is laid out.
struct Draft {
    feature: u16,
    holds: Holds,
    likelihood: f64,
}

/// What a lookup works with, kept from record to record.
#[derive(Debug, Default)]
pub struct Lookup {
    classes: Vec<u32>,
    /// What was found, by rule.
    pub found: Vec<Match>,
}

impl Index {
    /// The index of a pack's rules, with the thresholds that were set over it.
    pub fn new(pack: &Pack, thresholds: &Thresholds) -> Self {
        let phases: Vec<&str> = pack.timeline.phases.iter().map(|phase| phase.id.as_ref()).collect();
        let indexed: Vec<(u32, &Rule)> = (0..).zip(pack.rules.iter().map(AsRef::as_ref)).collect();
        let indexed: Vec<(u32, &Rule)> =
            indexed.into_iter().filter(|(_, rule)| rule.status != Status::Draft && rule.deadline.is_none()).collect();
        let reader = |rule| Reader { rule, thresholds, lists: &pack.lists, phases: &phases };

        let mut points: BTreeMap<Feature, Vec<Point>> = BTreeMap::new();
        points.insert(Feature::Kind, Vec::new());
        points.insert(Feature::Phase, Vec::new());
        for (_, rule) in &indexed {
            let reader = reader(rule);
            for conjunct in &rule.when {
                if let Some(feature) = reader.feature(&conjunct.node) {
                    points.entry(feature).or_default().extend(reader.points(&conjunct.node));
                }
            }
        }
        let mut index = Index::default();
        let mut places: BTreeMap<Feature, u16> = BTreeMap::new();
        for (feature, points) in points {
            let count = if feature == Feature::Kind { pack.schema.kinds().len() } else { phases.len() };
            let is_decimal = matches!(feature, Feature::Field(field)
                if pack.schema.field(field).is_some_and(|field| field.ty == Type::Number));
            let (Some(axis), Ok(place)) =
                (feature::axis(feature, is_decimal, points, count), u16::try_from(index.features.len()))
            else {
                continue;
            };
            index.asks_about_days |= matches!(feature, Feature::DaysToVoting | Feature::IsVotingDay);
            index.features.push((feature, axis));
            places.insert(feature, place);
        }
        let mut layout = Layout::default();
        for (place, rule) in indexed {
            index.enter(place, rule, &reader(rule), &places, &mut layout);
        }
        index.anchors = layout.anchors(&index.features);
        index
    }

    /// Whether it needs the days to the next voting day.
    pub fn asks_about_days(&self) -> bool {
        self.asks_about_days
    }

    fn enter(
        &mut self,
        place: u32,
        rule: &Rule,
        reader: &Reader<'_>,
        places: &BTreeMap<Feature, u16>,
        layout: &mut Layout,
    ) {
        let mut drafts: BTreeMap<u16, Holds> = BTreeMap::new();
        let mut leaves_rest = false;
        let mut take = |feature: u16, holds: Holds| {
            drafts
                .entry(feature)
                .and_modify(|known| {
                    *known = Holds { may: known.may.and(&holds.may), must: known.must.and(&holds.must) };
                })
                .or_insert(holds);
        };
        if let Some(kind) = places.get(&Feature::Kind) {
            take(*kind, places_holds(rule.on.iter().map(|kind| usize::from(kind.0))));
        }
        // the phase of a finding that belongs elsewhere is another one
        let is_elsewhere = rule.area.is_some();
        if let (Some(phase), false) = (places.get(&Feature::Phase), is_elsewhere || rule.phases.iter().all(|on| *on)) {
            let active = rule.phases.iter().enumerate().filter(|(_, on)| **on).map(|(phase, _)| phase);
            take(*phase, places_holds(active));
        }
        for conjunct in &rule.when {
            let feature = reader.feature(&conjunct.node);
            let is_known =
                |feature: &Feature| !is_elsewhere || !(depends_on_place(*feature) || conjunct.node.is_tunable());
            let feature = feature.filter(is_known);
            let lowered = feature.and_then(|feature| {
                let place = *places.get(&feature)?;
                let (_, axis) = self.features.get(usize::from(place))?;
                Some((place, reader.holds(axis, &conjunct.node)?))
            });
            match lowered {
                Some((feature, holds)) => take(feature, holds),
                None => leaves_rest = true,
            }
        }
        let mut drafts: Vec<Draft> = drafts
            .into_iter()
            .map(|(feature, holds)| Draft { feature, likelihood: self.likelihood(feature, &holds.may), holds })
            .collect();
        drafts.sort_by(|a, b| a.likelihood.total_cmp(&b.likelihood));
        self.lay_out(place, &drafts, leaves_rest || is_elsewhere, layout);
    }

    fn likelihood(&self, feature: u16, classes: &Classes) -> f64 {
        self.features.get(usize::from(feature)).map_or(1.0, |(_, axis)| axis.likelihood(classes))
    }

    fn lay_out(&mut self, rule: u32, drafts: &[Draft], leaves_rest: bool, layout: &mut Layout) {
        let anchor = drafts.iter().position(|draft| draft.likelihood < 1.0 && draft.holds.may.len() <= MAX_ANCHORS);
        let mut others = drafts.iter().enumerate().filter(|(place, _)| Some(*place) != anchor).map(|(_, draft)| draft);
        let first = others.next().map_or(Ask::ALWAYS, |draft| self.ask(draft));
        let more = u32::try_from(self.asks.len()).unwrap_or(u32::MAX);
        for draft in others {
            let ask = self.ask(draft);
            self.asks.push(ask);
        }
        let count = u16::try_from(self.asks.len() - more as usize).unwrap_or(u16::MAX);
        let anchor = anchor.and_then(|anchor| drafts.get(anchor));
        let is_sure = anchor.is_none_or(|draft| draft.holds.is_sure());
        let entry = Entry { rule, first, more, count, leaves_rest, is_sure };
        match anchor {
            Some(draft) => {
                let classes = draft.holds.may.iter();
                layout.entered.extend(classes.map(|class| (draft.feature, class, entry)));
            }
            None => self.loose.push(entry),
        }
    }

    fn ask(&mut self, draft: &Draft) -> Ask {
        let is_sure = draft.holds.is_sure();
        let (first, last) = match draft.holds.may.intervals() {
            [] => (1, 0),
            [(first, last)] => (*first, *last),
            _ => {
                let count = self.features.get(usize::from(draft.feature)).map_or(0, |(_, axis)| axis.count());
                let mut set = vec![0u64; (count as usize).div_ceil(64)];
                for class in draft.holds.may.iter() {
                    if let Some(word) = set.get_mut(class as usize / 64) {
                        *word |= 1 << (class % 64);
                    }
                }
                self.sets.push(set.into());
                (u32::try_from(self.sets.len() - 1).unwrap_or(u32::MAX), SET)
            }
        };
        Ask { feature: draft.feature, is_sure, first, last }
    }

    /// Finds the rules that a record may trigger, rising by rule.
    pub fn matching<F: Fields>(&self, record: &F, setting: impl Fn() -> Setting, lookup: &mut Lookup) {
        let Lookup { classes, found } = lookup;
        found.clear();
        classes.clear();
        classes.resize(self.features.len(), UNKNOWN);
        let mut view = View { index: self, record, setting: &setting, known: None, classes };
        for anchor in &self.anchors {
            let class = view.class(anchor.feature) as usize;
            let (Some(begin), Some(end)) = (anchor.begins.get(class), anchor.begins.get(class + 1)) else { continue };
            for entry in anchor.entries.get(*begin as usize..*end as usize).unwrap_or(&[]) {
                found.extend(view.asked(entry));
            }
        }
        for entry in &self.loose {
            found.extend(view.asked(entry));
        }
        found.sort_unstable();
    }
}

struct View<'a, F, S> {
    index: &'a Index,
    record: &'a F,
    setting: &'a S,
    known: Option<Setting>,
    classes: &'a mut [u32],
}

impl<F: Fields, S: Fn() -> Setting> View<'_, F, S> {
    #[inline]
    fn class(&mut self, feature: u16) -> u32 {
        match self.classes.get(usize::from(feature)) {
            Some(class) if *class != UNKNOWN => *class,
            _ => self.look_up(feature),
        }
    }

    fn look_up(&mut self, feature: u16) -> u32 {
        let Some((what, axis)) = self.index.features.get(usize::from(feature)) else { return MISSING };
        let class = match what {
            Feature::Field(field) | Feature::Ordered(field) => axis.class(self.record.slot(*field)),
            Feature::Kind => Axis::place(usize::from(self.record.kind().0)),
            Feature::Source => axis.class(Slot::Text(self.record.source())),
            Feature::OccurredAt => axis.class(Slot::Time(self.record.occurred_at())),
            Feature::Phase => Axis::place(self.setting().phase),
            Feature::DaysToVoting => axis.class(Slot::Int(self.setting().days_to_voting)),
            Feature::IsVotingDay => axis.class(Slot::Bool(self.setting().is_voting_day)),
        };
        if let Some(known) = self.classes.get_mut(usize::from(feature)) {
            *known = class;
        }
        class
    }

    fn setting(&mut self) -> Setting {
        *self.known.get_or_insert_with(self.setting)
    }

    #[inline]
    fn asked(&mut self, entry: &Entry) -> Option<Match> {
        if !self.holds(&entry.first) {
            return None;
        }
        let more = entry.more as usize;
        let asks = self.index.asks.get(more..more + usize::from(entry.count)).unwrap_or(&[]);
        let mut is_sure = entry.is_sure && entry.first.is_sure && !entry.leaves_rest;
        for ask in asks {
            if !self.holds(ask) {
                return None;
            }
            is_sure &= ask.is_sure;
        }
        Some(Match { rule: entry.rule, holds: is_sure })
    }

    #[inline]
    fn holds(&mut self, ask: &Ask) -> bool {
        if ask.feature == u16::MAX {
            return true;
        }
        let class = self.class(ask.feature);
        if ask.last == SET {
            let set = self.index.sets.get(ask.first as usize);
            let word = set.and_then(|set| set.get(class as usize / 64));
            return word.is_some_and(|word| word >> (class % 64) & 1 == 1);
        }
        (ask.first..=ask.last).contains(&class)
    }
}

impl Ask {
    const ALWAYS: Ask = Ask { feature: u16::MAX, is_sure: true, first: 0, last: 0 };
}

impl Holds {
    fn is_sure(&self) -> bool {
        self.may == self.must
    }
}

/// Entries by anchor and class, before they are laid side by side.
#[derive(Default)]
struct Layout {
    entered: Vec<(u16, u32, Entry)>,
}

impl Layout {
    fn anchors(mut self, features: &[(Feature, Axis)]) -> Vec<Anchored> {
        self.entered.sort_by_key(|(feature, class, entry)| (*feature, *class, entry.rule));
        let mut anchors = Vec::new();
        for group in self.entered.chunk_by(|a, b| a.0 == b.0) {
            let Some((feature, ..)) = group.first() else { continue };
            let count = features.get(usize::from(*feature)).map_or(0, |(_, axis)| axis.count());
            let begins = (0..=count).map(|class| group.partition_point(|(_, entered, _)| *entered < class));
            anchors.push(Anchored {
                feature: *feature,
                begins: begins.map(|begin| u32::try_from(begin).unwrap_or(u32::MAX)).collect(),
                entries: group.iter().map(|(_, _, entry)| *entry).collect(),
            });
        }
        anchors
    }
}

fn places_holds(places: impl Iterator<Item = usize>) -> Holds {
    let classes = places.fold(Classes::none(), |all, place| all.or(&Classes::one(Axis::place(place))));
    Holds { may: classes.clone(), must: classes }
}

fn depends_on_place(feature: Feature) -> bool {
    matches!(feature, Feature::Phase | Feature::DaysToVoting | Feature::IsVotingDay)
}
