//! `siaga test`: the tests that stand in the rules, and the pack's scenario files.

mod coverage;
mod scenario;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use crate::pack::Pack;
use crate::pack::diagnostic::did_you_mean;
use crate::pack::rule::Rule;
use crate::trial::coverage::RuleCoverage;
use crate::trial::failure::Failure;
use crate::trial::{self, Trial};
use crate::words::{Language, say};

use super::{Exit, Format, Streams, load_pack, pack_folder, unknown};

/// What to test.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    pack: Option<PathBuf>,
    /// Only the tests of this rule, and the scenarios about it
    #[arg(long)]
    rule: Option<String>,
    /// Also show which conditions the rules' own tests have seen hold and not hold, and in which phases the rules were
    /// judged; exit code 1 when one was not seen both ways
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
    let pack = load_pack(args.pack.as_deref(), streams)?;
    let meant = match &args.rule {
        None => pack.clone(),
        Some(id) => pack.only(vec![rule_of(&pack, id, streams.language)?]),
    };
    let trials = trial::run(&meant);
    for trial in &trials {
        match args.format {
            Format::Json => writeln!(streams.out, "{}", serde_json::to_string(&Line::of(trial, streams.language))?)?,
            Format::Human => show(trial, streams)?,
        }
    }
    let scenarios = scenario::run(&pack, args.rule.as_deref(), streams)?;
    for outcome in &scenarios {
        scenario::show(&pack, outcome, args.format, streams)?;
    }
    let all = trials.len() + scenarios.len();
    let failed = trials.iter().filter(|trial| !trial.failures.is_empty()).count()
        + scenarios.iter().filter(|outcome| !outcome.passed()).count();
    let covered = !args.coverage || {
        // scenarios do not count: what a rule asks has to be shown by its own tests
        let rules = trial::coverage::coverage(&meant, trials.iter().flat_map(|trial| &trial.traces));
        coverage::show(&rules, args.format, streams)?;
        rules.iter().all(RuleCoverage::is_covered)
    };
    let passed = say("test-passed").with("passed", all - failed).with("failed", failed);
    writeln!(streams.err, "{}", passed.render(streams.language))?;
    Ok(if failed == 0 && covered { Exit::Clean } else { Exit::Findings })
}

fn rule_of(pack: &Pack, id: &str, language: Language) -> anyhow::Result<Arc<Rule>> {
    pack.rule(id).cloned().ok_or_else(|| {
        let known = pack.rules.iter().map(|rule| rule.id.as_ref());
        unknown(say("thing-rule"), id, did_you_mean(id, known), language)
    })
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
