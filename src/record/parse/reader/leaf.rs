//! The value of one member: read, checked and brought into its one spelling.

use memchr::memchr2;

use super::layout::{Envelope, Form, Layout, Node, NodeId, Spelling};
use super::number::{self, Number};
use super::walk::{is_plain, quote};
use super::{Buffer, Cell, Span, State};
use crate::record::fingerprint::{self, Leaf, text_hash};
use crate::record::parse::{MAX_ID_CHARS, MAX_TEXT_BYTES, passport, scan};
use crate::record::region::{self, Level};
use crate::record::schema::Type;
use crate::record::slot::Slot;

/// A NIK has so many digits; shorter texts hold none.
const NIK_DIGITS: usize = 16;

/// Longer texts could be files.
const MAX_SHORT_BYTES: usize = 2048;

/// A line, and what is known of all of it.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// The record.
    pub text: &'a str,
    /// It is ASCII without backslashes and control characters.
    pub is_plain: bool,
}

/// What a member states.
struct Stated {
    span: Span,
    leaf: Leaf,
    hash: u64,
    typed: Slot<'static>,
}

impl State {
    /// Reads the value that starts at `at`, and says where it ends; `None` where it may be wrong.
    #[inline]
    pub fn value(&mut self, layout: &Layout, id: NodeId, line: Line<'_>, at: usize) -> Option<usize> {
        let node = layout.node(id)?;
        self.visit(id, node)?;
        let bytes = line.text.as_bytes();
        match bytes.get(at)? {
            b'"' => {
                let (span, end) = self.token(line, at)?;
                if let Some(stated) = self.text_at(node, line, span)? {
                    self.state_it(layout, id, node, stated)?;
                }
                Some(end)
            }
            b'-' | b'0'..=b'9' => {
                let number = number::read(bytes, at)?;
                let typed = of_number(node, number)?;
                let span = Span::line(at, number.canonical_end)?;
                let hash = text_hash(line.text.get(at..number.canonical_end)?);
                self.state_it(layout, id, node, Stated { span, leaf: Leaf::Number, hash, typed })?;
                Some(number.end)
            }
            _ => self.word(layout, id, line.text, at),
        }
    }

    /// Marks a member as met; `None` where the record has it already.
    #[inline]
    pub fn visit(&mut self, id: NodeId, node: &Node) -> Option<()> {
        self.unknown += u32::from(node.is_counted);
        let cell = self.cells.get_mut(usize::from(id))?;
        let is_first = cell.seen != self.now;
        cell.seen = self.now;
        is_first.then_some(())
    }

    #[inline]
    fn state_it(&mut self, layout: &Layout, id: NodeId, node: &Node, stated: Stated) -> Option<()> {
        let Stated { span, leaf, hash, typed } = stated;
        let now = self.now;
        *self.cells.get_mut(usize::from(id))? = Cell { seen: now, stated: now, span, leaf, hash, typed };
        self.stated += 1;
        self.fingerprint = self.fingerprint.wrapping_add(fingerprint::leaf(node.seed, leaf, hash));
        let mut above = node.parent;
        while above != layout.root {
            self.cells.get_mut(usize::from(above))?.stated = now;
            above = layout.node(above)?.parent;
        }
        Some(())
    }

    /// `true`, `false` and `null`.
    fn word(&mut self, layout: &Layout, id: NodeId, line: &str, at: usize) -> Option<usize> {
        let node = layout.node(id)?;
        let rest = line.get(at..)?;
        let word = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word))?;
        let end = at + word.len();
        let typed = match (&node.form, word) {
            (Form::Unknown, _) => Slot::Missing,
            (Form::Field(..) | Form::Choice(_) | Form::Section | Form::ReceivedAt | Form::Withdrawn, "null")
            | (Form::Withdrawn, "false") => return Some(end),
            (Form::Withdrawn, _) => {
                self.withdrawn = true;
                Slot::Missing
            }
            (Form::Field(Type::Bool, _), word) => Slot::Bool(word == "true"),
            _ => return None,
        };
        let stated = Stated { span: Span::line(at, end)?, leaf: Leaf::Word, hash: text_hash(word), typed };
        self.state_it(layout, id, node, stated)?;
        Some(end)
    }

    /// A text without its quotes, clean and without escapes, and where its quotes end.
    #[inline]
    fn token(&mut self, line: Line<'_>, at: usize) -> Option<(Span, usize)> {
        let bytes = line.text.as_bytes();
        if line.is_plain {
            let end = quote(bytes, at + 1)?;
            return Some((Span::line(at + 1, end)?, end + 1));
        }
        let mut end = at + 1;
        let mut has_escapes = false;
        loop {
            end += memchr2(b'"', b'\\', bytes.get(end..)?)?;
            if bytes.get(end) == Some(&b'"') {
                break;
            }
            has_escapes = true;
            end += 2;
        }
        let token = bytes.get(at + 1..end)?;
        if token.iter().any(|byte| *byte < b' ') {
            return None;
        }
        if !has_escapes {
            return Some((Span::line(at + 1, end)?, end + 1));
        }
        let text: String = serde_json::from_str(line.text.get(at..=end)?).ok()?;
        Some((self.keep(&text)?, end + 1))
    }

    /// What a text states at a place: nothing where it is empty. `None` where it may be wrong.
    #[inline]
    fn text_at(&mut self, node: &Node, line: Line<'_>, raw: Span) -> Option<Option<Stated>> {
        let text = self.span(line.text, raw)?;
        let is_simple = line.is_plain || is_plain(text.as_bytes());
        let in_zone = matches!(node.form, Form::Field(_, Spelling::Mrz));
        let is_clean = (is_simple && is_surely_clean(text)) || scan::is_clean(text, in_zone);
        if !is_clean || node.is_picture {
            return None;
        }
        if matches!(node.form, Form::Unknown) {
            let hash = text_hash(text);
            return Some(Some(Stated { span: raw, leaf: Leaf::Text, hash, typed: Slot::Missing }));
        }
        let trimmed = trimmed(text, raw)?;
        let text = self.span(line.text, trimmed)?;
        if text.is_empty() {
            return if matches!(node.form, Form::Envelope(_) | Form::ReceivedAt | Form::Withdrawn | Form::Section) {
                None
            } else {
                Some(None)
            };
        }
        let may_break = matches!(node.form, Form::Field(_, Spelling::Lines | Spelling::Mrz));
        if !is_simple && !may_break && text.contains(char::is_control) {
            return None;
        }
        self.spelt(node, line, trimmed)
    }

    #[inline]
    fn spelt(&mut self, node: &Node, line: Line<'_>, span: Span) -> Option<Option<Stated>> {
        let mut span = span;
        // the line outlives what is done to the texts beside it
        let text = match span.buffer {
            Buffer::Line => line.text.get(span.start as usize..span.end as usize)?,
            Buffer::Scratch => &self.scratch.get(span.start as usize..span.end as usize)?.to_owned(),
        };
        let (mut hash, mut typed) = (text_hash(text), Slot::Missing);
        match &node.form {
            Form::Field(ty, spelling) => {
                if let Some(other) = otherwise(*spelling, text)? {
                    span = self.keep(&other)?;
                    hash = text_hash(&other);
                }
                match ty {
                    Type::Text => {}
                    Type::Time => typed = Slot::Time(self.dates.instant(text)?),
                    Type::Bool | Type::Int | Type::Number | Type::Choice(_) => return None,
                }
            }
            Form::Choice(words) => {
                words.iter().find(|(of_word, word)| *of_word == hash && *word == text)?;
            }
            Form::Envelope(Envelope::Id) => is_id(text).then_some(())?,
            Form::Envelope(Envelope::Source) => (is_id(text) && !text.contains('/')).then_some(())?,
            Form::Envelope(Envelope::Kind) => {}
            Form::Envelope(Envelope::OccurredAt) => self.occurred_at = Some(self.dates.instant(text)?),
            Form::ReceivedAt => {
                self.received_at = Some(self.dates.instant(text)?);
                return Some(None);
            }
            Form::Root | Form::Section | Form::Withdrawn | Form::Unknown => return None,
        }
        Some(Some(Stated { span, leaf: Leaf::Text, hash, typed }))
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= MAX_ID_CHARS || text.chars().count() <= MAX_ID_CHARS
}

/// A text without the white space around it.
#[inline]
fn trimmed(text: &str, span: Span) -> Option<Span> {
    let is_dark = |byte: Option<&u8>| byte.is_some_and(|byte| (0x21..0x7f).contains(byte));
    if is_dark(text.as_bytes().first()) && is_dark(text.as_bytes().last()) {
        return Some(span);
    }
    let before = text.len() - text.trim_start().len();
    let start = span.start + u32::try_from(before).ok()?;
    Some(Span { start, end: start + u32::try_from(text.trim().len()).ok()?, ..span })
}

/// Whether a text of plain characters is certainly no NIK, no file and not too long.
#[inline]
fn is_surely_clean(text: &str) -> bool {
    let bytes = text.as_bytes();
    // a data URI, perhaps after spaces
    if matches!(bytes.first(), Some(b'd' | b'D' | b' ')) && text.trim_start().get(..5).is_some_and(is_data) {
        return false;
    }
    bytes.len() < NIK_DIGITS || is_long_but_clean(bytes)
}

fn is_data(start: &str) -> bool {
    start.eq_ignore_ascii_case("data:")
}

/// No run of digits as long as a NIK, not digits and separators alone, no file.
fn is_long_but_clean(bytes: &[u8]) -> bool {
    const { assert!(MAX_SHORT_BYTES <= MAX_TEXT_BYTES) };
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let run = |index: usize| {
        let (before, after) = bytes.split_at_checked(index)?;
        Some(before.iter().rev().take_while(is_digit).count() + after.iter().take_while(is_digit).count())
    };
    // whichever way a run of so many lies, one of these is in it
    let mut probes = (NIK_DIGITS - 1..bytes.len()).step_by(NIK_DIGITS);
    let has_run = probes.any(|probe| bytes.get(probe).as_ref().is_some_and(is_digit) && run(probe) >= Some(NIK_DIGITS));
    let is_separated =
        || bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'-' | b'_' | b'\''));
    !has_run && bytes.len() <= MAX_SHORT_BYTES && !is_separated()
}

/// The one spelling of a text, where it is spelt otherwise; `None` where it may be wrong.
#[inline]
fn otherwise(spelling: Spelling, text: &str) -> Option<Option<String>> {
    let bytes = text.as_bytes();
    let is_capital = |byte: &u8| byte.is_ascii_uppercase();
    match spelling {
        Spelling::Line | Spelling::Lines => Some(None),
        Spelling::PassportNumber => {
            let is_spelt = bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            if is_spelt && bytes.len() <= passport::MAX_NUMBER_CHARS {
                Some(None)
            } else {
                other(passport::number(text))
            }
        }
        Spelling::Country if bytes.len() == 3 && bytes.iter().all(is_capital) => Some(None),
        Spelling::Country => other(passport::country(text)),
        Spelling::Mrz => other(Some(passport::squeezed(text))),
        Spelling::NikHash => {
            let is_hash = text.len() == 64 && bytes.iter().all(u8::is_ascii_hexdigit);
            let is_spelt = !bytes.iter().any(is_capital);
            if !is_hash {
                None
            } else if is_spelt {
                Some(None)
            } else {
                other(Some(text.to_ascii_lowercase()))
            }
        }
        Spelling::Kabupaten => region::check(text, Level::Kabupaten).ok().map(|()| None),
        Spelling::Kecamatan => region::check(text, Level::Kecamatan).ok().map(|()| None),
    }
}

fn other(text: Option<String>) -> Option<Option<String>> {
    text.filter(|text| !text.is_empty()).map(Some)
}

fn of_number(node: &Node, number: Number) -> Option<Slot<'static>> {
    match node.form {
        Form::Unknown => Some(Slot::Missing),
        Form::Field(Type::Int, _) => number.whole.map(Slot::Int),
        Form::Field(Type::Number, _) => (number.value.abs() <= node.bound).then_some(Slot::Number(number.value)),
        _ => None,
    }
}
