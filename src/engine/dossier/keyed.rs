//! What records are matched or told apart by, as it lies in the record.

use std::hash::{Hash, Hasher};

use crate::engine::eval::compare;
use crate::pack::expr::{Comparison, MatchKey};
use crate::record::Record;
use crate::record::slot::{Fields, Slot};
use crate::subject::{KeyText, SubjectKind, key_of};

/// A joined key up to this length is put together on the stack; passports and record numbers are shorter.
const SHORT: usize = 96;

/// A value of a record that other records have or have not. `==` and hashes tell values apart as `distinct` counts
/// them: the two zeroes are one number.
#[derive(Clone, Copy, Debug)]
pub enum Keyed<'a> {
    /// A field's value, or a key that stands in one field.
    Plain(Slot<'a>),
    /// A key of two texts with a sign between them; equal to that text.
    Joined(&'a str, char, &'a str),
}

impl<'a> Keyed<'a> {
    /// What a record has under a key.
    pub fn of(record: &'a Record, key: MatchKey) -> Self {
        match key {
            MatchKey::Field(field) => Keyed::Plain(record.value(field)),
            MatchKey::Subject(kind) => Keyed::subject(record, kind),
        }
    }

    /// The key of the subject of a kind that a record is about.
    pub fn subject<F: Fields>(record: &'a F, kind: SubjectKind) -> Self {
        match key_of(record, kind) {
            Some(KeyText::Whole(text)) => Keyed::Plain(Slot::Text(text)),
            Some(KeyText::Joined(first, sign, second)) => Keyed::Joined(first, sign, second),
            None => Keyed::Plain(Slot::Missing),
        }
    }

    /// Whether nothing is stated.
    pub fn is_missing(self) -> bool {
        matches!(self, Keyed::Plain(Slot::Missing))
    }

    /// Whether it is a decimal number, which equals others that are nearly the same.
    pub fn is_decimal(self) -> bool {
        matches!(self, Keyed::Plain(Slot::Number(_)))
    }

    /// Whether it is a whole number, which equals decimal ones too.
    pub fn is_whole(self) -> bool {
        matches!(self, Keyed::Plain(Slot::Int(_)))
    }

    /// Whether the two are equal as the rule language compares: nothing equals what is missing.
    pub fn equals(self, other: Keyed<'_>) -> bool {
        match (self, other) {
            (Keyed::Plain(Slot::Text(_)) | Keyed::Joined(..), _)
            | (_, Keyed::Plain(Slot::Text(_)) | Keyed::Joined(..)) => self == other,
            (Keyed::Plain(one), Keyed::Plain(two)) => compare(Comparison::Equal, one, two),
        }
    }

    fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        let (first, sign, second) = match self {
            Keyed::Joined(first, sign, second) => (first, Some(sign), second),
            Keyed::Plain(Slot::Text(text)) => (text, None, ""),
            Keyed::Plain(_) => ("", None, ""),
        };
        // signs are ASCII
        first.bytes().chain(sign.map(|sign| sign as u8)).chain(second.bytes())
    }
}

impl PartialEq for Keyed<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Keyed::Plain(Slot::Number(one)), Keyed::Plain(Slot::Number(two))) => bits(one) == bits(two),
            (Keyed::Plain(one), Keyed::Plain(two)) => one == two,
            (Keyed::Joined(first, sign, second), Keyed::Joined(other_first, other_sign, other_second))
                if first.len() == other_first.len() =>
            {
                second == other_second && first == other_first && sign == other_sign
            }
            (Keyed::Joined(..), Keyed::Joined(..)) => self.bytes().eq(other.bytes()),
            (Keyed::Joined(first, sign, second), Keyed::Plain(Slot::Text(text)))
            | (Keyed::Plain(Slot::Text(text)), Keyed::Joined(first, sign, second)) => {
                text.strip_prefix(first).and_then(|rest| rest.strip_prefix(sign)) == Some(second)
            }
            (Keyed::Joined(..), Keyed::Plain(_)) | (Keyed::Plain(_), Keyed::Joined(..)) => false,
        }
    }
}

impl Eq for Keyed<'_> {}

impl Hash for Keyed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match *self {
            Keyed::Plain(Slot::Missing) => {}
            Keyed::Plain(Slot::Bool(value)) => value.hash(state),
            Keyed::Plain(Slot::Int(n)) => n.hash(state),
            Keyed::Plain(Slot::Number(n)) => bits(n).hash(state),
            Keyed::Plain(Slot::Time(time)) => time.hash(state),
            Keyed::Plain(Slot::Span(span)) => span.hash(state),
            Keyed::Plain(Slot::WorkingDays(n)) => n.hash(state),
            Keyed::Plain(Slot::Text(text)) => state.write(text.as_bytes()),
            // in one piece, since a text written in pieces has another hash than the whole
            Keyed::Joined(first, sign, second) => {
                let mut text = [0; SHORT];
                let length = first.len() + second.len() + 1;
                match text.get_mut(..length) {
                    Some(room) => {
                        let (start, end) = room.split_at_mut(first.len());
                        start.copy_from_slice(first.as_bytes());
                        if let Some((place, end)) = end.split_first_mut() {
                            *place = sign as u8;
                            end.copy_from_slice(second.as_bytes());
                        }
                        state.write(room);
                    }
                    None => state.write(&self.bytes().collect::<Vec<u8>>()),
                }
            }
        }
    }
}

/// The two zeroes are one number.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// Counts values that differ, without owning them; those that are missing do not count.
#[derive(Default)]
pub struct Distinct<'a> {
    few: [Option<Keyed<'a>>; FEW],
    in_few: usize,
    many: hashbrown::HashSet<Keyed<'a>>,
}

/// So many values are told apart by looking at each, without a table.
const FEW: usize = 8;

impl<'a> Distinct<'a> {
    /// How many values differ.
    pub fn of(values: impl Iterator<Item = Keyed<'a>>) -> usize {
        let mut distinct = Distinct::default();
        values.for_each(|value| distinct.add(value));
        distinct.count()
    }

    /// Takes a value in.
    pub fn add(&mut self, value: Keyed<'a>) {
        if value.is_missing() || self.has(value) {
            return;
        }
        match self.few.get_mut(self.in_few) {
            Some(place) => {
                *place = Some(value);
                self.in_few += 1;
            }
            None => {
                self.many.insert(value);
            }
        }
    }

    /// Whether a value is among them.
    pub fn has(&self, value: Keyed<'a>) -> bool {
        self.few.iter().take(self.in_few).any(|known| *known == Some(value)) || self.many.contains(&value)
    }

    /// How many values differ.
    pub fn count(&self) -> usize {
        self.in_few + self.many.len()
    }
}
