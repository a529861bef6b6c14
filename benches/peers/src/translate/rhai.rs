//! Rules as rhai expressions over a map `record`; CEL reads the same text but for prefixes.

use crate::record::Value;
use crate::rule::{Predicate, Rule, Test};

/// The expression of a rule; a day is a text, and texts have an order.
pub fn expression(rule: &Rule) -> String {
    rule.predicates.iter().map(condition).collect::<Vec<_>>().join(" && ")
}

fn condition(predicate: &Predicate) -> String {
    let field = format!("record.{}", predicate.path());
    match &predicate.test {
        Test::Equal(text) => format!("{field} == \"{text}\""),
        Test::OneOf(texts) => format!("{field} in [{}]", quoted(texts)),
        Test::Number(order, bound) => format!("{field} {} {}", order.sign(), Value::Number(*bound).literal()),
        Test::Date(order, day) => format!("{field} {} \"{day}\"", order.sign()),
        Test::Prefix(prefix) => format!("{field}.starts_with(\"{prefix}\")"),
        Test::Flag(flag) => format!("{field} == {flag}"),
    }
}

/// Texts between quotes, parted by commas.
pub fn quoted(texts: &[String]) -> String {
    texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ")
}
