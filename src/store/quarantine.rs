//! Quarantine: records that broke the schema, whole, with the reason and the place.

use chrono::{DateTime, Utc};

use crate::store::{Answer, Page, Store, StoreError};

/// A record that broke the schema.
#[derive(Clone, Debug)]
pub struct NewQuarantined {
    /// The source that it names, if it names one.
    pub source: Option<String>,
    /// The id that it names, if it names one.
    pub id: Option<String>,
    /// What is wrong, in a word.
    pub code: String,
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, for people.
    pub detail: String,
    /// The bytes as they came.
    pub body: Vec<u8>,
    /// Who sent it: the token's agency, or a file's name.
    pub submitted_by: String,
}

/// A record in quarantine.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// Its number.
    pub id: i64,
    /// When it first came.
    pub at: DateTime<Utc>,
    /// When it last came.
    pub last_at: DateTime<Utc>,
    /// How many times the same sender sent the same bytes.
    pub times: u32,
    /// The source that it names.
    pub source: Option<String>,
    /// The id that it names.
    pub record_id: Option<String>,
    /// What is wrong, in a word.
    pub code: String,
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, for people.
    pub detail: String,
    /// The bytes as they came.
    pub body: Vec<u8>,
    /// Who sent it.
    pub submitted_by: String,
    /// When it was set right or set aside; none while it waits.
    pub settled_at: Option<DateTime<Utc>>,
}

impl Store {
    /// What waits in quarantine, newest first, from a cursor on.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn quarantine(
        &self,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Page<Quarantined>, StoreError> {
        Err(StoreError::Failed)
    }

    /// One record in quarantine, a settled one too.
    ///
    /// # Errors
    /// What the database says.
    pub fn quarantined(&self, _id: i64) -> Result<Option<Quarantined>, StoreError> {
        Err(StoreError::Failed)
    }

    /// Takes one off the list: it was fixed and submitted again, or set aside. Its row remains.
    ///
    /// Errors: `NotFound`.
    pub fn quarantine_settle(&self, _id: i64, _by: &str, _now: DateTime<Utc>) -> Answer<()> {
        Answer::refused(StoreError::Failed)
    }
}
