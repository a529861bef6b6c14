//! The audit log: who changed what when, each row chained to the one before it by hash.

use chrono::{DateTime, Utc};

use crate::store::{Digest, Page, Store, StoreError};

/// One row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: an agency's id, or `siaga` for the program.
    pub actor: String,
    /// What, in a word.
    pub what: String,
    /// To what.
    pub object: String,
    /// The hash of this row and of all before it.
    pub hash: Digest,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every row follows from the one before it.
    Whole {
        /// How many rows there are.
        rows: i64,
        /// The last row's hash; none without rows. Only one who holds an earlier head can prove a truncation.
        head: Option<Digest>,
    },
    /// This row was changed, or one before it is gone.
    Broken {
        /// Its number.
        seq: i64,
    },
}

impl Store {
    /// Follows the chain from its first row.
    ///
    /// # Errors
    /// What the database says.
    pub fn audit_verify(&self) -> Result<AuditVerdict, StoreError> {
        Err(StoreError::Failed)
    }

    /// The last row's hash; none without rows.
    ///
    /// # Errors
    /// What the database says.
    pub fn audit_head(&self) -> Result<Option<Digest>, StoreError> {
        Err(StoreError::Failed)
    }

    /// A page of the audit log, the newest first.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn audit(
        &self,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Page<AuditRow>, StoreError> {
        Err(StoreError::Failed)
    }
}
