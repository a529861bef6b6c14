//! Opening the two files: private to their owner, with the settings that durability needs, on the newest schema.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use crate::store::{StoreError, meta};

/// Each brings the log's schema from its index to the next version.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
];

/// From this version on the state has a file of its own.
const PARTED: usize = 4;

/// Each brings the state's schema from its index to the next version.
const STATE_MIGRATIONS: [&str; 3] =
    [include_str!("state.sql"), include_str!("state-2.sql"), include_str!("state-3.sql")];

/// Moves what older versions kept in one file. The log is attached as `old`.
const MOVE: &str = include_str!("state-move.sql");

/// How long to wait for another process's write: its commits take milliseconds, so this is a stuck one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a writer keeps of its file in memory, in KiB: deliveries and alerts are found by hashes, so any page may be next.
const WRITER_CACHE_KIB: i64 = 4 * 1024;

/// Statements kept prepared on one connection: more than the store has.
const PREPARED: usize = 128;

/// The file of the state beside that of the log.
pub(super) fn state_path(log: &Path) -> PathBuf {
    with_ending(log, ".state")
}

/// A path with something more at its end.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Opens the log's write connection. `synchronous=FULL` syncs the WAL at each commit: without it a commit is not durable.
pub(super) fn open_log(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = open_writer(path)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Opens the state's write connection, and creates the state of a log. Its commits are whole and in order without a
/// sync; what the last of them held can be judged again.
pub(super) fn open_state(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = open_writer(path)?;
    bring_up(&mut connection, &STATE_MIGRATIONS)?;
    Ok(connection)
}

fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    create_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // what a savepoint may have to undo never goes to a file
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // negative: KiB instead of pages
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Opens a connection that only moves a write-ahead log; it syncs as the writer of a log does.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Opens a connection that cannot write, on one file.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Opens a connection that cannot write, on both files: their tables have different names.
pub(super) fn open_reader_of_both(log: &Path) -> Result<Connection, StoreError> {
    let connection = open_reader(log)?;
    attach(&connection, &state_path(log), "state")?;
    Ok(connection)
}

/// Lets a connection see another file too.
pub(super) fn attach(connection: &Connection, path: &Path, name: &str) -> Result<(), StoreError> {
    let path = path.to_str().ok_or_else(|| StoreError::Database(format!("`{}` is not UTF-8", path.display())))?;
    connection.execute(&format!("ATTACH DATABASE ?1 AS {name}"), [path])?;
    Ok(())
}

/// Keeps every statement as it was first prepared: SQLite would prepare some anew for each value that is bound.
fn keep_statements(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// The files hold passport numbers: nobody but their owner may read them. SQLite gives its side files the same mode.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| StoreError::Database(format!("`{}`: {error}", path.display())))
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    if (1..PARTED as i64).contains(&version(connection)?) {
        // brought to the last version that was one file, which is then moved
        bring_up(connection, MIGRATIONS.get(..PARTED - 1).unwrap_or_default())?;
        part(connection, path)?;
    }
    bring_up(connection, &MIGRATIONS)
}

/// Brings a schema up to the last of its migrations, where it is older.
fn bring_up(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (found, known) = (version(&tx)?, migrations.len() as i64);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for migration in migrations.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(migration)?;
    }
    if found < known {
        tx.pragma_update(None, "user_version", known)?;
    }
    tx.commit()?;
    Ok(())
}

/// Makes the state of an older version's file out of it. What may be there is left over from doing so before.
fn part(log: &Connection, path: &Path) -> Result<(), StoreError> {
    let state = state_path(path);
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(with_ending(&state, ending)));
    }
    let connection = open_state(&state)?;
    attach(&connection, path, "old")?;
    let progress = meta(log, "progress")?;
    // moved whole or not at all: the log's schema says that it is done
    connection.execute_batch("BEGIN")?;
    connection.execute_batch(MOVE)?;
    connection.execute("UPDATE state_meta SET value = ?1 WHERE key IN ('progress', 'filed')", params![progress])?;
    connection.execute_batch("COMMIT")?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
