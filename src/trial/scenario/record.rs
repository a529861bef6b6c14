//! The records of a scenario file, held against the schema as intake does.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value as Json, json};
use toml::de::{DeTable, DeValue};

use crate::pack::diagnostic::Code;
use crate::record::parse::{Parsed, Received, parse};
use crate::record::reject::{RejectCode, Rejection};
use crate::words::{Text, say};

use super::node::{Node, Values, head};

/// The members of a record that are no fields.
const ENVELOPE: [&str; 6] = ["id", "source", "kind", "occurred_at", "received_at", "withdrawn"];

/// The source of records that state none.
const SOURCE: &str = "uji";

impl Values<'_> {
    /// A record; the number names one that states no id.
    pub fn record(&mut self, node: &Node<'_>, number: usize) -> Option<Parsed> {
        let table = self.table(node)?;
        let before = self.problems.len();
        self.known("", table);
        let mut json = object(table);
        json.entry("id").or_insert_with(|| json!(format!("t{number}")));
        json.entry("source").or_insert_with(|| json!(SOURCE));
        let pack = self.pack;
        match parse(&pack.schema, &Json::Object(json), Received::Stated, pack.timeline.zone) {
            Ok(parsed) => (self.problems.len() == before).then_some(parsed),
            Err(faults) => {
                faults.iter().for_each(|fault| self.rejected(node, fault));
                None
            }
        }
    }

    /// Says which members the schema does not have: a record that is misspelt would show nothing.
    fn known(&mut self, prefix: &str, table: &DeTable<'_>) {
        let schema = &self.pack.schema;
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            match value.get_ref() {
                _ if prefix.is_empty() && ENVELOPE.contains(&name) => {}
                DeValue::Table(below) if schema.is_section(&path) => self.known(&path, below),
                // intake says what is due in the place of a section
                _ if schema.field_id(&path).is_some() || schema.is_section(&path) => {}
                _ => {
                    let fields = schema.fields().iter().filter_map(|field| first_below(prefix, &field.path));
                    let known: BTreeSet<&str> = match prefix {
                        "" => fields.chain(ENVELOPE).collect(),
                        _ => fields.collect(),
                    };
                    self.unknown::<()>(
                        key.span(),
                        say("unknown").with("thing", say("thing-field")).with("word", path.as_str()),
                        name,
                        known,
                    );
                }
            }
        }
    }

    fn rejected(&mut self, node: &Node<'_>, fault: &Rejection) {
        let (reason, help) = match fault.detail.split_once("; help: ") {
            Some((reason, help)) => (reason, Some(Text::Plain(help.to_owned()))),
            None => (fault.detail.as_str(), None),
        };
        let message = say("scenario-quarantined").with("reason", reason);
        let code = if fault.code == RejectCode::Kind { Code::Name } else { Code::Tests };
        self.wrong::<()>(code, self.place(node, &fault.pointer), message, help);
    }

    /// Where a JSON pointer leads, or as far as it leads.
    fn place(&self, node: &Node<'_>, pointer: &str) -> Range<usize> {
        let mut at = node;
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            let below = match at.get_ref() {
                DeValue::Table(table) => table.get(name.as_str()),
                DeValue::Array(list) => name.parse().ok().and_then(|index: usize| list.get(index)),
                _ => None,
            };
            match below {
                Some(below) => at = below,
                None => break,
            }
        }
        head(self.text, at.span())
    }
}

/// The part of a field's path that comes after a prefix.
fn first_below<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    let rest = if prefix.is_empty() { path } else { path.strip_prefix(prefix)?.strip_prefix('.')? };
    rest.split('.').next()
}

fn object(table: &DeTable<'_>) -> Map<String, Json> {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), of(value))).collect()
}

fn of(node: &Node<'_>) -> Json {
    match node.get_ref() {
        DeValue::String(text) => json!(text),
        DeValue::Integer(whole) => {
            i64::from_str_radix(whole.as_str(), whole.radix()).map_or_else(|_| json!(whole.to_string()), Json::from)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Boolean(value) => json!(value),
        DeValue::Datetime(time) => json!(time.to_string()),
        DeValue::Array(list) => list.iter().map(of).collect(),
        DeValue::Table(table) => Json::Object(object(table)),
    }
}
