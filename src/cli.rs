//! The command line: what can be asked, and how it ends.

mod check;
mod replay;
mod test;
mod timeline;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Watches records about foreign nationals against an election's timeline and alerts the agencies responsible.
///
/// It points people at something to check. It never decides about a person.
#[derive(Debug, Parser)]
#[command(name = "siaga", version)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say everything that is wrong with a rule pack, at once
    Check(check::Args),
    /// Run the tests that stand in the rules
    Test(test::Args),
    /// Show what a pack would have found in records of the past
    Replay(replay::Args),
    /// Show the phases, and what changes at each boundary
    Timeline(timeline::Args),
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs: one JSON object a line.
    Json,
}

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to object to.
    Clean,
    /// Findings, or failed tests.
    Findings,
}

/// Where a verb prints to: data to `out`, progress and summaries to `err`.
pub struct Streams<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Whether people read it on a terminal.
    pub color: bool,
}

impl Cli {
    /// Runs the verb; exit code 0 clean, 1 findings or failed tests, 2 could not run.
    pub fn run(self, streams: &mut Streams<'_>) -> ExitCode {
        let exit = match self.verb {
            Verb::Check(args) => check::run(&args, streams),
            Verb::Test(args) => test::run(&args, streams),
            Verb::Replay(args) => replay::run(&args, streams),
            Verb::Timeline(args) => timeline::run(&args, streams),
        };
        match exit {
            Ok(Exit::Clean) => ExitCode::SUCCESS,
            Ok(Exit::Findings) => ExitCode::from(1),
            Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
            Err(error) => {
                // nowhere is left to say that standard error is closed
                drop(writeln!(streams.err, "error: {error:#}"));
                ExitCode::from(2)
            }
        }
    }
}

/// Whether whoever read the output has stopped reading, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Loads a pack from a folder, or the built-in one; a pack that does not load is an error that has been drawn.
fn load_pack(folder: Option<&std::path::Path>, streams: &mut Streams<'_>) -> anyhow::Result<crate::pack::Pack> {
    let loaded = match folder {
        Some(folder) => crate::pack::load(folder),
        None => crate::pack::build(crate::pack::files::Files::built_in()),
    };
    if loaded.pack.is_none() {
        write!(streams.err, "{}", loaded.render(streams.color))?;
    }
    let (errors, root) = (loaded.errors(), loaded.files.root.clone());
    loaded.pack.ok_or_else(|| {
        anyhow::anyhow!(
            "the pack `{root}` has {errors} error(s)\nhelp: mend them; `siaga check {root}` shows them again"
        )
    })
}
