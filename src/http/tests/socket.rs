//! Over real sockets on loopback: slow heads are cut, connections are counted, requests end before the server does.

use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::config::limits::Limits;

struct Server {
    address: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

async fn start(site: &Site, limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(serve::serve(listener, router(&site.app), limits, stopped));
    Server { address, stop, task }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_head_is_cut_while_others_are_served() {
    let site = site(Vec::new());
    let limits = Limits { header_timeout: Duration::from_millis(300), ..Limits::default() };
    let server = start(&site, limits).await;
    let begun = Instant::now();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ").await.unwrap();
    let mut other = TcpStream::connect(server.address).await.unwrap();
    other.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut other).await.starts_with("HTTP/1.1 200"));
    let answer = rest(&mut slow).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    assert!((250..5_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_refused() {
    let site = site(Vec::new());
    let server = start(&site, Limits::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("GET /healthz HTTP/1.1\r\nhost: a\r\nx-long: {}\r\n\r\n", "x".repeat(200_000));
    // it may hang up before it has all of it
    drop(stream.write_all(head.as_bytes()).await);
    let answer = rest(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_cap_a_connection_waits_for_another_to_end() {
    let site = site(Vec::new());
    let server = start(&site, Limits { connections: 1, ..Limits::default() }).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    second.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut byte = [0; 1];
    let early = tokio::time::timeout(Duration::from_millis(200), second.read(&mut byte)).await;
    assert!(early.is_err(), "it was served beside the first");
    drop(first);
    assert!(rest(&mut second).await.contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_the_idle_and_lets_the_busy_finish() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Source);
    let server = start(&site, Limits::default()).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let mut busy = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /v1/records HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n"
    );
    busy.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    busy.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "the request is under way");
    server.stop.send_replace(true);
    assert_eq!(rest(&mut idle).await, "");
    busy.write_all(b"[]").await.unwrap();
    assert!(rest(&mut busy).await.starts_with("HTTP/1.1 202"));
    server.task.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
