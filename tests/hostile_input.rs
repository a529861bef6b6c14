//! Input that is wrong on purpose, and packs that are: each gets a clear answer, and costs little.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it measured"
)]

mod support {
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
}

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::process::{Caller, Daemon, SIAGA, Site};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A second is promised; a debug build on a busy machine is held only to this, and says what it took.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);
const MEMORY_MOST_KIB: u64 = 32 * 1024;
const HUGE_BYTES: usize = 100_000_000;

struct Place {
    site: Site,
    daemon: Daemon,
    caller: Caller,
    token: String,
    _folder: tempfile::TempDir,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(folder.path(), "");
    let token = site.token("operator", "officer");
    let mut command = site.daemon();
    // what is said to come from the future is held against the machine's clock
    command.env("SIAGA_CLOCK", "wall");
    let (daemon, caller) = (Daemon::start(command), Caller::new());
    daemon.ready(&caller).await;
    Place { site, daemon, caller, token, _folder: folder }
}

impl Place {
    /// Posts a body; what came back, held to time and memory.
    async fn post(&self, what: &str, body: impl Into<axum::body::Bytes>) -> (u16, Value) {
        let (before, began) = (self.daemon.memory_kib("VmRSS"), Instant::now());
        let answer = self.caller.post(self.daemon.address, &self.token, body).await.unwrap();
        self.cheap(what, began, before);
        (answer.status, answer.json())
    }

    fn cheap(&self, what: &str, began: Instant, before: u64) {
        let (took, peak) = (began.elapsed(), self.daemon.memory_kib("VmHWM").saturating_sub(before));
        eprintln!("{what}: {} ms, {} KiB", took.as_millis(), peak);
        assert!(took < REFUSED_WITHIN, "{what}: {took:?}");
        assert!(peak < MEMORY_MOST_KIB, "{what}: {peak} KiB");
    }
}

fn record(id: &str) -> Value {
    json!({
        "id": id, "source": "apoa", "kind": "lodging.check_in", "occurred_at": "2024-11-20T21:15:00+07:00",
        "person": { "passport": { "number": "X1234567", "issuer": "UTO" }, "name": "CONTOH SATU" },
        "place": { "kabupaten": "16.01", "kecamatan": "16.01.14" },
        "lodging": { "id": "hotel-contoh-1", "name": "Hotel Contoh", "check_in": "2024-11-20T21:15:00+07:00" },
    })
}

fn with(id: &str, pointer: &str, value: Value) -> Value {
    let mut record = record(id);
    *record.pointer_mut(pointer).unwrap() = value;
    record
}

#[tokio::test]
async fn what_is_not_json_is_refused_with_its_place() {
    let place = place().await;
    let bodies: [(&str, Vec<u8>, u64, u64); 4] = [
        ("a comma too many", b"{\"id\": \"a\",\n \"source\":, }".to_vec(), 1, 11),
        ("cut off", br#"{"id": "a", "source": "ap"#.to_vec(), 1, 25),
        ("not text at all", vec![0xff, 0xfe, 0x00], 1, 1),
        ("empty", Vec::new(), 1, 1),
    ];
    for (what, body, line, column) in bodies {
        let (status, problem) = place.post(what, body).await;
        assert_eq!(status, 400, "{what}: {problem}");
        assert_eq!((&problem["line"], &problem["column"]), (&json!(line), &json!(column)), "{what}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains("help: "), "{what}: {problem}");
    }
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_refused_while_it_comes() {
    let place = place().await;
    for (what, framing) in [
        ("with its length", format!("content-length: {HUGE_BYTES}")),
        ("in chunks", "transfer-encoding: chunked".to_owned()),
    ] {
        let (before, began) = (place.daemon.memory_kib("VmRSS"), Instant::now());
        let head = format!(
            "POST /v1/records HTTP/1.1\r\nhost: siaga\r\nauthorization: Bearer {}\r\n{framing}\r\n\r\n",
            place.token
        );
        let stream = TcpStream::connect(place.daemon.address).await.unwrap();
        let answer = exchange(stream, head, framing.ends_with("chunked")).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{what}: {answer}");
        place.cheap(what, began, before);
    }
    assert_eq!(place.post("one that is fine", record("sesudahnya").to_string()).await.0, 202);
}

/// Sends until the other side closes, and reads what it says meanwhile.
async fn exchange(stream: TcpStream, head: String, chunked: bool) -> String {
    let (mut reader, mut writer) = stream.into_split();
    let sending = tokio::spawn(async move {
        let piece = vec![b' '; 64 * 1024];
        writer.write_all(head.as_bytes()).await?;
        for _ in 0..HUGE_BYTES / piece.len() {
            if chunked {
                writer.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
            }
            writer.write_all(&piece).await?;
            if chunked {
                writer.write_all(b"\r\n").await?;
            }
        }
        Ok::<_, std::io::Error>(())
    });
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match reader.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&piece[..read]),
        }
        if String::from_utf8_lossy(&answer).contains("\"status\":413") {
            break;
        }
    }
    sending.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_row_that_does_not_stand_is_told_why_counted_and_kept() {
    let place = place().await;
    let deep =
        format!("{{\"id\": \"dalam\", \"source\": \"apoa\", \"x\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let members: Vec<String> = (0..100_000).map(|number| format!("\"m{number}\": {number}")).collect();
    let many = format!("{{\"id\": \"banyak\", {}}}", members.join(", "));
    let mut utf8 = record("utf8").to_string().into_bytes();
    let name = utf8.windows(6).position(|bytes| bytes == b"CONTOH").unwrap();
    utf8[name] = 0xff;
    let mut nobody = record("tanpa-orang");
    nobody.as_object_mut().unwrap().remove("person");
    let rows: [(&str, Vec<u8>, &str, &str); 7] = [
        ("deep", deep.into_bytes(), "too-deep", ""),
        ("100,000 members", many.into_bytes(), "too-many", ""),
        ("bad UTF-8", utf8, "not-json", ""),
        ("without a person", nobody.to_string().into_bytes(), "missing", "/person"),
        (
            "30 February",
            with("tanggal", "/occurred_at", json!("2024-02-30")).to_string().into_bytes(),
            "date",
            "/occurred_at",
        ),
        (
            "a BPS code",
            with("bps", "/place/kabupaten", json!("1601")).to_string().into_bytes(),
            "bps-code",
            "/place/kabupaten",
        ),
        (
            "too far ahead",
            with("nanti", "/occurred_at", json!("2999-01-01")).to_string().into_bytes(),
            "future",
            "/occurred_at",
        ),
    ];
    let good = record("baik").to_string().into_bytes();
    for (index, (what, row, code, pointer)) in rows.iter().enumerate() {
        // its neighbour is not held up
        let body = [row.as_slice(), &good].join(&b'\n');
        let (status, receipt) = place.post(what, body).await;
        assert_eq!(status, 202, "{what}: {receipt}");
        let told = &receipt["quarantined"][0];
        assert_eq!(
            (&told["code"], &told["pointer"], &told["index"]),
            (&json!(code), &json!(pointer), &json!(0)),
            "{what}: {receipt}"
        );
        assert!(told["detail"].as_str().unwrap().contains("help: "), "{what}: {receipt}");
        let counts = [&receipt["accepted"], &receipt["duplicates"]].map(Value::as_u64);
        assert_eq!(counts, if index == 0 { [Some(1), Some(0)] } else { [Some(0), Some(1)] }, "{what}: {receipt}");
    }
    let metrics = place.caller.get(place.daemon.address, "/metrics", "").await.unwrap();
    for (.., code, _) in &rows {
        assert!(metrics.text().contains(&format!("siaga_quarantined{{code=\"{code}\"}} 1\n")), "{}", metrics.text());
    }
    assert!(metrics.text().contains("siaga_rows_total{outcome=\"quarantined\"} 7\n"), "{}", metrics.text());
    kept(&place, &rows).await;
}

/// What waits is found by the command line and over HTTP, and is what came.
async fn kept(place: &Place, rows: &[(&str, Vec<u8>, &str, &str)]) {
    let listed = place.site.verb(&["quarantine", "list", "--format", "json"]);
    assert_eq!(listed.status.code(), Some(1), "rows wait");
    let text = String::from_utf8(listed.stdout).unwrap();
    let listed: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed.len(), rows.len());
    let coordinator = place.site.token("operator", "coordinator");
    let get = async |path: &str, token: &str| place.caller.get(place.daemon.address, path, token).await.unwrap();
    assert_eq!(get("/v1/quarantine", &place.token).await.status, 403);
    let page = get("/v1/quarantine", &coordinator).await;
    assert_eq!(page.status, 200, "{}", page.text());
    // both list the newest first
    for (item, (what, row, code, _)) in listed.iter().zip(rows.iter().rev()) {
        assert_eq!((item["code"].as_str(), &item["times"]), (Some(*code), &json!(1)), "{what}");
        let id = item["id"].as_i64().unwrap();
        let shown = place.site.verb(&["quarantine", "show", &id.to_string(), "--format", "human"]);
        assert_eq!(shown.status.code(), Some(0), "{what}");
        let whole = shown.stdout.windows(row.len()).any(|bytes| bytes == row.as_slice());
        assert!(whole, "{what}: the row is not shown as it came");
        let one = get(&format!("/v1/quarantine/{id}"), &coordinator).await;
        assert_eq!(one.json()["body"].as_str(), Some(&*String::from_utf8_lossy(row)), "{what}");
    }
}

#[test]
fn the_daemon_does_not_start_on_a_broken_pack_and_draws_why() {
    let folder = tempfile::tempdir().unwrap();
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/pilkada-2024");
    let copied = Command::new("cp").arg("-r").arg(pack).arg(folder.path().join("pack")).status().unwrap();
    assert!(copied.success());
    let rule = folder.path().join("pack/kerja/kerja-izin-kunjungan.rhai");
    let text =
        std::fs::read_to_string(&rule).unwrap().replace("permit().may_work == false", "permit().may_wrok == false");
    std::fs::write(&rule, text).unwrap();
    let site = Site::new(folder.path(), "rules = \"pack\"");
    let output =
        Command::new(SIAGA).args(["run", "--config", "siaga.toml"]).current_dir(&site.folder).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in
        ["kerja/kerja-izin-kunjungan.rhai:", "may_wrok", "^^^", "did you mean `permit.may_work`?", "cannot be used"]
    {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    assert!(!site.store().exists(), "it made a store all the same");
}
