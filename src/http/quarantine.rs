//! `/v1/quarantine`: rows that did not stand, with the reason, for whoever sets them right.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use serde::Serialize;

use super::App;
use super::access::Caller;
use super::paging::{PageQuery, Paged, limit, query};
use super::problem::Problem;
use crate::store::quarantine::Quarantined;

/// A row in quarantine. The list leaves the body out: it can hold anything about anyone.
#[derive(Debug, Serialize)]
pub struct QuarantinedView {
    id: i64,
    at: DateTime<FixedOffset>,
    last_at: DateTime<FixedOffset>,
    times: u32,
    source: Option<String>,
    record_id: Option<String>,
    code: String,
    pointer: String,
    detail: String,
    submitted_by: String,
    settled_at: Option<DateTime<FixedOffset>>,
    /// `corrected`, or `dropped: ` with the reason.
    settled_how: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl QuarantinedView {
    /// What a list shows of it.
    pub fn of(row: Quarantined, zone: Tz) -> Self {
        let local = |at: DateTime<chrono::Utc>| at.with_timezone(&zone).fixed_offset();
        QuarantinedView {
            id: row.id,
            at: local(row.at),
            last_at: local(row.last_at),
            times: row.times,
            source: row.source,
            record_id: row.record_id,
            code: row.code,
            pointer: row.pointer,
            detail: row.detail,
            submitted_by: row.submitted_by,
            settled_at: row.settled_at.map(local),
            settled_how: row.settled_how,
            body: None,
        }
    }

    /// The row whole, for correction.
    pub fn with_body(row: Quarantined, zone: Tz) -> Self {
        let body = String::from_utf8_lossy(&row.body).into_owned();
        QuarantinedView { body: Some(body), ..Self::of(row, zone) }
    }
}

/// What waits, the newest first.
pub async fn list(
    State(app): State<App>,
    asked: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<Paged<QuarantinedView>>, Problem> {
    let asked = query(asked)?;
    let limit = limit(asked.limit)?;
    let page = app.read(move |store| store.quarantine(asked.cursor.as_deref(), limit)).await?;
    let zone = app.pack().timeline.zone;
    Ok(Json(Paged::of(page, |row| QuarantinedView::of(row, zone))))
}

/// One row whole.
pub async fn one(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<QuarantinedView>, Problem> {
    const WHAT: &str = "record in quarantine";
    let id: i64 = id.parse().map_err(|_| Problem::NotFound(WHAT))?;
    let row = app.read(move |store| store.quarantined(id)).await?.ok_or(Problem::NotFound(WHAT))?;
    tracing::info!(agency = %caller.agency, quarantine.id = id, "a row in quarantine was read whole");
    Ok(Json(QuarantinedView::with_body(row, app.pack().timeline.zone)))
}
