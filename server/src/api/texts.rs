//! `/api/v1/texts`: text messages that customers send back. Whoever posts here has no key of ours
//! but signs with their own, as Twilio does.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use super::openapi::Problems;
use super::problem::{Kind, Problem};
use super::{Api, paths};
use crate::inbound::text::{Text, read_form, receive, twiml};

const SIGNATURE: &str = "x-twilio-signature";
const FORM: &str = "application/x-www-form-urlencoded";

/// A text message as Twilio's form has it; its other fields are signed and not looked at.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form is read field by field, since all of it is signed")]
pub struct TextMessage {
    /// The message's id; the same one twice counts once.
    #[schema(rename = "MessageSid", example = "SM2f6b1c")]
    message_sid: String,
    /// Whose number it came from.
    #[schema(rename = "From", example = "+447700900118")]
    from: String,
    /// Which number it was sent to.
    #[schema(rename = "To", example = "+447700900000")]
    to: String,
    /// What it says.
    #[schema(rename = "Body", example = "STOP")]
    body: String,
}

/// Take a text message that a customer sent back.
///
/// For the webhook of a gateway that signs as Twilio does (`X-Twilio-Signature`). "Stop" and its
/// like in six languages opt the number out of texts; anything else becomes a request. The answer is
/// `TwiML`: one confirming sentence for an opt-out that changed something, else nothing.
#[utoipa::path(
    post,
    path = paths::TEXTS,
    tag = "choices",
    request_body(content = TextMessage, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It is on disk", body = String, content_type = "text/xml", example = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>"), Problems),
    security(()),
)]
pub(super) async fn take_text(
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
