//! `POST /v1/records`: rows in, acknowledged once they are on disk.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest as _, Query, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde::Serialize;
use tokio::sync::SemaphorePermit;

use super::App;
use super::access::Caller;
use super::problem::Problem;
use crate::intake::body::{BodyError, MAX_BODY_BYTES, read_request};
use crate::intake::entries::entries;
use crate::intake::{Intake, Quarantined, sent, sort};
use crate::pack::Pack;
use crate::pipeline::MOST_UNJUDGED;
use crate::record::parse::Received;
use crate::store::log::{Appended, NewEntry};
use crate::store::{Answer, StoreError};

/// The most bytes of bodies that are held at once; each is held a few times over while it is read.
const MAX_HELD_BYTES: usize = 64 << 20;
/// The unit in which room for bodies is counted.
const ROOM_UNIT_BYTES: usize = 1024;
/// A body up to this size is read where it arrived: that takes less than a millisecond, and another thread to do it
/// would be as long in coming.
const READ_IN_PLACE_BYTES: usize = 64 * 1024;
/// All the room that there is for bodies, in units.
pub const ROOM: usize = MAX_HELD_BYTES / ROOM_UNIT_BYTES;

/// What became of the rows.
#[derive(Debug, Default, Serialize)]
pub struct Receipt {
    accepted: usize,
    duplicates: usize,
    quarantined: Vec<Quarantined>,
    /// Rows of a table that are no records: titles, headers, totals, blanks.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<usize>,
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
    request: Request,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    // held until the answer: it stands for the memory that the body takes
    let _room = room(&app, request.headers())?;
    if app.pipeline.behind() > MOST_UNJUDGED {
        return Err(Problem::Store(StoreError::Busy));
    }
    let headers = request.headers().clone();
    let query = Query::try_from_uri(request.uri()).map(|Query(query)| query);
    let query: BTreeMap<String, String> =
        query.map_err(|_| Problem::Invalid("the query is not understood".to_owned()))?;
    let body = whole(Bytes::from_request(request, &()).await, MAX_BODY_BYTES)?;
    let received = app.clock.received();
    let Taken { quarantined, answer, skipped } = if body.len() <= READ_IN_PLACE_BYTES {
        read(&app, &caller, &headers, query, &body, received)?
    } else {
        let app = app.clone();
        let work = move || read(&app, &caller, &headers, query, &body, received);
        tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Internal("a body could not be read"))??
    };
    let appended = answer.await?;
    let receipt = receipt(quarantined, skipped, &appended);
    app.metrics.records(&receipt.outcomes());
    Ok((StatusCode::ACCEPTED, Json(receipt)))
}

/// Room for a body as large as it says, or as the largest where it does not say; refused while there is none.
fn room<'a>(app: &'a App, headers: &HeaderMap) -> Result<SemaphorePermit<'a>, Problem> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = declared.unwrap_or(MAX_BODY_BYTES).min(MAX_BODY_BYTES);
    let units = u32::try_from(bytes.div_ceil(ROOM_UNIT_BYTES).max(1)).unwrap_or(u32::MAX);
    app.room.try_acquire_many(units).map_err(|_| Problem::Store(StoreError::Busy))
}

/// A body in full, or why it is not there; `limit` is that of its route.
pub fn whole(body: Result<Bytes, BytesRejection>, limit: usize) -> Result<Bytes, Problem> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => BodyError::TooLarge { limit, unit: "bytes" }.into(),
        _ => Problem::Invalid("the body did not arrive in full; help: send it again".to_owned()),
    })
}

/// Rows that were read and queued.
struct Taken {
    quarantined: Vec<Quarantined>,
    answer: Answer<Vec<Appended>>,
    skipped: Option<usize>,
}

/// Reads rows by the pack in force and queues them before another one takes its place: they are judged by that pack.
fn read(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    query: BTreeMap<String, String>,
    body: &[u8],
    received: Received,
) -> Result<Taken, Problem> {
    let content_type = headers.get(CONTENT_TYPE).map(|value| value.to_str());
    let content_type = content_type.transpose().map_err(|_| BodyError::UnsupportedMediaType)?;
    let queue = |pack: &Pack, Intake { accepted, quarantined }: Intake, skipped| {
        let news = entries(&pack.schema, accepted, &quarantined, received, &caller.agency);
        Taken { quarantined, answer: append(app, news), skipped }
    };
    if sent::is_table(content_type) {
        let settings = sent::settings(query);
        return app.packs.under(|pack| {
            let (intake, skipped) = sent::sorted(pack, &settings, body.to_vec(), received, &caller.submitter())?;
            Ok(queue(pack, intake, Some(skipped)))
        });
    }
    let attributes = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let rows = read_request(content_type, attributes, body)?;
    Ok(app.packs.under(|pack| {
        let intake = sort(&pack.schema, rows, received, pack.timeline.zone, &caller.submitter());
        queue(pack, intake, None)
    }))
}

/// Appends on this thread where nobody else does; another one serves the others meanwhile, however long the disk takes.
fn append(app: &App, news: Vec<NewEntry>) -> Answer<Vec<Appended>> {
    let time = app.clock.edge_time();
    if app.store.is_appending() {
        return app.store.append(news, time);
    }
    app.pipeline.expect();
    tokio::task::block_in_place(|| app.store.append_here(news, time))
}

fn receipt(quarantined: Vec<Quarantined>, skipped: Option<usize>, appended: &[Appended]) -> Receipt {
    let count = |wanted: fn(&Appended) -> bool| appended.iter().filter(|one| wanted(one)).count();
    Receipt {
        accepted: count(|one| matches!(one, Appended::At { .. })),
        duplicates: count(|one| matches!(one, Appended::Duplicate)),
        quarantined,
        skipped,
    }
}
