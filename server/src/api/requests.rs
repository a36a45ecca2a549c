//! Around every request of the API: its number, its line in the log, its problem in full.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::Instrument;

use super::Api;
use super::problem::Problem;
use crate::ports::request_id;
use crate::telemetry;

/// The number of a request, in its answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The layer around every request of the API.
#[derive(Clone)]
pub(super) struct Around {
    /// The installation.
    pub api: Api,
    /// Adds the fields that every answer of the portal carries.
    pub harden: fn(&mut HeaderMap),
}

/// Gives a request its number, logs it by its route, and writes problems out; a panic is one.
///
/// One service and not a layer for each of these: every decision passes here, and each layer that
/// is written as a function would box its request's future and a clone of all that lies below.
#[derive(Clone)]
pub(super) struct Numbered<S> {
    inner: S,
    around: Around,
}

impl<S> Layer<S> for Around {
    type Service = Numbered<S>;

    fn layer(&self, inner: S) -> Numbered<S> {
        Numbered { inner, around: self.clone() }
    }
}

impl<S> Service<Request> for Numbered<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Around { api, harden } = self.around.clone();
        let id = request_id(api.service.random.as_ref());
        let method = request.method().clone();
        let matched = request.extensions().get::<MatchedPath>().cloned();
        let started = Instant::now();
        let span = tracing::info_span!("request", %id, client = tracing::field::Empty);
        let route = matched.as_ref().map_or("none", MatchedPath::as_str);
        let traced = telemetry::request(&method, route, &id, Some(request.headers()));
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = whole(answer, &id).instrument(span.clone()).instrument(traced.clone());
            let mut response = answer.await;
            if let Ok(id) = HeaderValue::from_str(&id) {
                response.headers_mut().insert(REQUEST_ID, id);
            }
            harden(response.headers_mut());
            let (status, seconds) = (response.status(), started.elapsed().as_secs_f64());
            let route = matched.as_ref().map_or("none", MatchedPath::as_str);
            telemetry::answered(&traced, status);
            let status = status.as_u16();
            api.service.metrics.answered(route, status, seconds);
            span.in_scope(|| tracing::info!(request = %id, %method, %route, status, "answered"));
            Ok(response)
        })
    }
}

/// The answer with its problem written out; a panic is one.
async fn whole(answer: impl Future<Output = Result<Response, Infallible>>, id: &str) -> Response {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(Ok(response)) => explain(response, id),
        Err(_) => explain(Problem::panicked().into_response(), id),
    }
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

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::StatusCode;

    use super::*;

    async fn read(response: Response) -> (StatusCode, serde_json::Value) {
        let status = response.status();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_with_the_request_s_number_and_without_its_words() {
        let breaks = async { panic!("canary@example.com") };
        let (status, problem) = read(whole(breaks, "Q7").await).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(problem["instance"].as_str().unwrap().contains("Q7"), "{problem}");
        assert!(!problem.to_string().contains("canary"));
    }

    #[tokio::test]
    async fn a_bare_error_is_a_problem_too_and_what_is_well_stays_as_it_is() {
        let bare = async { Ok(StatusCode::METHOD_NOT_ALLOWED.into_response()) };
        assert_eq!(read(whole(bare, "Q7").await).await.0, StatusCode::METHOD_NOT_ALLOWED);
        let well = whole(async { Ok("well".into_response()) }, "Q7").await;
        assert_eq!(to_bytes(well.into_body(), 10).await.unwrap(), "well");
    }
}
