//! The real binary: configured, started, spoken to, stopped, taken over, and its verbs beside it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A deployment in a directory of its own.
struct Place(TempDir);

impl Place {
    fn new(more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let text = format!("listen = \"127.0.0.1:0\"\ncoordinator = \"kanim-muaraenim\"\n{more}");
        std::fs::write(directory.path().join("siaga.toml"), text).unwrap();
        Place(directory)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn siaga(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siaga"));
        command.current_dir(self.path()).env_clear().args(arguments).stdin(Stdio::null());
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.siaga(arguments).output().unwrap()
    }

    /// What a verb that has to end well prints.
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn token(&self, more: &[&str]) -> String {
        let arguments = [&["token", "new", "--agency", "kanim-muaraenim"], more].concat();
        self.prints(&arguments).trim().to_owned()
    }
}

/// A daemon that runs; killed when it is dropped.
struct Daemon {
    child: Child,
    /// Reads on, so that the daemon never waits for a full pipe.
    log: Option<JoinHandle<String>>,
    address: String,
}

impl Daemon {
    fn start(place: &Place, more: &[&str]) -> Self {
        let arguments = [&["run", "--log", "json"], more].concat();
        let mut child = place.siaga(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "the daemon ended before it was ready");
            // warnings of the configuration are drawn before the log begins
            let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
            if let Some(address) = line["fields"]["http.address"].as_str() {
                break address.to_owned();
            }
        };
        let log = std::thread::spawn(move || {
            let mut rest = String::new();
            log.read_to_string(&mut rest).unwrap();
            rest
        });
        Daemon { child, log: Some(log), address }
    }

    /// Sends a request; the status and the body of its answer.
    fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    fn json(&self, path: &str, token: &str) -> Value {
        let (status, body) = self.ask("GET", path, token, "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Tells it to stop, and says how it ended and what it logged.
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        self.end()
    }

    fn end(&mut self) -> (Option<i32>, String) {
        let log = self.log.take().unwrap().join().unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // it may have ended already
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A record at the end of an officer's visit: its rule fires at once.
const CAMPAIGN: &str = r#"{"id":"a-1","source":"intelkam-oku","kind":"activity.reported","occurred_at":"2024-11-20T10:00:00+07:00","person":{"passport":{"number":"X7654321","issuer":"UTO"},"name":"CONTOH SATU"},"place":{"kabupaten":"16.01","kecamatan":"16.01.14"},"activity":{"event_id":"kampanye-contoh","event_kind":"campaign","role":"wears-attributes","officer":"petugas-contoh-1","agency":"Polres Contoh","evidence":"foto contoh"}}"#;

#[test]
fn records_go_in_alerts_come_out_and_the_daemon_ends_cleanly() {
    let place = Place::new("clock = \"records\"\n");
    let officer = place.token(&["--role", "officer", "--source", "*"]);
    let coordinator = place.token(&["--role", "coordinator"]);
    assert!(officer.starts_with("siaga_") && officer.len() == 49, "{officer}");
    let daemon = Daemon::start(&place, &[]);
    assert_eq!(daemon.json("/readyz", "")["ready"], true);
    let (status, body) = daemon.ask("POST", "/v1/records", &officer, CAMPAIGN);
    assert_eq!((status, body.as_str()), (202, r#"{"accepted":1,"duplicates":0,"quarantined":[]}"#));
    let patience = Instant::now();
    while daemon.json("/readyz", "")["progress"].as_i64() < Some(2) {
        assert!(patience.elapsed() < Duration::from_secs(20), "the record is not judged");
    }
    let alerts = daemon.json("/v1/alerts", &coordinator);
    let text = alerts.to_string();
    assert!(text.contains("kegiatan-kampanye") && !text.contains("UTO:"), "{text}");

    let table = place.prints(&["export", "alerts", "--all"]);
    assert!(table.starts_with("Nomor,Aturan,") && table.contains("kegiatan-kampanye"), "{table}");
    place.prints(&["export", "alerts", "--all", "--format", "xlsx", "--output", "rapat.xlsx"]);
    assert!(std::fs::read(place.path().join("rapat.xlsx")).unwrap().starts_with(b"PK"));

    let (code, log) = daemon.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("siaga has stopped") && log.contains(r#""http.route":"/v1/records""#), "{log}");
    for secret in ["X7654321", "CONTOH SATU", "siaga_", "kampanye-contoh"] {
        assert!(!log.contains(secret), "the log shows {secret}");
    }
}

#[test]
fn files_come_in_beside_the_daemon_and_what_does_not_stand_is_shown() {
    let place = Place::new("clock = \"records\"\n");
    let daemon = Daemon::start(&place, &[]);
    let bad = CAMPAIGN.replace("16.01", "1601");
    std::fs::write(place.path().join("a.ndjson"), format!("{CAMPAIGN}\n{bad}\nnot json\n{CAMPAIGN}\n")).unwrap();
    let output = place.output(&["import", "a.ndjson", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outcomes: Vec<_> =
        lines.iter().map(|line| (line["row"].as_u64().unwrap(), line["outcome"].as_str().unwrap())).collect();
    assert_eq!(outcomes, [(1, "accepted"), (2, "quarantined"), (3, "quarantined"), (4, "duplicate")]);
    assert_eq!((&lines[1]["code"], &lines[1]["pointer"]), (&"bps-code".into(), &"/place/kabupaten".into()));

    let list = place.output(&["quarantine", "list"]);
    assert_eq!(list.status.code(), Some(1), "rows wait");
    let text = String::from_utf8(list.stdout).unwrap();
    assert!(text.contains("intelkam-oku/a-1") && text.contains("bps-code") && !text.contains("CONTOH SATU"), "{text}");
    let whole = place.prints(&["quarantine", "show", "1"]);
    assert!(whole.contains(&bad), "{whole}");

    assert_eq!(place.output(&["quarantine", "drop", "2"]).status.code(), Some(2), "without a reason");
    place.prints(&["quarantine", "drop", "2", "--reason", "bukan laporan"]);
    let again = place.output(&["quarantine", "drop", "2", "--reason", "bukan laporan"]);
    assert_eq!(again.status.code(), Some(2), "it no longer waits");
    assert!(place.prints(&["quarantine", "show", "2"]).contains("dropped: bukan laporan"));
    let corrected = CAMPAIGN.replace("contoh 1", "contoh 2").replace("foto contoh", "foto contoh dua");
    std::fs::write(place.path().join("b.ndjson"), corrected).unwrap();
    place.prints(&["import", "b.ndjson"]);
    assert_eq!(place.prints(&["quarantine", "list"]), "", "what was corrected still waits");
    assert_eq!(daemon.stop().0, Some(0));
}

#[test]
fn an_export_before_everything_is_judged_says_so() {
    let place = Place::new("clock = \"records\"\n");
    std::fs::write(place.path().join("a.ndjson"), CAMPAIGN).unwrap();
    place.prints(&["import", "a.ndjson"]);
    let output = place.output(&["export", "alerts", "--all"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("entries of the log that are not judged yet: 1"), "{told}");
}

#[test]
fn niks_become_hashes_and_are_never_repeated() {
    let place = Place::new("");
    std::fs::write(place.path().join("niks"), "1601000000000001\n1601000000000002\n").unwrap();
    std::fs::write(place.path().join("key"), "kunci-contoh-enam-belas\n").unwrap();
    let hashes = place.prints(&["hash-nik", "niks", "--key-file", "key"]);
    assert!(hashes.lines().count() == 2 && hashes.lines().all(|line| line.len() == 64), "{hashes}");
    std::fs::write(place.path().join("niks"), "1601000000000001\n16010000000000023\n").unwrap();
    std::fs::write(place.path().join("short"), "pendek\n").unwrap();
    for (key, words) in [("key", "line 2"), ("short", "6 bytes"), ("missing", "`missing` cannot be read")] {
        let output = place.output(&["hash-nik", "niks", "--key-file", key]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
        assert!(told.contains(words) && !told.contains("160100"), "{told}");
    }
}

#[test]
fn who_is_taken_over_ends_and_says_so() {
    let place = Place::new("");
    let coordinator = place.token(&["--role", "coordinator"]);
    let mut first = Daemon::start(&place, &[]);
    let second = Daemon::start(&place, &["--take-over"]);
    let (status, body) = first.ask("PUT", "/v1/thresholds/izin_habis_hari", &coordinator, r#"{"value":9}"#);
    assert_eq!(status, 503, "{body}");
    let (code, log) = first.end();
    assert_eq!(code, Some(2), "{log}");
    assert!(log.contains("another process has taken the store over"), "{log}");
    assert_eq!(second.ask("PUT", "/v1/thresholds/izin_habis_hari", &coordinator, r#"{"value":9}"#).0, 200);
    assert_eq!(second.stop().0, Some(0));
}

#[test]
fn a_store_in_a_folder_that_is_missing_is_named_and_nothing_is_left_behind() {
    let place = Place::new("store = \"tidak/ada/siaga.db\"\n");
    for arguments in [["run"].as_slice(), &["quarantine", "list"]] {
        let output = place.output(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("the folder of `store` is missing: `tidak/ada/siaga.db`"), "{told}");
    }
    let place = Place::new("store = \"siaga.toml\"\n");
    let output = place.output(&["run"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!place.path().join("siaga.toml.links").exists());
}

#[test]
fn an_override_that_is_not_understood_is_refused() {
    let place = Place::new("");
    for (name, value, words) in [
        ("SIAGA_CLOCK", "banana", "`wall`, `records`"),
        ("SIAGA_LISTEN", "banana", "`SIAGA_LISTEN`"),
        ("SIAGA_PUBLIC_URL", "banana", "`SIAGA_PUBLIC_URL`"),
        ("SIAGA_STORE", "", "`SIAGA_STORE` is set and empty"),
        ("SIAGA_LINK_SECRET", "", "`SIAGA_LINK_SECRET` is set and empty"),
        ("SIAGA_LOG", "siaga=banana", "`SIAGA_LOG` is not understood"),
    ] {
        let output = place.siaga(&["run"]).env(name, value).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {told}");
        assert!(told.contains(words), "{name}: {told}");
    }
}

#[test]
fn a_pack_or_a_configuration_with_faults_is_refused() {
    let place = Place::new("rules = \"paket\"\n[agency.kanim]\n");
    std::fs::create_dir(place.path().join("paket")).unwrap();
    let output = place.output(&["run"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("pack.toml: is missing"), "{told}");

    let place = Place::new("[agency.kanim-muaraenin]\n");
    let output = place.output(&["run"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("did you mean `kanim-muaraenim`?"), "{told}");
}

#[test]
fn a_token_is_made_for_what_there_is() {
    let place = Place::new("");
    for (arguments, words) in [
        (["--agency", "kanim", "--role", "officer"].as_slice(), "no agency `kanim`"),
        (&["--agency", "kanim-muaraenim", "--role", "source"], "add `--source ID`"),
        (&["--agency", "kanim-muaraenim", "--role", "source", "--source", "apoaa"], "did you mean `apoa"),
        (
            &["--agency", "kanim-muaraenim", "--role", "source", "--source", "*", "--kind", "lodging.checkin"],
            "lodging.check_in",
        ),
        (&["--agency", "kanim-muaraenim", "--role", "boss"], "possible values"),
    ] {
        let output = place.output(&[&["token", "new"], arguments].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
}
