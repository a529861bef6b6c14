//! Findings with their evidence and messages are those of the naive interpreter, and those of the engine without its index.
//!
//! `PROPTEST_CASES` says over how many random packs, `PROPTEST_RNG_SEED` over which.

#![expect(clippy::unwrap_used, reason = "what a test sets up has to work")]
#![expect(clippy::indexing_slicing, reason = "over constants")]
#![expect(clippy::panic, reason = "a pack that a test made has to load")]

mod generate {
    #![expect(dead_code, reason = "of what several tests share, each uses some")]
    pub mod expressions;
    pub mod packs;
    pub mod records;
    pub mod rules;
}
mod support {
    pub mod model;
}

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use generate::packs::{Act, Drawn, acts, files, rules};
use generate::records::time;
use generate::rules::{id, pack};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};
use siaga::engine::tally::Tally;
use siaga::engine::{Judged, World};
use siaga::entry::{Entry, EntryBody, Step, ThresholdChange};
use siaga::ledger::{Appended, Arrival, Ledger};
use siaga::machine::{Machine, Share};
use siaga::pack::Pack;
use siaga::record::Record;
use siaga::record::schema::core;
use support::model::{Model, changes};

/// Packs in one run, unless the environment says how many.
const PACKS: u64 = 1_000;
const SEED: u64 = 0x51A6A;
/// They are judged side by side; which packs there are does not depend on how many cores there are.
const SHARES: u64 = 4;

/// The log's entries: one arrives every few hours, through all phases around the voting day.
fn entries(acts: &[Act]) -> Vec<Entry> {
    let mut ledger = Ledger::default();
    let began = time("2024-11-22T10:00:00+07:00");
    let hours = (0..).map(|nth| began + TimeDelta::hours(17 * nth));
    acts.iter().zip(hours).zip(0..).map(|((act, at), nth)| entry(&mut ledger, act, at, nth)).collect()
}

fn entry(ledger: &mut Ledger, act: &Act, at: DateTime<Utc>, nth: u64) -> Entry {
    let record = match act {
        Act::Record(record) => record.as_ref().clone(),
        Act::Withdraw(key) => {
            let mut record = Record::new(key.clone(), core::LODGING_CHECK_OUT, at, at, Vec::new());
            record.withdrawn = true;
            record
        }
        Act::Threshold(name, phase, value) => {
            let change = ThresholdChange {
                name: Arc::from(*name),
                phase: phase.map(Arc::from),
                kabupaten: None,
                value: Some(*value),
            };
            return ledger.entry(at, EntryBody::Threshold(change));
        }
    };
    let arrival = Arrival { key: record.key.clone(), content: nth, received_at: at, record: Some(Arc::new(record)) };
    match ledger.append(arrival) {
        Appended::Entry(entry) | Appended::Stale(entry) => entry,
        Appended::Duplicate => ledger.tick(at),
    }
}

/// Every effect, to be compared; what a step is made of has no equality of its own.
fn effects(steps: &[Step]) -> Vec<impl PartialEq + std::fmt::Debug + '_> {
    let all = steps.iter().map(|step| {
        let effects = &step.effects;
        (
            (&step.subject, step.position, step.at, step.cause),
            (&effects.findings, &effects.timers_set, &effects.timers_cleared, &effects.failures),
            (&effects.alerts, &effects.events, &effects.notices, &effects.dispositions),
        )
    });
    all.collect()
}

/// How judgements ended. Why a rule with an area did not hold is told only where it was asked: all reasons count as one.
fn endings(pack: &Pack, tally: Tally) -> BTreeMap<(Arc<str>, Judged), u64> {
    let mut endings = BTreeMap::new();
    for ((rule, judged), count) in tally.endings(pack) {
        let has_area = pack.rule(&rule).is_some_and(|rule| rule.area.is_some());
        let judged = match judged {
            Judged::NotInPhase | Judged::OutsideArea if has_area => Judged::NotHeld,
            other => other,
        };
        *endings.entry((rule, judged)).or_default() += count;
    }
    endings
}

/// Judges what happens three ways; how many findings came.
fn judge(rules: &[Drawn], acts: &[Act]) -> Result<usize, TestCaseError> {
    let files = files(rules);
    let pack = pack(&files);
    let world = World::new(pack.clone());
    let mut engine = Machine::for_share(Arc::new(world.clone()), Share::ALL);
    let mut unindexed = Machine::for_share(Arc::new(world.without_index()), Share::ALL);
    let written: BTreeMap<String, Vec<String>> =
        rules.iter().enumerate().map(|(nth, rule)| (id(nth), rule.conjuncts.clone())).collect();
    let mut model = Model::new(&pack, &files, written);
    let mut count = 0;
    for (nth, entry) in entries(acts).iter().enumerate() {
        let (steps, plain) = (engine.process(entry), unindexed.process(entry));
        prop_assert_eq!(effects(&steps), effects(&plain), "with and without the index, act {}", nth);
        let changed = changes(&pack, &steps);
        count += changed.len();
        prop_assert_eq!(changed, model.process(entry), "engine and interpreter, act {}", nth);
    }
    let (ended, plain) = (endings(&pack, engine.take_tally()), endings(&pack, unindexed.take_tally()));
    prop_assert_eq!(ended, plain, "how judgements ended, with and without the index");
    Ok(count)
}

/// Judges one share of the packs; how many findings came.
fn judge_share(share: u64, config: ProptestConfig) -> usize {
    let found = Cell::new(0);
    let told = TestRunner::new(config).run(&(rules(), acts()), |(rules, acts)| {
        let count = judge(&rules, &acts).map_err(|error| {
            let texts: Vec<String> = rules.iter().enumerate().map(|(nth, rule)| rule.text(&id(nth))).collect();
            TestCaseError::fail(format!("{error}\n{}", texts.concat()))
        })?;
        found.set(found.get() + count);
        Ok(())
    });
    told.unwrap_or_else(|error| panic!("share {share}: {error}"));
    found.get()
}

#[test]
fn findings_are_those_of_the_interpreter_and_those_without_an_index() {
    let from_environment = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let packs = from_environment("PROPTEST_CASES").unwrap_or(PACKS);
    let seed = from_environment("PROPTEST_RNG_SEED").unwrap_or(SEED);
    let judged = |share| {
        let config = ProptestConfig {
            failure_persistence: None,
            max_shrink_iters: 2_000,
            cases: u32::try_from(packs.div_ceil(SHARES)).unwrap(),
            rng_seed: RngSeed::Fixed(seed.wrapping_mul(SHARES).wrapping_add(share)),
            ..ProptestConfig::default()
        };
        judge_share(share, config)
    };
    let found: usize = std::thread::scope(|scope| {
        let shares: Vec<_> = (0..SHARES).map(|share| scope.spawn(move || judged(share))).collect();
        shares.into_iter().map(|share| share.join().unwrap()).sum()
    });
    assert!(found as u64 > packs, "{found} findings in {packs} packs: the rules hardly ever hold");
}
