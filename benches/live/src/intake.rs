//! Durable intake: batches beside bare SQLite, single records beside a minimal server.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::bare::{ALL, ANSWERED, Rows};
use crate::daemon::{Daemon, Site, minimal};
use crate::figures::{Times, disk_sync, rate};
use crate::wire::Wire;
use crate::{rows, wire};

/// What is measured.
#[derive(clap::Args)]
pub struct Args {
    /// Records in all, in batches of 100
    #[arg(long, default_value_t = 30_000)]
    records: usize,
    /// Records in a batch
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Connections that send batches: so many agencies at once
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Single records a second
    #[arg(long, default_value_t = 1000)]
    a_second: u32,
    /// For how many seconds
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Each is measured so many times, in turns; the best of each counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// How often it is asked whether all records are judged.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Connections of single records: more than ever wait at once.
const SINGLE_CONNECTIONS: usize = 32;

/// Measures and prints the table.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
    let sync = disk_sync(folder.path())?;
    println!(
        "disk: one page written and synced in {:.3} ms (99th percentile {:.3})",
        sync.percentile(50),
        sync.percentile(99)
    );

    let [mut bare, mut indexed, mut daemon, mut judged] = [Duration::MAX; 4];
    for round in 0..args.rounds {
        let site = site(&folder.path().join(format!("site-{round}")))?;
        let (answered, all) = batches(&site, args)?;
        (daemon, judged) = (daemon.min(answered), judged.min(all));
        for (name, tables, best) in [("bare", ANSWERED, &mut bare), ("indexed", ALL, &mut indexed)] {
            let written = Rows::read(&site.store(), tables)?;
            ensure!(written.len() == args.records, "the store has {} records", written.len());
            for again in 0..2 {
                let path = folder.path().join(format!("{name}-{round}-{again}.db"));
                *best = (*best).min(written.write(&path, args.batch)?);
            }
        }
    }
    let [bare, indexed, daemon, judged] = [bare, indexed, daemon, judged].map(|took| rate(args.records, took));
    println!("{} records in batches of {}, synchronous=FULL, best of {}", args.records, args.batch, args.rounds);
    println!("  {:<48} {:>10} {:>8}", "", "records/s", "ratio");
    let show = |what: &str, a_second: f64| println!("  {what:<48} {a_second:>10.0} {:>8.2}", a_second / indexed);
    show("bare SQLite: the same rows, indexed by subject", indexed);
    show("bare SQLite: those that are there at the answer", bare);
    show("siaga run: POST until all are answered 202", daemon);
    show("the same, until all are judged and indexed", judged);

    println!("single records, {} a second for {} s, best of {}", args.a_second, args.seconds, args.rounds);
    println!("  {:<40} {:>10} {:>8} {:>8}", "", "p50 ms", "p99 ms", "ratio");
    let (mut least, mut own): (Option<Times>, Option<Times>) = (None, None);
    for round in 0..args.rounds {
        let place = folder.path().join(format!("single-{round}"));
        let server = Site::new(&place, "").and_then(|_| minimal(&place))?;
        better(&mut least, singles(server.address, "/", None, args)?);
        drop(server);
        let site = site(&place)?;
        let token = site.token("kanim-muaraenim")?;
        let daemon = site.start()?;
        better(&mut own, singles(daemon.address, "/v1/records", Some(&token), args)?);
    }
    if let (Some(least), Some(own)) = (least, own) {
        line("one INSERT and commit a request", &least, 1.0);
        line("siaga run", &own, own.percentile(99) / least.percentile(99));
    }
    Ok(())
}

fn better(best: &mut Option<Times>, times: Times) {
    if best.as_ref().is_none_or(|best| times.percentile(99) < best.percentile(99)) {
        *best = Some(times);
    }
}

fn line(what: &str, times: &Times, ratio: f64) {
    println!("  {what:<40} {:>10.2} {:>8.2} {ratio:>8.2}", times.percentile(50), times.percentile(99));
}

/// The built-in pack, under the records' own clock, with nobody to tell.
fn site(folder: &Path) -> anyhow::Result<Site> {
    Site::new(folder, "clock = \"records\"\n")
}

/// How long it took until all were answered, and until all were judged.
fn batches(site: &Site, args: &Args) -> anyhow::Result<(Duration, Duration)> {
    let token = site.token("kanim-muaraenim")?;
    let numbers: Vec<usize> = (0..args.records).collect();
    let requests = numbers.chunks(args.batch).map(|some| {
        let body: String = some.iter().map(|number| rows::record(*number) + "\n").collect();
        wire::post("/v1/records", Some(&token), "application/x-ndjson", body.as_bytes())
    });
    let requests = Arc::new(requests.collect());
    let daemon: Daemon = site.start()?;
    let began = Instant::now();
    let answered = wire::flood(daemon.address, args.connections, 202, &requests)?;
    let mut wire = Wire::connect(daemon.address)?;
    while progress(&mut wire)? < args.records {
        std::thread::sleep(LOOK_EVERY);
    }
    let judged = began.elapsed();
    daemon.kill()?;
    Ok((answered, judged))
}

/// How many entries have had their effects.
fn progress(wire: &mut Wire) -> anyhow::Result<usize> {
    wire.expect(200, b"GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n")?;
    let ready: Value = serde_json::from_slice(wire.body())?;
    Ok(usize::try_from(ready.get("progress").and_then(Value::as_u64).context("no progress")?)?)
}

fn singles(to: SocketAddr, path: &str, token: Option<&str>, args: &Args) -> anyhow::Result<Times> {
    let count = usize::try_from(args.a_second * args.seconds)?;
    let requests =
        (0..count).map(|number| wire::post(path, token, "application/json", rows::record(number).as_bytes()));
    let requests = Arc::new(requests.collect());
    Ok(Times::of(wire::pace(to, SINGLE_CONNECTIONS, args.a_second, 202, &requests)?))
}
