//! The same records give the same findings: run again, in any batches, in any order, with duplicates among them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test sets up has to work")]
#![expect(clippy::indexing_slicing, reason = "within bounds by construction")]

mod generate {
    pub mod expressions;
    pub mod records;
    pub mod rules;
}

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use generate::records::{dossier, time};
use generate::rules::{draft, files, pack};
use proptest::collection::vec;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use siaga::alert::{Finding, FindingChange, FindingKey};
use siaga::entry::Step;
use siaga::intake::file;
use siaga::intake::row::Row;
use siaga::ledger::{Appended, Ledger};
use siaga::machine::Machine;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::record::Record;
use siaga::record::parse::Parsed;
use siaga::replay::passes::{InPasses, Passes};
use siaga::replay::{Counts, Replay, lines};
use siaga::subject::Subject;

static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| Arc::new(siaga::pack::build(Files::built_in()).pack.unwrap()));

/// All but most of the heartbeats, of which there are thousands and which say the same.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let rows = file::read(&path).unwrap().map(Result::unwrap);
    rows.filter(|row| is_wanted(&String::from_utf8_lossy(&row.raw))).collect()
});

/// The heartbeats of two days a month are enough.
fn is_wanted(line: &str) -> bool {
    !line.contains("\"source.heartbeat\"") || line.contains("-08T") || line.contains("-24T")
}

/// What is left when all is in: findings of rules without a deadline, whole.
#[derive(Debug, Default, PartialEq)]
struct Standing(BTreeMap<(Subject, FindingKey), Finding>);

impl Standing {
    /// The first findings that are not in both, or not the same in both.
    fn difference(&self, other: &Self) -> String {
        let places = self.0.keys().chain(other.0.keys());
        let differing = places.filter(|place| self.0.get(place) != other.0.get(place)).take(3);
        let told = differing.map(|place| format!("{place:?}\n  {:?}\n  {:?}\n", self.0.get(place), other.0.get(place)));
        told.collect()
    }

    fn take(&mut self, pack: &Pack, steps: &[Step]) {
        for step in steps {
            for change in &step.effects.findings {
                let finding = change.finding();
                let has_deadline = pack.rule(finding.rule()).is_none_or(|rule| rule.deadline.is_some());
                let place = (step.subject.clone(), finding.key().owned());
                match change {
                    _ if has_deadline => {}
                    FindingChange::Added(finding) | FindingChange::Changed(finding) => {
                        self.0.insert(place, finding.clone());
                    }
                    FindingChange::Withdrawn(..) => {
                        self.0.remove(&place);
                    }
                }
            }
        }
    }
}

fn assert_same(left: &Standing, right: &Standing, what: &str) {
    let differing = left.difference(right);
    assert!(differing.is_empty(), "{what}:\n{differing}");
}

fn standing(rows: Vec<Row>) -> (Standing, Counts) {
    let mut replay = Replay::new(PACK.clone());
    let mut standing = Standing::default();
    standing.take(&PACK, &replay.feed(&rows));
    (standing, replay.counts)
}

fn printed(rows: Vec<Row>, batch: usize, threads: usize) -> String {
    let mut replay = Replay::with_threads(PACK.clone(), threads);
    let mut out = String::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let steps = replay.feed(&rows.by_ref().take(batch).collect::<Vec<_>>());
        for line in lines(&PACK, steps) {
            out.push_str(&serde_json::to_string(&line).unwrap());
            out.push('\n');
        }
    }
    out
}

fn streamed(batch: usize, threads: usize) -> String {
    let mut replay = Replay::with_threads(PACK.clone(), threads).for_lines();
    let mut out = String::new();
    let streamed = replay.stream::<std::io::Error>(
        |hand| {
            ROWS.chunks(batch).all(|rows| hand(rows.to_vec()));
            Ok(())
        },
        |_, steps| {
            for line in lines(&PACK, steps) {
                out.push_str(&serde_json::to_string(&line).unwrap());
                out.push('\n');
            }
            Ok(())
        },
    );
    streamed.unwrap();
    out
}

fn shuffled(mut rows: Vec<Row>, seed: u64) -> Vec<Row> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for end in (1..rows.len()).rev() {
        let place = usize::try_from(random.next_u64() % (end as u64 + 1)).unwrap();
        rows.swap(place, end);
    }
    rows
}

#[test]
fn a_replay_prints_the_same_bytes_in_any_batches_on_any_number_of_threads() {
    let first = printed(ROWS.clone(), 1_000, 1);
    assert!(first.lines().count() > 100);
    for (batch, threads) in [(1_000, 1), (7, 1), (1, 1), (1_000, 2), (70, 5)] {
        let other = printed(ROWS.clone(), batch, threads);
        assert!(first == other, "batches of {batch} on {threads} threads print something else");
        let other = streamed(batch, threads);
        assert!(first == other, "streams of {batch} on {threads} threads print something else");
    }
}

/// The rows with revisions of some among them: of the day, of the lodging, taken back, and taken back and sent again.
fn revised() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut waiting: Vec<(usize, serde_json::Value)> = Vec::new();
    for (place, row) in ROWS.iter().enumerate() {
        while let Some(at) = waiting.iter().position(|(due, _)| *due <= place) {
            rows.push(Row::of(rows.len(), waiting.remove(at).1));
        }
        rows.push(row.clone());
        let Ok(json) = row.json() else { continue };
        let mut later = |after: usize, change: &dyn Fn(&mut serde_json::Value)| {
            let mut json = json.clone();
            change(&mut json);
            waiting.push((place + after, json));
        };
        match place % 40 {
            3 => later(30, &|json| json["withdrawn"] = true.into()),
            11 => later(5, &|json| json["lodging"]["id"] = "hotel-contoh-lain".into()),
            17 => {
                later(20, &|json| json["withdrawn"] = true.into());
                later(90, &|json| json["note"] = "again".into());
            }
            23 => {
                later(1, &|json| json["person"]["passport"]["number"] = "X0000023".into());
                later(50, &|json| json["person"]["passport"]["number"] = "X0000024".into());
            }
            29 => later(60, &|_| {}),
            _ => {}
        }
    }
    rows
}

#[test]
fn a_replay_in_several_passes_prints_the_same_bytes() {
    let rows = revised();
    let until = DateTime::parse_from_rfc3339("2025-03-01T00:00:00+07:00").unwrap().to_utc();
    let mut replay = Replay::new(PACK.clone());
    let mut at_once: Vec<_> = lines(&PACK, replay.feed(&rows));
    at_once.extend(lines(&PACK, replay.run_on(until)));
    let at_once: Vec<String> = at_once.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    assert!(at_once.iter().any(|line| line.contains("\"resolve\"")), "nothing was taken back");
    for (sorting, judging, threads, batch) in [(1, 1, 1, 1_000), (2, 3, 2, 700), (5, 7, 3, 64)] {
        let mut shown = Vec::new();
        let passes = Passes { sorting, judging };
        let in_passes = InPasses { pack: PACK.clone(), threads, passes, until: Some(until) };
        let counts = in_passes.run::<std::io::Error>(
            |hand| {
                rows.chunks(batch).all(|rows| hand(rows.to_vec()));
                Ok(())
            },
            |_| {},
            |line| Some(serde_json::to_string(line).unwrap()),
            |text| {
                shown.push(text.to_owned());
                Ok(())
            },
        );
        assert_eq!(counts.unwrap(), replay.counts);
        assert!(shown == at_once, "{sorting} and {judging} passes on {threads} threads print something else");
    }
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let (in_order, counts) = standing(ROWS.clone());
    assert!(in_order.0.len() > 50, "{}", in_order.0.len());
    for seed in 0..3 {
        let (other, other_counts) = standing(shuffled(ROWS.clone(), seed));
        assert_same(&in_order, &other, &format!("seed {seed}"));
        assert_eq!(counts.quarantined, other_counts.quarantined);
        assert_eq!(other_counts.failures, 0);
    }
}

#[test]
fn duplicates_change_nothing() {
    let (once, _) = standing(ROWS.clone());
    let rows = ROWS.iter().flat_map(|row| [row.clone(), row.clone()]).collect();
    let (twice, _) = standing(rows);
    assert_same(&once, &twice, "each row twice in a row");
    let rows = shuffled(ROWS.iter().chain(ROWS.iter()).cloned().collect(), 7);
    let (shuffled, _) = standing(rows);
    assert_same(&once, &shuffled, "each row twice, shuffled");
}

/// A revision: its record's number, a content, whether it takes the record back.
type Revision = (usize, usize, bool);

/// Records that are received one after another, some of them again with the same content or with another.
fn arrivals() -> impl Strategy<Value = Vec<Parsed>> {
    let revisions = vec((0..5_usize, 0..8_usize, prop::bool::weighted(0.1)), 4..12);
    (dossier(), revisions).prop_map(|(contents, revisions)| {
        let numbered = revisions.into_iter().enumerate();
        numbered.map(|(index, revision)| arrival(&contents, index, revision)).collect()
    })
}

fn arrival(contents: &[Arc<Record>], index: usize, (id, content, withdrawn): Revision) -> Parsed {
    let content = content % contents.len();
    let mut record = Record::clone(&contents[content]);
    record.key.id = Arc::from(id.to_string());
    record.received_at = received(index);
    record.withdrawn = withdrawn;
    let content_hash = [u8::try_from(content * 2 + usize::from(withdrawn)).unwrap(); 32];
    Parsed { record, canonical: Vec::new(), content_hash }
}

fn received(index: usize) -> DateTime<Utc> {
    time("2025-02-01") + TimeDelta::minutes(i64::try_from(index).unwrap())
}

fn standing_of(pack: &Arc<Pack>, arrivals: Vec<Parsed>) -> Standing {
    let (mut machine, mut ledger, mut standing) = (Machine::new(pack.clone()), Ledger::default(), Standing::default());
    for parsed in arrivals {
        if let Appended::Entry(entry) | Appended::Stale(entry) = ledger.append(parsed) {
            standing.take(pack, &machine.process(&entry));
        }
    }
    standing
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_arrival_does_not_matter_to_any_rule(
        drafts in vec(draft(2, 1..2), 6),
        (in_order, shuffled) in arrivals().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let pack = pack(&files(&drafts));
        let (one, other) = (standing_of(&pack, in_order), standing_of(&pack, shuffled));
        let differing = one.difference(&other);
        prop_assert!(differing.is_empty(), "{}\n{:?}", differing, drafts);
    }
}
