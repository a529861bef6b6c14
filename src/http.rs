//! The HTTP edge: one table of routes, who may call each, and what every answer carries.

pub mod access;
mod alerts;
mod deliveries;
mod guard;
mod health;
mod link;
mod metrics;
mod paging;
mod preview;
pub mod problem;
pub mod quarantine;
mod records;
pub mod role;
mod rules;
pub mod serve;
mod silence;
mod thresholds;
pub mod view;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post, put};
use tokio::sync::{Semaphore, watch};

use crate::clock::Clock;
use crate::intake::body::MAX_BODY_BYTES;
use crate::intake::folder::Board;
use crate::outbox::Waker;
use crate::pack::Pack;
use crate::pipeline::Pipeline;
use crate::pipeline::packs::Packs;
use crate::store::{Store, StoreError};
use metrics::Metrics;
use paging::MAX_SMALL_BODY_BYTES;
use problem::Problem;
use role::Role::{self, Auditor, Author, Coordinator, Officer, Source};

/// What the routes work with. Clones share it.
#[derive(Clone)]
pub struct App {
    store: Store,
    packs: Packs,
    pipeline: Pipeline,
    outbox: Waker,
    clock: Clock,
    folders: Board,
    metrics: Metrics,
    request_timeout: Duration,
    /// Room for bodies of records.
    room: Arc<Semaphore>,
    /// Room for previews of thresholds.
    previews: Arc<Semaphore>,
    /// Set once the store can write nothing more, for whoever ends the process.
    fatal: watch::Sender<Option<StoreError>>,
}

/// What the daemon hands to the routes.
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The pack in force.
    pub packs: Packs,
    /// Woken after each append.
    pub pipeline: Pipeline,
    /// Woken when a delivery is put back.
    pub outbox: Waker,
    /// Where entries get their time from.
    pub clock: Clock,
    /// How the folders under watch stand.
    pub folders: Board,
}

impl App {
    /// Routes over a store and the pack in force.
    pub fn new(parts: Parts, request_timeout: Duration) -> Self {
        let Parts { store, packs, pipeline, outbox, clock, folders } = parts;
        let (metrics, fatal) = (Metrics::default(), watch::Sender::new(None));
        App {
            store,
            packs,
            pipeline,
            outbox,
            clock,
            folders,
            metrics,
            request_timeout,
            room: Arc::new(Semaphore::new(records::ROOM)),
            previews: Arc::new(Semaphore::new(preview::ROOM)),
            fatal,
        }
    }

    /// Becomes some once the store can write nothing more, and the process must end.
    pub fn fatal(&self) -> watch::Receiver<Option<StoreError>> {
        self.fatal.subscribe()
    }

    /// The pack in force.
    fn pack(&self) -> Arc<Pack> {
        self.packs.pack()
    }

    /// Reads from the store on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        let read = tokio::task::spawn_blocking(move || work(&store)).await;
        Ok(read.map_err(|_| Problem::Internal("the store could not be read"))??)
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug)]
pub enum Access {
    /// Everybody: it shows nothing of anyone.
    Open,
    /// Whoever has the link from a mail.
    Link,
    /// Tokens with one of these roles.
    Roles(&'static [Role]),
}

/// One route.
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path's template.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    handler: fn() -> MethodRouter<App>,
}

const SENDERS: Access = Access::Roles(&[Source, Officer, Coordinator]);
const READERS: Access = Access::Roles(&[Officer, Coordinator, Auditor]);
const ANSWERERS: Access = Access::Roles(&[Officer, Coordinator]);
const TUNED: Access = Access::Roles(&[Officer, Author, Coordinator, Auditor]);
const AUTHORS: Access = Access::Roles(&[Author, Coordinator, Auditor]);
const TUNERS: Access = Access::Roles(&[Author, Coordinator]);
const KEEPERS: Access = Access::Roles(&[Coordinator]);

macro_rules! route {
    ($method:literal, $path:expr, $access:expr, $handler:expr) => {
        Route { method: $method, path: $path, access: $access, handler: || $handler }
    };
}

/// The route whose bodies may be large.
const RECORDS: &str = "/v1/records";

/// Every route there is; the router, the tests of access and the check of `/openapi.json` are made from it.
pub const ROUTES: &[Route] = &[
    route!("POST", RECORDS, SENDERS, post(records::post)),
    route!("GET", "/v1/alerts", READERS, get(alerts::list)),
    route!("GET", "/v1/alerts/{id}", READERS, get(alerts::one)),
    route!("POST", "/v1/alerts/{id}/acknowledge", ANSWERERS, post(alerts::acknowledge)),
    route!("POST", "/v1/alerts/{id}/review", ANSWERERS, post(alerts::review)),
    route!("POST", "/v1/alerts/{id}/close", ANSWERERS, post(alerts::close)),
    route!("POST", "/v1/alerts/{id}/comment", ANSWERERS, post(alerts::comment)),
    route!("GET", "/v1/thresholds", TUNED, get(thresholds::list)),
    route!("GET", "/v1/thresholds/{name}", TUNED, get(thresholds::show)),
    route!("PUT", "/v1/thresholds/{name}", KEEPERS, put(thresholds::set)),
    route!("GET", "/v1/rules", AUTHORS, get(rules::list)),
    route!("POST", "/v1/thresholds/{name}/preview", TUNERS, post(preview::show)),
    route!("GET", "/v1/quarantine", KEEPERS, get(quarantine::list)),
    route!("GET", "/v1/quarantine/{id}", KEEPERS, get(quarantine::one)),
    route!("POST", "/v1/quarantine/{id}/fix", KEEPERS, post(quarantine::fix)),
    route!("POST", "/v1/quarantine/{id}/retry", KEEPERS, post(quarantine::retry)),
    route!("POST", "/v1/quarantine/{id}/drop", KEEPERS, post(quarantine::set_aside)),
    route!("GET", "/v1/deliveries", KEEPERS, get(deliveries::list)),
    route!("POST", "/v1/deliveries/{id}/revive", KEEPERS, post(deliveries::revive)),
    route!("GET", "/a/{token}", Access::Link, get(link::show)),
    route!("POST", "/a/{token}", Access::Link, post(link::acknowledge)),
    route!("GET", "/", Access::Open, get(health::root)),
    route!("GET", "/healthz", Access::Open, get(health::alive)),
    route!("GET", "/readyz", Access::Open, get(health::ready)),
    route!("GET", "/metrics", Access::Open, get(metrics::show)),
    route!("GET", "/openapi.json", Access::Open, get(health::openapi)),
];

/// The router over every route.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let mut handler = (route.handler)();
        if let Access::Roles(roles) = route.access {
            handler = handler.route_layer(from_fn_with_state((app.clone(), roles), access::require));
        }
        // the innermost limit holds
        let most = if route.path == RECORDS { MAX_BODY_BYTES } else { MAX_SMALL_BODY_BYTES };
        handler = handler.layer(DefaultBodyLimit::max(most));
        router = router.route(route.path, handler.route_layer(from_fn_with_state(app.clone(), guard::watch)));
    }
    router
        .fallback(|| async { Problem::NoRoute })
        .method_not_allowed_fallback(|| async { Problem::Method })
        .layer(from_fn(guard::headers))
        .with_state(app.clone())
}

#[cfg(test)]
mod tests;
