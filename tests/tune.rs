//! The curve of a threshold is what replays with each of its values would print.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test sets up has to work")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, Utc};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::Value as Json;
use siaga::entry::{EntryBody, ThresholdChange};
use siaga::intake::entries::entries;
use siaga::intake::row::Row;
use siaga::intake::{Submitter, file, sort};
use siaga::ledger::{Appended, Ledger};
use siaga::machine::Machine;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pack::thresholds::Threshold;
use siaga::record::parse::{Parsed, Received};
use siaga::replay::lines;
use siaga::store::Store;
use siaga::store::log::EdgeTime;
use siaga::tune::curve::{Counts, Curve, Tally};
use siaga::tune::history::Collector;
use siaga::tune::limit::Limit;
use siaga::tune::{History, Method, Plan, Question, tune};

static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| Arc::new(siaga::pack::build(Files::built_in()).pack.unwrap()));

/// All rows but the heartbeats of most lodgings, of which there are thousands and which say the same.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let rows = file::read(&path).unwrap().map(Result::unwrap);
    rows.filter(|row| is_wanted(&String::from_utf8_lossy(&row.raw))).collect()
});

static PARSED: LazyLock<Vec<Parsed>> = LazyLock::new(|| parsed(ROWS.clone()));

fn is_wanted(line: &str) -> bool {
    !line.contains("\"source.heartbeat\"") || line.contains("-1\"")
}

fn parsed(rows: Vec<Row>) -> Vec<Parsed> {
    sort(&PACK.schema, rows, Received::Stated, PACK.timeline.zone, &Submitter::LOCAL).accepted
}

/// Rule, agency, phase, kabupaten, day, and what became of it.
type Place = (String, String, String, String, NaiveDate, String);

/// What `replay` prints with thresholds set before the first record, for some rules, by agency.
fn replayed(parsed: &[Parsed], set: &[ThresholdChange], rules: &BTreeSet<String>) -> BTreeMap<Place, usize> {
    let (mut machine, mut ledger, mut steps) = (Machine::new(PACK.clone()), Ledger::default(), Vec::new());
    for change in set {
        let entry = ledger.entry(DateTime::<Utc>::MIN_UTC, EntryBody::Threshold(change.clone()));
        steps.extend(machine.process(&entry));
    }
    for parsed in parsed {
        if let Appended::Entry(entry) | Appended::Stale(entry) = ledger.append(parsed.clone()) {
            steps.extend(machine.process(&entry));
        }
    }
    let mut counted = BTreeMap::new();
    for line in lines(&PACK, steps) {
        let line = serde_json::to_value(line).unwrap();
        let text = |line: &Json| line.as_str().unwrap_or_default().to_owned();
        if !rules.contains(&text(&line["rule"])) {
            continue;
        }
        let day = DateTime::parse_from_rfc3339(&text(&line["at"])).unwrap().date_naive();
        for agency in line["notify"].as_array().unwrap() {
            let kind = text(&line["disposition"]["kind"]);
            let place = (text(&line["rule"]), text(agency), text(&line["phase"]), text(&line["kabupaten"]), day, kind);
            *counted.entry(place).or_default() += 1;
        }
    }
    counted
}

/// The same from a curve.
fn counted(curve: &Curve, tally: &Tally) -> BTreeMap<Place, usize> {
    let by = curve.by_agency_and(tally, |_| true, Clone::clone);
    let mut counted = BTreeMap::new();
    for ((agency, cell), Counts { open, repeat, escalate, hold, resolve }) in by {
        let kabupaten = cell.kabupaten.map(|code| code.to_string()).unwrap_or_default();
        for (kind, times) in
            [("open", open), ("repeat", repeat), ("escalate", escalate), ("hold", hold), ("resolve", resolve)]
        {
            let place = (
                cell.rule.to_string(),
                agency.to_string(),
                cell.phase.to_string(),
                kabupaten.clone(),
                cell.day,
                kind.to_owned(),
            );
            if times > 0 {
                counted.insert(place, times);
            }
        }
    }
    counted
}

/// Ten values over the whole range, or all where there are fewer.
fn ten_values(threshold: &Threshold) -> Vec<f64> {
    let width = threshold.max - threshold.min;
    let mut values: Vec<f64> = (0..10).map(|n| (threshold.min + width * f64::from(n) / 9.0).round()).collect();
    values.dedup();
    values
}

fn question(threshold: &Threshold, values: Vec<f64>) -> Question {
    Question { threshold: threshold.name.clone(), values, ..Question::default() }
}

fn history(plan: &Plan, rows: Vec<Row>) -> History {
    let mut collector = Collector::new(plan);
    collector.take(&rows);
    collector.finish()
}

fn curve_of(question: &Question, rows: Vec<Row>) -> (Plan, Curve) {
    let plan = Plan::new(&PACK, question).unwrap();
    let curve = tune(&plan, &history(&plan, rows));
    (plan, curve)
}

fn moved(plan: &Plan) -> BTreeSet<String> {
    plan.moved.iter().map(|rule| rule.id.to_string()).collect()
}

fn change(name: &str, value: f64) -> ThresholdChange {
    ThresholdChange { name: Arc::from(name), phase: None, kabupaten: None, value: Some(value) }
}

/// Thresholds of which no two are read by rules that decide about the same alerts: one replay can move them all.
fn apart(plans: Vec<(Threshold, Plan, Curve)>) -> Vec<Vec<(Threshold, Plan, Curve)>> {
    let mut groups: Vec<Vec<(Threshold, Plan, Curve)>> = Vec::new();
    for one in plans {
        let decides = |plan: &Plan| plan.pack.rules.iter().map(|rule| rule.id.clone()).collect::<BTreeSet<_>>();
        let own = decides(&one.1);
        match groups.iter_mut().find(|group| group.iter().all(|(_, plan, _)| decides(plan).is_disjoint(&own))) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

#[test]
fn every_threshold_of_the_shipped_pack_comes_out_as_ten_replays_of_it() {
    let tuned = |threshold: &Threshold| {
        let (plan, curve) = curve_of(&question(threshold, ten_values(threshold)), ROWS.clone());
        (threshold.clone(), plan, curve)
    };
    let all: Vec<_> = PACK.thresholds.all().iter().map(tuned).collect();
    assert_eq!(all.len(), 17);
    let one_pass = all.iter().filter(|(_, _, curve)| curve.method == Method::OnePass);
    let one_pass: Vec<&str> = one_pass.map(|(threshold, ..)| threshold.name.as_str()).collect();
    assert_eq!(
        one_pass,
        [
            "inap_ganda_banyak",
            "inap_ganda_minimal",
            "klaster_kelipatan",
            "klaster_minimal",
            "laporan_petugas_minimal",
            "paspor_gagal_minimal"
        ]
    );
    let groups = apart(all);
    assert!(groups.len() < 5);
    for group in groups {
        for place in 0..10 {
            let points =
                || group.iter().filter_map(|(t, plan, curve)| Some((t, plan, curve, curve.points.get(place)?)));
            let set: Vec<_> = points().map(|(threshold, .., point)| change(&threshold.name, point.value)).collect();
            let rules = points().flat_map(|(_, plan, ..)| moved(plan)).collect();
            let printed = replayed(&PARSED, &set, &rules);
            for (threshold, plan, curve, point) in points() {
                let own = moved(plan);
                let printed: BTreeMap<_, _> =
                    printed.iter().filter(|(place, _)| own.contains(&place.0)).map(|(k, v)| (k.clone(), *v)).collect();
                let differing = difference(&counted(curve, &point.tally), &printed);
                assert!(differing.is_empty(), "{} at {}: {differing:#?}", threshold.name, point.value);
            }
        }
        let rules = group.iter().flat_map(|(_, plan, _)| moved(plan)).collect();
        let printed = replayed(&PARSED, &[], &rules);
        let now: BTreeMap<_, _> = group.iter().flat_map(|(_, _, curve)| counted(curve, &curve.now)).collect();
        assert!(difference(&now, &printed).is_empty(), "as it is now");
    }
}

fn difference(
    curve: &BTreeMap<Place, usize>,
    replay: &BTreeMap<Place, usize>,
) -> Vec<(Place, Option<usize>, Option<usize>)> {
    let places: BTreeSet<&Place> = curve.keys().chain(replay.keys()).collect();
    let pairs = places.into_iter().map(|place| (place.clone(), curve.get(place).copied(), replay.get(place).copied()));
    pairs.filter(|(_, curve, replay)| curve != replay).collect()
}

#[test]
fn the_value_of_one_phase_moves_alone() {
    let threshold = &PACK.thresholds.get(PACK.thresholds.id("klaster_minimal").unwrap()).unwrap().clone();
    let question = Question {
        phase: Some("tenang".to_owned()),
        kabupaten: Some("16.09".to_owned()),
        ..question(threshold, vec![2.0, 4.0])
    };
    let (plan, curve) = curve_of(&question, ROWS.clone());
    for point in &curve.points {
        let phase = Some(Arc::from("tenang"));
        let set =
            ThresholdChange { phase, kabupaten: Some(Arc::from("16.09")), ..change("klaster_minimal", point.value) };
        let printed = replayed(&PARSED, &[set], &moved(&plan));
        assert_eq!(difference(&counted(&curve, &point.tally), &printed), [], "{}", point.value);
    }
    assert_eq!(plan.in_force(), [(3.0, vec![])]);
}

#[test]
fn one_pass_and_a_replay_of_each_value_agree_in_any_order_of_arrival() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for name in ["inap_ganda_banyak", "inap_ganda_minimal", "klaster_kelipatan", "klaster_minimal"] {
        let threshold = PACK.thresholds.get(PACK.thresholds.id(name).unwrap()).unwrap();
        let mut rows: Vec<Row> =
            ROWS.iter().filter(|row| String::from_utf8_lossy(&row.raw).contains("\"lodging.")).cloned().collect();
        // received in the order of the rows, whatever they say
        for end in (1..rows.len()).rev() {
            rows.swap(end, usize::try_from(random.next_u64() % (end as u64 + 1)).unwrap());
        }
        let question = question(
            threshold,
            vec![2.0, 3.0, 4.0, 5.0, 6.0].into_iter().filter(|v| *v >= threshold.min && *v <= threshold.max).collect(),
        );
        let plan = Plan::new(&PACK, &question).unwrap();
        let history = history(&plan, rows);
        let (one, each) = (tune(&plan, &history), tune(&plan.clone().replaying(), &history));
        assert!(one.points.iter().any(|point| point.tally.sum().open > 0), "{name}");
        for (a, b) in one.points.iter().zip(&each.points) {
            assert_eq!(difference(&counted(&one, &a.tally), &counted(&each, &b.tally)), [], "{name} at {}", a.value);
        }
    }
}

#[test]
fn a_store_comes_out_as_the_files_that_it_was_filled_from() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("siaga.db"), DateTime::<Utc>::UNIX_EPOCH).unwrap();
    let wanted =
        |row: &&Row| ["lodging.", "stay.hint"].iter().any(|kind| String::from_utf8_lossy(&row.raw).contains(kind));
    let rows: Vec<Row> = ROWS.iter().filter(wanted).cloned().collect();
    for rows in rows.chunks(500) {
        let intake = sort(&PACK.schema, rows.to_vec(), Received::Stated, PACK.timeline.zone, &Submitter::LOCAL);
        let news = entries(&PACK.schema, intake.accepted, &intake.quarantined, Received::Stated, "fixtures");
        store.append(news, EdgeTime::Records).wait().unwrap();
    }
    for name in ["inap_ganda_minimal", "inap_belum_lapor_jam", "klaster_minimal"] {
        let threshold = PACK.thresholds.get(PACK.thresholds.id(name).unwrap()).unwrap();
        let values = ten_values(threshold).into_iter().take(3).collect();
        let plan = Plan::new(&PACK, &question(threshold, values)).unwrap();
        let (of_files, of_store) = (history(&plan, rows.clone()), History::of_store(&plan, &store).unwrap());
        assert_eq!(of_files.kinds, of_store.kinds);
        let (one, other) = (tune(&plan, &of_files), tune(&plan, &of_store));
        assert_eq!(one.judgements, other.judgements);
        for (a, b) in one.points.iter().zip(&other.points) {
            assert_eq!(difference(&counted(&one, &a.tally), &counted(&other, &b.tally)), [], "{name} at {}", a.value);
        }
    }
}

#[test]
fn the_lowest_value_that_keeps_a_limit_is_the_first_whose_busiest_day_does() {
    let threshold = PACK.thresholds.get(PACK.thresholds.id("inap_ganda_minimal").unwrap()).unwrap();
    let (_, curve) = curve_of(&question(threshold, Vec::new()), ROWS.clone());
    assert!(curve.complete);
    let busiest = |limit: &Limit| -> Vec<usize> {
        curve.points.iter().map(|p| limit.busiest(&curve, &p.tally).map_or(0, |busiest| busiest.alerts)).collect()
    };
    let limit = Limit { at_most: 1, phase: None };
    let days = busiest(&limit);
    let expected = curve.points.iter().zip(&days).find(|(_, day)| **day <= 1).map(|(point, _)| point.value);
    assert_eq!(limit.kept(&curve).lowest(), expected);
    assert!(days.first() > days.last(), "{days:?}");
}

#[test]
fn what_cannot_be_tuned_is_said() {
    let said = |question: Question| Plan::new(&PACK, &question).unwrap_err().to_string();
    let named = |name: &str| Question { threshold: name.to_owned(), ..Question::default() };
    assert!(said(named("klaster_minimum")).contains("klaster_minimal"));
    assert!(said(Question { phase: Some("tenag".to_owned()), ..named("klaster_minimal") }).contains("tenang"));
    assert!(said(Question { kabupaten: Some("1601".to_owned()), ..named("klaster_minimal") }).contains("16.01"));
    assert!(said(Question { values: vec![2.5], ..named("klaster_minimal") }).contains("whole number"));
}

#[test]
fn no_records_of_the_kind_and_none_that_reach_the_threshold_are_told_apart() {
    let threshold = PACK.thresholds.get(PACK.thresholds.id("klaster_minimal").unwrap()).unwrap();
    let plan = Plan::new(&PACK, &question(threshold, Vec::new())).unwrap();
    let row = |text: &str| Row::read(0, text.as_bytes());
    let told = |rows: Vec<Row>| {
        let history = history(&plan, rows);
        siaga::tune::coverage::says(&plan, &history, &tune(&plan, &history))
    };
    let heartbeat =
        r#"{"id": "a", "source": "apoa", "kind": "source.heartbeat", "occurred_at": "2024-11-20T21:15:00+07:00"}"#;
    let plan_noticed = r#"{"id": "b", "source": "apoa", "kind": "plan.noticed", "occurred_at": "2024-11-20T20:15:00+07:00",
        "plan": {"lodging_id": "hotel-contoh-1", "starts_on": "2024-11-20", "ends_on": "2024-11-22", "people": 4}}"#;
    let check_in = r#"{"id": "c", "source": "apoa", "kind": "lodging.check_in", "occurred_at": "2024-11-20T21:15:00+07:00",
        "person": {"passport": {"number": "X1234567", "issuer": "UTO"}}, "place": {"kabupaten": "16.01"},
        "lodging": {"id": "hotel-contoh-1", "name": "Hotel Contoh 1"}}"#;
    let cases = [
        (vec![heartbeat], "none of the 1 records is of a kind that these rules judge"),
        (vec![plan_noticed, check_in], "none reaches this threshold: 1 do not meet another condition"),
        (vec![check_in], "1 of 1 triggers reach the threshold; no alert would open, now or at any value"),
    ];
    for (rows, expected) in cases {
        let said = told(rows.into_iter().map(row).collect());
        assert!(said.to_string().contains(expected), "{said}");
    }
}

#[test]
fn page_and_report_name_nobody() {
    let threshold = PACK.thresholds.get(PACK.thresholds.id("klaster_minimal").unwrap()).unwrap();
    let plan = Plan::new(&PACK, &question(threshold, Vec::new())).unwrap();
    let history = history(&plan, ROWS.clone());
    let curve = tune(&plan, &history);
    assert!(!curve.near.is_empty());
    let page = siaga::tune::page::page(&plan, &history, &curve, None).unwrap();
    let report = serde_json::to_string(&siaga::tune::report::report(&plan, &history, &curve, None)).unwrap();
    let text = |json: &Json, at: &str| json.pointer(at).and_then(Json::as_str).map(str::to_owned);
    for row in ROWS.iter().filter_map(|row| row.json().ok()) {
        for name in ["/person/passport/number", "/person/name"] {
            let named = text(row, name).is_some_and(|name| page.contains(&name) || report.contains(&name));
            assert!(!named, "{name}");
        }
    }
    assert!(!page.contains("http") && !page.contains("<script"));
}

#[test]
fn a_decimal_threshold_has_the_values_at_which_something_changes() {
    let mut files = Files::built_in();
    let text = files.texts.get_mut("thresholds.toml").unwrap();
    *text = text.replace("[inap_ganda_minimal]\ndefault = 2\n", "[inap_ganda_minimal]\ndefault = 2.0\n");
    *text = text.replace("[klaster_kelipatan]\ndefault = 3\n", "[klaster_kelipatan]\ndefault = 2.5\n");
    let pack = Arc::new(siaga::pack::build(files).pack.unwrap());
    for (name, complete) in [("inap_ganda_minimal", true), ("klaster_kelipatan", false)] {
        let question = Question { threshold: name.to_owned(), ..Question::default() };
        let plan = Plan::new(&pack, &question).unwrap();
        let history = history(&plan, ROWS.clone());
        let one = tune(&plan, &history);
        assert_eq!((one.method, one.complete), (Method::OnePass, complete), "{name}");
        let few: Vec<f64> = one.points.iter().map(|point| point.value).step_by(7).collect();
        let plan = Plan::new(&pack, &Question { values: few.clone(), ..question }).unwrap().replaying();
        let each = tune(&plan, &history);
        for b in &each.points {
            let a = one.points.iter().find(|point| point.value == b.value).unwrap();
            assert_eq!(difference(&counted(&one, &a.tally), &counted(&each, &b.tally)), [], "{name} at {}", b.value);
        }
    }
}
