//! `siaga test`: the tests that stand in the rules, and the pack's scenario files.

mod coverage;
mod scenario;
mod watch;

use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use crate::pack::Pack;
use crate::trial::coverage::RuleCoverage;
use crate::trial::failure::Failure;
use crate::trial::scenario::Outcome;
use crate::trial::{self, Trial};
use crate::words::{Language, say};

use super::{Exit, Format, Streams, load_pack, pack_folder};

/// What to test.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    pack: Option<PathBuf>,
    /// Only the tests of this rule
    #[arg(long)]
    rule: Option<String>,
    /// Also show which conditions the tests have seen hold and not hold, and in which phases the rules were judged; exit
    /// code 1 when one was not seen both ways
    #[arg(long)]
    coverage: bool,
    /// Run them again whenever a file of the pack changes
    #[arg(long)]
    watch: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs a pack's tests.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    if !args.watch {
        return once(args, streams);
    }
    let folder = pack_folder(args.pack.as_deref()).context("the built-in pack does not change\nhelp: name a folder")?;
    watch::each_change(&folder, streams, |streams| once(args, streams))
}

fn once(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let mut pack = load_pack(args.pack.as_deref(), streams)?;
    if let Some(id) = &args.rule {
        anyhow::ensure!(pack.rule(id).is_some(), "the pack has no rule `{id}`\nhelp: `siaga doc` lists the rules");
        pack.rules.retain(|rule| rule.id.as_ref() == id);
    }
    let trials = trial::run(&pack);
    for trial in &trials {
        match args.format {
            Format::Json => writeln!(streams.out, "{}", serde_json::to_string(&Line::of(trial, streams.language))?)?,
            Format::Human => show(trial, streams)?,
        }
    }
    let scenarios = match args.rule {
        None => scenario::run(&pack, streams)?,
        Some(_) => Vec::new(),
    };
    for outcome in &scenarios {
        scenario::show(&pack, outcome, args.format, streams)?;
    }
    let all = trials.len() + scenarios.len();
    let failed = trials.iter().filter(|trial| !trial.failures.is_empty()).count()
        + scenarios.iter().filter(|outcome| !outcome.passed()).count();
    let covered = !args.coverage || {
        let rules = coverage_of(&pack, &trials, &scenarios);
        coverage::show(&rules, args.format, streams)?;
        rules.iter().all(RuleCoverage::is_covered)
    };
    let passed = say("test-passed").with("passed", all - failed).with("failed", failed);
    writeln!(streams.err, "{}", passed.render(streams.language))?;
    Ok(if failed == 0 && covered { Exit::Clean } else { Exit::Findings })
}

fn coverage_of(pack: &Pack, trials: &[Trial], scenarios: &[Outcome]) -> Vec<RuleCoverage> {
    let steps = scenarios.iter().flat_map(|outcome| &outcome.steps);
    let traces = trials.iter().flat_map(|trial| &trial.traces).chain(steps.flat_map(|step| &step.traces));
    trial::coverage::coverage(pack, traces)
}

fn show(trial: &Trial, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    if trial.failures.is_empty() {
        writeln!(streams.out, "ok    {}: {}", trial.rule, trial.test)?;
        return Ok(());
    }
    writeln!(streams.out, "FAIL  {}: {}", trial.rule, trial.test)?;
    writeln!(streams.out, "      {}:{}", trial.file, trial.line)?;
    for line in trial.failures.iter().flat_map(|failure| failure.lines(streams.language)) {
        writeln!(streams.out, "      {line}")?;
    }
    Ok(())
}

/// How one test came out, as JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    rule: &'a str,
    test: &'a str,
    file: &'a str,
    line: usize,
    failures: Vec<FailureLine>,
}

#[derive(Debug, Serialize)]
struct FailureLine {
    said: String,
    because: Vec<String>,
}

impl<'a> Line<'a> {
    fn of(trial: &'a Trial, language: Language) -> Self {
        let failure = |failure: &Failure| FailureLine {
            said: failure.said(language),
            because: failure.because.iter().map(|text| text.render(language)).collect(),
        };
        Line {
            rule: &trial.rule,
            test: &trial.test,
            file: &trial.file,
            line: trial.line,
            failures: trial.failures.iter().map(failure).collect(),
        }
    }
}
