//! Access: bearer tokens and the links in mails, each kept as a hash only.

use chrono::{DateTime, Utc};

use crate::store::{Answer, Digest, Store, StoreError};

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
    pub fn token_add(&self, _token: TokenRecord, _by: &str) -> Answer<()> {
        Answer::refused(StoreError::Failed)
    }

    /// Ends a token.
    ///
    /// Errors: `NotFound`.
    pub fn token_revoke(&self, _hash: Digest, _by: &str, _now: DateTime<Utc>) -> Answer<()> {
        Answer::refused(StoreError::Failed)
    }

    /// The token with this hash; none when it is not known, revoked, or over at `now`.
    ///
    /// # Errors
    /// What the database says.
    pub fn token(
        &self,
        _hash: &Digest,
        _now: DateTime<Utc>,
    ) -> Result<Option<TokenRecord>, StoreError> {
        Err(StoreError::Failed)
    }

    /// All tokens that are not revoked, by agency and creation.
    ///
    /// # Errors
    /// What the database says.
    pub fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        Err(StoreError::Failed)
    }

    /// Keeps links; one whose hash exists is left as it is.
    pub fn link_add(&self, _links: Vec<MailLink>) -> Answer<()> {
        Answer::refused(StoreError::Failed)
    }

    /// The link with this hash; none when it is not known or over at `now`.
    ///
    /// # Errors
    /// What the database says.
    pub fn link(
        &self,
        _hash: &Digest,
        _now: DateTime<Utc>,
    ) -> Result<Option<MailLink>, StoreError> {
        Err(StoreError::Failed)
    }
}
