//! Rules as Sigma, one YAML document each.

use std::fmt::Write as _;

use crate::record::Value;
use crate::rule::{Rule, Test, day_number};

/// All rules in one file. The title is the rule's number.
pub fn collection(rules: &[Rule]) -> String {
    rules.iter().map(document).collect::<Vec<_>>().join("---\n")
}

fn document(rule: &Rule) -> String {
    let mut out = format!(
        "title: \"{}\"\nid: {}\nstatus: test\nlogsource:\n    product: siaga\ndetection:\n    selection:\n",
        rule.number,
        id(rule.number)
    );
    for predicate in &rule.predicates {
        let path = predicate.path();
        let _ = match &predicate.test {
            Test::Equal(text) => writeln!(out, "        {path}: \"{text}\""),
            Test::OneOf(texts) => writeln!(out, "        {path}: [{}]", super::rhai::quoted(texts)),
            Test::Number(order, bound) => {
                writeln!(out, "        {path}|{}: {}", modifier(order.sign()), Value::Number(*bound).literal())
            }
            Test::Date(order, day) => {
                writeln!(out, "        {path}|{}: {}", modifier(order.sign()), day_number(day).unwrap_or_default())
            }
            Test::Prefix(prefix) => writeln!(out, "        {path}|startswith: \"{prefix}\""),
            Test::Flag(flag) => writeln!(out, "        {path}: {flag}"),
        };
    }
    out.push_str("    condition: selection\nlevel: medium\n");
    out
}

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn modifier(sign: &str) -> &'static str {
    match sign {
        "<" => "lt",
        "<=" => "lte",
        ">" => "gt",
        _ => "gte",
    }
}
