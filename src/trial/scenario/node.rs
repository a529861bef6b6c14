//! The values of a scenario file with their places; what is wrong with them is said there.

use std::ops::Range;

use chrono::{DateTime, Utc};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::pack::Pack;
use crate::pack::diagnostic::{Code, Diagnostic, did_you_mean, meant_or_all};
use crate::record::parse::instant;
use crate::words::{Text, say};

/// A value with its place.
pub type Node<'t> = Spanned<DeValue<'t>>;

/// Reads the values of one file.
pub struct Values<'a> {
    /// The pack that the file belongs to.
    pub pack: &'a Pack,
    /// Path of the file within the pack.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// What is wrong so far.
    pub problems: Vec<Diagnostic>,
}

impl Values<'_> {
    /// Says that something is wrong.
    pub fn wrong<T>(&mut self, code: Code, span: Range<usize>, message: Text, help: Option<Text>) -> Option<T> {
        self.problems.push(Diagnostic::error(code, self.path, self.text, span, message).help(help));
        None
    }

    /// Says that a value is of the wrong type.
    pub fn due<T>(&mut self, node: &Node<'_>, message: Text) -> Option<T> {
        self.wrong(Code::Table, head(self.text, node.span()), message, None)
    }

    /// Says that a word names nothing; what was meant, or what there is.
    pub fn unknown<'k, T>(
        &mut self,
        span: Range<usize>,
        message: Text,
        word: &str,
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) -> Option<T> {
        let help = known.clone().into_iter().next().map(|_| meant_or_all(word, known));
        self.wrong(Code::Name, span, message, help)
    }

    /// Says which keys of a table there are not.
    pub fn keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref().as_ref();
            let message = say("scenario-key").with("key", word);
            let help = did_you_mean(word, known.iter().copied())
                .unwrap_or_else(|| say("scenario-keys").with("known", known.join(", ")));
            self.wrong::<()>(Code::Table, key.span(), message, Some(help));
        }
    }

    /// A table.
    pub fn table<'n, 't>(&mut self, node: &'n Node<'t>) -> Option<&'n DeTable<'t>> {
        node.get_ref().as_table().or_else(|| self.due(node, say("scenario-due-table")))
    }

    /// A list of anything.
    pub fn list<'n, 't>(&mut self, node: &'n Node<'t>) -> Option<Vec<&'n Node<'t>>> {
        let list = node.get_ref().as_array().map(|list| list.iter().collect());
        list.or_else(|| self.due(node, say("scenario-due-list")))
    }

    /// A text.
    pub fn word<'n>(&mut self, node: &'n Node<'_>) -> Option<&'n str> {
        node.get_ref().as_str().or_else(|| self.due(node, say("scenario-due-text")))
    }

    /// A finite number.
    pub fn number(&mut self, node: &Node<'_>) -> Option<f64> {
        let text = match node.get_ref() {
            DeValue::Integer(whole) if whole.radix() == 10 => Some(whole.as_str()),
            DeValue::Float(number) => Some(number.as_str()),
            _ => None,
        };
        let number = text.and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
        number.or_else(|| self.due(node, say("scenario-due-number")))
    }

    /// An instant, in quotes or without; a date alone is its local 00:00.
    pub fn time(&mut self, node: &Node<'_>) -> Option<DateTime<Utc>> {
        let zone = self.pack.timeline.zone;
        let time = match node.get_ref() {
            DeValue::String(text) => instant(text, zone),
            DeValue::Datetime(stated) => instant(&stated.to_string(), zone),
            _ => None,
        };
        time.or_else(|| {
            let help = say("scenario-due-time-help");
            self.wrong(Code::Table, node.span(), say("scenario-due-time"), Some(help))
        })
    }
}

/// The first line of a span: a table can be long.
pub fn head(text: &str, span: Range<usize>) -> Range<usize> {
    let within = text.get(span.clone()).unwrap_or("");
    let line = within.find('\n').unwrap_or(within.len());
    span.start..span.start + within.get(..line).unwrap_or("").trim_end().len()
}

/// What stands under a key.
pub fn under<'n, 't>(table: &'n DeTable<'t>, key: &str) -> Option<&'n Node<'t>> {
    table.get(key)
}
