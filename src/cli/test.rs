//! `siaga test`: the tests that stand in the rules.

use std::path::PathBuf;

use crate::trial;

use super::{Exit, Format, Streams, load_pack};

/// What to test.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; the built-in pack when left out
    pack: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs a pack's tests.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let pack = load_pack(args.pack.as_deref(), streams)?;
    let trials = trial::run(&pack);
    for trial in &trials {
        match args.format {
            Format::Json => writeln!(streams.out, "{}", serde_json::to_string(trial)?)?,
            Format::Human if trial.failures.is_empty() => {
                writeln!(streams.out, "ok    {}: {}", trial.rule, trial.test)?
            }
            Format::Human => {
                writeln!(streams.out, "FAIL  {}: {}", trial.rule, trial.test)?;
                writeln!(streams.out, "      {}:{}", trial.file, trial.line)?;
                for failure in &trial.failures {
                    writeln!(streams.out, "      {failure}")?;
                }
            }
        }
    }
    let failed = trials.iter().filter(|trial| !trial.failures.is_empty()).count();
    writeln!(streams.err, "{} passed, {failed} failed", trials.len() - failed)?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
}
