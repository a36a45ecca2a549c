//! Headers that every answer carries.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::assets::SITE;
use crate::api::is_json;

/// The stylesheet stands in the page and is allowed by its hash; scripts only come from files.
/// Without `unsafe-inline` and `unsafe-eval` (ASVS 5.0 3.4.3); WebAssembly needs its own word.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(SITE.css));

/// The policy of pages with this stylesheet.
pub(super) fn policy(css: &str) -> HeaderValue {
    let style = STANDARD.encode(Sha256::digest(css));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'sha256-{style}'; \
         img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// What is no page loads nothing and is shown in nobody's frame, whatever a browser takes it for.
static DATA_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

fn all(policy: &HeaderValue) -> HeaderMap {
    let plain = [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "interest-cohort=(), browsing-topics=()"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let plain = plain.map(|(name, value)| (name, HeaderValue::from_static(value)));
    plain.into_iter().chain([(header::CONTENT_SECURITY_POLICY, policy.clone())]).collect()
}

static PAGE: LazyLock<HeaderMap> = LazyLock::new(|| all(&POLICY));
static DATA: LazyLock<HeaderMap> = LazyLock::new(|| all(&DATA_POLICY));

/// Adds the headers that an answer does not bring itself, as a file does that other sites embed
/// (ASVS 5.0 3.4.1, 3.4.4, 3.4.5, 3.4.8, 14.3.2).
pub(super) fn harden(fields: &mut HeaderMap) {
    let ready = if is_json(fields) { &DATA } else { &PAGE };
    for (name, value) in ready.iter() {
        fields.entry(name).or_insert_with(|| value.clone());
    }
}
