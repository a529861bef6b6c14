//! `siaga replay`: what a pack would have found in records of the past.

mod against;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use crate::clock::Stopwatch;
use crate::pack::Pack;
use crate::replay::{Line, Replay, lines};

use super::rows::{BATCH, TableArgs, Tables, each_batch};
use super::{Exit, Format, Streams, load_pack};

/// Dispositions by rule and kind.
type Totals = BTreeMap<Arc<str>, BTreeMap<&'static str, usize>>;

/// What to replay.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Another pack's folder: say which alerts it gains, loses or changes; exit code 1 when there are any
    #[arg(long, value_name = "PACK")]
    against: Option<PathBuf>,
    /// With `--against`: how many alerts of a rule are written out for each kind of change
    #[arg(long, default_value_t = against::EXAMPLES, requires = "against")]
    examples: usize,
    /// Files with records, in order of arrival
    #[arg(long, required = true, num_args = 1..)]
    records: Vec<PathBuf>,
    #[command(flatten)]
    tables: TableArgs,
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
    if let Some(folder) = &args.against {
        let other = Arc::new(load_pack(Some(folder), streams)?);
        return against::run(args, [pack, other], streams);
    }
    let started = Stopwatch::start();
    let mut replay = Replay::with_threads(pack.clone(), args.threads());
    let mut totals = Totals::default();
    let tables = Tables::new(&args.tables, &pack, streams.language)?;
    each_batch(&args.records, &tables, args.batch, |rows, progress| {
        let lines = lines(&pack, replay.feed(rows));
        progress.suspend(|| print(&pack, lines, args.format, &mut totals, streams))
    })?;
    if let Some(until) = args.until {
        let steps = replay.run_on(until.to_utc());
        print(&pack, lines(&pack, steps), args.format, &mut totals, streams)?;
    }
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

impl Args {
    fn threads(&self) -> usize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
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
