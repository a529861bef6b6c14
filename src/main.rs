//! The command line entry point.

use std::io::{BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use siaga::cli::{Cli, Streams};
use siaga::words::Language;

fn main() -> ExitCode {
    let cli = Cli::parse();
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
