//! `POST /v1/thresholds/{name}/preview`: what a value would have done to the records in the store, before it is set.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};

use super::App;
use super::paging::json;
use super::problem::Problem;
use super::thresholds::{SETTING, Setting, check, find};
use crate::pack::Pack;
use crate::store::{Store, StoreError};
use crate::tune::history::stored::set_before;
use crate::tune::report::{Report, report};
use crate::tune::{History, Plan, Question, tune};

/// How many are worked out at a time: each takes all cores for a while.
pub const ROOM: usize = 1;

/// Shows it. Nothing is set.
pub async fn show(
    State(app): State<App>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Report>, Problem> {
    let pack = app.pack();
    let threshold = find(&pack, &name)?;
    let setting: Setting = json(body, SETTING)?;
    check(&pack, threshold, &setting)?;
    if setting.value.is_none() {
        return Err(Problem::Invalid("`value` is the number to try".to_owned()));
    }
    let room = app.previews.clone().try_acquire_owned().map_err(|_| Problem::Store(StoreError::Busy))?;
    // it goes on where the caller has given up, and holds its room as long as it does
    let report = app.read(move |store| {
        let report = work_out(&pack, store, name, setting);
        drop(room);
        report
    });
    report.await?.map(Json)
}

fn work_out(
    pack: &Arc<Pack>,
    store: &Store,
    threshold: String,
    setting: Setting,
) -> Result<Result<Report, Problem>, StoreError> {
    let question = Question {
        threshold,
        phase: setting.phase.as_deref().map(str::to_owned),
        kabupaten: setting.kabupaten.as_deref().map(str::to_owned),
        values: setting.value.into_iter().collect(),
        set: set_before(store)?,
    };
    let plan = match Plan::new(pack, &question) {
        Ok(plan) => plan,
        Err(error) => return Ok(Err(Problem::Invalid(error.to_string().replace('\n', "; ")))),
    };
    let history = History::of_store(&plan, store)?;
    Ok(Ok(report(&plan, &history, &tune(&plan, &history), None)))
}
