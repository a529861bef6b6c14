//! What is legal and probably not meant; each is a warning.

mod kept;
mod law;
mod logic;
mod phase;
mod subject;
mod told;
mod unused;

use rhai::Expr;

use crate::record::schema::core;
use crate::record::value::Value;
use crate::words::{Text, say};

use super::cross::Across;
use super::diagnostic::{Code, Diagnostic};
use super::expr::{Comparison, Node, Part};
use super::lower::Vocabulary;
use super::rule::Rule;
use super::script::Script;

pub use unused::{Declared, declared, thresholds};

/// What somebody should look at in a rule that is right.
pub fn rule(script: &Script<'_>, rule: &Rule, words: Vocabulary<'_>, across: Across<'_>) -> Vec<Diagnostic> {
    let mut found = logic::find(script, rule, words);
    found.extend(phase::find(script, rule, words.timeline));
    found.extend(kept::find(script, rule, words.schema, across));
    found.extend(subject::find(script, rule, words.schema));
    found.extend(law::find(script, rule, across));
    found.extend(told::find(script, rule));
    found
}

/// The parts of a rule that are expressions, each with what it stands for in the file.
fn parts<'a>(script: &'a Script<'_>, rule: &'a Rule) -> Vec<(&'a Expr, &'a Node)> {
    let value = |name: &str| script.key(name).map(|key| key.value.as_ref());
    let mut parts = Vec::new();
    if let Some(Expr::Map(map, _)) = value("values") {
        parts.extend(map.0.iter().map(|(_, expr)| expr).zip(rule.values.iter().map(|(_, node)| node)));
    }
    parts.extend(asked(script, rule));
    if let Some(deadline) = &rule.deadline {
        parts.extend(value("deadline").zip(Some(&deadline.due)));
        parts.extend(value("unless").zip(deadline.unless.as_ref().map(|unless| &unless.node)));
    }
    parts.extend(value("area").zip(rule.area.as_ref()));
    match value("notify") {
        Some(Expr::Map(map, _)) => {
            parts.extend(map.0.iter().map(|(_, expr)| expr).zip(rule.notify.iter().map(|told| &told.text)));
        }
        _ => parts.extend(value("message").zip(rule.notify.first().map(|told| &told.text))),
    }
    parts
}

/// The conjuncts of a rule's `when`.
fn asked<'a>(script: &'a Script<'_>, rule: &'a Rule) -> Vec<(&'a Expr, &'a Node)> {
    let parts: &[Expr] = match script.key("when").map(|key| key.value.as_ref()) {
        Some(Expr::And(parts, _)) => parts.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    parts.iter().zip(rule.when.iter().map(|conjunct| &conjunct.node)).collect()
}

/// What somebody should look at in the conjuncts of a `when`.
pub fn conjuncts(script: &Script<'_>, conjuncts: &[(&Expr, &Node)]) -> Vec<Diagnostic> {
    let warning = |expr: &Expr, message: Text, help: Text| script.error(Code::Lint, expr, message).help(help).warning();
    let mut found = Vec::new();
    if let [(expr, node)] = conjuncts
        && is_visa_free(node)
    {
        found.push(warning(expr, say("lint-visa-free"), say("lint-visa-free-help")));
    }
    let nodes: Vec<&Node> = conjuncts.iter().map(|(_, node)| *node).collect();
    for (expr, node) in conjuncts {
        if negates_what_may_be_missing(node, &nodes) {
            let message = say("lint-negation").with("expression", script.written(expr));
            found.push(warning(expr, message, say("lint-negation-help")));
        }
    }
    found
}

fn is_visa_free(node: &Node) -> bool {
    let is_kind = |node: &Node| matches!(node, Node::Trigger(Part::Field(field)) | Node::Picked(_, _, Part::Field(field)) if *field == core::PERMIT_KIND);
    let is_word = |node: &Node| matches!(node, Node::Constant(Value::Text(word)) if word.as_ref() == "visa-free");
    match node {
        Node::Compare(Comparison::Equal, left, right) => {
            (is_kind(left) && is_word(right)) || (is_word(left) && is_kind(right))
        }
        Node::In(value, choices) => is_kind(value) && !choices.is_empty() && choices.iter().all(is_word),
        _ => false,
    }
}

/// `!(a == b)` is true where `a` is missing, which hardly anybody means.
fn negates_what_may_be_missing(node: &Node, all: &[&Node]) -> bool {
    let mut found = false;
    node.walk(&mut |node| {
        let Node::Not(inner) = node else { return };
        let operands: Vec<&Node> = match inner.as_ref() {
            Node::Compare(_, left, right) | Node::Text(_, left, right) => vec![left, right],
            Node::In(value, _) => vec![value],
            _ => Vec::new(),
        };
        found |= operands.into_iter().any(|operand| is_field(operand) && !is_asked_for(operand, all));
    });
    found
}

fn is_field(node: &Node) -> bool {
    matches!(node, Node::Trigger(Part::Field(_)) | Node::Picked(_, _, Part::Field(_)))
}

fn is_asked_for(field: &Node, all: &[&Node]) -> bool {
    let mut asked = false;
    for node in all {
        node.walk(&mut |node| asked |= matches!(node, Node::Has(inner) if inner.as_ref() == field));
    }
    asked
}
