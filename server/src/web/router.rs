//! Every route and every layer.

use std::ops::Deref;
use std::sync::{Arc, RwLock};

use app::action::Caller;
use app::page::Shelf;
use app::portal::{Notice, Portal};
use app::routes;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::NoticeNumber;
use jiff::tz::TimeZone;
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;

use super::language::choose;
use super::signal::Signals;
use super::strangers::Strangers;
use super::{
    assets, errors, go, headers, one_click, pages, paper, published, receipts, sessions, signal,
    snippet, undo, verify, well_known,
};
use crate::agent::Agents;
use crate::api::{Api, Options};
use crate::inbound::Doors;
use crate::letters::{Guard, Letterbox, Network};
use crate::service::Service;

/// Bytes that a form may have: the longest has two short fields.
const FORM_LIMIT: usize = 16 * 1024;

/// What every handler has; cheap to clone, for each request takes several.
#[derive(Clone)]
pub struct Web(Arc<Installed>);

/// One installation, as the web sees it.
pub struct Installed {
    /// The installation.
    pub service: Arc<Service>,
    /// Where the portal stands, without a slash at its end.
    pub base_url: Arc<str>,
    /// Parts of pages that were rendered before.
    pub(super) shelf: Arc<Shelf>,
    zone: RwLock<Option<(NoticeNumber, TimeZone)>>,
    /// How often a code from a letter may be wrong.
    pub(super) guard: Guard,
    /// How many unknown browsers may leave their signal behind.
    pub(super) strangers: Strangers,
    pub(super) settings: Settings,
}

/// How an installation is set up beyond what it is and where it stands.
#[derive(Clone, Default)]
pub struct Settings {
    api: Options,
    doors: Arc<Doors>,
    pub(super) signals: Signals,
    agents: Option<Arc<Agents>>,
    /// How the doors for people with a letter stand.
    pub(super) letterbox: Letterbox,
}

impl Deref for Web {
    type Target = Installed;

    fn deref(&self) -> &Installed {
        &self.0
    }
}

impl Web {
    /// The portal of an installation.
    #[must_use]
    pub fn new(service: Arc<Service>, base_url: &str) -> Self {
        let base_url = base_url.trim_end_matches('/').into();
        Self::build(service, base_url, Settings::default())
    }

    /// The same with other options of the API.
    #[must_use]
    pub fn with_api(self, api: Options) -> Self {
        self.with(|settings| settings.api = api)
    }

    /// The same with doors for mails and texts.
    #[must_use]
    pub fn with_doors(self, doors: Arc<Doors>) -> Self {
        self.with(|settings| settings.doors = doors)
    }

    /// The same with another way in for people with a letter.
    #[must_use]
    pub fn with_letterbox(self, letterbox: Letterbox) -> Self {
        self.with(|settings| settings.letterbox = letterbox)
    }

    /// The same with another way of taking the browser's signal.
    #[must_use]
    pub fn with_signals(self, signals: Signals) -> Self {
        self.with(|settings| settings.signals = signals)
    }

    /// The same, listening to authorized agents.
    #[must_use]
    pub fn with_agents(self, agents: Agents) -> Self {
        self.with(|settings| settings.agents = Some(Arc::new(agents)))
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.settings.clone();
        change(&mut settings);
        Self::build(Arc::clone(&self.service), Arc::clone(&self.base_url), settings)
    }

    fn build(service: Arc<Service>, base_url: Arc<str>, settings: Settings) -> Self {
        Self(Arc::new(Installed {
            guard: Guard::new(&service.clock),
            strangers: Strangers::new(&service.clock),
            service,
            base_url,
            shelf: Arc::default(),
            zone: RwLock::default(),
            settings,
        }))
    }
}

impl Installed {
    /// A notice's time zone; looked up once for the notice in force.
    pub(super) fn zone(&self, notice: &Notice) -> TimeZone {
        let held = self.zone.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, zone)) = held.as_ref().filter(|(number, _)| *number == notice.number) {
            return zone.clone();
        }
        drop(held);
        let zone = TimeZone::get(&notice.catalogue.controller.time_zone).unwrap_or(TimeZone::UTC);
        let mut held = self.zone.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *held = Some((notice.number, zone.clone()));
        zone
    }
}

/// The whole portal.
#[expect(clippy::needless_pass_by_value, reason = "whoever makes a portal gives it away")]
pub fn router(web: Web) -> Router {
    let service = &web.service;
    let sessions = sessions::layer(Arc::clone(service));
    // Only where forms go: the layer traces the path of whatever passes, and others hold tokens.
    let forms = server_fn_paths()
        .fold(Router::new(), |forms, (path, _)| forms.route(path, post(act)))
        .layer(CsrfLayer::new());
    let visited = Router::new()
        .route(routes::CHOICES, get(pages::choices))
        .route(routes::CODE, get(pages::code))
        .route(routes::CONFIRM, get(pages::confirm))
        .route(routes::RECORD, get(pages::record))
        .route(routes::RECORD_JSON, get(pages::record))
        .route(routes::LINK, get(pages::link))
        .route(routes::UNDO_LINK, get(undo::link))
        .route(routes::UNDO, get(undo::look))
        .route(routes::RECEIPT, get(receipts::page))
        .route(routes::RECEIPT_JSON, get(receipts::json))
        .merge(forms)
        .merge(typing(&web))
        .layer(from_fn_with_state(web.clone(), signal::hear))
        .layer(sessions.clone());
    let overheard = |pages: Router<Web>| {
        pages.layer(from_fn_with_state(web.clone(), signal::overhear)).layer(sessions.clone())
    };
    let read = Router::new()
        .route(routes::NOTICE, get(pages::notice))
        .route(routes::GO, get(go::look))
        .route(&routes::GO.to_ascii_uppercase(), get(go::look))
        .route(routes::FORM, get(paper::form));
    let checking = overheard(checking());
    let shouted = routes::UNSUBSCRIBE.replacen("/u/", "/U/", 1);
    let unsubscribe = get(pages::unsubscribe).post(one_click::one_click);
    let open = Router::new()
        .route("/", get(|| async { Redirect::to(routes::CHOICES) }))
        // Mail clients and proxies that add a slash or change case must not meet a redirect.
        .route(routes::UNSUBSCRIBE, unsubscribe.clone())
        .route(&format!("{}/", routes::UNSUBSCRIBE), unsubscribe.clone())
        .route(&shouted, unsubscribe.clone())
        .route(&format!("{shouted}/"), unsubscribe)
        .route(routes::ASSETS, get(assets::asset))
        .route(routes::SECURITY, get(well_known::security))
        .route(routes::GPC, get(snippet::support))
        .route(routes::SNIPPET, get(snippet::script))
        .route(routes::SIGNAL, post(snippet::told).options(snippet::may_tell))
        .route(routes::KEYS, get(published::keys))
        .route(routes::HEAD, get(published::head))
        .route(routes::HEADS, get(published::heads))
        .route(routes::RECEIPT_CONTEXT, get(receipts::context))
        .merge(overheard(read))
        .fallback(well_known::fallback);
    let Settings { api, doors, agents, letterbox, .. } = web.settings.clone();
    let api = Api::new(Arc::clone(service), &web.base_url, api, doors);
    let mut others = crate::api::router(api, headers::harden);
    if let Some(agents) = agents {
        let routes =
            crate::agent::router(Arc::clone(service), agents, &web.base_url, headers::harden);
        others = others.merge(routes);
    }
    let mut portal = finish(visited.merge(open), checking.clone(), &web);
    if letterbox.kit {
        portal = finish(paper::desk(portal.clone()), checking, &web).fallback_service(portal);
    }
    portal.merge(others)
}

/// Where codes from letters come in: typed into a form, or scanned, in capitals or not.
fn typing(web: &Web) -> Router<Web> {
    let shouted = routes::GO_CODE.replacen(routes::GO, &routes::GO.to_ascii_uppercase(), 1);
    Router::new()
        .route(routes::ENTER, post(go::enter))
        .layer(CsrfLayer::new())
        .route(routes::GO_CODE, get(go::scanned))
        .route(&shouted, get(go::scanned))
        .layer(from_fn_with_state(web.clone(), locate))
}

/// Notes from which range of addresses a request comes.
async fn locate(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let field = web.settings.letterbox.client_field.as_ref();
    let from = Network::of(field, request.headers(), request.extensions());
    request.extensions_mut().insert(from);
    next.run(request).await
}

/// The layers of every page.
fn finish(pages: Router<Web>, checking: Router<Web>, web: &Web) -> Router {
    pages
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(RequestBodyLimitLayer::new(FORM_LIMIT))
        .merge(checking)
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(web.clone(), errors::explain))
        .layer(CompressionLayer::new())
        .with_state(web.clone())
}

/// Checking receipts, which are larger than the portal's own forms. It changes nothing, so it needs
/// no protection from other sites.
fn checking() -> Router<Web> {
    Router::new()
        .route(routes::VERIFY, get(verify::look).post(verify::examine))
        .layer(DefaultBodyLimit::max(verify::FORM_LIMIT))
        .layer(RequestBodyLimitLayer::new(verify::FORM_LIMIT))
}

/// Runs a server function in the language of the page that its form stood on.
async fn act(State(web): State<Web>, headers: HeaderMap, mut request: Request<Body>) -> Response {
    // The answer is a redirect or a page, whatever the client says it accepts.
    let html = axum::http::HeaderValue::from_static("text/html");
    request.headers_mut().insert(axum::http::header::ACCEPT, html);
    let portal: Arc<dyn Portal> = web.service.clone();
    let notice = portal.notice();
    let language = choose(request.uri(), &headers, &notice.catalogue, None).language;
    let caller = Caller { portal, language };
    let provide = move || provide_context(caller.clone());
    let response = leptos_axum::handle_server_fns_with_context(provide, request).await;
    let response = response.into_response();
    match response.status() {
        StatusCode::SEE_OTHER => response,
        // The redirect that Leptos adds would carry the error into the address.
        StatusCode::SERVICE_UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        // Anything else is its word for a form that can't be read.
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}
