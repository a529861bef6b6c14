//! `siaga timeline`: the phases, and what changes at each boundary.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike};
use serde::Serialize;

use crate::pack::Pack;
use crate::pack::rule::Rule;
use crate::record::region;
use crate::record::shown::Shown;
use crate::replay::local;
use crate::timeline::{self, PhaseId};

use super::{Exit, Format, Streams, load_pack};

/// What to show.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    pack: Option<PathBuf>,
    /// Only this kabupaten
    #[arg(long)]
    kabupaten: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Print a calendar file (iCalendar) instead
    #[arg(long, conflicts_with = "format")]
    ics: bool,
}

#[derive(Debug, Serialize)]
struct Boundary {
    kabupaten: Option<String>,
    from: String,
    #[serde(skip)]
    at: DateTime<Utc>,
    phase: String,
    name: String,
    changes: Vec<String>,
}

/// Prints a pack's calendar.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let pack = load_pack(args.pack.as_deref(), streams)?;
    let known = &pack.timeline.by_kabupaten;
    if let Some(code) = &args.kabupaten
        && !known.contains_key(code)
    {
        anyhow::bail!("there is no kabupaten `{code}` in this pack\nhelp: it has {}", pack.area.join(", "));
    }
    let wanted = pack.area.iter().filter(|code| args.kabupaten.as_ref().is_none_or(|only| only == *code));
    let mut boundaries = Vec::new();
    for code in wanted {
        boundaries.extend(known.get(code).map(|calendar| of_calendar(&pack, code, calendar)).unwrap_or_default());
    }
    for day in &pack.timeline.voting_days {
        boundaries.push(voting_day(&pack, day));
    }
    if args.ics {
        write!(streams.out, "{}", calendar(&pack, &boundaries))?;
        return Ok(Exit::Clean);
    }
    match args.format {
        Format::Json => {
            for boundary in &boundaries {
                writeln!(streams.out, "{}", serde_json::to_string(boundary)?)?;
            }
        }
        Format::Human => print(&pack, &boundaries, streams)?,
    }
    Ok(Exit::Clean)
}

fn of_calendar(pack: &Pack, code: &str, calendar: &timeline::Calendar) -> Vec<Boundary> {
    let mut before = None;
    let mut boundaries = Vec::new();
    for (from, phase) in &calendar.begins {
        boundaries.push(Boundary {
            kabupaten: Some(code.to_owned()),
            from: local(*from, pack.timeline.zone),
            at: *from,
            phase: pack.timeline.phase_word(*phase).to_owned(),
            name: pack.timeline.phase(*phase).map(|phase| phase.name.clone()).unwrap_or_default(),
            changes: before.map(|before| changes(pack, code, before, *phase)).unwrap_or_default(),
        });
        before = Some(*phase);
    }
    boundaries
}

fn voting_day(pack: &Pack, day: &timeline::VotingDay) -> Boundary {
    let place = [&day.kabupaten, &day.kecamatan, &day.tps].into_iter().rfind(|codes| !codes.is_empty());
    Boundary {
        kabupaten: None,
        from: local(day.hours.start, pack.timeline.zone),
        at: day.hours.start,
        phase: pack.timeline.phase_word(day.phase).to_owned(),
        name: format!("pemungutan suara `{}`", day.id),
        changes: vec![
            format!("di {}", place.map(|codes| codes.join(", ")).unwrap_or_default()),
            format!("surat suara: {}", day.ballots.join(", ")),
        ],
    }
}

fn changes(pack: &Pack, code: &str, before: PhaseId, after: PhaseId) -> Vec<String> {
    let judging = pack.rules.iter().filter(|rule| rule.judges());
    let of_rules = judging.filter_map(|rule| rule_change(rule, before, after));
    let of_thresholds = pack.thresholds.all().iter().enumerate().filter_map(|(index, threshold)| {
        let value = |phase| pack.thresholds.value(crate::pack::expr::ThresholdId(index), phase, Some(code), 0);
        let words = |phase| Shown::of(value(phase).slot(), pack.timeline.zone).to_string();
        let (old, new) = (words(before), words(after));
        (old != new).then(|| format!("ambang {}: {old} -> {new} {}", threshold.name, threshold.unit))
    });
    of_rules.chain(of_thresholds).collect()
}

fn rule_change(rule: &Rule, before: PhaseId, after: PhaseId) -> Option<String> {
    match (rule.is_active_in(before), rule.is_active_in(after)) {
        (false, true) => Some(format!("aturan {}: mulai, {}", rule.id, rule.severity_in(after))),
        (true, false) => Some(format!("aturan {}: berhenti", rule.id)),
        (true, true) if rule.severity_in(before) != rule.severity_in(after) => {
            Some(format!("aturan {}: {} -> {}", rule.id, rule.severity_in(before), rule.severity_in(after)))
        }
        _ => None,
    }
}

/// One event for each boundary; the same pack gives the same names, so that a calendar updates what it has.
fn calendar(pack: &Pack, boundaries: &[Boundary]) -> Calendar {
    let mut calendar = Calendar::new();
    calendar.name(&pack.title);
    for boundary in boundaries {
        let code = boundary.kabupaten.as_deref();
        let place = code.map_or(pack.area_name.as_str(), |code| region::kabupaten_name(code).unwrap_or(code));
        let mut event = Event::new();
        event
            .uid(&format!("{}-{}-{}@siaga", pack.name, code.unwrap_or("area"), boundary.at.timestamp()))
            .timestamp(boundary.at)
            .starts(boundary.at)
            .summary(&format!("{} · {place}", boundary.name))
            .description(&boundary.changes.join("\n"));
        calendar.push(event.done());
    }
    calendar.done()
}

fn print(pack: &Pack, boundaries: &[Boundary], streams: &mut Streams<'_>) -> anyhow::Result<()> {
    writeln!(streams.out, "{}", pack.title)?;
    let mut heading = None;
    for boundary in boundaries {
        if heading != Some(&boundary.kabupaten) {
            let name = boundary
                .kabupaten
                .as_deref()
                .map_or("Hari pemungutan suara", |code| region::kabupaten_name(code).unwrap_or(code));
            writeln!(streams.out, "\n{name}")?;
            heading = Some(&boundary.kabupaten);
        }
        writeln!(streams.out, "  {}  {:<12} {}", boundary.from, boundary.phase, boundary.name)?;
        for change in &boundary.changes {
            writeln!(streams.out, "      {change}")?;
        }
    }
    writeln!(streams.out, "\nTahapan (bertumpang tindih)")?;
    for stage in &pack.timeline.stages {
        let day =
            |time: Option<DateTime<Utc>>| time.map_or("?".to_owned(), |time| pack.timeline.date(time).to_string());
        let mark = if stage.verified { "" } else { "  (belum diverifikasi)" };
        writeln!(streams.out, "  {:>10} s.d. {:<10}  {}{mark}", day(stage.starts), day(stage.ends), stage.name)?;
    }
    Ok(())
}
