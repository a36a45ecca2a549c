//! GET and HEAD: look up, render. Nothing here changes a choice.

use app::page::{self, Signal};
use app::portal::Portal;
use app::routes;
use app::visit::Visit;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Channel, Key, NoticeNumber, Position};
use tower_sessions::Session;

use super::errors::unavailable;
use super::language::{choose, keep};
use super::looking::{Looking, frame, frame_of, html};
use super::router::Web;
use super::sessions::may_keep;
use super::signal;
use super::welcome::welcome;
use crate::letters::Veil;

pub(super) async fn choices(looking: Looking) -> Response {
    let frame = looking.frame();
    let unknown = looking.uri.query() == Some(routes::UNKNOWN);
    let page = match &looking.customer {
        Some(customer) => {
            let Ok(history) = looking.history().await else { return unavailable() };
            let progress = looking.progress(customer).await;
            page::choices(&frame, customer, &looking.visit, &progress, history.as_deref())
        }
        None => page::practice(&frame, &looking.visit, unknown),
    };
    looking.answer(page).await
}

pub(super) async fn code(looking: Looking) -> Response {
    let frame = looking.frame();
    let page = page::code(&frame, &looking.visit);
    looking.answer(page).await
}

pub(super) async fn confirm(looking: Looking) -> Response {
    let frame = looking.frame();
    let (Some(customer), Some(target)) = (&looking.customer, &looking.visit.wanted) else {
        return Redirect::to(routes::CHOICES).into_response();
    };
    let page = page::confirm(&frame, target, customer.preferences.version());
    looking.answer(page).await
}

/// The record is shown only after a fresh code; without one the way leads to the code page.
pub(super) async fn record(looking: Looking) -> Response {
    let frame = looking.frame();
    let history = match looking.history().await {
        Ok(Some(history)) => history,
        Ok(None) => return Redirect::to(routes::CODE).into_response(),
        Err(_) => return unavailable(),
    };
    if looking.uri.path() == routes::RECORD {
        let page = page::record(&frame, &history, looking.visit.masked.as_deref());
        return looking.answer(page).await;
    }
    match page::record_json(&frame, &history, looking.visit.masked.as_deref()) {
        Ok(json) => {
            let kind = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, kind)], json).into_response()
        }
        Err(_) => unavailable(),
    }
}

pub(super) async fn notice(
    State(web): State<Web>,
    OriginalUri(uri): OriginalUri,
    Path(number): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Ok(number) = number.parse::<i64>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let notice = match web.service.find_notice(NoticeNumber(number)).await {
        Ok(Some(notice)) => notice,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(_) => return unavailable(),
    };
    let chosen = choose(&uri, &headers, &notice.catalogue, None);
    let frame = frame_of(&web, notice, uri.path(), chosen.language);
    html(page::notice(&frame), &method)
}

/// A personal link: knows who it is and takes the token out of the address (ASVS 5.0 14.2.1).
pub(super) async fn link(
    State(web): State<Web>,
    Path(token): Path<String>,
    method: Method,
    session: Session,
) -> Response {
    let person = match web.service.open_link(&token).await {
        Ok(Some(person)) => person,
        Ok(None) => {
            return Redirect::to(&routes::unknown_link()).into_response();
        }
        Err(_) => return unavailable(),
    };
    match welcome(&web, &method, &session, (person, Veil::Lifted), |_| ()).await {
        Ok(()) => Redirect::to(routes::CHOICES).into_response(),
        Err(()) => unavailable(),
    }
}

/// The page behind one message's link.
pub(super) async fn unsubscribe(
    State(web): State<Web>,
    OriginalUri(uri): OriginalUri,
    Path((token, topic, channel)): Path<(String, String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let key = topic.to_ascii_lowercase().parse::<Key>();
    let channel = channel.to_ascii_lowercase().parse::<Channel>();
    let (Ok(topic), Ok(channel)) = (key, channel) else {
        return Redirect::to(&routes::unknown_link()).into_response();
    };
    match web.service.open_link(&token).await {
        Ok(Some(person)) => {
            let on_file = match web.service.find_customer(person, Position(0)).await {
                Ok(customer) => customer.and_then(|customer| customer.language),
                Err(_) => return unavailable(),
            };
            let (mut frame, chosen) = frame(&web, &uri, &headers, on_file);
            let heard = signal::hear_for(&web, &headers, person, chosen.language).await;
            if heard.is_some() {
                frame.signal = Signal::Honored;
            }
            let page = page::unsubscribe(&frame, &token, &topic, channel, heard.as_ref());
            let mut response = html(page, &method);
            if chosen.by_link && may_keep(&method) {
                keep(response.headers_mut(), chosen.language);
            }
            response
        }
        Ok(None) => {
            let (frame, _) = frame(&web, &uri, &headers, None);
            let visit = Visit::new(frame.now);
            html(page::practice(&frame, &visit, true), &method)
        }
        Err(_) => unavailable(),
    }
}
