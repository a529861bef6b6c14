//! Copies of a killed daemon's two databases with a damaged end of either WAL: each has to open as the past that it holds.

use std::fs;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;
use rusqlite::{Connection, OpenFlags};
use siaga::store::Store;
use siaga::store::audit::AuditVerdict;
use siaga::store::log::StoredEntry;

use super::rerun::log;

/// Damaged copies after each kill.
pub const VARIANTS: usize = 10;

/// SQLite's WAL format: a header, then frames of a header and a page each.
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const PAGE_SIZE_AT: usize = 8;
/// SQLite's WAL index (`-shm`): how many frames it has begun to move into the database. It syncs the WAL before it
/// does, so no loss of power takes these frames back.
const BACKFILL_ATTEMPTED_AT: usize = 128;
/// The WAL index: how many frames are valid; what follows is left over from before the WAL began anew.
const FRAMES_AT: usize = 16;
const MOST_GARBAGE: usize = 10_000;
/// What the name of the state's file ends with, beside that of the log.
const STATE: &str = ".state";

/// What is left of a store after a kill.
pub struct Wreck {
    log: Remains,
    state: Remains,
}

/// What is left of one of its files.
struct Remains {
    database: Vec<u8>,
    wal: Vec<u8>,
    /// The bytes of the WAL that may also be in the database.
    moved: usize,
    /// Where the last valid frame ends.
    end: usize,
}

/// What became of the copies of one wreck.
#[derive(Debug, Default)]
pub struct Verdict {
    pub opened: usize,
    /// Copies that lost an entry or more: without any, the test would show nothing.
    pub shorter: usize,
}

impl Wreck {
    pub fn of(store: &Path) -> Self {
        Wreck { log: Remains::of(store), state: Remains::of(&beside(store, STATE)) }
    }

    /// Opens it as it is, and then with ten kinds of damage.
    pub fn examine(&self, random: &mut ChaCha8Rng) -> Verdict {
        let folder = tempfile::tempdir().unwrap();
        let whole = log(&open(&self.put(&folder.path().join("whole"), [&self.log.wal, &self.state.wal])));
        let mut verdict = Verdict::default();
        for variant in 0..VARIANTS {
            let [in_log, in_state] = damaged_files(variant);
            let wal = if in_log { &self.log.damaged(variant, random) } else { &self.log.wal };
            let state_wal = if in_state { &self.state.damaged(variant, random) } else { &self.state.wal };
            let path = self.put(&folder.path().join(format!("variant-{variant}")), [wal, state_wal]);
            let what = format!("variant {variant}, {} of {} bytes of the log", wal.len(), self.log.wal.len());
            let left = check(&path, &whole, &what);
            assert!(in_log || (left == whole.len() && !has_set_aside(&path)), "{what}: the log was whole");
            verdict.opened += 1;
            verdict.shorter += usize::from(left < whole.len());
        }
        verdict
    }

    fn put(&self, folder: &Path, wals: [&[u8]; 2]) -> PathBuf {
        fs::create_dir(folder).unwrap();
        let path = folder.join("siaga.db");
        for (file, remains, wal) in [(path.clone(), &self.log, wals[0]), (beside(&path, STATE), &self.state, wals[1])] {
            fs::write(&file, &remains.database).unwrap();
            fs::write(beside(&file, "-wal"), wal).unwrap();
        }
        path
    }
}

/// The first are damaged in the log, the second in both, the last in the state.
fn damaged_files(variant: usize) -> [bool; 2] {
    [variant < VARIANTS * 4 / 5, variant >= VARIANTS * 2 / 5]
}

impl Remains {
    fn of(file: &Path) -> Self {
        let wal = fs::read(beside(file, "-wal")).unwrap_or_default();
        let shm = fs::read(beside(file, "-shm")).unwrap_or_default();
        let page = number(&wal, PAGE_SIZE_AT, u32::from_be_bytes);
        let end_of = |at| match number(&shm, at, u32::from_ne_bytes) {
            0 => 0,
            frames => (WAL_HEADER + frames * (FRAME_HEADER + page)).min(wal.len()),
        };
        let (moved, end) = (end_of(BACKFILL_ATTEMPTED_AT), end_of(FRAMES_AT));
        Remains { database: fs::read(file).unwrap(), wal, moved, end: end.max(moved) }
    }

    /// The first are cut, the second cut and followed by garbage, the third whole and followed by garbage.
    fn damaged(&self, variant: usize, random: &mut ChaCha8Rng) -> Vec<u8> {
        let cut = self.moved + below(random, self.end - self.moved + 1);
        let mut wal = self.wal[..if variant % 3 == 2 { self.end } else { cut }].to_vec();
        if !variant.is_multiple_of(3) {
            let mut garbage = vec![0; 1 + below(random, MOST_GARBAGE)];
            random.fill_bytes(&mut garbage);
            wal.extend(garbage);
        }
        wal
    }
}

fn has_set_aside(store: &Path) -> bool {
    let mut files = fs::read_dir(store.parent().unwrap()).unwrap();
    files.any(|file| file.unwrap().file_name().to_string_lossy().contains(".aside"))
}

/// A number below a bound that is far smaller than what is drawn from.
pub fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    (random.next_u64() % bound as u64) as usize
}

fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

fn number(bytes: &[u8], at: usize, read: fn([u8; 4]) -> u32) -> usize {
    bytes.get(at..at + 4).map_or(0, |bytes| read(bytes.try_into().unwrap()) as usize)
}

fn open(path: &Path) -> Store {
    Store::open(path, siaga::clock::now()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A prefix of the log, and nothing that rests on more than it; how many entries are left.
fn check(path: &Path, whole: &[StoredEntry], what: &str) -> usize {
    let store = open(path);
    let left = log(&store);
    assert!(whole.starts_with(&left), "{what}: the log is no prefix");
    assert!(matches!(store.audit_verify().unwrap(), AuditVerdict::Whole { .. }), "{what}: the audit log is broken");
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.execute("ATTACH DATABASE ?1 AS state", [beside(path, STATE).to_str().unwrap()]).unwrap();
    for (fault, sql) in FAULTS {
        let count: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{what}: {fault}");
    }
    for file in ["main", "state"] {
        let check = format!("PRAGMA {file}.integrity_check");
        let sound: String = connection.query_row(&check, [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok", "{what}: {file}");
    }
    left.len()
}

/// What must not be there, each with a query that counts it.
const FAULTS: [(&str, &str); 11] = [
    (
        "progress beyond the log",
        "SELECT COUNT(*) FROM state_meta
         WHERE key = 'progress' AND value > (SELECT COALESCE(MAX(position), 0) FROM log)",
    ),
    (
        "an alert's event beyond the progress",
        "SELECT COUNT(*) FROM alert_event WHERE position > (SELECT value FROM state_meta WHERE key = 'progress')",
    ),
    (
        "a failure beyond the progress",
        "SELECT COUNT(*) FROM rule_failure WHERE last_position > (SELECT value FROM state_meta WHERE key = 'progress')",
    ),
    (
        "a finding without its trigger",
        "SELECT COUNT(*) FROM finding WHERE NOT EXISTS (
           SELECT 1 FROM record WHERE source = trigger_source AND record_id = trigger_id
             AND first <= (SELECT value FROM state_meta WHERE key = 'progress'))",
    ),
    (
        "a deadline without its trigger",
        "SELECT COUNT(*) FROM timer WHERE NOT EXISTS (
           SELECT 1 FROM record WHERE source = trigger_source AND record_id = trigger_id
             AND first <= (SELECT value FROM state_meta WHERE key = 'progress'))",
    ),
    (
        "an alert without an event",
        "SELECT COUNT(*) FROM alert WHERE NOT EXISTS (SELECT 1 FROM alert_event WHERE alert = alert.id)",
    ),
    ("a delivery without its alert", "SELECT COUNT(*) FROM delivery WHERE alert NOT IN (SELECT id FROM alert)"),
    (
        "an entry of a dossier that is not in the log",
        "SELECT COUNT(*) FROM dossier WHERE position NOT IN (SELECT position FROM log)",
    ),
    (
        "a record of a filed entry that is in no dossier",
        "SELECT COUNT(*) FROM log JOIN payload ON payload.position = log.position
         WHERE log.position <= (SELECT value FROM state_meta WHERE key = 'filed') AND subjects <> '[]'
           AND log.position NOT IN (SELECT position FROM dossier)",
    ),
    ("a record that is not in the log", "SELECT COUNT(*) FROM record WHERE newest NOT IN (SELECT position FROM log)"),
    (
        "an entry without its payload",
        "SELECT COUNT(*) FROM log WHERE type <> 'tick' AND position NOT IN (SELECT position FROM payload)",
    ),
];
