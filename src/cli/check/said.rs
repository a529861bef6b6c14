//! A diagnostic in a language, with both ends of its place: what programs get.

use serde::Serialize;

use crate::lsp::diagnose::replacement;
use crate::pack::diagnostic::{Code, Diagnostic, Weight, line_and_column};
use crate::pack::files::Files;
use crate::words::Language;

/// A diagnostic as it is said.
#[derive(Debug, Serialize)]
pub struct Said {
    /// What kind of mistake.
    pub code: Code,
    /// Whether the pack still loads.
    pub weight: Weight,
    /// Path of the file within the pack.
    pub file: String,
    /// Line from 1; 0 where the whole file is meant.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// The line on which it ends.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// What is wrong.
    pub message: String,
    /// What stands under the caret.
    pub label: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// What was probably meant.
    pub replacement: Option<Replacement>,
}

/// A text to stand in place of another.
#[derive(Debug, Serialize)]
pub struct Replacement {
    /// Where the other begins, line and column.
    pub start: (usize, usize),
    /// Where it ends.
    pub end: (usize, usize),
    /// The text.
    pub text: String,
}

impl Said {
    /// A diagnostic of these files in a language.
    pub fn of(diagnostic: &Diagnostic, files: &Files, language: Language) -> Self {
        let text = files.text(&diagnostic.file).filter(|_| diagnostic.line > 0);
        let (end_line, end_column) =
            text.map_or((diagnostic.line, diagnostic.column), |text| line_and_column(text, diagnostic.span.1));
        let replacement = text.and_then(|text| {
            let (range, word) = replacement(text, diagnostic)?;
            let place = |at| line_and_column(text, at);
            Some(Replacement { start: place(range.start), end: place(range.end), text: word })
        });
        Said {
            code: diagnostic.code,
            weight: diagnostic.weight,
            file: diagnostic.file.clone(),
            line: diagnostic.line,
            column: diagnostic.column,
            end_line,
            end_column,
            message: diagnostic.message.render(language),
            label: diagnostic.label.as_ref().map(|label| label.render(language)),
            help: diagnostic.help.as_ref().map(|help| help.render(language)),
            replacement,
        }
    }
}
