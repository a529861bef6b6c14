//! The command line: what can be asked, and how it ends.

mod cell;
mod check;
mod demo;
mod doc;
mod explain;
mod export;
mod guide;
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
use crate::pack::diagnostic::Weight;
use crate::pack::files::Files;
use crate::pack::{Loaded, Pack};
use crate::pipeline::packs;
use crate::store::Store;
use crate::words::{Language, Text, say};

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
    /// Show what rules are written with: every key and function
    Guide(guide::Args),
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
            Verb::Guide(args) => guide::run(&args, streams),
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
                let label = say("weight-error").render(streams.language);
                // nowhere is left to say that standard error is closed
                drop(writeln!(streams.err, "{label}: {error:#}"));
                ExitCode::from(2)
            }
        }
    }
}

/// Whether whoever read the output has stopped reading, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Reads a deployment's configuration and its pack, to run by them; what is wrong has been drawn.
fn load_config(deployment: &Deployment, streams: &mut Streams<'_>) -> anyhow::Result<(Config, Pack)> {
    let loaded = config::load(&deployment.config, &|name| std::env::var(name).ok());
    usable(loaded, deployment, streams)
}

/// Reads a deployment's configuration and the pack that judges there, to work beside a daemon: where the pack in its
/// folder does not stand, it is the one in force, as the store keeps it. Only errors are drawn.
fn load_deployment(deployment: &Deployment, streams: &mut Streams<'_>) -> anyhow::Result<(Config, Pack)> {
    let mut loaded = config::load(&deployment.config, &|name| std::env::var(name).ok());
    if let Some(config) = &loaded.without_pack
        && let Some(pack) = in_force(config)?
    {
        let folder = config.rules.as_deref().unwrap_or(Path::new("")).display().to_string();
        writeln!(streams.err, "{}", say("cli-pack-in-force").with("folder", folder).render(streams.language))?;
        return Ok((config.clone(), pack));
    }
    loaded.diagnostics.retain(|diagnostic| diagnostic.weight == Weight::Error);
    usable(loaded, deployment, streams)
}

fn usable(
    loaded: config::Loaded,
    deployment: &Deployment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<(Config, Pack)> {
    write!(streams.err, "{}", loaded.render_in(streams.language, streams.color))?;
    let message = if loaded.without_pack.is_some() { say("cli-pack-unusable") } else { say("cli-config-unusable") };
    let path = deployment.config.display().to_string();
    loaded.config.ok_or_else(|| wrong(&message.with("config", path), None, streams.language))
}

/// The pack in force, as a deployment's store keeps it; none where there is no store yet.
fn in_force(config: &Config) -> anyhow::Result<Option<Pack>> {
    if !config.store.is_file() {
        return Ok(None);
    }
    Ok(packs::in_force(&join_store(config)?)?)
}

/// There is no such thing; another one may be meant.
fn unknown(thing: Text, word: &str, help: Option<Text>, language: Language) -> anyhow::Error {
    wrong(&say("unknown").with("thing", thing).with("word", word), help.as_ref(), language)
}

fn wrong(message: &Text, help: Option<&Text>, language: Language) -> anyhow::Error {
    let label = say("help").render(language);
    let help = help.map(|help| format!("\n{label}: {}", help.render(language))).unwrap_or_default();
    anyhow::anyhow!("{}{help}", message.render(language))
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
        let message = say("cli-pack-errors").with("pack", root.as_str()).with("errors", errors);
        wrong(&message, Some(&say("cli-pack-errors-help").with("pack", root.as_str())), streams.language)
    })
}
