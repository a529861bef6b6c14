//! The demo's own webhook receiver on loopback: it verifies each signature and leaves the body in a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

/// What the receiver has seen so far.
#[derive(Debug, Default)]
pub struct Seen {
    /// Calls whose signature holds.
    pub verified: AtomicUsize,
    /// Calls whose signature does not hold.
    pub refused: AtomicUsize,
}

#[derive(Clone)]
struct Receiver {
    folder: PathBuf,
    webhook: Arc<Webhook>,
    seen: Arc<Seen>,
}

/// Serves a receiver until the program ends.
///
/// # Errors
/// Where the key is no key.
pub fn serve(listener: TcpListener, key: &str, folder: &Path) -> anyhow::Result<Arc<Seen>> {
    let seen = Arc::new(Seen::default());
    let receiver = Receiver { folder: folder.to_owned(), webhook: Arc::new(Webhook::new(key)?), seen: seen.clone() };
    let router = Router::new().route("/hook", post(take)).with_state(receiver);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the demo's webhook receiver ended");
        }
    });
    Ok(seen)
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if receiver.webhook.verify(&body, &headers).is_err() {
        receiver.seen.refused.fetch_add(1, Ordering::Relaxed);
        return StatusCode::UNAUTHORIZED;
    }
    let number = receiver.seen.verified.fetch_add(1, Ordering::Relaxed) + 1;
    match std::fs::write(receiver.folder.join(format!("{number:04}.json")), &body) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
