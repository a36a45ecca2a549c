//! What is wrong with a request of an agent (Data Rights Protocol 1.0 §3.06).

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::store::StoreError;

/// What is wrong with a request of an agent. Never carries what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("Send the token from POST /v1/agent/{{agent-id}} as a Bearer token.")]
    NoToken,
    #[error("The token is not known, or its agent is no longer in the directory.")]
    UnknownToken,
    #[error("The body is not a signed message in Base64.")]
    NotBase64,
    #[error("The signature is not by the agent’s key.")]
    Signature,
    #[error("The message is not the JSON that this request takes.")]
    Unreadable,
    #[error("The message is valid for more than an hour: sign one that is valid for minutes.")]
    LastsTooLong,
    #[error("The agent-id is not that of the token.")]
    OtherAgent,
    #[error("The business-id is not that of this business.")]
    OtherBusiness,
    #[error("The message is from the future: issued-at is later than now.")]
    NotYet,
    #[error("The message has expired.")]
    Expired,
    #[error("This version of the protocol is not spoken here; 1.0 is.")]
    Version,
    #[error("Unsupported rights action submitted.")]
    Exercise,
    #[error("Unsupported regime submitted; ccpa is supported, or none.")]
    Regime,
    #[error("A field is too long.")]
    TooLong,
    #[error("The request is not one of this agent’s.")]
    NotTheirs,
    #[error("The request is closed and can’t be revoked.")]
    Closed,
    #[error("There is nothing at this address.")]
    NotFound,
    #[error("Not possible just now; try again.")]
    Unavailable,
}

/// An error as the protocol writes it.
#[derive(Serialize)]
struct Written {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    fatal: bool,
}

impl Fault {
    const fn status(self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::UnknownToken
            | Self::Signature
            | Self::OtherAgent
            | Self::OtherBusiness
            | Self::NotTheirs => StatusCode::FORBIDDEN,
            Self::NotBase64
            | Self::Unreadable
            | Self::LastsTooLong
            | Self::NotYet
            | Self::Expired
            | Self::Version
            | Self::Exercise
            | Self::Regime
            | Self::TooLong => StatusCode::BAD_REQUEST,
            Self::Closed => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.status();
        let fatal = self == Self::Expired;
        let code = status.as_u16().to_string();
        let mut response = json(&Written { code, message: self.to_string(), fatal });
        *response.status_mut() = status;
        if matches!(self, Self::NoToken) {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::Unavailable
    }
}

/// A JSON answer.
pub(super) fn json(value: &impl Serialize) -> Response {
    let kind: [(HeaderName, HeaderValue); 1] =
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (kind, serde_json::to_vec(value).unwrap_or_default()).into_response()
}
