//! What the business's own systems talk to: plain HTTP with a key, JSON, problems for programs.
//!
//! Nothing here knows sessions, cookies or languages, and no other website's script may call it:
//! no CORS header is ever sent.

mod changes;
mod changes_confirmed;
mod choices;
mod choices_bulk;
pub mod client;
mod cutter;
mod decisions;
mod decisions_bulk;
mod deliveries;
mod delivery_view;
mod docs;
mod health;
mod idempotency;
mod incidents;
mod json;
mod key;
pub mod keyring;
mod limits;
mod number;
mod openapi;
pub mod paths;
mod people;
pub mod person;
pub mod problem;
mod reconciliations;
mod requests;
pub mod scope;
mod snapshot;
pub mod time;
mod why;

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

pub use json::Json;
pub use openapi::Problems;
pub use requests::REQUEST_ID;

use crate::gate::LEASE;
use crate::service::Service;
use keyring::Keyring;
use limits::Limits;
use problem::{Kind, Problem};

/// Bytes that a body may have where a route does not say otherwise.
const BODY_LIMIT: usize = 64 * 1024;

/// How the API is run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seconds for which a lease is valid.
    pub lease_seconds: u16,
    /// Requests a second that one key may make; none for no limit.
    pub rate: Option<NonZeroU32>,
    /// Whether the figures need no key.
    pub metrics_open: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { lease_seconds: LEASE, rate: None, metrics_open: false }
    }
}

/// What every handler of the API has.
#[derive(Clone)]
pub struct Api {
    /// The installation.
    pub service: Arc<Service>,
    /// Where the portal stands, without a slash at its end.
    pub base_url: Arc<str>,
    /// The keys of clients.
    pub keys: Arc<Keyring>,
    limits: Arc<Limits>,
    snapshots: Arc<Semaphore>,
    options: Options,
}

impl Api {
    /// The API of an installation.
    #[must_use]
    pub fn new(service: Arc<Service>, base_url: &str, options: Options) -> Self {
        let keys = Keyring::new(service.store.clone(), Arc::clone(&service.clock));
        let limits = Limits::new(options.rate, Arc::clone(&service.clock));
        let (keys, limits) = (Arc::new(keys), Arc::new(limits));
        let snapshots = Arc::new(Semaphore::new(1));
        Self { service, base_url: base_url.into(), keys, limits, snapshots, options }
    }
}

/// Every documented route; each names its own path.
fn resources(base_url: &str) -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(openapi::base(base_url))
        .routes(routes!(decisions::decide))
        .routes(
            routes!(decisions_bulk::decide_many)
                .layer::<_, Infallible>(CompressionLayer::new())
                .layer::<_, Infallible>(RequestDecompressionLayer::new()),
        )
        .routes(routes!(why::tell))
        .routes(routes!(changes::follow))
        .routes(routes!(changes_confirmed::acknowledge_changes))
        .routes(routes!(choices::record_choice))
        .routes(
            routes!(choices_bulk::record_choices)
                .layer(DefaultBodyLimit::max(choices_bulk::BODY_LIMIT)),
        )
        .routes(routes!(people::put_person, people::delete_person))
        .routes(routes!(people::merge_person))
        .routes(
            // Read as it arrives, in bounded memory.
            routes!(reconciliations::check_list).layer(DefaultBodyLimit::disable()),
        )
        .routes(routes!(incidents::list_reconciliations))
        .routes(routes!(incidents::find_reconciliation))
        .routes(routes!(incidents::list_incidents))
        .routes(routes!(incidents::find_incident))
        .routes(routes!(key::find_key))
        .routes(routes!(health::show_health))
        .routes(routes!(health::show_readiness))
        .routes(routes!(health::show_metrics))
        .routes(routes!(snapshot::make_snapshot))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(deliveries::find_delivery))
        .routes(routes!(deliveries::acknowledge_delivery))
        .routes(routes!(deliveries::replay_delivery))
        .routes(routes!(deliveries::replay_deliveries))
}

/// The API with all its layers.
pub fn router(api: Api) -> Router {
    let (resources, mut document) = resources(&api.base_url).split_for_parts();
    openapi::finish(&mut document);
    let written = Bytes::from(serde_json::to_vec(&document).unwrap_or_default());
    let page = docs::page(&serde_json::from_slice(&written).unwrap_or_default());
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let nothing = any(|| async { Problem::of(Kind::NotFound) });
    resources
        .route(paths::OPENAPI, get(move || async move { (json, written) }))
        .route(paths::DOCS, get(move || async move { page }))
        .route(paths::PROBLEM, get(docs::problem))
        .route(paths::ROOT, nothing.clone())
        .route(&format!("{}/", paths::ROOT), nothing.clone())
        .route(paths::REST, nothing)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(api.clone(), requests::number))
        .with_state(api)
}
