//! `/v1/alerts`: what an agency was told of, and the life that people give it.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;

use super::App;
use super::access::Caller;
use super::paging::{Logged, Paged, choice, json, limit, query};
use super::problem::Problem;
use super::view::{AlertView, Reader};
use crate::alert::{Act, Alert, CloseReason, Severity};
use crate::record::parse::redact;
use crate::store::log::{ActOnAlert, NewEntry};
use crate::store::people::AlertFilter;

/// The longest comment, in characters: a paragraph, not a file.
const MAX_COMMENT_CHARS: usize = 2000;
/// The words of the states.
const STATES: [(&str, &str); 4] =
    [("baru", "baru"), ("diterima", "diterima"), ("ditinjau", "ditinjau"), ("ditutup", "ditutup")];

/// Which alerts, and which page of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    status: Option<String>,
    severity: Option<String>,
    kabupaten: Option<String>,
    rule: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// A page of alerts, the newest first.
pub async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    asked: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Paged<AlertView>>, Problem> {
    let asked = query(asked)?;
    let limit = limit(asked.limit)?;
    let mut filter = AlertFilter::everything(caller.scope());
    for word in asked.status.as_deref().unwrap_or_default().split(',').filter(|word| !word.is_empty()) {
        filter.states.extend(choice("status", Some(word), &STATES)?.map(str::to_owned));
    }
    filter.severity = choice("severity", asked.severity.as_deref(), &Severity::ALL)?;
    filter.kabupaten = asked.kabupaten;
    filter.rule = asked.rule;
    let page = app.read(move |store| store.alerts(&filter, asked.cursor.as_deref(), limit)).await?;
    let pack = app.pack();
    let reader = Reader::new(&pack, &caller.agency);
    Ok(Json(Paged::of(page, |alert| reader.alert(&alert))))
}

/// One alert with its history.
pub async fn one(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<AlertView>, Problem> {
    let scope = caller.scope();
    let found = app
        .read(move |store| {
            let Some(alert) = store.alert(&id, &scope)? else { return Ok(None) };
            let events = store.alert_events(&id, &scope)?;
            Ok(Some((alert, events)))
        })
        .await?;
    let (alert, events) = found.ok_or(Problem::NotFound("alert"))?;
    Ok(Json(Reader::new(&app.pack(), &caller.agency).alert_with_history(&alert, &events)))
}

/// A body without members.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Why an alert is closed, and a word about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closing {
    reason: String,
    comment: Option<String>,
}

/// A word beside an alert.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    text: String,
}

/// How the bodies look.
const NOTHING: &str = "{}, or nothing at all";
const CLOSING: &str = r#"{"reason": "handled", "comment": "..."}, of which only `reason` is needed"#;
const COMMENT: &str = r#"{"text": "..."}"#;

type Done = Result<(StatusCode, Json<Logged>), Problem>;

/// Somebody takes the alert.
pub async fn acknowledge(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Done {
    json::<Nothing>(body, NOTHING)?;
    act(&app, &caller, id, vec![Act::Acknowledge]).await
}

/// Somebody has looked into it.
pub async fn review(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Done {
    json::<Nothing>(body, NOTHING)?;
    act(&app, &caller, id, vec![Act::Review]).await
}

/// Somebody ends it.
pub async fn close(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Done {
    let Closing { reason, comment } = json(body, CLOSING)?;
    let reason = choice("reason", Some(&reason), &CloseReason::BY_PEOPLE)?;
    let comment = comment.map(checked).transpose()?.map(|text| Act::Comment { text });
    let close = reason.map(|reason| Act::Close { reason });
    act(&app, &caller, id, comment.into_iter().chain(close).collect()).await
}

/// Somebody writes something beside it.
pub async fn comment(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Done {
    let Comment { text } = json(body, COMMENT)?;
    act(&app, &caller, id, vec![Act::Comment { text: checked(text)? }]).await
}

/// A comment that may be kept.
fn checked(text: String) -> Result<String, Problem> {
    let refuse = |why: &str| Err(Problem::Invalid(why.to_owned()));
    if text.trim().is_empty() {
        return refuse("a comment needs words");
    }
    if text.chars().count() > MAX_COMMENT_CHARS {
        return Err(Problem::Invalid(format!("a comment has at most {MAX_COMMENT_CHARS} characters")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return refuse("a comment holds plain text and line breaks only");
    }
    if redact(&mut text.as_str().into()) {
        return refuse("a comment may not hold a NIK or a picture; help: name the alert or the record instead");
    }
    Ok(text)
}

async fn act(app: &App, caller: &Caller, id: String, acts: Vec<Act>) -> Done {
    let scope = caller.scope();
    let alert = app.read(move |store| store.alert(&id, &scope)).await?.ok_or(Problem::NotFound("alert"))?;
    if !alert.status.is_open() && !acts.iter().all(|act| matches!(act, Act::Comment { .. })) {
        return Err(Problem::Conflict("the alert is closed; help: only comments can be added to it".to_owned()));
    }
    let logged = append(app, &alert, &caller.agency, acts).await?;
    Ok((StatusCode::ACCEPTED, Json(logged)))
}

/// Puts what somebody of an agency did to an alert into the log.
pub async fn append(app: &App, alert: &Alert, agency: &str, acts: Vec<Act>) -> Result<Logged, Problem> {
    let entry = |act| {
        let (alert, subject) = (alert.id.clone(), alert.subject.clone());
        NewEntry::Act(ActOnAlert { alert, subject, by: agency.into(), act })
    };
    let appended = app.store.append(acts.into_iter().map(entry).collect(), app.clock.edge_time()).await?;
    Logged::last(&appended)
}
