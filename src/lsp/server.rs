//! The conversation with an editor: what comes in is answered in order, and packs are built when nothing more waits.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lsp_server::{Connection, ErrorCode, Message, Notification, ProtocolError, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    LogMessage, Notification as _, PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{
    CodeActionRequest, CodeLensRequest, Completion, DocumentSymbolRequest, ExecuteCommand, GotoDefinition,
    HoverRequest, RegisterCapability, Request as _, Shutdown,
};
use lsp_types::{LogMessageParams, MessageType, ShowMessageParams};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::words::Language;

use super::complete::Taken;
use super::desk::Desk;
use super::outline::RUN_TEST;
use super::position::Encoding;
use super::workspace::Workspace;

/// Serves an editor until it says goodbye; whether it did so in due form. The language given counts before the editor's own.
///
/// # Errors
/// The editor does not keep to the protocol.
pub fn serve(connection: &Connection, language: Option<Language>) -> Result<bool, ProtocolError> {
    let (id, params) = connection.initialize_start()?;
    let client = Client::of(&params);
    connection.initialize_finish(id, client.answer())?;
    let locale = || params.pointer("/locale")?.as_str()?.parse().ok();
    let language = language.or_else(locale).unwrap_or_else(Language::of_environment);
    let workspace = Workspace::new(client.taken.encoding, language);
    let server = Server { connection, desk: Desk { workspace, taken: client.taken }, is_shut_down: false };
    if client.watches {
        server.watch();
    }
    Ok(server.run())
}

/// What an editor can do.
struct Client {
    taken: Taken,
    /// It tells of files that change on disk.
    watches: bool,
}

impl Client {
    fn of(params: &Value) -> Self {
        let has = |pointer: &str| params.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        let encodings = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let is_utf8 = encodings.is_some_and(|all| all.iter().any(|encoding| encoding == "utf-8"));
        let encoding = if is_utf8 { Encoding::Utf8 } else { Encoding::Utf16 };
        let snippets = has("/capabilities/textDocument/completion/completionItem/snippetSupport");
        let watches = has("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration");
        Client { taken: Taken { encoding, snippets }, watches }
    }

    fn answer(&self) -> Value {
        let encoding = if self.taken.encoding == Encoding::Utf8 { "utf-8" } else { "utf-16" };
        json!({
            "serverInfo": { "name": "siaga", "version": env!("CARGO_PKG_VERSION") },
            "capabilities": {
                "positionEncoding": encoding,
                // a rule is some kilobytes: its whole text with each change
                "textDocumentSync": { "openClose": true, "change": 1, "save": true },
                "completionProvider": { "triggerCharacters": [".", "\"", "`", "{"] },
                "hoverProvider": true,
                "definitionProvider": true,
                "documentSymbolProvider": true,
                "codeLensProvider": {},
                "codeActionProvider": { "codeActionKinds": ["quickfix", "source"] },
                "executeCommandProvider": { "commands": [RUN_TEST] },
            },
        })
    }
}

struct Server<'a> {
    connection: &'a Connection,
    desk: Desk,
    is_shut_down: bool,
}

impl Server<'_> {
    fn run(mut self) -> bool {
        while let Ok(message) = self.connection.receiver.recv() {
            match message {
                Message::Request(request) => self.request(request),
                Message::Notification(note) if note.method == "exit" => return self.is_shut_down,
                Message::Notification(note) => {
                    let method = note.method.clone();
                    if catch_unwind(AssertUnwindSafe(|| self.notice(note))).is_err() {
                        self.log(format!("`{method}` failed"));
                    }
                }
                Message::Response(_) => {}
            }
            // only the newest texts are built: what waits may hold a newer one
            if self.connection.receiver.is_empty() {
                for folder in self.desk.workspace.build() {
                    self.log(format!("the pack in `{}` could not be built", folder.display()));
                }
                self.publish();
            }
        }
        false
    }

    fn send(&self, message: impl Into<Message>) {
        // an editor that is gone reads nothing; the loop ends with it
        drop(self.connection.sender.send(message.into()));
    }

    /// Says something that an editor keeps in its log.
    fn log(&self, message: String) {
        let params = LogMessageParams { typ: MessageType::WARNING, message };
        self.send(Notification::new(LogMessage::METHOD.to_owned(), params));
    }

    fn publish(&mut self) {
        for params in self.desk.workspace.publish() {
            self.send(Notification::new(PublishDiagnostics::METHOD.to_owned(), params));
        }
    }

    /// Asks to be told of files that change on disk.
    fn watch(&self) {
        let watchers: Vec<Value> =
            ["rhai", "toml", "csv"].iter().map(|ending| json!({ "globPattern": format!("**/*.{ending}") })).collect();
        let registration = json!({
            "id": "files", "method": DidChangeWatchedFiles::METHOD, "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [registration] });
        self.send(Request::new("watch".to_owned().into(), RegisterCapability::METHOD.to_owned(), params));
    }

    fn notice(&mut self, note: Notification) {
        let workspace = &mut self.desk.workspace;
        let method = note.method.clone();
        let taken = match method.as_str() {
            DidOpenTextDocument::METHOD => take(note, |params: lsp_types::DidOpenTextDocumentParams| {
                let document = params.text_document;
                workspace.open(document.uri, document.text, document.version);
            }),
            DidChangeTextDocument::METHOD => take(note, |params: lsp_types::DidChangeTextDocumentParams| {
                if let Some(change) = params.content_changes.into_iter().next_back() {
                    workspace.change(&params.text_document.uri, change.text, params.text_document.version);
                }
            }),
            DidCloseTextDocument::METHOD => take(note, |params: lsp_types::DidCloseTextDocumentParams| {
                workspace.close(&params.text_document.uri);
            }),
            DidSaveTextDocument::METHOD | DidChangeWatchedFiles::METHOD => {
                workspace.touch();
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(error) = taken {
            self.log(format!("`{method}` cannot be read: {error}"));
        }
    }

    fn request(&mut self, request: Request) {
        let response = match request.method.as_str() {
            _ if self.is_shut_down => {
                let message = "the server is shut down".to_owned();
                Response::new_err(request.id, ErrorCode::InvalidRequest as i32, message)
            }
            Shutdown::METHOD => {
                self.is_shut_down = true;
                Response::new_ok(request.id, Value::Null)
            }
            Completion::METHOD => self.answer(request, Desk::complete),
            HoverRequest::METHOD => self.answer(request, Desk::hover),
            GotoDefinition::METHOD => self.answer(request, Desk::definition),
            DocumentSymbolRequest::METHOD => self.answer(request, Desk::symbols),
            CodeLensRequest::METHOD => self.answer(request, Desk::lenses),
            CodeActionRequest::METHOD => self.answer(request, Desk::actions),
            ExecuteCommand::METHOD => return self.execute(request),
            method => {
                let message = format!("there is no method `{method}`");
                Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
            }
        };
        self.send(response);
    }

    /// Answers a request; one that fails ends in an error and not in the end of the server.
    fn answer<P: DeserializeOwned, R: Serialize>(
        &mut self,
        request: Request,
        handle: impl FnOnce(&mut Desk, P) -> R,
    ) -> Response {
        let params = match serde_json::from_value(request.params) {
            Ok(params) => params,
            Err(error) => {
                return Response::new_err(request.id, ErrorCode::InvalidParams as i32, error.to_string());
            }
        };
        match catch_unwind(AssertUnwindSafe(|| handle(&mut self.desk, params))) {
            Ok(result) => Response::new_ok(request.id, result),
            Err(_) => {
                let message = format!("`{}` failed", request.method);
                Response::new_err(request.id, ErrorCode::InternalError as i32, message)
            }
        }
    }

    fn execute(&mut self, request: Request) {
        let mut said = None;
        let response = self.answer(request, |desk, params| {
            said = desk.execute(params);
            said.as_ref().map(|ran| json!({ "passed": ran.passed, "failed": ran.failed }))
        });
        if let Some(ran) = said {
            let typ = if ran.is_well { MessageType::INFO } else { MessageType::WARNING };
            let params = ShowMessageParams { typ, message: ran.message };
            self.send(Notification::new(ShowMessage::METHOD.to_owned(), params));
        }
        self.send(response);
    }
}

/// Reads what a notification says.
fn take<P: DeserializeOwned>(note: Notification, handle: impl FnOnce(P)) -> serde_json::Result<()> {
    serde_json::from_value(note.params).map(handle)
}
