//! Around every request: a limit on time and size, one line in the log, and the headers that keep browsers careful.

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::problem::{Fatal, Problem};
use crate::clock::Stopwatch;
use crate::intake::body::{BodyError, MAX_BODY_BYTES};

/// What every answer carries; pages add what they need to show themselves.
const HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Puts the headers on every answer that does not have its own.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Runs one request under its limits and says in the log how it ended: by the route's template, so that no id,
/// token or query is in it.
pub async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let response = if declares_too_much(&request) {
        Problem::from(BodyError::TOO_MANY_BYTES).into_response()
    } else {
        let answer = tokio::time::timeout(app.request_timeout, next.run(request)).await;
        answer.unwrap_or_else(|_| Problem::TooSlow.into_response())
    };
    if let Some(Fatal(error)) = response.extensions().get() {
        app.fatal.send_replace(Some(error.clone()));
    }
    let status = response.status().as_u16();
    app.metrics.request(&method, route, status);
    let duration_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(http.method = %method, http.route = route, http.status = status, duration_ms, "request answered");
    response
}

/// Whether a request says itself that its body is too large: then none of it is read.
fn declares_too_much(request: &Request) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > MAX_BODY_BYTES as u64)
}
