//! How long an editor waits: from a keystroke to its diagnostics, and for completions, in packs of 100 and 1,000 rules.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark's own output and inputs"
)]

#[path = "load/pack.rs"]
mod pack;

use std::path::Path;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request};
use serde_json::{Value, json};

/// Rules of the packs.
const SIZES: [usize; 2] = [100, 1_000];
/// Rules in which somebody types.
const DOCUMENTS: usize = 20;
/// What they type, letter by letter: wrong at most letters, right at the last. No generated rule asks for this field.
const TYPED: &str = " && record.lodging.id == \"hotel-contoh-1\"";
/// Where completions are asked for.
const ASKED: [&str; 3] = ["record.", "threshold(\"", "seen(\""];

fn main() {
    // tests of all targets run benchmarks too, and have no use for them
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("{:>6}  {:<26} {:>6} {:>10} {:>10}", "rules", "from ... to ...", "times", "median ms", "worst ms");
    let scratch = tempfile::tempdir().unwrap();
    for rules in SIZES {
        let folder = scratch.path().join(rules.to_string());
        pack::write(&folder, rules);
        measure(rules, &folder);
    }
}

fn measure(rules: usize, folder: &Path) {
    let (server, client) = Connection::memory();
    let serving = std::thread::spawn(move || siaga::lsp::serve(&server, None).unwrap());
    let mut editor = Editor { client, requests: 0 };
    editor.ask("initialize", json!({ "capabilities": {} }));
    editor.tell("initialized", json!({}));
    let (mut opened, mut typed, mut completed) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..DOCUMENTS {
        let path = folder.join(format!("area-000/aturan-{number:06}.rhai"));
        let text = std::fs::read_to_string(&path).unwrap();
        let mut document = Document { editor: &mut editor, uri: format!("file://{}", path.display()), version: 0 };
        opened.push(document.open(&text));
        let end = text.find(",\n  message:").unwrap();
        let with = |more: &str| format!("{}{more}{}", &text[..end], &text[end..]);
        for letters in 1..=TYPED.len() {
            typed.push(document.change(&with(&TYPED[..letters])).0);
        }
        let (_, wrong) = document.change(&with(TYPED));
        assert_eq!(wrong, 0, "what was typed is right at last");
        for asked in ASKED {
            let text = with(&format!(" && {asked}"));
            document.change(&text);
            completed.push(document.complete(&text, end + 4 + asked.len()));
        }
    }
    print(rules, "opening to diagnostics", opened);
    print(rules, "keystroke to diagnostics", typed);
    print(rules, "asking to completions", completed);
    editor.ask("shutdown", Value::Null);
    editor.tell("exit", Value::Null);
    assert!(serving.join().unwrap());
}

fn print(rules: usize, what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{rules:>6}  {what:<26} {:>6} {:>10.2} {:>10.2}", times.len(), ms(median), ms(worst));
}

struct Editor {
    client: Connection,
    requests: i32,
}

impl Editor {
    fn tell(&self, method: &str, params: Value) {
        self.client.sender.send(Notification::new(method.to_owned(), params).into()).unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.requests += 1;
        self.client.sender.send(Request::new(self.requests.into(), method.to_owned(), params).into()).unwrap();
        loop {
            if let Message::Response(response) = self.client.receiver.recv().unwrap() {
                return response.response_result.unwrap();
            }
        }
    }
}

struct Document<'a> {
    editor: &'a mut Editor,
    uri: String,
    version: i64,
}

impl Document<'_> {
    fn open(&mut self, text: &str) -> Duration {
        let document = json!({ "uri": self.uri, "languageId": "rhai", "version": 0, "text": text });
        let started = Instant::now();
        self.editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
        assert_eq!(self.diagnostics(), 0);
        started.elapsed()
    }

    /// How long until the diagnostics of a new text are there, and how many they are.
    fn change(&mut self, text: &str) -> (Duration, usize) {
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        let started = Instant::now();
        self.editor.tell("textDocument/didChange", params);
        let wrong = self.diagnostics();
        (started.elapsed(), wrong)
    }

    fn diagnostics(&self) -> usize {
        loop {
            let Message::Notification(note) = self.editor.client.receiver.recv().unwrap() else { continue };
            if note.params["uri"] == self.uri.as_str() && note.params["version"] == self.version {
                return note.params["diagnostics"].as_array().unwrap().len();
            }
        }
    }

    fn complete(&mut self, text: &str, at: usize) -> Duration {
        let line = text[..at].matches('\n').count();
        let column = text[..at].rsplit('\n').next().unwrap().chars().count();
        let position = json!({ "line": line, "character": column });
        let params = json!({ "textDocument": { "uri": self.uri }, "position": position });
        let started = Instant::now();
        let items = self.editor.ask("textDocument/completion", params);
        assert!(!items.as_array().unwrap().is_empty());
        started.elapsed()
    }
}
