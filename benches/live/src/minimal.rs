//! The least that a durable server can do: one INSERT and one fsynced commit for each request.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use rusqlite::Connection;

/// Serves until it is killed; says where on standard error, as the daemon does.
pub fn serve(path: &Path) -> anyhow::Result<()> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("CREATE TABLE record (position INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
    let router = Router::new().route("/", post(keep)).with_state(Arc::new(Mutex::new(connection)));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        eprintln!("{}", serde_json::json!({ "fields": { "http.address": listener.local_addr()?.to_string() } }));
        Ok(axum::serve(listener, router).await?)
    })
}

async fn keep(State(store): State<Arc<Mutex<Connection>>>, body: Bytes) -> StatusCode {
    let kept = tokio::task::spawn_blocking(move || {
        let store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = store.prepare_cached("INSERT INTO record (body) VALUES (?1)")?;
        statement.execute([&*body])
    });
    match kept.await {
        Ok(Ok(_)) => StatusCode::ACCEPTED,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
