//! Rules as one decision table of the ZEN engine: a column for each field, a row for each rule, all hits collected.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::fields::FIELDS;
use crate::record::Value;
use crate::rule::{Rule, Test, day_number};

/// The decision as JSON. A cell that asks nothing is `""`; the output is the rule's number.
pub fn decision(rules: &[Rule]) -> Json {
    let fields: BTreeSet<usize> = rules.iter().flat_map(|rule| &rule.predicates).map(|p| p.field).collect();
    let inputs: Vec<Json> = fields
        .iter()
        .map(|field| json!({ "id": column(*field), "name": FIELDS[*field].path, "field": FIELDS[*field].path }))
        .collect();
    let rows: Vec<Json> = rules.iter().map(|rule| row(rule, &fields)).collect();
    json!({
        "nodes": [
            { "id": "in", "name": "in", "type": "inputNode" },
            { "id": "table", "name": "table", "type": "decisionTableNode", "content": {
                "hitPolicy": "collect",
                "inputs": inputs,
                "outputs": [{ "id": "n", "name": "n", "field": "n" }],
                "rules": rows,
            } },
            { "id": "out", "name": "out", "type": "outputNode" }
        ],
        "edges": [
            { "id": "a", "sourceId": "in", "targetId": "table", "type": "edge" },
            { "id": "b", "sourceId": "table", "targetId": "out", "type": "edge" }
        ]
    })
}

fn column(field: usize) -> String {
    format!("c{field}")
}

fn row(rule: &Rule, fields: &BTreeSet<usize>) -> Json {
    let mut row: Map<String, Json> = fields.iter().map(|field| (column(*field), Json::from(""))).collect();
    row.insert("_id".to_owned(), Json::from(format!("r{}", rule.number)));
    row.insert("n".to_owned(), Json::from(rule.number.to_string()));
    for predicate in &rule.predicates {
        row.insert(column(predicate.field), Json::from(cell(&predicate.test)));
    }
    Json::Object(row)
}

/// Days are compared as numbers: the engine's own dates are slower.
fn cell(test: &Test) -> String {
    match test {
        Test::Equal(text) => format!("\"{text}\""),
        Test::OneOf(texts) => super::rhai::quoted(texts),
        Test::Number(order, bound) => format!("{} {}", order.sign(), Value::Number(*bound).literal()),
        Test::Date(order, day) => format!("{} {}", order.sign(), day_number(day).unwrap_or_default()),
        Test::Prefix(prefix) => format!("startsWith($, \"{prefix}\")"),
        Test::Flag(flag) => flag.to_string(),
    }
}
