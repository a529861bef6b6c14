//! `siaga explain record`: for every rule of a pack, what decided at one record.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use super::super::{Deployment, Exit, Format, Streams, join_store, load_deployment, load_pack, unknown};
use super::known::{Known, key, name};
use super::line::{Explained, Found, Mark};
use crate::engine::trace::{self, Asked, Clause, Outcome};
use crate::pack::diagnostic::meant_or_all;
use crate::pack::tables::Agency;
use crate::record::RecordKey;
use crate::record::shown::Shown;
use crate::words::{Text, say};

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The record: its source and its id
    #[arg(value_name = "SOURCE/ID", value_parser = key)]
    record: RecordKey,
    /// Also say why this agency was or was not told
    #[arg(long)]
    agency: Option<String>,
    /// Judge these files of records anew, in order of arrival; the deployment's store when left out
    #[arg(long, num_args = 1.., value_name = "FILE")]
    records: Vec<PathBuf>,
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    #[arg(long, requires = "records", value_name = "PACK")]
    rules: Option<PathBuf>,
    /// Let the clock run on to this instant after the last record
    #[arg(long, requires = "records")]
    until: Option<DateTime<FixedOffset>>,
    #[command(flatten)]
    deployment: Deployment,
    /// Show every condition of every rule that was asked, not only the one that decided
    #[arg(long)]
    all: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Explains a record.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let known = if args.records.is_empty() {
        let (config, pack) = load_deployment(&args.deployment, streams)?;
        Known::of_store(&join_store(&config)?, pack, &args.record, streams.language)?
    } else {
        let pack = Arc::new(load_pack(args.rules.as_deref(), streams)?);
        let until = args.until.map(|until| until.to_utc());
        Known::of_files(pack, &args.records, until, &args.record, streams.language)?
    };
    let agency = args.agency.as_deref().map(|id| agency(&known, id, streams)).transpose()?;
    let is_withdrawn = known.logged.record.withdrawn;
    let cases = |subject: &_| known.machine.case(subject);
    let traces = match is_withdrawn {
        true => Vec::new(),
        false => trace::of_record(known.machine.world(), cases, &known.logged, known.now),
    };
    let mut explained: Vec<Explained<'_>> =
        traces.iter().filter_map(|trace| Explained::of(&known, trace, agency)).collect();
    match args.format {
        Format::Json => {
            for explained in &explained {
                writeln!(streams.out, "{}", serde_json::to_string(&explained.line(streams.language))?)?;
            }
        }
        Format::Human => {
            explained.sort_by_key(Explained::mark);
            Sheet { known: &known, all: args.all, streams }.print(&explained)?;
        }
    }
    Ok(Exit::Clean)
}

fn agency<'k>(known: &'k Known, id: &str, streams: &Streams<'_>) -> anyhow::Result<&'k Agency> {
    let pack = known.machine.pack();
    pack.agency(id).ok_or_else(|| {
        let known = pack.agencies.iter().map(|agency| agency.id.as_ref());
        unknown(say("thing-agency"), id, Some(meant_or_all(id, known)), streams.language)
    })
}

/// What people read.
struct Sheet<'a, 's> {
    known: &'a Known,
    all: bool,
    streams: &'a mut Streams<'s>,
}

/// Under a rule's title, beside its mark.
const MARGIN: usize = 12;

impl Sheet<'_, '_> {
    fn print(&mut self, explained: &[Explained<'_>]) -> anyhow::Result<()> {
        self.heading()?;
        let is_other = |one: &&Explained<'_>| one.trace.asked == Asked::OtherKind;
        for one in explained.iter().filter(|one| !is_other(one)) {
            self.rule(one)?;
        }
        let others: Vec<&str> = explained.iter().filter(is_other).map(|one| one.rule.id.as_ref()).collect();
        if !others.is_empty() {
            let (count, rules) = (others.len(), others.join(", "));
            self.line(0, "", &say("explain-other-kinds").with("count", count).with("rules", rules))?;
        }
        Ok(())
    }

    fn heading(&mut self) -> anyhow::Result<()> {
        let record = &self.known.logged.record;
        let pack = self.known.machine.pack();
        let time = |at| Shown::Time(at, pack.timeline.zone).to_string();
        let heading = say("explain-record")
            .with("record", name(&record.key))
            .with("kind", pack.schema.kind_name(record.kind))
            .with("at", time(record.occurred_at))
            .with("received", time(record.received_at));
        let now = say("explain-as-of").with("now", time(self.known.now.at));
        self.line(0, "", &heading)?;
        self.line(0, "", &now)?;
        if record.withdrawn {
            self.line(0, "", &say("explain-withdrawn"))?;
        }
        writeln!(self.streams.out)?;
        Ok(())
    }

    fn rule(&mut self, one: &Explained<'_>) -> anyhow::Result<()> {
        let mark = one.mark().said().render(self.streams.language);
        writeln!(self.streams.out, "{mark:<MARGIN$}{}: {}", one.rule.id, one.rule.title)?;
        self.line(MARGIN, "", &one.said())?;
        if one.history.len() > usize::from(one.found.is_some()) {
            self.history(one)?;
        }
        if let Some(found) = &one.found {
            self.found(found)?;
        }
        if self.all {
            let unless = one.trace.wait.as_ref().and_then(|wait| wait.unless.as_ref());
            let conjuncts = one.trace.conjuncts();
            unless.into_iter().chain(conjuncts).try_for_each(|clause| self.clause(MARGIN, clause))?;
        } else if let Some(decided) = one.decided_by() {
            match decided.branches.is_empty() && one.mark() == Mark::Answered {
                true => self.clause(MARGIN, decided)?,
                false => self.branches(decided)?,
            }
        }
        writeln!(self.streams.out)?;
        Ok(())
    }

    fn history(&mut self, one: &Explained<'_>) -> anyhow::Result<()> {
        let zone = self.known.machine.pack().timeline.zone;
        one.history.iter().try_for_each(|(at, disposed)| {
            let at = Shown::Time(*at, zone).to_string();
            self.line(MARGIN, "", &say("explain-event").with("at", at).with("what", disposed.said(zone)))
        })
    }

    /// Of a condition that joins others, those that made it come out so.
    fn branches(&mut self, decided: &Clause) -> anyhow::Result<()> {
        let is_alike = |branch: &&Clause| (branch.outcome == Outcome::Holds) == (decided.outcome == Outcome::Holds);
        decided.branches.iter().filter(is_alike).try_for_each(|branch| match branch.branches.is_empty() {
            true => self.clause(MARGIN, branch),
            false => self.branches(branch),
        })
    }

    fn found(&mut self, found: &Found<'_>) -> anyhow::Result<()> {
        let Some(told) = &found.told else {
            if found.finding.about.exempt {
                return Ok(());
            }
            return found.finding.texts().iter().try_for_each(|text| self.plain(text));
        };
        self.line(MARGIN, "", &told.said())?;
        if let Some(message) = &told.message {
            self.plain(message)?;
        }
        if told.hidden > 0 {
            let lines = found.finding.evidence_lines();
            self.line(MARGIN, "", &say("explain-hidden").with("hidden", told.hidden).with("lines", lines))?;
        }
        Ok(())
    }

    fn clause(&mut self, indent: usize, clause: &Clause) -> anyhow::Result<()> {
        let sign = match clause.outcome {
            Outcome::Holds => "+ ",
            Outcome::NotHeld | Outcome::Missing => "- ",
            Outcome::Failed(_) => "! ",
        };
        self.line(indent, sign, &clause.said())?;
        clause.branches.iter().try_for_each(|branch| self.clause(indent + 2, branch))
    }

    fn plain(&mut self, words: &Shown) -> anyhow::Result<()> {
        self.line(MARGIN, "", &Text::Plain(words.to_string()))
    }

    /// A text on one line: conditions may stand on several in their rule.
    fn line(&mut self, indent: usize, sign: &str, text: &Text) -> anyhow::Result<()> {
        let words = text.render(self.streams.language);
        let words: Vec<&str> = words.split_whitespace().collect();
        writeln!(self.streams.out, "{:indent$}{sign}{}", "", words.join(" "))?;
        Ok(())
    }
}
