//! Hover and definition: what the word at a place says, and where it was declared.

use std::ops::Range;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::lexer::Note;
use super::names::stem;
use super::position::Encoding;
use super::sort::Sort;
use super::table;
use super::view::View;

/// What the word at a byte says.
pub fn hover(view: View<'_>, at: usize, encoding: Encoding) -> Option<Hover> {
    let pointed = view.pointed(at)?;
    let name = pointed.name;
    let value = if name.doc.is_empty() { name.detail } else { name.doc };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(encoding.range(view.text, pointed.at)) })
}

/// Where what the word at a byte names was declared: a file of the pack and a span of bytes in it.
pub fn definition(view: View<'_>, at: usize) -> Option<(String, Range<usize>)> {
    let pointed = view.pointed(at)?;
    let word = pointed.name.label.as_str();
    let here = |at: Range<usize>| (view.path.to_owned(), at);
    let declared = |path: &str, header: &str, key: &str| {
        let entries = table::entries(view.files.get(path)?);
        let entry =
            entries.into_iter().find(|entry| entry.header == header && entry.key == key && entry.value == word)?;
        Some((path.to_owned(), entry.at))
    };
    match &pointed.sort {
        Sort::Threshold => declared("thresholds.toml", word, ""),
        Sort::Citation => declared("legal.toml", "citation", "id"),
        Sort::Role => declared("agencies.toml", "role", "id"),
        Sort::Agency => declared("agencies.toml", "agency", "id"),
        Sort::Phase => declared("timeline.toml", "phase", "id"),
        Sort::Stage => declared("timeline.toml", "stage", "id"),
        Sort::Source => declared("sources.toml", "source", "id"),
        Sort::Kabupaten => declared("pack.toml", "", "area"),
        Sort::Kind => declared("fields.toml", "kind", "name"),
        Sort::Field(section) => {
            let path = if section.is_empty() { word.to_owned() } else { format!("{section}.{word}") };
            let entries = table::entries(view.files.get("fields.toml")?);
            let entry = entries.into_iter().find(|entry| entry.key == "path" && entry.value == path)?;
            Some(("fields.toml".to_owned(), entry.at))
        }
        Sort::List => Some((format!("lists/{word}.csv"), 0..0)),
        Sort::Rule | Sort::OwnRule => {
            let path = view.files.keys().find(|path| path.ends_with(".rhai") && stem(path) == word)?;
            Some((path.clone(), 0..0))
        }
        Sort::Helper => view.notes().into_iter().find_map(|note| match note {
            Note::Helper(name, _, at) if name == word => Some(here(at)),
            _ => None,
        }),
        Sort::Value => view.notes().into_iter().find_map(|note| match note {
            Note::Key(path, name, at) if name == word && path.as_slice() == ["values"] => Some(here(at)),
            _ => None,
        }),
        _ => None,
    }
}
