//! Webhook receivers: one that answers any status, and a zoo of those that misbehave.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::any;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::interval;
use tokio_rustls::TlsAcceptor;

/// What a receiver got, byte for byte.
pub type Call = (HeaderMap, Bytes);

/// A receiver that answers each call with the same status and headers, on a port of its own.
pub async fn answering(status: u16, headers: &[(&'static str, String)]) -> (u16, UnboundedReceiver<Call>) {
    let (calls, received) = unbounded_channel();
    let status = StatusCode::from_u16(status).unwrap();
    let mut reply = HeaderMap::new();
    for (name, value) in headers {
        reply.insert(*name, value.parse().unwrap());
    }
    let answer = move |headers: HeaderMap, body: Bytes| {
        calls.send((headers, body)).unwrap();
        std::future::ready((status, reply.clone()).into_response())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().fallback(any(answer));
    tokio::spawn(axum::serve(listener, router).into_future());
    (port, received)
}

/// How a receiver of the zoo treats the one call that it takes.
#[derive(Clone)]
pub enum Beast {
    /// One byte of the header at a time, without end.
    DripsHeader,
    /// A status at once, then one byte of the body at a time, without end.
    DripsBody,
    /// A reply of 1 GB.
    Gushes,
    /// A reset in the middle of the call.
    Resets,
    /// Closes without a word.
    Closes,
    /// Words that are no HTTP.
    Babbles,
    /// Nothing, until the caller leaves.
    Silent,
    /// A well-behaved answer over TLS.
    Tls(TlsAcceptor),
}

const GIGABYTE: usize = 1 << 30;

/// Starts a receiver; its task ends with the bytes of reply body that it got rid of.
pub async fn beast(kind: Beast) -> (u16, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        treat(tcp, kind).await
    });
    (port, task)
}

async fn treat(mut tcp: TcpStream, kind: Beast) -> usize {
    if let Beast::Tls(tls) = kind {
        if let Ok(mut stream) = tls.accept(tcp).await {
            take_call(&mut stream).await;
            drop(stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await);
            drop(stream.shutdown().await);
        }
        return 0;
    }
    take_call(&mut tcp).await;
    match kind {
        Beast::DripsHeader => {
            drop(tcp.write_all(b"HTTP/1.1 200 OK\r\nx-drip: ").await);
            drip(&mut tcp).await
        }
        Beast::DripsBody => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {GIGABYTE}\r\n\r\n");
            drop(tcp.write_all(head.as_bytes()).await);
            drip(&mut tcp).await
        }
        Beast::Gushes => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {GIGABYTE}\r\n\r\n");
            drop(tcp.write_all(head.as_bytes()).await);
            gush(&mut tcp).await
        }
        Beast::Resets => {
            tcp.set_zero_linger().unwrap();
            0
        }
        Beast::Babbles => {
            drop(tcp.write_all(b"220 contoh.example ESMTP\r\n").await);
            0
        }
        Beast::Silent => {
            drop(tcp.read(&mut [0; 1]).await);
            0
        }
        Beast::Closes | Beast::Tls(_) => 0,
    }
}

/// Reads what has arrived of a call: its body ends with the brace that closes the event.
async fn take_call<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let mut call = Vec::new();
    while !call.ends_with(b"}}") {
        if stream.read_buf(&mut call).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

async fn drip(tcp: &mut TcpStream) -> usize {
    let mut tick = interval(Duration::from_millis(20));
    let mut dripped = 0;
    while tcp.write_all(b"x").await.is_ok() {
        dripped += 1;
        tick.tick().await;
    }
    dripped
}

async fn gush(tcp: &mut TcpStream) -> usize {
    let chunk = vec![b'x'; 64 * 1024];
    let mut gushed = 0;
    while gushed < GIGABYTE && tcp.write_all(&chunk).await.is_ok() {
        gushed += chunk.len();
    }
    gushed
}
