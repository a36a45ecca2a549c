//! Headers that every answer carries.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::assets::SITE;

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

static PLAIN: LazyLock<[(HeaderName, HeaderValue); 6]> = LazyLock::new(|| {
    [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "interest-cohort=(), browsing-topics=()"),
    ]
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
});

/// Adds the headers (ASVS 5.0 3.4.1, 3.4.4, 3.4.5, 3.4.8, 14.3.2).
pub(super) fn harden(fields: &mut HeaderMap) {
    fields.reserve(PLAIN.len() + 2);
    fields.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| POLICY.clone());
    for (name, value) in &*PLAIN {
        // A file that other sites embed says so itself.
        fields.entry(name).or_insert_with(|| value.clone());
    }
    fields.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
