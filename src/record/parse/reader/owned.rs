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

/// Longer texts hardly come twice.
const MAX_KEPT_BYTES: usize = 64;

/// The last text of each hash. It never grows, and gives up what was not asked for lately.
#[derive(Debug)]
pub struct Interner {
    texts: Box<[Option<Arc<str>>]>,
}

impl Default for Interner {
    fn default() -> Self {
        Interner { texts: vec![None; KEPT_TEXTS].into() }
    }
}

impl Interner {
    /// The one copy of a text.
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
            Some(kept) if **kept == *text => kept.clone(),
            _ => kept.insert(Arc::from(text)).clone(),
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
        let fields = (0..self.layout.root).map(FieldId).filter(|field| keep.is_none_or(|keep| keep.contains(*field)));
        let count = fields.clone().filter(|field| self.state.is_stated(field.0)).count();
        let mut values = Vec::with_capacity(count);
        for field in fields {
            match self.slot(field) {
                Slot::Missing => {}
                Slot::Text(text) => values.push((field, Value::Text(self.owned(interner, field.0, text)))),
                slot => values.push((field, Value::from(slot))),
            }
        }
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
            values: values.into_boxed_slice(),
        }
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
    fn a_text_is_kept_once() {
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
    }
}
