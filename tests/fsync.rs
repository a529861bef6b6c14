//! Traced by strace: before each 202 goes out, what it acknowledges was written to the WAL and synced.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails, and says what it measured")]

mod support {
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
}

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use support::process::{Caller, Daemon, RUN, SIAGA, Site};
use tokio::task::JoinSet;

const WRITERS: usize = 4;
const POSTS_PER_WRITER: usize = 50;
const CALLS: &str = "trace=fsync,fdatasync,pwrite64,read,recvfrom,write,writev,sendto";
/// What every record's id begins with; four digits follow.
const MARK: &str = "jejak-";

#[tokio::test]
async fn nothing_is_acknowledged_before_it_is_synced() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(folder.path(), "");
    let token = site.token("operator", "officer");
    let trace = folder.path().join("trace");
    let daemon = Daemon::start(traced(&site, &trace));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (caller, to, token) = (Caller::new(), daemon.address, token.clone());
        writers.spawn(async move {
            for post in 0..POSTS_PER_WRITER {
                let answer = caller.post(to, &token, record(writer * POSTS_PER_WRITER + post)).await.unwrap();
                assert_eq!((answer.status, answer.json()["accepted"].as_u64()), (202, Some(1)), "{}", answer.text());
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    let (code, said) = daemon.stop();
    assert_eq!(code, Some(0), "{said}");

    let text = std::fs::read_to_string(trace).unwrap();
    let seen = Seen::of(&text);
    eprintln!("{} answers after {} syncs of the WAL", seen.answers.len(), seen.syncs.len());
    assert_eq!(seen.answers.len(), WRITERS * POSTS_PER_WRITER);
    assert_eq!(seen.unsynced(), BTreeSet::new());
    // without its syncs the same trace is found wanting
    let blind = text.lines().filter(|line| !line.contains("sync")).collect::<Vec<_>>().join("\n");
    assert_eq!(Seen::of(&blind).unsynced().len(), WRITERS * POSTS_PER_WRITER);
}

fn record(number: usize) -> String {
    format!(
        r#"{{"id":"{MARK}{number:04}","source":"hotel-contoh-1","kind":"source.heartbeat","occurred_at":"2024-10-01T08:00:00+07:00"}}"#
    )
}

/// The daemon as a child of this test, with strace attached to it from aside.
fn traced(site: &Site, trace: &Path) -> Command {
    let found = Command::new("strace").arg("-V").output();
    assert!(found.is_ok(), "strace is not installed; help: `bash tests/run` installs it");
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-y", "-s", "8192", "-e", CALLS, "-o"]).arg(trace).arg(SIAGA).args(RUN);
    command.current_dir(&site.folder);
    command
}

/// A trace as the order of what matters. A place is a line's number: strace notes a call where it begins, and where
/// it ends when others came in between.
#[derive(Debug, Default)]
struct Seen {
    /// Where a record was first written to the WAL.
    written: BTreeMap<String, usize>,
    /// Where syncs of the WAL began and ended.
    syncs: Vec<(usize, usize)>,
    /// Where the 202 of a record began to go out.
    answers: Vec<(String, usize)>,
}

impl Seen {
    fn of(trace: &str) -> Self {
        let mut seen = Seen::default();
        let mut begun: BTreeMap<&str, (usize, String)> = BTreeMap::new();
        let mut reading: BTreeMap<String, String> = BTreeMap::new();
        for (place, line) in trace.lines().enumerate() {
            let (thread, call) = line.split_once(' ').unwrap();
            let call = call.trim_start();
            if let Some(first) = call.strip_suffix("<unfinished ...>") {
                begun.insert(thread, (place, first.to_owned()));
                continue;
            }
            let (began, whole) = match call.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
                Some((_, rest)) => {
                    let (began, first) = begun.remove(thread).unwrap();
                    (began, first + rest)
                }
                None => (place, call.to_owned()),
            };
            seen.note(&whole, began, place, &mut reading);
        }
        seen
    }

    fn note(&mut self, call: &str, began: usize, ended: usize, reading: &mut BTreeMap<String, String>) {
        let Some((name, rest)) = call.split_once('(') else { return };
        let file = rest.split_once('>').map_or("", |(file, _)| file);
        let is_wal = file.ends_with("siaga.db-wal");
        match name {
            "pwrite64" if is_wal => {
                for id in ids(rest) {
                    self.written.entry(id).or_insert(ended);
                }
            }
            "fsync" | "fdatasync" if is_wal && rest.trim_end().ends_with("= 0") => self.syncs.push((began, ended)),
            "read" | "recvfrom" => {
                if let Some(id) = ids(rest).pop() {
                    reading.insert(file.to_owned(), id);
                }
            }
            "write" | "writev" | "sendto" if rest.contains("HTTP/1.1 202") => {
                self.answers.push((reading.remove(file).unwrap(), began));
            }
            _ => {}
        }
    }

    /// The records whose 202 did not wait for a sync that came after their being written.
    fn unsynced(&self) -> BTreeSet<String> {
        let waited = |(id, answered): &(String, usize)| {
            let written = self.written.get(id);
            written.is_some_and(|written| self.syncs.iter().any(|(began, ended)| began > written && ended < answered))
        };
        self.answers.iter().filter(|answer| !waited(answer)).map(|(id, _)| id.clone()).collect()
    }
}

fn ids(text: &str) -> Vec<String> {
    let digits =
        |rest: &str| rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned);
    text.split(MARK).skip(1).filter_map(digits).collect()
}
