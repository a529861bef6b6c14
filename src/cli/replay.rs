//! `siaga replay`: what a pack would have found in records of the past.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, FixedOffset};
use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::Stopwatch;
use crate::intake::file;
use crate::pack::Pack;
use crate::replay::{Line, Replay, lines};

use super::{Exit, Format, Streams, load_pack};

/// Dispositions by rule and kind.
type Totals = BTreeMap<Arc<str>, BTreeMap<&'static str, usize>>;

/// Rows that are taken in at a time.
const BATCH: usize = 4_096;

/// What to replay.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; the built-in pack when left out
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Files with records, in order of arrival
    #[arg(long, required = true, num_args = 1..)]
    records: Vec<PathBuf>,
    /// Let the clock run on to this instant after the last record
    #[arg(long)]
    until: Option<DateTime<FixedOffset>>,
    /// How many rows are taken in at a time; the output is the same for any number
    #[arg(long, default_value_t = BATCH, hide_short_help = true)]
    batch: usize,
    /// How many threads judge; all cores when left out. The output is the same for any number
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Replays files.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let pack = Arc::new(load_pack(args.rules.as_deref(), streams)?);
    let started = Stopwatch::start();
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let mut replay = Replay::with_threads(pack.clone(), threads);
    let progress = progress(&args.records);
    let mut totals = Totals::default();
    for path in &args.records {
        let mut rows = file::read(path).with_context(|| format!("`{}`", path.display()))?;
        loop {
            let batch: Vec<_> = rows.by_ref().take(args.batch.max(1)).collect::<Result<_, _>>()?;
            if batch.is_empty() {
                break;
            }
            let steps = replay.feed(&batch);
            progress.inc(batch.iter().map(|row| row.raw.len() as u64 + 1).sum());
            let lines = lines(&pack, steps);
            progress.suspend(|| print(&pack, lines, args.format, &mut totals, streams))?;
        }
    }
    if let Some(until) = args.until {
        let steps = replay.run_on(until.to_utc());
        print(&pack, lines(&pack, steps), args.format, &mut totals, streams)?;
    }
    progress.finish_and_clear();
    let counts = replay.counts;
    summary(&totals, streams)?;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = counts.rows as f64 / started.elapsed().as_secs_f64();
    writeln!(
        streams.err,
        "{} rows: {} accepted, {} duplicates, {} quarantined; {} failed judgements; {rate:.0} rows/s",
        counts.rows, counts.accepted, counts.duplicates, counts.quarantined, counts.failures,
    )?;
    Ok(Exit::Clean)
}

/// How far through the files it is, on a terminal; nothing elsewhere.
fn progress(files: &[PathBuf]) -> ProgressBar {
    let bytes = files.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum();
    let style = ProgressStyle::with_template("{bar:40} {percent}% {bytes_per_sec}, {eta} left");
    // a bar on standard error draws nothing where that is no terminal
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn print(
    pack: &Pack,
    lines: Vec<Line>,
    format: Format,
    totals: &mut Totals,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    for line in &lines {
        match format {
            Format::Json => writeln!(streams.out, "{}", serde_json::to_string(line)?)?,
            Format::Human => writeln!(streams.out, "{}", line.words(pack))?,
        }
        *totals.entry(line.rule.clone()).or_default().entry(line.kind()).or_default() += 1;
    }
    Ok(())
}

/// How often each rule came to what: the numbers to compare when a threshold moves.
fn summary(totals: &Totals, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    const KINDS: [&str; 5] = ["open", "repeat", "escalate", "hold", "resolve"];
    write!(streams.err, "{:<28}", "rule")?;
    for kind in KINDS {
        write!(streams.err, "{kind:>10}")?;
    }
    writeln!(streams.err)?;
    for (rule, counts) in totals {
        write!(streams.err, "{rule:<28}")?;
        for kind in KINDS {
            write!(streams.err, "{:>10}", counts.get(kind).copied().unwrap_or_default())?;
        }
        writeln!(streams.err)?;
    }
    Ok(())
}
