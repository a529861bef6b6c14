//! The command line entry point.

use std::io::{BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use siaga::cli::{Cli, Streams};
use siaga::engine::STACK_BYTES;
use siaga::words::Language;

/// Verbs read and judge rules where they are called, so that they get the stack of a thread that judges.
fn main() -> ExitCode {
    let cli = Cli::parse();
    let verb = std::thread::Builder::new().name("siaga".to_owned()).stack_size(STACK_BYTES).spawn(move || run(cli));
    // a verb that panicked has said so
    verb.ok().and_then(|verb| verb.join().ok()).unwrap_or(ExitCode::from(2))
}

fn run(cli: Cli) -> ExitCode {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut streams = Streams {
        out: &mut out,
        err: &mut std::io::stderr(),
        color: std::io::stdout().is_terminal(),
        language: Language::of_environment(),
    };
    let exit = cli.run(&mut streams);
    match out.flush() {
        Ok(()) => exit,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => exit,
        Err(_) => ExitCode::from(2),
    }
}
