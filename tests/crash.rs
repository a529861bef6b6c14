//! kill -9 in a loop on the real binary: what was acknowledged stays, and the alerts are those of the log.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails, and says what it measured"
)]

mod support {
    pub mod damage;
    #[expect(dead_code, reason = "this receiver always answers")]
    pub mod desk;
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
    pub mod rerun;
}

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;
use siaga::intake::{Submitter, row::Row, sort};
use siaga::record::parse::{Parsed, Received};
use siaga::store::Store;
use siaga::store::audit::AuditVerdict;
use siaga::store::log::{StoredBody, StoredEntry};
use siaga::store::outbox::DeliveryState;
use support::damage::{VARIANTS, Verdict, Wreck, below};
use support::desk::Desk;
use support::process::{Caller, Daemon, Site, everybody_at};
use support::rerun::{Outcome, all, deliveries, judged, log};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Kills; `SIAGA_CRASH_CYCLES` asks for more in a long run.
const CYCLES: usize = 100;
/// Kills of one store before it is examined and a new one begun: small databases keep the damaged copies cheap.
const KILLS_PER_STORE: usize = 10;
const WRITERS: usize = 8;
/// The most rows of one request.
const MOST_ROWS: usize = 4;
/// A kill comes after so many answers, or so many webhooks, at most.
const MOST_ANSWERS: usize = 40;
const MOST_WEBHOOKS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_a_loop_it_loses_nothing_and_doubles_nothing() {
    let cycles = std::env::var("SIAGA_CRASH_CYCLES").map_or(CYCLES, |cycles| cycles.parse().unwrap());
    let stores = cycles.div_ceil(KILLS_PER_STORE);
    let began = Instant::now();
    let mut sum = Sum::default();
    for number in 0..stores {
        sum.add(one_store(number, KILLS_PER_STORE.min(cycles - number * KILLS_PER_STORE)).await);
    }
    eprintln!("{cycles} kills in {:.1} s: {sum:?}", began.elapsed().as_secs_f64());
    assert_eq!(sum.verdict.opened, cycles * VARIANTS);
    assert!(sum.verdict.shorter > 2 * cycles, "the damage hardly ever took anything: {sum:?}");
    assert!(sum.alerts >= stores && sum.sent_again > 0 && sum.quarantined > 0, "too little happened: {sum:?}");
}

/// What happened, so that a test in which nothing did fails.
#[derive(Debug, Default)]
struct Sum {
    acknowledged: usize,
    quarantined: usize,
    alerts: usize,
    deliveries: usize,
    /// Webhooks beyond the first of each delivery.
    sent_again: usize,
    verdict: Verdict,
    slowest_start: Duration,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.acknowledged += other.acknowledged;
        self.quarantined += other.quarantined;
        self.alerts += other.alerts;
        self.deliveries += other.deliveries;
        self.sent_again += other.sent_again;
        self.verdict.opened += other.verdict.opened;
        self.verdict.shorter += other.verdict.shorter;
        self.slowest_start = self.slowest_start.max(other.slowest_start);
    }
}

/// One store through its kills, and then the account of it.
async fn one_store(number: usize, kills: usize) -> Sum {
    let mut random = ChaCha8Rng::seed_from_u64(number as u64);
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::answering(204).await;
    let site = Site::new(folder.path(), &everybody_at(desk.port));
    let token = site.token("operator", "officer");
    let sender = Arc::new(Sender::new(part(number % KILLS_PER_STORE), &mut random));
    let mut sum = Sum::default();
    let mut examinations: Vec<JoinHandle<Verdict>> = Vec::new();
    for _ in 0..kills {
        let daemon = Daemon::start(site.daemon());
        sum.slowest_start = sum.slowest_start.max(daemon.ready(&Caller::new()).await);
        let mut writers = sender.start(&daemon, &token);
        let moment = Moment::draw(&mut random, &sender);
        tokio::select! {
            () = moment.comes(&sender, &desk) => {}
            () = ended(&mut writers) => {}
        }
        daemon.kill();
        ended(&mut writers).await;
        let wreck = Wreck::of(&site.store());
        let mut random = ChaCha8Rng::seed_from_u64(random.next_u64());
        examinations.push(std::thread::spawn(move || wreck.examine(&mut random)));
    }
    let daemon = Daemon::start(site.daemon());
    let caller = Caller::new();
    ended(&mut sender.start(&daemon, &token)).await;
    daemon.idle(&caller).await;
    let (code, said) = daemon.stop();
    assert_eq!(code, Some(0), "{said}");
    for examination in examinations {
        let verdict = examination.join().unwrap();
        sum.verdict.opened += verdict.opened;
        sum.verdict.shorter += verdict.shorter;
    }
    account(&site, &sender, &desk, &mut sum);
    sum
}

/// A tenth of the people and sources of the fixtures, each with all their records in order of arrival.
fn part(number: usize) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let text = std::fs::read_to_string(path).unwrap();
    let is_in = |line: &&str| {
        let json: Value = serde_json::from_str(line).unwrap();
        let whose = json["person"]["passport"]["number"].as_str().or(json["source"].as_str()).unwrap_or_default();
        whose.bytes().map(usize::from).sum::<usize>() % KILLS_PER_STORE == number
    };
    text.lines().filter(is_in).map(str::to_owned).collect()
}

/// When a kill comes.
enum Moment {
    /// Once so many requests in all were answered.
    Answers(usize),
    /// After so many more webhooks.
    Webhooks(usize),
}

impl Moment {
    fn draw(random: &mut ChaCha8Rng, sender: &Sender) -> Self {
        if below(random, 3) == 0 {
            Moment::Webhooks(1 + below(random, MOST_WEBHOOKS))
        } else {
            Moment::Answers(*sender.answers.borrow() + below(random, MOST_ANSWERS + 1))
        }
    }

    async fn comes(&self, sender: &Sender, desk: &Desk) {
        match self {
            Moment::Answers(answers) => drop(sender.answers.subscribe().wait_for(|count| count >= answers).await),
            Moment::Webhooks(webhooks) => {
                for _ in 0..*webhooks {
                    desk.called().await;
                }
            }
        }
    }
}

async fn ended(writers: &mut JoinSet<()>) {
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
}

/// Eight writers with one queue of requests; what was not answered is sent again after the next start.
struct Sender {
    rows: Vec<String>,
    waiting: Mutex<VecDeque<Vec<usize>>>,
    answered: Mutex<Vec<(Vec<usize>, Value)>>,
    answers: watch::Sender<usize>,
}

impl Sender {
    fn new(rows: Vec<String>, random: &mut ChaCha8Rng) -> Self {
        let mut waiting = VecDeque::new();
        let mut next = 0;
        while next < rows.len() {
            let end = (next + 1 + below(random, MOST_ROWS)).min(rows.len());
            waiting.push_back((next..end).collect());
            next = end;
        }
        Sender { rows, waiting: Mutex::new(waiting), answered: Mutex::default(), answers: watch::Sender::new(0) }
    }

    fn start(self: &Arc<Self>, daemon: &Daemon, token: &str) -> JoinSet<()> {
        let caller = Caller::new();
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let (sender, caller, to, token) = (self.clone(), caller.clone(), daemon.address, token.to_owned());
            writers.spawn(async move {
                while let Some(batch) = sender.take() {
                    let lines: Vec<&str> = batch.iter().map(|row| sender.rows[*row].as_str()).collect();
                    let answer = caller.post(to, &token, lines.join("\n")).await;
                    let Some(answer) = answer.ok().filter(|answer| !answer.body.is_empty()) else {
                        sender.waiting.lock().unwrap().push_front(batch);
                        return;
                    };
                    assert_eq!(answer.status, 202, "{}", answer.text());
                    sender.answered.lock().unwrap().push((batch, answer.json()));
                    sender.answers.send_modify(|answers| *answers += 1);
                }
            });
        }
        writers
    }

    fn take(&self) -> Option<Vec<usize>> {
        self.waiting.lock().unwrap().pop_front()
    }
}

/// Holds what the store has against what was answered, against its own log, and against what the receiver got.
fn account(site: &Site, sender: &Sender, desk: &Desk, sum: &mut Sum) {
    let store = Store::join(&site.store()).unwrap();
    let entries = log(&store);
    in_order(&entries);
    every_answer_holds(&store, &entries, sender, sum);
    let wanted = judged(&site.folder.join("siaga.toml"), &entries);
    let stored = Outcome::stored(&store, &wanted);
    assert_eq!(store.progress().unwrap(), store.head().unwrap());
    for (id, alert) in &wanted.alerts {
        assert_eq!(stored.alerts.get(id), Some(alert), "an alert is missing, or another");
    }
    assert_eq!(stored, wanted);
    assert!(matches!(store.audit_verify().unwrap(), AuditVerdict::Whole { .. }));
    sum.alerts += wanted.alerts.len();
    sum.deliveries += wanted.deliveries.len();

    let waiting: Vec<_> =
        deliveries(&store).into_iter().filter(|delivery| delivery.state != DeliveryState::Delivered).collect();
    assert!(waiting.is_empty(), "not delivered: {waiting:#?}");
    let mut got: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for call in desk.calls() {
        let bodies = got.entry(call.id().to_owned()).or_default();
        sum.sent_again += usize::from(!bodies.is_empty());
        bodies.insert(call.body.to_vec());
    }
    assert!(got.values().all(|bodies| bodies.len() == 1), "a delivery was sent again with another body");
    assert_eq!(got.into_keys().collect::<BTreeSet<_>>(), wanted.deliveries);
}

fn in_order(entries: &[StoredEntry]) {
    for (before, after) in entries.iter().zip(&entries[1..]) {
        assert_eq!(after.position, before.position + 1);
        assert!(after.at >= before.at, "the log's time runs backwards at {}", after.position);
    }
    let packs = entries.iter().filter(|entry| matches!(entry.body, StoredBody::Pack { .. })).count();
    assert_eq!(packs, 1, "a restart under the same pack is no new version");
}

/// Every row of every answer is in the log as it was sent, or in quarantine for the fault that was told.
fn every_answer_holds(store: &Store, entries: &[StoredEntry], sender: &Sender, sum: &mut Sum) {
    let pack = siaga::pack::build(siaga::pack::files::Files::built_in()).pack.unwrap();
    let parsed = |line: &str| -> Parsed {
        let rows = vec![Row::read(0, line.as_bytes())];
        sort(&pack.schema, rows, Received::Stated, pack.timeline.zone, &Submitter::LOCAL).accepted.remove(0)
    };
    let mut logged = BTreeSet::new();
    for entry in entries {
        if let StoredBody::Record { record, .. } = &entry.body {
            let revision = (record.key.clone(), record.received_at, record.body.clone());
            assert!(logged.insert(revision), "one revision is logged twice: {:?}", record.key);
        }
    }
    let logged: BTreeSet<_> = logged.into_iter().map(|(key, _, body)| (key, body)).collect();
    let quarantine = all(|cursor| store.quarantine(cursor, 500));
    let set_aside: BTreeSet<_> =
        quarantine.iter().map(|row| (row.record_id.clone(), row.code.clone(), row.pointer.clone())).collect();
    for (batch, receipt) in sender.answered.lock().unwrap().iter() {
        let faults: BTreeMap<u64, &Value> = receipt["quarantined"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| (fault["index"].as_u64().unwrap(), fault))
            .collect();
        for (index, row) in (0..).zip(batch) {
            let line = &sender.rows[*row];
            sum.acknowledged += 1;
            if let Some(fault) = faults.get(&index) {
                let text = |member: &str| fault[member].as_str().unwrap().to_owned();
                let id = serde_json::from_str::<Value>(line).unwrap()["id"].as_str().map(str::to_owned);
                assert!(set_aside.contains(&(id, text("code"), text("pointer"))), "{fault} is not in quarantine");
                sum.quarantined += 1;
            } else {
                let Parsed { record, canonical, .. } = parsed(line);
                assert!(logged.contains(&(record.key.clone(), canonical)), "{:?} is not in the log", record.key);
            }
        }
    }
    assert_eq!(sum.acknowledged, sender.rows.len(), "everything was answered in the end");
}
