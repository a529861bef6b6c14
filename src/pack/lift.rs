//! The literal values of a rule file read without rhai, which is left with the expressions: they are a tenth of a file.
//!
//! Only what is certainly a literal of the same value to rhai is lifted. A file of any other form is for rhai alone.

use std::collections::HashSet;

use rhai::{Expr, Position};

use super::literal::Literal;

/// The deepest nesting of a literal: a test's record needs seven.
const MAX_DEPTH: usize = 9;
/// The longest text in bytes; rhai has a limit of its own a little above.
const MAX_TEXT_BYTES: usize = 60_000;
/// The longest file in bytes: lines and columns stay below those at which rhai stops counting.
const MAX_FILE_BYTES: usize = 60_000;
/// How many words of maps are remembered as such; the schema and the tests' own have about a hundred.
const MAX_WORDS: usize = 2_000;

/// Words that rhai takes as keys of a map; others can be reserved.
#[derive(Debug, Default)]
pub struct MapWords(HashSet<Box<str>, foldhash::fast::RandomState>);

impl MapWords {
    /// Whether a word can be a key, as `ask` says of a word that was not met before.
    fn holds(&mut self, word: &str, ask: impl FnOnce(&str) -> bool) -> bool {
        if self.0.contains(word) {
            return true;
        }
        let held = self.0.len() < MAX_WORDS && ask(word);
        if held {
            self.0.insert(Box::from(word));
        }
        held
    }
}

/// A rule file in two parts.
#[derive(Debug)]
pub struct Lifted<'a> {
    /// The file without what was lifted; everything in it stands where it stood.
    pub rest: String,
    /// The rule's keys in order.
    pub keys: Vec<LiftedKey<'a>>,
}

/// A key of a rule.
#[derive(Debug)]
pub struct LiftedKey<'a> {
    /// Its word.
    pub name: &'a str,
    /// Where the word stands.
    pub at: Position,
    /// What is written for it.
    pub value: LiftedValue<'a>,
}

/// What is written for a key.
#[derive(Debug)]
pub enum LiftedValue<'a> {
    /// An expression, which is in the rest.
    Rest,
    /// A text or a list of texts.
    Words(Expr),
    /// The rule's tests.
    Tests(Literal<'a>),
}

/// Parts a rule file; `None` where it has a form that only rhai knows.
pub fn lift<'a>(text: &'a str, words: &mut MapWords, ask: impl Fn(&str) -> bool) -> Option<Lifted<'a>> {
    if text.len() > MAX_FILE_BYTES || memchr::memchr(b'\r', text.as_bytes()).is_some() {
        return None;
    }
    let mut file = File { text, at: 0, words, ask };
    let mut places = Places { text, at: 0, line: 1, line_start: 0 };
    let mut rest = Rest { out: String::with_capacity(512), line: 1, column: 1 };
    file.blank()?;
    while file.ahead().starts_with(b"fn ") {
        let start = file.at;
        file.helper()?;
        rest.keep(&mut places, start, file.at);
        file.blank()?;
    }
    let start = file.at;
    file.token("rule(")?;
    file.blank()?;
    file.string()?;
    file.blank()?;
    file.token(",")?;
    file.blank()?;
    file.token("#{")?;
    rest.keep(&mut places, start, file.at);
    let mut keys: Vec<LiftedKey<'a>> = Vec::with_capacity(16);
    loop {
        file.blank()?;
        if file.peek() == Some(b'}') {
            break;
        }
        let start = file.at;
        let name = file.key()?;
        if keys.iter().any(|key| key.name == name) {
            return None;
        }
        let at = places.at(start);
        file.blank()?;
        file.token(":")?;
        file.blank()?;
        let value = file.value(name, &mut places)?;
        if matches!(value, LiftedValue::Rest) {
            rest.keep(&mut places, start, file.at);
            rest.comma();
        }
        keys.push(LiftedKey { name, at, value });
        file.blank()?;
        if file.token(",").is_none() && file.peek() != Some(b'}') {
            return None;
        }
    }
    file.token("}")?;
    file.blank()?;
    file.token(")")?;
    file.blank()?;
    // a statement may end the file without it
    let _ = file.token(";");
    file.blank()?;
    rest.out.push_str("})");
    (file.at == text.len()).then_some(Lifted { rest: rest.out, keys })
}

/// A rule file while it is read.
struct File<'a, 'w, A> {
    text: &'a str,
    at: usize,
    words: &'w mut MapWords,
    ask: A,
}

impl<'a, A: Fn(&str) -> bool> File<'a, '_, A> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn ahead(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn token(&mut self, token: &str) -> Option<()> {
        self.ahead().starts_with(token.as_bytes()).then(|| self.at += token.len())
    }

    /// Goes on over spaces, lines and plain comments.
    fn blank(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\t') => self.at += 1,
                Some(b'/') if matches!(self.ahead(), [_, b'/' | b'*', ..]) => self.comment()?,
                _ => return Some(()),
            }
        }
    }

    /// Goes on over a comment of a line; one that documents is none to rhai.
    fn comment(&mut self) -> Option<()> {
        match self.ahead() {
            [b'/', b'/', b'/' | b'!', ..] => None,
            [b'/', b'/', rest @ ..] => {
                self.at += 2 + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                Some(())
            }
            _ => None,
        }
    }

    /// The word of a map's key.
    fn key(&mut self) -> Option<&'a str> {
        let ahead = self.ahead();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = ahead.iter().position(|byte| !is_word(byte))?;
        let word = self.text.get(self.at..self.at + length)?;
        let is_name = word.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_name || !self.words.holds(word, &self.ask) {
            return None;
        }
        self.at += length;
        Some(word)
    }

    /// A text in double quotes in which nothing is escaped.
    fn string(&mut self) -> Option<&'a str> {
        let ahead = self.ahead().strip_prefix(b"\"")?;
        let length = memchr::memchr3(b'"', b'\\', b'\n', ahead)?;
        let doubled = ahead.get(length + 1) == Some(&b'"');
        if ahead.get(length) != Some(&b'"') || doubled || length > MAX_TEXT_BYTES {
            return None;
        }
        let text = self.text.get(self.at + 1..self.at + 1 + length)?;
        self.at += length + 2;
        Some(text)
    }

    /// The value of a rule's key.
    fn value(&mut self, name: &str, places: &mut Places<'a>) -> Option<LiftedValue<'a>> {
        let start = self.at;
        let lifted = match name {
            "tests" => self.literal(0).map(LiftedValue::Tests),
            _ => self.words(places).map(LiftedValue::Words),
        };
        if lifted.is_some() {
            let end = self.at;
            self.blank()?;
            if matches!(self.peek(), Some(b',' | b'}')) {
                self.at = end;
                return lifted;
            }
        }
        self.at = start;
        self.expression()?;
        Some(LiftedValue::Rest)
    }

    /// A text or a list of texts.
    fn words(&mut self, places: &mut Places<'a>) -> Option<Expr> {
        let start = self.at;
        if self.peek() == Some(b'"') {
            return self.string().map(|text| Expr::StringConstant(text.into(), places.at(start)));
        }
        self.token("[")?;
        let list = places.at(start);
        let mut items = Vec::new();
        loop {
            self.blank()?;
            if self.token("]").is_some() {
                return Some(Expr::Array(items.into_iter().collect(), list));
            }
            let start = self.at;
            items.push(Expr::StringConstant(self.string()?.into(), places.at(start)));
            self.blank()?;
            if self.token(",").is_none() && self.peek() != Some(b']') {
                return None;
            }
        }
    }

    fn literal(&mut self, depth: usize) -> Option<Literal<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'"' => self.string().map(Literal::Text),
            b'[' => self.list(depth),
            b'#' => self.map(depth),
            b'0'..=b'9' | b'-' => self.number(),
            _ => [("true", Literal::Bool(true)), ("false", Literal::Bool(false)), ("()", Literal::Nothing)]
                .into_iter()
                .find_map(|(token, value)| self.token(token).map(|()| value)),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Literal<'a>> {
        self.token("[")?;
        let mut items = Vec::new();
        loop {
            self.blank()?;
            if self.token("]").is_some() {
                return Some(Literal::List(items));
            }
            items.push(self.literal(depth + 1)?);
            self.blank()?;
            if self.token(",").is_none() && self.peek() != Some(b']') {
                return None;
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Literal<'a>> {
        self.token("#{")?;
        let mut entries: Vec<(&'a str, Literal<'a>)> = Vec::new();
        loop {
            self.blank()?;
            if self.token("}").is_some() {
                return Some(Literal::Map(entries));
            }
            let key = self.key()?;
            if entries.iter().any(|(other, _)| *other == key) {
                return None;
            }
            self.blank()?;
            self.token(":")?;
            self.blank()?;
            entries.push((key, self.literal(depth + 1)?));
            self.blank()?;
            if self.token(",").is_none() && self.peek() != Some(b'}') {
                return None;
            }
        }
    }

    /// A number of plain digits; what follows it cannot go on with it, as a list or a map goes on.
    fn number(&mut self) -> Option<Literal<'a>> {
        let ahead = self.ahead();
        let length = ahead.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'.'))?;
        let text = self.text.get(self.at..self.at + length)?;
        let digits = |part: &str| !part.is_empty() && part.len() < 16 && part.bytes().all(|byte| byte.is_ascii_digit());
        let size = text.strip_prefix('-').unwrap_or(text);
        let value = match size.split_once('.') {
            None if digits(size) => Literal::Int(text.parse().ok()?),
            Some((whole, part)) if digits(whole) && digits(part) => Literal::Number(text.parse().ok()?),
            _ => return None,
        };
        self.at += length;
        matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b',' | b']' | b'}')).then_some(value)
    }

    /// Goes on over an expression, up to the comma or bracket that ends it.
    fn expression(&mut self) -> Option<()> {
        let (mut end, mut open) = (self.at, Vec::new());
        loop {
            self.blank()?;
            if open.is_empty() && matches!(self.peek()?, b',' | b'}') {
                self.at = end;
                return Some(());
            }
            self.step(&mut open)?;
            end = self.at;
        }
    }

    /// Goes on over a helper, up to the bracket that ends its body.
    fn helper(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.blank()?;
            let closes = self.peek()? == b'}' && open.len() == 1;
            self.step(&mut open)?;
            if closes {
                return Some(());
            }
        }
    }

    /// Goes on over a text, a bracket or a byte of something else; `open` are the brackets that wait to be closed.
    fn step(&mut self, open: &mut Vec<u8>) -> Option<()> {
        match self.peek()? {
            b'"' => return self.string().map(|_| ()),
            b'`' => return self.template(),
            b'\'' => return None,
            b'#' if !self.ahead().starts_with(b"#{") => return None,
            bracket @ (b'(' | b'[' | b'{') => open.push(bracket),
            bracket @ (b')' | b']' | b'}') => {
                let opening = open.pop()?;
                if !matches!((opening, bracket), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
                    return None;
                }
            }
            _ => {}
        }
        self.at += 1;
        Some(())
    }

    /// Goes on over a text in backticks with plain values in it.
    fn template(&mut self) -> Option<()> {
        self.token("`")?;
        loop {
            match self.ahead() {
                [b'`', b'`', ..] | [b'\\', ..] | [] => return None,
                [b'`', ..] => {
                    self.at += 1;
                    return Some(());
                }
                [b'$', b'{', ..] => {
                    self.at += 2;
                    self.filled_in()?;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Goes on over what is filled into a text, and the bracket that ends it.
    fn filled_in(&mut self) -> Option<()> {
        loop {
            match self.peek()? {
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                b'"' => {
                    self.string()?;
                }
                b'{' | b'`' | b'\'' | b'/' | b'\n' | b'#' => return None,
                _ => self.at += 1,
            }
        }
    }
}

/// Lines and columns of ascending bytes.
struct Places<'a> {
    text: &'a str,
    at: usize,
    line: u16,
    line_start: usize,
}

impl Places<'_> {
    fn at(&mut self, byte: usize) -> Position {
        let passed = self.text.as_bytes().get(self.at..byte).unwrap_or_default();
        for index in memchr::memchr_iter(b'\n', passed) {
            self.line += 1;
            self.line_start = self.at + index + 1;
        }
        self.at = byte;
        let before = self.text.get(self.line_start..byte).unwrap_or_default();
        // the file is short enough for every line and column
        Position::new(self.line, u16::try_from(before.chars().count() + 1).unwrap_or(u16::MAX))
    }
}

/// What is left for rhai.
struct Rest {
    out: String,
    line: usize,
    column: usize,
}

impl Rest {
    /// Keeps a part of the file where it stands.
    fn keep(&mut self, places: &mut Places<'_>, start: usize, end: usize) {
        let Some(part) = places.text.get(start..end) else { return };
        let from = places.at(start);
        let (line, column) = (from.line().unwrap_or(1), from.position().unwrap_or(1));
        for _ in self.line..line {
            self.out.push('\n');
            self.column = 1;
        }
        for _ in self.column..column {
            self.out.push(' ');
        }
        self.out.push_str(part);
        let to = places.at(end);
        (self.line, self.column) = (to.line().unwrap_or(1), to.position().unwrap_or(1));
    }

    fn comma(&mut self) {
        self.out.push(',');
        self.column += 1;
    }
}
