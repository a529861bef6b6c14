//! Lowered conditions answer as rhai itself does, and what does not fit its types does not load.

#![expect(clippy::unwrap_used, reason = "what a test sets up has to work")]
#![expect(clippy::panic, reason = "a pack that a test made has to load")]
#![expect(clippy::indexing_slicing, reason = "over constants")]

mod generate {
    pub mod expressions;
    pub mod ill_typed;
    pub mod records;
    pub mod rules;
}

use std::sync::Arc;

use chrono::TimeDelta;
use generate::expressions::Grammar;
use generate::records::{dossier, time};
use generate::rules::{Draft, draft, files, id, load, pack};
use proptest::collection::vec;
use proptest::prelude::*;
use siaga::engine::World;
use siaga::engine::dossier::{Dossier, Logged};
use siaga::engine::index::Lookup;
use siaga::engine::judge::{Bench, Moment, Verdict};
use siaga::engine::reference::{Reference, View};
use siaga::pack::diagnostic::Weight;
use siaga::pack::rule::Rule;
use siaga::record::schema::{FieldId, Schema};
use siaga::record::value::Value;
use siaga::record::{Record, RecordKey};
use siaga::subject::{Subject, SubjectKind};

const DEPTH: u32 = 3;

/// What a rule says at a trigger.
#[derive(Clone, Debug)]
enum Answer {
    True,
    False,
    Fails(#[expect(dead_code, reason = "shown where answers differ")] String),
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Answer {
    fn of<E: std::fmt::Display>(result: Result<bool, E>) -> Self {
        match result {
            Ok(true) => Answer::True,
            Ok(false) => Answer::False,
            Err(error) => Answer::Fails(error.to_string()),
        }
    }
}

/// A rule with one condition.
fn only(condition: &str) -> Draft {
    Draft { values: Vec::new(), conjuncts: vec![condition.to_owned()] }
}

/// Both answers of every rule at every trigger.
fn answers(drafts: &[Draft], records: &[Arc<Record>]) -> Vec<(usize, usize, Answer, Answer)> {
    let files = files(drafts);
    let pack = pack(&files);
    let world = World::new(pack.clone());
    let reference = Reference::new(&pack, &files);
    let thresholds = Arc::new(world.thresholds.clone());
    let mut dossier = Dossier::default();
    for record in records {
        dossier.insert(Logged::new(record.clone(), 1));
    }
    let all = Arc::new(records.to_vec());
    let subject = Subject { kind: SubjectKind::Source, key: Arc::from("uji") };
    let mut answers = Vec::new();
    let mut lookup = Lookup::default();
    for (nth, trigger) in records.iter().enumerate() {
        let mut view = View::new(&pack, &thresholds, &all, trigger, 1);
        world.matching(trigger.as_ref(), &mut lookup);
        for index in 0..drafts.len() {
            let rule = pack.rule(&id(index)).unwrap();
            let bench = Bench { world: &world, rule, subject: &subject, dossier: &dossier, trigger };
            let lowered =
                Answer::of(bench.judge(Moment::Trigger(1)).map(|verdict| matches!(verdict, Verdict::Found(_))));
            check_index(&world, &lookup, rule, &lowered);
            answers.push((index, nth, lowered, Answer::of(reference.holds(&rule.id, &mut view))));
        }
    }
    answers
}

/// What holds is found, and what is said to hold holds, but for what is no matter of conditions.
fn check_index(world: &World, lookup: &Lookup, rule: &Rule, lowered: &Answer) {
    let found = lookup.found.iter().find(|found| world.rule(found.rule).is_some_and(|known| known.id == rule.id));
    let spared = found.is_none();
    assert!(
        !spared || *lowered == Answer::False,
        "{} is {lowered:?}, and the index spares it: {:?}",
        rule.id,
        rule.when
    );
    let surely = found.is_some_and(|found| found.holds);
    assert!(
        !surely || *lowered == Answer::True,
        "{} is {lowered:?}, and the index says it holds: {:?}",
        rule.id,
        rule.when
    );
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 500, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lowered_conditions_answer_as_rhai_does(drafts in vec(draft(DEPTH, 1..4), 6), records in dossier()) {
        for (index, nth, lowered, reference) in answers(&drafts, &records) {
            prop_assert_eq!(&lowered, &reference, "rule {} at record {}: {:#?}", index, nth, drafts[index]);
        }
    }

    #[test]
    fn short_conditions_over_the_record_answer_so_through_the_index(
        drafts in vec(draft(2, 1..5), 20),
        records in dossier(),
    ) {
        for (index, nth, lowered, reference) in answers(&drafts, &records) {
            prop_assert_eq!(&lowered, &reference, "rule {} at record {}: {:#?}", index, nth, drafts[index]);
        }
    }

    #[test]
    fn what_does_not_fit_its_types_does_not_load(condition in Grammar::new(2, false).ill_typed()) {
        let files = files(&[only(&condition)]);
        let loaded = load(&files);
        prop_assert!(loaded.pack.is_none(), "loads: {}", condition);
        let told = loaded.diagnostics.iter().find(|told| told.weight == Weight::Error).unwrap();
        let line = files.text(&told.file).and_then(|text| text.lines().nth(told.line.wrapping_sub(1)));
        prop_assert!(line.is_some_and(|line| line.contains("when:")), "{}:{} {}", told.file, told.line, told.message.render(siaga::words::Language::English));
    }
}

/// A check-in that states what the table below reads, and misses the rest.
fn check_in() -> Arc<Record> {
    let schema = Schema::default();
    let field = |path: &str| schema.field_id(path).unwrap();
    let values: Vec<(FieldId, Value)> = vec![
        (field("place.kabupaten"), Value::text("16.01")),
        (field("lodging.id"), Value::text("hotel-contoh-1")),
        (field("lodging.name"), Value::text("")),
        (field("plan.people"), Value::Int(i64::MAX)),
        (field("donation.amount"), Value::Number(0.3)),
        (field("lodging.check_in"), Value::Time(time("2024-11-24"))),
    ];
    let key = RecordKey { source: Arc::from("uji"), id: Arc::from("t1") };
    let at = time("2024-11-24T02:00:00+09:00");
    Arc::new(Record::new(key, schema.kind_id("lodging.check_in").unwrap(), at, at, values))
}

#[test]
fn edges_are_answered_alike() {
    let (yes, no, fails) = (Answer::True, Answer::False, Answer::Fails(String::new()));
    let cases = [
        // missing
        ("record.lodging.room == \"a\"", no.clone()),
        ("record.lodging.room != \"a\"", no.clone()),
        ("record.lodging.room == record.lodging.room", no.clone()),
        ("!(record.lodging.room == \"a\")", yes.clone()),
        ("record.place.lat < 1 || record.place.lat >= 1", no.clone()),
        ("record.lodging.room in [\"a\", \"\"]", no.clone()),
        ("\"a\" in [record.lodging.room]", no.clone()),
        ("record.lodging.room !in [\"a\"]", yes.clone()),
        ("has(record.lodging.room)", no.clone()),
        ("has(record.lodging.name) && record.lodging.name == \"\"", yes.clone()),
        ("has(record.lodging) && !has(record.person)", yes.clone()),
        ("has(record.place.lat + 1)", no.clone()),
        ("record.place.lat / 0 > 1", no.clone()),
        ("max(record.place.lat, 5) >= 5", no.clone()),
        ("record.permit.valid_until + days(1) > record.occurred_at", no.clone()),
        ("contains(record.lodging.room, \"\")", no.clone()),
        ("record.lodging.name.starts_with(record.lodging.room)", no.clone()),
        ("seen(\"lodging.check_in\", #{ \"lodging.room\": record.lodging.room })", no.clone()),
        ("seen(\"lodging.check_in\", record.permit.valid_until - record.occurred_at)", no.clone()),
        ("seen(\"lodging.check_in\", #{ \"person\": record.person })", no.clone()),
        ("permit().may_work == false || permit().may_work == true", no.clone()),
        ("first(\"permit.issued\").occurred_at <= record.occurred_at", no.clone()),
        ("has(usual_gap())", no.clone()),
        // whole numbers
        ("record.plan.people == 9223372036854775807", yes.clone()),
        ("record.plan.people + 1 > 0", fails.clone()),
        ("-record.plan.people - 2 < 0", fails.clone()),
        ("record.plan.people * 2 > 0", fails.clone()),
        ("1 / (record.plan.people - 9223372036854775807) > 0", fails.clone()),
        ("5 % (count(\"permit.issued\")) == 0", fails.clone()),
        ("(-9223372036854775807 - 1) / -1 > 0", fails.clone()),
        ("-7 / 2 == -3 && -7 % 2 == -1", yes.clone()),
        ("days(record.plan.people) > days(1)", fails.clone()),
        ("days(1) * record.plan.people > days(1)", fails.clone()),
        ("days(1) / count(\"permit.issued\") > days(1)", fails.clone()),
        ("record.occurred_at + days(200000000) > record.occurred_at", fails.clone()),
        ("record.occurred_at + working_days(6000) > record.occurred_at", fails.clone()),
        // whole and decimal numbers
        ("1 == 1.0 && 1 in [1.0] && 2 > 1.5 && 1.5 < 2", yes.clone()),
        ("7 / 2 == 3 && 7 / 2.0 == 3.5 && max(7, 1.0) / 2 == 3.5", yes.clone()),
        ("record.donation.amount == 0.1 + 0.2", yes.clone()),
        ("record.donation.amount < 0.1 + 0.2 || record.donation.amount != 0.1 + 0.2", no.clone()),
        ("record.plan.people == 9223372036854775807.0", yes.clone()),
        ("max(9223372036854775807, 1.0) + 1 > 0", yes.clone()),
        ("1.0 / 0.0 > 1.0 || 1.0 / 0.0 == 1.0 / 0.0", no.clone()),
        ("0.0 / 0.0 == 0.0 / 0.0 || 0.0 / 0.0 != 1.0", no.clone()),
        // texts
        ("\"a\" > \"A\" && \"b\" > \"aa\" && \"é\" > \"z\" && \"\" < \"a\"", yes.clone()),
        ("\"9\" < \"10\"", no.clone()),
        ("\"B1\".contains(\"\") && \"B1\".ends_with(\"1\") && \"B\" in \"B1\"", yes.clone()),
        // lists
        ("record.lodging.id in []", no.clone()),
        ("listed(\"visa_index\", \"B1\") && !listed(\"visa_index\", \"\")", yes.clone()),
        // times
        ("record.occurred_at == time(\"2024-11-23T17:00:00Z\")", yes.clone()),
        ("record.occurred_at == record.lodging.check_in", yes.clone()),
        ("phase() == \"tenang\" && phase_now() == phase()", yes.clone()),
        ("seen(\"lodging.check_in\", days(100000000)) && !seen(\"lodging.check_in\", days(-100000000))", yes.clone()),
        ("seen(\"lodging.check_in\", minutes(0)) && !seen(\"lodging.check_in\", minutes(-1))", yes.clone()),
        // order of evaluation
        ("true || 1 / 0 == 1", yes.clone()),
        ("(1 / 0 == 1 || true)", fails.clone()),
        ("1 / 0 == 1 && false", no.clone()),
        ("!(1 / 0 == 1 && false)", fails.clone()),
        ("false || (false || (true && (false || true)))", yes.clone()),
        // helpers
        ("more(more(1)) == 3 && at_least(more(1), 2)", yes.clone()),
        ("steps(5) == 10 && parity(3) == \"odd\" && clipped(\"ab\", 1) == \"a\"", yes.clone()),
        ("parity(record.place.lat) == \"even\" || parity(record.place.lat) != \"even\"", no.clone()),
        ("steps(1000000) > 0", fails.clone()),
        ("forever(1000000) > 0", fails.clone()),
        ("steps(1000000) > 0 && false", no.clone()),
        ("steps(\"a\") == 1", fails.clone()),
        ("nothing(1) == 1 || nothing(1) != 1", no.clone()),
        ("nothing(0) == 0 && nothing(0) != \"a\" && !(nothing(0) == \"0\")", yes.clone()),
        ("seconds(days(1)) == 86400 && seconds(record.occurred_at) == 1732381200", yes.clone()),
    ];
    check(&cases);
}

#[test]
fn what_is_usual_is_taken_over_the_last_records_alone() {
    let schema = Schema::default();
    let kinds = ["lodging.check_in", "permit.issued"].map(|kind| schema.kind_id(kind).unwrap());
    // hours between records: long ago every hour, then every three, each of them told twice
    let hours = (0..300).scan(0, |sum, nth| {
        *sum += if nth < 200 { 1 } else { 3 };
        Some((nth, *sum))
    });
    let record = |(nth, hours): (usize, i64), twin: &str| {
        let key = RecordKey { source: Arc::from("uji"), id: Arc::from(format!("{nth}-{twin}")) };
        let at = time("2024-10-01") + TimeDelta::hours(hours);
        Arc::new(Record::new(key, kinds[nth % 2], at, at, Vec::new()))
    };
    let records: Vec<Arc<Record>> = hours.flat_map(|at| [record(at, "a"), record(at, "b")]).collect();
    for (condition, first, last) in [("usual_gap() == hours(1)", 6, 462), ("usual_gap() == hours(3)", 462, 600)] {
        for (_, nth, lowered, reference) in answers(&[only(condition)], &records) {
            let wanted = if (first..last).contains(&nth) { Answer::True } else { Answer::False };
            assert_eq!(lowered, reference, "{condition} at {nth}");
            assert_eq!(lowered, wanted, "{condition} at {nth}");
        }
    }
}

fn check(cases: &[(&str, Answer)]) {
    let drafts: Vec<Draft> = cases.iter().map(|(condition, _)| only(condition)).collect();
    let answers = answers(&drafts, &[check_in()]);
    let wrong: Vec<String> = cases
        .iter()
        .zip(answers)
        .filter(|((_, wanted), (_, _, lowered, reference))| lowered != wanted || reference != wanted)
        .map(|((condition, wanted), (_, _, lowered, reference))| {
            format!("{condition}\n    wanted {wanted:?}, lowered {lowered:?}, reference {reference:?}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
