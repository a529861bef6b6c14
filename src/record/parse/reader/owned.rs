//! Records that outlive the bytes they were read from, with one copy of what many of them say alike.

use std::sync::Arc;

use super::Reading;
use crate::record::fingerprint::text_hash;
use crate::record::schema::FieldId;
use crate::record::slot::Fields;
use crate::record::stated::Gather;
use crate::record::{Record, RecordKey};

/// Sources that are kept: those of a few kabupaten fit several times over.
const KEPT_SOURCES: usize = 256;

/// Lists of fields that are kept: each kind of record comes in a few ways.
const KEPT_LISTS: usize = 256;

/// Longer texts are no source's usual name.
const MAX_KEPT_BYTES: usize = 64;

/// How many records share one copy of a text: threads that judge different records then seldom count references to the
/// same one, which they would have to wait for each other to do.
const MOST_SHARES: u8 = 64;

/// What records share. It never grows, and gives up what was not asked for lately.
#[derive(Debug, Default)]
pub struct Interner {
    sources: Sources,
    lists: Lists,
    /// Room for what the next record states.
    room: Gather,
}

/// The last source of each hash.
#[derive(Debug)]
struct Sources(Box<[Option<Kept>]>);

/// The last list of fields of each hash.
#[derive(Debug)]
struct Lists(Box<[Option<Arc<[FieldId]>>]>);

#[derive(Clone, Debug)]
struct Kept {
    text: Arc<str>,
    /// So many more records may share it.
    left: u8,
}

impl Interner {
    /// A copy of a source that others share.
    pub fn source(&mut self, source: &str) -> Arc<str> {
        self.sources.shared(source)
    }
}

impl Default for Sources {
    fn default() -> Self {
        Sources(vec![None; KEPT_SOURCES].into())
    }
}

impl Sources {
    fn shared(&mut self, text: &str) -> Arc<str> {
        let index = usize::try_from(text_hash(text) % KEPT_SOURCES as u64).unwrap_or_default();
        let Some(kept) = self.0.get_mut(index).filter(|_| text.len() <= MAX_KEPT_BYTES) else {
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
}

impl Default for Lists {
    fn default() -> Self {
        Lists(vec![None; KEPT_LISTS].into())
    }
}

impl Lists {
    fn shared(&mut self, fields: &[FieldId]) -> Arc<[FieldId]> {
        let hash = fields.iter().fold(0, |hash: usize, field| hash.wrapping_mul(31).wrapping_add(usize::from(field.0)));
        match self.0.get_mut(hash % KEPT_LISTS) {
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
        let Interner { sources, lists, room } = interner;
        let share = |fields: &[FieldId]| lists.shared(fields);
        let with_slot = |field| (field, self.slot(field));
        let stated = match keep {
            Some(keep) => {
                let known = keep.iter().take_while(|field| field.0 < self.layout.root);
                room.stated(known.map(with_slot), share)
            }
            None => room.stated((0..self.layout.root).map(FieldId).map(with_slot), share),
        };
        Record {
            key: RecordKey { source: sources.shared(self.source()), id: Arc::from(self.id()) },
            kind: self.kind(),
            occurred_at: self.occurred_at(),
            received_at: self.received_at(),
            withdrawn: self.withdrawn(),
            unknown_fields: self.unknown_fields(),
            stated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_shared() {
        let mut interner = Interner::default();
        let (a, b) = (interner.source("apoa"), interner.source("apoa"));
        assert!(Arc::ptr_eq(&a, &b));
        for n in 0..100_000 {
            assert_eq!(&*interner.source(&n.to_string()), n.to_string());
        }
        let long = "x".repeat(MAX_KEPT_BYTES + 1);
        assert!(!Arc::ptr_eq(&interner.source(&long), &interner.source(&long)));
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let set: FieldSet = [FieldId(0), FieldId(63), FieldId(64), FieldId(300)].into_iter().collect();
        let found: Vec<u16> = (0..400).filter(|n| set.contains(FieldId(*n))).collect();
        assert_eq!(found, [0, 63, 64, 300]);
        assert!(set.iter().map(|field| field.0).eq(found));
    }
}
