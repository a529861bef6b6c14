//! Counts for `/metrics` and the page that shows how things stand.

use chrono::{DateTime, Utc};

use crate::alert::Severity;
use crate::store::outbox::{Channel, DeliveryState};
use crate::store::{Store, StoreError};

/// How much of everything there is. Sums since the store began, unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Entries in the log.
    pub entries: u64,
    /// Revisions of records in the log, first ones included.
    pub revisions: u64,
    /// Records, each counted once.
    pub records: u64,
    /// Revisions that came after a newer one.
    pub stale: u64,
    /// Records that were sent again without change.
    pub duplicates: u64,
    /// Members that the schema does not know.
    pub unknown_fields: u64,
    /// What waits in quarantine now, by code.
    pub quarantined: Vec<(String, u64)>,
    /// Findings now.
    pub findings: u64,
    /// Timers that wait now.
    pub timers: u64,
    /// Dispositions by kind.
    pub dispositions: Vec<(String, u64)>,
    /// Alerts now, by state and severity.
    pub alerts: Vec<(String, Severity, u64)>,
    /// Deliveries now, by channel and state; the dead ones are the dead letters.
    pub deliveries: Vec<(Channel, DeliveryState, u64)>,
    /// When the oldest delivery that is not settled came up.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Rule failures by rule.
    pub rule_failures: Vec<(String, u64)>,
}

/// A rule that failed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRule {
    /// The rule's id.
    pub rule: String,
    /// How many times.
    pub times: u64,
    /// Why, the last time.
    pub last_reason: String,
    /// The position of the entry at which it last failed.
    pub last_position: i64,
}

impl Store {
    /// All counts, as of one moment.
    ///
    /// # Errors
    /// What the database says.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        Err(StoreError::Failed)
    }

    /// The rules that failed, by id.
    ///
    /// # Errors
    /// What the database says.
    pub fn failed_rules(&self) -> Result<Vec<FailedRule>, StoreError> {
        Err(StoreError::Failed)
    }
}
