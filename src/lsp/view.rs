//! A place in a file of a pack: what may stand there, and what the word there names.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::pack::Pack;
use crate::words::Language;

use super::cell;
use super::lexer::{self, Note, Within};
use super::names::{Known, Name};
use super::sort::{self, Expected, Sort};
use super::table;
use super::token::is_word;

/// A file of a pack.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The pack's tables, as of when they could last be read.
    pub tables: &'a Pack,
    /// All files as they are now.
    pub files: &'a BTreeMap<String, String>,
    /// The file's path within the pack.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The language of what is said.
    pub language: Language,
}

/// What a word names.
#[derive(Clone, Debug)]
pub struct Pointed {
    /// Its sort.
    pub sort: Sort,
    /// The name.
    pub name: Name,
    /// Where the word stands.
    pub at: Range<usize>,
}

impl<'a> View<'a> {
    /// Whether the file is a rule.
    pub fn is_rule(self) -> bool {
        self.path.ends_with(".rhai")
    }

    /// The file's outline, where it is a rule.
    pub fn notes(self) -> Vec<Note> {
        if self.is_rule() { lexer::look(self.text, self.text.len()).notes } else { Vec::new() }
    }

    /// What may stand at a byte, and the parameters of the helper around it.
    pub fn expected(self, at: usize) -> (Expected, Vec<String>) {
        if self.is_rule() {
            let look = lexer::look(self.text, at);
            (sort::expected(&look, &self.tables.schema), look.params)
        } else if self.path.ends_with(".toml") {
            (cell::expected(self.path, &table::spot(self.text, at)), Vec::new())
        } else {
            (Expected::default(), Vec::new())
        }
    }

    /// What is known for naming things in this file.
    pub fn known(self, notes: &'a [Note], params: &'a [String]) -> Known<'a> {
        let View { tables, files, path, language, .. } = self;
        Known { tables, files, path, notes, params, language }
    }

    /// What the word at a byte names.
    pub fn pointed(self, at: usize) -> Option<Pointed> {
        let end = self.word_end(at);
        let (expected, params) = self.expected(end);
        let word = self.text.get(expected.start..end).filter(|word| !word.is_empty())?;
        let notes = self.notes();
        let known = self.known(&notes, &params);
        let sorts = if expected.is_text { &expected.quoted } else { &expected.bare };
        sorts.iter().find_map(|sort| {
            let name = known.names(sort).into_iter().find(|name| name.label == word)?;
            Some(Pointed { sort: sort.clone(), name, at: expected.start..end })
        })
    }

    /// Where the word or text around a byte ends.
    fn word_end(self, at: usize) -> usize {
        let is_text = if self.is_rule() {
            matches!(lexer::look(self.text, at).within, Within::Text(_))
        } else {
            table::spot(self.text, at).is_text
        };
        let rest = self.text.get(at..).unwrap_or("");
        let is_over = |c: char| match is_text {
            true => c == '"' || c == '\'' || c == '\n',
            false => !(is_word(c) || (c == '-' && !self.is_rule())),
        };
        at + rest.find(is_over).unwrap_or(rest.len())
    }
}
