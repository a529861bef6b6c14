//! Alerts as people ask for them: filtered, paged, and never beyond what their agency was told.

use crate::alert::{Alert, AlertEvent, Severity};
use crate::store::{Page, Scope, Store, StoreError};

/// Which alerts are wanted. What is none or empty does not restrict.
#[derive(Clone, Debug)]
pub struct AlertFilter {
    /// Whose eyes it is for.
    pub scope: Scope,
    /// The words of the states.
    pub states: Vec<String>,
    /// Exactly this severity.
    pub severity: Option<Severity>,
    /// The kabupaten of the newest finding.
    pub kabupaten: Option<String>,
    /// The rule's id.
    pub rule: Option<String>,
    /// Only alerts kept from everybody, or only those that are not.
    pub held: Option<bool>,
}

impl AlertFilter {
    /// Everything that a scope may see.
    pub fn everything(scope: Scope) -> Self {
        Self {
            scope,
            states: Vec::new(),
            severity: None,
            kabupaten: None,
            rule: None,
            held: None,
        }
    }
}

impl Store {
    /// A page of alerts, the newest opened first.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn alerts(
        &self,
        _filter: &AlertFilter,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Page<Alert>, StoreError> {
        Err(StoreError::Failed)
    }

    /// One alert; none too when the scope may not see it.
    ///
    /// # Errors
    /// What the database says.
    pub fn alert(&self, _id: &str, _scope: &Scope) -> Result<Option<Alert>, StoreError> {
        Err(StoreError::Failed)
    }

    /// The history of an alert, oldest first; empty when the scope may not see it.
    ///
    /// # Errors
    /// What the database says.
    pub fn alert_events(&self, _id: &str, _scope: &Scope) -> Result<Vec<AlertEvent>, StoreError> {
        Err(StoreError::Failed)
    }
}
