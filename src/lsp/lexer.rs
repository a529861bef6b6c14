//! A lexical look at a rule file, whether or not it parses: which brackets, keys and calls enclose a place in it.

use std::ops::Range;

use super::token::{Token, is_word};

/// What opened a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opener {
    /// The file itself.
    File,
    /// The parameters of a helper.
    Params(String),
    /// The arguments of a call.
    Call(String),
    /// `#{`
    Map,
    /// `[`
    List,
    /// `(` that only groups.
    Group,
    /// `{`, the body of a helper.
    Block,
    /// A text in backticks.
    Template,
    /// `${` in such a text.
    Fill,
}

/// A bracket that is open.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What opened it.
    pub opener: Opener,
    /// Where.
    pub at: usize,
    /// How many of its parts are over: commas before.
    pub part: usize,
    /// In a map, the key whose value stands here.
    pub key: Option<String>,
    /// In a call, its first argument, where that is a text.
    pub first: Option<String>,
    /// What was written since the last comma or `&&`.
    pub tokens: Vec<Token>,
}

impl Frame {
    fn new(opener: Opener, at: usize) -> Self {
        Frame { opener, at, part: 0, key: None, first: None, tokens: Vec::new() }
    }
}

/// Where a place lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// In code; a word may have begun before it, here.
    Code(usize),
    /// In a text in double quotes, which begins here.
    Text(usize),
    /// In words that mean nothing to a program: a comment or the plain part of a text in backticks.
    Words,
}

/// Something of the file's outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// `rule(`.
    Rule(Range<usize>),
    /// A helper's name, its parameters, and where the name stands.
    Helper(String, Vec<String>, Range<usize>),
    /// A key below the keys of a rule: the path that leads to its map, and the key.
    Key(Vec<String>, String, Range<usize>),
    /// A text that is the value of a key.
    Text(Vec<String>, String),
    /// A map in the list of a key begins.
    Item(Vec<String>, usize),
    /// It ends.
    ItemEnd(Vec<String>, usize),
}

/// What is known of a place: the frames around it, from the file inwards.
#[derive(Clone, Debug)]
pub struct Look {
    /// Open frames; the file itself is the first.
    pub frames: Vec<Frame>,
    /// Where the place lies.
    pub within: Within,
    /// The outline up to the place.
    pub notes: Vec<Note>,
    /// The parameters of the helper in whose body the place lies.
    pub params: Vec<String>,
}

impl Look {
    /// The innermost frame.
    pub fn top(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// The frame around the innermost one.
    pub fn outer(&self) -> Option<&Frame> {
        self.frames.iter().rev().nth(1)
    }

    /// The keys of the rule that lead to the place; none where it lies in a call, a helper or outside the rule.
    pub fn chain(&self) -> Option<Vec<String>> {
        chain(&self.frames)
    }
}

fn chain(frames: &[Frame]) -> Option<Vec<String>> {
    let rule = frames.iter().position(|frame| frame.opener == Opener::Call("rule".to_owned()))?;
    let inside = frames.get(rule + 1..)?;
    inside.first().filter(|frame| frame.opener == Opener::Map)?;
    if inside.iter().any(|frame| matches!(frame.opener, Opener::Call(_))) {
        return None;
    }
    Some(inside.iter().filter_map(|frame| frame.key.clone()).collect())
}

/// Looks at a text up to a byte.
pub fn look(text: &str, until: usize) -> Look {
    let mut lexer = Lexer {
        text: text.get(..until).unwrap_or(text),
        at: 0,
        look: Look {
            frames: vec![Frame::new(Opener::File, 0)],
            within: Within::Code(until),
            notes: Vec::new(),
            params: Vec::new(),
        },
        declared: Vec::new(),
    };
    while lexer.at < lexer.text.len() {
        lexer.step();
    }
    lexer.look
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    look: Look,
    /// Parameters of the helper whose body comes next.
    declared: Vec<String>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn is_in_template(&self) -> bool {
        self.look.top().is_some_and(|top| top.opener == Opener::Template)
    }

    /// Takes what comes next; what the text ends in says where the place lies.
    fn step(&mut self) {
        self.look.within = Within::Code(self.text.len());
        if self.is_in_template() {
            return self.template();
        }
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        match c {
            '"' => self.quoted(),
            '`' => {
                self.at += 1;
                self.open(Opener::Template, self.at);
                self.look.within = Within::Words;
            }
            '/' if rest.starts_with("//") => self.comment(rest.find('\n')),
            '/' if rest.starts_with("/*") => self.comment(rest.find("*/").map(|end| end + 2)),
            '#' if rest.starts_with("#{") => self.bracket(Opener::Map, 2),
            '[' => self.bracket(Opener::List, 1),
            '{' => self.bracket(Opener::Block, 1),
            '(' => self.call(),
            ')' | ']' | '}' => self.close(c),
            ',' | ';' => self.separate(),
            ':' => self.key(),
            c if is_word(c) => self.word(),
            c if c.is_whitespace() => self.at += c.len_utf8(),
            _ => self.operator(c),
        }
    }

    fn template(&mut self) {
        let rest = self.rest();
        self.look.within = Within::Words;
        if rest.starts_with("${") {
            self.look.within = Within::Code(self.text.len());
            return self.bracket(Opener::Fill, 2);
        }
        let is_over = rest.starts_with('`');
        self.at += rest.chars().next().map_or(1, char::len_utf8);
        if is_over {
            self.look.within = Within::Code(self.text.len());
            self.look.frames.pop();
            self.push(Token::Other);
        }
    }

    /// A text in double quotes: it ends with its line where its quote is still missing.
    fn quoted(&mut self) {
        let start = self.at;
        let inner = self.text.get(start + 1..).unwrap_or("");
        let mut end = None;
        let mut is_escaped = false;
        for (index, c) in inner.char_indices() {
            match c {
                '\n' => {
                    end = Some((index, index));
                    break;
                }
                '"' if !is_escaped => {
                    end = Some((index, index + 1));
                    break;
                }
                _ => is_escaped = c == '\\' && !is_escaped,
            }
        }
        let Some((content, taken)) = end else {
            self.look.within = Within::Text(start);
            self.at = self.text.len();
            return;
        };
        let said = inner.get(..content).unwrap_or("").to_owned();
        self.at = start + 1 + taken;
        if let Some(path) = self.look.chain().filter(|path| path.len() <= 2) {
            self.look.notes.push(Note::Text(path, said.clone()));
        }
        if let Some(top) = self.look.frames.last_mut()
            && top.part == 0
            && top.first.is_none()
        {
            top.first = Some(said.clone());
        }
        self.push(Token::Text(said, start..self.at));
    }

    fn comment(&mut self, length: Option<usize>) {
        self.at = length.map_or(self.text.len(), |length| self.at + length);
        if length.is_none() {
            self.look.within = Within::Words;
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let length = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
        self.at += length;
        if self.at == self.text.len() {
            self.look.within = Within::Code(start);
            return;
        }
        let word = self.text.get(start..self.at).unwrap_or("").to_owned();
        self.push(Token::Word(word, start..self.at));
    }

    fn operator(&mut self, c: char) {
        let start = self.at;
        let length = match c {
            '.' => 1,
            _ => self.rest().find(|c| !"=<>!&|+-*/%".contains(c)).unwrap_or(self.rest().len()).max(c.len_utf8()),
        };
        self.at += length;
        match self.text.get(start..self.at).unwrap_or("") {
            "&&" | "||" => self.forget(),
            "." => self.push(Token::Dot),
            operator => {
                let operator = operator.to_owned();
                self.push(Token::Operator(operator));
            }
        }
    }

    fn push(&mut self, token: Token) {
        if let Some(top) = self.look.frames.last_mut() {
            top.tokens.push(token);
        }
    }

    fn forget(&mut self) {
        if let Some(top) = self.look.frames.last_mut() {
            top.tokens.clear();
        }
    }

    fn separate(&mut self) {
        self.at += 1;
        if let Some(top) = self.look.frames.last_mut() {
            top.part += 1;
            top.key = None;
            top.tokens.clear();
        }
    }

    fn open(&mut self, opener: Opener, at: usize) {
        self.look.frames.push(Frame::new(opener, at));
    }

    fn bracket(&mut self, opener: Opener, length: usize) {
        let at = self.at;
        self.at += length;
        let is_item = opener == Opener::Map && self.look.top().is_some_and(|top| top.opener == Opener::List);
        if is_item && let Some(path) = self.look.chain() {
            self.look.notes.push(Note::Item(path, at));
        }
        if opener == Opener::Block {
            self.look.params = std::mem::take(&mut self.declared);
        }
        self.open(opener, at);
    }

    fn call(&mut self) {
        let at = self.at;
        self.at += 1;
        let Look { frames, notes, .. } = &mut self.look;
        let tokens = frames.last().map_or(&[][..], |top| top.tokens.as_slice());
        let opener = match tokens {
            [.., Token::Word(before, _), Token::Word(name, place)] if before == "fn" => {
                notes.push(Note::Helper(name.clone(), Vec::new(), place.clone()));
                Opener::Params(name.clone())
            }
            [.., Token::Word(name, place)] if name != "in" => {
                if name == "rule" {
                    notes.push(Note::Rule(place.clone()));
                }
                Opener::Call(name.clone())
            }
            _ => Opener::Group,
        };
        self.open(opener, at);
    }

    /// A closing bracket: frames that were left open inside are given up.
    fn close(&mut self, bracket: char) {
        self.at += 1;
        let fits = |opener: &Opener| match bracket {
            ')' => matches!(opener, Opener::Call(_) | Opener::Params(_) | Opener::Group),
            ']' => *opener == Opener::List,
            _ => matches!(opener, Opener::Map | Opener::Block | Opener::Fill),
        };
        let barrier = self.look.frames.iter().rposition(|frame| frame.opener == Opener::Template).unwrap_or(0);
        let Some(index) = self.look.frames.iter().rposition(|frame| fits(&frame.opener)).filter(|at| *at > barrier)
        else {
            return;
        };
        let closed = self.look.frames.split_off(index).into_iter().next();
        let Some(closed) = closed else { return };
        match closed.opener {
            Opener::Call(name) => {
                if let Some(top) = self.look.frames.last_mut() {
                    top.tokens.pop();
                    top.tokens.push(Token::Call(name, closed.first));
                }
            }
            Opener::Params(_) => self.declare(closed.at),
            Opener::Fill => {}
            Opener::Map => {
                if self.look.top().is_some_and(|top| top.opener == Opener::List)
                    && let Some(path) = self.look.chain()
                {
                    self.look.notes.push(Note::ItemEnd(path, self.at));
                }
                self.push(Token::Other);
            }
            Opener::Block => {
                self.look.params.clear();
                self.forget();
            }
            _ => self.push(Token::Other),
        }
    }

    /// A helper's parameters are over; `opened` is where they began.
    fn declare(&mut self, opened: usize) {
        let names = self.text.get(opened + 1..self.at - 1).unwrap_or("").split(',').map(str::trim);
        self.declared = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if let Some(Note::Helper(_, params, _)) = self.look.notes.last_mut() {
            params.clone_from(&self.declared);
        }
        self.forget();
    }

    /// A colon ends the key of a map: where one is, brackets that were left open before it are given up.
    fn key(&mut self) {
        self.at += 1;
        let Some(token) = self.look.top().and_then(|top| top.tokens.last().cloned()) else { return };
        let (Token::Word(name, place) | Token::Text(name, place)) = token else { return };
        let Some(map) = self.look.frames.iter().rposition(|frame| frame.opener == Opener::Map) else { return };
        let is_template = |frame: &Frame| matches!(frame.opener, Opener::Template | Opener::Fill);
        if self.look.frames.iter().skip(map).any(is_template) {
            return;
        }
        self.look.frames.truncate(map + 1);
        if let Some(top) = self.look.frames.last_mut() {
            top.key = None;
            top.tokens.clear();
        }
        let path = self.look.chain();
        if let Some(top) = self.look.frames.last_mut() {
            top.key = Some(name.clone());
        }
        if let Some(path) = path.filter(|path| path.len() <= 1) {
            self.look.notes.push(Note::Key(path, name, place));
        }
    }
}
