//! Records a second: parsing alone, the engine, and the same rules interpreted naively by rhai.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark's own output and inputs"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use siaga::alert::{FindingChange, FindingKey};
use siaga::engine::World;
use siaga::engine::dossier::{Dossier, Logged};
use siaga::engine::judge::{Bench, Moment, Verdict};
use siaga::engine::reference::{Reference, View};
use siaga::entry::{Entry, EntryBody};
use siaga::intake::row::Row;
use siaga::intake::{Submitter, file, sort};
use siaga::ledger::{Appended, Ledger};
use siaga::machine::Machine;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::record::parse::{Parsed, Received};
use siaga::record::{Record, RecordKey};
use siaga::subject::{Subject, subjects_of};

/// Each row of the table is the best of so many runs.
const RUNS: usize = 3;

type Findings = BTreeSet<(Subject, FindingKey)>;

fn main() {
    // tests of all targets run benchmarks too, and have no use for them
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let files = Files::built_in();
    let loaded = siaga::pack::build(files.clone());
    let told = loaded.render(false);
    let pack = Arc::new(loaded.pack.unwrap_or_else(|| panic!("{told}")));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let read = || file::read(&path).unwrap().map(Result::unwrap).collect::<Vec<Row>>();
    let rows = read();
    let parse = |rows: Vec<Row>| sort(&pack.schema, rows, Received::Stated, pack.timeline.zone, &Submitter::LOCAL);
    let parsed = parse(rows.clone()).accepted;

    let (parsing, _) = best(|| parse(read()).accepted.len());
    let (engine, found) = best(|| with_engine(&pack, &parsed));
    let (anew, (judged, judging)) = best(|| naively(&pack, &parsed, &lowered(&pack)));
    let reference = Reference::new(&pack, &files);
    let (rhai, (interpreted, interpreting)) = best(|| naively(&pack, &parsed, &interpreted(&pack, &reference)));

    println!("{} rows, {} rules, best of {RUNS} runs, one thread", rows.len(), pack.rules.len());
    println!("{:<58} {:>10} {:>8} {:>10}", "", "time ms", "rows/s", "x rhai");
    let line = |what: &str, took: Duration| {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = rows.len() as f64 / took.as_secs_f64();
        let ratio = rhai.as_secs_f64() / took.as_secs_f64();
        println!("{what:<58} {:>10.1} {rate:>8.0} {ratio:>10.1}", took.as_secs_f64() * 1e3);
    };
    line("reading and parsing", parsing);
    line("engine: step, triage, routing, timers (parsed already)", engine);
    line("replay: reading, parsing, engine", parsing + engine);
    line("every trigger judged anew, lowered conditions", anew);
    line("every trigger judged anew, rhai over a map", rhai);
    let ratio = interpreting.as_secs_f64() / judging.as_secs_f64();
    println!("of these, judging alone: lowered {judging:.1?}, rhai {interpreting:.1?}: {ratio:.1} times");

    assert_eq!(found, judged, "the engine and lowered conditions judged anew differ");
    assert_eq!(found, interpreted, "the engine and rhai differ");
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    found.iter().for_each(|(_, key)| *by_rule.entry(key.rule.as_ref()).or_default() += 1);
    println!("the same {} findings of rules without a deadline: {by_rule:?}", found.len());
}

fn best<T>(run: impl Fn() -> T) -> (Duration, T) {
    let once = || {
        let started = Instant::now();
        let result = run();
        (started.elapsed(), result)
    };
    let runs = (1..RUNS).map(|_| once());
    runs.fold(once(), |best, run| if run.0 < best.0 { run } else { best })
}

fn entries(parsed: &[Parsed]) -> impl Iterator<Item = Entry> {
    let mut ledger = Ledger::default();
    parsed.iter().filter_map(move |parsed| match ledger.append(parsed.clone()) {
        Appended::Entry(entry) | Appended::Stale(entry) => Some(entry),
        Appended::Duplicate => None,
    })
}

fn has_deadline(pack: &Pack, key: &FindingKey) -> bool {
    pack.rule(&key.rule).is_some_and(|rule| rule.deadline.is_some())
}

fn with_engine(pack: &Arc<Pack>, parsed: &[Parsed]) -> Findings {
    let mut machine = Machine::new(pack.clone());
    let mut found = Findings::new();
    for step in entries(parsed).flat_map(|entry| machine.process(&entry)) {
        for change in step.effects.findings {
            let key = change.finding().key().owned();
            if has_deadline(pack, &key) {
                continue;
            }
            match change {
                FindingChange::Withdrawn(..) => found.remove(&(step.subject.clone(), key)),
                FindingChange::Added(_) | FindingChange::Changed(_) => found.insert((step.subject.clone(), key)),
            };
        }
    }
    found
}

/// A subject as the naive way keeps it.
#[derive(Default)]
struct Known {
    records: Arc<Vec<Arc<Record>>>,
    dossier: Dossier,
}

/// Which of some rules hold at a trigger.
type Judge<'a> = dyn Fn(&Subject, &Known, &Arc<Record>, &[usize]) -> Vec<bool> + 'a;

fn interpreted<'a>(pack: &'a Arc<Pack>, reference: &'a Reference) -> Box<Judge<'a>> {
    let thresholds = Arc::new(pack.thresholds.clone());
    Box::new(move |_, known, trigger, rules| {
        let mut view = View::new(pack, &thresholds, &known.records, trigger, 0);
        rules.iter().map(|rule| reference.holds(&pack.rules[*rule].id, &mut view).unwrap()).collect()
    })
}

fn lowered(pack: &Arc<Pack>) -> Box<Judge<'_>> {
    let world = World::new(pack.clone());
    Box::new(move |subject, known, trigger, rules| {
        let holds = |rule: &usize| {
            let bench = Bench { world: &world, rule: &pack.rules[*rule], subject, dossier: &known.dossier, trigger };
            matches!(bench.judge(Moment::Trigger(0)).unwrap(), Verdict::Found(_))
        };
        rules.iter().map(holds).collect()
    })
}

/// No index, no windows: whatever a record touches, and every later trigger of its subjects, is judged by every rule.
/// Beside the findings, the time that the judging itself took.
fn naively(pack: &Pack, parsed: &[Parsed], judge: &Judge<'_>) -> (Findings, Duration) {
    let mut subjects: HashMap<Subject, Known> = HashMap::new();
    let (mut found, mut judging) = (Findings::new(), Duration::ZERO);
    for entry in entries(parsed) {
        let EntryBody::Record { record, before } = entry.body else { continue };
        let now = if record.withdrawn { Vec::new() } else { subjects_of(&record) };
        let concerned: BTreeSet<&Subject> = now.iter().chain(&before).collect();
        for subject in concerned.into_iter().filter(|subject| pack.rules.iter().any(|rule| rule.per == subject.kind)) {
            let known = subjects.entry(subject.clone()).or_default();
            let first = known.replace(&record, now.contains(subject));
            if !before.is_empty() {
                found.retain(|(whose, key)| whose != subject || key.trigger != record.key);
            }
            let later =
                known.records.iter().filter(|trigger| (trigger.occurred_at, &trigger.key) >= (first.0, &first.1));
            for trigger in later {
                let of_kind = |rule: &usize| {
                    let rule = &pack.rules[*rule];
                    rule.per == subject.kind && rule.on.contains(&trigger.kind)
                };
                let rules: Vec<usize> = (0..pack.rules.len()).filter(of_kind).collect();
                if rules.is_empty() {
                    continue;
                }
                let started = Instant::now();
                let verdicts = judge(subject, known, trigger, &rules);
                judging += started.elapsed();
                for (rule, holds) in rules.iter().zip(verdicts) {
                    let rule = &pack.rules[*rule];
                    let key = FindingKey { rule: rule.id.clone(), trigger: trigger.key.clone(), firing: 0 };
                    if holds && rule.deadline.is_none() {
                        found.insert((subject.clone(), key));
                    } else {
                        found.remove(&(subject.clone(), key));
                    }
                }
            }
        }
    }
    (found, judging)
}

impl Known {
    /// Puts a record in the place of its older revision; the earlier of the two in order.
    fn replace(&mut self, record: &Arc<Record>, stays: bool) -> (DateTime<Utc>, RecordKey) {
        let mut first = (record.occurred_at, record.key.clone());
        let records = Arc::make_mut(&mut self.records);
        if let Some(place) = records.iter().position(|known| known.key == record.key) {
            let old = records.remove(place);
            self.dossier.remove(&old);
            first.0 = first.0.min(old.occurred_at);
        }
        if stays {
            records.push(record.clone());
            self.dossier.insert(Logged::new(record.clone(), 0));
        }
        first
    }
}
