//! What a request for a page brings, and how a page goes out.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use app::page::{Frame as Looks, Html, Rendered, Signal};
use app::portal::{Customer, Notice, Portal, PortalError, Progress};
use app::texts::Texts;
use app::visit::Visit;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::change::Assurance;
use domain::signal::Policy;
use domain::{Choice, Language, Position};
use http_body::{Frame, SizeHint};
use tower_sessions::Session;

use super::errors::unavailable;
use super::language::{Chosen, choose, keep};
use super::router::Web;
use super::sessions::may_keep;

/// One piece of a document, sent without being copied.
struct Piece(Arc<str>);

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A document on its way out, piece by piece, of a length that is known beforehand.
struct Pieces {
    left: std::vec::IntoIter<Arc<str>>,
    bytes: u64,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(piece) = self.left.next() else { return Poll::Ready(None) };
        self.bytes -= piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(Piece(piece))))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes)
    }
}

fn body(Html(pieces): Html) -> Body {
    let bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
    Body::new(Pieces { left: pieces.into_iter(), bytes })
}

/// A rendered page as an answer.
pub(super) fn html(page: Rendered, method: &Method) -> Response {
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = if *method == Method::HEAD { Body::empty() } else { body(page.html) };
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
) -> (Looks, Chosen) {
    let notice = web.service.notice();
    let chosen = choose(uri, headers, &notice.catalogue, on_file);
    (frame_of(web, notice, uri.path(), chosen.language), chosen)
}

pub(super) fn frame_of(web: &Web, notice: Arc<Notice>, path: &str, language: Language) -> Looks {
    Looks {
        language,
        texts: Texts::of(language),
        zone: web.zone(&notice),
        notice,
        now: web.service.now(),
        site: super::assets::SITE,
        shelf: Arc::clone(&web.shelf),
        receipts: web.service.vault.proof().current().is_some(),
        path: path.to_owned(),
        signal: match web.settings.signals.policy {
            Policy::Nobody => Signal::Unheeded,
            _ => Signal::Absent,
        },
    }
}

/// One request for a page, with the visit it belongs to.
pub(super) struct Looking {
    web: Web,
    /// What was asked for.
    pub uri: Uri,
    method: Method,
    notice: Arc<Notice>,
    chosen: Chosen,
    session: Session,
    signal: Option<Signal>,
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
            Some(person) => {
                let found = web.service.find_customer(person, visit.version).await;
                found.map_err(|_| unavailable())?
            }
        };
        let notice = web.service.notice();
        let on_file = customer.as_ref().and_then(|customer| customer.language);
        let chosen = choose(&parts.uri, &parts.headers, &notice.catalogue, on_file);
        Ok(Self {
            web: web.clone(),
            uri: parts.uri.clone(),
            method: parts.method.clone(),
            notice,
            chosen,
            session,
            signal: parts.extensions.get().copied(),
            visit,
            customer,
        })
    }
}

impl Looking {
    /// The installation.
    pub const fn web(&self) -> &Web {
        &self.web
    }

    /// What the page is made with.
    pub fn frame(&self) -> Looks {
        let notice = Arc::clone(&self.notice);
        let frame = frame_of(&self.web, notice, self.uri.path(), self.chosen.language);
        Looks { signal: self.signal.unwrap_or(frame.signal), ..frame }
    }

    /// What happened, for whoever answered a fresh code.
    pub async fn history(&self) -> Result<Option<Vec<Choice>>, PortalError> {
        let verified = self.visit.assurance(self.web.service.now()) == Assurance::Verified;
        match self.visit.person.filter(|_| verified && self.customer.is_some()) {
            Some(person) => self.web.service.list_history(person).await.map(Some),
            None => Ok(None),
        }
    }

    /// How far the customer's choices have come. Without it the page still shows the switches.
    pub async fn progress(&self, customer: &Customer) -> Arc<Progress> {
        let version = customer.preferences.version();
        match self.visit.person {
            Some(person) if version > Position(0) => {
                self.web.service.find_progress(person, version).await.unwrap_or_default()
            }
            _ => Arc::default(),
        }
    }

    /// Answers, and forgets the mistake that was shown.
    pub async fn answer(mut self, page: Rendered) -> Response {
        let now = self.web.service.now();
        let known = self.visit.person.is_some();
        let shown = self.visit.mistake.take().is_some();
        if may_keep(&self.method) && (shown || (known && self.visit.is_worn(now))) {
            // A visit that can't be kept is still shown.
            let _ = self.visit.save(&self.session, now).await;
        }
        let mut response = html(page, &self.method);
        if self.chosen.by_link && may_keep(&self.method) {
            keep(response.headers_mut(), self.chosen.language);
        }
        response
    }
}
