//! Findings, timers and alerts of subjects, and the one transaction that moves them with the progress.

use chrono::{DateTime, Utc};

use crate::alert::{Alert, Finding};
use crate::entry::{Position, Step, Timer};
use crate::store::outbox::NewDelivery;
use crate::store::{Answer, Store, StoreError};
use crate::subject::Subject;

/// Everything the store holds about one subject apart from its records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubjectState {
    /// Its findings, in the order of their keys.
    pub findings: Vec<Finding>,
    /// Its timers, by due time and key.
    pub timers: Vec<Timer>,
    /// Its alerts, open and closed, in the order of opening.
    pub alerts: Vec<Alert>,
}

impl Store {
    /// Commits the steps of the entries up to `progress`: findings, timers, alerts, their events, rule failures,
    /// audit rows and deliveries, with the progress, whole or not at all. All steps of one entry belong in one
    /// call. A delivery whose id exists is left as it is.
    ///
    /// Errors: `OutOfStep` when a step is not after the old progress and up to the new one.
    pub fn commit(
        &self,
        _steps: Vec<Step>,
        _progress: Position,
        _deliveries: Vec<NewDelivery>,
    ) -> Answer<()> {
        Answer::refused(StoreError::Failed)
    }

    /// The position up to which every entry has had its effects; 0 at first.
    ///
    /// # Errors
    /// What the database says.
    pub fn progress(&self) -> Result<Position, StoreError> {
        Err(StoreError::Failed)
    }

    /// What is known of a subject: nothing, for one that never was.
    ///
    /// # Errors
    /// What the database says.
    pub fn subject_state(&self, _subject: &Subject) -> Result<SubjectState, StoreError> {
        Err(StoreError::Failed)
    }

    /// Every timer that waits, by due time, rule, subject.
    ///
    /// # Errors
    /// What the database says.
    pub fn timers_waiting(&self) -> Result<Vec<(Subject, Timer)>, StoreError> {
        Err(StoreError::Failed)
    }

    /// When the next timer is due.
    ///
    /// # Errors
    /// What the database says.
    pub fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Err(StoreError::Failed)
    }

    /// The subjects with an alert that is not closed, in their order.
    ///
    /// # Errors
    /// What the database says.
    pub fn subjects_with_open_alerts(&self) -> Result<Vec<Subject>, StoreError> {
        Err(StoreError::Failed)
    }
}
