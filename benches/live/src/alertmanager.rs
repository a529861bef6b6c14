//! From POST to webhook received, beside prometheus-alertmanager: time, alerts a second, memory, kill -9.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::daemon::{Daemon, Site};
use crate::figures::{Times, disk_sync, rate};
use crate::peer::Place;
use crate::receiver::Receiver;
use crate::rows;
use crate::wire::{self, Wire};

/// What is measured.
#[derive(clap::Args)]
pub struct Args {
    /// Alerts sent one at a time
    #[arg(long, default_value_t = 1_000)]
    one_by_one: usize,
    /// Alerts sent as fast as they are taken, and alive when memory is looked at
    #[arg(long, default_value_t = 20_000)]
    alerts: usize,
    /// Alerts in a request
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Connections that send them
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Times that a process is killed right after it answered
    #[arg(long, default_value_t = 1_000)]
    kills: usize,
}

/// Without any arrival for so long, nothing more is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// After the last arrival, before memory is looked at.
const SETTLE: Duration = Duration::from_secs(2);

/// Alerts that one of the two is sent before the other has its turn.
const TURN: usize = 100;

/// What came of one of the two, where each was measured for itself.
struct Measured {
    a_second: f64,
    processor_us: f64,
    memory_mib: f64,
    lost: usize,
}

/// Either of the two, to be started.
enum Kind {
    Siaga { site: Site, token: String },
    Peer(Place),
}

impl Kind {
    fn siaga(folder: &Path, port: u16) -> anyhow::Result<Self> {
        let site = Site::telling(folder, port)?;
        let token = site.token("kanim-contoh")?;
        Ok(Kind::Siaga { site, token })
    }

    fn peer(folder: &Path, port: u16) -> anyhow::Result<Self> {
        Ok(Kind::Peer(Place::new(folder, port)?))
    }

    fn start(&self) -> anyhow::Result<Daemon> {
        match self {
            Kind::Siaga { site, .. } => site.start(),
            Kind::Peer(place) => place.start(),
        }
    }

    fn status(&self) -> u16 {
        match self {
            Kind::Siaga { .. } => 202,
            Kind::Peer(_) => 200,
        }
    }

    fn request(&self, numbers: &[usize]) -> Vec<u8> {
        match self {
            Kind::Siaga { token, .. } => {
                let lines: Vec<String> = numbers.iter().map(|number| rows::record(*number)).collect();
                wire::post("/v1/records", Some(token), "application/x-ndjson", lines.join("\n").as_bytes())
            }
            Kind::Peer(_) => {
                let alerts: Vec<String> = numbers.iter().map(|number| rows::alert(*number)).collect();
                let body = format!("[{}]", alerts.join(","));
                wire::post("/api/v2/alerts", None, "application/json", body.as_bytes())
            }
        }
    }
}

/// Sets one of the two up in a folder of its own, to call a port.
type Make<'a> = dyn Fn(&str, u16) -> anyhow::Result<Kind> + 'a;

/// One of the two, sent alerts one at a time.
struct Lone {
    kind: Kind,
    running: Daemon,
    receiver: Receiver,
    wire: Wire,
    times: Vec<Duration>,
}

impl Lone {
    fn start(make: &Make<'_>) -> anyhow::Result<Self> {
        let receiver = Receiver::start()?;
        let kind = make("one", receiver.port)?;
        let running = kind.start()?;
        let wire = Wire::connect(running.address)?;
        Ok(Lone { kind, running, receiver, wire, times: Vec::new() })
    }

    fn send(&mut self) -> anyhow::Result<()> {
        let number = self.times.len();
        let request = self.kind.request(&[number]);
        let began = Instant::now();
        self.wire.expect(self.kind.status(), &request)?;
        let arrived = self.receiver.wait_for(number + 1, PATIENCE).context("an alert did not arrive")?;
        self.times.push(arrived - began);
        Ok(())
    }

    fn end(self) -> anyhow::Result<Times> {
        ensure!(self.receiver.refused() == 0, "{} calls were refused", self.receiver.refused());
        self.running.kill()?;
        Ok(Times::of(self.times))
    }
}

/// Measures and prints the table.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
    let sync = disk_sync(folder.path())?;
    println!(
        "disk: one page written and synced in {:.3} ms (99th percentile {:.3})",
        sync.percentile(50),
        sync.percentile(99)
    );
    let peer: &Make<'_> = &|name, port| Kind::peer(&folder.path().join("peer").join(name), port);
    let own: &Make<'_> = &|name, port| Kind::siaga(&folder.path().join("siaga").join(name), port);
    let (peer_times, own_times) = one_by_one(peer, own, args.one_by_one)?;
    let (peer, own) = (measure(args, peer)?, measure(args, own)?);

    println!("{:<52} {:>14} {:>12} {:>8}", "", "alertmanager", "siaga run", "ratio");
    let line = |what: &str, peer: f64, own: f64| println!("{what:<52} {peer:>14.2} {own:>12.2} {:>8.2}", own / peer);
    line("POST to webhook received, one at a time, median ms", peer_times.percentile(50), own_times.percentile(50));
    line("the same, 99th percentile ms", peer_times.percentile(99), own_times.percentile(99));
    let what = format!("alerts/s until {} are delivered", args.alerts);
    line(&what, peer.a_second, own.a_second);
    line("processor time of an alert, in the process alone, µs", peer.processor_us, own.processor_us);
    line(&format!("memory with {} alive, MiB", args.alerts), peer.memory_mib, own.memory_mib);
    let what = format!("lost of {}, kill -9 right after each reply", args.kills);
    println!("{what:<52} {:>14} {:>12}", peer.lost, own.lost);
    println!("siaga: on disk before the reply, and signed; alertmanager: in memory, not signed");
    Ok(())
}

fn measure(args: &Args, make: &Make<'_>) -> anyhow::Result<Measured> {
    let receiver = Receiver::start()?;
    let kind = make("many", receiver.port)?;
    let running = kind.start()?;
    let before = running.processor_s()?;
    let a_second = many(&kind, &running, &receiver, args)?;
    let processor_us = (running.processor_s()? - before) * 1e6 / args.alerts as f64;
    std::thread::sleep(SETTLE);
    let memory_mib = running.memory_mib()?;
    running.kill()?;

    let receiver = Receiver::start()?;
    let kind = make("killed", receiver.port)?;
    let lost = killed(&kind, &receiver, args.kills)?;
    Ok(Measured { a_second, processor_us, memory_mib, lost })
}

/// How long alerts take that are sent one at a time, to one and the other in turns: what else the machine does then slows
/// both.
fn one_by_one(one: &Make<'_>, other: &Make<'_>, count: usize) -> anyhow::Result<(Times, Times)> {
    let (mut one, mut other) = (Lone::start(one)?, Lone::start(other)?);
    for turn in (0..count).step_by(TURN) {
        for lone in [&mut one, &mut other] {
            (turn..count).take(TURN).try_for_each(|_| lone.send())?;
        }
    }
    Ok((one.end()?, other.end()?))
}

fn many(kind: &Kind, running: &Daemon, receiver: &Receiver, args: &Args) -> anyhow::Result<f64> {
    let numbers: Vec<usize> = (0..args.alerts).collect();
    let requests = Arc::new(numbers.chunks(args.batch).map(|some| kind.request(some)).collect());
    let began = Instant::now();
    wire::flood(running.address, args.connections, kind.status(), &requests)?;
    let posted = began.elapsed();
    let arrived = receiver.wait_for(args.alerts, PATIENCE).context("not all alerts arrived")?;
    if std::env::var_os("LIVE_VERBOSE").is_some() {
        eprintln!("posted in {posted:?}, arrived in {:?}", arrived - began);
    }
    ensure!(receiver.refused() == 0, "{} calls were refused", receiver.refused());
    Ok(rate(args.alerts, arrived - began))
}

/// Each start finds what the kill before it left behind; the last one gets the time to send what is left.
fn killed(kind: &Kind, receiver: &Receiver, kills: usize) -> anyhow::Result<usize> {
    for number in 0..kills {
        let running = kind.start()?;
        let request = kind.request(&[number]);
        let mut wire = Wire::connect(running.address)?;
        wire.expect(kind.status(), &request)?;
        running.kill()?;
    }
    let last = kind.start()?;
    // it may never get there
    let _ = receiver.wait_for(kills, PATIENCE);
    drop(last);
    Ok(kills - receiver.count())
}
