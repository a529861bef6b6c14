//! The curve on a terminal: what the records cover first, then a bar for each value.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::cli::Streams;
use crate::pack::Pack;
use crate::replay::local;
use crate::tune::coverage::says;
use crate::tune::curve::{Counts, Curve, Plateau, Tally};
use crate::tune::limit::{Busiest, Limit, busiest};
use crate::tune::near::NearMiss;
use crate::tune::{History, Method, Plan};
use crate::words::{Language, Text, listed, say};

/// The longest bar, in characters.
const BAR: usize = 40;
/// The most columns of agencies beside each other; narrow enough for a terminal.
const COLUMNS: usize = 5;

/// Prints it.
pub fn show(
    plan: &Plan,
    history: &History,
    curve: &Curve,
    limit: Option<&Limit>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let shown = Shown { plan, curve, language: streams.language };
    let mut text = String::new();
    shown.head(&mut text)?;
    shown.coverage(history, &mut text)?;
    shown.chart(&mut text)?;
    shown.agencies(&mut text)?;
    shown.phases(&mut text)?;
    if let Some(limit) = limit {
        shown.limit(limit, &mut text)?;
    }
    shown.near(&mut text)?;
    write!(streams.out, "{text}")?;
    Ok(())
}

struct Shown<'a> {
    plan: &'a Plan,
    curve: &'a Curve,
    language: Language,
}

impl Shown<'_> {
    fn pack(&self) -> &Pack {
        &self.plan.pack
    }

    fn words(&self, text: &Text) -> String {
        text.render(self.language)
    }

    fn head(&self, text: &mut String) -> std::fmt::Result {
        let Some(stated) = self.plan.stated() else { return Ok(()) };
        let head = say("tune-head").with("name", stated.name.as_str()).with("unit", stated.unit.as_str());
        let head = head.with("min", stated.min.to_string()).with("max", stated.max.to_string());
        writeln!(text, "{}", self.words(&head.with("now", self.present())))?;
        writeln!(text, "  {}", stated.meaning)?;
        for rule in &self.plan.moved {
            let reads = self.plan.readers.iter().any(|reader| reader.id == rule.id);
            let how = if reads { say("tune-reads") } else { say("tune-held-by") };
            let how = how.with("rule", &*rule.id).with("title", rule.title.as_str());
            writeln!(text, "  {}", self.words(&how))?;
            if self.plan.shadows.contains(&rule.id) {
                writeln!(text, "    {}", self.words(&say("tune-shadow")))?;
            }
        }
        let phase = self.plan.phase.map(|phase| self.pack().timeline.phase_word(phase));
        let phase = phase.map(|word| say("tune-part-phase").with("phase", word));
        let kabupaten = self.plan.kabupaten.as_deref().map(|code| say("tune-part-kabupaten").with("kabupaten", code));
        if let Some(part) = listed(phase.into_iter().chain(kabupaten)) {
            writeln!(text, "  {}", self.words(&say("tune-part").with("part", part)))?;
        }
        for set in self.plan.held() {
            let part = [("--phase ", &set.phase), ("--kabupaten ", &set.kabupaten)];
            let flags = part.iter().filter_map(|(flag, word)| Some(format!("{flag}{}", word.as_deref()?)));
            let value = set.value.unwrap_or_default().to_string();
            let flags = flags.collect::<Vec<_>>().join(" ");
            writeln!(text, "  {}", self.words(&say("tune-set").with("value", value).with("flags", flags)))?;
        }
        Ok(())
    }

    fn present(&self) -> String {
        let of = |(value, phases): &(f64, Vec<String>)| match phases.as_slice() {
            [] => value.to_string(),
            phases => format!("{value} ({})", phases.join(", ")),
        };
        self.plan.in_force().iter().map(of).collect::<Vec<_>>().join("; ")
    }

    fn coverage(&self, history: &History, text: &mut String) -> std::fmt::Result {
        let zone = self.pack().timeline.zone;
        let day = |at: chrono::DateTime<chrono::Utc>| self.pack().timeline.date(at);
        let records = match history.span() {
            Some(span) => {
                let records = say("tune-records").with("records", span.records);
                records.with("first", local(span.first, zone)).with("last", local(span.last, zone))
            }
            None => say("tune-no-records"),
        };
        writeln!(text, "\n{}", self.words(&records))?;
        if history.unfit > 0 {
            writeln!(text, "  {}", self.words(&say("tune-unfit").with("records", history.unfit)))?;
        }
        for kind in &self.plan.kinds {
            let name = self.pack().schema.kind_name(*kind);
            match history.kinds.get(name) {
                Some(span) => {
                    let days = self.range(&day(span.first).to_string(), &day(span.last).to_string());
                    writeln!(text, "  {name:<24}{:>8}  {days}", span.records)?;
                }
                None => writeln!(text, "  {name:<24}{:>8}", 0)?,
            }
        }
        writeln!(text, "{}", self.words(&says(self.plan, history, self.curve)))?;
        let ends = self.curve.judgements.sum();
        match ends.aside().filter(|_| ends.reached > 0) {
            Some(why) => writeln!(text, "  {}", self.words(&say("tune-others").with("why", why))),
            None => Ok(()),
        }
    }

    fn chart(&self, text: &mut String) -> std::fmt::Result {
        let how = match self.curve.method {
            Method::OnePass => say("tune-one-pass"),
            Method::EachValue => say("tune-each-value"),
        };
        let chart = if self.curve.complete { say("tune-chart") } else { say("tune-chart-gaps") };
        writeln!(text, "\n{}", self.words(&chart.with("how", how)))?;
        let [value, opened, escalated, joined, held, busiest_day] = [
            say("tune-value"),
            say("tune-opened"),
            say("tune-escalated"),
            say("tune-joined"),
            say("tune-held"),
            say("tune-busiest-day"),
        ]
        .map(|column| self.words(&column));
        writeln!(text, "{value:>12}   {opened:>7} {escalated:>9} {joined:>7} {held:>7}  {busiest_day}")?;
        let most = self.curve.points.iter().map(|point| point.tally.sum().open).max().unwrap_or_default();
        let shown = |tally: &Tally| {
            let busiest = busiest(self.curve, tally, |_| true).map(|one| self.busiest(&one));
            (tally.sum(), busiest.unwrap_or_default())
        };
        row(&self.words(&say("tune-as-now")), false, &shown(&self.curve.now), most, text)?;
        for one in self.plateaus(shown) {
            row(&self.plateau(&one), self.is_present(one.first), &one.shown, most, text)?;
        }
        Ok(())
    }

    fn is_present(&self, value: f64) -> bool {
        self.plan.in_force().iter().any(|(present, _)| *present == value)
    }

    fn plateaus<S: PartialEq>(&self, shown: impl Fn(&Tally) -> S) -> Vec<Plateau<S>> {
        let present: Vec<f64> = self.plan.in_force().into_iter().map(|(value, _)| value).collect();
        self.curve.plateaus(|value| present.contains(&value), shown)
    }

    /// New alerts by agency, a few agencies beside each other.
    fn agencies(&self, text: &mut String) -> std::fmt::Result {
        let agencies: Vec<&Arc<str>> = self.curve.agencies(self.pack()).into_iter().map(|agency| &agency.id).collect();
        for columns in agencies.chunks(COLUMNS) {
            self.table(columns, text, |tally| {
                let by = self.curve.by_agency(tally, |_| true);
                columns.iter().map(|agency| by.get(*agency).map_or(0, |counts| counts.open)).collect()
            })?;
        }
        Ok(())
    }

    /// New alerts by phase.
    fn phases(&self, text: &mut String) -> std::fmt::Result {
        let of = |tally: &Tally| tally.by(|cell| cell.phase.clone());
        let all: Vec<_> = self.curve.points.iter().map(|point| of(&point.tally)).collect();
        let occurs = |word: &Arc<str>| all.iter().any(|by| by.get(word).is_some_and(|counts| counts.open > 0));
        let phases = self.pack().timeline.phases.iter().map(|phase| &phase.id);
        let words: Vec<&Arc<str>> = phases.filter(|word| occurs(word)).collect();
        if words.is_empty() {
            return Ok(());
        }
        self.table(&words, text, |tally| {
            let by = of(tally);
            words.iter().map(|word| by.get(*word).map_or(0, |counts| counts.open)).collect()
        })
    }

    fn table(
        &self,
        columns: &[&Arc<str>],
        text: &mut String,
        opened: impl Fn(&Tally) -> Vec<usize>,
    ) -> std::fmt::Result {
        write!(text, "\n{:>12}", self.words(&say("tune-opened")))?;
        columns.iter().try_for_each(|word| write!(text, "  {word:>width$}", width = word.len().max(6)))?;
        writeln!(text)?;
        let now = (self.words(&say("tune-as-now")), opened(&self.curve.now));
        let points = self.plateaus(&opened).into_iter().map(|one| (self.plateau(&one), one.shown));
        for (value, counts) in std::iter::once(now).chain(points) {
            write!(text, "{value:>12}")?;
            for (word, count) in columns.iter().zip(counts) {
                write!(text, "  {count:>width$}", width = word.len().max(6))?;
            }
            writeln!(text)?;
        }
        Ok(())
    }

    fn limit(&self, limit: &Limit, text: &mut String) -> std::fmt::Result {
        let wanted = match &limit.phase {
            Some(phase) => say("tune-limit-in").with("phase", phase.as_str()),
            None => say("tune-limit"),
        };
        let wanted = wanted.with("most", limit.at_most);
        let kept = limit.kept(self.curve);
        let Some(lowest) = kept.lowest() else {
            writeln!(text, "\n{}", self.words(&say("tune-limit-none").with("wanted", wanted)))?;
            let least = self.curve.points.iter().filter_map(|point| {
                let busiest = limit.busiest(self.curve, &point.tally)?;
                Some((busiest.alerts, point.value, busiest))
            });
            if let Some((_, value, busiest)) = least.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))) {
                let closest = say("tune-limit-closest").with("value", short(value));
                writeln!(text, "  {}", self.words(&closest.with("busiest", self.busiest(&busiest))))?;
            }
            return Ok(());
        };
        let found = say("tune-limit-lowest").with("wanted", wanted).with("value", short(lowest));
        writeln!(text, "\n{}", self.words(&found))?;
        let ranges = kept.ranges.iter().map(|(first, last)| self.range(&short(*first), &short(*last)));
        let all = say("tune-limit-all").with("values", ranges.collect::<Vec<_>>().join(", "));
        writeln!(text, "  {}", self.words(&all))
    }

    fn near(&self, text: &mut String) -> std::fmt::Result {
        if self.curve.near.is_empty() {
            return Ok(());
        }
        let near = match self.curve.method {
            Method::OnePass => say("tune-near"),
            Method::EachValue => say("tune-near-replayed"),
        };
        writeln!(text, "\n{}", self.words(&near))?;
        for miss in &self.curve.near {
            self.miss(miss, text)?;
        }
        Ok(())
    }

    fn miss(&self, miss: &NearMiss, text: &mut String) -> std::fmt::Result {
        let at = local(miss.at, self.pack().timeline.zone);
        write!(text, "  {at}  {}  {} {}  {}", miss.record, miss.subject.kind.word(), miss.subject.key, miss.rule)?;
        if let Some((operand, bound)) = miss.words(self.pack().timeline.zone) {
            write!(text, ": {}", self.words(&say("tune-near-not").with("operand", operand).with("bound", bound)))?;
        }
        match miss.fires_at {
            Some(value) => writeln!(text, "; {}", self.words(&say("tune-near-at").with("value", short(value)))),
            None => writeln!(text),
        }
    }

    fn busiest(&self, Busiest { agency, day, alerts }: &Busiest) -> String {
        let busiest = say("tune-busiest").with("alerts", *alerts);
        self.words(&busiest.with("agency", &**agency).with("day", day.to_string()))
    }

    fn plateau<S>(&self, Plateau { first, last, .. }: &Plateau<S>) -> String {
        self.range(&short(*first), &short(*last))
    }

    fn range(&self, first: &str, last: &str) -> String {
        if first == last {
            return first.to_owned();
        }
        self.words(&say("tune-range").with("first", first).with("last", last))
    }
}

fn row(
    value: &str,
    is_present: bool,
    (counts, busiest): &(Counts, String),
    most: usize,
    text: &mut String,
) -> std::fmt::Result {
    let Counts { open, repeat, escalate, hold, .. } = counts;
    let bar = "█".repeat((open * BAR).div_ceil(most.max(1)));
    let mark = if is_present { '*' } else { ' ' };
    writeln!(text, "{value:>12} {mark} {open:>7} {escalate:>9} {repeat:>7} {hold:>7}  {busiest:<40} {bar}")
}

fn short(value: f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}
