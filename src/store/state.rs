//! The state beside its log: made where it is missing, and set aside where it rests on entries that the log does not have.
//!
//! It is a function of the log, so a state that begins anew is judged again from the first entry. Deliveries then have the
//! same ids as before; those that the state set aside knows as delivered are not sent again.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior, params};

use crate::entry::Position;
use crate::store::migrate::{attach, open_state, state_path, with_ending};
use crate::store::{StoreError, audit, log, meta, set_state_meta, state_meta};

/// A state as it is opened.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// The one before it was set aside.
    pub(super) is_renewed: bool,
}

/// Opens the state of a log, for the process that takes the store over.
pub(super) fn take(path: &Path, log: &mut Connection) -> Result<Opened, StoreError> {
    let file = state_path(path);
    let connection = open_state(&file)?;
    let stands = standing(&connection, log)?;
    if stands != Standing::Foreign {
        // what the process before left behind
        let tx = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
        audit::take_over(&tx, &connection)?;
        tx.commit()?;
    }
    if stands == Standing::Fits {
        if state_meta(&connection, "log")? == 0 && state_meta(&connection, "progress")? < log::read::head(log)? {
            tracing::warn!("the log has no state beside it: it is judged again, and told again under the same ids");
        }
        fit(&connection, log)?;
        return Ok(Opened { connection, is_renewed: false });
    }
    drop(connection);
    let aside = set_aside(&file, meta(log, "epoch")? + 1)?;
    let connection = open_state(&file)?;
    fit(&connection, log)?;
    if stands == Standing::Ahead {
        remember(&connection, &aside, log::read::head(log)?)?;
    }
    tracing::warn!(
        state.set_aside = %aside.display(),
        "the state rests on entries that the log does not have; it is set aside, and the log is judged again"
    );
    Ok(Opened { connection, is_renewed: true })
}

/// Opens the state of a log beside the process that has it.
pub(super) fn join(path: &Path, log: &Connection) -> Result<Connection, StoreError> {
    let connection = open_state(&state_path(path))?;
    if standing(&connection, log)? != Standing::Fits {
        return Err(StoreError::Astray);
    }
    fit(&connection, log)?;
    Ok(connection)
}

/// How a state stands to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It has effects of the log's entries only.
    Fits,
    /// It has effects of entries that the log has lost.
    Ahead,
    /// It is the state of another log.
    Foreign,
}

fn standing(state: &Connection, log: &Connection) -> Result<Standing, StoreError> {
    let of = state_meta(state, "log")?;
    if of != 0 && of != meta(log, "id")? {
        return Ok(Standing::Foreign);
    }
    // in this order: both may be written by another process just now
    let progress = state_meta(state, "progress")?;
    let head = log::read::head(log)?;
    Ok(if progress > head { Standing::Ahead } else { Standing::Fits })
}

/// Says whose state it is. A crash between the two files' commits can leave it in an epoch before the log's.
fn fit(state: &Connection, log: &Connection) -> Result<(), StoreError> {
    for (key, value) in [("log", meta(log, "id")?), ("epoch", meta(log, "epoch")?)] {
        if state_meta(state, key)? != value {
            set_state_meta(state, key, value)?;
        }
    }
    audit::begin_waiting_after(state, meta(log, "audited")?)
}

/// Moves a state's files out of the way; where it is now. The database goes last: until then it is a state as it was
/// before.
fn set_aside(file: &Path, epoch: i64) -> Result<PathBuf, StoreError> {
    let aside = with_ending(file, &format!(".aside-{epoch}"));
    for ending in ["-wal", "-shm", ""] {
        let (from, to) = (with_ending(file, ending), with_ending(&aside, ending));
        if from.exists() {
            let told = |error| StoreError::Database(format!("`{}` cannot be set aside: {error}", from.display()));
            fs::rename(&from, to).map_err(told)?;
        }
    }
    Ok(aside)
}

/// Takes over what was delivered. An alert with an event beyond the head may have been told of what is gone: it is told
/// again, under the same ids.
fn remember(state: &Connection, aside: &Path, head: Position) -> Result<(), StoreError> {
    attach(state, aside, "aside")?;
    state.execute(
        "INSERT INTO main.told_before (delivery, settled_at, position)
         SELECT id, settled_at, last FROM (
           SELECT id, settled_at,
                  (SELECT COALESCE(MAX(position), 0) FROM aside.alert_event WHERE alert_event.alert = delivery.alert) AS last
           FROM aside.delivery WHERE state = 'delivered'
           UNION ALL
           SELECT delivery, settled_at, position FROM aside.told_before
         ) WHERE last <= ?1
         ON CONFLICT DO NOTHING",
        params![head],
    )?;
    state.execute("DETACH DATABASE aside", [])?;
    Ok(())
}

#[cfg(test)]
mod tests;
