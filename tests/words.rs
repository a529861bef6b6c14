//! The catalogue has every message in both languages, with the same arguments, and the source uses each of them.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::FluentResource;
use siaga::words::Language;

/// The messages of a language with the arguments that each takes.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let text = language.catalogue();
    FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| errors).unwrap();
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut id = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            id = name.to_owned();
            assert!(messages.insert(id.clone(), BTreeSet::new()).is_none(), "`{id}` stands twice in {language:?}");
        }
        for rest in line.split('$').skip(1) {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
            messages.get_mut(&id).unwrap().insert(rest[..end].to_owned());
        }
    }
    messages
}

/// The ids that the source asks for: `say("...")`.
fn asked(folder: &Path, ids: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            asked(&path, ids);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            ids.extend(source.split("say(\"").skip(1).filter_map(|rest| Some(rest.split_once("\")")?.0.to_owned())));
        }
    }
}

#[test]
fn both_languages_have_the_same_messages_and_arguments() {
    assert_eq!(messages(Language::English), messages(Language::Indonesian));
}

#[test]
fn every_message_is_asked_for() {
    let mut ids = BTreeSet::new();
    asked(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut ids);
    let unused: Vec<String> = messages(Language::English).into_keys().filter(|id| !ids.contains(id)).collect();
    assert!(unused.is_empty(), "nothing says {unused:?}");
}

#[test]
fn every_id_that_the_source_asks_for_is_a_message() {
    let mut ids = BTreeSet::new();
    asked(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut ids);
    let known = messages(Language::English);
    let unknown: Vec<&String> = ids.iter().filter(|id| !known.contains_key(*id)).collect();
    assert!(unknown.is_empty(), "the catalogue lacks {unknown:?}");
}
