//! What dossiers answer from indexes is what loops over all their records answer, whatever came and went before.

#![expect(clippy::unwrap_used, reason = "what a test sets up has to work")]
#![expect(clippy::panic, reason = "the built-in pack has to load")]

mod support {
    pub mod naive;
}

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use siaga::engine::World;
use siaga::engine::dossier::{Dossier, Logged, MAX_PER_KIND};
use siaga::engine::eval::{Looking, Scope};
use siaga::engine::judge::place_of;
use siaga::pack::expr::{MatchKey, Node, Part, Pick, Query};
use siaga::pack::files::Files;
use siaga::record::schema::{FieldId, KindId, Schema, core};
use siaga::record::value::Value;
use siaga::record::{Record, RecordKey};
use siaga::subject::SubjectKind;
use support::naive::Naive;

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let loaded = siaga::pack::build(Files::built_in());
    let told = loaded.render(false);
    World::new(Arc::new(loaded.pack.unwrap_or_else(|| panic!("{told}"))))
});

const KINDS: [KindId; 5] =
    [core::LODGING_CHECK_IN, core::LODGING_CHECK_OUT, core::PERMIT_ISSUED, core::PERMIT_EXTENDED, core::PERMIT_REVOKED];

fn field(path: &str) -> FieldId {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::default);
    SCHEMA.field_id(path).unwrap()
}

/// What a record says, in small numbers; of most choices one is that it does not say.
#[derive(Clone, Debug)]
struct Draft {
    kind: KindId,
    /// In quarters of an hour after the record before it, or, where it comes late, after the beginning.
    at: u16,
    is_late: bool,
    who: (usize, usize, usize),
    place: (usize, usize),
    amount: usize,
    people: usize,
    /// Check-in before it happened, check-out and planned one after.
    stay: (usize, usize, usize),
}

/// What happens to a dossier.
#[derive(Clone, Debug)]
enum Act {
    Join(Draft),
    Revise(Index, Draft),
    Leave(Index),
}

/// A question at a record.
#[derive(Clone, Debug)]
struct Ask {
    /// Without one, the newest.
    trigger: Option<Index>,
    query: Query,
    key: MatchKey,
    at_least: TimeDelta,
    looking: Looking,
}

fn draft() -> impl Strategy<Value = Draft> {
    let kind = select(vec![KINDS[0], KINDS[0], KINDS[0], KINDS[1], KINDS[1], KINDS[2], KINDS[3], KINDS[4]]);
    let who = (0..4_usize, 0..5_usize, 0..4_usize);
    let stay = (0..4_usize, 0..12_usize, 0..6_usize);
    (kind, 0..8_u16, prop::bool::weighted(0.1), who, (0..3_usize, 0..5_usize), 0..9_usize, 0..5_usize, stay).prop_map(
        |(kind, at, is_late, who, place, amount, people, stay)| {
            let at = if is_late { at * 60 } else { at };
            Draft { kind, at, is_late, who, place, amount, people, stay }
        },
    )
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => draft().prop_map(Act::Join),
        1 => (any::<Index>(), draft()).prop_map(|(which, draft)| Act::Revise(which, draft)),
        1 => any::<Index>().prop_map(Act::Leave),
    ]
}

fn key() -> impl Strategy<Value = MatchKey> {
    let fields = ["lodging.id", "place.kecamatan", "donation.amount", "plan.people", "lodging.check_in", "notes"];
    let subjects = SubjectKind::ALL.map(|(kind, _)| MatchKey::Subject(kind));
    select(fields.into_iter().map(|path| MatchKey::Field(field(path))).chain(subjects).collect::<Vec<_>>())
}

/// What a key is to equal: mostly what the trigger has.
fn equal() -> impl Strategy<Value = (MatchKey, Node)> {
    (key(), 0..6_u8).prop_map(|(key, how)| {
        let node = match (key, how) {
            (MatchKey::Field(id), 0) if id == field("donation.amount") => Node::Constant(Value::Int(1)),
            (MatchKey::Field(id), 0) if id == field("plan.people") => Node::Constant(Value::Number(1.0)),
            (_, 0) => Node::Constant(Value::text("uto:x1")),
            (MatchKey::Field(id), _) => Node::Trigger(Part::Field(id)),
            (MatchKey::Subject(kind), _) => Node::TriggerSubject(kind),
        };
        (key, node)
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let spans = vec![0, 1, 6, 24, 72, 168, 240, -3, i64::MAX / 3_600_000, i64::MIN / 3_600_000];
    let hours = |hours: i64| Node::Constant(Value::Span(TimeDelta::hours(hours)));
    let window = select(spans).prop_map(move |span| Box::new(hours(span)));
    let missing = Just(Box::new(Node::Constant(Value::Missing)));
    let window = prop_oneof![4 => Just(None), 12 => window.prop_map(Some), 1 => missing.prop_map(Some)];
    let query = (select(KINDS.to_vec()), window, vec(equal(), 0..3));
    let at_least = select(vec![0_i64, 6, 30, -5]).prop_map(TimeDelta::hours);
    let trigger = proptest::option::weighted(0.4, any::<Index>());
    (trigger, query, key(), at_least, prop::bool::weighted(0.8)).prop_map(
        |(trigger, (kind, window, equal), key, at_least, is_back)| {
            let looking = if is_back { Looking::Back } else { Looking::Forward };
            Ask { trigger, query: Query { kind, window, equal }, key, at_least, looking }
        },
    )
}

/// A dossier and, beside it, its records in order.
#[derive(Default)]
struct Pair {
    dossier: Dossier,
    records: Vec<Arc<Record>>,
    newest: i64,
    ids: usize,
}

impl Pair {
    fn record(&mut self, id: usize, draft: &Draft) -> Arc<Record> {
        let quarters = if draft.is_late { i64::from(draft.at) } else { self.newest + i64::from(draft.at) };
        self.newest = self.newest.max(quarters);
        let start: DateTime<Utc> = "2024-11-01T00:00:00Z".parse().unwrap();
        let at = start + TimeDelta::minutes(quarters * 15);
        let hours = |hours: usize| TimeDelta::hours(i64::try_from(hours).unwrap());
        let choice = |texts: &[&str], chosen: usize| texts.get(chosen).map_or(Value::Missing, |text| Value::text(text));
        let numbers = [0.0, -0.0, 0.1, 0.1 + f64::EPSILON / 64.0, 1.0, 5.0, 1e300];
        let when = |chosen: usize, at: DateTime<Utc>| if chosen == 0 { Value::Missing } else { Value::Time(at) };
        let (issuer, number, nik) = draft.who;
        let (check_in, check_out, planned) = draft.stay;
        let values = vec![
            (core::PASSPORT_ISSUER, choice(&["UTO", "UTO:", "uto"], issuer)),
            (core::PASSPORT_NUMBER, choice(&["X1", ":X1", "x1", "X2"], number)),
            (core::NIK_HASH, choice(&["aa", "bb"], nik)),
            (core::LODGING_ID, choice(&["hotel-contoh-1", "hotel-contoh-2"], draft.place.0)),
            (core::KECAMATAN, choice(&["16.01.14", "16.01.15", "16.08.01"], draft.place.1)),
            (field("donation.amount"), numbers.get(draft.amount).map_or(Value::Missing, |n| Value::Number(*n))),
            (field("plan.people"), i64::try_from(draft.people).map_or(Value::Missing, Value::Int)),
            // tells all apart
            (field("lodging.room"), Value::text(&format!("{id}"))),
            (core::CHECK_IN, when(check_in, at - hours(check_in * 9))),
            (core::CHECK_OUT, when(check_out / 9, at + hours(check_out))),
            (core::PLANNED_CHECK_OUT, when(planned, at + hours(planned * 30))),
        ];
        let source = if id.is_multiple_of(3) { "uji-b" } else { "uji-a" };
        let key = RecordKey { source: Arc::from(source), id: Arc::from(format!("{id}")) };
        Arc::new(Record::new(key, draft.kind, at, at, values))
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Join(draft) => {
                self.ids += 1;
                let record = self.record(self.ids, draft);
                self.join(record);
            }
            Act::Revise(which, draft) if !self.records.is_empty() => {
                let old = self.leave(which.index(self.records.len()));
                let id = old.key.id.parse().unwrap();
                let record = self.record(id, draft);
                self.join(record);
            }
            Act::Leave(which) if !self.records.is_empty() => {
                self.leave(which.index(self.records.len()));
            }
            Act::Revise(..) | Act::Leave(_) => {}
        }
    }

    fn join(&mut self, record: Arc<Record>) {
        let place = self.records.partition_point(|known| known.order() <= record.order());
        self.records.insert(place, record.clone());
        let fell_out = self.dossier.insert(Logged::new(record.clone(), 1));
        let is_full = self.records.len() > MAX_PER_KIND
            && self.records.iter().filter(|known| known.kind == record.kind).count() > MAX_PER_KIND;
        assert_eq!(fell_out, is_full);
        if fell_out {
            let oldest = self.records.iter().position(|known| known.kind == record.kind);
            self.records.remove(oldest.unwrap());
        }
    }

    fn leave(&mut self, place: usize) -> Arc<Record> {
        let record = self.records.remove(place);
        self.dossier.remove(&record);
        record
    }

    /// Asks both ways.
    fn check(&self, ask: &Ask) {
        let Some(newest) = self.records.last() else { return };
        let trigger = ask.trigger.as_ref().map_or(newest, |which| which.get(&self.records));
        let scope = scope(&self.dossier, trigger, ask.looking);
        let naive = Naive { records: &self.records, trigger, looking: ask.looking };
        let matching = naive.matching(&ask.query);
        let count = |n: usize| Ok(i64::try_from(n).unwrap());
        assert_eq!(scope.any(&ask.query), Ok(!matching.is_empty()), "any {ask:?}");
        assert_eq!(scope.count(&ask.query), count(matching.len()), "count {ask:?}");
        let id = |record: Option<&&Record>| Ok(record.map_or(Value::Missing, |r| Value::Text(r.key.id.clone())));
        assert_eq!(scope.picked(Pick::First, &ask.query, Part::Id), id(matching.first()), "first {ask:?}");
        assert_eq!(scope.picked(Pick::Last, &ask.query, Part::Id), id(matching.last()), "last {ask:?}");
        assert_eq!(scope.distinct(ask.key, &ask.query), count(naive.distinct(ask.key, &ask.query)), "distinct {ask:?}");
        let least = Node::Constant(Value::Span(ask.at_least));
        let room = field("lodging.room");
        let overlaps = naive.overlaps(room, ask.at_least, &ask.query);
        assert_eq!(scope.overlaps(room, &least, &ask.query), count(overlaps), "overlaps {ask:?}");
        let (window, over) = (TimeDelta::hours(20), TimeDelta::hours(333));
        let usual = Query { window: Some(Box::new(Node::Constant(Value::Span(over)))), ..ask.query.clone() };
        let median = scope.median_count(&Node::Constant(Value::Span(window)), &usual);
        assert_eq!(median, Ok(Value::Number(naive.median_count(window, over, &usual))), "median_count {ask:?}");
        self.check_order(trigger);
    }

    /// What does not take a query.
    fn check_order(&self, trigger: &Record) {
        let id = |logged: Option<&Logged>| logged.map(|logged| logged.record.key.clone());
        assert_eq!(id(self.dossier.find(&trigger.key, &KINDS)).as_ref(), Some(&trigger.key));
        assert_eq!(id(self.dossier.find_any(&trigger.key)).as_ref(), Some(&trigger.key));
        let other = RecordKey { source: trigger.key.source.clone(), id: Arc::from("none") };
        assert!(self.dossier.find(&other, &KINDS).is_none() && self.dossier.find_any(&other).is_none());
        let of = |kinds: &[KindId], from: usize| -> Vec<&RecordKey> {
            let of_kinds = self.records.iter().skip(from).filter(|record| kinds.contains(&record.kind));
            of_kinds.map(|record| &record.key).collect()
        };
        for kind in KINDS {
            let run = self.dossier.of_kind(kind);
            assert_eq!(run.iter().map(|logged| &logged.record.key).collect::<Vec<_>>(), of(&[kind], 0));
            assert_eq!(run.len(), of(&[kind], 0).len());
        }
        let later = self.records.partition_point(|record| record.order() <= trigger.order());
        let after = self.dossier.after(&KINDS, trigger.order());
        assert_eq!(after.iter().map(|logged| &logged.record.key).collect::<Vec<_>>(), of(&KINDS, later));
        let is_last = |logged: &Logged| self.dossier.has_none_after(logged);
        assert_eq!(self.dossier.find(&trigger.key, &KINDS).map(is_last), Some(after.is_empty()));
        let two = [KINDS[0], KINDS[1]];
        assert_eq!(id(self.dossier.newest(&two)).as_ref(), of(&two, 0).last().copied());
        let mut instants: Vec<DateTime<Utc>> = Vec::new();
        for record in self.records.iter().take(later).rev().filter(|record| two.contains(&record.kind)) {
            if instants.len() < 5 && instants.last() != Some(&record.occurred_at) {
                instants.push(record.occurred_at);
            }
        }
        instants.reverse();
        let pairs = instants.iter().zip(instants.iter().skip(1));
        let mut gaps: Vec<i64> = pairs.map(|(a, b)| (*b - *a).num_milliseconds()).collect();
        gaps.sort_unstable();
        assert_eq!(self.dossier.gaps_until(&two, trigger, 5, <[i64]>::to_vec), gaps);
    }
}

fn scope<'a>(dossier: &'a Dossier, trigger: &'a Record, looking: Looking) -> Scope<'a> {
    let world: &World = &WORLD;
    let at = trigger.occurred_at;
    let phase = world.pack.timeline.phase_at(place_of(trigger, None), at);
    let rule = world.pack.rules.first().unwrap();
    let (as_of, now, kabupaten, values) = (1, at, None, Default::default());
    Scope { world, rule, dossier, trigger, as_of, now, kabupaten, phase, looking, values }
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases: 96, max_shrink_iters: 2_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn indexes_answer_as_loops_do(turns in vec((vec(act(), 1..12), ask()), 1..60)) {
        let mut pair = Pair::default();
        for (acts, ask) in &turns {
            acts.iter().for_each(|act| pair.act(act));
            pair.check(ask);
        }
    }

    /// The same questions again and again, as rules ask them.
    #[test]
    fn windows_that_move_on_count_exactly(acts in vec(act(), 100..400), asks in vec(ask(), 1..12)) {
        let mut pair = Pair::default();
        for (nth, act) in acts.iter().enumerate() {
            pair.act(act);
            if let Some(ask) = asks.get(nth % 31) {
                pair.check(ask);
            }
        }
    }
}

/// Whom a late check-out alone keeps there, among many who stay a night.
#[test]
fn a_guest_who_leaves_late_is_met_by_those_who_come_late() {
    let night = |kind: KindId, number: usize| Draft {
        kind,
        at: 4,
        is_late: false,
        who: (0, number, 2),
        place: (0, 0),
        amount: 9,
        people: 1,
        stay: (0, 0, 0),
    };
    let query = Query { kind: KINDS[0], window: None, equal: Vec::new() };
    let key = MatchKey::Field(core::KECAMATAN);
    let ask = Ask { trigger: None, query, key, at_least: TimeDelta::zero(), looking: Looking::Back };
    for asks_before in [false, true] {
        let mut pair = Pair::default();
        for nth in 0..400 {
            pair.act(&Act::Join(night(KINDS[0], if nth == 30 { 0 } else { 1 })));
        }
        if asks_before {
            pair.check(&ask);
        }
        pair.act(&Act::Join(Draft { at: 1, ..night(KINDS[1], 0) }));
        // checked in nine hours before it was reported
        pair.act(&Act::Join(Draft { at: 0, stay: (1, 0, 0), ..night(KINDS[0], 1) }));
        pair.check(&ask);
        let out = pair.records.iter().position(|record| record.kind == KINDS[1]).unwrap();
        pair.leave(out);
        pair.check(&ask);
    }
}

/// There are a million people and one of these for each.
#[test]
fn a_dossier_is_small() {
    assert_eq!(size_of::<Dossier>(), 32);
    assert_eq!(size_of::<Logged>(), 24);
}

#[test]
fn the_bound_lets_the_oldest_fall_out_of_every_index() {
    let mut pair = Pair::default();
    let draft = |nth: usize| Draft {
        kind: KINDS[0],
        at: u16::from(nth.is_multiple_of(4)),
        is_late: nth % 997 == 996,
        who: (nth % 4, nth % 5, nth % 3),
        place: (nth % 3, nth % 5),
        amount: nth % 9,
        people: nth % 5,
        stay: (nth % 4, nth % 12, nth % 6),
    };
    let span = |days: i64| Some(Box::new(Node::Constant(Value::Span(TimeDelta::days(days)))));
    let ask = |window: Option<Box<Node>>, equal: Vec<(MatchKey, Node)>, key: MatchKey| Ask {
        trigger: None,
        query: Query { kind: KINDS[0], window, equal },
        key,
        at_least: TimeDelta::hours(6),
        looking: Looking::Back,
    };
    let person = SubjectKind::Person;
    let asks = [
        ask(span(7), Vec::new(), MatchKey::Subject(person)),
        ask(None, Vec::new(), MatchKey::Field(core::KECAMATAN)),
        ask(
            span(30),
            vec![(MatchKey::Subject(person), Node::TriggerSubject(person))],
            MatchKey::Field(core::LODGING_ID),
        ),
    ];
    for nth in 0..MAX_PER_KIND + 300 {
        pair.act(&Act::Join(draft(nth)));
        if [MAX_PER_KIND - 1, MAX_PER_KIND + 299].contains(&nth) {
            asks.iter().for_each(|ask| pair.check(ask));
        }
    }
    assert_eq!(pair.dossier.of_kind(KINDS[0]).len(), MAX_PER_KIND);
}
