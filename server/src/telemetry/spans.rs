//! The spans: names and attributes by OpenTelemetry's conventions for HTTP.

use axum::http::{HeaderMap, Method, StatusCode};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::SPANS;

/// What to call an HTTP method: whatever a stranger sends is no name.
fn word(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH") => known,
        _ => "_OTHER",
    }
}

/// A request: `route` is the pattern, for a path may hold a token. `from` are the fields of a
/// client that may name the trace that it is part of (W3C Trace Context).
#[must_use]
pub fn request(method: &Method, route: &str, id: &str, from: Option<&HeaderMap>) -> Span {
    let span = tracing::info_span!(
        target: SPANS,
        "request",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = word(method),
        http.route = route,
        http.response.status_code = Empty,
        sayso.request_id = id,
    );
    if span.is_disabled() {
        return span;
    }
    span.record("otel.name", format!("{} {route}", word(method)));
    if let Some(fields) = from {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(fields));
        drop(span.set_parent(parent));
    }
    span
}

/// Notes a request's answer.
pub fn answered(span: &Span, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// A commit of the ledger for so many wishes.
#[must_use]
pub fn commit(wishes: usize) -> Span {
    tracing::info_span!(
        target: SPANS,
        "ledger commit",
        otel.status_code = Empty,
        sayso.wishes = i64::try_from(wishes).unwrap_or(i64::MAX),
        sayso.entries = Empty,
    )
}

/// Notes how many entries a commit added; none when it failed.
pub fn committed(span: &Span, entries: Option<usize>) {
    match entries {
        Some(count) => span.record("sayso.entries", i64::try_from(count).unwrap_or(i64::MAX)),
        None => span.record("otel.status_code", "ERROR"),
    };
}

/// What became of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted<'a> {
    /// The system answered with this status; the word says what that means.
    Answered(u16, &'a str),
    /// It did not answer; the word says why.
    Unreached(&'a str),
}

/// One try to tell a system by webhook.
#[must_use]
pub fn post(system: &str, url: &str, attempt: u16) -> Span {
    let span = tracing::info_span!(
        target: SPANS,
        "webhook",
        otel.name = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = "POST",
        http.response.status_code = Empty,
        server.address = Empty,
        error.r#type = Empty,
        sayso.system = system,
        sayso.attempt = i64::from(attempt),
        sayso.outcome = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    span.record("otel.name", format!("POST webhook {system}"));
    let url = url::Url::parse(url).ok();
    if let Some(host) = url.as_ref().and_then(url::Url::host_str) {
        span.record("server.address", host);
    }
    span
}

/// Notes what became of it.
pub fn posted(span: &Span, posted: Posted<'_>) {
    let failed = match posted {
        Posted::Answered(status, outcome) => {
            span.record("http.response.status_code", i64::from(status));
            span.record("sayso.outcome", outcome);
            !(200..300).contains(&status)
        }
        Posted::Unreached(why) => {
            span.record("sayso.outcome", "unreached");
            span.record("error.type", why);
            true
        }
    };
    if failed {
        span.record("otel.status_code", "ERROR");
    }
}
