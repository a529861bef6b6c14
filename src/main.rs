//! The command line entry point.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{BufWriter, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use clap::Parser;
use siaga::cli::{Cli, Streams};
use siaga::engine::STACK_BYTES;
use siaga::words::Language;

/// Verbs read and judge rules where they are called, so that they get the stack of a thread that judges.
fn main() -> ExitCode {
    std::panic::set_hook(Box::new(tell_place));
    let cli = Cli::parse();
    let verb = std::thread::Builder::new().name("siaga".to_owned()).stack_size(STACK_BYTES).spawn(move || run(cli));
    // a verb that panicked has said so
    verb.ok().and_then(|verb| verb.join().ok()).unwrap_or(ExitCode::from(2))
}

/// Says where it panicked and no more: the message may quote what was being read, and that may be somebody's name.
fn tell_place(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    if thread.name() == Some(siaga::intake::sheet::WORKBOOK_THREAD) {
        return; // whoever waits for its rows is told that the workbook is damaged
    }
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let mut said = format!("error: siaga panicked at {place}\n");
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        said.push_str(&trace.to_string());
    }
    // nobody is left to hear that it could not be said
    drop(std::io::stderr().write_all(said.as_bytes()));
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
