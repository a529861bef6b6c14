//! The lock beside a store: one daemon at a time, for as long as its process lives.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The right to be the daemon of a store. The operating system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct StoreLock {
    /// Closing it lets the lock go.
    _file: File,
}

/// Why a store could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process is the daemon of this store.
    #[error("another siaga runs on the store `{}`\nhelp: stop that one, or take its place with `--take-over`", .store.display())]
    Held {
        /// The store.
        store: PathBuf,
    },
    /// The file of the lock cannot be made or locked.
    #[error("`{}` cannot be locked: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl StoreLock {
    /// Locks a store at once, or says that somebody has it.
    ///
    /// # Errors
    /// As [`LockError`] says.
    pub fn take(store: &Path) -> Result<Self, LockError> {
        let (path, file) = open(store)?;
        match file.try_lock() {
            Ok(()) => Ok(StoreLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held { store: store.to_owned() }),
            Err(TryLockError::Error(error)) => Err(LockError::File { path, error }),
        }
    }

    /// Locks a store as soon as whoever has it lets go, and holds it for the rest of the process's life.
    ///
    /// # Errors
    /// The file of the lock cannot be made, or no thread can wait for it.
    pub fn succeed(store: &Path) -> Result<(), LockError> {
        let (path, file) = open(store)?;
        let wait = move || {
            // where it cannot be had, the store's epoch still lets one daemon write alone
            drop(file.lock());
            loop {
                std::thread::park();
            }
        };
        let thread = std::thread::Builder::new().name("store-lock".to_owned()).spawn(wait);
        thread.map(drop).map_err(|error| LockError::File { path, error })
    }
}

fn open(store: &Path) -> Result<(PathBuf, File), LockError> {
    let mut path = store.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    match OpenOptions::new().create(true).append(true).mode(0o600).open(&path) {
        Ok(file) => Ok((path, file)),
        Err(error) => Err(LockError::File { path, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_until_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("siaga.db");
        let lock = StoreLock::take(&store).unwrap();
        let refused = StoreLock::take(&store).unwrap_err().to_string();
        assert!(refused.contains("siaga.db") && refused.contains("--take-over"), "{refused}");
        drop(lock);
        StoreLock::take(&store).unwrap();
    }
}
