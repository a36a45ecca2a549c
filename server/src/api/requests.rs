//! Around every request of the API: its number, its line in the log, its problem in full.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument;

use super::Api;
use super::problem::Problem;
use crate::ports::request_id;
use crate::telemetry;

/// The number of a request, in its answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives a request its number, logs it by its route, and writes problems out.
pub(super) async fn number(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = request_id(api.service.random.as_ref());
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let started = Instant::now();
    let span = tracing::info_span!("request", %id, client = tracing::field::Empty);
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    let traced = telemetry::request(&method, route, &id, Some(request.headers()));
    let response = next.run(request).instrument(span.clone()).instrument(traced.clone()).await;
    let mut response = explain(response, &id);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    telemetry::answered(&traced, response.status());
    let status = response.status().as_u16();
    api.service.metrics.answered(route, status, started.elapsed().as_secs_f64());
    span.in_scope(|| tracing::info!(request = %id, %method, %route, status, "answered"));
    response
}

/// Writes a problem out, and makes one of a bare error.
fn explain(mut response: Response, id: &str) -> Response {
    let status = response.status();
    let problem = response.extensions_mut().remove::<Problem>();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = problem.unwrap_or_else(|| Problem::of_status(status));
    if problem.kind().status().is_server_error() {
        // Whoever quotes the number has to find it, whatever else the log leaves out.
        let error = problem.cause().unwrap_or("no more is known");
        tracing::error!(request = %id, status = problem.kind().status().as_u16(), error, "failed");
    }
    *response.status_mut() = problem.kind().status();
    *response.body_mut() = Body::from(problem.write(id));
    let fields = response.headers_mut();
    fields.remove(header::CONTENT_LENGTH);
    fields.remove(header::CONTENT_ENCODING);
    let kind = HeaderValue::from_static("application/problem+json");
    fields.insert(header::CONTENT_TYPE, kind);
    response
}
