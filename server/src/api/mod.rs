//! What the business's own systems talk to: plain HTTP with a key, JSON, problems for programs.
//!
//! Nothing here knows sessions, cookies or languages, and no other website's script may call it:
//! no CORS header is ever sent.

mod changes;
mod changes_confirmed;
pub(crate) mod choices;
mod choices_bulk;
pub mod client;
mod cutter;
mod decisions;
mod decisions_bulk;
mod deliveries;
mod delivery_view;
mod docs;
mod gpp;
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
mod signals;
mod snapshot;
mod texts;
pub mod time;
mod unsubscribe_headers;
mod why;

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::routing::{any, get};
use tokio::sync::Semaphore;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

pub use json::{Json, is_json};
pub use openapi::Problems;
pub use requests::REQUEST_ID;

use crate::gate::LEASE;
use crate::inbound::Doors;
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

/// What every handler of the API has; cheap to clone, for each request takes several.
#[derive(Clone)]
pub struct Api(Arc<Office>);

/// What answers for one installation.
pub struct Office {
    /// The installation.
    pub service: Arc<Service>,
    /// Where the portal stands, without a slash at its end.
    pub base_url: Arc<str>,
    /// The keys of clients.
    pub keys: Keyring,
    /// Where mails and texts come in.
    pub doors: Arc<Doors>,
    limits: Limits,
    snapshots: Arc<Semaphore>,
    options: Options,
}

impl Deref for Api {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.0
    }
}

impl Api {
    /// The API of an installation, with its doors for mails and texts.
    #[must_use]
    pub fn new(service: Arc<Service>, base_url: &str, options: Options, doors: Arc<Doors>) -> Self {
        let keys = Keyring::new(service.store.clone(), Arc::clone(&service.clock));
        let limits = Limits::new(options.rate, Arc::clone(&service.clock));
        let snapshots = Arc::new(Semaphore::new(1));
        let base_url = base_url.into();
        Self(Arc::new(Office { service, base_url, keys, doors, limits, snapshots, options }))
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
        .routes(routes!(gpp::tell_gpp))
        .routes(routes!(changes::follow))
        .routes(routes!(changes_confirmed::acknowledge_changes))
        .routes(routes!(choices::record_choice))
        .routes(
            routes!(choices_bulk::record_choices)
                .layer(DefaultBodyLimit::max(choices_bulk::BODY_LIMIT)),
        )
        .routes(routes!(signals::record_signal))
        .routes(routes!(people::put_person, people::delete_person))
        .routes(routes!(people::merge_person))
        .routes(routes!(unsubscribe_headers::find_headers))
        .routes(routes!(texts::take_text))
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

/// The API with all its layers. `harden` adds the fields that every answer of the portal carries.
pub fn router(api: Api, harden: fn(&mut HeaderMap)) -> Router {
    let (resources, mut document) = resources(&api.base_url).split_for_parts();
    openapi::finish(&mut document);
    let written = Bytes::from(serde_json::to_vec(&document).unwrap_or_default());
    let page = docs::page(&serde_json::from_slice(&written).unwrap_or_default());
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    // One after the other on the router, each would be boxed and cloned on its own.
    let layers = ServiceBuilder::new()
        .layer(requests::Around { api: api.clone(), harden })
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    let nothing = any(|| async { Problem::of(Kind::NotFound) });
    resources
        .route(paths::OPENAPI, get(move || async move { (json, written) }))
        .route(paths::DOCS, get(move || async move { page }))
        .route(paths::PROBLEM, get(docs::problem))
        .route(paths::ROOT, nothing.clone())
        .route(&format!("{}/", paths::ROOT), nothing.clone())
        .route(paths::REST, nothing)
        .layer(layers)
        .with_state(api)
}
