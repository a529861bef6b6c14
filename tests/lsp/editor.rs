//! An editor as the server sees it: the real binary over its standard input and output, waited for within reason.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value, json};
use siaga::pack::files::Files;

/// Far longer than anything here takes; past it a test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Message>,
    requests: i32,
    /// What the server answered to `initialize`.
    pub server: Value,
    /// What it shows in each document, and the version of it.
    shown: HashMap<String, (Option<i64>, Vec<Value>)>,
    /// What it said in messages.
    pub said: Vec<String>,
    versions: HashMap<String, i64>,
}

/// The shipped pack in a folder of its own.
pub fn pack_in(folder: &Path) -> PathBuf {
    let root = folder.join("paket");
    for (path, text) in Files::built_in().texts {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    root
}

pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

impl Editor {
    /// Starts the server, which speaks English, and greets it.
    pub fn start(capabilities: Value) -> Self {
        Self::start_with(&["--lang", "en"], json!({ "capabilities": capabilities }))
    }

    /// Starts the server with more arguments, and greets it in these words.
    pub fn start_with(arguments: &[&str], greeting: Value) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_siaga"))
            .args(arguments)
            .args(["lsp", "--stdio"])
            .env_remove("SIAGA_LANG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(Some(message)) = Message::read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut editor = Editor {
            input: child.stdin.take(),
            child,
            messages,
            requests: 0,
            server: Value::Null,
            shown: HashMap::new(),
            said: Vec::new(),
            versions: HashMap::new(),
        };
        editor.server = editor.ask("initialize", greeting);
        editor.tell("initialized", json!({}));
        editor
    }

    pub fn send(&mut self, message: impl Into<Message>) {
        message.into().write(self.input.as_mut().unwrap()).unwrap();
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params));
    }

    /// Asks and waits for the answer.
    pub fn try_ask(&mut self, method: &str, params: Value) -> Response {
        self.requests += 1;
        let id = self.requests.into();
        self.send(Request::new(self.requests.into(), method.to_owned(), params));
        loop {
            if let Some(response) = self.next().filter(|response| response.id == id) {
                return response;
            }
        }
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).response_result.unwrap()
    }

    /// Takes the next message: a response is given back, the rest is kept.
    fn next(&mut self) -> Option<Response> {
        match self.messages.recv_timeout(PATIENCE).expect("the server says nothing") {
            Message::Response(response) => return Some(response),
            Message::Request(request) => self.send(Response::new_ok(request.id, Value::Null)),
            Message::Notification(note) if note.method == "textDocument/publishDiagnostics" => {
                let uri = note.params["uri"].as_str().unwrap().to_owned();
                let diagnostics = note.params["diagnostics"].as_array().unwrap().clone();
                self.shown.insert(uri, (note.params["version"].as_i64(), diagnostics));
            }
            Message::Notification(note) => self.said.push(note.params["message"].as_str().unwrap_or("").to_owned()),
        }
        None
    }

    pub fn open(&mut self, uri: &str, text: &str) -> Vec<Value> {
        self.versions.insert(uri.to_owned(), 1);
        let document = json!({ "uri": uri, "languageId": "rhai", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.shown_now(uri)
    }

    /// Sends a new text and does not wait.
    pub fn type_in(&mut self, uri: &str, text: &str) {
        let version = self.versions.get_mut(uri).unwrap();
        *version += 1;
        let document = json!({ "uri": uri, "version": *version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    pub fn change(&mut self, uri: &str, text: &str) -> Vec<Value> {
        self.type_in(uri, text);
        self.shown_now(uri)
    }

    /// Waits for what is shown of the newest text.
    pub fn shown_now(&mut self, uri: &str) -> Vec<Value> {
        loop {
            let newest = self.versions.get(uri).copied();
            match self.shown.get(uri) {
                Some((version, shown)) if *version == newest => return shown.clone(),
                _ => drop(self.next()),
            }
        }
    }

    /// Waits until what is shown of any file is as it should be.
    pub fn wait_for(&mut self, uri: &str, is_right: impl Fn(&[Value]) -> bool) {
        while !self.shown.get(uri).is_some_and(|(_, shown)| is_right(shown)) {
            self.next();
        }
    }

    /// The labels of the completions at a place.
    pub fn completions(&mut self, uri: &str, place: (u32, u32)) -> Vec<Value> {
        self.ask("textDocument/completion", at(uri, place)).as_array().unwrap().clone()
    }

    /// Says goodbye in due form; the exit code.
    pub fn leave(mut self) -> Option<i32> {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        let refused = self.try_ask("textDocument/hover", json!({}));
        assert_eq!(refused.response_result.unwrap_err().code, -32600, "nothing is answered after that");
        self.tell("exit", Value::Null);
        self.ended()
    }

    /// The connection breaks off; the exit code.
    pub fn break_off(mut self) -> Option<i32> {
        self.input.take();
        self.ended()
    }

    /// The end of the server: its output ends first, so that waiting for it is bounded.
    fn ended(&mut self) -> Option<i32> {
        while self.messages.recv_timeout(PATIENCE).is_ok() {}
        self.child.wait().unwrap().code()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // most have ended already
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A document and a place in it.
pub fn at(uri: &str, (line, character): (u32, u32)) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

/// A text without its mark, and the mark's line and column in UTF-16.
pub fn marked(text: &str) -> (String, (u32, u32)) {
    let (before, after) = text.split_once('¦').expect("a mark");
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
    (format!("{before}{after}"), (u32::try_from(line).unwrap(), u32::try_from(column).unwrap()))
}
