//! What a business puts on its own site: a script that tells of the browser's signal and shows
//! the link to the privacy choices, and the address that it tells.

use app::portal::Portal;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Language;
use domain::signal::Policy;
use jiff::Timestamp;

use super::one_click::plain;
use super::router::Web;
use crate::gate::read_browser;

/// The script. It stands in one file, so that whoever puts it on a site can read all of it.
const SCRIPT: &str = include_str!("snippet.js");

/// The script, for every site to embed.
pub(super) async fn script() -> Response {
    let fields = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (fields, SCRIPT.trim_end()).into_response()
}

/// The origin of a request, if it is one of the business's own.
fn own_origin(web: &Web, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let own =
        web.settings.signals.origins.iter().any(|known| known == text) || text == &*web.base_url;
    own.then(|| origin.clone())
}

/// Lets a page of that origin read the answer. Credentials are never allowed: none are needed.
fn shared(mut response: Response, origin: Option<HeaderValue>) -> Response {
    let fields = response.headers_mut();
    fields.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let policy = HeaderName::from_static("cross-origin-resource-policy");
        fields.insert(policy, HeaderValue::from_static("cross-origin"));
    }
    response
}

/// Answers a browser that asks first, for sites that send another content type.
pub(super) async fn may_tell(State(web): State<Web>, headers: HeaderMap) -> Response {
    let Some(origin) = own_origin(&web, &headers) else {
        return shared(plain(StatusCode::FORBIDDEN, "Not from this site.\n"), None);
    };
    let mut response = shared(StatusCode::NO_CONTENT.into_response(), Some(origin));
    let fields = response.headers_mut();
    fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    fields.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// A page of the business tells that the browser asks not to sell or share, with the id of its
/// profile as the body. It tells only when the signal is there, so the header may be missing
/// (`navigator.globalPrivacyControl` is the fallback).
pub(super) async fn told(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(origin) = own_origin(&web, &headers) else {
        return shared(plain(StatusCode::FORBIDDEN, "Not from this site.\n"), None);
    };
    let answer = if web.settings.signals.policy == Policy::Nobody {
        plain(StatusCode::NOT_FOUND, "The signal is not taken here.\n")
    } else {
        take(&web, &headers, &body).await
    };
    shared(answer, Some(origin))
}

async fn take(web: &Web, headers: &HeaderMap, body: &[u8]) -> Response {
    let id = std::str::from_utf8(body).ok().and_then(|text| read_browser(text.trim()).ok());
    let Some(id) = id else {
        return plain(StatusCode::BAD_REQUEST, "Send the id of the browser's profile.\n");
    };
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|field| field.to_str().ok());
    let notice = web.service.notice();
    let language = accepted
        .and_then(|field| Language::for_header(field, &notice.catalogue.languages))
        .or_else(|| notice.catalogue.languages.first().copied())
        .unwrap_or(Language::English);
    match web.service.hear_browser(&id, language).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "Please try again.\n"),
    }
}

/// Whether the site abides by the signal (GPC, "GPC Support Resource").
pub(super) async fn support(State(web): State<Web>) -> Response {
    let since = Timestamp::from_millisecond(web.service.notice().published_at.0);
    let since = since.unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%d");
    let abides = web.settings.signals.policy != Policy::Nobody;
    let json = format!("{{\"gpc\":{abides},\"lastUpdate\":\"{since}\"}}");
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}
