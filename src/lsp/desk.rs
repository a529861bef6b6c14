//! The answers to an editor's requests.

use std::path::Path;

use lsp_types::{
    CodeActionParams, CodeLens, CodeLensParams, CompletionItem, CompletionParams, DocumentSymbolParams,
    ExecuteCommandParams, GotoDefinitionParams, Hover, HoverParams, Location, TextDocumentPositionParams, Uri,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::words::say;

use super::complete::{Taken, complete};
use super::diagnose;
use super::names::stem;
use super::outline;
use super::point;
use super::workspace::Workspace;

/// What requests are answered from.
pub struct Desk {
    /// Documents and packs.
    pub workspace: Workspace,
    /// How the client takes completions.
    pub taken: Taken,
}

/// How a run of tests came out.
#[derive(Debug, Default)]
pub struct Ran {
    /// Whether nothing failed.
    pub is_well: bool,
    /// What to show.
    pub message: String,
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
}

/// What the command that runs tests is given.
#[derive(Debug, Deserialize)]
struct Asked {
    uri: Uri,
    test: Option<usize>,
}

impl Desk {
    /// `textDocument/completion`
    pub fn complete(&mut self, params: CompletionParams) -> Vec<CompletionItem> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let taken = self.taken;
        let Some((view, _)) = self.workspace.view(&text_document.uri) else { return Vec::new() };
        complete(view, taken.encoding.offset(view.text, position), taken)
    }

    /// `textDocument/hover`
    pub fn hover(&mut self, params: HoverParams) -> Option<Hover> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let encoding = self.taken.encoding;
        let (view, _) = self.workspace.view(&text_document.uri)?;
        point::hover(view, encoding.offset(view.text, position), encoding)
    }

    /// `textDocument/definition`
    pub fn definition(&mut self, params: GotoDefinitionParams) -> Option<Location> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let encoding = self.taken.encoding;
        let (view, root) = self.workspace.view(&text_document.uri)?;
        let (path, span) = point::definition(view, encoding.offset(view.text, position))?;
        if path == view.path {
            return Some(Location::new(text_document.uri, encoding.range(view.text, span)));
        }
        let root = root.map(Path::to_owned)?;
        let range = encoding.range(self.workspace.text(&root, &path)?, span);
        Some(Location::new(self.workspace.uri(&root.join(path))?, range))
    }

    /// `textDocument/documentSymbol`
    pub fn symbols(&mut self, params: DocumentSymbolParams) -> Vec<Value> {
        let encoding = self.taken.encoding;
        let view = self.workspace.view(&params.text_document.uri);
        view.map(|(view, _)| outline::symbols(view, encoding)).unwrap_or_default()
    }

    /// `textDocument/codeLens`
    pub fn lenses(&mut self, params: CodeLensParams) -> Vec<CodeLens> {
        let uri = params.text_document.uri;
        let encoding = self.taken.encoding;
        match self.workspace.view(&uri) {
            Some((view, Some(_))) => outline::lenses(view, &uri, encoding),
            _ => Vec::new(),
        }
    }

    /// `textDocument/codeAction`: replacements of misspelt words, and the tests around a place for editors without lenses.
    pub fn actions(&mut self, params: CodeActionParams) -> Vec<Value> {
        let uri = params.text_document.uri;
        let (encoding, language) = (self.taken.encoding, self.workspace.language);
        self.workspace.build();
        let mut actions = Vec::new();
        let Some((document, Some((pack, path)))) = self.workspace.document(&uri) else { return actions };
        let text = document.text.as_str();
        let asked = encoding.offset(text, params.range.start)..encoding.offset(text, params.range.end);
        for diagnostic in pack.diagnostics.iter().filter(|diagnostic| diagnostic.file == path) {
            let (start, end) = diagnostic.span;
            if start > asked.end || end < asked.start {
                continue;
            }
            let Some((span, new)) = diagnose::replacement(text, diagnostic) else { continue };
            let edit = json!({ "range": encoding.range(text, span), "newText": new });
            actions.push(json!({
                "title": say("editor-replace").with("word", new.trim_matches('"')).render(language),
                "kind": "quickfix",
                "isPreferred": true,
                "diagnostics": [diagnose::shown(diagnostic, Some(text), &uri, encoding, language)],
                "edit": { "changes": { uri.as_str(): [edit] } },
            }));
        }
        let Some((view, _)) = self.workspace.view(&uri) else { return actions };
        let tests = outline::tests(&view.notes());
        let here = tests.iter().position(|test| test.at.start <= asked.start && asked.start <= test.at.end);
        let runs = here.map(Some).into_iter().chain(tests.first().map(|_| None));
        actions.extend(runs.map(|test| {
            let command = outline::run_command(view, &uri, test);
            json!({ "title": command.title, "kind": "source", "command": command })
        }));
        actions
    }

    /// `workspace/executeCommand`: runs tests; those that fail are shown where they stand.
    pub fn execute(&mut self, params: ExecuteCommandParams) -> Option<Ran> {
        let language = self.workspace.language;
        let asked = params.arguments.into_iter().next().and_then(|argument| serde_json::from_value(argument).ok());
        let Asked { uri, test } = asked.filter(|_| params.command == outline::RUN_TEST)?;
        self.workspace.build();
        let (_, pack) = self.workspace.document(&uri)?;
        let (pack, path) = pack?;
        let rule = stem(path).to_owned();
        let Some(outcomes) = pack.run_tests(path, language) else {
            return Some(Ran { message: say("editor-pack-is-broken").render(language), ..Ran::default() });
        };
        let outcomes: Vec<(usize, Vec<String>)> =
            outcomes.into_iter().enumerate().filter(|(index, _)| test.is_none_or(|only| only == *index)).collect();
        if outcomes.is_empty() {
            return Some(Ran { message: say("editor-no-tests").with("rule", rule).render(language), ..Ran::default() });
        }
        let tests = outcomes.len();
        let failed: Vec<(usize, String)> = outcomes
            .into_iter()
            .filter(|(_, failures)| !failures.is_empty())
            .map(|(index, failures)| (index, failures.join("\n")))
            .collect();
        let ran = Ran {
            is_well: failed.is_empty(),
            message: if failed.is_empty() {
                say("editor-tests-passed").with("rule", rule).with("tests", tests).render(language)
            } else {
                let said = say("editor-tests-failed").with("rule", rule);
                said.with("failed", failed.len()).with("tests", tests).render(language)
            },
            passed: tests - failed.len(),
            failed: failed.len(),
        };
        self.workspace.keep_failed(&uri, failed);
        Some(ran)
    }
}
