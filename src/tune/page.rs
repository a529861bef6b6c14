//! The curve as one page that needs nothing else: plots and their tables, in Indonesian. It names no person.

mod plot;

use std::collections::BTreeSet;

use askama::Template;
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::pack::Pack;
use crate::record::region;

use super::curve::{Cell, Counts, Curve, Plateau, Tally};
use super::limit::{Limit, busiest};
use super::plan::Method;
use super::{History, Plan};
use plot::{Mark, Plot, Series};

#[derive(Template)]
#[template(path = "tune/templates/curve.html")]
struct Page {
    pack: String,
    name: String,
    meaning: String,
    present: String,
    part: String,
    records: String,
    kinds: Vec<[String; 3]>,
    triggers: Vec<(String, String)>,
    verdict: String,
    rules: Vec<(String, String)>,
    limit: String,
    plot: Plot,
    beyond: String,
    agencies: Vec<Plot>,
    phases: Vec<Plot>,
    kabupaten: Vec<Plot>,
    rows: Vec<Row>,
    columns: Vec<String>,
    agency_rows: Vec<AgencyRow>,
    near: Vec<Near>,
    near_words: String,
    method: String,
}

struct Row {
    value: String,
    is_present: bool,
    counts: [usize; 4],
    busiest: String,
}

struct AgencyRow {
    value: String,
    is_present: bool,
    counts: Vec<usize>,
}

struct Near {
    record: String,
    rule: String,
    at: String,
    operand: String,
    fires_at: String,
}

/// The page.
///
/// # Errors
/// The template cannot be filled.
pub fn page(plan: &Plan, history: &History, curve: &Curve, limit: Option<&Limit>) -> Result<String, askama::Error> {
    let words = Words { plan, curve };
    let agencies = curve.agencies(&plan.pack);
    let titles: Vec<String> = agencies.iter().map(|agency| agency.name.clone()).collect();
    let opened = |tally: &Tally| -> Vec<usize> {
        let by = curve.by_agency(tally, |_| true);
        agencies.iter().map(|agency| by.get(&agency.id).map_or(0, |counts| counts.open)).collect()
    };
    let by_point: Vec<Vec<usize>> = curve.points.iter().map(|point| opened(&point.tally)).collect();
    let agency_plots = agencies.iter().enumerate().map(|(place, agency)| {
        let counts = by_point.iter().map(|opened| opened.get(place).copied().unwrap_or_default()).collect();
        words.plot(agency.name.clone(), counts)
    });
    let stated = plan.stated();
    let page = Page {
        pack: plan.whole.title.clone(),
        name: stated.map(|threshold| threshold.name.clone()).unwrap_or_default(),
        meaning: stated.map(|threshold| threshold.meaning.clone()).unwrap_or_default(),
        present: words.present(),
        part: words.part(),
        records: words.records(history),
        kinds: words.kinds(history),
        triggers: words.triggers(),
        verdict: words.verdict(history),
        rules: plan.moved.iter().map(|rule| (rule.id.to_string(), rule.title.clone())).collect(),
        limit: limit.map(|limit| words.limit(limit)).unwrap_or_default(),
        plot: words.plot("Semua siaga baru".to_owned(), words.opened(|_| true)),
        agencies: agency_plots.filter(Plot::is_worth_it).collect(),
        phases: words.by_phase(),
        kabupaten: words.by_kabupaten(),
        rows: words.rows(),
        agency_rows: words
            .plateaus(opened)
            .into_iter()
            .map(|one| AgencyRow {
                value: range(one.first, one.last),
                is_present: words.is_present(one.first),
                counts: one.shown,
            })
            .collect(),
        beyond: words.beyond(),
        columns: titles,
        near: words.near(),
        near_words: words.near_words(),
        method: words.method(),
    };
    page.render()
}

/// What the page says, in words.
struct Words<'a> {
    plan: &'a Plan,
    curve: &'a Curve,
}

impl Words<'_> {
    fn pack(&self) -> &Pack {
        &self.plan.pack
    }

    fn unit(&self) -> &str {
        self.plan.stated().map_or("", |threshold| threshold.unit.as_str())
    }

    fn phase(&self, word: &str) -> String {
        let timeline = &self.pack().timeline;
        let phase = timeline.phase_id(word).and_then(|id| timeline.phase(id));
        phase.map_or_else(|| word.to_owned(), |phase| phase.name.clone())
    }

    fn present(&self) -> String {
        let of = |(value, phases): &(f64, Vec<String>)| match phases.as_slice() {
            [] => format!("{} {}", number(*value), self.unit()),
            phases => {
                let names: Vec<String> = phases.iter().map(|phase| self.phase(phase)).collect();
                format!("{} {} ({})", number(*value), self.unit(), names.join("; "))
            }
        };
        self.plan.in_force().iter().map(of).collect::<Vec<_>>().join(", ")
    }

    fn is_present(&self, value: f64) -> bool {
        self.plan.in_force().iter().any(|(present, _)| *present == value)
    }

    fn part(&self) -> String {
        let phase = self.plan.phase.map(|phase| self.phase(self.pack().timeline.phase_word(phase)));
        let kabupaten = self.plan.kabupaten.as_deref().map(place_name);
        let parts: Vec<String> = phase.into_iter().chain(kabupaten).collect();
        if parts.is_empty() {
            "Tiap nilai di bawah ini dicoba di semua fase dan kabupaten sekaligus.".to_owned()
        } else {
            format!("Hanya nilai untuk {} yang digeser; selebihnya tetap.", parts.join(", "))
        }
    }

    fn records(&self, history: &History) -> String {
        let Some(span) = history.span() else { return "Tidak ada catatan.".to_owned() };
        format!("{} catatan, {} sampai {}.", thousands(span.records), self.date(span.first), self.date(span.last))
    }

    fn kinds(&self, history: &History) -> Vec<[String; 3]> {
        let names = self.plan.kinds.iter().map(|kind| self.pack().schema.kind_name(*kind));
        let line = |name: &str| match history.kinds.get(name) {
            Some(span) => {
                let days = format!("{} – {}", self.date(span.first), self.date(span.last));
                [name.to_owned(), thousands(span.records), days]
            }
            None => [name.to_owned(), "0".to_owned(), String::new()],
        };
        names.map(line).collect()
    }

    fn triggers(&self) -> Vec<(String, String)> {
        let ends = self.curve.judgements.sum();
        let reached = match self.curve.method {
            Method::OnePass => "sampai ke ambang ini",
            Method::EachValue => "menjadi temuan dengan nilai sekarang",
        };
        let lines = [
            (reached, ends.reached),
            ("syarat lain tidak terpenuhi", ends.not_held),
            ("yang ditunggu sudah datang", ends.answered),
            ("di luar fase aturan", ends.not_in_phase),
            ("di luar wilayah", ends.outside_area),
            ("tidak menyebut siapa", ends.no_subject),
            ("tidak dapat dinilai", ends.failed),
        ];
        let lines = lines.iter().filter(|(_, times)| *times > 0);
        lines
            .map(|(what, times)| ((*what).to_owned(), thousands(usize::try_from(*times).unwrap_or(usize::MAX))))
            .collect()
    }

    fn verdict(&self, history: &History) -> String {
        let kinds: BTreeSet<_> = self.plan.readers.iter().flat_map(|rule| rule.on.iter()).collect();
        let has =
            |kind: &crate::record::schema::KindId| history.kinds.contains_key(self.pack().schema.kind_name(*kind));
        let reached = self.curve.judgements.sum().reached;
        let opens = |tally: &Tally| tally.sum().open;
        let most = self.curve.points.iter().map(|point| opens(&point.tally)).max().unwrap_or_default();
        if !kinds.into_iter().any(has) {
            "Tidak ada catatan dari jenis yang dinilai aturan ini: data ini tidak berkata apa-apa tentang ambang ini."
                .to_owned()
        } else if reached == 0 && self.curve.method == Method::OnePass {
            "Tidak ada catatan yang sampai ke ambang ini: menggesernya tidak mengubah apa pun.".to_owned()
        } else if most == 0 && opens(&self.curve.now) == 0 {
            "Catatannya ada dan dinilai, tetapi tidak ada siaga yang terbuka pada nilai mana pun.".to_owned()
        } else {
            format!("Dengan nilai sekarang terbuka {} siaga.", thousands(opens(&self.curve.now)))
        }
    }

    fn limit(&self, limit: &Limit) -> String {
        let wanted = match &limit.phase {
            Some(phase) => {
                format!("paling banyak {} siaga baru sehari per instansi ({})", limit.at_most, self.phase(phase))
            }
            None => format!("paling banyak {} siaga baru sehari per instansi", limit.at_most),
        };
        let kept = limit.kept(self.curve);
        match kept.lowest() {
            None => format!("Tidak ada nilai yang menjaga {wanted}."),
            Some(lowest) => {
                let ranges: Vec<String> = kept.ranges.iter().map(|(first, last)| range(*first, *last)).collect();
                let lowest = number(lowest);
                format!("Nilai terendah yang menjaga {wanted}: {lowest}. Semua yang menjaganya: {}.", ranges.join(", "))
            }
        }
    }

    fn opened(&self, wanted: impl Fn(&Cell) -> bool) -> Vec<usize> {
        let of = |tally: &Tally| {
            tally.cells.iter().filter(|(cell, _)| wanted(cell)).map(|(_, counts)| counts.open).sum::<usize>()
        };
        self.curve.points.iter().map(|point| of(&point.tally)).collect()
    }

    fn plateaus<S: PartialEq>(&self, shown: impl Fn(&Tally) -> S) -> Vec<Plateau<S>> {
        let in_force = self.plan.in_force();
        self.curve.plateaus(|value| in_force.iter().any(|(present, _)| *present == value), shown)
    }

    fn plotted(&self) -> usize {
        let in_force = self.plan.in_force();
        self.curve.plotted(|value| in_force.iter().any(|(present, _)| *present == value))
    }

    /// That the plots end where nothing changes any more.
    fn beyond(&self) -> String {
        let plotted = self.plotted();
        let last_plotted = plotted.checked_sub(1).and_then(|place| self.curve.points.get(place));
        match (last_plotted, self.curve.points.last()) {
            (Some(shown), Some(last)) if shown.value < last.value => {
                format!("Sesudah {} jumlahnya tetap sampai {}.", number(shown.value), number(last.value))
            }
            _ => String::new(),
        }
    }

    fn plot(&self, title: String, mut counts: Vec<usize>) -> Plot {
        let plotted = self.plotted();
        counts.truncate(plotted);
        let marks = self.plan.in_force().into_iter().map(|(value, _)| Mark { value, text: number(value) }).collect();
        let values = self.curve.points.iter().take(plotted).map(|point| point.value).collect();
        let whole = self.plan.stated().is_some_and(|threshold| threshold.whole);
        Plot::new(Series { title, unit: self.unit().to_owned(), values, counts, marks, is_whole: whole })
    }

    fn by_phase(&self) -> Vec<Plot> {
        let phases = self.pack().timeline.phases.iter();
        let plots = phases.map(|phase| self.plot(phase.name.clone(), self.opened(|cell| cell.phase == phase.id)));
        plots.filter(Plot::is_worth_it).collect()
    }

    fn by_kabupaten(&self) -> Vec<Plot> {
        let codes = self.pack().area.iter();
        let plots = codes.map(|code| {
            self.plot(place_name(code), self.opened(|cell| cell.kabupaten.as_deref() == Some(code.as_str())))
        });
        plots.filter(Plot::is_worth_it).collect()
    }

    fn rows(&self) -> Vec<Row> {
        let shown = |tally: &Tally| {
            let Counts { open, escalate, repeat, hold, .. } = tally.sum();
            let busiest = busiest(self.curve, tally, |_| true).map_or_else(String::new, |busiest| {
                let agency = self.pack().agency(&busiest.agency).map_or(busiest.agency.as_ref(), |one| &one.name);
                format!("{} ({agency}, {})", busiest.alerts, day_words(busiest.day))
            });
            ([open, escalate, repeat, hold], busiest)
        };
        let row = |value, is_present, (counts, busiest)| Row { value, is_present, counts, busiest };
        let now = row("sekarang".to_owned(), true, shown(&self.curve.now));
        let points = self.plateaus(shown).into_iter();
        let points = points.map(|one| row(range(one.first, one.last), self.is_present(one.first), one.shown));
        std::iter::once(now).chain(points).collect()
    }

    fn near(&self) -> Vec<Near> {
        let line = |miss: &super::near::NearMiss| Near {
            record: miss.record.to_string(),
            rule: miss.rule.to_string(),
            at: self.date(miss.at),
            operand: match miss.words(self.pack().timeline.zone) {
                Some((operand, bound)) => format!("{operand} (batas {bound})"),
                None => String::new(),
            },
            fires_at: miss.fires_at.map(number).unwrap_or_default(),
        };
        self.curve.near.iter().map(line).collect()
    }

    fn near_words(&self) -> String {
        match self.curve.method {
            Method::OnePass => "Pemicu yang sekarang tidak menjadi temuan dan paling dekat dengan batasnya.",
            Method::EachValue => "Siaga yang sekarang tidak terbuka dan terbuka pada nilai terdekat.",
        }
        .to_owned()
    }

    fn method(&self) -> String {
        let how = match self.curve.method {
            Method::OnePass => {
                "Persis, dari satu kali baca: yang dibandingkan dengan ambang disimpan untuk tiap pemicu."
            }
            Method::EachValue => "Persis: tiap nilai diputar ulang atas semua catatan yang bersangkutan.",
        };
        let between = if self.curve.complete { "" } else { " Di antara nilai-nilai ini jumlahnya bisa lain." };
        format!("{how} Penggabungan siaga, penahanan dan pergantian fase ikut dihitung.{between}")
    }

    fn date(&self, at: DateTime<Utc>) -> String {
        day_words(self.pack().timeline.date(at))
    }
}

impl Plan {
    /// The values in force now in the part that moves, each with the phases in which it holds; without phases where it
    /// is the only one.
    pub fn in_force(&self) -> Vec<(f64, Vec<String>)> {
        let values = self.settings.in_force(&self.pack, self.threshold);
        let mut by_value: Vec<(f64, Vec<String>)> = Vec::new();
        for (phase, value) in values {
            let word = self.pack.timeline.phase_word(phase).to_owned();
            match by_value.iter_mut().find(|(known, _)| *known == value) {
                Some((_, phases)) if phases.contains(&word) => {}
                Some((_, phases)) => phases.push(word),
                None => by_value.push((value, vec![word])),
            }
        }
        by_value.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        if let [(_, phases)] = by_value.as_mut_slice() {
            phases.clear();
        }
        by_value
    }
}

fn place_name(code: &str) -> String {
    region::kabupaten_name(code).map_or_else(|| code.to_owned(), str::to_owned)
}

/// A number as Indonesians write it.
fn number(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    rounded.to_string().replace('.', ",")
}

fn range(first: f64, last: f64) -> String {
    if first == last { number(first) } else { format!("{}–{}", number(first), number(last)) }
}

fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

fn day_words(day: NaiveDate) -> String {
    let month = day.format_localized("%b", chrono::Locale::id_ID);
    format!("{} {month} {}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_in_indonesia() {
        assert_eq!(thousands(41_220), "41.220");
        assert_eq!(thousands(7), "7");
        assert_eq!(number(2.5), "2,5");
        assert_eq!(number(0.1 + 0.2), "0,3");
    }
}
