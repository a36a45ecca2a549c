//! The site's files, embedded, compressed ahead of time, named by content.

use app::page::Site;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// One embedded file.
pub(super) struct File {
    name: &'static str,
    mime: &'static str,
    immutable: bool,
    body: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

/// What pages refer to.
pub(super) const SITE: Site = Site { css: CSS, boot: BOOT };

/// A file by its name.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(&name, &headers)
}

/// A file of the site's root, such as `favicon.svg`.
pub(super) fn serve(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepts = |coding: &str| {
        let fields = headers.get_all(header::ACCEPT_ENCODING).iter();
        fields.filter_map(|field| field.to_str().ok()).any(|field| {
            field.split(',').any(|part| {
                let (name, weight) = part.split_once(';').unwrap_or((part, ""));
                name.trim() == coding && weight.replace(' ', "") != "q=0"
            })
        })
    };
    let (coding, body) = match (file.br, file.gz) {
        (Some(br), _) if accepts("br") => (Some("br"), br),
        (_, Some(gz)) if accepts("gzip") => (Some("gzip"), gz),
        _ => (None, file.body),
    };
    let mut response = body.into_response();
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.mime));
    let kept = if file.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=86400"
    };
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}
