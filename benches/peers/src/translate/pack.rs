//! Rules as a pack of siaga, as its authors write them: a file for each rule, with texts, a citation and two tests.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use crate::fields::{ALWAYS, KINDS, OF_THE_PACK};
use crate::record::{Record, Value};
use crate::rule::{Predicate, Rule, Test};

/// The tables, cut down from the pack that ships.
const TABLES: [(&str, &str); 6] = [
    ("pack.toml", include_str!("../../pack/pack.toml")),
    ("timeline.toml", include_str!("../../pack/timeline.toml")),
    ("thresholds.toml", include_str!("../../pack/thresholds.toml")),
    ("agencies.toml", include_str!("../../pack/agencies.toml")),
    ("legal.toml", include_str!("../../pack/legal.toml")),
    ("sources.toml", include_str!("../../pack/sources.toml")),
];

/// Rules in one folder of the pack.
const RULES_PER_FOLDER: usize = 1_000;

/// Writes the pack into a new folder. The records are those that the rules were drawn around: their tests show them.
///
/// # Errors
/// Where the folder cannot be written.
pub fn write(folder: &Path, rules: &[Rule], records: &[Record]) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (name, text) in TABLES {
        fs::write(folder.join(name), text)?;
    }
    fs::write(folder.join("fields.toml"), fields())?;
    for (area, rules) in rules.chunks(RULES_PER_FOLDER).enumerate() {
        let area = folder.join(format!("bagian-{area:03}"));
        fs::create_dir_all(&area)?;
        for rule in rules {
            fs::write(area.join(format!("{}.rhai", id(rule.number))), file(rule, &records[rule.example]))?;
        }
    }
    Ok(())
}

/// The id of a rule by its number.
pub fn id(number: usize) -> String {
    format!("r{number:06}")
}

/// The number of a rule by its id.
pub fn number(id: &str) -> Option<u32> {
    id.strip_prefix('r')?.parse().ok()
}

fn fields() -> String {
    let mut out = String::from("# Isian tambahan, supaya ada cukup bilangan dan ya/tidak.\n");
    for (path, ty, group) in OF_THE_PACK {
        let _ =
            write!(out, "\n[[field]]\npath = \"{path}\"\ntype = \"{ty}\"\ngroup = \"{group}\"\nprotected = false\n");
    }
    out
}

fn file(rule: &Rule, example: &Record) -> String {
    let id = id(rule.number);
    let kinds = KINDS.map(|(kind, ..)| format!("\"{kind}\"")).join(", ");
    let when = rule.predicates.iter().map(condition).collect::<Vec<_>>().join("\n        && ");
    let [fires, silent] = tests(rule, example);
    format!(
        r#"// Aturan rekaan untuk tolok ukur: catatan yang memenuhi beberapa syarat sekaligus.
rule("{id}", #{{
  title: "Catatan rekaan {id} perlu dicek",
  flags: "Catatan yang memenuhi {count} syarat sekaligus.",
  why: "Tolok ukur: lama menilai banyak aturan, bukan isi aturannya.",
  action: "Cek catatannya di sumber, lalu tutup siaga dengan alasannya.",
  false_positives: "Semua: catatan dan syaratnya rekaan.",
  severity: "siaga-3",
  notify: ["kanim"],
  basis: ["uu-6-2011-69"],
  per: "record",
  on: [{kinds}],
  when: {when},
  once_per: "record",
  message: `Catatan di kecamatan ${{record.place.kecamatan}}, penginapan ${{record.lodging.id}}: mohon dicek.`,
  tests: [
    #{{ name: "semua syarat", fires: ["{id}"], records: [ {fires} ] }},
    #{{ name: "satu syarat kurang", fires: [], records: [ {silent} ] }},
  ],
}});
"#,
        count = rule.predicates.len(),
    )
}

/// The example with nothing but what the rule asks for and siaga requires; then without one thing that it asks for.
fn tests(rule: &Rule, example: &Record) -> [String; 2] {
    let kind = example.get("kind").and_then(Value::as_text).unwrap_or_default();
    let required: Vec<&str> =
        KINDS.iter().filter(|(known, ..)| *known == kind).flat_map(|(.., requires)| requires.iter().copied()).collect();
    let is_required = |path: &str| ALWAYS.contains(&path) || required.contains(&path);
    let paths: Vec<&str> = rule.predicates.iter().map(Predicate::path).collect();
    let left_out = paths.iter().copied().find(|path| !is_required(path));
    let is_given = |path: &str| path != "id" && path != "source" && (is_required(path) || paths.contains(&path));
    [example.map(is_given), example.map(|path| is_given(path) && Some(path) != left_out)]
}

fn condition(predicate: &Predicate) -> String {
    let field = format!("record.{}", predicate.path());
    match &predicate.test {
        Test::Equal(text) => format!("{field} == \"{text}\""),
        Test::OneOf(texts) => format!("{field} in [{}]", super::rhai::quoted(texts)),
        Test::Number(order, bound) => format!("{field} {} {}", order.sign(), Value::Number(*bound).literal()),
        Test::Date(order, day) => format!("{field} {} time(\"{day}T00:00:00{}\")", order.sign(), offset(day)),
        Test::Prefix(prefix) => format!("starts_with({field}, \"{prefix}\")"),
        Test::Flag(flag) => format!("{field} == {flag}"),
    }
}

/// A day alone begins at 00:00 in Jakarta, whose clocks stood half an hour further until 1964.
fn offset(day: &str) -> &'static str {
    if day < "1964-01-01" { "+07:30" } else { "+07:00" }
}
