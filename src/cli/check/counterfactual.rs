//! `siaga check --counterfactual`: decisions that would have been others about other people.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::alert::Severity;
use crate::cli::rows::{BATCH, TableArgs, Tables, each_batch};
use crate::cli::{Exit, Format, Streams};
use crate::counterfactual::swap::{Survey, Swap};
use crate::counterfactual::{Decision, Decisions, Flip, flips};
use crate::pack::Pack;
use crate::replay::{Counts, Replay, local};
use crate::words::{Language, Text, say};

/// Decisions that are written out for people; programs get all.
const SHOWN: usize = 10;

/// Judges records as they are and with people exchanged.
pub fn run(pack: Pack, files: &[PathBuf], format: Format, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let mut survey = Survey::default();
    let tables = Tables::new(&TableArgs::default(), &pack, Language::default())?;
    each_batch(files, &tables, BATCH, |rows, _| {
        rows.iter().for_each(|row| survey.see(row));
        Ok(())
    })?;
    let (before, counts) = decisions(pack.clone(), &Swap::default(), files)?;
    if format == Format::Human {
        let said = say("counterfactual-decisions").with("decisions", before.len());
        writeln!(streams.out, "{}", said.render(streams.language))?;
    }
    let mut found = 0;
    for (exchanged, swap) in survey.swaps() {
        let (after, others) = decisions(swap.pack(&pack), &swap, files)?;
        anyhow::ensure!(
            others == counts,
            "with {exchanged} exchanged other rows stand than before: nothing can be said of it\n\
             help: {} rows stood and {} do; look for passports that contradict their machine readable zone",
            counts.accepted,
            others.accepted
        );
        let flips = flips(&before, &after);
        found += flips.len();
        match format {
            Format::Json => {
                for flip in &flips {
                    writeln!(streams.out, "{}", serde_json::to_string(&line(&pack, exchanged, flip))?)?;
                }
            }
            Format::Human => show(&pack, exchanged, &flips, streams)?,
        }
    }
    Ok(if found == 0 { Exit::Clean } else { Exit::Findings })
}

fn decisions(pack: Pack, swap: &Swap, files: &[PathBuf]) -> anyhow::Result<(Decisions, Counts)> {
    let pack = Arc::new(pack);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut replay = Replay::with_threads(pack.clone(), threads);
    let mut decisions = Decisions::default();
    let tables = Tables::new(&TableArgs::default(), &pack, Language::default())?;
    each_batch(files, &tables, BATCH, |rows, _| {
        let rows: Vec<_> = rows.iter().map(|row| swap.row(row)).collect();
        decisions.note(&pack, &replay.feed(&rows));
        Ok(())
    })?;
    Ok((decisions, replay.counts))
}

fn show(pack: &Pack, exchanged: &'static str, flips: &[Flip], streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let language = streams.language;
    let heading = say("counterfactual-flips").with("exchanged", trait_words(exchanged)).with("flips", flips.len());
    writeln!(streams.out, "  {}", heading.render(language))?;
    for flip in flips.iter().take(SHOWN) {
        let (matter, at) = (&flip.matter, local(flip.matter.at, pack.timeline.zone));
        writeln!(streams.out, "    {}  {}/{}  {at}", matter.rule, matter.record.source, matter.record.id)?;
        let before = say("counterfactual-before").with("decisions", words(&flip.before, language));
        let after = say("counterfactual-after").with("decisions", words(&flip.after, language));
        writeln!(streams.out, "      {}\n      {}", before.render(language), after.render(language))?;
    }
    if let Some(more) = flips.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        writeln!(streams.out, "    {}", say("counterfactual-more").with("flips", more).render(language))?;
    }
    Ok(())
}

/// What was exchanged, for people.
fn trait_words(exchanged: &'static str) -> Text {
    match exchanged {
        "nationality" => say("trait-nationality"),
        "passport issuer" => say("trait-issuer"),
        "sex" => say("trait-sex"),
        "name" => say("trait-name"),
        _ => say("trait-all"),
    }
}

fn words(decisions: &[Decision], language: Language) -> String {
    let one = |decision: &Decision| {
        let reason = if decision.reason.is_empty() { String::new() } else { format!(" ({})", decision.reason) };
        format!("{} {}{reason} -> {}", decision.disposition, decision.severity, decision.agencies.join(", "))
    };
    match decisions {
        [] => say("counterfactual-nothing").render(language),
        decisions => decisions.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

/// One decision that came out otherwise, as JSON.
#[derive(Debug, Serialize)]
struct FlipLine<'a> {
    exchanged: &'a str,
    rule: &'a str,
    record: RecordLine<'a>,
    at: String,
    before: Vec<DecisionLine<'a>>,
    after: Vec<DecisionLine<'a>>,
}

#[derive(Debug, Serialize)]
struct RecordLine<'a> {
    source: &'a str,
    id: &'a str,
}

#[derive(Debug, Serialize)]
struct DecisionLine<'a> {
    kind: &'static str,
    reason: &'a str,
    severity: Severity,
    notify: &'a [Arc<str>],
}

fn line<'a>(pack: &Pack, exchanged: &'a str, flip: &'a Flip) -> FlipLine<'a> {
    let decision = |decision: &'a Decision| DecisionLine {
        kind: decision.disposition,
        reason: &decision.reason,
        severity: decision.severity,
        notify: &decision.agencies,
    };
    FlipLine {
        exchanged,
        rule: &flip.matter.rule,
        record: RecordLine { source: &flip.matter.record.source, id: &flip.matter.record.id },
        at: local(flip.matter.at, pack.timeline.zone),
        before: flip.before.iter().map(decision).collect(),
        after: flip.after.iter().map(decision).collect(),
    }
}
