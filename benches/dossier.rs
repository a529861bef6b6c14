//! What one trigger costs at a lodging with a hundred, a thousand and ten thousand check-ins: from indexes, and by
//! loops over all records.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark's own output and inputs"
)]

#[path = "../tests/support/naive.rs"]
mod naive;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use naive::Naive;
use siaga::engine::World;
use siaga::engine::dossier::{Dossier, Logged};
use siaga::engine::eval::{Looking, Scope};
use siaga::engine::judge::place_of;
use siaga::pack::expr::{MatchKey, Node, Part, Pick, Query};
use siaga::pack::files::Files;
use siaga::record::schema::core;
use siaga::record::value::Value;
use siaga::record::{Record, RecordKey};
use siaga::subject::SubjectKind;

const PERSON: MatchKey = MatchKey::Subject(SubjectKind::Person);
/// The time over which a lodging's check-ins are spread.
const DAYS: i64 = 90;
/// The last of them are triggers, at most so many; each row is the best of so many runs over them.
const TRIGGERS: usize = 200;
const RUNS: usize = 5;
/// Loops over all records are asked fewer times.
const LOOPED: usize = 3;

/// A question, asked from indexes and by loops.
struct Question {
    name: &'static str,
    query: Query,
    indexed: fn(&Scope<'_>, &Query) -> i64,
    looped: fn(&Naive<'_>, &Query) -> usize,
}

fn main() {
    // tests of all targets run benchmarks too, and have no use for them
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let loaded = siaga::pack::build(Files::built_in());
    let told = loaded.render(false);
    let world = World::new(Arc::new(loaded.pack.unwrap_or_else(|| panic!("{told}"))));
    println!("one trigger, best of {RUNS} runs over up to {TRIGGERS} triggers in order; check-ins over {DAYS} days");
    println!(
        "{:<34} {:>9} {:>12} {:>12} {:>12} {:>9}",
        "", "check-ins", "first us", "indexed ns", "looped ns", "times"
    );
    for check_ins in [10, 100, 1_000, 10_000] {
        let book = book(check_ins);
        for (name, asked) in [("insert", 0), ("insert, all of these indexed", questions().len())] {
            let insert = joining(&world, &book, &questions()[..asked]);
            println!("{name:<34} {check_ins:>9} {:>12} {insert:>12}", "");
        }
        for question in questions() {
            let runs = || (0..RUNS).map(|_| from_indexes(&world, &book, &question));
            let (first, indexed) = runs().min_by_key(|(_, indexed)| *indexed).unwrap();
            let looped = by_loops(&book, &question);
            #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
            let times = looped as f64 / indexed.max(1) as f64;
            let first = first / 1_000;
            println!("{:<34} {check_ins:>9} {first:>12} {indexed:>12} {looped:>12} {times:>9.1}", question.name);
        }
    }
}

/// Check-ins of so many days.
fn within(days: i64) -> Query {
    let window = Some(Box::new(Node::Constant(Value::Span(TimeDelta::days(days)))));
    Query { kind: core::LODGING_CHECK_IN, window, equal: Vec::new() }
}

fn questions() -> [Question; 6] {
    let same_person = vec![(PERSON, Node::TriggerSubject(SubjectKind::Person))];
    [
        Question {
            name: "count(7 days)",
            query: within(7),
            indexed: |scope, query| scope.count(query).unwrap(),
            looped: |naive, query| naive.matching(query).len(),
        },
        Question {
            name: "distinct(person, 7 days)",
            query: within(7),
            indexed: |scope, query| scope.distinct(PERSON, query).unwrap(),
            looped: |naive, query| naive.distinct(PERSON, query),
        },
        Question {
            name: "seen(30 days, same person)",
            query: Query { equal: same_person.clone(), ..within(30) },
            indexed: |scope, query| i64::from(scope.any(query).unwrap()),
            looped: |naive, query| usize::from(!naive.matching(query).is_empty()),
        },
        Question {
            name: "last(same person)",
            query: Query { window: None, equal: same_person, ..within(0) },
            indexed: |scope, query| i64::from(!scope.picked(Pick::Last, query, Part::Id).unwrap().is_missing()),
            looped: |naive, query| usize::from(naive.matching(query).last().is_some()),
        },
        Question {
            name: "overlaps(kecamatan, 6 h, 30 days)",
            query: within(30),
            indexed: |scope, query| {
                let least = Node::Constant(Value::Span(TimeDelta::hours(6)));
                scope.overlaps(core::KECAMATAN, &least, query).unwrap()
            },
            looped: |naive, query| naive.overlaps(core::KECAMATAN, TimeDelta::hours(6), query),
        },
        Question {
            name: "median_count(72 h, 56 days)",
            query: within(56),
            indexed: |scope, query| {
                let window = Node::Constant(Value::Span(TimeDelta::hours(72)));
                i64::from(scope.median_count(&window, query).unwrap().is_missing())
            },
            looped: |naive, query| {
                usize::from(naive.median_count(TimeDelta::hours(72), TimeDelta::days(56), query) > 1.0)
            },
        },
    ]
}

/// Check-ins of a lodging in order, each with the check-outs that come before the next: two of three guests are
/// reported out, one of five was there before.
fn book(check_ins: usize) -> Vec<Arc<Record>> {
    let start: DateTime<Utc> = "2024-08-25T00:00:00Z".parse().unwrap();
    let (mut records, mut drawn) = (Vec::new(), 1_u64);
    let mut draw = |below: u64| {
        drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (drawn >> 33) % below
    };
    for nth in 0..check_ins {
        let share = i64::try_from(nth).unwrap() * DAYS * 86_400 / i64::try_from(check_ins).unwrap();
        let at = start + TimeDelta::seconds(share);
        let guests = u64::try_from(check_ins).unwrap() * 4 / 5 + 1;
        let guest = draw(guests);
        let left = at + TimeDelta::hours(i64::try_from(8 + draw(64)).unwrap());
        let kecamatan = ["16.01.14", "16.01.15", "16.08.01"].into_iter().cycle().nth(nth).unwrap();
        let values = |mut more: Vec<_>| {
            more.extend([
                (core::PASSPORT_ISSUER, Value::text("UTO")),
                (core::PASSPORT_NUMBER, Value::text(&format!("X{guest:07}"))),
                (core::LODGING_ID, Value::text("hotel-contoh-1")),
                (core::KECAMATAN, Value::text(kecamatan)),
            ]);
            more
        };
        let key = |what: &str| RecordKey { source: Arc::from("apoa"), id: Arc::from(format!("{what}-{nth:06}")) };
        let planned = vec![(core::PLANNED_CHECK_OUT, Value::Time(left + TimeDelta::hours(12)))];
        records.push(Arc::new(Record::new(key("in"), core::LODGING_CHECK_IN, at, at, values(planned))));
        if draw(3) > 0 {
            records.push(Arc::new(Record::new(key("out"), core::LODGING_CHECK_OUT, left, left, values(Vec::new()))));
        }
    }
    records.sort_by(|a, b| a.order().cmp(&b.order()));
    records
}

fn logged(record: &Arc<Record>) -> Logged {
    Logged::new(record.clone(), 1)
}

/// The check-ins that are triggers, from which on.
fn first_trigger(book: &[Arc<Record>]) -> usize {
    let check_ins = book.iter().enumerate().filter(|(_, record)| record.kind == core::LODGING_CHECK_IN);
    let places: Vec<usize> = check_ins.map(|(place, _)| place).collect();
    places[places.len() - TRIGGERS.min(places.len() / 2)]
}

/// The nanoseconds of one, after some questions were asked.
fn joining(world: &World, book: &[Arc<Record>], asked: &[Question]) -> u128 {
    let (before, after) = book.split_at(first_trigger(book));
    let run = || {
        let mut dossier = Dossier::default();
        for record in before {
            dossier.insert(logged(record));
        }
        let newest = before.last().unwrap_or(&after[0]);
        for question in asked {
            (question.indexed)(&scope(world, &dossier, newest), &question.query);
        }
        let started = Instant::now();
        for record in after {
            dossier.insert(logged(record));
        }
        started.elapsed().as_nanos() / after.len() as u128
    };
    (0..RUNS).map(|_| run()).min().unwrap_or(0)
}

/// The nanoseconds of the first question, which builds what is missing, and of one after it.
fn from_indexes(world: &World, book: &[Arc<Record>], question: &Question) -> (u128, u128) {
    let mut dossier = Dossier::default();
    let (mut took, mut turns, mut first) = (Duration::ZERO, 0, None);
    let start = first_trigger(book);
    for (place, record) in book.iter().enumerate() {
        dossier.insert(logged(record));
        if place < start || record.kind != core::LODGING_CHECK_IN {
            continue;
        }
        let scope = scope(world, &dossier, record);
        let started = Instant::now();
        black_box((question.indexed)(&scope, &question.query));
        let elapsed = started.elapsed();
        if first.is_none() {
            first = Some(elapsed.as_nanos());
        } else {
            took += elapsed;
            turns += 1;
        }
    }
    (first.unwrap_or(0), (took.as_nanos() / turns.max(1)).saturating_sub(clock()))
}

/// The nanoseconds that looking at the clock takes.
fn clock() -> u128 {
    let looks = 1_000;
    let looked: Duration = (0..looks).map(|_| Instant::now().elapsed()).sum();
    looked.as_nanos() / looks
}

fn by_loops(book: &[Arc<Record>], question: &Question) -> u128 {
    let check_ins = book.iter().enumerate().rev().filter(|(_, record)| record.kind == core::LODGING_CHECK_IN);
    let ask = |(place, trigger): (usize, &Arc<Record>)| {
        let naive = Naive { records: book.get(..=place).unwrap(), trigger, looking: Looking::Back };
        let started = Instant::now();
        black_box((question.looped)(&naive, &question.query));
        started.elapsed().as_nanos()
    };
    check_ins.take(LOOPED).map(ask).min().unwrap_or(0)
}

fn scope<'a>(world: &'a World, dossier: &'a Dossier, trigger: &'a Record) -> Scope<'a> {
    let now = trigger.occurred_at;
    let phase = world.pack.timeline.phase_at(place_of(trigger, None), now);
    let rule = world.pack.rules.first().unwrap();
    let values = Default::default();
    Scope { world, rule, dossier, trigger, as_of: 1, now, kabupaten: None, phase, looking: Looking::Back, values }
}
