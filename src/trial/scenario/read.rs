//! Scenario files as they are written; everything that is wrong with them is found at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use toml::Spanned;
use toml::de::DeTable;

use crate::entry::ThresholdChange;
use crate::pack::Pack;
use crate::pack::diagnostic::{self, Code, Diagnostic, line_and_column};
use crate::pack::files::Files;
use crate::pack::tables::DaysFile;
use crate::pack::{calendar, toml_file};
use crate::timeline::Timeline;
use crate::words::{Language, say};

use super::node::{Node, Values, head, under};
use super::{Does, Scenario, Step};

const KEYS: [&str; 4] = ["title", "thresholds", "timeline", "step"];
const STEP_KEYS: [&str; 7] = ["records", "record", "advance_to", "thresholds", "act", "at", "expect"];
/// What a step can do, by its key; `record` is how `records` are written as tables of their own.
const DOES: [&str; 5] = ["records", "record", "advance_to", "thresholds", "act"];

/// What was read of a pack's scenario files.
#[derive(Debug)]
pub struct Scenarios {
    /// Those that are right, by id.
    pub scenarios: Vec<Scenario>,
    /// What is wrong with others, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for drawing the diagnostics.
    pub files: Files,
}

impl Scenarios {
    /// The diagnostics, drawn for a terminal.
    pub fn render(&self, language: Language, color: bool) -> String {
        diagnostic::render(&self.diagnostics, &self.files.texts, &self.files.root, language, color)
    }
}

/// Reads the scenario files that lie with a pack.
pub fn of_pack(pack: &Pack) -> Scenarios {
    match pack.folder.as_deref().map_or_else(|| Ok(Files::built_in_scenarios()), Files::scenarios) {
        Ok(files) => read(pack, files),
        Err(problem) => {
            let root = pack.folder.as_deref().map_or_else(String::new, |folder| folder.display().to_string());
            let files = Files { root, texts: BTreeMap::new() };
            Scenarios { scenarios: Vec::new(), diagnostics: vec![*problem], files }
        }
    }
}

/// Reads a pack's scenario files.
pub fn read(pack: &Pack, files: Files) -> Scenarios {
    let mut scenarios = Vec::new();
    let mut diagnostics = Vec::new();
    for (path, text) in &files.texts {
        let values = Values { pack, path, text, problems: Vec::new() };
        let mut reader = Reader { values, now: None, records: 0, ids: BTreeSet::new(), mentioned: Vec::new() };
        let scenario = reader.file();
        let problems = reader.values.problems;
        scenarios.extend(scenario.filter(|_| problems.is_empty()));
        diagnostics.extend(problems);
    }
    diagnostic::tidy(&mut diagnostics);
    Scenarios { scenarios, diagnostics, files }
}

/// Reads one file.
pub(super) struct Reader<'a> {
    pub(super) values: Values<'a>,
    /// Where virtual time stands.
    now: Option<DateTime<Utc>>,
    records: usize,
    /// How the records so far can be named.
    ids: BTreeSet<String>,
    /// How records are named, and where.
    pub(super) mentioned: Vec<(Range<usize>, String)>,
}

impl Reader<'_> {
    fn file(&mut self) -> Option<Scenario> {
        // what is left of a file that is no TOML would only mislead
        let table = toml_file::parse(self.values.text).map_err(|found| self.values.mistakes(found)).ok()?;
        let table = table.get_ref();
        self.values.keys(table, &KEYS);
        let title = match under(table, "title") {
            Some(node) => self.values.word(node),
            None => self.values.wrong(Code::Table, 0..0, say("scenario-no-title"), None),
        };
        let thresholds = under(table, "thresholds").and_then(|node| self.thresholds(node)).unwrap_or_default();
        let timeline = under(table, "timeline").and_then(|node| self.timeline(node));
        let steps = self.steps(table);
        self.check_mentioned();
        let file = self.values.path.to_owned();
        let id = file.split_once('/').map_or(file.as_str(), |(_, below)| below);
        let id = id.strip_suffix(".toml").unwrap_or(id).to_owned();
        Some(Scenario { id, title: title?.to_owned(), thresholds, timeline, steps: steps?, file })
    }

    fn steps(&mut self, table: &DeTable<'_>) -> Option<Vec<Step>> {
        let Some(node) = under(table, "step") else {
            let help = Some(say("scenario-no-steps-help"));
            return self.values.wrong(Code::Tests, 0..0, say("scenario-no-steps"), help);
        };
        let nodes = self.values.list(node)?;
        let asserts = |node: &&Node<'_>| node.get_ref().as_table().is_some_and(|step| under(step, "expect").is_some());
        if let Some(first) = nodes.first().filter(|_| !nodes.iter().any(asserts)) {
            let place = head(self.values.text, first.span());
            let help = Some(say("scenario-asserts-nothing-help"));
            self.values.wrong::<()>(Code::Tests, place, say("scenario-asserts-nothing"), help);
        }
        Some(nodes.into_iter().filter_map(|node| self.step(node)).collect())
    }

    fn step(&mut self, node: &Node<'_>) -> Option<Step> {
        let table = self.values.table(node)?;
        self.values.keys(table, &STEP_KEYS);
        let does = self.does(node, table);
        let expect = under(table, "expect").map(|lines| self.expect(lines));
        let line = self.line(node.span());
        Some(Step { line, does: does?, expect })
    }

    pub(super) fn line(&self, span: Range<usize>) -> usize {
        line_and_column(self.values.text, span.start).0
    }

    fn does(&mut self, node: &Node<'_>, table: &DeTable<'_>) -> Option<Does> {
        let mut done = DOES.iter().filter_map(|key| Some((*key, under(table, key)?)));
        let at = under(table, "at");
        let (Some((key, value)), None) = (done.next(), done.next()) else {
            let help = say("scenario-step-does-help");
            let place = head(self.values.text, node.span());
            return self.values.wrong(Code::Tests, place, say("scenario-step-does"), Some(help));
        };
        if let Some(at) = at.filter(|_| !matches!(key, "thresholds" | "act")) {
            let help = say("scenario-no-at-help");
            self.values.wrong::<()>(Code::Table, at.span(), say("scenario-no-at"), Some(help));
        }
        match key {
            "advance_to" => self.forward(value).map(Does::Advance),
            "thresholds" => {
                let at = at.and_then(|at| self.forward(at));
                Some(Does::Set { at, changes: self.thresholds(value)? })
            }
            "act" => {
                let at = at.and_then(|at| self.forward(at));
                self.act(value, at)
            }
            _ => self.records(value),
        }
    }

    /// An instant to which time runs on.
    fn forward(&mut self, node: &Node<'_>) -> Option<DateTime<Utc>> {
        let time = self.values.time(node)?;
        if let Some(now) = self.now.filter(|now| *now > time) {
            let now = super::run::local(now, self.values.pack.timeline.zone);
            return self.values.wrong(Code::Tests, node.span(), say("scenario-past").with("now", now), None);
        }
        self.now = Some(time);
        Some(time)
    }

    fn records(&mut self, node: &Node<'_>) -> Option<Does> {
        let mut records = Vec::new();
        for node in self.values.list(node)? {
            self.records += 1;
            let Some(parsed) = self.values.record(node, self.records) else { continue };
            self.now = self.now.max(Some(parsed.record.received_at));
            let key = &parsed.record.key;
            self.ids.extend([key.id.to_string(), key.to_string()]);
            records.push(parsed);
        }
        Some(Does::Records(records))
    }

    /// The record that a value names.
    pub(super) fn mention(&mut self, node: &Node<'_>) -> Option<String> {
        let word = self.values.word(node)?.to_owned();
        self.mentioned.push((node.span(), word.clone()));
        Some(word)
    }

    fn check_mentioned(&mut self) {
        for (span, word) in std::mem::take(&mut self.mentioned) {
            if !self.ids.contains(&word) {
                let known: Vec<&str> = self.ids.iter().map(String::as_str).collect();
                let message = say("scenario-no-record").with("record", word.as_str());
                self.values.unknown::<()>(span, message, &word, known);
            }
        }
    }

    fn thresholds(&mut self, node: &Node<'_>) -> Option<Vec<ThresholdChange>> {
        let thresholds = &self.values.pack.thresholds;
        let mut changes = Vec::new();
        for (key, node) in self.values.table(node)? {
            let name = key.get_ref().as_ref();
            let Some(threshold) = thresholds.id(name).and_then(|id| thresholds.get(id)) else {
                let known: Vec<&str> = thresholds.all().iter().map(|threshold| threshold.name.as_str()).collect();
                let message = say("unknown").with("thing", say("thing-threshold")).with("word", name);
                self.values.unknown::<()>(key.span(), message, name, known);
                continue;
            };
            let Some(value) = self.values.number(node) else { continue };
            let (min, max) = (threshold.min, threshold.max);
            if !(min..=max).contains(&value) || (threshold.whole && value.fract() != 0.0) {
                let message = if threshold.whole { say("scenario-range-whole") } else { say("scenario-range") };
                let message = message.with("min", min.to_string()).with("max", max.to_string());
                let message = message.with("threshold", name).with("unit", threshold.unit.as_str());
                self.values.wrong::<()>(Code::Tests, node.span(), message, None);
            }
            changes.push(ThresholdChange { name: Arc::from(name), phase: None, kabupaten: None, value: Some(value) });
        }
        Some(changes)
    }

    fn timeline(&mut self, node: &Node<'_>) -> Option<Timeline> {
        let table = Spanned::new(node.span(), self.values.table(node)?.clone());
        let (days, found) = toml_file::from_table::<DaysFile>(table);
        self.values.mistakes(found);
        let days = days?;
        let Values { pack, path, text, .. } = self.values;
        let mut timeline = pack.timeline.clone();
        let mut problems = Vec::new();
        calendar::extend(&mut timeline, &days, &pack.area, text, &mut problems);
        let here = |problem| Diagnostic { file: path.to_owned(), ..problem };
        self.values.problems.extend(problems.into_iter().map(here));
        Some(timeline)
    }
}
