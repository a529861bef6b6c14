//! A rule's own tests as they are written: literal records, times and expectations.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::path::Path;

use chrono::{DateTime, Utc};
use rhai::{Expr, Position};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::alert::Severity;
use crate::words::{Language, Text, say};

use super::Pack;
use super::diagnostic::{Code, Diagnostic, did_you_mean};
use super::expr::ThresholdId;
use super::files;
use super::literal::{Literal, Written};
use super::place::Place;
use super::rule::{Rule, RuleTest};
use super::script::{self, Script};
use super::thresholds::Thresholds;

/// Every key that a test can have.
pub const KEYS: [&str; 8] = ["name", "records", "advance_to", "thresholds", "fires", "severity", "told", "resolved"];

/// What was read of a rule's tests.
#[derive(Debug, Default)]
pub struct ReadTests {
    /// Those that are right.
    pub tests: Vec<RuleTest>,
    /// What is wrong with others.
    pub problems: Vec<Diagnostic>,
    /// Something is wrong that cannot be shown: only a file that rhai parsed has places.
    pub is_lost: bool,
}

/// Reads the value of a rule's `tests`.
pub fn read_tests(script: &Script<'_>, tests: Written<'_>, thresholds: &Thresholds) -> ReadTests {
    let mut reader = Reader { script, thresholds, read: ReadTests::default() };
    match tests.items() {
        Some(items) => reader.read.tests = items.into_iter().filter_map(|item| reader.test(item)).collect(),
        None => {
            reader.wrong::<()>(tests, say("test-list"), None);
        }
    }
    reader.read
}

/// Where a rule's tests stand, to be read again when they are to run: they are the greater part of most rules.
#[derive(Clone, Debug)]
pub enum TestText {
    /// There are none.
    None,
    /// Here.
    Held {
        /// The file from the key on.
        from_key: Box<str>,
        /// The line of the key, from 1.
        line: usize,
    },
    /// In the rule's file, as long as its text has this hash.
    InFile(u64),
}

impl TestText {
    /// The tests of a file that is read from a folder.
    pub fn in_file(script: &Script<'_>) -> Self {
        script.key("tests").map_or(TestText::None, |_| TestText::InFile(hash_of(script.text)))
    }

    /// The tests of a file that lies nowhere.
    pub fn held(script: &Script<'_>) -> Self {
        let Some(key) = script.key("tests") else { return TestText::None };
        let start = Place::Word(key.at).span(script.text).start;
        let from_key = script.text.get(start..).unwrap_or_default().into();
        TestText::Held { from_key, line: key.at.line().unwrap_or(1) }
    }
}

/// A hash that is the same throughout the process.
fn hash_of(text: &str) -> u64 {
    foldhash::quality::FixedState::default().hash_one(text)
}

/// The tests of a rule of a pack, read anew.
///
/// # Errors
/// The rule's file is gone or another one by now.
pub fn tests_of(pack: &Pack, rule: &Rule) -> Result<Vec<RuleTest>, String> {
    let text = match &rule.test_text {
        TestText::None => return Ok(Vec::new()),
        TestText::Held { from_key, line } => {
            let lines = "\n".repeat(line.saturating_sub(1));
            format!("rule(\"{}\", #{{{lines}{from_key}", rule.id)
        }
        TestText::InFile(hash) => {
            let folder = pack.folder.as_deref().unwrap_or(Path::new(""));
            let text = files::read_text(&folder.join(&rule.file), &rule.file)
                .map_err(|problem| problem.message.render(Language::English))?;
            if hash_of(&text) != *hash {
                return Err("the file has changed since the pack was loaded; run it again".to_owned());
            }
            text
        }
    };
    let script = script::parse(&rule.file, &text, &mut Vec::new());
    let read = script.as_ref().and_then(|script| Some(read_tests(script, script.tests()?, &pack.thresholds).tests));
    Ok(read.unwrap_or_default())
}

struct Reader<'a> {
    script: &'a Script<'a>,
    thresholds: &'a Thresholds,
    read: ReadTests,
}

/// What a mistake is about.
enum Spot<'a> {
    Word(Position),
    Value(Written<'a>),
}

impl From<Position> for Spot<'_> {
    fn from(at: Position) -> Self {
        Spot::Word(at)
    }
}

impl<'a> From<Written<'a>> for Spot<'a> {
    fn from(value: Written<'a>) -> Self {
        Spot::Value(value)
    }
}

impl<'a> From<&'a Expr> for Spot<'a> {
    fn from(expr: &'a Expr) -> Self {
        Spot::Value(Written::Parsed(expr))
    }
}

impl Reader<'_> {
    fn wrong<'e, T>(&mut self, at: impl Into<Spot<'e>>, message: Text, help: impl Into<Option<Text>>) -> Option<T> {
        let place = match at.into() {
            Spot::Value(Written::Parsed(expr)) => Place::Whole(expr),
            Spot::Word(at) if !at.is_none() => Place::Word(at),
            _ => {
                self.read.is_lost = true;
                return None;
            }
        };
        self.read.problems.push(self.script.error(Code::Tests, place, message).help(help));
        None
    }

    fn test(&mut self, item: Written<'_>) -> Option<RuleTest> {
        let Some((entries, at)) = item.entries() else {
            return self.wrong(item, say("test-map"), say("test-map-help"));
        };
        let mut test = RuleTest {
            name: String::new(),
            at,
            records: Vec::new(),
            advance_to: None,
            thresholds: Vec::new(),
            fires: Vec::new(),
            severity: None,
            told: None,
            resolved: None,
        };
        let mut states_fires = false;
        for (key, key_at, value) in entries {
            let parsed;
            let literal = match value {
                Written::Lifted(literal) => literal,
                Written::Parsed(expr) => {
                    parsed = self.literal(expr)?;
                    &parsed
                }
            };
            match key {
                "name" => test.name = self.text(literal, value)?,
                "records" => test.records = self.records(literal, value)?,
                "advance_to" => test.advance_to = Some(self.time(literal, value)?),
                "thresholds" => test.thresholds = self.thresholds(literal, value)?,
                "fires" => {
                    states_fires = true;
                    test.fires = self.texts(literal, value)?;
                }
                "severity" => test.severity = Some(self.severity(literal, value)?),
                "told" => test.told = Some(self.texts(literal, value)?.into_iter().collect::<BTreeSet<_>>()),
                "resolved" => test.resolved = Some(self.count(literal, value)?),
                other => {
                    let all = || say("test-keys").with("known", KEYS.join(", "));
                    let help = did_you_mean(other, KEYS).unwrap_or_else(all);
                    return self.wrong(key_at, say("test-key").with("key", other), help);
                }
            }
        }
        if let Some(other) = test.fires.iter().find(|rule| !self.is_this_rule(rule)) {
            let message = say("test-fires-other").with("rule", other.as_str());
            let help = say("test-fires-other-help").with("rule", self.script.id.as_str());
            return self.wrong(at, message, help);
        }
        if test.name.is_empty() || !states_fires {
            return self.wrong(at, say("test-needs"), say("test-needs-help"));
        }
        Some(test)
    }

    /// Also by the file's name: that the two differ is said elsewhere.
    fn is_this_rule(&self, rule: &str) -> bool {
        let file = self.script.path.rsplit('/').next().unwrap_or("");
        rule == self.script.id || file.strip_suffix(".rhai") == Some(rule)
    }

    fn text(&mut self, literal: &Literal<'_>, at: Written<'_>) -> Option<String> {
        match literal.text() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong(at, say("test-due-text"), None),
        }
    }

    fn texts(&mut self, literal: &Literal<'_>, at: Written<'_>) -> Option<Vec<String>> {
        match literal {
            Literal::List(items) => items.iter().map(|item| self.text(item, at)).collect(),
            _ => self.wrong(at, say("test-due-texts"), None),
        }
    }

    fn count(&mut self, literal: &Literal<'_>, at: Written<'_>) -> Option<usize> {
        let count = match literal {
            Literal::Int(n) => usize::try_from(*n).ok(),
            _ => None,
        };
        match count {
            Some(n) => Some(n),
            None => self.wrong(at, say("test-due-count"), None),
        }
    }

    fn time(&mut self, literal: &Literal<'_>, at: Written<'_>) -> Option<DateTime<Utc>> {
        let time = literal.text().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        match time {
            Some(time) => Some(time.to_utc()),
            None => self.wrong(at, say("test-due-time"), say("test-due-time-help")),
        }
    }

    fn severity(&mut self, literal: &Literal<'_>, at: Written<'_>) -> Option<Severity> {
        match literal.text().and_then(Severity::from_word) {
            Some(severity) => Some(severity),
            None => self.wrong(at, say("test-due-severity"), say("test-due-severity-help")),
        }
    }

    fn thresholds(&mut self, literal: &Literal<'_>, at: Written<'_>) -> Option<Vec<(ThresholdId, f64)>> {
        let Literal::Map(map) = literal else {
            return self.wrong(at, say("test-due-thresholds"), None);
        };
        let mut map: Vec<&(&str, Literal<'_>)> = map.iter().collect();
        map.sort_by_key(|(name, _)| *name);
        let mut set = Vec::new();
        for (name, value) in map {
            let Some(id) = self.thresholds.id(name) else {
                let known = self.thresholds.all().iter().map(|threshold| threshold.name.as_str());
                let help = did_you_mean(name, known);
                let message = say("unknown").with("thing", say("thing-threshold")).with("word", *name);
                return self.wrong(at, message, help);
            };
            #[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
            match value {
                Literal::Int(value) => set.push((id, *value as f64)),
                Literal::Number(value) if value.is_finite() => set.push((id, *value)),
                _ => return self.wrong(at, say("test-threshold-number").with("name", *name), None),
            }
        }
        Some(set)
    }

    fn records(&mut self, literal: &Literal<'_>, at: Written<'_>) -> Option<Vec<String>> {
        let Literal::List(items) = literal else { return self.wrong(at, say("test-records"), None) };
        let mut records = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Literal::Map(entries) = item else { return self.wrong(at, say("test-record"), None) };
            let record = TestRecord { entries, id: format!("t{}", index + 1) };
            records.push(serde_json::to_string(&record).ok()?);
        }
        Some(records)
    }

    fn literal<'e>(&mut self, expr: &'e Expr) -> Option<Literal<'e>> {
        let mut faults = Vec::new();
        let literal = Literal::of(expr, &mut faults);
        for part in faults {
            let help = (!matches!(part, Expr::Stmt(_))).then(|| say("test-literal-help"));
            self.wrong::<()>(part, say("test-literal"), help);
        }
        literal
    }
}

/// A record of a test, with an id and a source where it states none.
struct TestRecord<'a> {
    entries: &'a [(&'a str, Literal<'a>)],
    id: String,
}

impl Serialize for TestRecord<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (key, value) in self.entries {
            map.serialize_entry(key, value)?;
        }
        for (key, value) in [("id", self.id.as_str()), ("source", "uji")] {
            if !self.entries.iter().any(|(stated, _)| *stated == key) {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}
