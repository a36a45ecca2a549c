//! One-click unsubscribe (RFC 8058): a mail client posts, the token in the address is the
//! authority, no cookie, no redirect, no page.

use app::portal::{By, Portal, Who};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::change::Assurance;
use domain::{Channel, Key, Language, Source, Target, Wish};

use super::router::Web;
use super::signal;

/// Says that an answer is meant as it is, so that no page is made of it.
const OWN: HeaderName = HeaderName::from_static("x-own-answer");

pub(super) fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(OWN, HeaderValue::from_static("1"));
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Whether a body asks for one-click. Both encodings carry the words literally (RFC 8058 §3.1);
/// an empty body is what an older mail client sends.
fn asks(body: &[u8]) -> bool {
    let wanted = b"one-click";
    body.is_empty() || body.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
}

/// Opts the link's person out of one message. Five posts at once make one entry.
pub(super) async fn one_click(
    State(web): State<Web>,
    Path((token, topic, channel)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let topic = topic.to_ascii_lowercase().parse::<Key>();
    let channel = channel.to_ascii_lowercase().parse::<Channel>();
    let (Ok(topic), Ok(channel)) = (topic, channel) else {
        return plain(StatusCode::NOT_FOUND, "This link is not complete.\n");
    };
    if !asks(&body) {
        return plain(StatusCode::BAD_REQUEST, "Send List-Unsubscribe=One-Click (RFC 8058).\n");
    }
    let person = match web.service.open_link(&token).await {
        Ok(Some(person)) => person,
        Ok(None) => return plain(StatusCode::NOT_FOUND, "This link is not known.\n"),
        Err(_) => return plain(StatusCode::SERVICE_UNAVAILABLE, "Please try again.\n"),
    };
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|field| field.to_str().ok());
    let notice = web.service.notice();
    let language = accepted
        .and_then(|field| Language::for_header(field, &notice.catalogue.languages))
        .or_else(|| notice.catalogue.languages.first().copied())
        .unwrap_or(Language::English);
    signal::hear_for(&web, &headers, person, language).await;
    let by = By { assurance: Assurance::Link, source: Source::OneClick, language };
    let wish = Wish::TurnOff(Target::Message(topic, channel));
    match web.service.record(Who::Person(person), wish, by).await {
        Ok(_) => plain(StatusCode::OK, "Done.\n"),
        Err(app::portal::PortalError::Refused(_)) => {
            plain(StatusCode::NOT_FOUND, "This link names nothing that we send.\n")
        }
        Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "Please try again.\n"),
    }
}
