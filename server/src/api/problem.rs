//! What went wrong, for programs (RFC 9457).
//!
//! A handler answers with a [`Problem`]; the layer around the API writes it out with the number
//! of the request, and makes one of every bare error that axum answers by itself.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::paths;
use crate::store::StoreError;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $status:ident, $title:literal, $about:literal;)*) => {
        /// The kinds of problem. A slug never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $(#[doc = $about] $name),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The last part of its URL.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug),* }
            }

            /// The status it is answered with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// A few words that are the same each time.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// What it means and what to do about it.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$name => $about),* }
            }
        }
    };
}

kinds! {
    Malformed = "malformed-request", BAD_REQUEST, "The request can't be read",
        "The body, the query or a header is not of the form that the document describes. The same request will fail again.";
    Unauthorized = "unauthorized", UNAUTHORIZED, "A valid key is needed",
        "No key was sent, or it is unknown or revoked. Send `Authorization: Bearer sayso_…` with a key made by `sayso key create`.";
    MissingScope = "missing-scope", FORBIDDEN, "The key may not do this",
        "The key is good, but was not made for this. Make one with the scope that the detail names.";
    TargetNotAllowed = "target-not-allowed", FORBIDDEN, "The key may not touch this target",
        "The key was made for some targets only, and this is none of them.";
    WrongSignature = "wrong-signature", FORBIDDEN, "The signature is not right",
        "The request must be signed with the token that the portal was given, over exactly this address and form.";
    NotFound = "not-found", NOT_FOUND, "There is nothing here",
        "The address leads nowhere, or to something that this key may not see.";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "Not by this method",
        "The address is right, the method is not. The Allow header names those that are.";
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "Not in any of these forms",
        "The Accept header names no form that the answer can have.";
    Conflict = "conflict", CONFLICT, "It does not fit what is there",
        "The request is well-formed, but contradicts the present state; the detail says how.";
    NeedsEvidence = "needs-evidence", CONFLICT, "The person said no",
        "The person said no at some time, so a yes counts only with the evidence of two steps: when they asked, when they confirmed, and under which name the proof is kept.";
    InFlight = "request-in-flight", CONFLICT, "The same request is on its way",
        "A request with this Idempotency-Key was sent before and has no answer yet. Ask again in a second.";
    UnknownPerson = "unknown-person", NOT_FOUND, "Nobody is known by that",
        "No customer has this address or number. Put the customer first; only an opt-out is remembered for somebody unknown.";
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The request is too large",
        "The body has more bytes than this address takes. Send it in parts.";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "Not in this form",
        "The Content-Type or Content-Encoding of the body is not one that this address takes.";
    Invalid = "invalid-value", UNPROCESSABLE_ENTITY, "A value is not right",
        "The request is well-formed, but a value in it is not one that can be taken; the detail names the field.";
    KeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The name was used for another request",
        "A different request was sent with this Idempotency-Key within a day. Give each request a name of its own.";
    TooMany = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests",
        "The key was used more often than it may be. Wait for the seconds in Retry-After. Requests that protect a person are never refused this way.";
    Failure = "failure", INTERNAL_SERVER_ERROR, "The server failed",
        "Something went wrong that should not. It was logged under the request's number.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not possible just now",
        "The database or something else that is needed does not answer. Nothing was changed. For a decision, take it as a no. Ask again later.";
}

impl Kind {
    /// Where it is explained.
    #[must_use]
    pub fn url(self) -> String {
        paths::PROBLEM.replace("{slug}", self.slug())
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    retry_after: Option<u32>,
    /// What the log says of it and nobody else is told.
    cause: Option<Box<str>>,
}

/// A problem as it is written out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Document<'a> {
    /// The kind, as an address where it is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// A few words that are the same for each problem of the kind.
    pub title: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// What was wrong this time.
    pub detail: &'a str,
    /// The number of the request, as in the log.
    pub instance: String,
}

impl Problem {
    /// A problem with what was wrong this time. Never put personal data or secrets in.
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None, cause: None }
    }

    /// The problem of its kind, with nothing more to say.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self { kind, detail: Cow::Borrowed(kind.about()), retry_after: None, cause: None }
    }

    /// The same, to be tried again after so many seconds.
    #[must_use]
    pub const fn after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// What was wrong this time.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What the log says of it and nobody else is told.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// A handler panicked. What the panic said may hold what somebody typed: Rust writes it to
    /// standard error, and it is not in the log.
    #[must_use]
    pub fn panicked() -> Self {
        let cause = Some("a panic, whose words are on standard error".into());
        Self { cause, ..Self::of(Kind::Failure) }
    }

    /// The JSON of a problem, with the number of the request.
    #[must_use]
    pub fn write(&self, request_id: &str) -> Vec<u8> {
        let document = Document {
            kind: self.kind.url(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            instance: format!("urn:request:{request_id}"),
        };
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// The problem of a bare status.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let known = Kind::ALL.iter().copied().find(|kind| kind.status() == status);
        let other = if status.is_client_error() { Kind::Malformed } else { Kind::Failure };
        Self::of(known.unwrap_or(other))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        let fields = response.headers_mut();
        if self.kind == Kind::Unauthorized {
            let scheme = HeaderValue::from_static("Bearer realm=\"sayso\"");
            fields.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(seconds) = self.retry_after {
            fields.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self { cause: Some(error.to_string().into()), ..Self::of(Kind::Unavailable) }
    }
}
