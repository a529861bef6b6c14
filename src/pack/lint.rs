//! Conditions that are legal and probably not meant; each is a warning.

use rhai::Expr;

use crate::record::schema::core;
use crate::record::value::Value;
use crate::words::{Text, say};

use super::diagnostic::{Code, Diagnostic};
use super::expr::{Comparison, Node, Part};
use super::script::Script;

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
