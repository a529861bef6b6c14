//! Rules as a Rust program: the typed record, a function of all rules in parts, and a `main` that measures.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use crate::fields::{FIELDS, Type};
use crate::record::Value;
use crate::rule::{Predicate, Rule, Test};

/// Rules in one file of the program: each is a unit that the compiler takes on its own.
const RULES_PER_FILE: usize = 250;

/// Writes the crate into a folder.
///
/// # Errors
/// Where the folder cannot be written.
pub fn write(folder: &Path, rules: &[Rule]) -> io::Result<()> {
    let source = folder.join("src");
    fs::create_dir_all(&source)?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(source.join("typed.rs"), include_str!("../typed.rs"))?;
    let mut modules = String::new();
    let mut calls = String::new();
    for (part, rules) in rules.chunks(RULES_PER_FILE).enumerate() {
        fs::write(source.join(format!("part{part}.rs")), file(rules))?;
        let _ = writeln!(modules, "mod part{part};");
        let _ = writeln!(calls, "    part{part}::matched(record, matched);");
    }
    let all = format!("{modules}\nfn matched(record: &typed::Record<'_>, matched: &mut Vec<u32>) {{\n{calls}}}\n");
    fs::write(source.join("main.rs"), format!("{}\n{all}", include_str!("native_main.rs.txt")))
}

const MANIFEST: &str = r#"[package]
name = "native"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
serde = { version = "1", features = ["derive"] }
serde_json = "1"
[profile.release]
opt-level = 3
codegen-units = 64
"#;

fn file(rules: &[Rule]) -> String {
    let mut out =
        String::from("use crate::typed::Record;\n\npub fn matched(r: &Record<'_>, matched: &mut Vec<u32>) {\n");
    for rule in rules {
        let conditions: Vec<String> = rule.predicates.iter().map(condition).collect();
        let _ = writeln!(out, "    if {} {{\n        matched.push({});\n    }}", conditions.join(" && "), rule.number);
    }
    out.push_str("}\n");
    out
}

fn condition(predicate: &Predicate) -> String {
    let field = format!("r.{}", predicate.path());
    match &predicate.test {
        Test::Equal(text) => format!("{field} == Some(\"{text}\")"),
        Test::OneOf(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            format!("matches!({field}, Some({}))", texts.join(" | "))
        }
        Test::Number(order, bound) => {
            let bound = match FIELDS[predicate.field].ty {
                Type::Int => Value::Number(*bound).literal(),
                _ => format!("{bound:?}"),
            };
            format!("{field}.is_some_and(|n| n {} {bound})", order.sign())
        }
        Test::Date(order, day) => format!("{field}.is_some_and(|d| d {} \"{day}\")", order.sign()),
        Test::Prefix(prefix) => format!("{field}.is_some_and(|t| t.starts_with(\"{prefix}\"))"),
        Test::Flag(flag) => format!("{field} == Some({flag})"),
    }
}
