//! A rule's own tests as they are written: literal records, times and expectations.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rhai::{Expr, Stmt};
use serde_json::{Map, Number, Value};

use crate::alert::Severity;

use super::diagnostic::{Code, Diagnostic, did_you_mean};
use super::expr::ThresholdId;
use super::place::Place;
use super::rule::RuleTest;
use super::script::Script;
use super::thresholds::Thresholds;

const KEYS: [&str; 8] = ["name", "records", "advance_to", "thresholds", "fires", "severity", "told", "resolved"];

/// Reads the value of a rule's `tests`.
pub fn read_tests(script: &Script, expr: &Expr, thresholds: &Thresholds) -> (Vec<RuleTest>, Vec<Diagnostic>) {
    let mut reader = Reader { script, thresholds, problems: Vec::new() };
    let Expr::Array(items, _) = expr else {
        reader.wrong::<()>(expr, "`tests` is a list of maps", None);
        return (Vec::new(), reader.problems);
    };
    let tests = items.iter().filter_map(|item| reader.test(item)).collect();
    (tests, reader.problems)
}

struct Reader<'a> {
    script: &'a Script,
    thresholds: &'a Thresholds,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn wrong<'e, T>(
        &mut self,
        at: impl Into<Place<'e>>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Option<T> {
        let mut diagnostic = self.script.error(Code::Tests, at, message);
        diagnostic.help = help;
        self.problems.push(diagnostic);
        None
    }

    fn test(&mut self, item: &Expr) -> Option<RuleTest> {
        let Expr::Map(map, at) = item else {
            return self.wrong(
                item,
                "a test is a map",
                Some("write `#{ name: \"...\", records: [ ... ], fires: [] }`".to_owned()),
            );
        };
        let mut test = RuleTest {
            name: String::new(),
            at: *at,
            records: Vec::new(),
            advance_to: None,
            thresholds: Vec::new(),
            fires: Vec::new(),
            severity: None,
            told: None,
            resolved: None,
        };
        let mut states_fires = false;
        for (key, value) in &map.0 {
            let json = self.literal(value)?;
            match key.name.as_str() {
                "name" => test.name = self.text(&json, value)?,
                "records" => test.records = self.records(json, value)?,
                "advance_to" => test.advance_to = Some(self.time(&json, value)?),
                "thresholds" => test.thresholds = self.thresholds(&json, value)?,
                "fires" => {
                    states_fires = true;
                    test.fires = self.texts(&json, value)?;
                }
                "severity" => test.severity = Some(self.severity(&json, value)?),
                "told" => test.told = Some(self.texts(&json, value)?.into_iter().collect::<BTreeSet<_>>()),
                "resolved" => test.resolved = Some(self.count(&json, value)?),
                other => {
                    let help = did_you_mean(other, KEYS).unwrap_or_else(|| format!("a test has {}", KEYS.join(", ")));
                    return self.wrong(key.pos, format!("a test has no key `{other}`"), Some(help));
                }
            }
        }
        if let Some(other) = test.fires.iter().find(|rule| !self.is_this_rule(rule)) {
            let help =
                format!("a rule is tested alone: `fires` lists `{}` once for each alert, or nothing", self.script.id);
            return self.wrong(*at, format!("this rule cannot fire `{other}`"), Some(help));
        }
        if test.name.is_empty() || !states_fires {
            return self.wrong(
                *at,
                "a test needs a `name` and what `fires`",
                Some("`fires: []` says that nothing does".to_owned()),
            );
        }
        Some(test)
    }

    /// Also by the file's name: that the two differ is said elsewhere.
    fn is_this_rule(&self, rule: &str) -> bool {
        let file = self.script.path.rsplit('/').next().unwrap_or("");
        rule == self.script.id || file.strip_suffix(".rhai") == Some(rule)
    }

    fn text(&mut self, json: &Value, at: &Expr) -> Option<String> {
        match json {
            Value::String(text) => Some(text.clone()),
            _ => self.wrong(at, "a text is due here", None),
        }
    }

    fn texts(&mut self, json: &Value, at: &Expr) -> Option<Vec<String>> {
        match json {
            Value::Array(items) => items.iter().map(|item| self.text(item, at)).collect(),
            _ => self.wrong(at, "a list of texts is due here", None),
        }
    }

    fn count(&mut self, json: &Value, at: &Expr) -> Option<usize> {
        match json.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Some(n),
            None => self.wrong(at, "a whole number is due here", None),
        }
    }

    fn time(&mut self, json: &Value, at: &Expr) -> Option<DateTime<Utc>> {
        let time = json.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        match time {
            Some(time) => Some(time.to_utc()),
            None => {
                self.wrong(at, "a time is due here", Some("write it as `\"2024-11-24T00:00:00+07:00\"`".to_owned()))
            }
        }
    }

    fn severity(&mut self, json: &Value, at: &Expr) -> Option<Severity> {
        match json.as_str().and_then(Severity::from_word) {
            Some(severity) => Some(severity),
            None => {
                self.wrong(at, "a severity is due here", Some("it is `siaga-1`, `siaga-2` or `siaga-3`".to_owned()))
            }
        }
    }

    fn thresholds(&mut self, json: &Value, at: &Expr) -> Option<Vec<(ThresholdId, f64)>> {
        let Value::Object(map) = json else {
            return self.wrong(at, "a map from threshold to number is due here", None);
        };
        let mut set = Vec::new();
        for (name, value) in map {
            let Some(id) = self.thresholds.id(name) else {
                let known = self.thresholds.all().iter().map(|threshold| threshold.name.as_str());
                let help = did_you_mean(name, known);
                return self.wrong(at, format!("there is no threshold `{name}`"), help);
            };
            match value.as_f64() {
                Some(value) => set.push((id, value)),
                None => return self.wrong(at, format!("`{name}` is set to something that is no number"), None),
            }
        }
        Some(set)
    }

    fn records(&mut self, json: Value, at: &Expr) -> Option<Vec<Value>> {
        let Value::Array(items) = json else { return self.wrong(at, "`records` is a list of maps", None) };
        let mut records = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let Value::Object(mut record) = item else { return self.wrong(at, "a record is a map", None) };
            record.entry("id").or_insert_with(|| Value::String(format!("t{}", index + 1)));
            record.entry("source").or_insert_with(|| Value::String("uji".to_owned()));
            records.push(Value::Object(record));
        }
        Some(records)
    }

    fn literal(&mut self, expr: &Expr) -> Option<Value> {
        Some(match expr {
            Expr::Unit(_) => Value::Null,
            Expr::BoolConstant(value, _) => Value::Bool(*value),
            Expr::IntegerConstant(value, _) => Value::Number((*value).into()),
            Expr::FloatConstant(value, _) => Number::from_f64(**value).map_or(Value::Null, Value::Number),
            Expr::StringConstant(text, _) => Value::String(text.to_string()),
            Expr::Array(items, _) => {
                let items: Vec<Option<Value>> = items.iter().map(|item| self.literal(item)).collect();
                Value::Array(items.into_iter().collect::<Option<_>>()?)
            }
            Expr::Map(map, _) => {
                let mut object = Map::new();
                for (key, value) in &map.0 {
                    object.insert(key.name.to_string(), self.literal(value)?);
                }
                Value::Object(object)
            }
            Expr::Stmt(block) => match block.statements() {
                [Stmt::Expr(inner)] => self.literal(inner)?,
                _ => return self.wrong(expr, "a test holds literal values only", None),
            },
            _ => {
                return self.wrong(expr, "a test holds literal values only", Some("write the value out".to_owned()));
            }
        })
    }
}
