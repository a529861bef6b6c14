//! Traces say what the engine decided, and which conjunct decided it is what rhai itself says.
#![expect(clippy::indexing_slicing, reason = "of what the test itself put there")]
#![expect(clippy::unwrap_used, reason = "what a test sets up has to work")]
#![expect(clippy::panic, reason = "a pack that a test made has to load")]

mod generate {
    pub mod expressions;
    pub mod records;
    pub mod rules;
}

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use generate::records::dossier;
use generate::rules::{draft, files, id, pack};
use proptest::collection::vec;
use proptest::prelude::*;
use siaga::alert::FindingKey;
use siaga::engine::dossier::{Dossier, Logged};
use siaga::engine::judge::{Bench, Moment};
use siaga::engine::reference::{Answered, Reference, View};
use siaga::engine::trace::{Asked, Clause, Outcome, Trace, of_record};
use siaga::engine::{Instant, Judged, World};
use siaga::entry::EntryBody;
use siaga::intake::file;
use siaga::ledger::{Appended, Ledger};
use siaga::machine::Machine;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::record::parse::{Received, parse};
use siaga::record::{Record, RecordKey};
use siaga::subject::{Subject, SubjectKind, subject_of};

/// A log that is told why.
struct Told {
    machine: Machine,
    ledger: Ledger,
    records: HashMap<RecordKey, Logged>,
    endings: BTreeMap<Arc<str>, BTreeSet<&'static str>>,
}

impl Told {
    fn new(pack: &Arc<Pack>) -> Self {
        Told {
            machine: Machine::new(pack.clone()).traced(),
            ledger: Ledger::default(),
            records: HashMap::new(),
            endings: BTreeMap::new(),
        }
    }

    fn read(&mut self, path: &Path) {
        for row in file::read(path).unwrap() {
            let row = row.unwrap();
            let Ok(json) = row.json() else { continue };
            let pack = self.machine.pack().clone();
            let Ok(parsed) = parse(&pack.schema, json, Received::Stated, pack.timeline.zone) else { continue };
            if let Appended::Entry(entry) | Appended::Stale(entry) = self.ledger.append(parsed) {
                if let EntryBody::Record { record, .. } = &entry.body {
                    self.records.insert(record.key.clone(), Logged::new(record.clone(), entry.position));
                }
                self.machine.process(&entry);
                self.check();
            }
        }
    }

    fn until(&mut self, time: &str) -> Instant {
        let entry = self.ledger.tick(generate::records::time(time));
        self.machine.process(&entry);
        self.check();
        Instant { at: entry.at, position: entry.position }
    }

    /// The newest trace of each judgement says that there is a finding exactly where there is one, with its evidence.
    fn check(&mut self) {
        let newest: BTreeMap<FindingKey, Trace> =
            self.machine.take_traces().into_iter().map(|trace| (trace.key.clone(), trace)).collect();
        for trace in newest.values() {
            let ends = trace.ends();
            self.endings.entry(trace.key.rule.clone()).or_default().extend(ends.map(Judged::word));
            self.check_one(trace, ends);
        }
    }

    fn check_one(&self, trace: &Trace, ends: Option<Judged>) {
        let rule = self.machine.pack().rule(&trace.key.rule).unwrap();
        let subject = subject_of(&self.records[&trace.key.trigger].record, rule.per);
        let finding = subject.and_then(|subject| self.machine.case(&subject)?.findings.get(&trace.key));
        assert_eq!(finding.is_some(), ends == Some(Judged::Found), "{trace:#?}\n{finding:#?}");
        if let Some(finding) = finding {
            let of_trace: Vec<_> =
                trace.conjuncts().iter().map(|c| (&c.text, c.value.as_ref(), c.bound.as_ref())).collect();
            let evidence = finding.evidence();
            let of_finding: Vec<_> = evidence.iter().map(|e| (&e.text, Some(&e.value), e.bound.as_ref())).collect();
            assert_eq!(of_trace, of_finding, "{}", trace.key.rule);
            assert_eq!(trace.at, finding.about.at, "{:?}", trace.key);
        }
    }
}

fn built_in() -> Arc<Pack> {
    pack(&Files::built_in())
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn a_trace_says_what_the_engine_decided_over_the_shipped_records() {
    let pack = built_in();
    let mut told = Told::new(&pack);
    told.read(&fixture("oku-raya.ndjson"));
    let now = told.until("2025-03-01T00:00:00+07:00");
    let all: BTreeSet<&str> = told.endings.values().flatten().copied().collect();
    assert_eq!(all, BTreeSet::from(["found", "not-held", "not-in-phase", "no-subject", "armed", "answered"]));
    let mut asked = 0;
    for logged in told.records.values().filter(|logged| !logged.record.withdrawn) {
        let traces = of_record(told.machine.world(), |subject| told.machine.case(subject), logged, now);
        assert_eq!(traces.len(), pack.rules.len());
        for trace in traces.iter().filter(|trace| !matches!(trace.asked, Asked::OtherKind | Asked::Draft)) {
            asked += 1;
            if trace.ends().is_some() {
                told.check_one(trace, trace.ends());
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
}

/// Compares a trace with rhai's answers: every conjunct's, the one that decides, and what it compared.
fn compare(trace: &Trace, answered: Option<&[Answered]>) -> Result<(), TestCaseError> {
    let Some(answered) = answered else {
        prop_assert!(!matches!(trace.asked, Asked::All { .. }), "{:?}", trace);
        return Ok(());
    };
    prop_assert_eq!(trace.conjuncts().len(), answered.len());
    for (clause, answer) in trace.conjuncts().iter().zip(answered) {
        let is_same = matches!(
            (&clause.outcome, &answer.holds),
            (Outcome::Holds, Ok(true))
                | (Outcome::NotHeld | Outcome::Missing, Ok(false))
                | (Outcome::Failed(_), Err(_))
        );
        prop_assert!(is_same, "{:?} {:?}", clause, answer);
        if let (Some(seen), Outcome::Holds | Outcome::NotHeld | Outcome::Missing) = (&answer.seen, &clause.outcome) {
            prop_assert_eq!(clause.value.as_ref().map(ToString::to_string), Some(seen.value.clone()), "{:?}", clause);
            prop_assert_eq!(clause.bound.as_ref().map(ToString::to_string), seen.bound.clone(), "{:?}", clause);
        }
    }
    let first = answered.iter().position(|answer| answer.holds == Ok(false));
    let first = first.or_else(|| answered.iter().position(|answer| answer.holds.is_err()));
    let stopped = trace.stopped_by().map(|stopped| place(trace, stopped));
    prop_assert_eq!(stopped, first);
    Ok(())
}

fn place(trace: &Trace, clause: &Clause) -> usize {
    trace.conjuncts().iter().position(|other| std::ptr::eq(other, clause)).unwrap()
}

/// The branches of a conjunct agree with it.
fn check_branches(clause: &Clause) {
    clause.branches.iter().for_each(check_branches);
    let holds = |clause: &Clause| clause.outcome == Outcome::Holds;
    let is_failing = |clause: &&Clause| matches!(clause.outcome, Outcome::Failed(_));
    if clause.branches.is_empty() || clause.branches.iter().any(|branch| is_failing(&branch)) {
        return;
    }
    let (any, all) = (clause.branches.iter().any(holds), clause.branches.iter().all(holds));
    assert!(holds(clause) == any || holds(clause) == all, "{clause:#?}");
}

fn check_rules(pack: &Arc<Pack>, reference: &Reference, records: &[Arc<Record>]) -> Result<(), TestCaseError> {
    let world = World::new(pack.clone());
    let thresholds = Arc::new(world.thresholds.clone());
    let mut dossier = Dossier::default();
    for record in records {
        dossier.insert(Logged::new(record.clone(), 1));
    }
    let all = Arc::new(records.to_vec());
    let subject = Subject { kind: SubjectKind::Source, key: Arc::from("uji") };
    for trigger in records {
        let mut view = View::new(pack, &thresholds, &all, trigger, 1);
        for rule in &pack.rules {
            let bench = Bench { world: &world, rule, subject: &subject, dossier: &dossier, trigger };
            let trace = bench.trace(Moment::Trigger(1));
            trace.conjuncts().iter().for_each(check_branches);
            match reference.asked(&rule.id, &mut view) {
                Ok(answered) => compare(&trace, answered.as_deref())?,
                Err(_) => prop_assert!(matches!(trace.asked, Asked::Failed(_)), "{:?}", trace),
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 500, ..ProptestConfig::default() })]

    #[test]
    fn the_conjunct_that_decides_is_what_rhai_says(drafts in vec(draft(3, 1..5), 6), records in dossier()) {
        let files = files(&drafts);
        let pack = pack(&files);
        let reference = Reference::new(&pack, &files);
        prop_assert_eq!(pack.rules.len(), drafts.len());
        prop_assert!(pack.rule(&id(0)).is_some());
        check_rules(&pack, &reference, &records)?;
    }
}

#[test]
fn the_shipped_rules_are_stopped_where_rhai_says() {
    let files = Files::built_in();
    let pack = built_in();
    let reference = Reference::new(&pack, &files);
    let mut told = Told::new(&pack);
    told.read(&fixture("oku-raya.ndjson"));
    let mut by_subject: BTreeMap<Subject, Vec<Arc<Record>>> = BTreeMap::new();
    for logged in told.records.values().filter(|logged| !logged.record.withdrawn) {
        for subject in siaga::subject::subjects_of(&logged.record) {
            by_subject.entry(subject).or_default().push(logged.record.clone());
        }
    }
    let world = World::new(pack.clone());
    let thresholds = Arc::new(world.thresholds.clone());
    let mut stopped: BTreeMap<(Arc<str>, usize), usize> = BTreeMap::new();
    for (subject, mut records) in by_subject {
        records.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut dossier = Dossier::default();
        for record in &records {
            dossier.insert(Logged::new(record.clone(), 1));
        }
        let all = Arc::new(records);
        // a lodging has hundreds: some of them say as much
        for trigger in all.iter().rev().take(8) {
            let mut view = View::new(&pack, &thresholds, &all, trigger, 1);
            let rules = pack.rules.iter().filter(|rule| rule.per == subject.kind && rule.on.contains(&trigger.kind));
            for rule in rules {
                let bench = Bench { world: &world, rule, subject: &subject, dossier: &dossier, trigger };
                let trace = bench.trace(Moment::Trigger(1));
                let answered = reference.asked(&rule.id, &mut view).unwrap();
                compare(&trace, answered.as_deref()).unwrap();
                if let Some(clause) = trace.stopped_by() {
                    *stopped.entry((rule.id.clone(), place(&trace, clause))).or_default() += 1;
                }
            }
        }
    }
    assert!(stopped.len() > 10, "{stopped:?}");
}
