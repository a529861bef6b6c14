//! What is wrong with a pack, as the protocol says it; and the replacements that its help offers.

use std::ops::Range;

use lsp_types::{DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Uri};

use crate::pack::diagnostic::{Diagnostic, Weight};
use crate::words::{Language, say};

use super::position::Encoding;
use super::token::is_word;

/// A diagnostic in a file's text. It names the file itself where it is shown in another one.
pub fn shown(
    diagnostic: &Diagnostic,
    text: Option<&str>,
    uri: &Uri,
    encoding: Encoding,
    language: Language,
) -> lsp_types::Diagnostic {
    let (start, end) = diagnostic.span;
    let mut message = diagnostic.message.render(language);
    if text.is_none() {
        message = format!("{}: {message}", diagnostic.file);
    }
    if let Some(label) = &diagnostic.label {
        message.push_str(&format!(" ({})", label.render(language)));
    }
    if let Some(help) = &diagnostic.help {
        message.push_str(&format!("\n{}: {}", say("help").render(language), help.render(language)));
    }
    let text = text.filter(|_| diagnostic.line > 0).unwrap_or("");
    let called = diagnostic.calls.iter().map(|(start, end)| DiagnosticRelatedInformation {
        location: Location::new(uri.clone(), encoding.range(text, *start..*end)),
        message: say("called-here").render(language),
    });
    let called: Vec<DiagnosticRelatedInformation> = called.collect();
    lsp_types::Diagnostic {
        range: encoding.range(text, start..end),
        severity: Some(match diagnostic.weight {
            Weight::Error => DiagnosticSeverity::ERROR,
            Weight::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(diagnostic.code.word().to_owned())),
        source: Some("siaga".to_owned()),
        message,
        related_information: Some(called).filter(|called| !called.is_empty()),
        ..lsp_types::Diagnostic::default()
    }
}

/// What to write for the word that was meant, and over which bytes: a path from its beginning.
pub fn replacement(text: &str, diagnostic: &Diagnostic) -> Option<(Range<usize>, String)> {
    let word = diagnostic.meant()?;
    let (start, end) = diagnostic.span;
    let written = text.get(start..end)?;
    if let Some(quote) = written.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return Some((start..end, format!("{quote}{word}{quote}")));
    }
    if !word.contains('.') {
        return Some((start..end, word.to_owned()));
    }
    let is_path = |c: char| is_word(c) || c == '.';
    let from = text.get(..start)?.rfind(|c| !is_path(c)).map_or(0, |at| at + 1);
    match text.get(from..end)?.strip_prefix("record.") {
        // as many parts of the path as are written up to here
        Some(path) => {
            let parts: Vec<&str> = word.split('.').take(path.split('.').count()).collect();
            Some((end - path.len()..end, parts.join(".")))
        }
        // after a call or a parameter the section is known already
        None => word.rsplit_once('.').map(|(_, name)| (start..end, name.to_owned())),
    }
}
