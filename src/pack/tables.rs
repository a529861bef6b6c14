//! The pack's TOML and CSV files as they are written, and what each of them means.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use toml::Spanned;

use crate::record::schema::KindId;

/// `pack.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackFile {
    /// The pack's word.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// The election it is for.
    pub election: String,
    /// IANA name of the zone in which days begin.
    pub time_zone: Spanned<String>,
    /// Kabupaten codes it is responsible for.
    pub area: Vec<Spanned<String>>,
    /// How the whole area is called.
    #[serde(default)]
    pub area_name: Option<String>,
    /// Languages of its texts; the first is what people read.
    #[serde(default)]
    pub languages: Vec<String>,
    /// How many days a matter closed as a false alarm stays quiet.
    #[serde(default = "default_false_alarm_days")]
    pub false_alarm_days: u32,
    /// How many days records are kept, where that is decided: no rule looks back further.
    #[serde(default)]
    pub retention_days: Option<u32>,
    /// Reference lists by name.
    #[serde(default)]
    pub lists: BTreeMap<String, ListFile>,
}

fn default_false_alarm_days() -> u32 {
    14
}

/// What `pack.toml` says of one list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListFile {
    /// The column that is looked up.
    pub key: Spanned<String>,
    /// Columns that no condition may use.
    #[serde(default)]
    pub protected: Vec<String>,
}

/// `timeline.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimelineFile {
    /// Phases in the order of the election.
    pub phase: Vec<PhaseFile>,
    /// Stages.
    #[serde(default)]
    pub stage: Vec<StageFile>,
    /// Days of voting.
    #[serde(default)]
    pub voting_day: Vec<VotingDayFile>,
    /// Days without work.
    #[serde(default)]
    pub holiday: Vec<HolidayFile>,
    /// `pack`, and one for each kabupaten.
    pub calendar: BTreeMap<Spanned<String>, CalendarFile>,
}

/// What a scenario lays over `timeline.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysFile {
    /// Stages.
    #[serde(default)]
    pub stage: Vec<StageFile>,
    /// Days of voting.
    #[serde(default)]
    pub voting_day: Vec<VotingDayFile>,
    /// Days without work.
    #[serde(default)]
    pub holiday: Vec<HolidayFile>,
}

/// One phase.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseFile {
    /// Its word.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// One stage.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageFile {
    /// Its word.
    pub id: String,
    /// Its name.
    pub name: String,
    /// First day.
    pub starts: Option<Spanned<String>>,
    /// Last day.
    pub ends: Option<Spanned<String>>,
    /// Whether its dates were read in the source.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Where they were read.
    #[serde(default)]
    pub source: String,
}

/// One day of voting.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotingDayFile {
    /// Its word.
    pub id: String,
    /// The date.
    pub date: Spanned<String>,
    /// The phase on it.
    pub phase: Spanned<String>,
    /// Kabupaten codes; empty: the whole area.
    #[serde(default)]
    pub kabupaten: Vec<String>,
    /// Kecamatan codes.
    #[serde(default)]
    pub kecamatan: Vec<String>,
    /// Polling stations.
    #[serde(default)]
    pub tps: Vec<String>,
    /// Ballots.
    #[serde(default)]
    pub ballots: Vec<String>,
    /// Whether it was read in the source.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Where it was read.
    #[serde(default)]
    pub source: String,
}

/// One holiday.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayFile {
    /// The date.
    pub date: Spanned<String>,
    /// Its name.
    pub name: String,
    /// Whether it was read in the source.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Where it was read.
    #[serde(default)]
    pub source: String,
}

/// The phases of one kabupaten.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// In order, without gap.
    pub phases: Vec<Spanned<SpanFile>>,
}

/// One phase's days.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanFile {
    /// The phase's word.
    pub phase: Spanned<String>,
    /// First day, or first local minute.
    pub from: Spanned<String>,
    /// Last day, or the local minute at which it is over.
    pub until: Spanned<String>,
}

/// One threshold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdFile {
    /// Its value.
    pub default: Spanned<toml::Value>,
    /// What it counts.
    pub unit: String,
    /// Least sensible value.
    pub min: f64,
    /// Greatest sensible value.
    pub max: f64,
    /// What it means.
    pub meaning: String,
    /// Whether it rests on a source.
    #[serde(default = "yes")]
    pub verified: bool,
    /// By phase.
    #[serde(default)]
    pub phase: BTreeMap<Spanned<String>, Spanned<f64>>,
    /// By kabupaten.
    #[serde(default)]
    pub kabupaten: BTreeMap<Spanned<String>, Spanned<f64>>,
    /// By kabupaten, then phase.
    #[serde(default)]
    pub kabupaten_phase: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<f64>>>,
}

/// `agencies.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgenciesFile {
    /// Roles.
    pub role: Vec<RoleFile>,
    /// Agencies.
    pub agency: Vec<AgencyFile>,
}

/// One role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleFile {
    /// Its word.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// One agency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyFile {
    /// Its word.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its roles.
    pub roles: Vec<Spanned<String>>,
    /// Where it is responsible.
    pub kabupaten: Vec<Spanned<String>>,
    /// Whether it was read in the source.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Where it was read.
    #[serde(default)]
    pub source: String,
    /// What it may see.
    #[serde(default)]
    pub sees: Vec<SightFile>,
}

/// One group of fields that an agency may see.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SightFile {
    /// The group's word.
    pub group: Spanned<String>,
    /// The citation that allows it.
    pub basis: Spanned<String>,
}

/// `legal.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalFile {
    /// Citations.
    pub citation: Vec<CitationFile>,
}

/// One citation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitationFile {
    /// Its word.
    pub id: String,
    /// Its text.
    pub text: String,
    /// First day in force.
    pub valid_from: Spanned<String>,
    /// Last day in force.
    pub valid_until: Option<Spanned<String>>,
    /// The citations that it takes the place of.
    #[serde(default)]
    pub replaces: Vec<Spanned<String>>,
    /// Whether it was read in the source.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Where it was read.
    #[serde(default)]
    pub source: String,
}

/// `sources.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcesFile {
    /// Sources.
    pub source: Vec<SourceFile>,
}

/// What is expected of one source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// Its word.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The kinds that it sends.
    pub kinds: Vec<Spanned<String>>,
    /// Its usual gap, in hours.
    pub usual_gap_hours: f64,
    /// The agency to ask when it is silent.
    pub ask: Spanned<String>,
}

/// `fields.toml`, which a pack may have: what its records say beyond the schema.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldsFile {
    /// More fields.
    #[serde(default)]
    pub field: Vec<FieldFile>,
    /// More kinds.
    #[serde(default)]
    pub kind: Vec<KindFile>,
}

/// One field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldFile {
    /// `section.name`.
    pub path: Spanned<String>,
    /// `bool`, `int`, `number`, `text` or `time`.
    #[serde(rename = "type")]
    pub ty: Spanned<String>,
    /// The group by which agencies may see it.
    pub group: Spanned<String>,
    /// Whether no condition may read it.
    pub protected: bool,
}

/// One kind of record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindFile {
    /// Its name.
    pub name: Spanned<String>,
    /// Fields or sections that it has to state; `a|b` asks for one of two.
    #[serde(default)]
    pub requires: Vec<String>,
}

fn yes() -> bool {
    true
}

/// One agency and what it may see.
#[derive(Clone, Debug)]
pub struct Agency {
    /// Its word.
    pub id: Arc<str>,
    /// Its name.
    pub name: String,
    /// Its roles.
    pub roles: Vec<Arc<str>>,
    /// Where it is responsible.
    pub kabupaten: Vec<String>,
    /// Groups of fields that it may see.
    pub sees: Vec<crate::record::schema::Group>,
    /// Whether it was read in a named source.
    pub verified: bool,
}

/// One citation.
#[derive(Clone, Debug)]
pub struct Citation {
    /// Its word.
    pub id: Arc<str>,
    /// Its text.
    pub text: String,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force.
    pub valid_until: Option<NaiveDate>,
    /// The citations that it takes the place of.
    pub replaces: Vec<Arc<str>>,
    /// Whether it was read in a named source.
    pub verified: bool,
}

impl Citation {
    /// Whether it is in force on a date.
    pub fn in_force(&self, on: NaiveDate) -> bool {
        self.valid_from <= on && self.valid_until.is_none_or(|until| on <= until)
    }

    /// The text for people; what was not read in a named source says so.
    pub fn words(&self) -> String {
        if self.verified { self.text.clone() } else { format!("{} (belum diverifikasi)", self.text) }
    }
}

/// What is expected of one source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its word.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The agency to ask when it is silent.
    pub ask: String,
    /// The kinds that it sends.
    pub kinds: Vec<KindId>,
    /// How long it usually is between its records, nil reports among them, in hours.
    pub usual_gap_hours: f64,
}

/// A source that sends nothing for so many times its usual gap is silent.
const SILENT_GAPS: f64 = 3.0;

impl Source {
    /// Whether it has sent nothing for far longer than usual.
    pub fn is_silent(&self, last: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        (now - last).as_seconds_f64() > self.usual_gap_hours * SILENT_GAPS * 3_600.0
    }
}
