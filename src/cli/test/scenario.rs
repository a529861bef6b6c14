//! The pack's scenario files in `siaga test`: the whole pack over several steps.

use std::sync::Arc;

use anyhow::bail;
use serde::Serialize;

use crate::cli::{Format, Streams};
use crate::engine::Judged;
use crate::engine::trace::Trace;
use crate::pack::Pack;
use crate::trial::failure::at;
use crate::trial::scenario::{Mismatch, Outcome, StepOutcome, of_pack, run as run_scenario};
use crate::words::{Text, say};

/// Runs the scenario files of a pack: all of them, or those about a rule.
///
/// # Errors
/// One of them cannot be used: what is wrong has been drawn.
pub fn run(pack: &Pack, rule: Option<&str>, streams: &mut Streams<'_>) -> anyhow::Result<Vec<Outcome>> {
    let found = of_pack(pack);
    let mistakes = found.diagnostics.len();
    if mistakes > 0 {
        write!(streams.err, "{}", found.render(streams.language, streams.color))?;
        bail!("{}", say("test-scenario-mistakes").with("mistakes", mistakes).render(streams.language));
    }
    let pack = Arc::new(pack.clone());
    let meant = found.scenarios.iter().filter(|scenario| rule.is_none_or(|rule| scenario.is_about(rule)));
    Ok(meant.map(|scenario| run_scenario(&pack, scenario)).collect())
}

/// Prints how one came out.
pub fn show(pack: &Pack, outcome: &Outcome, format: Format, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    if format == Format::Json {
        writeln!(streams.out, "{}", serde_json::to_string(&Line::of(pack, outcome, streams))?)?;
        return Ok(());
    }
    let sign = if outcome.passed() { "ok  " } else { "FAIL" };
    writeln!(streams.out, "{sign}  {}: {}", outcome.scenario, outcome.title)?;
    for step in outcome.steps.iter().filter(|step| !step.mismatches.is_empty()) {
        for mismatch in &step.mismatches {
            writeln!(streams.out, "      {}:{}", outcome.file, mismatch.line().unwrap_or(step.line))?;
            for text in mismatch.texts(pack.timeline.zone) {
                writeln!(streams.out, "      {}", text.render(streams.language))?;
            }
            for text in because(pack, step, mismatch) {
                writeln!(streams.out, "        {}", text.render(streams.language))?;
            }
        }
    }
    Ok(())
}

/// Why an expected event did not happen: what stopped its rule in that step.
fn because(pack: &Pack, step: &StepOutcome, mismatch: &Mismatch) -> Vec<Text> {
    let Mismatch::Missing(expected) = mismatch else { return Vec::new() };
    let zone = pack.timeline.zone;
    let of_rule = |trace: &&Trace| trace.key.rule == expected.rule && trace.ends() != Some(Judged::Found);
    let reasons: Vec<Text> =
        step.traces.iter().filter(of_rule).map(|trace| at(trace, trace.said(zone), zone)).collect();
    if reasons.is_empty() { vec![say("trial-nothing-judged")] } else { reasons }
}

/// How one scenario came out, as JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    scenario: &'a str,
    title: &'a str,
    file: &'a str,
    failures: Vec<FailureLine>,
}

#[derive(Debug, Serialize)]
struct FailureLine {
    line: usize,
    said: Vec<String>,
    because: Vec<String>,
}

impl<'a> Line<'a> {
    fn of(pack: &Pack, outcome: &'a Outcome, streams: &Streams<'_>) -> Self {
        let render = |texts: Vec<Text>| texts.iter().map(|text| text.render(streams.language)).collect();
        let failures = outcome.steps.iter().flat_map(|step| {
            step.mismatches.iter().map(move |mismatch| FailureLine {
                line: mismatch.line().unwrap_or(step.line),
                said: render(mismatch.texts(pack.timeline.zone)),
                because: render(because(pack, step, mismatch)),
            })
        });
        Line { scenario: &outcome.scenario, title: &outcome.title, file: &outcome.file, failures: failures.collect() }
    }
}
