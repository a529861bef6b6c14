//! Feeds the scenario: what is history into the store, what is to come over HTTP when its time is there.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::clock::Clock;
use crate::intake::body::read_body;
use crate::intake::entries::entries;
use crate::intake::row::Row;
use crate::intake::{Submitter, sort};
use crate::pack::Pack;
use crate::pipeline::packs::Packs;
use crate::pipeline::{Pipeline, Post, Setup};
use crate::record::parse::{Received, instant};
use crate::store::Store;
use crate::store::log::{Appended, EdgeTime};

/// Rows that are appended at a time.
const BATCH: usize = 1_000;
/// Rows that one request carries at most.
const PER_REQUEST: usize = 200;

/// A record that arrives at its time.
#[derive(Debug)]
pub struct Coming {
    /// When.
    at: DateTime<Utc>,
    /// The record, as one line of JSON.
    line: &'static str,
}

/// What arrived before an instant, and what arrives from then until another.
pub fn split(
    pack: &Pack,
    records: &'static str,
    starts: DateTime<Utc>,
    ends: DateTime<Utc>,
) -> (Vec<Row>, Vec<Coming>) {
    let (mut history, mut coming) = (String::new(), Vec::new());
    for line in records.lines() {
        match received_at(pack, line) {
            Some(at) if at >= ends => {}
            Some(at) if at >= starts => coming.push(Coming { at, line }),
            _ => {
                history.push_str(line);
                history.push('\n');
            }
        }
    }
    let rows = history
        .lines()
        .collect::<Vec<_>>()
        .chunks(BATCH)
        .flat_map(|chunk| read_body(Some("application/x-ndjson"), chunk.join("\n").as_bytes()).unwrap_or_default())
        .collect();
    (rows, coming)
}

fn received_at(pack: &Pack, line: &str) -> Option<DateTime<Utc>> {
    let json: serde_json::Value = serde_json::from_str(line).ok()?;
    instant(json.get("received_at")?.as_str()?, pack.timeline.zone)
}

/// Puts history into the store and evaluates it; nobody is told of it.
pub fn load_history(store: &Store, pack: &Arc<Pack>, rows: Vec<Row>) -> anyhow::Result<()> {
    let intake = sort(&pack.schema, rows, Received::Stated, pack.timeline.zone, &Submitter::LOCAL);
    let entries = entries(&pack.schema, intake.accepted, &intake.quarantined, Received::Stated, "demo");
    let mut last = 0;
    for chunk in entries.chunks(BATCH) {
        for appended in store.append(chunk.to_vec(), EdgeTime::Records).wait()? {
            if let Appended::At { position, .. } = appended {
                last = position;
            }
        }
    }
    let setup = Setup {
        store: store.clone(),
        packs: Packs::new(pack.clone(), 0),
        clock: Clock::Records,
        post: Post::nowhere(),
        committed: Box::new(|_| {}),
    };
    let pipeline = Pipeline::start(setup)?;
    let done = pipeline.wait_for(last);
    let failures = pipeline.status().failures;
    pipeline.stop();
    anyhow::ensure!(done, "history could not be evaluated: {}", failures.join(", "));
    Ok(())
}

/// Posts each record when the clock shows its time.
pub async fn feed(coming: Vec<Coming>, to: SocketAddr, token: String, clock: Clock) -> anyhow::Result<()> {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut coming = coming.into_iter().peekable();
    while let Some(next) = coming.peek() {
        if let Some(wait) = clock.wait(next.at) {
            tokio::time::sleep(wait).await;
        }
        let now = clock.now();
        let mut body = String::new();
        for _ in 0..PER_REQUEST {
            let Some(due) = coming.next_if(|next| next.at <= now) else { break };
            body.push_str(due.line);
            body.push('\n');
        }
        if body.is_empty() {
            continue;
        }
        let request = Request::post(format!("http://{to}/v1/records"))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/x-ndjson")
            .body(Full::new(Bytes::from(body)))?;
        let response = client.request(request).await.context("the demo's daemon does not answer")?;
        if !response.status().is_success() {
            tracing::warn!(status = response.status().as_u16(), "the demo's records were not taken");
        }
    }
    Ok(())
}
