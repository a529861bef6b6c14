//! All conditions of all rules together: which rules a record can trigger, found without asking every rule.
//!
//! Every feature of a record (a field, the phase ...) has an axis, on which the constants of all conditions mark
//! classes. A conjunct about one feature is then a set of classes, mostly one interval. Each rule is entered under the
//! classes of its least likely conjunct, its *anchor*; for a record only the rules that are entered under its own
//! classes are looked at. Most of these are passed over at a glance at their least likely other conjunct, which tells few
//! classes apart, most of the others at a second look at it and the next two, and what is left open then is asked class by
//! class. Where few rules are to be looked at, only the features that they ask about are.

mod axis;
mod classes;
mod feature;
mod ladder;
mod layout;
mod look;
mod order;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::BitXor;

use crate::pack::Pack;
use crate::pack::thresholds::Thresholds;
use crate::record::schema::{KindId, Type};
use crate::record::slot::{Fields, Slot};

use axis::{Axis, Point};
use feature::{Feature, Reader};
use layout::RuleDraft;
use look::{Glances, Grain, Look, Marks};
use order::Order;

/// How many conjuncts of an entry are seen at a second look.
const LOOKS: usize = 3;
/// So many classes of a set lie beside its rule: as many as fit where an interval does.
const FEW: usize = 6;

/// For fewer entries than one in so many features, only the features that they ask about are looked at.
const FEATURES_A_CANDIDATE: usize = 4;
/// The class of a feature that was not looked at.
const UNSEEN: u32 = u32::MAX;

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
    /// The kinds of record that rules are about.
    kinds: BTreeSet<KindId>,
    features: Vec<(Feature, Axis)>,
    /// What is seen of each entry at a glance: most are passed over, so it lies apart.
    glances: Glances,
    /// Those without an anchor first, then by the class of their anchor.
    entries: Vec<Entry>,
    /// How many entries have no anchor.
    loose: u32,
    anchors: Vec<Anchor>,
    /// The features that rules ask about beside their anchor, each rule's together.
    asked: Vec<u16>,
    /// From where to where those of each entry lie there.
    asks: Vec<(u32, u32)>,
    /// The open conjuncts of entries, each one's together.
    open: Vec<Ask>,
    /// Sets of classes, a bit each.
    sets: Vec<u64>,
    asks_about_days: bool,
    /// By feature: how far glances and looks tell its classes apart.
    grains: Vec<Grain>,
}

/// A feature that anchors rules.
#[derive(Clone, Debug)]
struct Anchor {
    feature: u16,
    /// Where the entries of each class begin, and the end of the last.
    begins: Vec<u32>,
}

/// A rule under one class of its anchor; none lies across two lines of the memory.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Entry {
    /// What a glance is cast at, seen better.
    first: Look,
    /// What is looked at then.
    others: [Look; LOOKS - 1],
    /// How many conjuncts are open then; mostly none.
    count: u8,
    /// Where it is not sure that all of them hold.
    doubts: Doubts,
    rule: u32,
    /// Where the open conjuncts begin; those who have none share one place, which is near then.
    open: u32,
}

const _: () = assert!(size_of::<Entry>() == 32);

/// A conjunct: the class of a feature lies in an interval, or in a set.
#[derive(Clone, Copy, Debug)]
struct Ask {
    classes: AskedClasses,
    feature: u16,
}

#[derive(Clone, Copy, Debug)]
enum AskedClasses {
    /// From one to another.
    Between(u32, u32),
    /// A few, the last of them perhaps more than once.
    Few([u16; FEW]),
    /// All but a few, which lie there in the same way.
    AllBut([u16; FEW]),
    /// Those from one on that have a bit, of the bytes of one word: as a number it would not lie beside as much.
    Near(u32, [u8; 8]),
    /// From one to another, or from a third to a fourth.
    Either([u32; 2], [u32; 2]),
    /// Those with a bit in so many words from a place on.
    Set(u32, u32),
}

/// Where a rule whose conjuncts can hold is still to be asked whether they do: a bit for each feature whose value may
/// count as equal to a constant without being so, and one that stands for every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubts(u16);

impl Doubts {
    const NONE: Doubts = Doubts(0);
    /// Whatever the record.
    const ALWAYS: Doubts = Doubts(1 << Self::FEATURES);
    /// So many features have bits of their own; of more, some share one, and more is asked than need be.
    const FEATURES: u16 = u16::BITS as u16 - 1;

    /// In a zone around some constant of a feature.
    fn in_zones_of(feature: u16) -> Self {
        Doubts(1 << (feature % Self::FEATURES))
    }

    /// Where either has a doubt.
    fn or(self, other: Doubts) -> Self {
        Doubts(self.0 | other.0)
    }

    /// Whether both doubt at some place.
    fn meets(self, other: Doubts) -> bool {
        self.0 & other.0 != 0
    }
}

/// What a lookup works with, kept from record to record.
#[derive(Debug, Default)]
pub struct Lookup {
    classes: Vec<u32>,
    marks: Box<Marks>,
    /// From where to where entries are to be looked at.
    stretches: Vec<(u32, u32)>,
    passed: Vec<u32>,
    /// Twice the place of each rule that was found, and one more where it holds.
    order: Order,
    /// What was found, by rule.
    pub found: Vec<Match>,
}

impl Index {
    /// The index of a pack's rules, with the thresholds that were set over it.
    pub fn new(pack: &Pack, thresholds: &Thresholds) -> Self {
        let phases: Vec<&str> = pack.timeline.phases.iter().map(|phase| phase.id.as_ref()).collect();
        let reader = |rule| Reader { rule, thresholds, lists: &pack.lists, phases: &phases };
        let all = (0..).zip(pack.rules.iter().map(|rule| reader(rule)));
        let rules: Vec<(u32, Reader<'_>)> =
            all.filter(|(_, Reader { rule, .. })| rule.judges() && rule.deadline.is_none()).collect();
        let kinds = rules.iter().flat_map(|(_, reader)| reader.rule.on.iter().copied()).collect();
        let mut index = Index { kinds, ..Index::default() };

        let mut places: BTreeMap<Feature, u16> = BTreeMap::new();
        for (feature, points) in index.points(&rules) {
            let count = if feature == Feature::Kind { pack.schema.kinds().len() } else { phases.len() };
            let is_decimal = matches!(feature, Feature::Field(field)
                if pack.schema.field(field).is_some_and(|field| field.ty == Type::Number));
            let (Some(axis), Ok(place)) =
                (feature::axis(feature, is_decimal, points, count), u16::try_from(index.features.len()))
            else {
                continue;
            };
            index.asks_about_days |= matches!(feature, Feature::DaysToVoting | Feature::IsVotingDay);
            index.grains.push(Grain::of(axis.count()));
            index.features.push((feature, axis));
            if let Feature::Ordered(field) = feature {
                // on its axis texts are told apart too
                places.entry(Feature::Field(field)).or_insert(place);
            }
            places.insert(feature, place);
        }
        let draft = |(place, reader): &(u32, Reader<'_>)| RuleDraft::new(*place, reader, &index.features, &places);
        let drafts = rules.iter().map(draft).collect();
        index.enter(drafts);
        index
    }

    /// The features that rules ask about, with the constants that they are held against.
    fn points(&self, rules: &[(u32, Reader<'_>)]) -> BTreeMap<Feature, Vec<Point>> {
        let mut points: BTreeMap<Feature, Vec<Point>> = BTreeMap::new();
        for (_, reader) in rules {
            let rule = reader.rule;
            if rule.on.len() < self.kinds.len() {
                points.entry(Feature::Kind).or_default();
            }
            if rule.phases.iter().any(|on| !on) {
                points.entry(Feature::Phase).or_default();
            }
            for conjunct in &rule.when {
                if let Some(feature) = reader.feature(&conjunct.node) {
                    points.entry(feature).or_default().extend(reader.points(&conjunct.node));
                }
            }
        }
        for feature in points.keys().copied().collect::<Vec<Feature>>() {
            let Feature::Ordered(field) = feature else { continue };
            let is_text = |point: &Point| matches!(point, Point::Text(_));
            // one look at a text is enough
            if points.get(&Feature::Field(field)).is_some_and(|others| others.iter().all(is_text)) {
                let others = points.remove(&Feature::Field(field)).unwrap_or_default();
                points.entry(feature).or_default().extend(others);
            }
        }
        points
    }

    /// Whether it needs the days to the next voting day.
    pub fn asks_about_days(&self) -> bool {
        self.asks_about_days
    }

    /// Finds the rules that a record may trigger, rising by rule.
    pub fn matching<F: Fields>(&self, record: &F, setting: impl Fn() -> Setting, lookup: &mut Lookup) {
        let Lookup { classes, marks, stretches, passed, order, found } = lookup;
        found.clear();
        if !self.kinds.contains(&record.kind()) {
            return;
        }
        let mut sight = Sight::new(self, record, setting, classes, marks);
        stretches.clear();
        stretches.extend((self.loose > 0).then_some((0, self.loose)));
        for Anchor { feature, begins } in &self.anchors {
            let class = sight.see(*feature) as usize;
            if let (Some(begin), Some(end)) = (begins.get(class), begins.get(class + 1)) {
                stretches.extend((begin < end).then_some((*begin, *end)));
            }
        }
        if passed.len() < self.entries.len() {
            passed.resize(self.entries.len(), 0);
        }
        let candidates: u32 = stretches.iter().map(|(begin, end)| end - begin).sum();
        let mut count = 0;
        if candidates as usize <= self.features.len() / FEATURES_A_CANDIDATE {
            for place in stretches.iter().flat_map(|(begin, end)| *begin..*end) {
                count = sight.glance_at(place, passed, count);
            }
        } else {
            fetch(stretches.iter().filter_map(|(begin, _)| self.glances.bands(*begin)));
            sight.see_all();
            for (begin, end) in &*stretches {
                count = self.glances.at(*begin, *end, sight.marks, passed, count);
            }
        }
        let count = self.look_again(sight.marks, passed, count);
        let passed = passed.get(..count).unwrap_or(&[]);
        let entries = || passed.iter().filter_map(|place| self.entries.get(*place as usize));
        fetch(entries().filter_map(|entry| self.open.get(entry.open as usize)).map(|ask| &ask.feature));
        for entry in entries().filter(|entry| self.may_match(entry, sight.marks, sight.classes)) {
            let holds = !entry.doubts.meets(sight.doubts);
            order.put(2 * entry.rule as usize + usize::from(holds));
        }
        order.take(|number| found.push(Match { rule: (number / 2) as u32, holds: number % 2 == 1 }));
    }

    /// Of the entries that are noted, how many are not passed over at a second look; these are noted in front. So that one
    /// need not wait until another has come from memory, there is no branch on the outcome here either.
    fn look_again(&self, marks: &Marks, passed: &mut [u32], count: usize) -> usize {
        let mut kept = 0;
        for noted in 0..count {
            let place = passed.get(noted).copied().unwrap_or_default();
            let Some(entry) = self.entries.get(place as usize) else { continue };
            if let Some(next) = passed.get_mut(kept) {
                *next = place;
            }
            kept += usize::from(entry.others.iter().fold(true, |all, look| all & look.may_hold(marks)));
        }
        kept
    }

    /// Whether what is glanced at holds, and all that is open.
    #[inline]
    fn may_match(&self, entry: &Entry, marks: &Marks, classes: &[u32]) -> bool {
        let open = self.open.get(entry.open as usize..).and_then(|open| open.get(..usize::from(entry.count)));
        entry.first.may_hold(marks) && open.is_some_and(|open| open.iter().all(|ask| self.holds(ask, classes)))
    }

    #[inline]
    fn holds(&self, ask: &Ask, classes: &[u32]) -> bool {
        let class = class_of(classes, ask.feature);
        match ask.classes {
            AskedClasses::Between(first, last) => (first..=last).contains(&class),
            AskedClasses::Few(few) => is_among(&few, class),
            AskedClasses::AllBut(few) => !is_among(&few, class),
            AskedClasses::Near(first, bits) => {
                u64::from_ne_bytes(bits).checked_shr(class.wrapping_sub(first)).unwrap_or(0) & 1 == 1
            }
            AskedClasses::Either(one, other) => {
                let is_in = |[first, last]: [u32; 2]| class.wrapping_sub(first) <= last - first;
                is_in(one) | is_in(other)
            }
            AskedClasses::Set(begin, words) => {
                let word = Some(class / u64::BITS).filter(|word| *word < words);
                let word = word.and_then(|word| self.sets.get((begin + word) as usize));
                word.is_some_and(|word| word >> (class % u64::BITS) & 1 == 1)
            }
        }
    }
}

/// The classes of a record's features, each found when it is first asked for.
struct Sight<'a, F, S> {
    index: &'a Index,
    record: &'a F,
    setting: S,
    /// The setting, once a feature asked for it.
    known: Option<Setting>,
    classes: &'a mut Vec<u32>,
    marks: &'a mut Marks,
    /// Which rules are in doubt here.
    doubts: Doubts,
}

impl<'a, F: Fields, S: Fn() -> Setting> Sight<'a, F, S> {
    fn new(index: &'a Index, record: &'a F, setting: S, classes: &'a mut Vec<u32>, marks: &'a mut Marks) -> Self {
        classes.clear();
        classes.resize(index.features.len(), UNSEEN);
        Sight { index, record, setting, known: None, classes, marks, doubts: Doubts::ALWAYS }
    }

    /// The class of a feature.
    fn see(&mut self, feature: u16) -> u32 {
        let place = usize::from(feature);
        match self.classes.get(place) {
            Some(&UNSEEN) => self.look(place),
            Some(seen) => *seen,
            None => axis::MISSING,
        }
    }

    fn see_all(&mut self) {
        for place in 0..self.index.features.len() {
            if self.classes.get(place) == Some(&UNSEEN) {
                self.look(place);
            }
        }
    }

    #[inline(always)]
    fn look(&mut self, place: usize) -> u32 {
        let found = (self.index.features.get(place), self.index.grains.get(place), self.classes.get_mut(place));
        let (Some((feature, axis)), Some(grain), Some(seen)) = found else { return axis::MISSING };
        let mut setting = || *self.known.get_or_insert_with(&self.setting);
        *seen = class(*feature, axis, self.record, &mut setting);
        if axis.is_zone(*seen) {
            self.doubts = self.doubts.or(Doubts::in_zones_of(place as u16));
        }
        self.marks.note(place, *grain, *seen);
        *seen
    }

    /// Notes an entry behind the `count` that are noted, unless it is passed over at a glance; what it asks is seen.
    fn glance_at(&mut self, place: u32, passed: &mut [u32], count: usize) -> usize {
        let index = self.index;
        let Some(feature) = index.glances.feature(place) else { return count };
        self.see(feature);
        let now = index.glances.at(place, place + 1, self.marks, passed, count);
        if now > count {
            let (begin, end) = index.asks.get(place as usize).copied().unwrap_or_default();
            for feature in index.asked.get(begin as usize..end as usize).unwrap_or(&[]) {
                self.see(*feature);
            }
        }
        now
    }
}

/// The class in which a record's feature lies.
#[inline(always)]
fn class<F: Fields>(feature: Feature, axis: &Axis, record: &F, setting: &mut impl FnMut() -> Setting) -> u32 {
    match feature {
        Feature::Field(field) | Feature::Ordered(field) => {
            let (slot, hash) = record.hashed(field);
            axis.class(slot, hash)
        }
        Feature::Kind => Axis::place(usize::from(record.kind().0)),
        Feature::Source => axis.class(Slot::Text(record.source()), None),
        Feature::OccurredAt => axis.class(Slot::Time(record.occurred_at()), None),
        Feature::Phase => Axis::place(setting().phase),
        Feature::DaysToVoting => axis.class(Slot::Int(setting().days_to_voting), None),
        Feature::IsVotingDay => axis.class(Slot::Bool(setting().is_voting_day), None),
    }
}

/// Has some numbers brought from memory, all of them at once: when they are looked at one by one, what is found decides
/// what is looked at next, and each would be waited for.
fn fetch<'a, T: Copy + Default + BitXor<Output = T> + 'a>(all: impl Iterator<Item = &'a T>) {
    std::hint::black_box(all.fold(T::default(), |some, one| some ^ *one));
}

#[inline]
fn is_among(few: &[u16; FEW], class: u32) -> bool {
    few.iter().fold(false, |any, known| any | (u32::from(*known) == class))
}

#[inline]
fn class_of(classes: &[u32], feature: u16) -> u32 {
    classes.get(usize::from(feature)).copied().unwrap_or(axis::MISSING)
}

fn depends_on_place(feature: Feature) -> bool {
    matches!(feature, Feature::Phase | Feature::DaysToVoting | Feature::IsVotingDay)
}
