//! Runs the tests that stand in the rules, each rule alone, on virtual time.

pub mod coverage;
pub mod failure;
pub mod scenario;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::trace::Trace;
use crate::entry::{EntryBody, ThresholdChange};
use crate::ledger::{Appended, Ledger};
use crate::machine::Machine;
use crate::pack::Pack;
use crate::pack::rule::{Rule, RuleTest, Status};
use crate::pack::testing::tests_of;
use crate::record::parse::{Received, parse};
use crate::words::{Text, say};

use failure::Failure;

/// How one test came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The rule.
    pub rule: Arc<str>,
    /// The test.
    pub test: String,
    /// Path of the rule's file within the pack.
    pub file: String,
    /// Line where the test begins.
    pub line: usize,
    /// What was expected and did not happen; empty when it passed.
    pub failures: Vec<Failure>,
    /// What was judged on the way, and why it came out so.
    pub traces: Vec<Trace>,
}

/// Runs all tests of a pack.
pub fn run(pack: &Pack) -> Vec<Trial> {
    let without_rules = pack.only(Vec::new());
    pack.rules.iter().flat_map(|rule| run_rule(&without_rules, rule)).collect()
}

fn run_rule(without_rules: &Pack, rule: &Arc<Rule>) -> Vec<Trial> {
    // what it would do if it were let out
    let judged = Arc::new(Rule { status: Status::Stable, ..rule.as_ref().clone() });
    let alone = Arc::new(without_rules.only(vec![judged]));
    let trial = |test: &str, line: usize, (failures, traces)| Trial {
        rule: rule.id.clone(),
        test: test.to_owned(),
        file: rule.file.clone(),
        line,
        failures,
        traces,
    };
    match tests_of(&alone, rule) {
        Ok(tests) => {
            let run = |test: &RuleTest| trial(&test.name, test.at.line().unwrap_or(0), run_test(&alone, test));
            tests.iter().map(run).collect()
        }
        Err(failure) => vec![trial("", 0, (vec![Failure::plain(Text::Plain(failure))], Vec::new()))],
    }
}

fn run_test(pack: &Arc<Pack>, test: &RuleTest) -> (Vec<Failure>, Vec<Trace>) {
    let mut machine = Machine::new(pack.clone()).traced();
    let mut ledger = Ledger::default();
    let mut steps = Vec::new();
    for (threshold, value) in &test.thresholds {
        let Some(name) = pack.thresholds.get(*threshold).map(|threshold| Arc::from(threshold.name.as_str())) else {
            continue;
        };
        let change = ThresholdChange { name, phase: None, kabupaten: None, value: Some(*value) };
        steps.extend(machine.process(&ledger.entry(DateTime::<Utc>::MIN_UTC, EntryBody::Threshold(change))));
    }
    let mut refused = Vec::new();
    for (index, json) in test.records.iter().enumerate() {
        let json = serde_json::from_str(json).unwrap_or_default();
        match parse(&pack.schema, &json, Received::Stated, pack.timeline.zone) {
            Err(faults) => {
                let faults: Vec<String> =
                    faults.iter().map(|fault| format!("`{}`: {}", fault.pointer, fault.detail)).collect();
                refused.push(Failure::plain(
                    say("trial-quarantined").with("record", index + 1).with("faults", faults.join("; ")),
                ));
            }
            Ok(parsed) => match ledger.append(parsed) {
                Appended::Entry(entry) | Appended::Stale(entry) => steps.extend(machine.process(&entry)),
                Appended::Duplicate => refused.push(Failure::plain(say("trial-repeats").with("record", index + 1))),
            },
        }
    }
    if let Some(until) = test.advance_to {
        steps.extend(machine.process(&ledger.tick(until)));
    }
    let traces = machine.take_traces();
    let failures = if refused.is_empty() { failure::compare(pack, test, &steps, &traces) } else { refused };
    (failures, traces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::files::Files;
    use crate::words::Language;

    #[test]
    fn the_shipped_rules_pass_their_own_tests() {
        let pack = crate::pack::build(Files::built_in()).pack.expect("the built-in pack loads");
        let trials = run(&pack);
        let failed: Vec<String> = trials
            .iter()
            .filter(|trial| !trial.failures.is_empty())
            .map(|trial| {
                let failures: Vec<String> =
                    trial.failures.iter().map(|failure| failure.said(Language::English)).collect();
                format!("{}:{} {}: {}", trial.file, trial.line, trial.test, failures.join("; "))
            })
            .collect();
        assert!(failed.is_empty(), "{} of {}\n{}", failed.len(), trials.len(), failed.join("\n"));
    }
}
