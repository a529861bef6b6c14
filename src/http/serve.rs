//! Accepts connections under limits that `axum::serve` lacks: headers in time, so many at once, none for ever.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::config::limits::Limits;

/// The most bytes of a request's head, and of what is read ahead of a slow handler.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Far more headers than any client sends.
const MAX_HEADERS: usize = 100;
/// After a failed accept, such as one for want of file descriptors: trying at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How much longer than a request a connection may take to write its answer and end.
const ENDING: Duration = Duration::from_secs(5);

/// Serves until `stop` says true or its sender is gone, then lets the requests that are under way end.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Some((stream, place)) => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    connection(stream, router, limits, stop).await;
                    drop(place);
                });
            }
            None => sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            None
        }
    }
}

async fn connection(stream: TcpStream, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    tokio::select! {
        // what ends a connection early is the client's doing, and of no interest
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => {}
        () = sleep(limits.connection_age) => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(timeout(limits.request_timeout + ENDING, connection).await);
}
