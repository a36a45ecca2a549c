//! Pages around letters and the phone: the form to post, the script, the link kit.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use app::page::{self, Check, Frame, Kit, Rendered, Site};
use app::portal::Portal;
use app::routes;
use axum::body::Body;
use axum::extract::{Extension, OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use axum::response::Response;
use axum::{Router, routing::get};
use domain::{Channel, Language};
use tower::ServiceExt;
use url::Url;

use super::assets::SITE;
use super::errors::unavailable;
use super::headers::policy;
use super::looking::{frame, html};
use super::router::Web;
use super::sessions::may_keep;
use crate::outbox::is_loopback;
use crate::qr::Qr;

/// The portal's stylesheet with what only these pages need.
static CSS: LazyLock<&str> =
    LazyLock::new(|| Box::leak(format!("{}\n{}", SITE.css, include_str!("paper.css")).into()));
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(*CSS));

/// A frame that carries the stylesheet of these pages.
pub(super) fn dressed(frame: Frame) -> Frame {
    Frame { site: Site { css: *CSS, boot: None }, shelf: Arc::default(), ..frame }
}

/// A page with the stylesheet of these pages, which its policy lets in.
pub(super) fn answer(page: Rendered, method: &Method) -> Response {
    let mut response = html(page, method);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

/// An address as one says or types it: without its scheme.
pub(super) fn spoken(base_url: &str, path: &str) -> String {
    let bare = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    format!("{bare}{path}")
}

/// A form to print and post.
pub(super) async fn form(
    State(web): State<Web>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let (frame, chosen) = frame(&web, &uri, &headers, None);
    let page = page::form(&dressed(frame), &spoken(&web.base_url, routes::CHOICES));
    let mut response = answer(page, &method);
    if chosen.by_link && may_keep(&method) {
        super::language::keep(response.headers_mut(), chosen.language);
    }
    response
}

/// What staff read out. In the language that is asked for, which is not kept: it is the caller's.
async fn script(
    State(web): State<Web>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let (frame, _) = frame(&web, &uri, &headers, None);
    let page = page::script(&dressed(frame), &spoken(&web.base_url, routes::CHOICES));
    answer(page, &method)
}

/// The kit, with what the portal's own addresses answer right now.
async fn kit(
    State(web): State<Web>,
    Extension(portal): Extension<Router>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Ok(qr) = Qr::of(&format!("{}{}", web.base_url, routes::CHOICES)) else {
        return unavailable();
    };
    let checks = check(&portal, &addresses(&web)).await;
    let base_url = web.base_url.to_string();
    let kit = Kit { is_public: is_public(&base_url), base_url, qr: qr.svg(), checks };
    let (frame, _) = frame(&web, &uri, &headers, None);
    let page = page::kit(&dressed(frame), &kit);
    answer(page, &method)
}

fn is_public(base_url: &str) -> bool {
    let url = Url::parse(base_url).ok().filter(|url| url.scheme() == "https");
    url.as_ref().and_then(Url::host).is_some_and(|host| !is_loopback(&host))
}

/// What for, where, and the status that it should answer with.
type Address = (String, String, StatusCode);

/// Made-up tokens stand where a customer's would: a known one and an unknown one take the same way.
fn addresses(web: &Web) -> Vec<Address> {
    let notice = web.service.notice();
    let nobody = "A".repeat(22);
    let plain = |what: &str, path: &str| (what.to_owned(), path.to_owned(), StatusCode::OK);
    let mut addresses = vec![
        plain("Choices page", routes::CHOICES),
        plain("Code from a letter", routes::GO),
        plain("Form to post", routes::FORM),
        plain("Asking for a code", routes::CODE),
        plain("Notice in force", &routes::NOTICE.replace("{number}", &notice.number.0.to_string())),
        ("Personal link".into(), routes::link(&nobody), StatusCode::SEE_OTHER),
    ];
    for topic in &notice.catalogue.topics {
        if topic.channels.iter().any(|rule| rule.channel == Channel::Email) {
            let what = format!("Unsubscribe: {}", topic.label.get(Language::English));
            let path = routes::unsubscribe(&nobody, &topic.key, Channel::Email);
            addresses.push((what, path, StatusCode::OK));
        }
    }
    addresses
}

/// Asks the portal itself, in process, by GET, and nothing else: no address leaves this program.
#[expect(clippy::disallowed_methods, reason = "it measures how long an answer takes")]
async fn check(portal: &Router, addresses: &[Address]) -> Vec<Check> {
    let mut checks = Vec::with_capacity(addresses.len());
    for (what, path, wanted) in addresses {
        let begin = Instant::now();
        let request = Request::get(path.as_str()).body(Body::empty()).unwrap_or_default();
        let Ok(response) = portal.clone().oneshot(request).await;
        let status = response.status();
        checks.push(Check {
            what: what.clone(),
            path: path.clone(),
            status: status.as_u16(),
            good: status == *wanted,
            micros: begin.elapsed().as_micros(),
        });
    }
    checks
}

/// The addresses for the business; `portal` is what the kit checks.
pub(super) fn desk(portal: Router) -> Router<Web> {
    Router::new()
        .route(routes::KIT, get(kit))
        .route(routes::SCRIPT, get(script))
        .layer(Extension(portal))
}
