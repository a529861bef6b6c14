//! Completion: the names that may stand at a place, each with its documentation.

use lsp_types::{
    CompletionItem, CompletionTextEdit, Documentation, InsertTextFormat, MarkupContent, MarkupKind, TextEdit,
};

use super::lexer::Note;
use super::names::Name;
use super::position::Encoding;
use super::sort::Sort;
use super::view::View;

/// How a client takes completions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// What columns count.
    pub encoding: Encoding,
    /// Whether it fills in snippets.
    pub snippets: bool,
}

/// The completions at a byte.
pub fn complete(view: View<'_>, at: usize, taken: Taken) -> Vec<CompletionItem> {
    let (expected, params) = view.expected(at);
    let notes = view.notes();
    let known = view.known(&notes, &params);
    let range = taken.encoding.range(view.text, expected.start..at);
    let edit = |text: String| Some(CompletionTextEdit::Edit(TextEdit::new(range, text)));
    let mut items: Vec<CompletionItem> = Vec::new();
    for name in expected.quoted.iter().flat_map(|sort| known.names(sort)) {
        let text = if expected.is_text { name.label.clone() } else { format!("\"{}\"", name.label) };
        items.push(CompletionItem { text_edit: edit(text.clone()), filter_text: Some(text), ..item(name) });
    }
    let is_stated = |sort: &Sort, name: &Name| {
        let stated = |note: &Note| matches!(note, Note::Key(path, key, _) if path.is_empty() && *key == name.label);
        *sort == Sort::RuleKey && notes.iter().any(stated)
    };
    let names = |sort| known.names(sort).into_iter().filter(move |name| !is_stated(sort, name));
    for name in expected.bare.iter().flat_map(names) {
        let snippet = name.snippet.clone().filter(|_| taken.snippets);
        let format = snippet.as_ref().map(|_| InsertTextFormat::SNIPPET);
        let text = snippet.unwrap_or_else(|| name.label.clone());
        items.push(CompletionItem { text_edit: edit(text), insert_text_format: format, ..item(name) });
    }
    // in the order of the pack's tables and the guide
    for (index, item) in items.iter_mut().enumerate() {
        item.sort_text = Some(format!("{index:04}"));
    }
    items
}

fn item(name: Name) -> CompletionItem {
    let doc = MarkupContent { kind: MarkupKind::Markdown, value: name.doc };
    CompletionItem {
        label: name.label,
        kind: Some(name.icon),
        detail: Some(name.detail).filter(|detail| !detail.is_empty()),
        documentation: Some(doc).filter(|doc| !doc.value.is_empty()).map(Documentation::MarkupContent),
        ..CompletionItem::default()
    }
}
