//! The versions of the rule pack: their texts by hash, and which one was in force where.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::entry::Position;
use crate::store::{Digest, Store, StoreError, from_json, to_json};

/// What a pack entry says: from there on this version judges, without some of its rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackInForce {
    /// SHA-256 of the pack's files, in hexadecimal.
    pub hash: String,
    /// The rules that were stopped because they failed again and again, by id.
    pub stopped: Vec<Arc<str>>,
}

impl PackInForce {
    /// As the log keeps it: the hash alone, where no rule is stopped.
    pub(super) fn payload(&self) -> Result<String, StoreError> {
        if self.stopped.is_empty() { Ok(self.hash.clone()) } else { to_json(self) }
    }

    pub(super) fn from_payload(text: String) -> Result<Self, StoreError> {
        if text.starts_with('{') { from_json(&text) } else { Ok(PackInForce { hash: text, stopped: Vec::new() }) }
    }
}

impl Store {
    /// The pack in force at a position: what the last pack entry up to there says. Before the first one nothing was in
    /// force, and the first one judges; none in a log without any.
    ///
    /// # Errors
    /// What the database says.
    pub fn pack_at(&self, position: Position) -> Result<Option<PackInForce>, StoreError> {
        self.read(|connection| pack_at(connection, position))
    }

    /// The files of a version, path to text; none where the store has only ever heard its hash.
    ///
    /// # Errors
    /// What the database says.
    pub fn pack_files(&self, hash: &str) -> Result<Option<BTreeMap<String, String>>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT path, text FROM pack_file JOIN pack_text ON pack_text.digest = pack_file.digest WHERE pack = ?1",
            )?;
            let rows = statement.query_map([hash], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let files = rows.collect::<Result<BTreeMap<_, _>, _>>()?;
            Ok(Some(files).filter(|files| !files.is_empty()))
        })
    }
}

pub(super) fn pack_at(connection: &Connection, position: Position) -> Result<Option<PackInForce>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM log JOIN payload ON payload.position = log.position WHERE type = 'pack'
         ORDER BY log.position <= ?1 DESC, abs(log.position - ?1) LIMIT 1",
    )?;
    let payload = statement.query_row([position], |row| row.get::<_, Vec<u8>>(0)).optional()?;
    payload.map(|payload| PackInForce::from_payload(super::log::read::text(payload)?)).transpose()
}

/// Keeps the files of a version, unless they are kept already.
pub(super) fn keep(connection: &Connection, hash: &str, files: &BTreeMap<String, String>) -> Result<(), StoreError> {
    let mut text = connection.prepare_cached("INSERT OR IGNORE INTO pack_text (digest, text) VALUES (?1, ?2)")?;
    let mut file =
        connection.prepare_cached("INSERT OR IGNORE INTO pack_file (pack, path, digest) VALUES (?1, ?2, ?3)")?;
    for (path, content) in files {
        let digest: Digest = Sha256::digest(content.as_bytes()).into();
        text.execute(params![digest, content])?;
        file.execute(params![hash, path, digest])?;
    }
    Ok(())
}
