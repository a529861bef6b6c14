//! `siaga tune`: how many alerts there would be at each value of a threshold.

mod show;

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;

use anyhow::Context as _;
use chrono::{DateTime, FixedOffset};

use super::rows::{BATCH, TableArgs, Tables, each_batch};
use super::{Deployment, Exit, Format, Streams, join_store, load_deployment, load_pack, wrong};
use crate::clock::Stopwatch;
use crate::tune::history::Collector;
use crate::tune::history::stored::set_before;
use crate::tune::limit::Limit;
use crate::tune::page::page;
use crate::tune::plan::{PlanError, phase_of};
use crate::tune::report::report;
use crate::tune::{Curve, History, Plan, Question, tune_telling};
use crate::words::say;

/// What to tune, on which records.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The threshold's name, as in `thresholds.toml`
    threshold: String,
    /// The pack's folder, with `--records`; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    #[arg(long, requires = "records")]
    rules: Option<PathBuf>,
    /// Files with records, in order of arrival; the deployment's store when left out
    #[arg(long, num_args = 1..)]
    records: Vec<PathBuf>,
    #[command(flatten)]
    tables: TableArgs,
    #[command(flatten)]
    deployment: Deployment,
    /// Let the clock run on to this instant after the last record
    #[arg(long, requires = "records")]
    until: Option<DateTime<FixedOffset>>,
    /// Move only the value of this phase; the others stay as they are
    #[arg(long)]
    phase: Option<String>,
    /// Move only the value of this kabupaten; the others stay as they are
    #[arg(long)]
    kabupaten: Option<String>,
    /// Look at these values only, with commas between them
    #[arg(long, value_delimiter = ',')]
    values: Vec<f64>,
    /// Find the lowest value that keeps every agency at so many new alerts a day
    #[arg(long, value_name = "N")]
    at_most: Option<usize>,
    /// With `--at-most`: on days of this phase only
    #[arg(long = "in", value_name = "PHASE", requires = "at_most")]
    in_phase: Option<String>,
    /// Also write a page with plots to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Tunes. Exit code 1 says that no value keeps what `--at-most` asks for.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let started = Stopwatch::start();
    let (plan, history) = if args.records.is_empty() { of_store(args, streams)? } else { of_files(args, streams)? };
    let limit = planned(limit(args, &plan), streams)?;
    let curve = watched(&plan, &history, streams)?;
    match args.format {
        Format::Json => {
            let report = report(&plan, &history, &curve, limit.as_ref());
            writeln!(streams.out, "{}", serde_json::to_string(&report)?)?;
        }
        Format::Human => show::show(&plan, &history, &curve, limit.as_ref(), streams)?,
    }
    if let Some(path) = &args.html {
        let page = page(&plan, &history, &curve, limit.as_ref())?;
        std::fs::write(path, page).with_context(|| format!("`{}` cannot be written", path.display()))?;
        let wrote = say("tune-wrote").with("path", path.display().to_string());
        writeln!(streams.err, "{}", wrote.render(streams.language))?;
    }
    writeln!(streams.err, "{} ms", started.elapsed().as_millis())?;
    let is_kept = limit.is_none_or(|limit| limit.kept(&curve).lowest().is_some());
    Ok(if is_kept { Exit::Clean } else { Exit::Findings })
}

/// Works the curve out; who waits at a terminal sees how far it is.
fn watched(plan: &Plan, history: &History, streams: &mut Streams<'_>) -> anyhow::Result<Curve> {
    let (sender, receiver) = mpsc::channel();
    let curve = thread::scope(|scope| {
        let work = scope.spawn(move || {
            // nobody listens any more where the terminal is gone
            tune_telling(plan, history, &|done, of| sender.send((done, of)).unwrap_or_default())
        });
        if streams.color {
            for (done, of) in receiver {
                let replays = say("tune-replays").with("done", done).with("of", of);
                write!(streams.err, "\r{}", replays.render(streams.language))?;
                streams.err.flush()?;
            }
            write!(streams.err, "\r\x1b[K")?;
        }
        Ok::<_, std::io::Error>(work.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    Ok(curve)
}

fn question(args: &Args) -> Question {
    Question {
        threshold: args.threshold.clone(),
        phase: args.phase.clone(),
        kabupaten: args.kabupaten.clone(),
        values: args.values.clone(),
        set: Vec::new(),
    }
}

fn of_files(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<(Plan, History)> {
    let pack = Arc::new(load_pack(args.rules.as_deref(), streams)?);
    let plan = planned(Plan::new(&pack, &question(args)), streams)?;
    let mut collector = Collector::new(&plan);
    let tables = Tables::new(&args.tables, &pack, streams.language)?;
    each_batch(&args.records, &tables, BATCH, |rows, _| {
        collector.take(rows);
        Ok(())
    })?;
    if let Some(until) = args.until {
        collector.run_on(until.to_utc());
    }
    let history = collector.finish();
    Ok((plan, history))
}

fn of_store(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<(Plan, History)> {
    let (config, pack) = load_deployment(&args.deployment, streams)?;
    let store = join_store(&config)?;
    let question = Question { set: set_before(&store)?, ..question(args) };
    let plan = planned(Plan::new(&Arc::new(pack), &question), streams)?;
    let history = History::of_store(&plan, &store)?;
    Ok((plan, history))
}

fn planned<T>(plan: Result<T, PlanError>, streams: &Streams<'_>) -> anyhow::Result<T> {
    plan.map_err(|PlanError { message, help }| wrong(&message, help.as_ref(), streams.language))
}

fn limit(args: &Args, plan: &Plan) -> Result<Option<Limit>, PlanError> {
    let Some(at_most) = args.at_most else { return Ok(None) };
    if let Some(word) = &args.in_phase {
        phase_of(&plan.pack, word)?;
    }
    Ok(Some(Limit { at_most, phase: args.in_phase.clone() }))
}
