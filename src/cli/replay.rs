//! `siaga replay`: what a pack would have found in records of the past.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, FixedOffset};

use crate::clock::Stopwatch;
use crate::intake::file;
use crate::pack::Pack;
use crate::replay::{Line, Replay, lines};

use super::{Exit, Format, Streams, load_pack};

/// Rows that are taken in at a time.
const BATCH: usize = 1_000;

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
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Replays files.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let pack = Arc::new(load_pack(args.rules.as_deref(), streams)?);
    let started = Stopwatch::start();
    let mut replay = Replay::new(pack.clone());
    let mut findings = 0;
    for path in &args.records {
        let mut rows = file::read(path).with_context(|| format!("`{}`", path.display()))?;
        loop {
            let batch: Vec<_> = rows.by_ref().take(args.batch.max(1)).collect::<Result<_, _>>()?;
            if batch.is_empty() {
                break;
            }
            let steps = replay.feed(batch);
            findings += print(&pack, lines(&pack, steps), args.format, streams)?;
        }
    }
    if let Some(until) = args.until {
        let steps = replay.run_on(until.to_utc());
        findings += print(&pack, lines(&pack, steps), args.format, streams)?;
    }
    let counts = replay.counts;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = counts.rows as f64 / started.elapsed().as_secs_f64();
    writeln!(
        streams.err,
        "{} rows: {} accepted, {} duplicates, {} quarantined; {findings} dispositions, {} failed judgements; {rate:.0} rows/s",
        counts.rows, counts.accepted, counts.duplicates, counts.quarantined, counts.failures,
    )?;
    Ok(Exit::Clean)
}

fn print(pack: &Pack, lines: Vec<Line>, format: Format, streams: &mut Streams<'_>) -> anyhow::Result<usize> {
    for line in &lines {
        match format {
            Format::Json => writeln!(streams.out, "{}", serde_json::to_string(line)?)?,
            Format::Human => writeln!(streams.out, "{}", line.words(pack))?,
        }
    }
    Ok(lines.len())
}
