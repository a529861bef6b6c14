//! How subjects are shared out: over threads, and over the times that files are gone over.

use super::subjects::{hash_in, hash_of};
use crate::record::slot::Fields;
use crate::subject::{Subject, SubjectKind};

/// The part of all subjects that one machine holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which part, from 0.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl Share {
    /// All subjects.
    pub const ALL: Share = Share { index: 0, of: 1 };

    /// Part of this part.
    pub fn part(self, index: usize, of: usize) -> Share {
        Share { index: self.index * of + index, of: self.of * of }
    }

    /// Whether a subject is one of them.
    pub fn has_subject(self, subject: &Subject) -> bool {
        self.of == 1 || self.has(hash_of(subject))
    }

    /// Whether the subject of a kind that a record is about is one of them.
    pub fn has_stated<F: Fields>(self, record: &F, kind: SubjectKind) -> bool {
        hash_in(record, kind).is_some_and(|hash| self.has(hash))
    }

    /// Whether a subject of some hash is one of them. Parts of a part lie beside each other.
    pub(super) fn has(self, hash: u64) -> bool {
        // tables of subjects go by the lowest bits and the highest
        let spread = (hash >> 24) & u64::from(u32::MAX);
        (spread * self.of as u64) >> 32 == self.index as u64
    }
}
