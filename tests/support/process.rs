//! The real binary as a child process: started, asked over HTTP, killed, told to stop.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// The binary that cargo built for these tests.
pub const SIAGA: &str = env!("CARGO_BIN_EXE_siaga");
/// The key that webhooks of these tests are signed with.
pub const KEY: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// Far longer than anything here takes; past it a test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often something is looked at while it is waited for.
const GLANCE: Duration = Duration::from_millis(20);

/// A folder with a configuration and a store.
pub struct Site {
    pub folder: PathBuf,
}

impl Site {
    /// Writes `siaga.toml`: a free port, the records' clock, and what is given.
    pub fn new(folder: &Path, more: &str) -> Self {
        let text = format!("listen = \"127.0.0.1:0\"\nstore = \"siaga.db\"\nclock = \"records\"\n{more}\n");
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("siaga.toml"), text).unwrap();
        Site { folder: folder.to_owned() }
    }

    pub fn store(&self) -> PathBuf {
        self.folder.join("siaga.db")
    }

    /// Runs a verb to its end.
    pub fn verb(&self, arguments: &[&str]) -> Output {
        Command::new(SIAGA)
            .args(arguments)
            .args(["--config", "siaga.toml"])
            .current_dir(&self.folder)
            .env("SIAGA_LOG", "info")
            .output()
            .unwrap()
    }

    /// A token for an agency in a role, for every source.
    pub fn token(&self, agency: &str, role: &str) -> String {
        let output = self.verb(&["token", "new", "--agency", agency, "--role", role, "--source", "*"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The daemon as a command, to be started by [`Daemon::start`] or under another program.
    pub fn daemon(&self) -> Command {
        let mut command = Command::new(SIAGA);
        command.args(RUN);
        command.current_dir(&self.folder);
        command
    }
}

/// The arguments of a daemon that tells its port.
pub const RUN: [&str; 5] = ["run", "--config", "siaga.toml", "--log", "json"];

/// Every agency of the built-in pack on one webhook endpoint of a test's receiver.
pub fn everybody_at(port: u16) -> String {
    let mut text = endpoint(port);
    for agency in &siaga::pack::build(siaga::pack::files::Files::built_in()).pack.unwrap().agencies {
        text.push_str(&format!("[agency.{}]\nwebhook = [\"meja\"]\n", agency.id));
    }
    text
}

fn endpoint(port: u16) -> String {
    format!(
        "public_url = \"https://siaga.contoh.example\"\n[endpoint.meja]\nurl = \"http://127.0.0.1:{port}/hook\"\n\
         secret = \"{KEY}\"\nallow_http = true\nallow_cidrs = [\"127.0.0.0/8\"]\n"
    )
}

/// A running daemon. Dropped, it is killed.
pub struct Daemon {
    pub address: SocketAddr,
    pub started: Instant,
    child: Child,
    log: Arc<Mutex<String>>,
    reading: Vec<JoinHandle<()>>,
}

/// An answer in full.
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One client for all requests of a test.
#[derive(Clone)]
pub struct Caller(Client<HttpConnector, Full<Bytes>>);

impl Caller {
    pub fn new() -> Self {
        Caller(Client::builder(TokioExecutor::new()).build_http())
    }

    pub async fn get(&self, to: SocketAddr, path: &str, token: &str) -> Result<Answer, Error> {
        self.call(Request::get(format!("http://{to}{path}")), token, Bytes::new()).await
    }

    /// Posts records.
    pub async fn post(&self, to: SocketAddr, token: &str, body: impl Into<Bytes>) -> Result<Answer, Error> {
        let request = Request::post(format!("http://{to}/v1/records")).header(CONTENT_TYPE, "application/x-ndjson");
        self.call(request, token, body.into()).await
    }

    /// Sets what a path names.
    pub async fn put(&self, to: SocketAddr, path: &str, token: &str, body: &str) -> Result<Answer, Error> {
        let request = Request::put(format!("http://{to}{path}")).header(CONTENT_TYPE, "application/json");
        self.call(request, token, body.to_owned().into()).await
    }

    async fn call(&self, request: hyper::http::request::Builder, token: &str, body: Bytes) -> Result<Answer, Error> {
        let request = request.header(AUTHORIZATION, format!("Bearer {token}")).body(Full::new(body)).unwrap();
        let response = self.0.request(request).await?;
        let status = response.status().as_u16();
        // an answer that breaks off was not received: as good as none
        let body = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok(Answer { status, body })
    }
}

impl Daemon {
    /// Starts a daemon and waits until it says where it listens.
    pub fn start(mut command: Command) -> Self {
        let started = Instant::now();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log: Arc<Mutex<String>> = Arc::default();
        let (ready, told) = channel();
        let said: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let reading: Vec<_> = said
            .into_iter()
            .map(|said| {
                let (log, ready) = (log.clone(), ready.clone());
                std::thread::spawn(move || read(BufReader::new(said), &log, &ready))
            })
            .collect();
        drop(ready);
        let Ok(address) = told.recv_timeout(PATIENCE) else {
            let exit = child.kill().and_then(|()| child.wait());
            reading.into_iter().for_each(|reading| reading.join().unwrap());
            panic!("the daemon did not get ready: {exit:?}\n{}", log.lock().unwrap());
        };
        Daemon { address, started, child, log, reading }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks until `/readyz` says 200; how long that took since the start.
    pub async fn ready(&self, caller: &Caller) -> Duration {
        wait_until(async || match caller.get(self.address, "/readyz", "").await {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(answer.text().to_owned()),
            Err(error) => Err(error.to_string()),
        })
        .await;
        self.started.elapsed()
    }

    /// Waits until everything in the log is judged and nothing waits to be delivered.
    pub async fn idle(&self, caller: &Caller) {
        wait_until(async || {
            let answer = caller.get(self.address, "/metrics", "").await.unwrap();
            let counts_work = |line: &&str| {
                line.starts_with("siaga_progress_lag_entries")
                    || line.contains("state=\"waiting\"")
                    || line.contains("state=\"claimed\"")
            };
            let left: Vec<&str> =
                answer.text().lines().filter(counts_work).filter(|line| !line.ends_with(" 0")).collect();
            if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
        })
        .await;
    }

    /// A line of `/proc/PID/status` in KiB, such as `VmRSS` or `VmHWM`.
    pub fn memory_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// SIGKILL, for this process alone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the exit code, and all that it wrote.
    pub fn stop(mut self) -> (Option<i32>, String) {
        let pid = self.child.id();
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().unwrap();
        assert!(told.success());
        self.ended()
    }

    /// Waits for its end; the exit code, and all that it wrote.
    pub fn ended(&mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "the daemon does not end\n{}", self.log.lock().unwrap());
            std::thread::park_timeout(GLANCE);
        }
        self.reading.drain(..).for_each(|reading| reading.join().unwrap());
        (self.child.wait().unwrap().code(), self.log.lock().unwrap().clone())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // most have ended already
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read(said: impl BufRead, log: &Mutex<String>, ready: &Sender<SocketAddr>) {
    for line in said.lines() {
        let line = line.unwrap();
        let json: Option<Value> = serde_json::from_str(&line).ok();
        let address = json.as_ref().and_then(|json| json.get("fields")?.get("http.address")?.as_str());
        if let Some(address) = address {
            // only the first line is waited for
            ready.send(address.parse().unwrap()).unwrap_or_default();
        }
        let mut log = log.lock().unwrap();
        log.push_str(&line);
        log.push('\n');
    }
}

/// Looks again and again, within reason, until there is nothing that speaks against it.
pub async fn wait_until(mut look: impl AsyncFnMut() -> Result<(), String>) {
    let began = Instant::now();
    let mut glances = tokio::time::interval(GLANCE);
    while let Err(objection) = look().await {
        assert!(began.elapsed() < PATIENCE, "waited too long: {objection}");
        glances.tick().await;
    }
}
