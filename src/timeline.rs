//! The election's calendar: overlapping stages, contiguous phases per kabupaten, voting days laid over them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// A phase's place in the election, from 0; a later phase compares greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhaseId(pub u8);

/// One phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The word that scripts use.
    pub id: Arc<str>,
    /// Its name for people.
    pub name: String,
}

/// A legal stage. Stages overlap; some have no stated start or end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The word that scripts use.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its first instant.
    pub starts: Option<DateTime<Utc>>,
    /// Its last instant.
    pub ends: Option<DateTime<Utc>>,
    /// Whether its dates were read in a named source.
    pub verified: bool,
}

/// A day of voting, from the whole area down to one polling station and ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotingDay {
    /// Its name.
    pub id: String,
    /// The local date.
    pub date: NaiveDate,
    /// From its first instant to the next day's.
    pub hours: Range<DateTime<Utc>>,
    /// The phase that holds on it where it applies.
    pub phase: PhaseId,
    /// Kabupaten codes; empty: the whole area.
    pub kabupaten: Vec<String>,
    /// Kecamatan codes; empty: all.
    pub kecamatan: Vec<String>,
    /// Polling stations; empty: all.
    pub tps: Vec<String>,
    /// The ballots that are voted on.
    pub ballots: Vec<String>,
}

/// Where something happened, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// Kabupaten code.
    pub kabupaten: Option<&'a str>,
    /// Kecamatan code.
    pub kecamatan: Option<&'a str>,
    /// Polling station.
    pub tps: Option<&'a str>,
}

/// When each phase begins, in order; the last one has no end.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Calendar {
    /// (first instant, phase), rising.
    pub begins: Vec<(DateTime<Utc>, PhaseId)>,
}

impl Calendar {
    /// The phase at an instant.
    pub fn phase_at(&self, at: DateTime<Utc>) -> PhaseId {
        let after = self.begins.partition_point(|(begin, _)| *begin <= at);
        let index = after.saturating_sub(1);
        self.begins.get(index).map_or(PhaseId(0), |(_, phase)| *phase)
    }
}

/// The whole calendar of one election.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The zone in which days begin and end.
    pub zone: Tz,
    /// Phases in the order of the election.
    pub phases: Vec<Phase>,
    /// Stages in the order of the pack.
    pub stages: Vec<Stage>,
    /// All voting days.
    pub voting_days: Vec<VotingDay>,
    /// Days on which nobody works, besides Saturdays and Sundays.
    pub holidays: BTreeSet<NaiveDate>,
    /// Where no kabupaten is known.
    pub whole_area: Calendar,
    /// By kabupaten code.
    pub by_kabupaten: BTreeMap<String, Calendar>,
}

impl Timeline {
    /// The phase that a word names.
    pub fn phase_id(&self, word: &str) -> Option<PhaseId> {
        let index = self.phases.iter().position(|phase| *phase.id == *word)?;
        u8::try_from(index).ok().map(PhaseId)
    }

    /// The phase of an id.
    pub fn phase(&self, id: PhaseId) -> Option<&Phase> {
        self.phases.get(usize::from(id.0))
    }

    /// The word of a phase.
    pub fn phase_word(&self, id: PhaseId) -> &str {
        self.phase(id).map_or("", |phase| &phase.id)
    }

    /// The word of a phase, shared.
    pub fn phase_text(&self, id: PhaseId) -> Arc<str> {
        self.phase(id).map_or_else(|| Arc::from(""), |phase| phase.id.clone())
    }

    /// The local date of an instant.
    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The first instant of a local date.
    pub fn midnight(&self, date: NaiveDate) -> DateTime<Utc> {
        midnight_in(self.zone, date)
    }

    /// The instant of a local time; where a clock change skips it, the time just after.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        instant_in(self.zone, local)
    }

    /// The phase at a place and time. Before the first phase begins, it is the first one.
    pub fn phase_at(&self, place: Place<'_>, at: DateTime<Utc>) -> PhaseId {
        match self.voting_day_at(place, at) {
            Some(day) => day.phase,
            None => self.calendar(place.kabupaten).phase_at(at),
        }
    }

    /// Whether people vote at a place on the date of an instant.
    pub fn is_voting_day(&self, place: Place<'_>, at: DateTime<Utc>) -> bool {
        self.voting_day_at(place, at).is_some()
    }

    fn voting_day_at(&self, place: Place<'_>, at: DateTime<Utc>) -> Option<&VotingDay> {
        self.voting_days.iter().find(|day| day.hours.contains(&at) && day.covers(place))
    }

    /// Days from the date of an instant to the next voting day at a place; negative after the last one.
    pub fn days_to_voting(&self, place: Place<'_>, at: DateTime<Utc>) -> i64 {
        let date = self.date(at);
        let away = |day: &VotingDay| day.date.signed_duration_since(date).num_days();
        let here = || self.voting_days.iter().filter(|day| day.covers(place)).map(away);
        here().filter(|days| *days >= 0).min().or_else(|| here().max()).unwrap_or(i64::MAX)
    }

    /// The stage that a word names.
    pub fn stage(&self, word: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == word)
    }

    /// Every instant at which a phase changes somewhere, rising.
    pub fn boundaries(&self) -> Vec<DateTime<Utc>> {
        let mut all = BTreeSet::new();
        for calendar in self.by_kabupaten.values().chain([&self.whole_area]) {
            all.extend(calendar.begins.iter().map(|(begin, _)| *begin));
        }
        for day in &self.voting_days {
            all.extend([day.hours.start, day.hours.end]);
        }
        all.into_iter().collect()
    }

    /// The instant `count` working days after (or, when negative, before) another, at the same local time.
    pub fn add_working_days(&self, from: DateTime<Utc>, count: i64) -> Option<DateTime<Utc>> {
        let local = from.with_timezone(&self.zone).naive_local();
        let mut date = local.date();
        let mut left = count.unsigned_abs();
        while left > 0 {
            date = if count > 0 { date.checked_add_days(Days::new(1))? } else { date.checked_sub_days(Days::new(1))? };
            if self.is_working_day(date) {
                left -= 1;
            }
        }
        Some(self.instant(date.and_time(local.time())))
    }

    fn is_working_day(&self, date: NaiveDate) -> bool {
        !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&date)
    }

    fn calendar(&self, kabupaten: Option<&str>) -> &Calendar {
        kabupaten.and_then(|code| self.by_kabupaten.get(code)).unwrap_or(&self.whole_area)
    }
}

/// The first instant of a date in a zone.
fn midnight_in(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    instant_in(zone, date.and_time(NaiveTime::MIN))
}

/// The hours of a date in a zone, from its first instant to the next day's.
pub fn hours_of(zone: Tz, date: NaiveDate) -> Range<DateTime<Utc>> {
    midnight_in(zone, date)..midnight_in(zone, date + Days::new(1))
}

impl VotingDay {
    /// Whether it applies at a place. What is not known of a place matches only a day without that limit.
    pub fn covers(&self, place: Place<'_>) -> bool {
        let within = |limit: &[String], known: Option<&str>| {
            limit.is_empty() || known.is_some_and(|code| limit.iter().any(|l| l == code))
        };
        within(&self.tps, place.tps)
            && within(&self.kecamatan, place.kecamatan)
            && (within(&self.kabupaten, place.kabupaten)
                || (place.kabupaten.is_none() && self.kecamatan.is_empty() && self.tps.is_empty()))
    }
}

/// The instant of a local time in a zone; where a clock change skips it, the time an hour later.
pub fn instant_in(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    zone.from_local_datetime(&local)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest())
        .map_or_else(|| local.and_utc(), |time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn timeline() -> Timeline {
        let zone = chrono_tz::Asia::Jakarta;
        let phases =
            ["kampanye", "tenang", "pungut", "rekap"].map(|id| Phase { id: id.into(), name: id.into() }).to_vec();
        let begins = [("2024-09-25", 0), ("2024-11-24", 1), ("2024-11-27", 2), ("2024-11-28", 3)]
            .map(|(date, phase)| {
                let date: NaiveDate = date.parse().unwrap();
                (midnight_in(zone, date), PhaseId(phase))
            })
            .to_vec();
        let day = |id: &str, date: &str, kecamatan: &[&str], tps: &[&str]| VotingDay {
            id: id.into(),
            date: date.parse().unwrap(),
            hours: hours_of(zone, date.parse().unwrap()),
            phase: PhaseId(2),
            kabupaten: vec!["16.01".into(), "16.08".into()],
            kecamatan: kecamatan.iter().map(|&k| k.into()).collect(),
            tps: tps.iter().map(|&t| t.into()).collect(),
            ballots: vec!["gubernur".into()],
        };
        Timeline {
            zone,
            phases,
            stages: vec![],
            voting_days: vec![
                day("hari-h", "2024-11-27", &[], &[]),
                day("psu", "2024-12-01", &["16.01.14"], &["16.01.14/007"]),
            ],
            holidays: ["2024-11-27".parse().unwrap()].into(),
            whole_area: Calendar { begins: begins.clone() },
            by_kabupaten: [("16.01".to_owned(), Calendar { begins })].into(),
        }
    }

    const OKU: Place<'_> = Place { kabupaten: Some("16.01"), kecamatan: None, tps: None };
    const PSU: Place<'_> = Place { kabupaten: Some("16.01"), kecamatan: Some("16.01.14"), tps: Some("16.01.14/007") };
    const NEXT_DOOR: Place<'_> =
        Place { kabupaten: Some("16.01"), kecamatan: Some("16.01.14"), tps: Some("16.01.14/008") };

    #[test]
    fn phases_change_at_local_midnight_and_a_rerun_only_at_its_polling_station() {
        let timeline = timeline();
        let cases = [
            (OKU, "2024-11-23T23:59:59+07:00", "kampanye"),
            (OKU, "2024-11-24T00:00:00+07:00", "tenang"),
            (OKU, "2024-11-23T17:00:00Z", "tenang"),
            (Place::default(), "2024-11-27T09:00:00+07:00", "pungut"),
            (OKU, "2024-12-01T09:00:00+07:00", "rekap"),
            (PSU, "2024-12-01T09:00:00+07:00", "pungut"),
            (PSU, "2024-12-02T00:00:00+07:00", "rekap"),
            (NEXT_DOOR, "2024-12-01T09:00:00+07:00", "rekap"),
            (OKU, "2020-01-01T00:00:00Z", "kampanye"),
        ];
        for (place, time, phase) in cases {
            assert_eq!(timeline.phase_word(timeline.phase_at(place, at(time))), phase, "{place:?} {time}");
        }
    }

    #[test]
    fn days_to_voting_count_to_the_next_day_that_covers_the_place() {
        let timeline = timeline();
        let cases = [
            (OKU, "2024-11-13T00:00:00+07:00", 14),
            (OKU, "2024-11-27T23:59:59+07:00", 0),
            (OKU, "2024-11-30T00:00:00+07:00", -3),
            (PSU, "2024-11-30T00:00:00+07:00", 1),
            (NEXT_DOOR, "2024-12-01T00:00:00+07:00", -4),
        ];
        for (place, time, days) in cases {
            assert_eq!(timeline.days_to_voting(place, at(time)), days, "{place:?} {time}");
        }
    }

    #[test]
    fn working_days_skip_weekends_and_holidays() {
        let timeline = timeline();
        let friday = at("2024-11-22T10:00:00+07:00");
        assert_eq!(timeline.add_working_days(friday, 1), Some(at("2024-11-25T10:00:00+07:00")));
        assert_eq!(timeline.add_working_days(friday, 3), Some(at("2024-11-28T10:00:00+07:00")));
        assert_eq!(timeline.add_working_days(at("2024-11-28T10:00:00+07:00"), -3), Some(friday));
    }
}
