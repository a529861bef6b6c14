//! Access: bearer tokens and the links in mails, each kept as a hash only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::store::audit::{self, Note};
use crate::store::{Answer, Digest, Store, StoreError, from_json, millis, time_of, to_json};

/// How long a token is taken to be as it was when it was read: one that is revoked is good for so much longer.
const REMEMBERED_FOR: TimeDelta = TimeDelta::seconds(1);

/// The tokens that were read last, each with when that was: reading one takes as long as reading a record.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<Digest, (DateTime<Utc>, TokenRecord)>>);

impl Tokens {
    fn get(&self, hash: &Digest, now: DateTime<Utc>) -> Option<TokenRecord> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, token) = tokens.get(hash)?;
        let is_good = token.expires_at.is_none_or(|end| now < end);
        (is_good && *read_at <= now && now - *read_at < REMEMBERED_FOR).then(|| token.clone())
    }

    fn keep(&self, token: TokenRecord, now: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token.hash, (now, token));
    }
}

/// A bearer token, without the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// SHA-256 of the token.
    pub hash: Digest,
    /// The agency that it speaks for.
    pub agency: String,
    /// Its role's word.
    pub role: String,
    /// The sources that it may submit for; empty for none.
    pub sources: Vec<String>,
    /// The record kinds that it may submit; empty for none.
    pub kinds: Vec<String>,
    /// Since when it is good.
    pub created_at: DateTime<Utc>,
    /// Until when it is good; none for no end.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A link in a mail to one agency, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLink {
    /// SHA-256 of the secret.
    pub hash: Digest,
    /// The alert that it opens.
    pub alert: String,
    /// The agency that it was sent to.
    pub agency: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// Keeps a token.
    ///
    /// Errors: what the database says, also when the token exists.
    pub fn token_add(&self, token: TokenRecord, by: &str) -> Answer<()> {
        let by = by.to_owned();
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(
                "INSERT INTO token (hash, agency, role, sources, kinds, created_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            statement.execute(params![
                token.hash,
                token.agency,
                token.role,
                to_json(&token.sources)?,
                to_json(&token.kinds)?,
                millis(token.created_at),
                token.expires_at.map(millis)
            ])?;
            let note = Note { at: token.created_at, actor: &by, what: "token.added", object: &hex::encode(token.hash) };
            let rights = [&token.agency, &token.role];
            audit::append(connection, &note, to_json(&rights)?.as_bytes())
        })
    }

    /// Ends a token.
    ///
    /// Errors: `NotFound` unless it is known and not yet revoked.
    pub fn token_revoke(&self, hash: Digest, by: &str, now: DateTime<Utc>) -> Answer<()> {
        let by = by.to_owned();
        self.write(move |connection| {
            let mut statement =
                connection.prepare_cached("UPDATE token SET revoked_at = ?2 WHERE hash = ?1 AND revoked_at IS NULL")?;
            if statement.execute(params![hash, millis(now)])? == 0 {
                return Err(StoreError::NotFound("token"));
            }
            let note = Note { at: now, actor: &by, what: "token.revoked", object: &hex::encode(hash) };
            audit::append(connection, &note, b"")
        })
    }

    /// The token with this hash; none when it is not known, over at `now`, or revoked; one that was revoked within the last
    /// second may still be found. Quick enough for async code.
    ///
    /// # Errors
    /// What the database says.
    pub fn token(&self, hash: &Digest, now: DateTime<Utc>) -> Result<Option<TokenRecord>, StoreError> {
        if let Some(token) = self.inner.tokens.get(hash, now) {
            return Ok(Some(token));
        }
        let token = self.glance(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT hash, agency, role, sources, kinds, created_at, expires_at FROM token
                 WHERE hash = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)",
            )?;
            let row = statement.query_row(params![hash, millis(now)], TokenRow::from_row).optional()?;
            row.map(TokenRow::token).transpose()
        })?;
        if let Some(token) = &token {
            self.inner.tokens.keep(token.clone(), now);
        }
        Ok(token)
    }

    /// All tokens that are not revoked, by agency and creation.
    ///
    /// # Errors
    /// What the database says.
    pub fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT hash, agency, role, sources, kinds, created_at, expires_at FROM token
                 WHERE revoked_at IS NULL ORDER BY agency, created_at, hash",
            )?;
            let rows = statement.query_map([], TokenRow::from_row)?;
            rows.map(|row| row?.token()).collect()
        })
    }

    /// Keeps links; one whose hash exists is good until the later of the two ends.
    pub fn link_add(&self, links: Vec<MailLink>) -> Answer<()> {
        self.write_state(move |connection| add_links(connection, &links))
    }

    /// The link with this hash; none when it is not known or over at `now`.
    ///
    /// # Errors
    /// What the database says.
    pub fn link(&self, hash: &Digest, now: DateTime<Utc>) -> Result<Option<MailLink>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT hash, alert, agency, expires_at FROM mail_link
                 WHERE hash = ?1 AND expires_at > ?2",
            )?;
            let link = statement.query_row(params![hash, millis(now)], |row| {
                Ok(MailLink {
                    hash: row.get(0)?,
                    alert: row.get(1)?,
                    agency: row.get(2)?,
                    expires_at: time_of(row.get(3)?),
                })
            });
            Ok(link.optional()?)
        })
    }
}

/// Keeps links in the caller's transaction.
pub(super) fn add_links(connection: &Connection, links: &[MailLink]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO mail_link (hash, alert, agency, expires_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET expires_at = MAX(expires_at, excluded.expires_at)",
    )?;
    for link in links {
        statement.execute(params![link.hash, link.alert, link.agency, millis(link.expires_at)])?;
    }
    Ok(())
}

/// A token with its lists as they are kept.
struct TokenRow {
    token: TokenRecord,
    sources: String,
    kinds: String,
}

impl TokenRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            token: TokenRecord {
                hash: row.get(0)?,
                agency: row.get(1)?,
                role: row.get(2)?,
                sources: Vec::new(),
                kinds: Vec::new(),
                created_at: time_of(row.get(5)?),
                expires_at: row.get::<_, Option<i64>>(6)?.map(time_of),
            },
            sources: row.get(3)?,
            kinds: row.get(4)?,
        })
    }

    fn token(self) -> Result<TokenRecord, StoreError> {
        Ok(TokenRecord { sources: from_json(&self.sources)?, kinds: from_json(&self.kinds)?, ..self.token })
    }
}

#[cfg(test)]
mod tests;
