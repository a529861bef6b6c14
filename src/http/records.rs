//! `POST /v1/records`: rows in, acknowledged once they are on disk.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde::Serialize;

use super::App;
use super::access::Caller;
use super::problem::Problem;
use crate::intake::body::{BodyError, MAX_BODY_BYTES, read_body};
use crate::intake::entries::entries;
use crate::intake::{Intake, Quarantined, sort};
use crate::record::parse::Received;
use crate::store::log::{Appended, NewEntry};

/// What became of the rows.
#[derive(Debug, Default, Serialize)]
pub struct Receipt {
    accepted: usize,
    duplicates: usize,
    quarantined: Vec<Quarantined>,
}

impl Receipt {
    fn outcomes(&self) -> [(&'static str, usize); 3] {
        [("accepted", self.accepted), ("duplicate", self.duplicates), ("quarantined", self.quarantined.len())]
    }
}

/// Takes a body's records in.
pub async fn post(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let body = whole(body, MAX_BODY_BYTES)?;
    let content_type = match headers.get(CONTENT_TYPE).map(|value| value.to_str()) {
        None => None,
        Some(Ok(text)) => Some(text.to_owned()),
        Some(Err(_)) => return Err(BodyError::UnsupportedMediaType.into()),
    };
    let received = app.clock.received();
    let (intake, news) = {
        let app = app.clone();
        let work = move || read(&app, &caller, content_type.as_deref(), &body, received);
        tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Internal("a body could not be read"))??
    };
    let appended = app.store.append(news, app.clock.edge_time()).await?;
    app.pipeline.wake();
    let receipt = receipt(intake, &appended);
    app.metrics.records(&receipt.outcomes());
    Ok((StatusCode::ACCEPTED, Json(receipt)))
}

/// A body in full, or why it is not there; `limit` is that of its route.
pub fn whole(body: Result<Bytes, BytesRejection>, limit: usize) -> Result<Bytes, Problem> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => BodyError::TooLarge { limit, unit: "bytes" }.into(),
        _ => Problem::Invalid("the body did not arrive in full; help: send it again".to_owned()),
    })
}

fn read(
    app: &App,
    caller: &Caller,
    content_type: Option<&str>,
    body: &[u8],
    received: Received,
) -> Result<(Intake, Vec<NewEntry>), Problem> {
    let rows = read_body(content_type, body)?;
    let schema = &app.pack.schema;
    let intake = sort(schema, rows, received, app.pack.timeline.zone, &caller.submitter());
    let news = entries(schema, &intake, received, &caller.agency);
    Ok((intake, news))
}

fn receipt(intake: Intake, appended: &[Appended]) -> Receipt {
    let count = |wanted: fn(&Appended) -> bool| appended.iter().filter(|one| wanted(one)).count();
    Receipt {
        accepted: count(|one| matches!(one, Appended::At { .. })),
        duplicates: count(|one| matches!(one, Appended::Duplicate)),
        quarantined: intake.quarantined,
    }
}
