//! The command line: what can be asked, and how it ends.

mod cell;
mod check;
mod demo;
mod doc;
mod explain;
mod export;
mod hash_nik;
mod import;
mod lsp;
mod new;
mod quarantine;
mod replay;
mod report;
mod rows;
mod run;
mod schema;
mod send_test;
mod template;
mod test;
mod timeline;
mod token;
mod tune;
mod vet;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand, ValueEnum};

use crate::config::{self, Config};
use crate::daemon;
use crate::pack::files::Files;
use crate::pack::{Loaded, Pack};
use crate::store::Store;
use crate::words::Language;

/// Watches records about foreign nationals against an election's timeline and alerts the agencies responsible.
///
/// It points people at something to check. It never decides about a person.
#[derive(Debug, Parser)]
#[command(name = "siaga", version)]
pub struct Cli {
    /// The language of diagnostics, test results and explanations: `id` or `en` [default: the environment's]
    #[arg(long, global = true, env = "SIAGA_LANG", value_name = "LANGUAGE")]
    lang: Option<Language>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// See it work: the daemon on built-in records under a fast clock
    Demo(demo::Args),
    /// Run the daemon: take records in, judge them, tell the agencies
    Run(run::Args),
    /// Say everything that is wrong with a rule pack, at once
    Check(check::Args),
    /// Run the tests that stand in the rules
    Test(test::Args),
    /// Say why: what rules made of a record, what an alert rests on, what a rule is for, what a code means
    Explain(explain::Args),
    /// Help write rules in an editor that speaks the Language Server Protocol
    Lsp(lsp::Args),
    /// Render a pack as a catalogue: every rule with its why, its law and its numbers
    Doc(doc::Args),
    /// Make a first version of a rule
    #[command(subcommand)]
    New(new::What),
    /// Show what a pack would have found in records of the past
    Replay(replay::Args),
    /// Show how many alerts there would be at each value of a threshold
    Tune(tune::Args),
    /// Look at how alerts fall on people as a whole, for those who answer for them
    #[command(subcommand)]
    Report(report::What),
    /// Show what a record can say: kinds and fields
    Schema(schema::Args),
    /// Show the phases, and what changes at each boundary
    Timeline(timeline::Args),
    /// Take files of records into a store, also beside a running daemon
    Import(import::Args),
    /// Make an empty workbook for a kind of table, with explanations and lists to choose from
    Template(template::Args),
    /// Write alerts to a file for a meeting
    #[command(subcommand)]
    Export(export::What),
    /// Look at the rows that did not stand, or set one aside for good
    #[command(subcommand)]
    Quarantine(quarantine::What),
    /// Make the keyed hashes that records carry in place of NIKs
    HashNik(hash_nik::Args),
    /// Send a marked message to an agency through the production path
    SendTest(send_test::Args),
    /// Make the tokens that callers show
    #[command(subcommand)]
    Token(token::What),
    /// Read a pack for the daemon
    #[command(hide = true, name = daemon::vet::VERB)]
    Vet,
}

/// Which deployment a verb is about.
#[derive(Debug, clap::Args)]
struct Deployment {
    /// The deployment's configuration
    #[arg(long, env = "SIAGA_CONFIG", default_value = "siaga.toml")]
    config: PathBuf,
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
    /// The language of what is said to people.
    pub language: Language,
}

impl Cli {
    /// Runs the verb; exit code 0 clean, 1 findings or failed tests, 2 could not run.
    pub fn run(self, streams: &mut Streams<'_>) -> ExitCode {
        streams.language = self.lang.unwrap_or(streams.language);
        let exit = match self.verb {
            Verb::Demo(args) => demo::run(&args, streams),
            Verb::Check(args) => check::run(&args, streams),
            Verb::Test(args) => test::run(&args, streams),
            Verb::Explain(args) => explain::run(&args, streams),
            Verb::Lsp(args) => lsp::run(&args, self.lang, streams),
            Verb::Doc(args) => doc::run(&args, streams),
            Verb::New(what) => new::run(&what, streams),
            Verb::Replay(args) => replay::run(&args, streams),
            Verb::Tune(args) => tune::run(&args, streams),
            Verb::Report(what) => report::run(&what, streams),
            Verb::Schema(args) => schema::run(&args, streams),
            Verb::Timeline(args) => timeline::run(&args, streams),
            Verb::Run(args) => run::run(&args, streams),
            Verb::Import(args) => import::run(&args, streams),
            Verb::Template(args) => template::run(&args, streams),
            Verb::Export(what) => export::run(&what, streams),
            Verb::Quarantine(what) => quarantine::run(&what, streams),
            Verb::HashNik(args) => hash_nik::run(&args, streams),
            Verb::SendTest(args) => send_test::run(&args, streams),
            Verb::Token(what) => token::run(&what, streams),
            Verb::Vet => vet::run(streams),
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

/// Reads a deployment's configuration and its pack; what is wrong has been drawn.
fn load_config(deployment: &Deployment, streams: &mut Streams<'_>) -> anyhow::Result<(Config, Pack)> {
    let loaded = config::load(&deployment.config, &|name| std::env::var(name).ok());
    write!(streams.err, "{}", loaded.render_in(streams.language, streams.color))?;
    let path = deployment.config.display();
    loaded.config.ok_or_else(|| anyhow::anyhow!("the configuration `{path}` or its rule pack cannot be used"))
}

/// Refuses a store whose folder is not there: nothing could be kept in it.
fn check_folder(store: &Path) -> anyhow::Result<()> {
    let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    anyhow::ensure!(
        folder.is_dir(),
        "the folder of `store` is missing: `{}`\nhelp: make the folder, or name another file as `store`",
        store.display()
    );
    Ok(())
}

/// Opens a deployment's store beside the daemon that may be running on it.
fn join_store(config: &Config) -> anyhow::Result<Store> {
    check_folder(&config.store)?;
    let path = config.store.display();
    Store::join(&config.store).with_context(|| format!("the store `{path}` does not open"))
}

/// The folder of a pack that nobody names.
const PACK_HERE: &str = "rules/pilkada-2024";

/// The folder of the pack that a verb is about: the one that is named, else the one that lies here; none for the
/// built-in pack.
fn pack_folder(named: Option<&Path>) -> Option<PathBuf> {
    let here = || Path::new(PACK_HERE).join("pack.toml").is_file().then(|| PathBuf::from(PACK_HERE));
    named.map(Path::to_path_buf).or_else(here)
}

/// Loads the pack that a verb is about, with what is wrong with it.
fn open_pack(named: Option<&Path>) -> Loaded {
    match pack_folder(named) {
        Some(folder) => crate::pack::load(&folder),
        None => crate::pack::build(Files::built_in()),
    }
}

/// Loads the pack that a verb is about; a pack that does not load is an error that has been drawn.
fn load_pack(folder: Option<&Path>, streams: &mut Streams<'_>) -> anyhow::Result<Pack> {
    Ok(load_whole(folder, streams)?.0)
}

/// The same with the files that it was loaded from.
fn load_whole(folder: Option<&Path>, streams: &mut Streams<'_>) -> anyhow::Result<(Pack, Files)> {
    let loaded = open_pack(folder);
    if loaded.pack.is_none() {
        write!(streams.err, "{}", loaded.render_in(streams.language, streams.color))?;
    }
    let (errors, root) = (loaded.errors(), loaded.files.root.clone());
    let files = loaded.files;
    loaded.pack.map(|pack| (pack, files)).ok_or_else(|| {
        anyhow::anyhow!(
            "the pack `{root}` has {errors} error(s)\nhelp: mend them; `siaga check {root}` shows them again"
        )
    })
}
