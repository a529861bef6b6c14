//! A pack as a catalogue for people: every rule with its why, its conditions, its law, its numbers; Markdown or one page.

use std::collections::BTreeSet;

use askama::Template;

use crate::alert::Severity;
use crate::record::region;

use super::Pack;
use super::expr::{Node, ThresholdId};
use super::files::Files;
use super::rule::{Rule, Status};
use super::script::{self, Script};
use super::tables::Citation;
use super::thresholds::Threshold;

/// The form of a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Markdown.
    Markdown,
    /// One HTML page that needs nothing else.
    Html,
}

/// The catalogue of a pack; `files` are those that it was loaded from, its rules too.
///
/// # Errors
/// The template cannot be filled.
pub fn catalogue(pack: &Pack, files: &Files, form: Form) -> Result<String, askama::Error> {
    let contents = Contents {
        title: &pack.title,
        rules: pack.rules.iter().map(|rule| page(pack, rule, files.text(&rule.file).unwrap_or(""))).collect(),
        thresholds: pack.thresholds.all().iter().map(|threshold| number(pack, threshold)).collect(),
        laws: pack.citations.iter().map(law).collect(),
    };
    match form {
        Form::Markdown => Markdown { contents }.render(),
        Form::Html => Html { contents }.render(),
    }
}

/// One rule of a pack as the catalogue has it, in Markdown.
///
/// # Errors
/// The template cannot be filled.
pub fn rule(pack: &Pack, files: &Files, rule: &Rule) -> Result<String, askama::Error> {
    Chapter { page: &page(pack, rule, files.text(&rule.file).unwrap_or("")) }.render()
}

#[derive(Template)]
#[template(path = "pack/templates/rule.md", escape = "none")]
struct Chapter<'a> {
    page: &'a RulePage<'a>,
}

#[derive(Template)]
#[template(path = "pack/templates/catalogue.md", escape = "none")]
struct Markdown<'a> {
    contents: Contents<'a>,
}

#[derive(Template)]
#[template(path = "pack/templates/catalogue.html")]
struct Html<'a> {
    contents: Contents<'a>,
}

struct Contents<'a> {
    title: &'a str,
    rules: Vec<RulePage<'a>>,
    thresholds: Vec<Number<'a>>,
    laws: Vec<Law<'a>>,
}

/// All that people may want to know of a rule.
struct RulePage<'a> {
    rule: &'a Rule,
    status: &'static str,
    per: &'static str,
    kinds: String,
    /// Each phase in the order of the election with the severity, or a dash.
    severities: Vec<(&'a str, &'static str)>,
    /// Keys of the rule with what its author wrote.
    written: Vec<(&'static str, String)>,
    messages: Vec<(String, String)>,
    numbers: Vec<Number<'a>>,
    laws: Vec<Law<'a>>,
    tests: Vec<String>,
}

struct Number<'a> {
    name: &'a str,
    unit: &'a str,
    meaning: &'a str,
    values: String,
    bounds: String,
}

struct Law<'a> {
    id: &'a str,
    text: String,
    validity: String,
}

impl RulePage<'_> {
    /// The roles that it asks.
    fn roles(&self) -> String {
        self.messages.iter().map(|(role, _)| role.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The severities that it has, the most urgent first.
    fn range(&self) -> String {
        let mut words: Vec<&str> =
            self.severities.iter().map(|(_, word)| *word).filter(|word| word.starts_with("siaga")).collect();
        words.sort_unstable();
        words.dedup();
        words.join(", ")
    }
}

fn page<'a>(pack: &'a Pack, rule: &'a Rule, text: &str) -> RulePage<'a> {
    let script = script::parse(&rule.file, text, &mut Vec::new());
    let written = |key: &str| script.as_ref().map(|script| said(script, key)).unwrap_or_default();
    let keys = ["values", "when", "deadline", "unless", "each", "steps", "once_per", "area", "suppresses"];
    let basis = rule.basis.iter().filter_map(|id| pack.citation(id));
    RulePage {
        rule,
        status: match rule.status {
            Status::Stable => "berlaku",
            Status::Shadow => "bayangan: dinilai dan dihitung, tidak dikirim",
            Status::Draft => "rancangan: belum dinilai",
            Status::Stopped => "dihentikan: berulang kali gagal dinilai",
        },
        per: rule.per.word(),
        kinds: rule.on.iter().map(|kind| pack.schema.kind_name(*kind)).collect::<Vec<_>>().join(", "),
        severities: severities(pack, rule),
        written: keys.into_iter().map(|key| (key, written(key))).filter(|(_, text)| !text.is_empty()).collect(),
        messages: messages(rule, script.as_ref()),
        numbers: numbers(pack, rule),
        laws: basis.map(law).collect(),
        tests: super::testing::tests_of(pack, rule)
            .map(|tests| tests.into_iter().map(|test| test.name).collect())
            .unwrap_or_default(),
    }
}

fn severities<'a>(pack: &'a Pack, rule: &Rule) -> Vec<(&'a str, &'static str)> {
    let of_phase = |(active, severity): (&bool, &Severity)| match severity {
        _ if !active => "–",
        Severity::Silent => "dicatat saja",
        severity => severity.word(),
    };
    let names = pack.timeline.phases.iter().map(|phase| phase.name.as_str());
    names.zip(rule.phases.iter().zip(&rule.severity).map(of_phase)).collect()
}

/// What the author wrote for a key, without what lines of it have in common at their start.
fn said(script: &Script<'_>, key: &str) -> String {
    let Some(key) = script.key(key) else { return String::new() };
    let text = script.written(&key.value);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let common = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or("").to_owned();
    lines.fold(first, |text, line| {
        text + "\n" + line.get(common.saturating_sub(2)..).unwrap_or_else(|| line.trim_start())
    })
}

/// What each role is told, with the places of values marked.
fn messages(rule: &Rule, script: Option<&Script<'_>>) -> Vec<(String, String)> {
    let Some(script) = script else { return Vec::new() };
    let shown = |text: &str| text.trim_matches('`').replace("${", "⟨").replace('}', "⟩");
    let by_role = script.key("notify").map(|key| script.written(&key.value)).filter(|text| text.starts_with("#{"));
    let one = || shown(&said(script, "message"));
    match by_role {
        None => rule.notify.iter().map(|message| (message.role.to_string(), one())).collect(),
        Some(map) => {
            rule.notify.iter().map(|message| (message.role.to_string(), shown(of_role(map, &message.role)))).collect()
        }
    }
}

/// The template of one role in a map of them.
fn of_role<'m>(map: &'m str, role: &str) -> &'m str {
    let after = map.split_once(&format!("{role}:")).or_else(|| map.split_once(&format!("\"{role}\":")));
    after.and_then(|(_, rest)| rest.split('`').nth(1)).unwrap_or("")
}

fn numbers<'a>(pack: &'a Pack, rule: &Rule) -> Vec<Number<'a>> {
    let mut read: BTreeSet<ThresholdId> = BTreeSet::new();
    let mut see = |node: &Node| {
        node.walk(&mut |node| {
            if let Node::Threshold(id) = node {
                read.insert(*id);
            }
        });
    };
    rule.when.iter().for_each(|conjunct| see(&conjunct.node));
    rule.values.iter().for_each(|(_, node)| see(node));
    rule.notify.iter().for_each(|message| see(&message.text));
    if let Some(deadline) = &rule.deadline {
        see(&deadline.due);
        deadline.unless.iter().for_each(|answer| see(&answer.node));
    }
    read.into_iter().filter_map(|id| pack.thresholds.get(id)).map(|threshold| number(pack, threshold)).collect()
}

fn number<'a>(pack: &Pack, threshold: &'a Threshold) -> Number<'a> {
    let phase = |id| pack.timeline.phase(id).map_or("", |phase| phase.name.as_str());
    let place = |code: &String| region::kabupaten_name(code).map_or_else(|| code.clone(), str::to_owned);
    let by_phase = threshold.phase.iter().map(|(id, value)| format!("{}: {value}", phase(*id)));
    let by_place = threshold.kabupaten.iter().map(|(code, value)| format!("{}: {value}", place(code)));
    let by_both = threshold.kabupaten_phase.iter();
    let by_both = by_both.map(|((code, id), value)| format!("{}, {}: {value}", place(code), phase(*id)));
    let values: Vec<String> = by_phase.chain(by_place).chain(by_both).collect();
    Number {
        name: &threshold.name,
        unit: &threshold.unit,
        meaning: &threshold.meaning,
        values: match values.is_empty() {
            true => threshold.default.to_string(),
            false => format!("{} ({})", threshold.default, values.join("; ")),
        },
        bounds: format!("{} s.d. {}", threshold.min, threshold.max),
    }
}

fn law(citation: &Citation) -> Law<'_> {
    let from = citation.valid_from;
    Law {
        id: &citation.id,
        text: citation.words(),
        validity: match citation.valid_until {
            Some(until) => format!("{from} s.d. {until}"),
            None => format!("sejak {from}"),
        },
    }
}
