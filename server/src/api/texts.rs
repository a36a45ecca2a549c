//! `/api/v1/texts`: text messages that customers send back. Whoever posts here has no key of ours
//! but signs with their own, as Twilio does.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::problem::{Kind, Problem};
use super::{Api, paths};
use crate::inbound::text::{Text, read_form, receive, twiml};

const SIGNATURE: &str = "x-twilio-signature";
const FORM: &str = "application/x-www-form-urlencoded";

/// Takes a text message.
pub(super) async fn take(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Some(door) = &api.doors.texts else { return Err(Problem::of(Kind::NotFound)) };
    let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = field(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM) {
        let detail = "The body must be application/x-www-form-urlencoded.";
        return Err(Problem::new(Kind::UnsupportedMediaType, detail));
    }
    let malformed = || Problem::new(Kind::Malformed, "The body is no form of a text message.");
    let form = read_form(&body).ok_or_else(malformed)?;
    let url = format!("{}{}", api.base_url, paths::TEXTS);
    let signature = field(SIGNATURE).unwrap_or_default();
    if !door.admits(&url, &form, signature) {
        return Err(Problem::of(Kind::WrongSignature));
    }
    let text = Text::of(&form).ok_or_else(malformed)?;
    let taken = receive(&api.service, &api.doors, &text).await;
    let taken = taken.map_err(|_| Problem::of(Kind::Unavailable))?;
    let xml = HeaderValue::from_static("text/xml; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, xml)], twiml(taken.answer.as_deref())).into_response())
}
