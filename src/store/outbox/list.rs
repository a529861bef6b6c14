//! Deliveries as people look at them.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use super::{Attempt, Channel, Delivery, DeliveryFilter, DeliveryState};
use crate::store::page::{Place, cut, one_more};
use crate::store::{Page, Scope, Store, StoreError, millis, time_of};

impl Store {
    /// A page of deliveries, the newest first.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn deliveries(
        &self,
        filter: &DeliveryFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Delivery>, StoreError> {
        let from = Place::from_cursor(cursor)?;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT created_at, id, alert, revision, agency, channel, recipient, severity, state, attempts,
                        due_at, last_outcome, settled_at
                 FROM delivery
                 WHERE (?1 IS NULL OR agency = ?1)
                   AND (created_at, id) < (?2, ?3)
                   AND (?4 IS NULL OR alert = ?4)
                   AND (?5 IS NULL OR state = ?5)
                   AND (?6 IS NULL OR channel = ?6)
                   AND (?7 IS NULL OR severity = ?7)
                   AND (?8 IS NULL OR created_at < ?8)
                 ORDER BY created_at DESC, id DESC LIMIT ?9",
            )?;
            let rows = statement.query_map(
                params![
                    filter.scope.agency(),
                    from.number,
                    from.text,
                    filter.alert,
                    filter.state,
                    filter.channel,
                    filter.severity,
                    filter.created_before.map(millis),
                    one_more(limit)
                ],
                delivery_row,
            )?;
            Ok(cut(rows.collect::<Result<Vec<_>, _>>()?, limit))
        })
    }

    /// A page of dead deliveries, the newest first.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn dead_letters(&self, scope: Scope, cursor: Option<&str>, limit: usize) -> Result<Page<Delivery>, StoreError> {
        let mut filter = DeliveryFilter::everything(scope);
        filter.state = Some(DeliveryState::Dead);
        self.deliveries(&filter, cursor, limit)
    }

    /// How the attempts at a delivery ended, oldest first; empty when the scope may not see it.
    ///
    /// # Errors
    /// What the database says.
    pub fn attempts(&self, id: &str, scope: &Scope) -> Result<Vec<Attempt>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT at, outcome FROM delivery_attempt
                   JOIN delivery ON delivery.id = delivery_attempt.delivery
                 WHERE delivery.id = ?2 AND (?1 IS NULL OR agency = ?1) ORDER BY seq",
            )?;
            let rows = statement.query_map(params![scope.agency(), id], |row| {
                Ok(Attempt { at: time_of(row.get(0)?), outcome: row.get(1)? })
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// How many deliveries to a recipient came up since a time: what a storm is told by.
    ///
    /// # Errors
    /// What the database says.
    pub fn deliveries_since(
        &self,
        channel: Channel,
        recipient: &str,
        since: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT COUNT(*) FROM delivery INDEXED BY delivery_created
                 WHERE channel = ?1 AND recipient = ?2 AND created_at >= ?3",
            )?;
            let count: i64 = statement.query_row(params![channel, recipient, millis(since)], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or(0))
        })
    }
}

fn delivery_row(row: &Row<'_>) -> rusqlite::Result<(Place, Delivery)> {
    let place = Place { number: row.get(0)?, text: row.get(1)? };
    let delivery = Delivery {
        id: place.text.clone(),
        alert: row.get(2)?,
        revision: row.get(3)?,
        agency: row.get(4)?,
        channel: row.get(5)?,
        recipient: row.get(6)?,
        severity: row.get(7)?,
        state: row.get(8)?,
        attempts: row.get(9)?,
        due_at: row.get::<_, Option<i64>>(10)?.map(time_of),
        last_outcome: row.get(11)?,
        created_at: time_of(place.number),
        settled_at: row.get::<_, Option<i64>>(12)?.map(time_of),
    };
    Ok((place, delivery))
}
