//! Moves commits from the write-ahead log into the database beside the writer, which would stand still meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::store::StoreError;
use crate::store::migrate::open_checkpointer;

/// Pages that are added to the log between two rounds, 64 MiB. Many of them are newer versions of the same pages, and
/// each is moved once a round; while the disk takes them in, whoever waits for a sync waits longer.
const PAGES_A_ROUND: usize = 16 * 1024;

/// The thread that moves, and what the writer knows of the log.
pub(super) struct Checkpointer {
    /// Pages in the log after the last commit.
    pages: Arc<AtomicUsize>,
    /// Pages in the log when it was last moved.
    moved_at: usize,
    /// A round has ended.
    has_moved: Arc<AtomicBool>,
    calls: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Takes the place of SQLite's own checkpoints within the writer's commits.
    pub(super) fn start(path: &Path, writer: &mut Connection) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&pages);
        writer.wal_hook(Some(move |_: &mut _, count| {
            seen.store(usize::try_from(count).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        let connection = open_checkpointer(path)?;
        let has_moved = Arc::new(AtomicBool::new(false));
        let moved = Arc::clone(&has_moved);
        // one call more than the one at work is enough: it moves whatever is there
        let (calls, called) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || {
                for () in called {
                    checkpoint(&connection);
                    moved.store(true, Ordering::Release);
                }
            })
            .map_err(|error| StoreError::Database(error.to_string()))?;
        Ok(Self { pages, moved_at: 0, has_moved, calls: Some(calls), thread: Some(thread) })
    }

    /// To be called by the writer between two transactions.
    pub(super) fn after_commit(&mut self, writer: &Connection) {
        if self.has_moved.swap(false, Ordering::Acquire) {
            // what was added during the round is little. Only while nothing is added can all of it be moved, and only then
            // does the log start over, in the same place of the disk: a log that grows is slower to sync
            checkpoint(writer);
        }
        let pages = self.pages.load(Ordering::Relaxed);
        // it has started over
        if pages < self.moved_at {
            self.moved_at = 0;
        }
        if pages - self.moved_at >= PAGES_A_ROUND
            && let Some(calls) = &self.calls
        {
            self.moved_at = pages;
            // a call that waits already will do as well
            let _ = calls.try_send(());
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

/// Moves what no reader still needs in the log. Whatever hinders it, the log has it all, and the next one tries again.
fn checkpoint(connection: &Connection) {
    let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = moved {
        tracing::warn!(store.error = %error, "the write-ahead log could not be moved into the database");
    }
}
