//! What the page says, in words and numbers as Indonesians write them.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::pack::Pack;
use crate::record::region;
use crate::record::schema::KindId;
use crate::tune::curve::{Cell, Counts, Curve, Plateau, Tally};
use crate::tune::limit::{Limit, busiest};
use crate::tune::near::NearMiss;
use crate::tune::plan::Method;
use crate::tune::{History, Plan};

use super::plot::{Mark, Plot, Series};
use super::{Near, Row};

/// What the page says, in words.
pub(super) struct Words<'a> {
    pub(super) plan: &'a Plan,
    pub(super) curve: &'a Curve,
}

impl Words<'_> {
    pub(super) fn pack(&self) -> &Pack {
        &self.plan.pack
    }

    pub(super) fn unit(&self) -> &str {
        self.plan.stated().map_or("", |threshold| threshold.unit.as_str())
    }

    pub(super) fn phase(&self, word: &str) -> String {
        let timeline = &self.pack().timeline;
        let phase = timeline.phase_id(word).and_then(|id| timeline.phase(id));
        phase.map_or_else(|| word.to_owned(), |phase| phase.name.clone())
    }

    pub(super) fn present(&self) -> String {
        let of = |(value, phases): &(f64, Vec<String>)| match phases.as_slice() {
            [] => format!("{} {}", number(*value), self.unit()),
            phases => {
                let names: Vec<String> = phases.iter().map(|phase| self.phase(phase)).collect();
                format!("{} {} ({})", number(*value), self.unit(), names.join("; "))
            }
        };
        self.plan.in_force().iter().map(of).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn is_present(&self, value: f64) -> bool {
        self.plan.in_force().iter().any(|(present, _)| *present == value)
    }

    pub(super) fn part(&self) -> String {
        let phase = self.plan.phase.map(|phase| self.phase(self.pack().timeline.phase_word(phase)));
        let kabupaten = self.plan.kabupaten.as_deref().map(place_name);
        let parts: Vec<String> = phase.into_iter().chain(kabupaten).collect();
        if parts.is_empty() {
            "Tiap nilai di bawah ini dicoba di semua fase dan kabupaten sekaligus.".to_owned()
        } else {
            format!("Hanya nilai untuk {} yang digeser; selebihnya tetap.", parts.join(", "))
        }
    }

    pub(super) fn records(&self, history: &History) -> String {
        let Some(span) = history.span() else { return "Tidak ada catatan.".to_owned() };
        format!("{} catatan, {} sampai {}.", thousands(span.records), self.date(span.first), self.date(span.last))
    }

    pub(super) fn kinds(&self, history: &History) -> Vec<[String; 3]> {
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

    pub(super) fn triggers(&self) -> Vec<(String, String)> {
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

    pub(super) fn verdict(&self, history: &History) -> String {
        let kinds: BTreeSet<_> = self.plan.readers.iter().flat_map(|rule| rule.on.iter()).collect();
        let has = |kind: &KindId| history.kinds.contains_key(self.pack().schema.kind_name(*kind));
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

    pub(super) fn limit(&self, limit: &Limit) -> String {
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

    pub(super) fn opened(&self, wanted: impl Fn(&Cell) -> bool) -> Vec<usize> {
        let of = |tally: &Tally| {
            tally.cells.iter().filter(|(cell, _)| wanted(cell)).map(|(_, counts)| counts.open).sum::<usize>()
        };
        self.curve.points.iter().map(|point| of(&point.tally)).collect()
    }

    pub(super) fn plateaus<S: PartialEq>(&self, shown: impl Fn(&Tally) -> S) -> Vec<Plateau<S>> {
        let in_force = self.plan.in_force();
        self.curve.plateaus(|value| in_force.iter().any(|(present, _)| *present == value), shown)
    }

    pub(super) fn plotted(&self) -> usize {
        let in_force = self.plan.in_force();
        self.curve.plotted(|value| in_force.iter().any(|(present, _)| *present == value))
    }

    /// That the plots end where nothing changes any more.
    pub(super) fn beyond(&self) -> String {
        let plotted = self.plotted();
        let last_plotted = plotted.checked_sub(1).and_then(|place| self.curve.points.get(place));
        match (last_plotted, self.curve.points.last()) {
            (Some(shown), Some(last)) if shown.value < last.value => {
                format!("Sesudah {} jumlahnya tetap sampai {}.", number(shown.value), number(last.value))
            }
            _ => String::new(),
        }
    }

    pub(super) fn plot(&self, title: String, mut counts: Vec<usize>) -> Plot {
        let plotted = self.plotted();
        counts.truncate(plotted);
        let marks = self.plan.in_force().into_iter().map(|(value, _)| Mark { value, text: number(value) }).collect();
        let values = self.curve.points.iter().take(plotted).map(|point| point.value).collect();
        let whole = self.plan.stated().is_some_and(|threshold| threshold.whole);
        Plot::new(Series { title, unit: self.unit().to_owned(), values, counts, marks, is_whole: whole })
    }

    pub(super) fn by_phase(&self) -> Vec<Plot> {
        let phases = self.pack().timeline.phases.iter();
        let plots = phases.map(|phase| self.plot(phase.name.clone(), self.opened(|cell| cell.phase == phase.id)));
        plots.filter(Plot::is_worth_it).collect()
    }

    pub(super) fn by_kabupaten(&self) -> Vec<Plot> {
        let codes = self.pack().area.iter();
        let plots = codes.map(|code| {
            self.plot(place_name(code), self.opened(|cell| cell.kabupaten.as_deref() == Some(code.as_str())))
        });
        plots.filter(Plot::is_worth_it).collect()
    }

    pub(super) fn rows(&self) -> Vec<Row> {
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

    pub(super) fn near(&self) -> Vec<Near> {
        let line = |miss: &NearMiss| Near {
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

    pub(super) fn near_words(&self) -> String {
        match self.curve.method {
            Method::OnePass => "Pemicu yang sekarang tidak menjadi temuan dan paling dekat dengan batasnya.",
            Method::EachValue => "Siaga yang sekarang tidak terbuka dan terbuka pada nilai terdekat.",
        }
        .to_owned()
    }

    pub(super) fn method(&self) -> String {
        let how = match self.curve.method {
            Method::OnePass => {
                "Persis, dari satu kali baca: yang dibandingkan dengan ambang disimpan untuk tiap pemicu."
            }
            Method::EachValue => "Persis: tiap nilai diputar ulang atas semua catatan yang bersangkutan.",
        };
        let between = if self.curve.complete { "" } else { " Di antara nilai-nilai ini jumlahnya bisa lain." };
        format!("{how} Penggabungan siaga, penahanan dan pergantian fase ikut dihitung.{between}")
    }

    pub(super) fn date(&self, at: DateTime<Utc>) -> String {
        day_words(self.pack().timeline.date(at))
    }
}

pub(super) fn place_name(code: &str) -> String {
    region::kabupaten_name(code).map_or_else(|| code.to_owned(), str::to_owned)
}

/// A number as Indonesians write it.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    rounded.to_string().replace('.', ",")
}

pub(super) fn range(first: f64, last: f64) -> String {
    if first == last { number(first) } else { format!("{}–{}", number(first), number(last)) }
}

pub(super) fn thousands(count: usize) -> String {
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

pub(super) fn day_words(day: NaiveDate) -> String {
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
