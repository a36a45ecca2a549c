//! The door for people with a letter.

use app::page::{self, Try};
use app::routes;
use axum::extract::{Extension, Form, OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ShortCode;
use serde::Deserialize;
use tower_sessions::Session;

use super::errors::unavailable;
use super::language::keep;
use super::looking::frame;
use super::paper::{answer, dressed};
use super::router::Web;
use super::sessions::may_keep;
use super::welcome::welcome;
use crate::letters::{self, Network, Opened};

/// Leads to the page that says so without a word of whom.
const UNKNOWN: &str = "code=unknown";

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
}

/// What every answer here is made from.
struct Asked {
    web: Web,
    uri: axum::http::Uri,
    method: Method,
    headers: HeaderMap,
}

impl Asked {
    /// The page with the field. It is the answer itself, without a redirect: remembering a mistake
    /// would write a visit for every guess.
    fn page(&self, before: Try, typed: &str) -> Response {
        let (mut looks, chosen) = frame(&self.web, &self.uri, &self.headers, None);
        // Links to other languages repeat no code.
        routes::GO.clone_into(&mut looks.path);
        let mut response = answer(page::go(&dressed(looks), before, typed), &self.method);
        if chosen.by_link && may_keep(&self.method) {
            keep(response.headers_mut(), chosen.language);
        }
        response
    }

    /// Opens somebody's choices, or says what is wrong with the code.
    async fn open(&self, typed: &str, from: Network, session: &Session) -> Response {
        let code: ShortCode = match typed.parse() {
            Ok(code) => code,
            Err(why) => return self.page(Try::Wrong(why), shown_again(typed)),
        };
        let Self { web, method, .. } = self;
        let days = web.settings.letterbox.short_code_days;
        match letters::open(&web.service, days, &web.guard, &code, from).await {
            Ok(Opened::Person(person, veil)) => {
                match welcome(web, method, session, (person, veil), |_| ()).await {
                    Ok(()) => Redirect::to(routes::CHOICES).into_response(),
                    Err(()) => unavailable(),
                }
            }
            Ok(Opened::Nothing) => {
                Redirect::to(&format!("{}?{UNKNOWN}", routes::GO)).into_response()
            }
            Ok(Opened::TooMany(seconds)) => {
                let mut response = self.page(Try::TooMany, "");
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
            Err(_) => unavailable(),
        }
    }
}

/// What was typed, as far as it can be shown again.
fn shown_again(typed: &str) -> &str {
    let end = typed.char_indices().nth(64).map_or(typed.len(), |(at, _)| at);
    if typed.contains('\0') { "" } else { &typed[..end] }
}

/// The page where a code is typed.
pub(super) async fn look(
    State(web): State<Web>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let unknown = uri.query().is_some_and(|query| query.split('&').any(|pair| pair == UNKNOWN));
    let before = if unknown { Try::Unknown } else { Try::First };
    Asked { web, uri, method, headers }.page(before, "")
}

/// A typed code.
pub(super) async fn enter(
    State(web): State<Web>,
    Extension(from): Extension<Network>,
    OriginalUri(uri): OriginalUri,
    session: Session,
    headers: HeaderMap,
    Form(Typed { code }): Form<Typed>,
) -> Response {
    Asked { web, uri, method: Method::POST, headers }.open(&code, from, &session).await
}

/// A scanned code.
pub(super) async fn scanned(
    State(web): State<Web>,
    Extension(from): Extension<Network>,
    OriginalUri(uri): OriginalUri,
    Path(code): Path<String>,
    method: Method,
    session: Session,
    headers: HeaderMap,
) -> Response {
    Asked { web, uri, method, headers }.open(&code, from, &session).await
}
