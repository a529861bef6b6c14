//! Checks across the pack's files: names that must be known, what agencies may see, laws in force.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use toml::Spanned;

use crate::record::parse::{Received, parse};
use crate::record::schema::{Group, Schema};
use crate::timeline::{PhaseId, Timeline};

use super::Pack;
use super::diagnostic::{Code, Diagnostic};
use super::files::Files;
use super::rule::{Rule, Status};
use super::script::Script;
use super::tables::{AgenciesFile, Agency, Citation, LegalFile, PackFile, Source, SourcesFile, ThresholdFile};
use super::thresholds::Threshold;
use super::unknown_word;

/// Thresholds from `thresholds.toml`.
pub fn thresholds(
    files: &Files,
    file: BTreeMap<String, ThresholdFile>,
    timeline: &Timeline,
    head: &PackFile,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Threshold> {
    file.into_iter().map(|(name, file)| threshold(files, name, file, timeline, head, problems)).collect()
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
            problems.push(unknown_word(files, PATH, word, "phase", &words));
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
            problems.push(unknown_word(files, PATH, code, "kabupaten", &codes));
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
        let message = if !(file.min..=file.max).contains(&value) {
            format!("`{name}` is set to {value}, outside {} to {}", file.min, file.max)
        } else if whole && value.fract() != 0.0 {
            format!("`{name}` is set to {value}, and its `default` is a whole number")
        } else {
            continue;
        };
        let text = files.text(PATH).unwrap_or("");
        problems.push(
            Diagnostic::error(Code::Table, PATH, text, span, message)
                .help("every value lies between `min` and `max`, and is whole where `default` is"),
        );
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
                    format!("`{}` is not a date", stated.get_ref()),
                )
                .help("write it as YYYY-MM-DD"),
            );
        }
        parsed
    };
    file.citation
        .into_iter()
        .filter_map(|citation| {
            Some(Citation {
                valid_from: date(&citation.valid_from)?,
                valid_until: match &citation.valid_until {
                    Some(until) => Some(date(until)?),
                    None => None,
                },
                id: Arc::from(citation.id),
                text: citation.text,
                verified: citation.verified,
            })
        })
        .collect()
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
    let mut check = |word: &Spanned<String>, what: &str, known: &[&str]| {
        if !known.contains(&word.get_ref().as_str()) {
            problems.push(unknown_word(files, PATH, word, what, known));
        }
    };
    let mut agencies = Vec::new();
    for agency in file.agency {
        agency.roles.iter().for_each(|role| check(role, "role", &role_words));
        agency.kabupaten.iter().for_each(|code| check(code, "kabupaten", &codes));
        for sight in &agency.sees {
            check(&sight.group, "group of fields", &groups);
            check(&sight.basis, "citation", &laws);
        }
        let sees = agency.sees.iter().filter_map(|sight| {
            Group::ALL.iter().find(|(_, word)| word == sight.group.get_ref()).map(|(group, _)| *group)
        });
        agencies.push(Agency {
            sees: sees.collect(),
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
            problems.push(unknown_word(files, PATH, kind, "record kind", &kinds));
        }
        if !known.contains(&source.ask.get_ref().as_str()) {
            problems.push(unknown_word(files, PATH, &source.ask, "agency", &known));
        }
        sources.push(Source { id: source.id, name: source.name, ask: source.ask.into_inner() });
    }
    sources
}

/// What is wrong with rules in view of the whole pack.
pub fn check_rules(scripts: &[Script], pack: &Pack, problems: &mut Vec<Diagnostic>) {
    for rule in pack.rules.iter().filter(|rule| rule.status != Status::Draft) {
        if let Some(script) = scripts.iter().find(|script| script.path == rule.file) {
            check_tests(script, rule, problems);
            check_test_records(script, pack, rule, problems);
            check_citations(script, pack, rule, problems);
        }
    }
}

/// A record that intake would not take shows nothing in a test.
fn check_test_records(script: &Script, pack: &Pack, rule: &Rule, problems: &mut Vec<Diagnostic>) {
    for test in &rule.tests {
        for (index, record) in test.records.iter().enumerate() {
            let Err(faults) = parse(&pack.schema, record, Received::Stated, pack.timeline.zone) else { continue };
            let Some(fault) = faults.first() else { continue };
            let (what, help) = fault.detail.split_once("; help: ").unwrap_or((&fault.detail, "see `siaga schema`"));
            let words = format!("record {} of the test would be quarantined, `{}`: {what}", index + 1, fault.pointer);
            problems.push(script.error(Code::Tests, test.at, words).help(help));
        }
    }
}

fn check_tests(script: &Script, rule: &Rule, problems: &mut Vec<Diagnostic>) {
    let firing = rule.tests.iter().any(|test| !test.fires.is_empty());
    let silent = rule.tests.iter().any(|test| test.fires.is_empty());
    if firing && silent {
        return;
    }
    let missing = if firing { "silent" } else { "firing" };
    let at = script.key("tests").map_or(script.id_at, |key| key.at);
    problems.push(
        script
            .error(Code::Tests, at, format!("the rule has no {missing} test"))
            .help("every rule shows one case that fires and one that does not, or is `status: \"draft\"`"),
    );
}

fn check_citations(script: &Script, pack: &Pack, rule: &Rule, problems: &mut Vec<Diagnostic>) {
    let calendar = &pack.timeline.whole_area.begins;
    let laws: Vec<&Citation> = rule.basis.iter().filter_map(|id| pack.citation(id)).collect();
    for (index, (begin, phase)) in calendar.iter().enumerate() {
        if !rule.is_active_in(*phase) {
            continue;
        }
        let first = pack.timeline.date(*begin);
        let last = calendar
            .get(index + 1)
            .map_or(first, |(next, _)| pack.timeline.date(*next - chrono::TimeDelta::milliseconds(1)));
        let uncovered =
            days_of_change(first, last, &laws).into_iter().find(|day| !laws.iter().any(|law| law.in_force(*day)));
        if let Some(day) = uncovered {
            let at = script.key("basis").map_or(script.id_at, |key| key.at);
            let words = format!("no citation is in force on {day}, in phase `{}`", pack.timeline.phase_word(*phase));
            problems.push(
                script
                    .error(Code::Citation, at, words)
                    .help("add the citation that holds then, or leave the phase out"),
            );
            return;
        }
    }
}

/// The days within a span on which the set of laws in force can change.
fn days_of_change(first: NaiveDate, last: NaiveDate, laws: &[&Citation]) -> BTreeSet<NaiveDate> {
    let changes =
        laws.iter().flat_map(|law| [Some(law.valid_from), law.valid_until.and_then(|until| until.succ_opt())]);
    changes.flatten().filter(|day| (first..=last).contains(day)).chain([first]).collect()
}
