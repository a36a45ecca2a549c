//! What a request for a page brings, and how a page goes out.

use std::sync::Arc;

use app::page::{Frame, Rendered};
use app::portal::{Customer, Notice, Portal, Progress};
use app::texts::Texts;
use app::visit::Visit;
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::Language;
use tower_sessions::Session;

use super::errors::unavailable;
use super::language::{Chosen, choose, keep};
use super::router::Web;
use super::sessions::may_keep;

/// A document that is sent without being copied.
struct Shared(Arc<str>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A rendered page as an answer.
pub(super) fn html(page: Rendered, method: &Method) -> Response {
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body =
        if *method == Method::HEAD { Bytes::new() } else { Bytes::from_owner(Shared(page.html)) };
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let wait = HeaderValue::from(domain::change::WINDOW / 1000);
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

/// What a page is made with, in the language that fits the request.
pub(super) fn frame(
    web: &Web,
    uri: &Uri,
    headers: &HeaderMap,
    on_file: Option<Language>,
) -> (Frame, Chosen) {
    let notice = web.service.notice();
    let chosen = choose(uri, headers, &notice.catalogue, on_file);
    (frame_of(web, notice, uri.path(), chosen.language), chosen)
}

pub(super) fn frame_of(web: &Web, notice: Arc<Notice>, path: &str, language: Language) -> Frame {
    Frame {
        language,
        texts: Texts::of(language),
        zone: web.zone(&notice),
        notice,
        now: web.service.now(),
        site: super::assets::SITE,
        shelf: Arc::clone(&web.shelf),
        path: path.to_owned(),
    }
}

/// One request for a page, with the visit it belongs to.
pub(super) struct Looking {
    web: Web,
    /// What was asked for.
    pub uri: Uri,
    method: Method,
    headers: HeaderMap,
    session: Session,
    /// The visit.
    pub visit: Visit,
    /// Who is here, if the visit knows.
    pub customer: Option<Customer>,
}

impl FromRequestParts<Web> for Looking {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let session = Session::from_request_parts(parts, web).await;
        let session = session.map_err(|_| unavailable())?;
        let visit = Visit::load(&session, web.service.now()).await.map_err(|_| unavailable())?;
        let customer = match visit.person {
            None => None,
            Some(person) => web.service.find_customer(person).await.map_err(|_| unavailable())?,
        };
        Ok(Self {
            web: web.clone(),
            uri: parts.uri.clone(),
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            session,
            visit,
            customer,
        })
    }
}

impl Looking {
    /// What the page is made with.
    pub fn frame(&self) -> (Frame, Chosen) {
        let on_file = self.customer.as_ref().and_then(|customer| customer.language);
        frame(&self.web, &self.uri, &self.headers, on_file)
    }

    /// How far the customer's choices have come. Without it the page still shows the switches.
    pub async fn progress(&self, customer: &Customer) -> Progress {
        match self.visit.person {
            Some(person) if !customer.history.is_empty() => {
                self.web.service.find_progress(person).await.unwrap_or_default()
            }
            _ => Progress::default(),
        }
    }

    /// Answers, and forgets the mistake that was shown.
    pub async fn answer(mut self, page: Rendered, chosen: Chosen) -> Response {
        let now = self.web.service.now();
        let known = self.visit.person.is_some();
        let shown = self.visit.mistake.take().is_some();
        if may_keep(&self.method) && (shown || (known && self.visit.is_worn(now))) {
            // A visit that can't be kept is still shown.
            let _ = self.visit.save(&self.session, now).await;
        }
        let mut response = html(page, &self.method);
        if chosen.by_link && may_keep(&self.method) {
            keep(response.headers_mut(), chosen.language);
        }
        response
    }
}
