//! Folders under watch, with the real binary: what is laid there is taken in once, whatever happens meanwhile.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    #[expect(dead_code, reason = "other tests edit workbooks")]
    pub mod book;
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
    #[expect(dead_code, reason = "other tests judge the log again")]
    pub mod rerun;
}

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;
use siaga::intake::sheet::{self, Cell, Limits};
use siaga::store::Store;
use siaga::store::log::StoredBody;
use support::book::Book;
use support::process::{Caller, Daemon, Site, wait_until};
use support::rerun::{all, log};

const ROWS: usize = 50_000;
const CYCLES: usize = 50;

/// A site with one folder, from which files are taken at once: these tests rename them into place.
fn site(folder: &Path, more: &str) -> Site {
    std::fs::create_dir_all(folder.join("masuk/intake")).unwrap();
    Site::new(folder, &format!("[folder.kanim]\npath = \"masuk\"\nstill_s = 0\n{more}"))
}

const CROSSINGS: &str = "sources = [\"perlintasan\"]\nprofile = \"perlintasan\"\n";

fn lay(site: &Site, name: &str, bytes: &[u8]) {
    let beside = site.folder.join("sedang-ditulis");
    std::fs::write(&beside, bytes).unwrap();
    std::fs::rename(beside, site.folder.join("masuk/intake").join(name)).unwrap();
}

fn names(site: &Site, folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(site.folder.join("masuk").join(folder)) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Waits until nothing waits in the folder.
async fn taken(site: &Site) {
    wait_long(async || names(site, "intake").is_empty()).await;
}

/// As [`wait_until`], for what reads a long file whole on a busy machine.
async fn wait_long(mut comes: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    let mut glances = tokio::time::interval(Duration::from_millis(20));
    while !comes().await {
        assert!(began.elapsed() < Duration::from_secs(600), "waited too long");
        glances.tick().await;
    }
}

fn crossings(rows: usize) -> String {
    let mut table = "Nama;No Paspor;Penerbit;Arah;Waktu;TPI\n".to_owned();
    for row in 0..rows {
        // every tenth has its day and month exchanged
        let date = if row % 10 == 0 { "08/26/2024 07.15" } else { "26/08/2024 07.15" };
        writeln!(table, "CONTOH {row};X{row:07};UTO;Masuk;{date};TPI Contoh 2").unwrap();
    }
    table
}

/// What a report says of its rows.
fn statuses(report: &Path) -> Vec<String> {
    let rows = sheet::open(report, Some("Laporan baris"), &Limits::default()).unwrap().rows;
    rows.map(|row| match row.unwrap().cells.first() {
        Some(Cell::Text(status)) => status.clone(),
        _ => String::new(),
    })
    .collect()
}

#[tokio::test]
async fn a_table_is_taken_with_a_report_beside_it_and_corrected_only_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path(), CROSSINGS);
    let daemon = Daemon::start(site.daemon());
    lay(&site, "lintas.csv", crossings(20).as_bytes());
    lay(&site, ".lintas.csv", crossings(30).as_bytes());
    lay(&site, "lintas.csv.part", crossings(30).as_bytes());
    wait_until(async || if names(&site, "done").len() == 2 { Ok(()) } else { Err("not taken".to_owned()) }).await;
    assert_eq!(names(&site, "done"), ["lintas.csv", "lintas.csv.laporan.xlsx"]);
    assert_eq!(names(&site, "intake"), [".lintas.csv", "lintas.csv.part"], "what is not finished is left alone");
    let said = statuses(&site.folder.join("masuk/done/lintas.csv.laporan.xlsx"));
    assert_eq!(said.iter().filter(|status| *status == "diterima").count(), 18, "{said:?}");
    assert_eq!(said.iter().filter(|status| *status == "perlu diperbaiki").count(), 2, "{said:?}");

    lay(&site, "lintas.csv", crossings(20).replace("08/26/2024", "26 Agustus 2024").as_bytes());
    wait_until(async || if names(&site, "done").len() == 4 { Ok(()) } else { Err("not taken".to_owned()) }).await;
    let said = statuses(&site.folder.join("masuk/done/lintas.2.csv.laporan.xlsx"));
    assert_eq!(said.iter().filter(|status| *status == "diterima").count(), 2, "{said:?}");
    assert_eq!(said.iter().filter(|status| *status == "sudah ada").count(), 18, "{said:?}");

    let caller = Caller::new();
    let metrics = caller.get(daemon.address, "/metrics", "").await.unwrap().text().to_owned();
    for line in [
        "siaga_folder_taken_total{folder=\"kanim\",outcome=\"done\"} 2",
        "siaga_folder_rows_total{folder=\"kanim\",outcome=\"accepted\"} 20",
        "siaga_folder_files{folder=\"kanim\",state=\"waiting\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    let ready = caller.get(daemon.address, "/readyz", "").await.unwrap().json();
    assert_eq!(ready["folders"]["kanim"], serde_json::json!({ "waiting": 0, "rejected": 0 }));
    let (code, log) = daemon.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("lintas.csv"), "a file's name may be somebody's: {log}");
}

#[tokio::test]
async fn what_is_refused_is_put_aside_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path(), CROSSINGS);
    lay(&site, "bom.xlsx", &Book::of_rows("").pack_with_blanks("xl/worksheets/sheet1.xml", 500_000_000));
    lay(&site, "makro.xlsx", &Book::of_rows("").with("xl/vbaProject.bin", b"x").pack());
    lay(&site, "foto.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    lay(&site, "kosong.csv", b"");
    lay(&site, "lain.csv", b"Warna;Rasa\nmerah;manis\n");
    lay(&site, "rusak.json", b"bukan json");
    let daemon = Daemon::start(site.daemon());
    taken(&site).await;
    let rejected = names(&site, "rejected");
    assert_eq!(rejected.len(), 12, "{rejected:?}");
    let reason = |name: &str| {
        std::fs::read_to_string(site.folder.join("masuk/rejected").join(format!("{name}.alasan.txt"))).unwrap()
    };
    for (name, word) in [
        ("bom.xlsx", "500"),
        ("makro.xlsx", "makro"),
        ("foto.csv", "gambar"),
        ("kosong.csv", "tidak berisi apa-apa"),
        ("lain.csv", "judul kolom"),
        ("rusak.json", "JSON"),
    ] {
        let reason = reason(name);
        assert!(reason.starts_with("Berkas ini tidak diterima: ") && reason.contains(word), "{name}: {reason}");
    }
    wait_until(async || {
        let ready = Caller::new().get(daemon.address, "/readyz", "").await.unwrap().json();
        if ready["folders"]["kanim"]["rejected"] == 6 { Ok(()) } else { Err(ready.to_string()) }
    })
    .await;
}

/// Whoever can write to a folder sends in its name, and in no other.
#[tokio::test]
async fn a_folder_brings_only_what_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path(), "sources = [\"desa\"]\n");
    let record = |source: &str| {
        format!(
            "{{\"id\":\"a\",\"source\":\"{source}\",\"kind\":\"source.heartbeat\",\"occurred_at\":\"2024-11-20\"}}\n"
        )
    };
    lay(&site, "nihil.ndjson", format!("{}{}", record("desa"), record("apoa")).as_bytes());
    let _daemon = Daemon::start(site.daemon());
    taken(&site).await;
    let report = std::fs::read_to_string(site.folder.join("masuk/done/nihil.ndjson.laporan.ndjson")).unwrap();
    let lines: Vec<Value> = report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines.iter().map(|line| (&line["row"], &line["outcome"], &line["code"])).collect();
    assert_eq!(serde_json::json!(told), serde_json::json!([[1, "accepted", null], [2, "quarantined", "not-yours"]]));
}

/// A file that goes on growing is not read before it is whole.
#[tokio::test]
async fn a_file_that_is_still_being_written_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("masuk/intake")).unwrap();
    let site = Site::new(folder.path(), &format!("[folder.kanim]\npath = \"masuk\"\nstill_s = 2\n{CROSSINGS}"));
    let _daemon = Daemon::start(site.daemon());
    let table = crossings(400);
    let path = folder.path().join("masuk/intake/lintas.csv");
    let began = Instant::now();
    let mut lines = 0;
    // a line each time that somebody looks, for twice as long as a file has to lie still
    wait_until(async || {
        lines += 1;
        let so_far: Vec<&str> = table.lines().take(lines + 1).collect();
        std::fs::write(&path, so_far.join("\n")).unwrap();
        let is_over = began.elapsed().as_secs() >= 4;
        if is_over { Ok(()) } else { Err("it is still being written".to_owned()) }
    })
    .await;
    assert_eq!(names(&site, "done"), Vec::<String>::new(), "it was taken while it grew");
    taken(&site).await;
    let said = statuses(&folder.path().join("masuk/done/lintas.csv.laporan.xlsx"));
    assert_eq!(said.len(), lines + 1);
}

/// The rows that came to the store so far, known ones too; none while the daemon does not answer.
async fn rows_so_far(caller: &Caller, daemon: &Daemon) -> Option<usize> {
    let metrics = caller.get(daemon.address, "/metrics", "").await.ok()?;
    let of = |outcome: &str| -> Option<usize> {
        let start = format!("siaga_records_total{{outcome=\"{outcome}\"}} ");
        metrics.text().lines().find_map(|line| line.strip_prefix(&start)?.parse().ok())
    };
    Some(of("accepted")? + of("duplicate")?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_a_file_it_has_every_row_once() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path(), CROSSINGS);
    let caller = Caller::new();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    lay(&site, "lintas.csv", crossings(ROWS).as_bytes());
    let done: PathBuf = site.folder.join("masuk/done");
    let (began, mut rows) = (Instant::now(), 0);
    for cycle in 0..CYCLES {
        let daemon = Daemon::start(site.daemon());
        let start = rows_so_far(&caller, &daemon).await.unwrap();
        let after = moment(cycle, &mut random);
        // the last kill comes while the file is being put aside
        let is_last = cycle + 1 == CYCLES;
        wait_long(async || {
            let now = rows_so_far(&caller, &daemon).await.unwrap_or(start);
            let is_ending = done.join(".laporan.part").exists() || done.join("lintas.csv.laporan.xlsx").exists();
            if is_last { is_ending } else { now >= start + after }
        })
        .await;
        rows += after;
        daemon.kill();
    }
    eprintln!("{CYCLES} kills over {rows} rows in {:.1} s", began.elapsed().as_secs_f64());
    let daemon = Daemon::start(site.daemon());
    taken(&site).await;
    daemon.idle(&caller).await;
    let (code, said) = daemon.stop();
    assert_eq!(code, Some(0), "{said}");
    let names = names(&site, "done");
    assert_eq!(names, ["lintas.csv", "lintas.csv.laporan.xlsx"]);
    every_row_is_there_once(&site);
}

fn every_row_is_there_once(site: &Site) {
    let store = Store::join(&site.store()).unwrap();
    let (mut keys, mut records) = (BTreeSet::new(), 0);
    for entry in log(&store) {
        if let StoredBody::Record { record, .. } = entry.body {
            records += 1;
            keys.insert(record.key);
        }
    }
    assert_eq!((keys.len(), records), (ROWS * 9 / 10, ROWS * 9 / 10));
    let waiting = all(|cursor| store.quarantine(cursor, 500));
    let waiting: BTreeSet<_> = waiting.iter().map(|row| row.record_id.clone()).collect();
    assert_eq!(waiting.len(), ROWS / 10);
    assert_eq!(store.progress().unwrap(), store.head().unwrap());
}

/// How many rows come before a kill: mostly few, since all of them are read again, and every tenth time many.
fn moment(cycle: usize, random: &mut ChaCha8Rng) -> usize {
    if cycle % 10 == 9 { (cycle / 10 + 1) * 9_000 } else { usize::try_from(random.next_u64() % 2_500).unwrap() }
}
