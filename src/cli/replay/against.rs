//! `siaga replay --against`: what another pack would have done differently with the same records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::alert::Severity;
use crate::cli::rows::{BATCH, Tables, each_batch};
use crate::cli::{Exit, Format, Streams};
use crate::compare::{Change, Outcome, Side, compare};
use crate::pack::Pack;
use crate::record::shown::Shown;
use crate::replay::{Replay, local};
use crate::words::{Language, Text, say};

use super::Args;

/// Alerts of a rule that are written out for each kind of change, where nobody says how many.
pub const EXAMPLES: usize = 3;

/// Replays files with two packs and shows where they part.
pub fn run(args: &Args, packs: [Arc<Pack>; 2], streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let mut sides = packs.clone().map(|pack| (Replay::with_threads(pack, args.threads()), Side::default()));
    // both packs judge what the first one's profiles read
    let [first, _] = &packs;
    let tables = Tables::new(&args.tables, first, streams.language)?;
    each_batch(&args.records, &tables, args.batch.unwrap_or(BATCH), |rows, _| {
        for (replay, side) in &mut sides {
            side.note(&replay.feed(rows));
        }
        Ok(())
    })?;
    if let Some(until) = args.until {
        for (replay, side) in &mut sides {
            side.note(&replay.run_on(until.to_utc()));
        }
    }
    let [(_, before), (_, after)] = sides;
    let mut changes = compare(before, after);
    changes.retain(|change| args.shows(&change.outcome().rule));
    let differs = changes.iter().any(|change| !matches!(change, Change::Same(_)));
    let desk = Desk { packs: &packs, language: streams.language };
    match args.format {
        Format::Json => {
            for change in changes.iter().filter(|change| !matches!(change, Change::Same(_))) {
                writeln!(streams.out, "{}", serde_json::to_string(&desk.line(change))?)?;
            }
        }
        Format::Human => desk.show(&changes, args.examples, streams)?,
    }
    summary(&changes, streams)?;
    Ok(if differs { Exit::Findings } else { Exit::Clean })
}

/// How many alerts of each rule changed how.
fn summary(changes: &[Change], streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let mut totals: BTreeMap<&Arc<str>, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for change in changes {
        *totals.entry(&change.outcome().rule).or_default().entry(change.word()).or_default() += 1;
    }
    let kinds = [
        ("gained", say("against-column-gained")),
        ("lost", say("against-column-lost")),
        ("changed", say("against-column-changed")),
        ("same", say("against-column-same")),
    ];
    write!(streams.err, "{:<28}", say("thing-rule").render(streams.language))?;
    for (_, title) in &kinds {
        write!(streams.err, "{:>10}", title.render(streams.language))?;
    }
    writeln!(streams.err)?;
    for (rule, counts) in totals {
        write!(streams.err, "{rule:<28}")?;
        for (kind, _) in &kinds {
            write!(streams.err, "{:>10}", counts.get(kind).copied().unwrap_or_default())?;
        }
        writeln!(streams.err)?;
    }
    Ok(())
}

struct Desk<'a> {
    packs: &'a [Arc<Pack>; 2],
    language: Language,
}

impl Desk<'_> {
    /// The first alerts of each rule and kind of change, and how many more there are.
    fn show(&self, changes: &[Change], examples: usize, streams: &mut Streams<'_>) -> anyhow::Result<()> {
        let mut groups: BTreeMap<(&Arc<str>, &str), Vec<&Change>> = BTreeMap::new();
        for change in changes.iter().filter(|change| !matches!(change, Change::Same(_))) {
            groups.entry((&change.outcome().rule, change.word())).or_default().push(change);
        }
        if groups.is_empty() {
            writeln!(streams.out, "{}", self.said(say("against-nothing").with("alerts", changes.len())))?;
        }
        for ((rule, _), group) in groups {
            let title = self.packs.iter().rev().find_map(|pack| pack.rule(rule)).map_or("", |rule| rule.title.as_str());
            let Some(first) = group.first() else { continue };
            let heading = match first {
                Change::Gained(_) => say("against-gained"),
                Change::Lost(_) => say("against-lost"),
                _ => say("against-changed"),
            };
            writeln!(streams.out, "{rule} ({title}): {}", self.said(heading.with("alerts", group.len())))?;
            for change in group.iter().take(examples) {
                self.example(change, streams)?;
            }
            let more = group.len().saturating_sub(examples);
            if more > 0 {
                writeln!(streams.out, "    {}", self.said(say("against-more").with("alerts", more)))?;
            }
            writeln!(streams.out)?;
        }
        Ok(())
    }

    fn example(&self, change: &Change, streams: &mut Streams<'_>) -> anyhow::Result<()> {
        let outcome = change.outcome();
        let sign = match change {
            Change::Gained(_) => '+',
            Change::Lost(_) => '-',
            _ => '~',
        };
        let (at, record) = (self.time(outcome), &outcome.record);
        writeln!(streams.out, "  {sign} {at}  {}  {}/{}", outcome.first, record.source, record.id)?;
        writeln!(streams.out, "      {}", outcome.message)?;
        match change {
            Change::Changed { before, after } => {
                for difference in self.differences(before, after) {
                    writeln!(streams.out, "      {}", self.said(difference))?;
                }
            }
            _ => writeln!(streams.out, "      {}", self.said(told(outcome)))?,
        }
        Ok(())
    }

    fn differences(&self, before: &Outcome, after: &Outcome) -> Vec<Text> {
        let mut found = Vec::new();
        if before.opened_at != after.opened_at {
            let (before, after) = (self.time(before), self.time(after));
            found.push(say("against-opens").with("before", before).with("after", after));
        }
        let severities = |outcome: &Outcome| match outcome.first == outcome.highest {
            true => outcome.first.to_string(),
            false => format!("{} → {}", outcome.first, outcome.highest),
        };
        if (before.first, before.highest) != (after.first, after.highest) {
            found.push(say("against-severity").with("before", severities(before)).with("after", severities(after)));
        }
        let listed =
            |agencies: BTreeSet<&Arc<str>>| agencies.into_iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
        let added = listed(after.told.difference(&before.told).collect());
        let gone = listed(before.told.difference(&after.told).collect());
        if !added.is_empty() {
            found.push(say("against-told-too").with("agencies", added));
        }
        if !gone.is_empty() {
            found.push(say("against-told-no-more").with("agencies", gone));
        }
        if before.held != after.held {
            found.push(match &after.held {
                Some(reason) => say("against-held").with("reason", reason.word()),
                None => say("against-held-no-more"),
            });
        }
        found
    }

    fn line<'l>(&self, change: &'l Change) -> ChangeLine<'l> {
        let (before, after) = match change {
            Change::Gained(after) => (None, Some(after)),
            Change::Lost(before) => (Some(before), None),
            Change::Changed { before, after } => (Some(before), Some(after)),
            Change::Same(same) => (Some(same), Some(same)),
        };
        let outcome = change.outcome();
        ChangeLine {
            change: change.word(),
            rule: &outcome.rule,
            subject: SubjectLine { kind: outcome.subject.kind.word(), key: &outcome.subject.key },
            before: before.map(|outcome| self.outcome_line(outcome)),
            after: after.map(|outcome| self.outcome_line(outcome)),
        }
    }

    fn outcome_line<'l>(&self, outcome: &'l Outcome) -> OutcomeLine<'l> {
        OutcomeLine {
            alert: &outcome.alert,
            opened_at: self.time(outcome),
            record: RecordLine { source: &outcome.record.source, id: &outcome.record.id },
            severity: outcome.first,
            highest: outcome.highest,
            told: &outcome.told,
            held: outcome.held.as_ref().map(|reason| reason.word()),
            message: &outcome.message,
        }
    }

    fn time(&self, outcome: &Outcome) -> String {
        local(outcome.opened_at, self.packs[0].timeline.zone)
    }

    fn said(&self, text: Text) -> String {
        text.render(self.language)
    }
}

fn told(outcome: &Outcome) -> Text {
    let agencies: Vec<&str> = outcome.told.iter().map(AsRef::as_ref).collect();
    match &outcome.held {
        Some(reason) => say("against-held").with("reason", reason.word()),
        None => say("against-told").with("agencies", agencies.join(", ")),
    }
}

/// One alert on which the packs differ, as JSON.
#[derive(Debug, Serialize)]
struct ChangeLine<'a> {
    change: &'static str,
    rule: &'a str,
    subject: SubjectLine<'a>,
    before: Option<OutcomeLine<'a>>,
    after: Option<OutcomeLine<'a>>,
}

#[derive(Debug, Serialize)]
struct SubjectLine<'a> {
    kind: &'static str,
    key: &'a str,
}

#[derive(Debug, Serialize)]
struct RecordLine<'a> {
    source: &'a str,
    id: &'a str,
}

#[derive(Debug, Serialize)]
struct OutcomeLine<'a> {
    alert: &'a str,
    opened_at: String,
    record: RecordLine<'a>,
    severity: Severity,
    highest: Severity,
    told: &'a BTreeSet<Arc<str>>,
    held: Option<&'static str>,
    message: &'a Shown,
}
