//! Answers for what went wrong, as pages in the reader's language with a number to quote.

use app::page::{Trouble, trouble};
use app::routes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::headers::harden;
use super::looking::{frame, html};
use super::router::Web;
use crate::api::REQUEST_ID;
use crate::ports::request_id;
use crate::telemetry;

/// Gives each request its number, logs it by its route, turns bare errors into pages, and adds
/// the headers that every answer carries.
pub(super) async fn explain(State(web): State<Web>, request: Request, next: Next) -> Response {
    let id = request_id(web.service.random.as_ref());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let speaking = Speaking::of(request.headers());
    // The pattern of the route: a path may hold a token, and what has no route may hold anything.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    // Whatever fails below is logged under the number that the visitor sees.
    let span = tracing::error_span!("request", %id);
    let traced = telemetry::request(&method, route, &id, None);
    let response = next.run(request).instrument(span).instrument(traced.clone()).await;
    let mut response = match fault(&method, &response) {
        None => response,
        Some(kind) => {
            let (mut frame, _) = frame(&web, &uri, &speaking.headers(), None);
            // Links to other languages lead to a page that is there, and repeat nothing.
            routes::CHOICES.clone_into(&mut frame.path);
            html(trouble(&frame, kind, &id), &method)
        }
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    harden(response.headers_mut());
    telemetry::answered(&traced, response.status());
    let status = response.status().as_u16();
    tracing::info!(request = %id, %method, %route, status, "answered");
    response
}

/// Those fields of a request that say which language its page speaks.
struct Speaking([(HeaderName, Option<HeaderValue>); 2]);

impl Speaking {
    fn of(headers: &HeaderMap) -> Self {
        let fields = [header::ACCEPT_LANGUAGE, header::COOKIE];
        Self(fields.map(|name| (name.clone(), headers.get(name).cloned())))
    }

    fn headers(self) -> HeaderMap {
        self.0.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Which page an answer needs, if it has none of its own.
fn fault(method: &Method, response: &Response) -> Option<Trouble> {
    let headers = response.headers();
    let status = response.status();
    let own = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"));
    if own || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    if headers.contains_key("x-own-answer") {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Trouble::NotFound,
        StatusCode::FORBIDDEN => Trouble::CrossSite,
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::TooLarge,
        status if status.is_client_error() => Trouble::Unreadable,
        _ if *method == Method::POST || status.is_server_error() => Trouble::Server,
        _ => Trouble::Server,
    })
}

/// A failure that was logged where it happened.
pub(super) fn unavailable() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
