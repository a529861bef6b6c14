//! Dossiers: the newest revisions of the records of one subject, as of a position of the log.

use crate::entry::Position;
use crate::store::log::StoredRecord;
use crate::store::{Store, StoreError};
use crate::subject::Subject;

/// The most records of one kind in a dossier. A person has tens; a large source has millions, and no rule needs
/// more than the newest of them.
pub const MOST_PER_KIND: usize = 10_000;

/// The records of one subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dossier {
    /// The newest revision of each record that is not withdrawn, ordered by when it happened, source, id.
    pub records: Vec<StoredRecord>,
    /// How many older records the bound cut off, over all kinds.
    pub cut: usize,
}

impl Store {
    /// The dossier of a subject as it was when the entry at `as_of` had been appended and none after it, so that
    /// a step sees the same whether or not newer entries already wait. At most [`MOST_PER_KIND`] of each kind.
    ///
    /// # Errors
    /// What the database says.
    pub fn dossier(&self, _subject: &Subject, _as_of: Position) -> Result<Dossier, StoreError> {
        Err(StoreError::Failed)
    }
}
