//! The live path beside its peers: `intake` beside bare SQLite and a minimal server, `alertmanager` beside that program.

mod alertmanager;
mod bare;
mod daemon;
mod figures;
mod intake;
mod minimal;
mod peer;
mod receiver;
mod rows;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures the live path; each command prints one table, with ratios from one run.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Durable intake beside bare SQLite, single records beside a server that does one fsynced commit a request
    Intake(intake::Args),
    /// From POST to signed webhook beside prometheus-alertmanager: time, alerts a second, memory, what kill -9 loses
    Alertmanager(alertmanager::Args),
    /// The minimal server, for `intake`
    #[command(hide = true)]
    Minimal {
        /// The database
        store: PathBuf,
    },
    /// siaga's own command line, for both
    #[command(hide = true, disable_help_flag = true)]
    Siaga {
        /// Its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    match Args::parse().command {
        Command::Intake(args) => intake::run(&args)?,
        Command::Alertmanager(args) => alertmanager::run(&args)?,
        Command::Minimal { store } => minimal::serve(&store)?,
        Command::Siaga { arguments } => return Ok(siaga_itself(arguments)),
    }
    Ok(ExitCode::SUCCESS)
}

/// What the `siaga` binary does with these arguments: the process that is measured holds nothing else.
fn siaga_itself(arguments: Vec<String>) -> ExitCode {
    let cli = siaga::cli::Cli::parse_from(std::iter::once("siaga".to_owned()).chain(arguments));
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let language = siaga::words::Language::of_environment();
    cli.run(&mut siaga::cli::Streams { out: &mut out, err: &mut err, color: false, language })
}
