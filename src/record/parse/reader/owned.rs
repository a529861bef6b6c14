//! Records that outlive the bytes they were read from, with one copy of the texts that come again and again.

use std::sync::Arc;

use super::Reading;
use super::layout::NodeId;
use crate::record::fingerprint::{Leaf, text_hash};
use crate::record::schema::FieldId;
use crate::record::slot::{Fields, Slot};
use crate::record::value::Value;
use crate::record::{Record, RecordKey};

/// Texts that are kept: lodgings, sponsors, regions and sources of a few kabupaten fit several times over.
const KEPT_TEXTS: usize = 4096;

/// Lists of fields that are kept: each kind of record comes in a few ways.
const KEPT_LISTS: usize = 256;

/// Longer texts hardly come twice.
const MAX_KEPT_BYTES: usize = 64;

/// How many records share one copy of a text: threads that judge different records then seldom count references to the
/// same one, which they would have to wait for each other to do.
const MOST_SHARES: u8 = 64;

/// The last text of each hash. It never grows, and gives up what was not asked for lately.
#[derive(Debug)]
pub struct Interner {
    texts: Box<[Option<Kept>]>,
    /// The last list of fields of each hash.
    lists: Box<[Option<Arc<[FieldId]>>]>,
    /// Room for the fields of the next record.
    stated: Vec<FieldId>,
}

#[derive(Clone, Debug)]
struct Kept {
    text: Arc<str>,
    /// So many more records may share it.
    left: u8,
}

impl Default for Interner {
    fn default() -> Self {
        Interner { texts: vec![None; KEPT_TEXTS].into(), lists: vec![None; KEPT_LISTS].into(), stated: Vec::new() }
    }
}

impl Interner {
    /// A copy of a text that others share.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        self.hashed(text, text_hash(text))
    }

    /// The same where the text's hash is known.
    pub fn hashed(&mut self, text: &str, hash: u64) -> Arc<str> {
        let index = usize::try_from(hash % KEPT_TEXTS as u64).unwrap_or_default();
        let Some(kept) = self.texts.get_mut(index).filter(|_| text.len() <= MAX_KEPT_BYTES) else {
            return Arc::from(text);
        };
        match kept {
            Some(kept) if kept.left > 0 && *kept.text == *text => {
                kept.left -= 1;
                kept.text.clone()
            }
            _ => kept.insert(Kept { text: Arc::from(text), left: MOST_SHARES }).text.clone(),
        }
    }

    /// A copy of a list of fields that others share.
    fn list(&mut self, fields: &[FieldId]) -> Arc<[FieldId]> {
        let hash = fields.iter().fold(0, |hash: usize, field| hash.wrapping_mul(31).wrapping_add(usize::from(field.0)));
        match self.lists.get_mut(hash % KEPT_LISTS) {
            Some(Some(kept)) if **kept == *fields => kept.clone(),
            Some(kept) => kept.insert(Arc::from(fields)).clone(),
            None => Arc::from(fields),
        }
    }
}

/// Some fields of the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSet {
    words: Vec<u64>,
}

impl FieldSet {
    /// Adds a field.
    pub fn insert(&mut self, field: FieldId) {
        let (word, bit) = (usize::from(field.0) / 64, field.0 % 64);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// All of them, in the schema's order.
    pub fn iter(&self) -> impl Iterator<Item = FieldId> {
        let words = (0..).step_by(64).zip(&self.words);
        words.flat_map(|(first, word)| {
            let rest = std::iter::successors(Some(*word), |rest| Some(rest & rest.wrapping_sub(1)));
            rest.take_while(|rest| *rest != 0).map(move |rest| FieldId(first + rest.trailing_zeros() as u16))
        })
    }

    /// Whether a field is one of them.
    pub fn contains(&self, field: FieldId) -> bool {
        let (word, bit) = (usize::from(field.0) / 64, field.0 % 64);
        self.words.get(word).is_some_and(|word| word & (1 << bit) != 0)
    }
}

impl FromIterator<FieldId> for FieldSet {
    fn from_iter<I: IntoIterator<Item = FieldId>>(fields: I) -> Self {
        let mut set = FieldSet::default();
        fields.into_iter().for_each(|field| set.insert(field));
        set
    }
}

impl Reading<'_> {
    /// The record for itself; of its fields only those to `keep`, where that is said.
    pub fn to_record(&self, interner: &mut Interner, keep: Option<&FieldSet>) -> Record {
        let (fields, values) = match keep {
            Some(keep) => self.values(interner, keep.iter().take_while(|field| field.0 < self.layout.root)),
            None => self.values(interner, (0..self.layout.root).map(FieldId)),
        };
        Record {
            key: RecordKey {
                source: self.owned(interner, self.layout.source, self.source()),
                id: Arc::from(self.id()),
            },
            kind: self.kind(),
            occurred_at: self.occurred_at(),
            received_at: self.received_at(),
            withdrawn: self.withdrawn(),
            unknown_fields: self.unknown_fields(),
            fields,
            values,
        }
    }

    /// Those of some fields that are stated, with their values.
    fn values(&self, interner: &mut Interner, fields: impl Iterator<Item = FieldId>) -> (Arc<[FieldId]>, Box<[Value]>) {
        let mut stated = std::mem::take(&mut interner.stated);
        stated.clear();
        stated.extend(fields.filter(|field| !matches!(self.slot(*field), Slot::Missing)));
        let value = |field: &FieldId| match self.slot(*field) {
            Slot::Text(text) => Value::Text(self.owned(interner, field.0, text)),
            slot => Value::from(slot),
        };
        let values = stated.iter().map(value).collect();
        let fields = interner.list(&stated);
        interner.stated = stated;
        (fields, values)
    }

    fn owned(&self, interner: &mut Interner, node: NodeId, text: &str) -> Arc<str> {
        let hash =
            self.state.cells.get(usize::from(node)).filter(|cell| cell.said.leaf() == Leaf::Text).map(|cell| cell.hash);
        interner.hashed(text, hash.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shared() {
        let mut interner = Interner::default();
        let (a, b) = (interner.text("hotel-contoh-1"), interner.text("hotel-contoh-1"));
        assert!(Arc::ptr_eq(&a, &b));
        for n in 0..100_000 {
            assert_eq!(&*interner.text(&n.to_string()), n.to_string());
        }
        let long = "x".repeat(MAX_KEPT_BYTES + 1);
        assert!(!Arc::ptr_eq(&interner.text(&long), &interner.text(&long)));
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let set: FieldSet = [FieldId(0), FieldId(63), FieldId(64), FieldId(300)].into_iter().collect();
        let found: Vec<u16> = (0..400).filter(|n| set.contains(FieldId(*n))).collect();
        assert_eq!(found, [0, 63, 64, 300]);
        assert!(set.iter().map(|field| field.0).eq(found));
    }
}
