//! Moves commits from the write-ahead log into the database beside the writer, which would stand still meanwhile, and
//! brings those to the disk that nobody waited for.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;
use crate::store::migrate::{open_checkpointer, with_ending};

/// Pages that are added to a log whose commits are not synced until it is, 256 KiB: all of a round at once would keep the
/// disk from those who wait for it.
const PAGES_A_SYNC: usize = 64;

/// What a page takes in a write-ahead log, its header included.
const BYTES_A_PAGE: usize = 4_096 + 24;

/// The thread that moves, and what the writer knows of the log.
pub(super) struct Checkpointer {
    /// Pages in the log after the last commit.
    pages: Arc<AtomicUsize>,
    /// Pages in the log when it was last moved.
    moved_at: usize,
    /// Pages in the log when it was last synced.
    synced_at: usize,
    /// Pages that are added between two rounds.
    pages_a_round: usize,
    /// A round has ended.
    has_moved: Arc<AtomicBool>,
    calls: Option<SyncSender<Call>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Sync,
    Move,
}

impl Checkpointer {
    /// Takes the place of SQLite's own checkpoints within the writer's commits: a round after so many pages.
    pub(super) fn start(path: &Path, writer: &mut Connection, pages_a_round: usize) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&pages);
        writer.wal_hook(Some(move |_: &mut _, count| {
            seen.store(usize::try_from(count).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        let connection = open_checkpointer(path)?;
        let has_moved = Arc::new(AtomicBool::new(false));
        let moved = Arc::clone(&has_moved);
        let log = with_ending(path, "-wal");
        // one call more than the one at work is enough: each does its part for whatever is there
        let (calls, called) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || {
                for call in called {
                    match call {
                        Call::Sync => sync(&log),
                        Call::Move => {
                            checkpoint(&connection);
                            moved.store(true, Ordering::Release);
                        }
                    }
                }
            })
            .map_err(|error| StoreError::Database(error.to_string()))?;
        let (calls, thread) = (Some(calls), Some(thread));
        Ok(Self { pages, moved_at: 0, synced_at: 0, pages_a_round, has_moved, calls, thread })
    }

    /// To be called by the writer between two transactions; `is_synced` says whether the last one was.
    pub(super) fn after_commit(&mut self, writer: &Connection, is_synced: bool) {
        if self.has_moved.swap(false, Ordering::Acquire) {
            // what was added during the round is little. Only while nothing is added can all of it be moved, and only then
            // does the log start over, in the same place of the disk: a log that grows is slower to sync
            checkpoint(writer);
        }
        let pages = self.pages.load(Ordering::Relaxed);
        // it has started over
        if pages < self.synced_at {
            (self.moved_at, self.synced_at) = (0, 0);
        }
        if is_synced {
            self.synced_at = pages;
        }
        let Some(calls) = &self.calls else { return };
        // while another call waits, the next commit tries again
        if pages - self.moved_at >= self.pages_a_round {
            if calls.try_send(Call::Move).is_ok() {
                // what is moved is synced before
                (self.moved_at, self.synced_at) = (pages, pages);
            }
        } else if pages - self.synced_at >= PAGES_A_SYNC && calls.try_send(Call::Sync).is_ok() {
            self.synced_at = pages;
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Gives a write-ahead log the length that it comes to within a round, in zeros, at which SQLite stops reading: a commit
/// that makes the file longer takes twice as long to sync. Whatever hinders it, the log grows as it is written.
pub(super) fn lay_out(path: &Path, writer: &mut Connection, pages_a_round: usize) -> Result<(), StoreError> {
    // what is added while a round is moved comes to little
    let length = (pages_a_round + pages_a_round / 8) * BYTES_A_PAGE;
    // nobody else makes it longer meanwhile
    let _turn = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let laid_out = File::options().append(true).open(with_ending(path, "-wal")).and_then(|mut log| {
        let missing = (length as u64).saturating_sub(log.metadata()?.len());
        std::io::copy(&mut std::io::repeat(0).take(missing), &mut log)?;
        log.sync_all()
    });
    if let Err(error) = laid_out {
        tracing::warn!(store.error = %error, "the write-ahead log could not be laid out");
    }
    Ok(())
}

/// Moves what no reader still needs in the log. Whatever hinders it, the log has it all, and the next one tries again.
fn checkpoint(connection: &Connection) {
    let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = moved {
        tracing::warn!(store.error = %error, "the write-ahead log could not be moved into the database");
    }
}

/// Brings what was committed to the disk. Nobody relies on it: whatever hinders it, the next round syncs.
fn sync(log: &Path) {
    if let Err(error) = File::open(log).and_then(|file| file.sync_data()) {
        tracing::warn!(store.error = %error, "the write-ahead log could not be synced");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_was_laid_out_is_read_as_if_it_ended_with_its_last_commit() {
        let folder = tempfile::tempdir().unwrap();
        let [path, copy] = ["own.db", "copy.db"].map(|name| folder.path().join(name));
        let open = |path: &Path| {
            let connection = Connection::open(path).unwrap();
            connection.pragma_update(None, "journal_mode", "WAL").unwrap();
            connection
        };
        let length = || std::fs::metadata(with_ending(&path, "-wal")).unwrap().len();
        let mut writer = open(&path);
        lay_out(&path, &mut writer, 64).unwrap();
        let laid_out = length();
        assert_eq!(laid_out, 72 * BYTES_A_PAGE as u64);
        writer.execute_batch("CREATE TABLE number (value INTEGER)").unwrap();
        for number in 1..=20 {
            writer.execute("INSERT INTO number VALUES (?1)", [number]).unwrap();
            lay_out(&path, &mut writer, 64).unwrap();
            assert_eq!(length(), laid_out);
        }
        for ending in ["", "-wal"] {
            std::fs::copy(with_ending(&path, ending), with_ending(&copy, ending)).unwrap();
        }
        let sum: i64 = open(&copy).query_row("SELECT SUM(value) FROM number", [], |row| row.get(0)).unwrap();
        assert_eq!(sum, 210);
    }
}
