//! The outline of a rule file: its helpers, values and tests, as symbols and as lenses that run tests.

use std::ops::Range;

use lsp_types::{CodeLens, Command, Uri};
use serde_json::{Value, json};

use crate::words::say;

use super::lexer::Note;
use super::position::Encoding;
use super::view::View;

/// The command that runs tests; it takes a document, and the test's place in the list where only one is to run.
pub const RUN_TEST: &str = "siaga.runTest";
const FUNCTION: u8 = 12;
const CLASS: u8 = 5;
const VARIABLE: u8 = 13;
const METHOD: u8 = 6;

/// A test in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPlace {
    /// What it shows.
    pub name: String,
    /// Its bytes.
    pub at: Range<usize>,
}

/// The tests of a file, in order.
pub fn tests(notes: &[Note]) -> Vec<TestPlace> {
    let mut tests: Vec<TestPlace> = Vec::new();
    for note in notes {
        match note {
            Note::Item(path, at) if path.as_slice() == ["tests"] => {
                tests.push(TestPlace { name: String::new(), at: *at..*at });
            }
            Note::ItemEnd(path, at) if path.as_slice() == ["tests"] => {
                if let Some(test) = tests.last_mut() {
                    test.at.end = *at;
                }
            }
            Note::Text(path, text) if path.as_slice() == ["tests", "name"] => {
                if let Some(test) = tests.last_mut() {
                    test.name.clone_from(text);
                }
            }
            _ => {}
        }
    }
    tests
}

/// Runs all tests of a document, or the one at a place of the list.
pub fn run_command(view: View<'_>, uri: &Uri, test: Option<usize>) -> Command {
    let title = if test.is_some() { say("editor-run-test") } else { say("editor-run-tests") };
    let arguments = vec![json!({ "uri": uri, "test": test })];
    Command::new(title.render(view.language), RUN_TEST.to_owned(), Some(arguments))
}

/// A lens above the rule and above each of its tests.
pub fn lenses(view: View<'_>, uri: &Uri, encoding: Encoding) -> Vec<CodeLens> {
    let notes = view.notes();
    let tests = tests(&notes);
    let lens = |at: usize, test| CodeLens {
        range: encoding.range(view.text, at..at),
        command: Some(run_command(view, uri, test)),
        data: None,
    };
    let rule = notes.iter().filter(|_| !tests.is_empty()).find_map(|note| match note {
        Note::Rule(at) => Some(lens(at.start, None)),
        _ => None,
    });
    rule.into_iter().chain(tests.iter().enumerate().map(|(index, test)| lens(test.at.start, Some(index)))).collect()
}

/// The symbols of a document.
pub fn symbols(view: View<'_>, encoding: Encoding) -> Vec<Value> {
    let notes = view.notes();
    let symbol = |name: &str, kind: u8, at: Range<usize>, children: Vec<Value>| {
        // an editor takes no symbol without a name
        let name = if name.is_empty() { "?" } else { name };
        let range = encoding.range(view.text, at.clone());
        let name_at = encoding.range(view.text, at.start..at.start);
        json!({ "name": name, "kind": kind, "range": range, "selectionRange": name_at, "children": children })
    };
    let mut symbols = Vec::new();
    let mut inside = Vec::new();
    let mut rule = None;
    for note in &notes {
        match note {
            Note::Helper(name, _, at) => symbols.push(symbol(name, FUNCTION, at.clone(), Vec::new())),
            Note::Rule(at) => rule = Some(at.start),
            Note::Key(path, name, at) if path.as_slice() == ["values"] => {
                inside.push(symbol(name, VARIABLE, at.clone(), Vec::new()));
            }
            _ => {}
        }
    }
    inside.extend(tests(&notes).into_iter().map(|test| symbol(&test.name, METHOD, test.at, Vec::new())));
    if let Some(start) = rule {
        let id = super::names::stem(view.path);
        symbols.push(symbol(id, CLASS, start..view.text.len(), inside));
    }
    symbols
}
