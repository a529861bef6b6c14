//! SARIF 2.1.0, the exchange format of static analysis.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::pack::codes;
use crate::pack::diagnostic::{Code, Weight};
use crate::words::Language;

use super::said::{Replacement, Said};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log of one run.
pub fn log(root: &str, said: &[Said], language: Language) -> Value {
    let codes: BTreeSet<Code> = said.iter().map(|said| said.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code, language)).collect();
    let results: Vec<Value> = said.iter().map(|said| result(said, &codes)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "siaga", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "language": language.code(),
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "PACK": { "uri": format!("{}/", uri(root.trim_end_matches('/'))) } },
            "results": results,
        }],
    })
}

fn rule(code: Code, language: Language) -> Value {
    let page = codes::page(code);
    json!({
        "id": code.word(),
        "shortDescription": { "text": page.what.render(language) },
        "fullDescription": { "text": page.why.render(language) },
        "help": { "text": codes::explain(code, language) },
    })
}

fn result(said: &Said, codes: &[Code]) -> Value {
    let artifact = json!({ "uri": uri(&said.file), "uriBaseId": "PACK" });
    let region = json!({
        "startLine": said.line, "startColumn": said.column, "endLine": said.end_line, "endColumn": said.end_column,
    });
    let mut place = json!({ "artifactLocation": artifact });
    let help = said.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let level = match said.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    };
    if let (true, Value::Object(place)) = (said.line > 0, &mut place) {
        place.insert("region".to_owned(), region);
    }
    let mut result = json!({
        "ruleId": said.code.word(),
        "ruleIndex": codes.iter().position(|code| *code == said.code),
        "level": level,
        "message": { "text": format!("{}{help}", said.message) },
        "locations": [{ "physicalLocation": place }],
    });
    if let (Some(Replacement { start, end, text }), Value::Object(result)) = (&said.replacement, &mut result) {
        let deleted = json!({ "startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1 });
        let change = json!({ "deletedRegion": deleted, "insertedContent": { "text": text } });
        let changes = json!([{ "artifactLocation": artifact, "replacements": [change] }]);
        result.insert("fixes".to_owned(), json!([{ "artifactChanges": changes }]));
    }
    result
}

/// A path as a relative URI reference: what may not stand in one is written with percent signs.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
