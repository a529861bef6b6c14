//! Runs the tests that stand in the rules, each rule alone, on virtual time.

pub mod scenario;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::alert::{Alert, Disposition};
use crate::entry::{EntryBody, Step, ThresholdChange};
use crate::ledger::{Appended, Ledger};
use crate::machine::Machine;
use crate::pack::Pack;
use crate::pack::rule::{Rule, RuleTest, Status};
use crate::pack::testing::tests_of;
use crate::record::parse::{Received, parse};

/// How one test came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub failures: Vec<String>,
}

/// Runs all tests of a pack.
pub fn run(pack: &Pack) -> Vec<Trial> {
    let without_rules = Pack { rules: Vec::new(), ..pack.clone() };
    pack.rules.iter().flat_map(|rule| run_rule(&without_rules, rule)).collect()
}

fn run_rule(without_rules: &Pack, rule: &Arc<Rule>) -> Vec<Trial> {
    // what it would do if it were let out
    let judged = Arc::new(Rule { status: Status::Stable, ..rule.as_ref().clone() });
    let alone = Arc::new(Pack { rules: vec![judged], ..without_rules.clone() });
    let trial = |test: &str, line: usize, failures: Vec<String>| Trial {
        rule: rule.id.clone(),
        test: test.to_owned(),
        file: rule.file.clone(),
        line,
        failures,
    };
    match tests_of(&alone, rule) {
        Ok(tests) => {
            let run = |test: &RuleTest| trial(&test.name, test.at.line().unwrap_or(0), run_test(&alone, test));
            tests.iter().map(run).collect()
        }
        Err(failure) => vec![trial("", 0, vec![failure])],
    }
}

fn run_test(pack: &Arc<Pack>, test: &RuleTest) -> Vec<String> {
    let mut machine = Machine::new(pack.clone());
    let mut ledger = Ledger::default();
    let mut steps = Vec::new();
    for (threshold, value) in &test.thresholds {
        let Some(name) = pack.thresholds.get(*threshold).map(|threshold| Arc::from(threshold.name.as_str())) else {
            continue;
        };
        let change = ThresholdChange { name, phase: None, kabupaten: None, value: *value };
        steps.extend(machine.process(&ledger.entry(DateTime::<Utc>::MIN_UTC, EntryBody::Threshold(change))));
    }
    for (index, json) in test.records.iter().enumerate() {
        let json = serde_json::from_str(json).unwrap_or_default();
        let parsed = match parse(&pack.schema, &json, Received::Stated, pack.timeline.zone) {
            Ok(parsed) => parsed,
            Err(faults) => {
                let words: Vec<String> =
                    faults.iter().map(|fault| format!("{} at `{}`", fault.detail, fault.pointer)).collect();
                return vec![format!("record {} of the test would be quarantined: {}", index + 1, words.join("; "))];
            }
        };
        match ledger.append(parsed) {
            Appended::Entry(entry) | Appended::Stale(entry) => steps.extend(machine.process(&entry)),
            Appended::Duplicate => return vec![format!("record {} of the test repeats another one", index + 1)],
        }
    }
    if let Some(until) = test.advance_to {
        steps.extend(machine.process(&ledger.tick(until)));
    }
    compare(test, &steps)
}

fn compare(test: &RuleTest, steps: &[Step]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, wanted: String, got: String| {
        if wanted != got {
            wrong.push(format!("{what}: expected {wanted}, got {got}"));
        }
    };
    let disposed = || steps.iter().flat_map(|step| &step.effects.dispositions);
    let opened: Vec<&str> = disposed()
        .filter(|disposed| disposed.disposition == Disposition::Open)
        .map(|disposed| disposed.finding.key.rule.as_ref())
        .collect();
    expect("fires", format!("{:?}", test.fires), format!("{opened:?}"));
    if let Some(severity) = test.severity {
        let last = last_alert(steps).map_or("no alert".to_owned(), |alert| alert.severity.to_string());
        expect("severity", severity.to_string(), last);
    }
    if let Some(told) = &test.told {
        let notices = steps.iter().flat_map(|step| &step.effects.notices);
        let got: BTreeSet<String> = notices.map(|notice| notice.agency.to_string()).collect();
        expect("told", format!("{told:?}"), format!("{got:?}"));
    }
    if let Some(resolved) = test.resolved {
        let got = disposed().filter(|disposed| matches!(disposed.disposition, Disposition::Resolve { .. })).count();
        expect("resolved", resolved.to_string(), got.to_string());
    }
    for failure in steps.iter().flat_map(|step| &step.effects.failures) {
        wrong.push(format!("the rule could not be judged: {}", failure.reason));
    }
    wrong
}

fn last_alert(steps: &[Step]) -> Option<&Alert> {
    steps.iter().flat_map(|step| &step.effects.alerts).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::files::Files;

    #[test]
    fn the_shipped_rules_pass_their_own_tests() {
        let pack = crate::pack::build(Files::built_in()).pack.expect("the built-in pack loads");
        let trials = run(&pack);
        let failed: Vec<String> = trials
            .iter()
            .filter(|trial| !trial.failures.is_empty())
            .map(|trial| format!("{}:{} {}: {}", trial.file, trial.line, trial.test, trial.failures.join("; ")))
            .collect();
        assert!(failed.is_empty(), "{} of {}\n{}", failed.len(), trials.len(), failed.join("\n"));
    }
}
