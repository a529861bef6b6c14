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

impl Reading<'_> {
    /// The record for itself; of its fields only those to `keep`, in the schema's order, where that is said.
    pub fn to_record(&self, interner: &mut Interner, keep: Option<&[FieldId]>) -> Record {
        let Interner { sources, lists, room } = interner;
        let share = |fields: &[FieldId]| lists.shared(fields);
        let with_slot = |field| (field, self.slot(field));
        let stated = match keep {
            Some(keep) => room.stated(keep.iter().copied().map(with_slot), share),
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
}
