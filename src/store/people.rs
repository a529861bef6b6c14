//! Alerts as people ask for them: filtered, paged, and never beyond what their agency was told.

use rusqlite::{OptionalExtension, params};

use crate::alert::{Alert, AlertEvent, Severity};
use crate::store::cases::whole_alert;
use crate::store::page::{Place, cut, one_more};
use crate::store::{Page, Scope, Store, StoreError, from_json, time_of, to_json};

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
        Self { scope, states: Vec::new(), severity: None, kabupaten: None, rule: None, held: None }
    }
}

/// An agency sees what it was told of; without an agency in `?1` it is everything.
macro_rules! visible {
    () => {
        "(?1 IS NULL OR EXISTS (SELECT 1 FROM alert_agency WHERE agency = ?1 AND alert_agency.alert = alert.id))"
    };
}

impl Store {
    /// A page of alerts, the newest opened first.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn alerts(&self, filter: &AlertFilter, cursor: Option<&str>, limit: usize) -> Result<Page<Alert>, StoreError> {
        let from = Place::from_cursor(cursor)?;
        let states = match filter.states.as_slice() {
            [] => None,
            states => Some(to_json(&states)?),
        };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT opened_at, id, body FROM alert
                 WHERE (opened_at, id) < (?2, ?3)
                   AND (?4 IS NULL OR state IN (SELECT value FROM json_each(?4)))
                   AND (?5 IS NULL OR severity = ?5)
                   AND (?6 IS NULL OR kabupaten = ?6)
                   AND (?7 IS NULL OR rule = ?7)
                   AND (?8 IS NULL OR held = ?8)
                   AND ",
                visible!(),
                " ORDER BY opened_at DESC, id DESC LIMIT ?9"
            ))?;
            let mut rows = statement.query(params![
                filter.scope.agency(),
                from.number,
                from.text,
                states,
                filter.severity,
                filter.kabupaten,
                filter.rule,
                filter.held,
                one_more(limit)
            ])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let place = Place { number: row.get(0)?, text: row.get(1)? };
                found.push((place, whole_alert(connection, &row.get::<_, String>(2)?)?));
            }
            Ok(cut(found, limit))
        })
    }

    /// One alert; none too when the scope may not see it.
    ///
    /// # Errors
    /// What the database says.
    pub fn alert(&self, id: &str, scope: &Scope) -> Result<Option<Alert>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached(concat!("SELECT body FROM alert WHERE id = ?2 AND ", visible!()))?;
            let body: Option<String> = statement.query_row(params![scope.agency(), id], |row| row.get(0)).optional()?;
            body.map(|body| whole_alert(connection, &body)).transpose()
        })
    }

    /// The history of an alert, oldest first; empty when the scope may not see it.
    ///
    /// # Errors
    /// What the database says.
    pub fn alert_events(&self, id: &str, scope: &Scope) -> Result<Vec<AlertEvent>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT alert.id, alert_event.at, alert_event.body
                 FROM alert JOIN alert_event ON alert_event.alert = alert.id
                 WHERE alert.id = ?2 AND ",
                visible!(),
                " ORDER BY seq"
            ))?;
            let mut rows = statement.query(params![scope.agency(), id])?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                events.push(AlertEvent {
                    alert: row.get(0)?,
                    at: time_of(row.get(1)?),
                    what: from_json(&row.get::<_, String>(2)?)?,
                });
            }
            Ok(events)
        })
    }
}
