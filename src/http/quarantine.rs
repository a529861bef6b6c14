//! `/v1/quarantine`: rows that did not stand, with the reason, for whoever sets them right.

use std::collections::BTreeMap;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::App;
use super::access::Caller;
use super::paging::{PageQuery, Paged, json, limit, query};
use super::problem::Problem;
use crate::clock;
use crate::intake::fix::Change;
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
    /// `corrected`, `fixed by ` whom, `tried again by ` whom, or `dropped: ` with the reason.
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

const WHAT: &str = "record in quarantine";

/// What waits, the newest first.
pub async fn list(
    State(app): State<App>,
    asked: Result<Query<PageQuery>, QueryRejection>,
) -> Result<axum::Json<Paged<QuarantinedView>>, Problem> {
    let asked = query(asked)?;
    let limit = limit(asked.limit)?;
    let page = app.read(move |store| store.quarantine(asked.cursor.as_deref(), limit)).await?;
    let zone = app.pack().timeline.zone;
    Ok(axum::Json(Paged::of(page, |row| QuarantinedView::of(row, zone))))
}

/// One row whole.
pub async fn one(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<axum::Json<QuarantinedView>, Problem> {
    let id: i64 = id.parse().map_err(|_| Problem::NotFound(WHAT))?;
    let row = app.read(move |store| store.quarantined(id)).await?.ok_or(Problem::NotFound(WHAT))?;
    tracing::info!(agency = %caller.agency, quarantine.id = id, "a row in quarantine was read whole");
    Ok(axum::Json(QuarantinedView::with_body(row, app.pack().timeline.zone)))
}

/// How a row is to be set right: some of its parts by JSON pointer, or all of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fix {
    #[serde(default)]
    set: BTreeMap<String, Json>,
    record: Option<Json>,
}

/// How the body of a fix looks.
const FIX: &str = r#"{"set": {"/place/kabupaten": "16.01"}}, or {"record": {...}} with all of it"#;

/// Why a row is set aside.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// How the body of a drop looks.
const REASON: &str = r#"{"reason": "sent twice under two numbers"}"#;

/// Sets a row right; it becomes a record where it stands then.
pub async fn fix(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<axum::Json<QuarantinedView>, Problem> {
    let Fix { set, record } = json(body, FIX)?;
    let change = match record {
        Some(record) => Change::Whole(record.to_string().into_bytes()),
        None if set.is_empty() => {
            return Err(Problem::Invalid(format!("nothing is to be set; help: it looks like {FIX}")));
        }
        None => Change::Parts(set),
    };
    settle(&app, &caller, &id, change).await
}

/// Tries a row again as it is.
pub async fn retry(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<axum::Json<QuarantinedView>, Problem> {
    settle(&app, &caller, &id, Change::Nothing).await
}

/// Takes a row off the list that nobody will correct.
pub async fn set_aside(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<axum::Json<QuarantinedView>, Problem> {
    let Reason { reason } = json(body, REASON)?;
    if reason.trim().is_empty() {
        return Err(Problem::Invalid(format!("a reason is needed; help: it looks like {REASON}")));
    }
    let row = waiting(&app, &id).await?;
    app.store.quarantine_drop(row.id, reason.trim(), &caller.agency, clock::now()).await?;
    shown(&app, row.id).await
}

async fn settle(app: &App, caller: &Caller, id: &str, change: Change) -> Result<axum::Json<QuarantinedView>, Problem> {
    let row = waiting(app, id).await?;
    let received = app.clock.received();
    let answer = app.packs.under(|pack| {
        let entry = change.entry(&row.body, &pack.schema, pack.timeline.zone, received, &caller.agency);
        entry.map(|entry| app.store.append(vec![entry], app.clock.edge_time()))
    });
    answer.map_err(|error| Problem::Invalid(error.to_string().replace("\n", " ")))?.await?;
    app.store.quarantine_fixed(row.id, change.how(&caller.agency), &caller.agency, clock::now()).await?;
    shown(app, row.id).await
}

/// The row, if it waits.
async fn waiting(app: &App, id: &str) -> Result<Quarantined, Problem> {
    let id: i64 = id.parse().map_err(|_| Problem::NotFound(WHAT))?;
    let row = app.read(move |store| store.quarantined(id)).await?.ok_or(Problem::NotFound(WHAT))?;
    match &row.settled_how {
        None => Ok(row),
        Some(how) => Err(Problem::Conflict(format!("the row waits no longer: {how}"))),
    }
}

async fn shown(app: &App, id: i64) -> Result<axum::Json<QuarantinedView>, Problem> {
    let row = app.read(move |store| store.quarantined(id)).await?.ok_or(Problem::NotFound(WHAT))?;
    Ok(axum::Json(QuarantinedView::of(row, app.pack().timeline.zone)))
}
