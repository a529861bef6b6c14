//! A TOML file read with all its mistakes: each is noted and mended for the rest of the run, as far as that goes.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

use crate::words::{Text, say};

use super::diagnostic::{Code, Diagnostic, nearest};
use super::files::Files;

/// How many mistakes of one file are shown: more are one mistake many times.
const MAX_MISTAKES: usize = 50;

/// Reads a table of a pack; what is wrong goes to `problems`, and what can still be read is there for other checks.
pub fn read<T: DeserializeOwned>(files: &Files, path: &str, problems: &mut Vec<Diagnostic>) -> Option<T> {
    let Some(text) = files.text(path) else {
        problems.push(Diagnostic::file(Code::File, path, say("file-missing")).help(say("file-missing-help")));
        return None;
    };
    let (value, found) = from_text(text);
    problems.extend(
        found
            .into_iter()
            .map(|(span, message, help)| Diagnostic::error(Code::Table, path, text, span, message).help(help)),
    );
    value
}

/// Where a mistake stands, what it is and what to do.
pub type Mistake = (Range<usize>, Text, Option<Text>);

/// Reads a text with all its mistakes.
pub fn from_text<T: DeserializeOwned>(text: &str) -> (Option<T>, Vec<Mistake>) {
    match parse(text) {
        Ok(table) => from_table(table),
        Err(found) => (None, found),
    }
}

/// Parses a text, or finds where it is no TOML.
pub fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<Mistake>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table);
    }
    let line = |mistake: &Mistake| text.get(..mistake.0.start).map(|before| before.matches('\n').count());
    let mut found: Vec<Mistake> = errors.iter().map(mistake).collect();
    // one slip can bring the parser to stumble over the rest of its line
    found.dedup_by_key(|mistake| line(mistake));
    Err(found)
}

/// Reads a table with all its mistakes.
pub fn from_table<T: DeserializeOwned>(mut table: Spanned<DeTable<'_>>) -> (Option<T>, Vec<Mistake>) {
    let mut found = Vec::new();
    let mut taken_out = Vec::new();
    for _ in 0..MAX_MISTAKES {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(value) => return (Some(value), found),
            Err(error) => error,
        };
        let (span, message, help) = mistake(&error);
        let mend = Mend { span: span.clone(), meant: meant(error.message()), is_missing: is_missing(&message) };
        // it is missing because it was taken out just now
        let is_echo =
            matches!(&message, Text::Message("table-missing-key", arguments) if taken_out.contains(arguments));
        if !is_echo {
            found.push((span, message, help));
        }
        match mend.table(table.get_mut()) {
            Some(key) => taken_out.push(vec![("key", key.into())]),
            None => break,
        }
    }
    (None, found)
}

fn mistake(error: &Error) -> Mistake {
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    let (words, help) = match message.split_once("; help: ") {
        Some((what, help)) => (what.to_owned(), Some(Text::Plain(help.to_owned()))),
        None => {
            let help = meant(&message).map(|word| say("did-you-mean").with("word", word));
            let help = help.or_else(|| slip(&message));
            (message, help)
        }
    };
    (error.span().unwrap_or(0..0), objection(&words), help)
}

/// What to do about a slip that the reader's own words leave people alone with.
fn slip(message: &str) -> Option<Text> {
    if message.contains("duplicate key") {
        Some(say("table-twice-help"))
    } else if message.contains("quoted") || message.contains("literal") {
        Some(say("table-quotes-help"))
    } else {
        None
    }
}

fn is_missing(message: &Text) -> bool {
    matches!(message, Text::Message("table-missing-key", _))
}

/// The known key that an unknown one was probably meant to be.
fn meant(message: &str) -> Option<String> {
    let mut words = message.split('`').skip(1).step_by(2);
    let word = words.next().filter(|_| message.starts_with("unknown "))?;
    nearest(word, words).map(str::to_owned)
}

/// What the reader objects to, in both languages where it is frequent.
fn objection(message: &str) -> Text {
    let named =
        |rest: &str| rest.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(word, _)| word.to_owned());
    if let Some(rest) = message.strip_prefix("unknown field ")
        && let (Some(key), Some((_, known))) = (named(rest), rest.split_once("expected "))
    {
        let known = known.strip_prefix("one of ").unwrap_or(known);
        return say("table-unknown-key").with("key", key).with("known", known);
    }
    if let Some(key) = message.strip_prefix("missing field ").and_then(named) {
        return say("table-missing-key").with("key", key);
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return say("table-type").with("expected", kind(expected)).with("found", kind(found));
    }
    say("table-objection").with("words", message)
}

/// A type as serde names it.
fn kind(word: &str) -> Text {
    match word.split_whitespace().find(|word| *word != "a").unwrap_or("") {
        "string" => say("ty-text"),
        "integer" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => say("ty-int"),
        "floating" | "f64" => say("ty-number"),
        "boolean" => say("ty-bool"),
        "sequence" => say("ty-list"),
        "map" | "struct" => say("ty-table"),
        _ => Text::Plain(word.to_owned()),
    }
}

/// What is done to a document so that its other mistakes come to light.
struct Mend {
    span: Range<usize>,
    meant: Option<String>,
    is_missing: bool,
}

impl Mend {
    /// Renames a key that was misspelt, takes out what has the wrong type or lacks something; the key that is gone.
    fn table(&self, table: &mut DeTable<'_>) -> Option<String> {
        if let Some(key) = table.iter_mut().find_map(|(_, value)| self.inside(value.get_mut())) {
            return Some(key);
        }
        let is_key = |key: &Spanned<_>| !self.is_missing && key.span() == self.span;
        let found = table.iter().find(|(key, value)| is_key(key) || value.span() == self.span);
        let (key, is_key) = found.map(|(key, _)| (key.clone(), is_key(key)))?;
        let value = table.remove(&key)?;
        let meant = self.meant.as_ref().filter(|meant| !table.keys().any(|key| key.get_ref() == meant.as_str()));
        match meant {
            Some(meant) if is_key => {
                table.insert(Spanned::new(key.span(), meant.clone().into()), value);
            }
            _ => {}
        }
        Some(key.into_inner().into_owned())
    }

    fn inside(&self, value: &mut DeValue<'_>) -> Option<String> {
        match value {
            DeValue::Table(table) => self.table(table),
            DeValue::Array(array) => {
                if let Some(key) = array.iter_mut().find_map(|value| self.inside(value.get_mut())) {
                    return Some(key);
                }
                let before = array.len();
                let kept: DeArray<'_> = array.iter().filter(|value| value.span() != self.span).cloned().collect();
                let is_shorter = kept.len() < before;
                if is_shorter {
                    *value = DeValue::Array(kept);
                }
                is_shorter.then(String::new)
            }
            _ => None,
        }
    }
}
