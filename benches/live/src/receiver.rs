//! The receiver of webhooks: when each alert arrived first, and whether its signature holds.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::daemon::KEY;

/// What has arrived.
#[derive(Default)]
struct Arrived {
    alerts: HashSet<String>,
    last: Option<Instant>,
    refused: usize,
}

/// A receiver on a port of its own, for as long as the process lives.
#[derive(Clone)]
pub struct Receiver {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    arrived: Mutex<Arrived>,
    changed: Condvar,
    verifier: Webhook,
}

impl Shared {
    fn arrived(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, at: Instant, alerts: Option<Vec<String>>) -> StatusCode {
        let mut arrived = self.arrived();
        let status = if alerts.is_some() { StatusCode::NO_CONTENT } else { StatusCode::BAD_REQUEST };
        match alerts {
            Some(alerts) => arrived.alerts.extend(alerts),
            None => arrived.refused += 1,
        }
        arrived.last = Some(at);
        drop(arrived);
        self.changed.notify_all();
        status
    }
}

impl Receiver {
    /// Starts it.
    pub fn start() -> anyhow::Result<Self> {
        let shared = Arc::new(Shared {
            arrived: Mutex::default(),
            changed: Condvar::new(),
            verifier: Webhook::new(KEY).context("the key")?,
        });
        let router = Router::new()
            .route("/siaga", post(signed))
            .route("/alertmanager", post(unsigned))
            .with_state(Arc::clone(&shared));
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, router).await
            })
        });
        Ok(Receiver { port, shared })
    }

    /// How many alerts arrived.
    pub fn count(&self) -> usize {
        self.shared.arrived().alerts.len()
    }

    /// How many calls were refused: without a signature that holds, or not understood.
    pub fn refused(&self) -> usize {
        self.shared.arrived().refused
    }

    /// Waits until so many alerts have arrived, or nothing has for as long as `patience`; when the last one came.
    pub fn wait_for(&self, count: usize, patience: Duration) -> Option<Instant> {
        let mut arrived = self.shared.arrived();
        while arrived.alerts.len() < count {
            let (guard, timeout) =
                self.shared.changed.wait_timeout(arrived, patience).unwrap_or_else(PoisonError::into_inner);
            arrived = guard;
            if timeout.timed_out() {
                return None;
            }
        }
        arrived.last
    }
}

/// Both are read in full, so that both cost the receiver the same, but for the signature.
async fn signed(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let at = Instant::now();
    let alert = shared.verifier.verify(&body, &headers).ok().and_then(|()| {
        let json: Value = serde_json::from_slice(&body).ok()?;
        Some(vec![json.get("subject")?.as_str()?.to_owned()])
    });
    shared.note(at, alert)
}

async fn unsigned(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    let at = Instant::now();
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    let alerts = json.as_ref().and_then(|json| {
        let alerts = json.get("alerts")?.as_array()?;
        alerts.iter().map(|alert| Some(alert.get("labels")?.get("id")?.as_str()?.to_owned())).collect()
    });
    shared.note(at, alerts)
}
