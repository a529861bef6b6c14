//! A client that costs next to nothing: requests made beforehand, sent over one kept connection.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

/// Longer than any answer here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request in full, as it goes over the wire.
pub fn post(path: &str, token: Option<&str>, content_type: &str, body: &[u8]) -> Vec<u8> {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\n{authorization}content-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A kept connection.
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub fn connect(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Wire { stream, read: Vec::new() })
    }

    /// Sends a request and reads its answer: the status.
    pub fn ask(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request)?;
        self.read.clear();
        let mut buffer = [0; 16 * 1024];
        loop {
            let count = self.stream.read(&mut buffer)?;
            ensure!(count > 0, "the connection ended before the answer");
            self.read.extend(buffer.get(..count).unwrap_or_default());
            if let Some(status) = whole_answer(&self.read)? {
                return Ok(status);
            }
        }
    }

    /// The same, where only one status will do.
    pub fn expect(&mut self, status: u16, request: &[u8]) -> anyhow::Result<()> {
        let got = self.ask(request)?;
        ensure!(got == status, "status {got} instead of {status}: {}", String::from_utf8_lossy(&self.read));
        Ok(())
    }

    /// What the last answer's body says.
    pub fn body(&self) -> &[u8] {
        let end = self.read.windows(4).position(|four| four == b"\r\n\r\n");
        end.and_then(|end| self.read.get(end + 4..)).unwrap_or_default()
    }
}

/// The status, once head and body are there.
fn whole_answer(read: &[u8]) -> anyhow::Result<Option<u16>> {
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(read.get(..end).unwrap_or_default())?.to_ascii_lowercase();
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let Some(length) = length else {
        ensure!(status == 204 || head.contains("transfer-encoding: chunked"), "an answer without a length");
        return Ok((status == 204 || read.ends_with(b"0\r\n\r\n")).then_some(status));
    };
    let length: usize = length.trim().parse()?;
    Ok((read.len() >= end + 4 + length).then_some(status))
}

/// Sends all requests over so many connections, each as soon as the one before it is answered; how long that took.
pub fn flood(
    to: SocketAddr,
    connections: usize,
    status: u16,
    requests: &Arc<Vec<Vec<u8>>>,
) -> anyhow::Result<Duration> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut wires = (0..connections).map(|_| Wire::connect(to)).collect::<anyhow::Result<Vec<_>>>()?;
    let began = Instant::now();
    let threads: Vec<_> = wires
        .drain(..)
        .map(|mut wire| {
            let (next, requests) = (Arc::clone(&next), Arc::clone(requests));
            std::thread::spawn(move || {
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    wire.expect(status, request)?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for thread in threads {
        let Ok(result) = thread.join() else { bail!("a sender panicked") };
        result?;
    }
    Ok(began.elapsed())
}

/// Sends each request at its own time, `a_second` of them, whatever became of the ones before; how long each took
/// from the time at which it was to go.
pub fn pace(
    to: SocketAddr,
    connections: usize,
    a_second: u32,
    status: u16,
    requests: &Arc<Vec<Vec<u8>>>,
) -> anyhow::Result<Vec<Duration>> {
    let wires = (0..connections).map(|_| Wire::connect(to)).collect::<anyhow::Result<Vec<_>>>()?;
    let began = Instant::now();
    let threads: Vec<_> = wires
        .into_iter()
        .enumerate()
        .map(|(first, mut wire)| {
            let requests = Arc::clone(requests);
            std::thread::spawn(move || {
                let mut times = Vec::new();
                for (index, request) in requests.iter().enumerate().skip(first).step_by(connections) {
                    let at = began + Duration::from_secs(1) * u32::try_from(index)? / a_second;
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    wire.expect(status, request)?;
                    times.push(at.elapsed());
                }
                anyhow::Ok(times)
            })
        })
        .collect();
    let mut all = Vec::new();
    for thread in threads {
        let Ok(times) = thread.join() else { bail!("a sender panicked") };
        all.extend(times?);
    }
    Ok(all)
}
