//! What rhai's parser objects to, in the words of this program, with what was probably meant.

use rhai::{LexError, ParseErrorType, Position};

use crate::words::{Text, say};

use super::diagnostic::{Code, Diagnostic};
use super::place::{offset, span_at};
use super::script::DISABLED_SYMBOLS;

/// An error of rhai's parser at a position.
pub fn syntax_error(path: &str, text: &str, what: &ParseErrorType, at: Position) -> Diagnostic {
    let span = span_at(text, at);
    let word = text.get(span.clone()).unwrap_or("");
    let wrong = |message: Text| Diagnostic::error(Code::Syntax, path, text, span.clone(), message);
    if DISABLED_SYMBOLS.contains(&word) {
        return wrong(say("syntax-disabled").with("word", word)).help(say("syntax-disabled-help"));
    }
    if word.starts_with('|') {
        return wrong(say("syntax-closure")).help(say("syntax-closure-help"));
    }
    let wants_block = what.to_string().contains("statement block");
    wrong(words(what)).help(help(text, offset(text, at), wants_block))
}

/// The frequent objections in both languages, the others as rhai says them.
fn words(what: &ParseErrorType) -> Text {
    match what {
        ParseErrorType::BadInput(LexError::UnexpectedInput(word)) => {
            say("syntax-unexpected").with("word", word.replace(char::is_control, "\u{fffd}"))
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => say("syntax-open-text"),
        ParseErrorType::MissingToken(token, why) => {
            say("syntax-expecting").with("token", token.as_str()).with("why", purpose(why))
        }
        ParseErrorType::Reserved(word) if word.chars().all(|c| c.is_alphanumeric() || c == '_') => {
            say("syntax-reserved").with("word", word.as_str())
        }
        ParseErrorType::UnexpectedEOF => say("syntax-incomplete"),
        ParseErrorType::DuplicatedProperty(key) => say("syntax-twice").with("key", key.as_str()),
        ParseErrorType::ExprTooDeep => say("syntax-too-deep"),
        other => {
            let mut words = other.to_string().replace('\'', "`").replace(char::is_control, "\u{fffd}");
            if let Some(first) = words.get(..1).map(str::to_lowercase) {
                words.replace_range(..1, &first);
            }
            say("syntax-other").with("words", words)
        }
    }
}

/// What a token was wanted for.
fn purpose(why: &str) -> Text {
    let call =
        why.strip_prefix("to separate the arguments to function call '").and_then(|rest| rest.strip_suffix('\''));
    match (why, call) {
        (_, Some(function)) => say("syntax-for-arguments").with("function", function),
        ("to separate the items of this object map literal", _) => say("syntax-for-map"),
        ("to separate the items of this array literal", _) => say("syntax-for-list"),
        ("to terminate this statement", _) => say("syntax-for-statement"),
        ("to match the opening", _) => say("syntax-for-bracket"),
        ("to end this object map literal", _) => say("syntax-for-map-end"),
        ("to end this array literal", _) => say("syntax-for-list-end"),
        _ => Text::Plain(why.replace('\'', "`")),
    }
}

/// What was probably meant where rhai stopped, by what stands there.
fn help(text: &str, at: usize, wants_block: bool) -> Text {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |line| line + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let before = text.get(start..at).unwrap_or("").trim_end();
    let here = text.get(at..).unwrap_or("").trim_start();
    let last = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let first = here.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let names = |words: &[&str]| words.contains(&last) || words.contains(&first);
    if line.contains(['\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}']) {
        say("syntax-straight-quotes")
    } else if line.contains("...") {
        say("syntax-left-out")
    } else if names(&["and", "or", "not", "dan", "atau", "bukan"]) {
        say("syntax-and-or-not")
    } else if names(&["if", "else", "jika"]) || line.contains(": if ") || wants_block {
        say("syntax-if")
    } else if here.starts_with('\'') || before.ends_with('\'') {
        say("syntax-double-quotes")
    } else if here.starts_with('=') && !here.starts_with("==") {
        say("syntax-equals")
    } else if (before.ends_with('{') && !before.ends_with("#{")) || here.starts_with('{') || line.contains(": {") {
        say("syntax-map")
    } else {
        say("syntax-just-before")
    }
}
