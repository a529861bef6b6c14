//! A diagnostic in a language, with both ends of its place: what programs get.

use serde::Serialize;

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
    /// What was probably meant, to stand in its place.
    pub replacement: Option<String>,
}

impl Said {
    /// A diagnostic of these files in a language.
    pub fn of(diagnostic: &Diagnostic, files: &Files, language: Language) -> Self {
        let text = files.text(&diagnostic.file).filter(|_| diagnostic.line > 0);
        let (end_line, end_column) =
            text.map_or((diagnostic.line, diagnostic.column), |text| line_and_column(text, diagnostic.span.1));
        let written = text.and_then(|text| text.get(diagnostic.span.0..diagnostic.span.1));
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
            replacement: diagnostic.meant().zip(written).map(|(meant, written)| replacement(meant, written)),
        }
    }
}

/// The word that was meant, in the form of what is written: in its quotes, and without the section before it.
fn replacement(meant: &str, written: &str) -> String {
    match written.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(_) => format!("\"{meant}\""),
        None if written.contains('.') => meant.to_owned(),
        None => meant.rsplit('.').next().unwrap_or(meant).to_owned(),
    }
}
