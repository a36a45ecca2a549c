//! What the business's own systems talk to: plain HTTP with a key, JSON, problems for programs.
//!
//! Nothing here knows sessions, cookies or languages, and no other website's script may call it:
//! no CORS header is ever sent.

pub mod client;
mod json;
mod key;
pub mod keyring;
pub mod paths;
pub mod problem;
mod requests;
pub mod scope;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use json::Json;
pub use requests::REQUEST_ID;

use crate::service::Service;
use keyring::Keyring;
use problem::{Kind, Problem};

/// Bytes that a body may have where a route does not say otherwise.
const BODY_LIMIT: usize = 64 * 1024;

/// What every handler of the API has.
#[derive(Clone)]
pub struct Api {
    /// The installation.
    pub service: Arc<Service>,
    /// The keys of clients.
    pub keys: Arc<Keyring>,
}

impl Api {
    /// The API of an installation.
    #[must_use]
    pub fn new(service: Arc<Service>) -> Self {
        let keys = Keyring::new(service.store.clone(), Arc::clone(&service.clock));
        Self { service, keys: Arc::new(keys) }
    }
}

/// Every documented route; each names its own path.
fn resources() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(key::find_key))
}

/// The API with all its layers.
pub fn router(api: Api) -> Router {
    let (resources, _document) = resources().split_for_parts();
    let nothing = any(|| async { Problem::of(Kind::NotFound) });
    resources
        .route(paths::ROOT, nothing.clone())
        .route(&format!("{}/", paths::ROOT), nothing.clone())
        .route(paths::REST, nothing)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(api.clone(), requests::number))
        .with_state(api)
}
