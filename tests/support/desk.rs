//! A webhook receiver that keeps what it gets, and answers as it is told to from one call to the next.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::any;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// A receiver on a port of its own; clones are the same one.
#[derive(Clone)]
pub struct Desk {
    pub port: u16,
    state: Arc<Mutex<State>>,
    called: Arc<Notify>,
}

struct State {
    status: Option<u16>,
    calls: Vec<Call>,
}

/// What it got, byte for byte.
#[derive(Clone)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    pub fn id(&self) -> &str {
        self.headers.get("webhook-id").unwrap().to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Desk {
    /// Nobody listens yet.
    pub async fn away() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        let state = State { status: None, calls: Vec::new() };
        Desk { port, state: Arc::new(Mutex::new(state)), called: Arc::default() }
    }

    /// Listens, and answers with `status`.
    pub async fn answering(status: u16) -> Self {
        let desk = Desk::away().await;
        desk.answer(status);
        desk.open().await;
        desk
    }

    /// Listens, and answers nothing until it is told what.
    pub async fn silent() -> Self {
        let desk = Desk::away().await;
        desk.open().await;
        desk
    }

    pub async fn open(&self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let desk = self.clone();
        let router = Router::new().fallback(any(move |headers, body| desk.clone().take(headers, body)));
        tokio::spawn(axum::serve(listener, router).into_future());
    }

    pub fn answer(&self, status: u16) {
        self.state.lock().unwrap().status = Some(status);
    }

    /// What it got since it was last asked.
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// Waits for a call.
    pub async fn called(&self) {
        self.called.notified().await;
    }

    async fn take(self, headers: HeaderMap, body: Bytes) -> StatusCode {
        let status = {
            let mut state = self.state.lock().unwrap();
            state.calls.push(Call { headers, body });
            state.status
        };
        self.called.notify_one();
        match status {
            Some(status) => StatusCode::from_u16(status).unwrap(),
            None => std::future::pending().await,
        }
    }
}
