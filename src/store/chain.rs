//! Brings the audit rows of the state's commits into the chain that stands in the log.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::store::migrate::open_reader;
use crate::store::writer::Queue;
use crate::store::{StoreError, audit, meta};

/// Rows that are in the chain are let go of once they are so many.
const MOST_DONE: i64 = 1_000;

/// Where the state's rows are read for the chain.
pub(super) struct Chain {
    state: Mutex<Connection>,
    /// The number of the last row that is in the chain.
    audited: AtomicI64,
    is_queued: AtomicBool,
}

impl Chain {
    pub(super) fn open(log: &Connection, state: &Path) -> Result<Arc<Self>, StoreError> {
        let audited = AtomicI64::new(meta(log, "audited")?);
        let state = Mutex::new(open_reader(state)?);
        Ok(Arc::new(Self { state, audited, is_queued: AtomicBool::new(false) }))
    }

    /// Chains what waits, in the caller's transaction on the log; the number of the last row.
    pub(super) fn bring_in(&self, log: &Connection) -> Result<i64, StoreError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        audit::take_over(log, &state)
    }

    /// What to do after each of the state's commits: have its rows chained, when the log's writer finds the time.
    pub(super) fn follow(self: Arc<Self>, log: Queue) -> impl FnMut(&Connection) + Send {
        let mut done = 0;
        move |state| {
            let followed = self.call(&log, state).and_then(|()| self.let_go(state, &mut done));
            if let Err(error) = followed {
                tracing::warn!(store.error = %error, "audit rows wait for the next commit");
            }
        }
    }

    fn call(self: &Arc<Self>, log: &Queue, state: &Connection) -> Result<(), StoreError> {
        let newest = audit::newest_waiting(state)?;
        if newest <= self.audited.load(Ordering::Relaxed) || self.is_queued.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let (call, chained) = (Call(Arc::clone(self)), Arc::clone(self));
        let work = move |log: &Connection| {
            let chain = Arc::clone(&call.0);
            // what is committed from here on has to call again
            drop(call);
            chain.bring_in(log)
        };
        log.put_patient(work, move |audited| chained.audited.store(audited, Ordering::Relaxed));
        Ok(())
    }

    fn let_go(&self, state: &Connection, done: &mut i64) -> Result<(), StoreError> {
        let audited = self.audited.load(Ordering::Relaxed);
        if audited - *done > MOST_DONE {
            *done = audited;
            audit::forget_waiting(state, audited)?;
        }
        Ok(())
    }
}

/// A call that is queued, until it is answered or comes to nothing.
struct Call(Arc<Chain>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.is_queued.store(false, Ordering::Release);
    }
}
