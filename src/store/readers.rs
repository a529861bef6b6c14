//! A few read-only connections that callers take turns with.

use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::store::migrate::{open_reader, open_reader_of_both};
use crate::store::{StoreError, state_meta};

/// Enough for the pipeline, the outbox and a few people at once; each costs a page cache of 2 MB for each file.
const CONNECTIONS: usize = 6;

pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
    sees_state: bool,
}

impl Readers {
    /// Connections that see log and state.
    pub(super) fn of_both(log: &Path) -> Result<Self, StoreError> {
        let idle = (0..CONNECTIONS).map(|_| open_reader_of_both(log)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { idle: Mutex::new(idle), returned: Condvar::new(), sees_state: true })
    }

    /// One connection that sees the log.
    pub(super) fn of_log(log: &Path) -> Result<Self, StoreError> {
        let idle = vec![open_reader(log)?];
        Ok(Self { idle: Mutex::new(idle), returned: Condvar::new(), sees_state: false })
    }

    /// Runs `work` on one snapshot of each file, once a connection is free.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let loan = self.borrow();
        let Some(connection) = &loan.connection else {
            return Err(StoreError::Busy);
        };
        // dropped, it rolls back, which is all that a reading transaction needs
        let snapshot = connection.unchecked_transaction()?;
        if self.sees_state {
            // a file's snapshot is that of the first look at it: the state's first, so that it is never ahead of the log's
            state_meta(&snapshot, "progress")?;
        }
        work(&snapshot)
    }

    fn borrow(&self) -> Loan<'_> {
        let mut idle = self.lock();
        loop {
            if let Some(connection) = idle.pop() {
                return Loan { readers: self, connection: Some(connection) };
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Loan<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.readers.lock().extend(self.connection.take());
        self.readers.returned.notify_one();
    }
}
