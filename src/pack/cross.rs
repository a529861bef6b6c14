//! Checks across the pack's files: names that must be known, what agencies may see, laws in force.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use toml::Spanned;

use crate::record::reject::Rejection;
use crate::record::schema::{Group, KindId, Schema};
use crate::timeline::{PhaseId, Timeline};

use super::diagnostic::{Code, Diagnostic};
use super::files::Files;
use super::refusal::refusal;
use super::rule::{Rule, RuleTest};
use super::script::Script;
use super::tables::{AgenciesFile, Agency, Citation, LegalFile, PackFile, Source, SourcesFile, ThresholdFile};
use super::thresholds::Threshold;
use super::unknown_word;
use crate::words::{Text, say};

/// How many sets of citations are remembered with what they cover; packs have some dozens.
const MAX_COVERED: usize = 1_000;

/// Thresholds from `thresholds.toml`.
pub fn thresholds(
    files: &Files,
    file: BTreeMap<Spanned<String>, ThresholdFile>,
    timeline: &Timeline,
    head: &PackFile,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Threshold> {
    file.into_iter().map(|(name, file)| threshold(files, name.into_inner(), file, timeline, head, problems)).collect()
}

fn threshold(
    files: &Files,
    name: String,
    file: ThresholdFile,
    timeline: &Timeline,
    head: &PackFile,
    problems: &mut Vec<Diagnostic>,
) -> Threshold {
    const PATH: &str = "thresholds.toml";
    let words: Vec<&str> = timeline.phases.iter().map(|phase| phase.id.as_ref()).collect();
    let codes: Vec<&str> = head.area.iter().map(|code| code.get_ref().as_str()).collect();
    let mut phase_of = |word: &Spanned<String>| -> Option<PhaseId> {
        let id = timeline.phase_id(word.get_ref());
        if id.is_none() {
            problems.push(unknown_word(files, PATH, word, say("thing-phase"), &words));
        }
        id
    };
    let by_phase = |map: &BTreeMap<Spanned<String>, Spanned<f64>>,
                    phase_of: &mut dyn FnMut(&Spanned<String>) -> Option<PhaseId>| {
        map.iter().filter_map(|(word, value)| Some((phase_of(word)?, *value.get_ref()))).collect::<BTreeMap<_, _>>()
    };
    let phase = by_phase(&file.phase, &mut phase_of);
    let mut kabupaten_phase = BTreeMap::new();
    for (code, map) in &file.kabupaten_phase {
        for (phase, value) in by_phase(map, &mut phase_of) {
            kabupaten_phase.insert((code.get_ref().clone(), phase), value);
        }
    }
    for code in file.kabupaten.keys().chain(file.kabupaten_phase.keys()) {
        if !codes.contains(&code.get_ref().as_str()) {
            problems.push(unknown_word(files, PATH, code, say("thing-kabupaten"), &codes));
        }
    }
    let stated_default = file.default.get_ref();
    let whole = stated_default.is_integer();
    #[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
    let default =
        stated_default.as_float().or_else(|| stated_default.as_integer().map(|n| n as f64)).unwrap_or(f64::NAN);
    let kabupaten = file.kabupaten.iter().map(|(code, value)| (code.get_ref().clone(), *value.get_ref())).collect();
    let overrides = file.phase.values().chain(file.kabupaten.values());
    let overrides = overrides.chain(file.kabupaten_phase.values().flat_map(BTreeMap::values));
    let stated = overrides.map(|value| (*value.get_ref(), value.span())).chain([(default, file.default.span())]);
    for (value, span) in stated {
        let message = if value.is_nan() {
            say("table-threshold-number").with("name", name.as_str())
        } else if !(file.min..=file.max).contains(&value) {
            say("table-threshold-range")
                .with("name", name.as_str())
                .with("value", value.to_string())
                .with("min", file.min.to_string())
                .with("max", file.max.to_string())
        } else if whole && value.fract() != 0.0 {
            say("table-threshold-whole").with("name", name.as_str()).with("value", value.to_string())
        } else {
            continue;
        };
        let text = files.text(PATH).unwrap_or("");
        problems.push(Diagnostic::error(Code::Table, PATH, text, span, message).help(say("table-threshold-help")));
    }
    Threshold {
        unit: file.unit,
        meaning: file.meaning,
        min: file.min,
        max: file.max,
        whole,
        default,
        phase,
        kabupaten,
        kabupaten_phase,
        name,
    }
}

/// Citations from `legal.toml`.
pub fn citations(files: &Files, file: LegalFile, problems: &mut Vec<Diagnostic>) -> Vec<Citation> {
    const PATH: &str = "legal.toml";
    let text = files.text(PATH).unwrap_or("");
    let mut date = |stated: &Spanned<String>| -> Option<NaiveDate> {
        let parsed = stated.get_ref().parse().ok();
        if parsed.is_none() {
            problems.push(
                Diagnostic::error(
                    Code::Calendar,
                    PATH,
                    text,
                    stated.span(),
                    say("calendar-date").with("text", stated.get_ref().as_str()),
                )
                .help(say("calendar-date-help")),
            );
        }
        parsed
    };
    let ids: Vec<String> = file.citation.iter().map(|citation| citation.id.clone()).collect();
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let replaced = file.citation.iter().flat_map(|citation| &citation.replaces);
    let unknown = replaced.filter(|id| !known.contains(&id.get_ref().as_str()));
    let unknown: Vec<Diagnostic> =
        unknown.map(|id| unknown_word(files, PATH, id, say("thing-citation"), &known)).collect();
    let citations = file
        .citation
        .into_iter()
        .filter_map(|citation| {
            Some(Citation {
                valid_from: date(&citation.valid_from)?,
                valid_until: match &citation.valid_until {
                    Some(until) => Some(date(until)?),
                    None => None,
                },
                replaces: citation.replaces.iter().map(|id| Arc::from(id.get_ref().as_str())).collect(),
                id: Arc::from(citation.id),
                text: citation.text,
                verified: citation.verified,
            })
        })
        .collect();
    problems.extend(unknown);
    citations
}

/// Role words and agencies from `agencies.toml`.
pub fn agencies(
    files: &Files,
    file: AgenciesFile,
    citations: &[Citation],
    head: &PackFile,
    problems: &mut Vec<Diagnostic>,
) -> (Vec<String>, Vec<Agency>) {
    const PATH: &str = "agencies.toml";
    let roles: Vec<String> = file.role.into_iter().map(|role| role.id).collect();
    let role_words: Vec<&str> = roles.iter().map(String::as_str).collect();
    let groups: Vec<&str> = Group::ALL.iter().map(|(_, word)| *word).collect();
    let laws: Vec<&str> = citations.iter().map(|citation| citation.id.as_ref()).collect();
    let codes: Vec<&str> = head.area.iter().map(|code| code.get_ref().as_str()).collect();
    let mut check = |word: &Spanned<String>, what: Text, known: &[&str]| {
        if !known.contains(&word.get_ref().as_str()) {
            problems.push(unknown_word(files, PATH, word, what, known));
        }
    };
    let mut agencies = Vec::new();
    for agency in file.agency {
        agency.roles.iter().for_each(|role| check(role, say("thing-role"), &role_words));
        agency.kabupaten.iter().for_each(|code| check(code, say("thing-kabupaten"), &codes));
        for sight in &agency.sees {
            check(&sight.group, say("thing-group"), &groups);
            check(&sight.basis, say("thing-citation"), &laws);
        }
        let sees = agency
            .sees
            .iter()
            .map(|sight| Group::ALL.iter().find(|(_, word)| word == sight.group.get_ref()).map(|(group, _)| *group));
        // where one is misspelt nobody knows which are missing: that is said, and no rule is blamed for it
        let sees: Option<Vec<Group>> = sees.collect();
        agencies.push(Agency {
            sees: sees.unwrap_or_else(|| Group::ALL.map(|(group, _)| group).to_vec()),
            id: Arc::from(agency.id),
            name: agency.name,
            roles: agency.roles.iter().map(|role| Arc::from(role.get_ref().as_str())).collect(),
            kabupaten: agency.kabupaten.into_iter().map(Spanned::into_inner).collect(),
            verified: agency.verified,
        });
    }
    (roles, agencies)
}

/// Sources from `sources.toml`.
pub fn sources(
    files: &Files,
    file: SourcesFile,
    schema: &Schema,
    agencies: &[Agency],
    problems: &mut Vec<Diagnostic>,
) -> Vec<Source> {
    const PATH: &str = "sources.toml";
    let kinds: Vec<&str> = schema.kinds().iter().map(|kind| kind.name.as_ref()).collect();
    let known: Vec<&str> = agencies.iter().map(|agency| agency.id.as_ref()).collect();
    let mut sources = Vec::new();
    for source in file.source {
        for kind in source.kinds.iter().filter(|kind| !kinds.contains(&kind.get_ref().as_str())) {
            problems.push(unknown_word(files, PATH, kind, say("thing-kind"), &kinds));
        }
        if !known.contains(&source.ask.get_ref().as_str()) {
            problems.push(unknown_word(files, PATH, &source.ask, say("thing-agency"), &known));
        }
        let kinds = source.kinds.iter().filter_map(|kind| schema.kind_id(kind.get_ref())).collect();
        let usual_gap_hours = source.usual_gap_hours;
        sources.push(Source { id: source.id, name: source.name, ask: source.ask.into_inner(), kinds, usual_gap_hours });
    }
    sources
}

/// What rules are held against beside the words they may use.
#[derive(Clone, Copy)]
pub struct Across<'a> {
    /// The calendar.
    pub timeline: &'a Timeline,
    /// The citations by id.
    pub citations: &'a HashMap<&'a str, &'a Citation>,
    /// The kinds that some source sends.
    pub sent: &'a BTreeSet<KindId>,
    /// How long records are kept, where that is decided.
    pub retention: Option<TimeDelta>,
}

/// That a record of a test is one that intake would not take: it shows nothing.
pub fn refused(script: &Script<'_>, test: &RuleTest, index: usize, fault: &Rejection) -> Diagnostic {
    let (what, help) = refusal(fault);
    let help = help.unwrap_or_else(|| say("test-quarantined-help"));
    let message =
        say("test-quarantined").with("record", index + 1).with("pointer", fault.pointer.as_str()).with("reason", what);
    script.error(Code::Tests, test.at, message).help(help)
}

/// Whether the tests show a case that fires and one that does not.
pub fn check_tests(script: &Script<'_>, tests: &[RuleTest], problems: &mut Vec<Diagnostic>) {
    let firing = tests.iter().any(|test| !test.fires.is_empty());
    let silent = tests.iter().any(|test| test.fires.is_empty());
    if firing && silent {
        return;
    }
    let missing = if firing { say("test-none-silent") } else { say("test-none-firing") };
    let at = script.key("tests").map_or(script.id_at, |key| key.at);
    problems.push(script.error(Code::Tests, at, missing).help(say("test-none-help")));
}

/// Whether a citation of a rule is in force whenever it runs, as others with the same citations and phases showed.
#[derive(Debug, Default)]
pub struct Covered(HashMap<Arc<[Arc<str>]>, ByPhases>);

/// What is known of rules with the same citations, by the phases in which they run.
type ByPhases = HashMap<Vec<bool>, Option<Uncovered>>;

/// The first day on which a rule runs and no citation of it is in force, and the phase then.
type Uncovered = (NaiveDate, PhaseId);

impl Covered {
    /// Checks a rule.
    pub fn check(&mut self, across: Across<'_>, script: &Script<'_>, rule: &Rule, problems: &mut Vec<Diagnostic>) {
        let known = self.0.get(rule.basis.as_ref()).and_then(|by_phases| by_phases.get(rule.phases.as_slice()));
        let uncovered = known.copied().unwrap_or_else(|| {
            let found = across.uncovered(rule);
            if self.0.len() < MAX_COVERED {
                self.0.entry(rule.basis.clone()).or_default().insert(rule.phases.clone(), found);
            }
            found
        });
        if let Some((day, phase)) = uncovered {
            let at = script.key("basis").map_or(script.id_at, |key| key.at);
            let message =
                say("citation-none").with("day", day.to_string()).with("phase", across.timeline.phase_word(phase));
            problems.push(script.error(Code::Citation, at, message).help(say("citation-none-help")));
        }
    }
}

impl Across<'_> {
    fn uncovered(self, rule: &Rule) -> Option<Uncovered> {
        let calendar = &self.timeline.whole_area.begins;
        let laws = rule.basis.iter().filter_map(|id| self.citations.get(id.as_ref()).copied());
        let laws: Vec<&Citation> = laws.collect();
        calendar.iter().enumerate().filter(|(_, (_, phase))| rule.is_active_in(*phase)).find_map(
            |(index, (begin, phase))| {
                let first = self.timeline.date(*begin);
                let last = calendar
                    .get(index + 1)
                    .map_or(first, |(next, _)| self.timeline.date(*next - TimeDelta::milliseconds(1)));
                let mut days = days_of_change(first, last, &laws).into_iter();
                days.find(|day| !laws.iter().any(|law| law.in_force(*day))).map(|day| (day, *phase))
            },
        )
    }
}

/// The days within a span on which the set of laws in force can change.
fn days_of_change(first: NaiveDate, last: NaiveDate, laws: &[&Citation]) -> BTreeSet<NaiveDate> {
    let changes =
        laws.iter().flat_map(|law| [Some(law.valid_from), law.valid_until.and_then(|until| until.succ_opt())]);
    changes.flatten().filter(|day| (first..=last).contains(day)).chain([first]).collect()
}
