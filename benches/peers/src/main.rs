//! siaga beside other rule engines: the same records, the same rules, one table from one run.

mod accept;
mod engines;
mod measure;
mod prepare;
mod run;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures records a second, parsing included, and checks that all engines find the same.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Options,
}

#[derive(Subcommand)]
enum Command {
    /// One engine, in a process of its own.
    #[command(hide = true)]
    Child(measure::Child),
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Child(child)) => measure::child(&child).map(|()| ExitCode::SUCCESS),
        None => run::run(&arguments.run),
    }
}

/// Where the forms of the rules go, unless told otherwise.
fn work() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers"))
}
