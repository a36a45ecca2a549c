//! For whoever runs the program: is it up, can it serve, how is it doing.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::deadline::Urgency;
use domain::request::Nature;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::client::With;
use super::json::Json;
use super::openapi::Problems;
use super::paths;
use super::problem::{Kind, Problem};
use super::scope;
use crate::metrics::Metrics;
use crate::store::OpenRequests;

/// The process is up. Asks nothing of anything else, so that a database that is away does not
/// make somebody restart the program.
#[utoipa::path(
    get,
    path = paths::HEALTH,
    tag = "operation",
    responses((status = 200, description = "It is up", body = String, content_type = "text/plain", example = "up\n"), Problems),
    security(()),
)]
pub(super) async fn show_health() -> &'static str {
    "up\n"
}

/// What readiness was found by.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Number of the notice in force.
    #[schema(example = 3, minimum = 1)]
    pub notice: i64,
    /// The ledger's newest position.
    #[schema(example = 81_204, minimum = 0)]
    pub position: i64,
}

/// The node can serve: the schema is up to date (otherwise it would not have started), a notice
/// is in force, the database answers.
#[utoipa::path(
    get,
    path = paths::READY,
    tag = "operation",
    responses((status = 200, description = "It can serve", body = Readiness), Problems),
    security(()),
)]
pub(super) async fn show_readiness(State(api): State<Api>) -> Result<Json<Readiness>, Problem> {
    let notice = api.service.notices.current().number.0;
    let (position, _) = api.service.store.find_head().await?;
    Ok(Json(Readiness { notice, position: position.0 }))
}

/// What OpenMetrics calls itself.
const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Whoever may read the figures.
pub(super) struct Reader;

impl FromRequestParts<Api> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        if !api.options.metrics_open {
            With::<scope::Metrics>::from_request_parts(parts, api).await?;
        }
        Ok(Self)
    }
}

/// Figures for Prometheus: decisions, choices by source, deliveries by system and state, how far
/// the index is behind, what waits. Started with `--metrics-open`, it asks for no key. While the
/// database is away, what is counted there stays as it was.
#[utoipa::path(
    get,
    path = paths::METRICS,
    tag = "operation",
    responses((status = 200, description = "The figures", body = String, content_type = "application/openmetrics-text"), Problems),
    security(("key" = ["metrics"])),
)]
pub(super) async fn show_metrics(_: Reader, State(api): State<Api>) -> Result<Response, Problem> {
    let metrics = &api.service.metrics;
    metrics.set_index_lag(api.service.index.lag());
    metrics.set_index_whole(api.service.index.everyone().is_some());
    metrics.set_ledger_queue(api.service.ledger.waiting());
    match api.service.store.count_open_requests(api.service.clock.now().0).await {
        Ok(open) => set_open_requests(metrics, &open),
        // Somebody who looks why the database is away needs the rest of the figures.
        Err(error) => tracing::warn!(%error, "open requests can't be counted"),
    }
    let text = metrics.write().map_err(|_| Problem::of(Kind::Failure))?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response())
}

fn set_open_requests(metrics: &Metrics, open: &[OpenRequests]) {
    for nature in Nature::ALL {
        let of = open.iter().find(|row| row.nature == *nature);
        let counts = of.map_or([0; 4], |row| {
            [row.all - row.amber - row.red - row.overdue, row.amber, row.red, row.overdue]
        });
        for (urgency, count) in Urgency::ALL.into_iter().zip(counts) {
            metrics.set_open_requests(nature.as_str(), urgency.as_str(), count);
        }
    }
}
