//! What can go wrong with a request, and the one place that says how a caller is told (RFC 9457).

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::role::Role;
use crate::intake::body::BodyError;
use crate::store::StoreError;

/// How long a sender is asked to wait while the store is busy: a few commits.
pub const BUSY_WAIT: Duration = Duration::from_secs(2);

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No token, or one that is not good.
    Unauthorized {
        /// A token was shown.
        shown: bool,
    },
    /// The token's role may not do this.
    Forbidden {
        /// The roles that may.
        needed: &'static [Role],
    },
    /// There is no such thing, or not for this caller.
    NotFound(&'static str),
    /// No such route.
    NoRoute,
    /// The route has other methods.
    Method,
    /// It has run out.
    Gone(&'static str),
    /// It does not fit how things stand.
    Conflict(String),
    /// A parameter or body that says something impossible.
    Invalid(String),
    /// A body that cannot be read.
    Body(BodyError),
    /// The request did not arrive in full in time, or took too long.
    TooSlow,
    /// The store says no.
    Store(StoreError),
    /// A fault of the program.
    Internal(&'static str),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Problem::Store(error)
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        Problem::Body(error)
    }
}

impl Problem {
    /// Status, title and detail. The detail says what to do, and repeats nothing that the caller may not see.
    pub fn told(&self) -> (StatusCode, &'static str, String) {
        match self {
            Problem::Unauthorized { shown: false } => (
                StatusCode::UNAUTHORIZED,
                "a token is needed",
                "no bearer token was shown; help: send `Authorization: Bearer siaga_...`, made by `siaga token new`"
                    .to_owned(),
            ),
            Problem::Unauthorized { shown: true } => (
                StatusCode::UNAUTHORIZED,
                "the token is not good",
                "the token is unknown, revoked or has run out; help: ask the operator for a new one".to_owned(),
            ),
            Problem::Forbidden { needed } => {
                let roles: Vec<String> = needed.iter().map(|role| format!("`{role}`")).collect();
                let detail = format!("this takes a token with the role {}", roles.join(" or "));
                (StatusCode::FORBIDDEN, "the role does not allow it", detail)
            }
            Problem::NotFound(what) => {
                (StatusCode::NOT_FOUND, "not found", format!("there is no such {what}, or it is not for your agency"))
            }
            Problem::NoRoute => {
                (StatusCode::NOT_FOUND, "no such route", "help: see `/openapi.json` for what there is".to_owned())
            }
            Problem::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "the method is not allowed here",
                "help: see `/openapi.json` for what there is".to_owned(),
            ),
            Problem::Gone(what) => (StatusCode::GONE, "it has run out", format!("the {what} has run out")),
            Problem::Conflict(detail) => (StatusCode::CONFLICT, "it does not fit how things stand", detail.clone()),
            Problem::Invalid(detail) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "the request says something impossible", detail.clone())
            }
            Problem::Body(error) => body(error),
            Problem::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "the request took too long",
                "help: send smaller bodies, or try again; what was sent twice counts once".to_owned(),
            ),
            Problem::Store(error) => store(error),
            Problem::Internal(what) => (StatusCode::INTERNAL_SERVER_ERROR, "siaga failed", (*what).to_owned()),
        }
    }
}

fn body(error: &BodyError) -> (StatusCode, &'static str, String) {
    let (status, title) = match error {
        BodyError::NotJson { .. } => (StatusCode::BAD_REQUEST, "the body is not JSON"),
        BodyError::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not read here"),
        BodyError::TooLarge { .. } | BodyError::Table { too_large: true, .. } => {
            (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
        }
        BodyError::Table { too_large: false, .. } => (StatusCode::UNPROCESSABLE_ENTITY, "the table cannot be taken"),
    };
    (status, title, error.to_string())
}

fn store(error: &StoreError) -> (StatusCode, &'static str, String) {
    match error {
        StoreError::Busy => (
            StatusCode::TOO_MANY_REQUESTS,
            "too much is waiting",
            format!("nothing was written; help: send it again after {} seconds", BUSY_WAIT.as_secs()),
        ),
        StoreError::Full => (
            StatusCode::INSUFFICIENT_STORAGE,
            "the disk is full",
            "nothing was written; help: the operator has to make room, then send it again".to_owned(),
        ),
        StoreError::NotFound(what) => Problem::NotFound(what).told(),
        StoreError::Cursor => {
            let detail = "`cursor` is not one of this list; help: pass on `next` of the page before, unchanged";
            Problem::Invalid(detail.to_owned()).told()
        }
        StoreError::Fenced | StoreError::Failed { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store is gone",
            "this process can write nothing more and ends; help: send it again once siaga is back".to_owned(),
        ),
        StoreError::OutOfStep { .. } | StoreError::Newer { .. } | StoreError::Astray | StoreError::Database(_) => {
            Problem::Internal("the store failed; help: the operator finds the cause in the log").told()
        }
    }
}

/// A store that can write nothing more: carried by the response to whoever ends the process.
#[derive(Clone, Debug)]
pub struct Fatal(pub StoreError);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, title, detail) = self.told();
        let mut body = json!({
            "type": format!("urn:siaga:problem:{}", title.replace(' ', "-")),
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
        });
        if let (Problem::Body(BodyError::NotJson { line, column, .. }), Some(members)) = (&self, body.as_object_mut()) {
            members.insert("line".to_owned(), (*line).into());
            members.insert("column".to_owned(), (*column).into());
        }
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match &self {
            Problem::Unauthorized { shown } => {
                let challenge =
                    if *shown { "Bearer realm=\"siaga\", error=\"invalid_token\"" } else { "Bearer realm=\"siaga\"" };
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            Problem::Store(StoreError::Busy) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(BUSY_WAIT.as_secs()));
            }
            Problem::Store(error) if error.is_fatal() => {
                response.extensions_mut().insert(Fatal(error.clone()));
            }
            Problem::Store(error @ (StoreError::Database(_) | StoreError::OutOfStep { .. })) => {
                tracing::error!(error = %error, "the store failed");
            }
            _ => {}
        }
        response
    }
}
