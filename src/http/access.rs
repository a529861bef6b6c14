//! Who calls: bearer tokens, the agency and role behind them, and what they may see and send.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use super::App;
use super::problem::Problem;
use super::role::Role;
use crate::clock;
use crate::intake::{Scope as Covered, Submitter};
use crate::store::access::TokenRecord;
use crate::store::{Digest, Scope};

/// What every token begins with, so that one that leaked is recognised.
const PREFIX: &str = "siaga_";
/// Far more than a token has.
const MAX_TOKEN_BYTES: usize = 200;
/// In a token's sources or kinds: all of them.
pub const EVERY: &str = "*";

/// A new bearer token: 32 random bytes. It is shown once and kept nowhere.
///
/// # Errors
/// The operating system gives no random bytes.
pub fn new_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)))
}

/// What is kept of a token or of a mail's link. The look-up by it compares no secret byte by byte.
pub fn token_hash(token: &str) -> Digest {
    Sha256::digest(token.as_bytes()).into()
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The agency's id.
    pub agency: Arc<str>,
    /// What the token is for.
    pub role: Role,
    sources: Vec<String>,
    kinds: Vec<String>,
}

impl Caller {
    /// Whose eyes a query is for.
    pub fn scope(&self) -> Scope {
        match self.role {
            Role::Coordinator | Role::Auditor => Scope::All,
            Role::Source | Role::Officer | Role::Author => Scope::Agency(self.agency.to_string()),
        }
    }

    /// What this caller may send.
    pub fn submitter(&self) -> Submitter {
        Submitter { sources: covered(&self.sources), kinds: covered(&self.kinds), officer: self.role == Role::Officer }
    }
}

fn covered(names: &[String]) -> Covered {
    if names.iter().any(|name| name == EVERY) {
        Covered::All
    } else {
        Covered::Only(names.iter().map(|name| Arc::from(name.as_str())).collect::<BTreeSet<_>>())
    }
}

impl TryFrom<TokenRecord> for Caller {
    type Error = Problem;

    fn try_from(token: TokenRecord) -> Result<Self, Problem> {
        let role = Role::from_word(&token.role).ok_or(Problem::Internal("the token's role is not known"))?;
        Ok(Caller { agency: token.agency.into(), role, sources: token.sources, kinds: token.kinds })
    }
}

/// Lets only these roles through, and says who called.
pub async fn require(
    State((app, roles)): State<(App, &'static [Role])>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = authenticate(&app, request.headers())?;
    if !roles.contains(&caller.role) {
        return Err(Problem::Forbidden { needed: roles });
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Err(Problem::Unauthorized { shown: false });
    };
    let refused = || Problem::Unauthorized { shown: true };
    let (scheme, token) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(refused)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.len() > MAX_TOKEN_BYTES || !token.starts_with(PREFIX) {
        return Err(refused());
    }
    let hash = token_hash(token);
    // the machine's clock: a token must not live longer because a demo's clock stands elsewhere
    let known = app.store.token(&hash, clock::now())?;
    known.ok_or_else(refused)?.try_into()
}
