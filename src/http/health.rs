//! Whether the daemon is alive, whether it can do its work, and what its routes are.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use serde_json::{Value, json};

use super::App;
use super::problem::Problem;
use super::silence::{self, Heard};
use crate::intake::folder::Standing;
use crate::pack::Pack;
use crate::pack::rule::Status;
use crate::pipeline::packs::{self, Refused};
use crate::store::StoreError;

/// Kept by hand; a test holds it against the table of routes.
pub const OPENAPI: &str = include_str!("openapi.json");

/// Where to go from here, for whoever opens the address itself.
pub async fn root() -> Json<Value> {
    let see = ["/openapi.json", "/v1/alerts", "/readyz", "/metrics"];
    Json(json!({ "name": "siaga", "version": env!("CARGO_PKG_VERSION"), "see": see }))
}

/// The process answers.
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// How ready the daemon is.
#[derive(Debug, Serialize)]
pub struct Readiness {
    ready: bool,
    /// Why it is not.
    reasons: Vec<String>,
    version: &'static str,
    pack: String,
    pack_hash: String,
    /// Where it is refused; the one in force goes on judging.
    #[serde(skip_serializing_if = "Option::is_none")]
    pack_on_disk: Option<OnDisk>,
    /// Rules that failed again and again and do not judge until the pack changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules_stopped: Vec<Arc<str>>,
    /// Folders under watch: how many files wait there, how many were refused.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    folders: BTreeMap<String, Standing>,
    /// Sources that have sent nothing for far longer than usual.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources_silent: Vec<Heard>,
    epoch: i64,
    progress: i64,
}

/// A pack that is not taken in.
#[derive(Debug, Serialize)]
pub struct OnDisk {
    refused: bool,
    hash: String,
    since: DateTime<FixedOffset>,
    errors: usize,
    reason: String,
}

impl OnDisk {
    /// Times are shown in the zone of the pack in force.
    pub fn new(refused: &Refused, pack: &Pack) -> Self {
        let Refused { hash, since, errors, reason } = refused.clone();
        OnDisk { refused: true, hash, since: since.with_timezone(&pack.timeline.zone).fixed_offset(), errors, reason }
    }
}

fn stopped(pack: &Pack) -> Vec<Arc<str>> {
    pack.rules.iter().filter(|rule| rule.status == Status::Stopped).map(|rule| rule.id.clone()).collect()
}

/// Whether records can be taken in and judged; 503 with the reasons where not.
pub async fn ready(State(app): State<App>) -> Result<(StatusCode, Json<Readiness>), Problem> {
    let mut reasons = Vec::new();
    // an empty append goes through the writer and its check of the epoch, and writes nothing
    if let Err(error) = app.store.append(Vec::new(), app.clock.edge_time()).await {
        reasons.push(store_reason(&error));
        if error.is_fatal() {
            app.fatal.send_replace(Some(error));
        }
    }
    let status = app.pipeline.status();
    if !status.running {
        reasons.push(
            "records are taken in and not judged, and nobody is alerted; help: start siaga again, nothing is lost"
                .to_owned(),
        );
    }
    reasons.extend(status.failures);
    let epoch = app.read(|store| store.epoch()).await?;
    let mut sources_silent = silence::heard(&app).await?;
    sources_silent.retain(|heard| heard.is_silent);
    let ready = reasons.is_empty();
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let packs::Standing { pack, refused, .. } = app.packs.standing();
    let readiness = Readiness {
        ready,
        reasons,
        version: env!("CARGO_PKG_VERSION"),
        pack: pack.name.clone(),
        pack_hash: pack.hash.clone(),
        pack_on_disk: refused.map(|refused| OnDisk::new(&refused, &pack)),
        rules_stopped: stopped(&status.judging),
        folders: app.folders.standing(),
        sources_silent,
        epoch,
        progress: status.progress,
    };
    Ok((code, Json(readiness)))
}

/// Why the store takes nothing, and what to do.
fn store_reason(error: &StoreError) -> String {
    let help = match error {
        StoreError::Fenced => "this siaga ends by itself; look at the newer one",
        StoreError::Busy => "wait a minute; if it stays so, look for a command or a backup that holds the store",
        StoreError::Full => "make room on the disk of the store; senders keep what was refused and send it again",
        _ => "look at the disk and at siaga's log, then start siaga again; what was acknowledged is kept",
    };
    format!("{error}; help: {help}")
}

/// The description of every route.
pub async fn openapi() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/vnd.oai.openapi+json;version=3.1")], OPENAPI)
}
