//! A first version of a rule, which checks and passes its own tests, for an author to go on from.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use crate::record::json::put;
use crate::record::schema::{Field, KindId, Type, core};
use crate::subject::SubjectKind;

use super::Pack;
use super::tables::Citation;

/// What begins each text that the author has still to write.
pub const TO_WRITE: &str = "TULIS:";

/// What the rule is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its id, which is its file's name.
    pub id: String,
    /// Whom it is about.
    pub per: SubjectKind,
    /// The kind of record that triggers it.
    pub on: KindId,
    /// The role that it asks.
    pub role: Arc<str>,
}

/// The rule's text; `None` where no citation of the pack is in force in any phase.
pub fn text(pack: &Pack, wish: &Wish) -> Option<String> {
    let (citation, phases) = best_basis(pack)?;
    let (begins, phase) = longest(pack, &phases)?;
    let kind = pack.schema.kind_name(wish.on);
    let days = |days: i64| begins + TimeDelta::days(days) + TimeDelta::hours(10);
    let record = |at: DateTime<Utc>| literal(&record(pack, wish, at));
    let (values, when, message, firing, silent) = if wish.per == SubjectKind::Record {
        let condition = format!("phase() == \"{phase}\"");
        let other = phases.iter().find(|other| **other != phase).and_then(|other| begins_of(pack, other))?;
        (String::new(), condition, "Satu laporan perlu dicek.".to_owned(), vec![record(days(1))], vec![record(other)])
    } else {
        (
            format!("  values: #{{ jumlah: count(\"{kind}\", days(7)) }},\n"),
            "jumlah >= 2".to_owned(),
            "${jumlah} laporan dalam tujuh hari, perlu dicek.".to_owned(),
            vec![record(days(1)), record(days(2))],
            vec![record(days(1))],
        )
    };
    let id = &wish.id;
    let mut text = String::new();
    write!(
        text,
        r#"// {TO_WRITE} apa yang diperhatikan aturan ini, dalam satu kalimat.
rule("{id}", #{{
  title: "{TO_WRITE} yang dibaca petugas lebih dulu",
  flags: "{TO_WRITE} keadaan yang ditandai aturan ini.",
  why: "{TO_WRITE} mengapa keadaan itu perlu diketahui.",
  action: "{TO_WRITE} yang sebaiknya dilakukan petugas lebih dulu.",
  false_positives: "{TO_WRITE} kapan aturan ini biasanya keliru.",
  // "shadow" dinilai dan dihitung tanpa dikirim; hapus baris ini bila aturan sudah siap
  status: "shadow",
  severity: "siaga-3",
  notify: ["{role}"],
  basis: ["{citation}"],
  per: "{per}",
  on: ["{kind}"],
  phases: [{phases}],
{values}  // angka yang mungkin diubah koordinator sebaiknya ditaruh di thresholds.toml dan dibaca dengan threshold("...")
  when: {when},
  message: `{message}`,
  tests: [
    #{{ name: "menyala", fires: ["{id}"],
       records: [
{firing}
       ] }},
    #{{ name: "diam", fires: [],
       records: [
{silent}
       ] }},
  ],
}});
"#,
        role = wish.role,
        citation = citation.id,
        per = wish.per.word(),
        phases = phases.iter().map(|phase| format!("\"{phase}\"")).collect::<Vec<_>>().join(", "),
        firing = lines(&firing),
        silent = lines(&silent),
    )
    .ok()?;
    Some(text)
}

fn lines(records: &[String]) -> String {
    records.iter().map(|record| format!("         {record},")).collect::<Vec<_>>().join("\n")
}

/// The citation that is in force in the most phases, a verified one before others, and those phases.
fn best_basis(pack: &Pack) -> Option<(&Citation, Vec<Arc<str>>)> {
    let covered = |citation: &Citation| -> Vec<Arc<str>> {
        let timeline = &pack.timeline;
        let phases = timeline.phases.iter().filter(|phase| {
            let mut spans = spans(pack).filter(|(_, _, word)| *word == phase.id);
            let dates = |at| timeline.date(at);
            spans.all(|(from, to, _)| citation.in_force(dates(from)) && citation.in_force(dates(to)))
        });
        phases.map(|phase| phase.id.clone()).collect()
    };
    let all = pack.citations.iter().map(|citation| (citation, covered(citation)));
    let best = all.reduce(|best, next| {
        let rank = |(citation, phases): &(&Citation, Vec<Arc<str>>)| (phases.len(), citation.verified);
        if rank(&next) > rank(&best) { next } else { best }
    });
    best.filter(|(_, phases)| !phases.is_empty())
}

/// The phases of the whole area as the calendar has them: first instant, last instant, word. The last has one day.
fn spans(pack: &Pack) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>, Arc<str>)> {
    let begins = &pack.timeline.whole_area.begins;
    begins.iter().enumerate().map(move |(index, (from, phase))| {
        let next = begins.get(index + 1).map_or(*from + TimeDelta::days(1), |(next, _)| *next);
        (*from, next - TimeDelta::milliseconds(1), pack.timeline.phase_text(*phase))
    })
}

/// The longest of some phases, with its first instant.
fn longest(pack: &Pack, phases: &[Arc<str>]) -> Option<(DateTime<Utc>, Arc<str>)> {
    let among = spans(pack).filter(|(_, _, word)| phases.contains(word));
    among.max_by_key(|(from, to, _)| *to - *from).map(|(from, _, word)| (from, word))
}

fn begins_of(pack: &Pack, phase: &str) -> Option<DateTime<Utc>> {
    spans(pack).find(|(_, _, word)| word.as_ref() == phase).map(|(from, ..)| from)
}

/// A record of a kind about a subject, with nothing that is not asked for.
fn record(pack: &Pack, wish: &Wish, at: DateTime<Utc>) -> Json {
    let at = at.with_timezone(&pack.timeline.zone).to_rfc3339();
    let mut record = json!({ "kind": pack.schema.kind_name(wish.on), "occurred_at": at });
    let mut state = |path: &str| {
        let Some(field) = stated(pack, path) else { return };
        let value = sample(pack, field);
        put(&mut record, field.path.split('.'), value);
        if field.path == "person.passport.number" {
            put(&mut record, "person.passport.issuer".split('.'), Json::from("UTO"));
        }
    };
    state("place.kabupaten");
    for asked in pack.schema.kind(wish.on).iter().flat_map(|kind| &kind.requires) {
        state(asked.split('|').next().unwrap_or(asked));
    }
    let section = pack.schema.kind_name(wish.on).split('.').next().unwrap_or("");
    match (wish.per, section) {
        (SubjectKind::Person, _) => state("person.passport.number"),
        (SubjectKind::Nik, "voter_list") => state("voter.nik_hash"),
        (SubjectKind::Nik, _) => state("person.nik_hash"),
        (SubjectKind::Lodging, "plan") => state("plan.lodging_id"),
        (SubjectKind::Lodging, _) => state("lodging.id"),
        (SubjectKind::Sponsor, "plan") => state("plan.sponsor_id"),
        (SubjectKind::Sponsor, "work") => state("work.employer_id"),
        (SubjectKind::Sponsor, _) => state("permit.sponsor_id"),
        (SubjectKind::Event, _) => state("activity.event_id"),
        (SubjectKind::Source | SubjectKind::Record, _) => {}
    }
    record
}

/// The field at a path, or the first of a section; a person is known by the passport.
fn stated<'a>(pack: &'a Pack, path: &str) -> Option<&'a Field> {
    let schema = &pack.schema;
    if path == "person" {
        return schema.field(core::PASSPORT_NUMBER);
    }
    let id = schema.field_id(path);
    let in_section = |field: &&Field| field.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    id.and_then(|id| schema.field(id)).or_else(|| schema.fields().iter().find(in_section))
}

fn sample(pack: &Pack, field: &Field) -> Json {
    match field.ty {
        Type::Bool => Json::from(true),
        Type::Int => Json::from(1),
        Type::Number => Json::from(1.0),
        Type::Time => Json::from("2024-10-01"),
        Type::Choice(words) => Json::from(words.first().copied().unwrap_or_default()),
        Type::Text => match field.path.as_str() {
            "place.kabupaten" => Json::from(pack.area.first().map_or("", String::as_str)),
            "person.passport.number" => Json::from("X1000001"),
            "person.nik_hash" | "voter.nik_hash" => Json::from("0".repeat(64)),
            _ => Json::from("contoh-1"),
        },
    }
}

/// JSON as rhai writes it.
fn literal(json: &Json) -> String {
    match json {
        Json::Object(map) => {
            let members: Vec<String> = map.iter().map(|(key, value)| format!("{key}: {}", literal(value))).collect();
            format!("#{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}
