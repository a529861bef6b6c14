//! All conditions of all rules together: which rules a record can trigger, found without asking every rule.
//!
//! Every feature of a record (a field, the phase ...) has an axis, on which the constants of all conditions mark
//! classes. A conjunct about one feature is then a set of classes, mostly one interval. Each rule is entered under the
//! classes of its least likely conjunct, its *anchor*; for a record only the rules that are entered under its own
//! classes are looked at, and their other conjuncts are compared class by class, the least likely first.

mod axis;
mod classes;
mod feature;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use foldhash::fast::FixedState;

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
/// As many namings of classes are assumed, evenly, before any is counted.
const ASSUMED: f64 = 10.0;
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
    /// Rules without an anchor.
    loose: Group,
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
    group: Group,
}

/// Entries side by side, with their first conjuncts apart: most entries are passed over by these alone.
#[derive(Clone, Debug, Default)]
struct Group {
    glances: Vec<Glance>,
    entries: Vec<Entry>,
}

/// What of a conjunct is seen at a glance: from which class on it can hold, and over how many more.
#[derive(Clone, Copy, Debug)]
struct Glance {
    feature: u16,
    first: u32,
    more: u32,
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
    /// Of the anchor.
    doubt: Doubt,
}

/// A conjunct: the class of a feature lies in an interval, or in a set.
#[derive(Clone, Copy, Debug)]
struct Ask {
    feature: u16,
    doubt: Doubt,
    first: u32,
    last: u32,
}

/// Whether a conjunct that can hold in a class surely does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// It does.
    None,
    /// It does but where a number is nearly equal to a constant.
    InZones,
    /// It is still to be asked.
    Always,
}

/// The conjuncts of a rule, one a feature.
struct RuleDraft {
    rule: u32,
    asks: Vec<(u16, Holds)>,
    /// Some conjuncts are not among them.
    leaves_rest: bool,
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
    passed: Vec<u32>,
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
        let drafts: Vec<RuleDraft> =
            indexed.iter().map(|(place, rule)| index.draft(*place, rule, &reader(rule), &places)).collect();
        let common = Common::new(&index.features, &drafts);
        let mut layout = Layout::default();
        for draft in drafts {
            index.lay_out(draft, &common, &mut layout);
        }
        index.anchors = layout.anchors(&index.features);
        index.loose = layout.loose.into_iter().collect();
        index
    }

    /// Whether it needs the days to the next voting day.
    pub fn asks_about_days(&self) -> bool {
        self.asks_about_days
    }

    fn draft(&self, place: u32, rule: &Rule, reader: &Reader<'_>, places: &BTreeMap<Feature, u16>) -> RuleDraft {
        let mut asks: BTreeMap<u16, Holds> = BTreeMap::new();
        let mut leaves_rest = false;
        let mut take = |feature: u16, holds: Holds| {
            asks.entry(feature).and_modify(|known| *known = known.and(&holds)).or_insert(holds);
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
            let is_known =
                |feature: &Feature| !is_elsewhere || !(depends_on_place(*feature) || conjunct.node.is_tunable());
            let lowered = reader.feature(&conjunct.node).filter(is_known).and_then(|feature| {
                let place = *places.get(&feature)?;
                let (_, axis) = self.features.get(usize::from(place))?;
                Some((place, reader.holds(axis, &conjunct.node)?))
            });
            match lowered {
                Some((feature, holds)) => take(feature, holds),
                None => leaves_rest = true,
            }
        }
        RuleDraft { rule: place, asks: asks.into_iter().collect(), leaves_rest: leaves_rest || is_elsewhere }
    }

    fn lay_out(&mut self, draft: RuleDraft, common: &Common, layout: &mut Layout) {
        let RuleDraft { rule, asks, leaves_rest } = draft;
        let mut drafts: Vec<Draft> = asks
            .into_iter()
            .map(|(feature, holds)| Draft {
                feature,
                likelihood: common.likelihood(&self.features, feature, &holds.may),
                holds,
            })
            .collect();
        drafts.sort_by(|a, b| a.likelihood.total_cmp(&b.likelihood));
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
        let doubt = anchor.map_or(Doubt::None, |draft| self.doubt(draft));
        let entry = Entry { rule, first, more, count, leaves_rest, doubt };
        match anchor {
            Some(draft) => {
                let classes = draft.holds.may.iter();
                let glance = self.glance(&entry.first);
                layout.entered.extend(classes.map(|class| (draft.feature, class, entry, glance)));
            }
            None => layout.loose.push((entry, self.glance(&entry.first))),
        }
    }

    fn glance(&self, ask: &Ask) -> Glance {
        if ask.feature == u16::MAX {
            return Glance { feature: 0, first: 0, more: u32::MAX };
        }
        let (first, last) = match ask.last {
            SET => self.sets.get(ask.first as usize).map_or((1, 0), |set| hull(set)),
            last => (ask.first, last),
        };
        match last.checked_sub(first) {
            Some(more) => Glance { feature: ask.feature, first, more },
            // it never holds
            None => Glance { feature: ask.feature, first: u32::MAX - 1, more: 0 },
        }
    }

    fn doubt(&self, draft: &Draft) -> Doubt {
        let Holds { may, must } = &draft.holds;
        let is_zone =
            |class| self.features.get(usize::from(draft.feature)).is_some_and(|(_, axis)| axis.is_zone(class));
        if may == must {
            Doubt::None
        } else if may.iter().all(|class| must.contains(class) || is_zone(class)) {
            Doubt::InZones
        } else {
            Doubt::Always
        }
    }

    fn ask(&mut self, draft: &Draft) -> Ask {
        let doubt = self.doubt(draft);
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
        Ask { feature: draft.feature, doubt, first, last }
    }

    /// Finds the rules that a record may trigger, rising by rule.
    pub fn matching<F: Fields>(&self, record: &F, setting: impl Fn() -> Setting, lookup: &mut Lookup) {
        let Lookup { classes, passed, found } = lookup;
        found.clear();
        classes.clear();
        classes.resize(self.features.len(), UNKNOWN);
        let mut view = View { index: self, record, setting: &setting, known: None, classes };
        for anchor in &self.anchors {
            let class = view.class(anchor.feature) as usize;
            let (Some(begin), Some(end)) = (anchor.begins.get(class), anchor.begins.get(class + 1)) else { continue };
            view.ask_all(&anchor.group, *begin as usize..*end as usize, passed, found);
        }
        view.ask_all(&self.loose, 0..self.loose.entries.len(), passed, found);
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
            Feature::Field(field) | Feature::Ordered(field) => {
                axis.class(self.record.slot(*field), self.record.text_hash(*field))
            }
            Feature::Kind => Axis::place(usize::from(self.record.kind().0)),
            Feature::Source => axis.class(Slot::Text(self.record.source()), None),
            Feature::OccurredAt => axis.class(Slot::Time(self.record.occurred_at()), None),
            Feature::Phase => Axis::place(self.setting().phase),
            Feature::DaysToVoting => axis.class(Slot::Int(self.setting().days_to_voting), None),
            Feature::IsVotingDay => axis.class(Slot::Bool(self.setting().is_voting_day), None),
        };
        if let Some(known) = self.classes.get_mut(usize::from(feature)) {
            *known = class;
        }
        class
    }

    /// Asks the entries at some places of a group.
    fn ask_all(&mut self, group: &Group, places: Range<usize>, passed: &mut Vec<u32>, found: &mut Vec<Match>) {
        let glances = group.glances.get(places.clone()).unwrap_or(&[]);
        let entries = group.entries.get(places).unwrap_or(&[]);
        passed.resize(passed.len().max(glances.len()), 0);
        // without a branch on the outcome, which nobody could predict
        let mut count = 0;
        for (place, glance) in (0..).zip(glances) {
            let class = self.class(glance.feature);
            if let Some(next) = passed.get_mut(count) {
                *next = place;
            }
            count += usize::from(class.wrapping_sub(glance.first) <= glance.more);
        }
        let passed = passed.get(..count).unwrap_or(&[]);
        found.extend(passed.iter().filter_map(|place| self.asked(entries.get(*place as usize)?)));
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
        for ask in asks {
            if !self.holds(ask) {
                return None;
            }
        }
        let holds = !entry.leaves_rest
            && entry.doubt == Doubt::None
            && std::iter::once(&entry.first).chain(asks).all(|ask| self.is_sure(ask));
        Some(Match { rule: entry.rule, holds })
    }

    fn is_sure(&mut self, ask: &Ask) -> bool {
        match ask.doubt {
            Doubt::None => true,
            Doubt::Always => false,
            Doubt::InZones => {
                let class = self.class(ask.feature);
                self.index.features.get(usize::from(ask.feature)).is_some_and(|(_, axis)| !axis.is_zone(class))
            }
        }
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

impl FromIterator<(Entry, Glance)> for Group {
    fn from_iter<I: IntoIterator<Item = (Entry, Glance)>>(all: I) -> Self {
        let (entries, glances) = all.into_iter().unzip();
        Group { glances, entries }
    }
}

impl Ask {
    const ALWAYS: Ask = Ask { feature: u16::MAX, doubt: Doubt::None, first: 0, last: 0 };
}

impl Holds {
    fn and(&self, other: &Holds) -> Holds {
        Holds { may: self.may.and(&other.may), must: self.must.and(&other.must) }
    }
}

/// How common the classes are, judged by how often rules name them: rules are written about what comes.
struct Common {
    named: Vec<(HashMap<u32, f64, FixedState>, f64)>,
}

impl Common {
    fn new(features: &[(Feature, Axis)], drafts: &[RuleDraft]) -> Self {
        let mut named = vec![(HashMap::default(), 0.0); features.len()];
        for (feature, holds) in drafts.iter().flat_map(|draft| &draft.asks) {
            let place = usize::from(*feature);
            let is_named = features.get(place).is_some_and(|(_, axis)| axis.are_named(&holds.may));
            if let Some((classes, all)) = named.get_mut(place).filter(|_| is_named && holds.may.len() <= MAX_ANCHORS) {
                let part = 1.0 / f64::from(holds.may.len().max(1));
                holds.may.iter().for_each(|class| *classes.entry(class).or_default() += part);
                *all += 1.0;
            }
        }
        Common { named }
    }

    /// How likely it is that a value lies in some classes.
    fn likelihood(&self, features: &[(Feature, Axis)], feature: u16, classes: &Classes) -> f64 {
        let place = usize::from(feature);
        let Some((_, axis)) = features.get(place) else { return 1.0 };
        let even = f64::from(classes.len()) / f64::from(axis.count());
        match self.named.get(place) {
            Some((named, all)) if axis.are_named(classes) => {
                let count: f64 = classes.iter().filter_map(|class| named.get(&class)).sum();
                (count + ASSUMED * even) / (all + ASSUMED)
            }
            // most texts are none of those that rules name
            _ if matches!(axis, Axis::Words(_)) => 1.0,
            _ => even,
        }
    }
}

/// Entries by anchor and class, before they are laid side by side.
#[derive(Default)]
struct Layout {
    entered: Vec<(u16, u32, Entry, Glance)>,
    loose: Vec<(Entry, Glance)>,
}

impl Layout {
    fn anchors(&mut self, features: &[(Feature, Axis)]) -> Vec<Anchored> {
        self.entered.sort_by_key(|(feature, class, entry, _)| (*feature, *class, entry.rule));
        let mut anchors = Vec::new();
        for group in self.entered.chunk_by(|a, b| a.0 == b.0) {
            let Some((feature, ..)) = group.first() else { continue };
            let count = features.get(usize::from(*feature)).map_or(0, |(_, axis)| axis.count());
            let begins = (0..=count).map(|class| group.partition_point(|(_, entered, ..)| *entered < class));
            anchors.push(Anchored {
                feature: *feature,
                begins: begins.map(|begin| u32::try_from(begin).unwrap_or(u32::MAX)).collect(),
                group: group.iter().map(|(_, _, entry, glance)| (*entry, *glance)).collect(),
            });
        }
        anchors
    }
}

/// The first and the last class of a set.
fn hull(set: &[u64]) -> (u32, u32) {
    let classes = |word: usize, bit: u32| u32::try_from(word * 64).unwrap_or(u32::MAX).saturating_add(bit);
    let first = set.iter().position(|word| *word != 0);
    let last = set.iter().rposition(|word| *word != 0);
    let word = |place: usize| set.get(place).copied().unwrap_or_default();
    match (first, last) {
        (Some(first), Some(last)) => {
            (classes(first, word(first).trailing_zeros()), classes(last, 63 - word(last).leading_zeros()))
        }
        _ => (1, 0),
    }
}

fn places_holds(places: impl Iterator<Item = usize>) -> Holds {
    let classes = places.fold(Classes::none(), |all, place| all.or(&Classes::one(Axis::place(place))));
    Holds { may: classes.clone(), must: classes }
}

fn depends_on_place(feature: Feature) -> bool {
    matches!(feature, Feature::Phase | Feature::DaysToVoting | Feature::IsVotingDay)
}
