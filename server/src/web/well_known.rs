//! Files at fixed places.

use app::portal::Portal;
use app::routes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::moment::DAY;
use jiff::Timestamp;

use super::assets;
use super::router::Web;

/// Where to report a weakness (RFC 9116). It names the privacy contact and expires in half a
/// year, always in the future.
pub(super) async fn security(State(web): State<Web>) -> Response {
    let notice = web.service.notice();
    let expires = Timestamp::from_millisecond(web.service.now().plus(180 * DAY).0)
        .unwrap_or(Timestamp::MAX)
        .strftime("%Y-%m-%dT00:00:00Z");
    let text = format!(
        "Contact: mailto:{}\nExpires: {expires}\nCanonical: {}{}\n",
        notice.catalogue.controller.privacy_email,
        web.base_url,
        routes::SECURITY,
    );
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Whatever has no route: a file of the site's root, or nothing.
pub(super) async fn fallback(uri: Uri, headers: HeaderMap) -> Response {
    match uri.path() {
        path @ ("/favicon.svg" | "/favicon.ico" | "/robots.txt") => {
            assets::serve(&path[1..], &headers)
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
