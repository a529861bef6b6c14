//! What siaga promises of itself beside its peers, and what this run saw.

use std::fmt::Write as _;

use crate::run::{LOADED_AS, Results};
use crate::table::ratio;

/// rsigma's figures that loading is held against, on the machine where the promise was made.
const RSIGMA_MEGABYTES: f64 = 73.0;
const RSIGMA_SECONDS: f64 = 0.34;

struct Promise {
    what: String,
    bound: Bound,
    seen: Option<f64>,
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// One line for each promise: required, seen.
pub fn lines(results: &Results) -> String {
    let mut out = String::from("| promise | required | seen | |\n|---|---:|---:|---|\n");
    for promise in promises(results) {
        let Some(seen) = promise.seen else { continue };
        let (required, holds) = match promise.bound {
            Bound::AtLeast(bound) => (format!("at least {}", ratio(bound)), seen >= bound),
            Bound::AtMost(bound) => (format!("at most {}", ratio(bound)), seen <= bound),
        };
        let verdict = if holds { "holds" } else { "MISSED" };
        let _ = writeln!(out, "| {} | {required} | {} | {verdict} |", promise.what, ratio(seen));
    }
    out
}

/// How many times as fast as a peer siaga is, with so many rules; the whole step at least half of that.
const TIMES: [(usize, &str, &str, f64); 6] = [
    (100, "native", "the rules as Rust", 1.0),
    (1_000, "native", "the rules as Rust", 2.0),
    (1_000, "typed", "typed parsing alone", 0.6),
    (10_000, "native", "the rules as Rust", 20.0),
    (10_000, "zen", "ZEN's table", 40.0),
    (10_000, "rhai", "naive rhai", 1_000.0),
];

fn promises(results: &Results) -> Vec<Promise> {
    let at_least = |what: &str, bound, seen| Promise { what: what.to_owned(), bound: Bound::AtLeast(bound), seen };
    let at_most = |what: &str, bound, seen| Promise { what: what.to_owned(), bound: Bound::AtMost(bound), seen };
    let mut promises = Vec::new();
    for (line, what, part) in [("siaga", "matched rules", 1.0), ("siaga-step", "the whole step", 0.5)] {
        promises.extend(TIMES.iter().map(|(rules, peer, peers_name, times)| {
            let peers_rules = if *peer == "typed" { 0 } else { *rules };
            let seen = results.rate(line, *rules).zip(results.rate(peer, peers_rules)).map(|(own, peer)| own / peer);
            at_least(&format!("{rules} rules, {what}: times {peers_name}"), part * times, seen)
        }));
    }
    let growth = results.rate("siaga", 1_000).zip(results.rate("siaga", 10_000)).map(|(few, many)| few / many);
    let kept = results.rate("siaga", 100_000).zip(results.rate("siaga", 10_000)).map(|(more, many)| more / many);
    let loaded = |rules| results.load(LOADED_AS, rules);
    let beside_rsigma = |measure: fn(crate::measure::Loaded) -> f64| {
        Some(measure(loaded(10_000)?) / measure(results.load("sigma", 10_000)?))
    };
    promises.extend([
        at_most("cost of a record, 10,000 rules to 1,000", 2.5, growth),
        at_most("loading 10,000 rules: MB", RSIGMA_MEGABYTES, loaded(10_000).map(|loaded| loaded.megabytes)),
        at_most("loading 10,000 rules: seconds", 3.0 * RSIGMA_SECONDS, loaded(10_000).map(|loaded| loaded.seconds)),
        at_most("loading 10,000 rules: memory to rsigma's in this run", 1.0, beside_rsigma(|loaded| loaded.megabytes)),
        at_most("loading 10,000 rules: time to rsigma's in this run", 3.0, beside_rsigma(|loaded| loaded.seconds)),
        at_most("loading 100,000 rules: seconds", 10.0, loaded(100_000).map(|loaded| loaded.seconds)),
        at_least("100,000 rules: of the rate with 10,000", 1.0 / 3.0, kept),
    ]);
    promises
}
