//! When a rule speaks: deadlines with their steps, and how often a matter becomes an alert.

use rhai::Expr;

use crate::record::value::Value;
use crate::words::say;

use super::assemble::Assembler;
use super::diagnostic::Code;
use super::expr::Node;
use super::rule::{Deadline, DeadlineStep, OncePer};
use super::typing::Ty;

impl Assembler<'_> {
    pub(super) fn deadline(&mut self) -> Option<Deadline> {
        let script = self.script;
        let Some(key) = script.key("deadline") else {
            for name in ["unless", "steps", "each"] {
                if let Some(key) = script.key(name) {
                    self.wrong::<()>(Code::Key, key.at, say("key-needs-deadline").with("key", name), None);
                }
            }
            return None;
        };
        let due = self.lower.of_type(key.value.as_ref(), &[Ty::Time], say("role-deadline"));
        let unless = script.key("unless").map(|key| self.conjunct(key.value.as_ref()));
        let each_record = match script.key("each") {
            None => false,
            Some(key) => match self.string(key.value.as_ref(), "each") {
                Some("record") => true,
                _ => {
                    self.wrong::<()>(Code::Key, key.at, say("key-each"), None);
                    false
                }
            },
        };
        let steps = self.steps();
        Some(Deadline { due: due?.node, unless: unless.flatten(), each_record, steps })
    }

    fn steps(&mut self) -> Vec<DeadlineStep> {
        let Some(key) = self.script.key("steps") else { return Vec::new() };
        let Expr::Array(items, _) = key.value.as_ref() else {
            self.wrong::<()>(Code::Key, key.at, say("key-steps"), None);
            return Vec::new();
        };
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    fn step(&mut self, item: &Expr) -> Option<DeadlineStep> {
        let Expr::Map(map, at) = item else {
            return self.wrong(Code::Key, item, say("key-step"), say("key-step-help"));
        };
        let (mut after, mut severity, mut basis) = (None, None, Vec::new());
        for (name, value) in &map.0 {
            match name.name.as_str() {
                "after" => after = self.lower.of_type(value, &[Ty::Span], say("role-after")).map(|typed| typed.node),
                "severity" => severity = self.severity_word(value),
                "basis" => {
                    for (word, at) in self.strings(value, "basis")? {
                        basis.push(self.citation(word, at)?);
                    }
                }
                other => {
                    let message = say("key-step-unknown").with("key", other);
                    return self.wrong(Code::Key, name.pos, message, say("key-step-help"));
                }
            }
        }
        match (after, severity) {
            (Some(Node::Constant(Value::Span(after))), Some(severity)) => Some(DeadlineStep { after, severity, basis }),
            _ => self.wrong(Code::Key, *at, say("key-step-needs"), say("key-step-help")),
        }
    }

    pub(super) fn once_per(&mut self) -> Option<OncePer> {
        let Some(key) = self.script.key("once_per") else { return Some(OncePer::Case) };
        match key.value.as_ref() {
            Expr::StringConstant(word, at) => match word.as_str() {
                "case" => Some(OncePer::Case),
                "phase" => Some(OncePer::Phase),
                "record" => Some(OncePer::Record),
                other => {
                    let message = say("unknown").with("thing", say("thing-occasion")).with("word", other);
                    self.wrong(Code::Key, *at, message, say("key-occasion-help"))
                }
            },
            expr => match self.lower.of_type(expr, &[Ty::Span], say("role-once-per"))?.node {
                Node::Constant(Value::Span(span)) => Some(OncePer::Span(span)),
                _ => self.wrong(Code::Key, expr, say("key-once-per"), None),
            },
        }
    }
}
