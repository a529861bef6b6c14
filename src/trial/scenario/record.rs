//! The records of a scenario file, held against the schema as intake does.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};
use toml::de::{DeTable, DeValue};

use crate::pack::diagnostic::Code;
use crate::pack::member::{Member, below, member};
use crate::pack::refusal::refusal;
use crate::record::parse::{Parsed, Received, parse};
use crate::record::reject::{RejectCode, Rejection};
use crate::words::say;

use super::node::{Node, Values, head};

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
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            let path = below(prefix, name);
            match (member(&self.pack.schema, prefix, name), value.get_ref()) {
                (Member::Section, DeValue::Table(below)) => self.known(&path, below),
                // intake says what is due in the place of a section
                (Member::Section | Member::Known, _) => {}
                (Member::Unknown(known), _) => {
                    let message = say("unknown").with("thing", say("thing-field")).with("word", path.as_str());
                    self.unknown::<()>(key.span(), message, name, known);
                }
            }
        }
    }

    fn rejected(&mut self, node: &Node<'_>, fault: &Rejection) {
        let (reason, help) = refusal(fault);
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
