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
    let shown = Shown { plan, curve };
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
}

impl Shown<'_> {
    fn pack(&self) -> &Pack {
        &self.plan.pack
    }

    fn head(&self, text: &mut String) -> std::fmt::Result {
        let Some(stated) = self.plan.stated() else { return Ok(()) };
        writeln!(text, "{}: {} to {} {}, now {}", stated.name, stated.min, stated.max, stated.unit, self.present())?;
        writeln!(text, "  {}", stated.meaning)?;
        for rule in &self.plan.moved {
            let how = if self.plan.readers.iter().any(|reader| reader.id == rule.id) {
                "reads it"
            } else {
                "is held while one that reads it is open"
            };
            writeln!(text, "  {} {how}: {}", rule.id, rule.title)?;
            if self.plan.shadows.contains(&rule.id) {
                writeln!(text, "    it runs in the shadow; it is counted here as if it were let out")?;
            }
        }
        let phase = self.plan.phase.map(|phase| format!("phase {}", self.pack().timeline.phase_word(phase)));
        let kabupaten = self.plan.kabupaten.as_ref().map(|code| format!("kabupaten {code}"));
        let parts: Vec<String> = phase.into_iter().chain(kabupaten).collect();
        if !parts.is_empty() {
            writeln!(text, "  only its value for {} moves", parts.join(", "))?;
        }
        for set in self.plan.held() {
            let part = [("--phase ", &set.phase), ("--kabupaten ", &set.kabupaten)];
            let part = part.iter().filter_map(|(flag, word)| Some(format!("{flag}{}", word.as_deref()?)));
            let value = set.value.unwrap_or_default();
            let part = part.collect::<Vec<_>>().join(" ");
            writeln!(text, "  it was set to {value} at run time for a part, and stays so there: try that with {part}")?;
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
        writeln!(text)?;
        match history.span() {
            Some(span) => writeln!(
                text,
                "records: {} from {} to {}",
                span.records,
                local(span.first, zone),
                local(span.last, zone)
            )?,
            None => writeln!(text, "records: none")?,
        }
        if history.unfit > 0 {
            writeln!(text, "  {} more did not hold to the schema", history.unfit)?;
        }
        for kind in &self.plan.kinds {
            let name = self.pack().schema.kind_name(*kind);
            match history.kinds.get(name) {
                Some(span) => {
                    writeln!(text, "  {name:<24}{:>8}  {} to {}", span.records, day(span.first), day(span.last))?;
                }
                None => writeln!(text, "  {name:<24}{:>8}", 0)?,
            }
        }
        writeln!(text, "{}", says(self.plan, history, self.curve))?;
        let ends = self.curve.judgements.sum();
        let aside = [
            (ends.not_held, "do not meet another condition"),
            (ends.answered, "were answered in time"),
            (ends.not_in_phase, "fall into other phases"),
            (ends.outside_area, "happened outside the area"),
            (ends.no_subject, "do not say whom they are about"),
            (ends.failed, "could not be judged"),
        ];
        let aside = aside.iter().filter(|(times, _)| *times > 0).map(|(times, why)| format!("{times} {why}"));
        let aside: Vec<String> = aside.collect();
        if ends.reached > 0 && !aside.is_empty() {
            writeln!(text, "  of the others {}", aside.join(", "))?;
        }
        Ok(())
    }

    fn chart(&self, text: &mut String) -> std::fmt::Result {
        let how = match self.curve.method {
            Method::OnePass => "exact, from one pass",
            Method::EachValue => "exact, each value replayed",
        };
        let between = if self.curve.complete { "" } else { "; between these values it may differ" };
        writeln!(text, "\nalerts at each value ({how}{between}); * is in force now")?;
        writeln!(
            text,
            "{:>12}   {:>6} {:>8} {:>7} {:>6}  busiest day of an agency",
            "value", "opened", "escalated", "joined", "held"
        )?;
        let most = self.curve.points.iter().map(|point| point.tally.sum().open).max().unwrap_or_default();
        let shown = |tally: &Tally| {
            let busiest = busiest(self.curve, tally, |_| true).map(|one| busiest_words(&one));
            (tally.sum(), busiest.unwrap_or_default())
        };
        row("as now", false, &shown(&self.curve.now), most, text)?;
        for one in self.plateaus(shown) {
            row(&range(&one), self.is_present(one.first), &one.shown, most, text)?;
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
        write!(text, "\n{:>12}", "opened")?;
        columns.iter().try_for_each(|word| write!(text, "  {word:>width$}", width = word.len().max(6)))?;
        writeln!(text)?;
        let now = ("as now".to_owned(), opened(&self.curve.now));
        let points = self.plateaus(&opened).into_iter().map(|one| (range(&one), one.shown));
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
        let phase = limit.phase.as_deref().map(|phase| format!(" in {phase}")).unwrap_or_default();
        let wanted = format!("every agency at {} new alerts a day or fewer{phase}", limit.at_most);
        let kept = limit.kept(self.curve);
        let Some(lowest) = kept.lowest() else {
            writeln!(text, "\nno value keeps {wanted}")?;
            let least = self.curve.points.iter().filter_map(|point| {
                let busiest = limit.busiest(self.curve, &point.tally)?;
                Some((busiest.alerts, point.value, busiest))
            });
            if let Some((_, value, busiest)) = least.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))) {
                writeln!(text, "  the closest is {}: {}", short(value), busiest_words(&busiest))?;
            }
            return Ok(());
        };
        writeln!(text, "\nthe lowest value that keeps {wanted}: {}", short(lowest))?;
        let ranges = kept.ranges.iter().map(|(first, last)| match first == last {
            true => short(*first),
            false => format!("{} to {}", short(*first), short(*last)),
        });
        writeln!(text, "  all that keep it: {}", ranges.collect::<Vec<_>>().join(", "))
    }

    fn near(&self, text: &mut String) -> std::fmt::Result {
        if self.curve.near.is_empty() {
            return Ok(());
        }
        match self.curve.method {
            Method::OnePass => writeln!(text, "\nclosest to firing, and not firing now")?,
            Method::EachValue => writeln!(text, "\nnot opened now, and opened at the next values")?,
        }
        for miss in &self.curve.near {
            self.miss(miss, text)?;
        }
        Ok(())
    }

    fn miss(&self, miss: &NearMiss, text: &mut String) -> std::fmt::Result {
        let at = local(miss.at, self.pack().timeline.zone);
        write!(text, "  {at}  {}  {} {}  {}", miss.record, miss.subject.kind.word(), miss.subject.key, miss.rule)?;
        if let Some((operand, bound)) = miss.words(self.pack().timeline.zone) {
            write!(text, ": {operand}, not {bound}")?;
        }
        match miss.fires_at {
            Some(value) => writeln!(text, "; at {}", short(value)),
            None => writeln!(text),
        }
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
    writeln!(text, "{value:>12} {mark} {open:>6} {escalate:>9} {repeat:>7} {hold:>6}  {busiest:<40} {bar}")
}

fn busiest_words(busiest: &Busiest) -> String {
    format!("{} for {} on {}", busiest.alerts, busiest.agency, busiest.day)
}

fn range<S>(plateau: &Plateau<S>) -> String {
    let Plateau { first, last, .. } = plateau;
    if first == last { short(*first) } else { format!("{} to {}", short(*first), short(*last)) }
}

fn short(value: f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}
