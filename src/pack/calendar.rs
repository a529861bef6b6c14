//! `timeline.toml` to a timeline: dates read in the pack's zone, phases checked for gaps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use toml::Spanned;

use crate::timeline::{Calendar, Phase, PhaseId, Stage, Timeline, VotingDay, hours_of, instant_in};

use super::diagnostic::{Code, Diagnostic};
use super::files::Files;
use super::tables::{CalendarFile, DaysFile, HolidayFile, PackFile, StageFile, TimelineFile, VotingDayFile};
use super::unknown_word;
use crate::words::{Text, say};

const PATH: &str = "timeline.toml";

/// Builds the timeline; what is wrong goes to `problems`.
pub fn build(files: &Files, head: &PackFile, file: &TimelineFile, problems: &mut Vec<Diagnostic>) -> Option<Timeline> {
    let Ok(zone) = head.time_zone.get_ref().parse::<Tz>() else {
        let text = files.text("pack.toml").unwrap_or("");
        problems.push(
            Diagnostic::error(
                Code::Table,
                "pack.toml",
                text,
                head.time_zone.span(),
                say("table-time-zone").with("text", head.time_zone.get_ref().as_str()),
            )
            .help(say("table-time-zone-help")),
        );
        return None;
    };
    let phases =
        file.phase.iter().map(|phase| Phase { id: phase.id.as_str().into(), name: phase.name.clone() }).collect();
    let mut builder = Builder { files, zone, phases, problems };
    let mut by_kabupaten = BTreeMap::new();
    let mut whole_area = None;
    for (code, calendar) in &file.calendar {
        let built = builder.calendar(calendar);
        match code.get_ref().as_str() {
            "pack" => whole_area = Some(built),
            known if head.area.iter().any(|area| area.get_ref() == known) => {
                by_kabupaten.insert(known.to_owned(), built);
            }
            _ => {
                let known: Vec<&str> = head.area.iter().map(|area| area.get_ref().as_str()).chain(["pack"]).collect();
                builder.problems.push(unknown_word(files, PATH, code, say("thing-kabupaten"), &known));
            }
        }
    }
    builder.check_all_have_calendars(head, &by_kabupaten, whole_area.is_some());
    let area: Vec<String> = head.area.iter().map(|code| code.get_ref().clone()).collect();
    let timeline = Timeline {
        zone,
        stages: builder.stages(&file.stage),
        voting_days: builder.voting_days(&file.voting_day, &area),
        holidays: builder.holidays(&file.holiday),
        phases: builder.phases,
        whole_area: whole_area.unwrap_or_default(),
        by_kabupaten,
    };
    Some(timeline)
}

/// Lays days over a timeline as if they stood in `timeline.toml`; places of what is wrong are those of `text`.
pub fn extend(timeline: &mut Timeline, days: &DaysFile, area: &[String], text: &str, problems: &mut Vec<Diagnostic>) {
    let files = Files { root: String::new(), texts: BTreeMap::from([(PATH.to_owned(), text.to_owned())]) };
    let mut builder = Builder { files: &files, zone: timeline.zone, phases: timeline.phases.clone(), problems };
    timeline.stages.extend(builder.stages(&days.stage));
    timeline.voting_days.extend(builder.voting_days(&days.voting_day, area));
    timeline.holidays.extend(builder.holidays(&days.holiday));
}

struct Builder<'a> {
    files: &'a Files,
    zone: Tz,
    phases: Vec<Phase>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Builder<'_> {
    fn wrong(&mut self, span: std::ops::Range<usize>, message: Text, help: Text) {
        let text = self.files.text(PATH).unwrap_or("");
        self.problems.push(Diagnostic::error(Code::Calendar, PATH, text, span, message).help(help));
    }

    fn date(&mut self, text: &Spanned<String>) -> Option<NaiveDate> {
        match text.get_ref().parse() {
            Ok(date) => Some(date),
            Err(_) => {
                let message = say("calendar-date").with("text", text.get_ref().as_str());
                self.wrong(text.span(), message, say("calendar-date-help"));
                None
            }
        }
    }

    fn phase(&mut self, word: &Spanned<String>) -> Option<PhaseId> {
        let index = self.phases.iter().position(|phase| phase.id.as_ref() == word.get_ref());
        if index.is_none() {
            let known: Vec<&str> = self.phases.iter().map(|phase| phase.id.as_ref()).collect();
            let problem = unknown_word(self.files, PATH, word, say("thing-phase"), &known);
            self.problems.push(problem);
        }
        index.and_then(|index| u8::try_from(index).ok()).map(PhaseId)
    }

    /// An instant; a date alone is its 00:00, or, as an end, that of the next day.
    fn instant(&mut self, text: &Spanned<String>, is_end: bool) -> Option<DateTime<Utc>> {
        let stated = text.get_ref();
        if let Ok(date) = stated.parse::<NaiveDate>() {
            let hours = hours_of(self.zone, date);
            return Some(if is_end { hours.end } else { hours.start });
        }
        let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(stated, form).ok());
        if local.is_none() {
            let message = say("calendar-instant").with("text", stated.as_str());
            self.wrong(text.span(), message, say("calendar-instant-help"));
        }
        local.map(|local| instant_in(self.zone, local))
    }

    fn calendar(&mut self, file: &CalendarFile) -> Calendar {
        let mut calendar = Calendar::default();
        let mut previous_end = None;
        for entry in &file.phases {
            let span = entry.get_ref();
            let (phase, from, until) =
                (self.phase(&span.phase), self.instant(&span.from, false), self.instant(&span.until, true));
            let (Some(from), Some(until)) = (from, until) else { continue };
            if until <= from {
                let message = say("calendar-backwards").with("phase", span.phase.get_ref().as_str());
                self.wrong(span.until.span(), message, say("calendar-backwards-help"));
            }
            if let Some(end) = previous_end.filter(|end| *end != from) {
                let message = if from > end { say("calendar-gap") } else { say("calendar-overlap") };
                let message = message.with("phase", span.phase.get_ref().as_str());
                self.wrong(span.from.span(), message, say("calendar-order-help"));
            }
            previous_end = Some(until);
            calendar.begins.extend(phase.map(|phase| (from, phase)));
        }
        if calendar.begins.is_empty() {
            self.problems.push(Diagnostic::file(Code::Calendar, PATH, say("calendar-empty")));
        }
        calendar
    }

    fn check_all_have_calendars(&mut self, head: &PackFile, by_kabupaten: &BTreeMap<String, Calendar>, pack: bool) {
        let missing =
            head.area.iter().map(|area| area.get_ref().as_str()).filter(|code| !by_kabupaten.contains_key(*code));
        let missing: Vec<String> = missing.map(str::to_owned).chain((!pack).then(|| "pack".to_owned())).collect();
        for code in missing {
            self.problems.push(
                Diagnostic::file(Code::Calendar, PATH, say("calendar-missing").with("code", code.as_str()))
                    .help(say("calendar-missing-help").with("code", code)),
            );
        }
    }

    fn stages(&mut self, stages: &[StageFile]) -> Vec<Stage> {
        stages
            .iter()
            .map(|stage| Stage {
                id: stage.id.clone(),
                name: stage.name.clone(),
                starts: stage.starts.as_ref().and_then(|text| self.instant(text, false)),
                ends: stage
                    .ends
                    .as_ref()
                    .and_then(|text| self.instant(text, true))
                    .map(|end| end - TimeDelta::milliseconds(1)),
                verified: stage.verified,
            })
            .collect()
    }

    fn holidays(&mut self, holidays: &[HolidayFile]) -> BTreeSet<NaiveDate> {
        holidays.iter().filter_map(|holiday| self.date(&holiday.date)).collect()
    }

    fn voting_days(&mut self, stated: &[VotingDayFile], area: &[String]) -> Vec<VotingDay> {
        let mut days = Vec::new();
        for day in stated {
            let (Some(date), Some(phase)) = (self.date(&day.date), self.phase(&day.phase)) else { continue };
            days.push(VotingDay {
                id: day.id.clone(),
                date,
                hours: hours_of(self.zone, date),
                phase,
                kabupaten: if day.kabupaten.is_empty() { area.to_vec() } else { day.kabupaten.clone() },
                kecamatan: day.kecamatan.clone(),
                tps: day.tps.clone(),
                ballots: day.ballots.clone(),
            });
        }
        days
    }
}
