//! The value of one member: read, checked and brought into its one spelling.

use memchr::memchr2;

use super::clean::{is_clean, is_plain, quote};
use super::layout::{Form, Layout, NodeId, Spot};
use super::number::{self, Number};
use super::{Buffer, Cell, Said, Span, State};
use crate::record::fingerprint::{self, text_hash};
use crate::record::parse::{MAX_ID_CHARS, passport};
use crate::record::region::{self, Level};

/// A keyed hash has 32 bytes.
const HASH_HEX_DIGITS: usize = 64;

/// A line, and what is known of all of it.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// The record.
    pub text: &'a str,
    /// It is ASCII without backslashes and control characters.
    pub is_plain: bool,
}

/// A text without quotes and escapes.
#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    /// Where it stands.
    start: usize,
    buffer: Buffer,
    /// It is ASCII without backslashes and control characters.
    is_plain: bool,
}

impl State {
    /// Reads the value that starts at `at`, and says where it ends; `None` where it may be wrong.
    #[inline]
    pub fn value(&mut self, layout: &Layout, id: NodeId, line: Line<'_>, at: usize) -> Option<usize> {
        let spot = layout.spot(id)?;
        self.visit(id, spot)?;
        let bytes = line.text.as_bytes();
        match bytes.get(at)? {
            b'"' if line.is_plain => {
                let end = quote(bytes, at + 1)?;
                let text = line.text.get(at + 1..end)?;
                self.text_at(layout, id, spot, Token { text, start: at + 1, buffer: Buffer::Line, is_plain: true })?;
                Some(end + 1)
            }
            b'"' => self.any_text(layout, id, spot, line.text, at),
            b'-' | b'0'..=b'9' => {
                let number = number::read(bytes, at)?;
                let said = of_number(spot, number)?;
                let hash = text_hash(line.text.get(at..number.canonical_end)?);
                self.state_it(id, spot, Span::new(at, number.canonical_end, Buffer::Line), hash, said)?;
                Some(number.end)
            }
            _ => self.word(id, spot, line.text, at),
        }
    }

    /// Marks a member as met; `None` where the record has it already.
    #[inline]
    pub fn visit(&mut self, id: NodeId, spot: &Spot) -> Option<()> {
        self.unknown += u32::from(spot.is_counted);
        let cell = self.cells.get_mut(usize::from(id))?;
        let is_first = cell.seen != self.now;
        cell.seen = self.now;
        is_first.then_some(())
    }

    #[inline]
    pub(super) fn state_it(&mut self, id: NodeId, spot: &Spot, span: Span, hash: u64, said: Said) -> Option<()> {
        let now = self.now;
        *self.cells.get_mut(usize::from(id))? = Cell { seen: now, stated: now, span, hash, said };
        for above in spot.above {
            self.cells.get_mut(usize::from(above))?.stated = now;
        }
        self.fingerprint = self.fingerprint.wrapping_add(fingerprint::leaf(spot.seed, said.leaf(), hash));
        Some(())
    }

    /// `true`, `false` and `null`.
    fn word(&mut self, id: NodeId, spot: &Spot, line: &str, at: usize) -> Option<usize> {
        let rest = line.get(at..)?;
        let word = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word))?;
        let end = at + word.len();
        let said = match (spot.form, word) {
            (Form::Unknown, _) => Said::Word,
            (Form::Bool, "true" | "false") => Said::Bool(word == "true"),
            (Form::Withdrawn, "true") => {
                self.withdrawn = true;
                Said::Word
            }
            (Form::Withdrawn, _) | (Form::Section | Form::ReceivedAt, "null") => return Some(end),
            (form, "null") if form.is_field() => return Some(end),
            _ => return None,
        };
        self.state_it(id, spot, Span::new(at, end, Buffer::Line), text_hash(word), said)?;
        Some(end)
    }

    /// A text in a line that is not plain.
    #[cold]
    fn any_text(&mut self, layout: &Layout, id: NodeId, spot: &Spot, line: &str, at: usize) -> Option<usize> {
        let bytes = line.as_bytes();
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
        let text = line.get(at + 1..end)?;
        if text.bytes().any(|byte| byte < b' ') {
            return None;
        }
        let unescaped: String;
        let (text, start, buffer) = if has_escapes {
            unescaped = serde_json::from_str(line.get(at..=end)?).ok()?;
            let span = self.keep(&unescaped);
            (unescaped.as_str(), span.start as usize, span.buffer)
        } else {
            (text, at + 1, Buffer::Line)
        };
        self.text_at(layout, id, spot, Token { text, start, buffer, is_plain: is_plain(text.as_bytes()) })?;
        Some(end + 1)
    }

    /// Reads a text; `None` where it may be wrong. Most of a record is texts in plain lines: there it is part of the walk.
    #[inline(always)]
    fn text_at(&mut self, layout: &Layout, id: NodeId, spot: &Spot, token: Token<'_>) -> Option<()> {
        // a time in a usual form holds nothing to be wary of
        let time = if spot.form.is_time() { self.dates.usual(token.text.as_bytes()) } else { None };
        let token = if time.is_some() || token.is_usual() { token } else { token.checked(spot)? };
        let Token { text, start, buffer, .. } = token;
        let mut span = Span::new(start, start + text.len(), buffer);
        let mut hash = text_hash(text);
        let mut said = Said::Text;
        match spot.form {
            _ if spot.is_picture => return None,
            Form::Unknown => {}
            form if text.is_empty() => return form.is_field().then_some(()),
            Form::Line | Form::Lines | Form::Kind => {}
            Form::Time => said = Said::Time(time.or_else(|| self.dates.unusual(text))?),
            Form::Choice => layout.has_word(spot, hash, text).then_some(())?,
            Form::Id => is_id(text).then_some(())?,
            Form::Source => (is_id(text) && !text.contains('/')).then_some(())?,
            Form::OccurredAt => self.occurred_at = Some(time.or_else(|| self.dates.unusual(text))?),
            Form::ReceivedAt => {
                self.received_at = Some(time.or_else(|| self.dates.unusual(text))?);
                return Some(());
            }
            Form::Kabupaten => region::check(text, Level::Kabupaten).ok()?,
            Form::Kecamatan => region::check(text, Level::Kecamatan).ok()?,
            Form::Country if is_country(text) => {}
            Form::PassportNumber if is_passport_number(text) => {}
            Form::Country | Form::PassportNumber | Form::Zone | Form::NikHash => {
                if let Some(other) = otherwise(spot.form, text)? {
                    span = self.keep(&other);
                    hash = text_hash(&other);
                }
            }
            Form::Bool | Form::Int | Form::Number | Form::Withdrawn | Form::Root | Form::Section => return None,
        }
        self.state_it(id, spot, span, hash, said)
    }
}

impl<'a> Token<'a> {
    /// Most texts show at their ends that nothing is to be trimmed and nothing to be wary of.
    #[inline]
    fn is_usual(self) -> bool {
        let is_dark = |byte: Option<&u8>| byte.is_some_and(|byte| *byte > b' ' && byte | 0x20 != b'd');
        let bytes = self.text.as_bytes();
        self.is_plain && bytes.len() < 16 && is_dark(bytes.first()) && bytes.last() > Some(&b' ')
    }

    /// The text trimmed; `None` where it may be wrong.
    fn checked(self, spot: &Spot) -> Option<Self> {
        let Token { text, start, is_plain, .. } = self;
        is_clean(text, is_plain, spot.form == Form::Zone).then_some(())?;
        if spot.form == Form::Unknown {
            return Some(self);
        }
        let trimmed = text.trim();
        let may_break = is_plain || matches!(spot.form, Form::Lines | Form::Zone);
        if !may_break && trimmed.contains(char::is_control) {
            return None;
        }
        let before = text.len() - text.trim_start().len();
        Some(Token { text: trimmed, start: start + before, ..self })
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= MAX_ID_CHARS || text.chars().count() <= MAX_ID_CHARS
}

#[inline]
fn is_country(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z', b'A'..=b'Z'])
}

#[inline]
fn is_passport_number(text: &str) -> bool {
    let is_spelt = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() <= passport::MAX_NUMBER_CHARS && text.bytes().fold(true, |all, byte| all & is_spelt(byte))
}

/// The one spelling of a text, where it is spelt otherwise; `None` where it may be wrong.
fn otherwise(form: Form, text: &str) -> Option<Option<String>> {
    let other = |other: String| Some((other != text).then_some(other));
    match form {
        Form::PassportNumber => other(passport::number(text)?),
        Form::Country => other(passport::country(text)?),
        Form::Zone => other(passport::squeezed(text)),
        Form::NikHash if text.len() == HASH_HEX_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => text
            .bytes()
            .any(|byte| byte.is_ascii_uppercase())
            .then(|| text.to_ascii_lowercase())
            .map_or(Some(None), other),
        _ => None,
    }
}

fn of_number(spot: &Spot, number: Number) -> Option<Said> {
    match spot.form {
        Form::Unknown => Some(Said::Number(number.value)),
        Form::Int => number.whole.map(Said::Int),
        Form::Number => (number.value.abs() <= spot.bound).then_some(Said::Number(number.value)),
        _ => None,
    }
}
