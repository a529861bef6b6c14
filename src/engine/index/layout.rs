//! How rules are laid out in the index: under which classes each is entered, and what is asked of it in which order.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::axis::{Axis, Holds};
use super::classes::Classes;
use super::feature::{Feature, Reader};
use super::look::{Glance, Grain, Look};
use super::{Anchor, Ask, AskedClasses, Doubts, Entry, FEW, Index, LOOKS, depends_on_place};

/// A rule is entered under at most so many classes; one that would need more looks for another anchor.
const MAX_ANCHORS: u32 = 16;
/// As many namings of classes are assumed, evenly, before any is counted.
const ASSUMED: f64 = 10.0;

/// The conjuncts of a rule, one a feature.
pub struct RuleDraft {
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

/// An entry before all are laid side by side.
struct Entered {
    /// The feature and the class of its anchor; none for a rule that is looked at for every record.
    under: Option<(u16, u32)>,
    glance: Glance,
    entry: Entry,
    asks: (u32, u32),
}

impl RuleDraft {
    /// What a rule asks of each feature; `places` are the features with an axis.
    pub fn new(place: u32, reader: &Reader<'_>, features: &[(Feature, Axis)], places: &BTreeMap<Feature, u16>) -> Self {
        let rule = reader.rule;
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
                let (_, axis) = features.get(usize::from(place))?;
                Some((place, reader.holds(axis, &conjunct.node)?))
            });
            match lowered {
                Some((feature, holds)) => take(feature, holds),
                None => leaves_rest = true,
            }
        }
        RuleDraft { rule: place, asks: asks.into_iter().collect(), leaves_rest: leaves_rest || is_elsewhere }
    }
}

impl Index {
    /// Enters the rules, each under the classes of its least likely conjunct.
    pub(super) fn enter(&mut self, drafts: Vec<RuleDraft>) {
        let common = Common::new(&self.features, &drafts);
        let mut entered = Vec::with_capacity(drafts.len());
        for draft in drafts {
            self.lay_out(draft, &common, &mut entered);
        }
        // what has no anchor comes first; what is seen alike at a glance lies together
        entered.sort_by_key(|Entered { under, entry, .. }| (*under, entry.first.begin(), entry.rule));
        self.loose = as_place(entered.partition_point(|entered| entered.under.is_none()));
        self.anchors = anchors(&entered, &self.features);
        for Entered { glance, entry, asks, .. } in entered {
            self.glances.push(glance);
            self.entries.push(entry);
            self.asks.push(asks);
        }
    }

    fn lay_out(&mut self, draft: RuleDraft, common: &Common, entered: &mut Vec<Entered>) {
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
        let anchor = anchor.map(|place| drafts.remove(place));
        let glance = drafts.first().and_then(|draft| {
            let (feature, grain) = self.seen(draft)?;
            Some(Glance::new(feature, grain, &draft.holds.may))
        });
        let glance = glance.unwrap_or(Glance::ALWAYS);
        let mut looks = [Look::ALWAYS; LOOKS];
        let mut is_seen = vec![false; drafts.len()];
        for ((look, is_seen), draft) in looks.iter_mut().zip(&mut is_seen).zip(&drafts) {
            if let Some((feature, grain)) = self.seen(draft) {
                (*look, *is_seen) = Look::new(feature, grain, &draft.holds.may);
            }
        }
        let begin = as_place(self.asked.len());
        self.asked.extend(drafts.iter().map(|draft| draft.feature));
        let asks = (begin, as_place(self.asked.len()));
        let rest = if leaves_rest { Doubts::ALWAYS } else { Doubts::NONE };
        let doubts = drafts.iter().chain(&anchor).fold(rest, |doubts, draft| doubts.or(self.doubts(draft)));
        let open = drafts.iter().zip(is_seen).filter(|(_, is_seen)| !is_seen).map(|(draft, _)| draft);
        let asked: Vec<Ask> = open.map(|draft| self.ask(draft)).collect();
        let count = u8::try_from(asked.len()).unwrap_or(u8::MAX);
        // conjuncts that an entry cannot count are not asked here
        let doubts = if asked.len() > usize::from(count) { Doubts::ALWAYS } else { doubts };
        let open = if asked.is_empty() { 0 } else { as_place(self.open.len()) };
        self.open.extend(asked);
        let [first, others @ ..] = looks;
        let entry = Entry { first, others, count, doubts, rule, open };
        match anchor {
            Some(Draft { feature, holds, .. }) => {
                let under = holds.may.iter().map(|class| Some((feature, class)));
                entered.extend(under.map(|under| Entered { under, glance, entry, asks }));
            }
            None => entered.push(Entered { under: None, glance, entry, asks }),
        }
    }

    /// Where a conjunct that can hold does not surely do so.
    fn doubts(&self, draft: &Draft) -> Doubts {
        let Some((_, axis)) = self.features.get(usize::from(draft.feature)) else { return Doubts::ALWAYS };
        let Holds { may, must } = &draft.holds;
        let perhaps = may.and(&must.complement(axis.count()));
        if perhaps.intervals().is_empty() {
            Doubts::NONE
        } else if perhaps.iter().all(|class| axis.is_zone(class)) {
            Doubts::in_zones_of(draft.feature)
        } else {
            Doubts::ALWAYS
        }
    }

    fn ask(&mut self, draft: &Draft) -> Ask {
        Ask { classes: self.asked(draft), feature: draft.feature }
    }

    fn asked(&mut self, draft: &Draft) -> AskedClasses {
        let may = &draft.holds.may;
        let count = self.features.get(usize::from(draft.feature)).map_or(0, |(_, axis)| axis.count());
        match may.intervals() {
            [] => AskedClasses::Between(1, 0),
            [(first, last)] => AskedClasses::Between(*first, *last),
            [(first, _), .., (_, last)] if last - first < u64::BITS => {
                let bits = may.iter().fold(0_u64, |bits, class| bits | 1 << (class - first));
                AskedClasses::Near(*first, bits.to_ne_bytes())
            }
            [one, other] => AskedClasses::Either((*one).into(), (*other).into()),
            [.., (_, last)] => {
                let others = || few(&may.complement(count)).map(AskedClasses::AllBut);
                few(may).map(AskedClasses::Few).or_else(others).unwrap_or_else(|| self.set(may, *last))
            }
        }
    }

    fn set(&mut self, classes: &Classes, last: u32) -> AskedClasses {
        let begin = self.sets.len();
        let words = last / u64::BITS + 1;
        self.sets.resize(begin + words as usize, 0);
        let set = self.sets.get_mut(begin..).unwrap_or_default();
        for class in classes.iter() {
            if let Some(word) = set.get_mut((class / u64::BITS) as usize) {
                *word |= 1 << (class % u64::BITS);
            }
        }
        AskedClasses::Set(as_place(begin), words)
    }

    /// How a conjunct's feature is seen; none where too many features come before it.
    fn seen(&self, draft: &Draft) -> Option<(u8, Grain)> {
        Some((u8::try_from(draft.feature).ok()?, *self.grains.get(usize::from(draft.feature))?))
    }
}

/// The features that anchor entries, which lie by feature and class.
fn anchors(entered: &[Entered], features: &[(Feature, Axis)]) -> Vec<Anchor> {
    let mut anchors: Vec<Anchor> = Vec::new();
    let mut begin = 0;
    for group in entered.chunk_by(|a, b| a.under.map(|under| under.0) == b.under.map(|under| under.0)) {
        if let Some((feature, _)) = group.first().and_then(|first| first.under) {
            let count = features.get(usize::from(feature)).map_or(0, |(_, axis)| axis.count());
            let before = |class: u32| group.partition_point(|entered| entered.under < Some((feature, class)));
            anchors
                .push(Anchor { feature, begins: (0..=count).map(|class| as_place(begin + before(class))).collect() });
        }
        begin += group.len();
    }
    anchors
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

impl Holds {
    fn and(&self, other: &Holds) -> Holds {
        Holds { may: self.may.and(&other.may), must: self.must.and(&other.must) }
    }
}

fn places_holds(places: impl Iterator<Item = usize>) -> Holds {
    let classes = places.fold(Classes::none(), |all, place| all.or(&Classes::one(Axis::place(place))));
    Holds { may: classes.clone(), must: classes }
}

/// The classes of a small set.
fn few(classes: &Classes) -> Option<[u16; FEW]> {
    let last = classes.intervals().last().and_then(|(_, last)| u16::try_from(*last).ok())?;
    let is_small = classes.len() as usize <= FEW;
    let mut few = [last; FEW];
    few.iter_mut().zip(classes.iter()).for_each(|(known, class)| *known = u16::try_from(class).unwrap_or(last));
    is_small.then_some(few)
}

fn as_place(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::look::tests::some_classes;
    use super::*;

    proptest! {
        #[test]
        fn what_is_asked_holds_in_its_classes(
            count in prop_oneof![Just(24_u32), Just(500), Just(1 << 16)],
            parts in proptest::collection::vec((0.0..1.0, prop_oneof![Just(0), 0_u32..40]), 0..6),
            is_complement in any::<bool>(),
        ) {
            let may = some_classes(count, &parts, is_complement);
            let mut index = Index { features: vec![(Feature::Source, Axis::Places(count - 1))], ..Index::default() };
            let holds = Holds { may: may.clone(), must: may.clone() };
            let ask = index.ask(&Draft { feature: 0, holds, likelihood: 0.0 });
            for class in 0..count {
                prop_assert_eq!(index.holds(&ask, &[class]), may.contains(class), "class {}", class);
            }
        }

        #[test]
        fn a_doubt_is_met_where_it_arises(feature in any::<u16>(), other in any::<u16>()) {
            let (one, other) = (Doubts::in_zones_of(feature), Doubts::in_zones_of(other));
            let sight = Doubts::ALWAYS.or(other).or(one);
            prop_assert!(one.meets(sight) && Doubts::ALWAYS.meets(sight) && !Doubts::NONE.meets(sight));
            prop_assert!(!one.meets(Doubts::ALWAYS));
        }
    }
}
