//! `siaga replay`: what a pack would have found in records of the past.

mod against;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use crate::clock::Stopwatch;
use crate::entry::Step;
use crate::pack::Pack;
use crate::pack::diagnostic::meant_or_all;
use crate::replay::passes::{InPasses, Passes};
use crate::replay::pipe::{BATCH, Hand};
use crate::replay::{Counts, Line, Replay, lines};
use crate::words::{Language, say};

use super::rows::{TableArgs, Tables, bytes, length, progress};
use super::{Exit, Format, Streams, load_pack, unknown};

/// Dispositions by rule and kind.
type Totals = BTreeMap<Arc<str>, BTreeMap<&'static str, usize>>;

/// What to replay.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Show only what these rules find; the others judge all the same
    #[arg(long = "rule", value_name = "RULE")]
    only: Vec<String>,
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
    #[arg(long, hide_short_help = true)]
    batch: Option<usize>,
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
        args.check_rules(&[&pack, &other], streams.language)?;
        return against::run(args, [pack, other], streams);
    }
    args.check_rules(&[&pack], streams.language)?;
    let started = Stopwatch::start();
    // a rule that is asked for has its line, also where it finds nothing
    let mut totals: Totals = args.only.iter().map(|id| (Arc::from(id.as_str()), BTreeMap::new())).collect();
    let tables = Tables::new(&args.tables, &pack, streams.language)?;
    // what is no file can be read only once
    let are_files = args.records.iter().all(|path| path.is_file());
    let counts = match Passes::of(bytes(&args.records)).filter(|_| are_files) {
        Some(passes) => in_passes(args, &pack, &tables, passes, &mut totals, streams)?,
        None => at_once(args, &pack, &tables, &mut totals, streams)?,
    };
    summary(&totals, streams)?;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = counts.rows as f64 / started.elapsed().as_secs_f64();
    let rows = say("replay-rows").with("rows", counts.rows).with("accepted", counts.accepted);
    let rows = rows.with("duplicates", counts.duplicates).with("quarantined", counts.quarantined);
    let rows = rows.with("failures", counts.failures).with("rate", format!("{rate:.0}"));
    writeln!(streams.err, "{}", rows.render(streams.language))?;
    Ok(Exit::Clean)
}

fn at_once(
    args: &Args,
    pack: &Arc<Pack>,
    tables: &Tables<'_>,
    totals: &mut Totals,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Counts> {
    let mut replay = Replay::with_threads(pack.clone(), args.threads()).for_lines();
    let (progress, language) = (progress(&args.records, 1), streams.language);
    let mut print = |steps: Vec<Step>| -> anyhow::Result<()> {
        let texts = lines(pack, steps).into_iter().filter_map(|line| written(args, pack, &line, language, totals));
        let texts: Vec<String> = texts.collect();
        if texts.is_empty() {
            return Ok(());
        }
        progress.suspend(|| texts.iter().try_for_each(|text| Ok(writeln!(streams.out, "{text}")?)))
    };
    let read = |hand: &mut Hand<'_>| tables.hand_out(&args.records, args.batch.unwrap_or(BATCH), hand);
    replay.stream(read, |rows, steps| {
        progress.inc(length(rows));
        print(steps)
    })?;
    if let Some(until) = args.until {
        print(replay.run_on(until.to_utc()))?;
    }
    progress.finish_and_clear();
    Ok(replay.counts)
}

fn in_passes(
    args: &Args,
    pack: &Arc<Pack>,
    tables: &Tables<'_>,
    passes: Passes,
    totals: &mut Totals,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Counts> {
    let until = args.until.map(|until| until.to_utc());
    let replay = InPasses { pack: pack.clone(), threads: args.threads(), passes, until };
    let (progress, language) = (progress(&args.records, passes.count()), streams.language);
    let counts = replay.run(
        |hand| tables.hand_out(&args.records, args.batch.unwrap_or(BATCH), hand),
        |rows| progress.inc(length(rows)),
        |line| written(args, pack, line, language, totals),
        |text| progress.suspend(|| Ok(writeln!(streams.out, "{text}")?)),
    )?;
    progress.finish_and_clear();
    Ok(counts)
}

/// A line as it is printed, where it is; it is counted.
fn written(args: &Args, pack: &Pack, line: &Line, language: Language, totals: &mut Totals) -> Option<String> {
    if !args.shows(&line.rule) {
        return None;
    }
    *totals.entry(line.rule.clone()).or_default().entry(line.kind()).or_default() += 1;
    Some(match args.format {
        Format::Json => serde_json::to_string(line).unwrap_or_default(),
        Format::Human => line.words(pack, language),
    })
}

impl Args {
    /// Whether what a rule finds is shown.
    fn shows(&self, rule: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == rule)
    }

    /// Says so where a rule is asked for that no pack has.
    fn check_rules(&self, packs: &[&Pack], language: Language) -> anyhow::Result<()> {
        let Some(missing) = self.only.iter().find(|id| packs.iter().all(|pack| pack.rule(id).is_none())) else {
            return Ok(());
        };
        let known: BTreeSet<&str> = packs.iter().flat_map(|pack| &pack.rules).map(|rule| &*rule.id).collect();
        let help = meant_or_all(missing, known.iter().copied());
        Err(unknown(say("thing-rule"), missing, Some(help), language))
    }

    fn threads(&self) -> usize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

/// How often each rule came to what: the numbers to compare when a threshold moves.
fn summary(totals: &Totals, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    const KINDS: [&str; 5] = ["open", "repeat", "escalate", "hold", "resolve"];
    write!(streams.err, "{:<28}", say("thing-rule").render(streams.language))?;
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
