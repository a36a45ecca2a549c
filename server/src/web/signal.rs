//! Global Privacy Control, server-side: read on every method of every page, before the page is
//! made and without any further step.
//!
//! A GET changes nothing by its link, and this is no exception to that: what is recorded is what
//! the visitor's own browser asks for in a header field, it can only restrict, and without the
//! field a fetched link leaves nothing behind (docs/decisions/0009-the-signal-counts-on-get.md).

use app::page::Signal;
use app::portal::{Customer, Portal, Who};
use app::routes;
use app::visit::{Joined, Visit};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::change::Assurance;
use domain::signal::{Policy, asks};
use domain::{Language, PersonId, Position};
use tower_sessions::Session;

use super::language::choose;
use super::router::Web;
use super::sessions::may_keep;
use crate::gate::read_browser;
use crate::letters::Network;
use crate::service::sells;

/// The field that carries the signal (GPC, "The Sec-GPC Header Field").
const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");
/// The cookie of a browser profile: a random id and nothing else, set only with the signal.
pub(super) const COOKIE: &str = "__Host-browser";
/// Seconds for which a browser keeps it: the longest that it may (RFC 6265bis §5.5).
const KEPT: u32 = 400 * 24 * 60 * 60;

/// How the browser's signal is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// For whom it is honoured.
    pub policy: Policy,
    /// Origins of the business's own sites, such as `https://www.northwind.example`: their pages
    /// may tell of the signal by the snippet.
    pub origins: Vec<String>,
}

/// Whether a request carries the signal.
fn asked(headers: &HeaderMap) -> bool {
    asks(headers.get_all(SEC_GPC).iter().map(HeaderValue::as_bytes))
}

/// The id of the browser's profile, if it has one.
fn profile(headers: &HeaderMap) -> Option<String> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut ids = fields
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    ids.find_map(|id| read_browser(id).ok())
}

/// What a request brings that bears on the signal.
struct Bearing {
    asked: bool,
    profile: Option<String>,
    language: Language,
    may_keep: bool,
    /// Whether a browser that nobody knows may become known by it.
    may_enter: bool,
    from: Network,
}

/// What came of it.
#[derive(Default)]
struct Outcome {
    signal: Signal,
    /// The id of a profile that was made.
    new_profile: Option<String>,
}

/// The layer around every page of a visit.
pub(super) async fn hear(State(web): State<Web>, request: Request<Body>, next: Next) -> Response {
    let may_enter = may_keep(request.method());
    listen(&web, request, next, may_enter).await
}

/// The layer around pages that are read without a visit: who is known is heard, and nobody becomes
/// known by them.
pub(super) async fn overhear(
    State(web): State<Web>,
    request: Request<Body>,
    next: Next,
) -> Response {
    listen(&web, request, next, false).await
}

async fn listen(web: &Web, mut request: Request<Body>, next: Next, may_enter: bool) -> Response {
    let headers = request.headers();
    let heeded = web.settings.signals.policy != Policy::Nobody;
    let asked = heeded && asked(headers);
    let profile = profile(headers).filter(|_| heeded);
    let session = request.extensions().get::<Session>().cloned();
    let (true, Some(session)) = (asked || profile.is_some(), session) else {
        return varied(next.run(request).await);
    };
    let language = choose(request.uri(), headers, &web.service.notice().catalogue, None).language;
    let may_keep = may_keep(request.method());
    let field = web.settings.letterbox.client_field.as_ref();
    let from = Network::of(field, headers, request.extensions());
    let bearing = Bearing { asked, profile, language, may_keep, may_enter, from };
    // Who follows a link of their own is known only once it was opened.
    let path = request.uri().path();
    let is_opening = routes::OPENING.iter().any(|start| {
        path.get(..start.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(start))
    });
    let (mut response, outcome) = if is_opening {
        let response = next.run(request).await;
        (response, heed(web, &session, bearing).await)
    } else {
        let outcome = heed(web, &session, bearing).await;
        request.extensions_mut().insert(outcome.signal);
        (next.run(request).await, outcome)
    };
    if let Some(id) = outcome.new_profile {
        let cookie =
            format!("{COOKIE}={id}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={KEPT}");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    varied(response)
}

/// No cache may give one browser what was made for the signal of another.
fn varied(mut response: Response) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("sec-gpc"));
    response
}

/// Does as the signal asks. What can't be recorded is not shown as honoured; the next request
/// brings the signal again.
async fn heed(web: &Web, session: &Session, bearing: Bearing) -> Outcome {
    let Ok(visit) = Visit::load(session, web.service.now()).await else {
        return Outcome::default();
    };
    match visit.person {
        Some(person) => {
            let signal = heed_known(web, session, visit, person, &bearing).await;
            Outcome { signal: signal.unwrap_or_default(), new_profile: None }
        }
        None if bearing.asked => heed_unknown(web, bearing).await.unwrap_or_default(),
        None => Outcome::default(),
    }
}

/// For a browser of which only the profile may be known. Beyond the allowance for new ones nothing
/// is recorded, so nothing is said; the cookie that it takes along asks again.
async fn heed_unknown(web: &Web, bearing: Bearing) -> Option<Outcome> {
    let service = &web.service;
    if !sells(&service.notice().catalogue) {
        return Some(Outcome { signal: Signal::Honored, new_profile: None });
    }
    let known = match &bearing.profile {
        Some(id) => service.knows_browser(id).await.ok()?,
        None => false,
    };
    if !known && !bearing.may_enter {
        return None;
    }
    let admitted = known || web.strangers.admit(bearing.from, bearing.profile.is_some());
    let new = bearing.profile.is_none().then(|| {
        let mut bytes = [0; 16];
        service.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    });
    let id = bearing.profile.or_else(|| new.clone()).unwrap_or_default();
    let signal = if admitted {
        service.hear_browser(&id, bearing.language).await.ok()?;
        Signal::Honored
    } else {
        Signal::default()
    };
    Some(Outcome { signal, new_profile: new })
}

async fn heed_known(
    web: &Web,
    session: &Session,
    mut visit: Visit,
    person: PersonId,
    bearing: &Bearing,
) -> Option<Signal> {
    let service = &web.service;
    let now = service.now();
    let customer = service.find_customer(person, visit.version).await.ok()??;
    let language = customer.language.unwrap_or(bearing.language);
    let (mut version, joined) = (visit.version, visit.joined);
    let honoured = bearing.asked && honours(web, person).await;
    if honoured && service.is_news(&customer.preferences) {
        version = version.max(service.hear(Who::Person(person), language).await.ok()?.version);
    }
    let assurance = visit.assurance(now);
    let wanted = if assurance == Assurance::Verified { Joined::Merged } else { Joined::Heard };
    if let Some(id) = bearing.profile.as_deref().filter(|_| visit.joined < wanted) {
        let adopted = service.adopt_browser(id, person, assurance, language).await.ok()?;
        version = adopted.map_or(version, |recorded| version.max(recorded.version));
        visit.joined = wanted;
    }
    let changed = version > visit.version || visit.joined != joined;
    if changed && bearing.may_keep {
        visit.version = version;
        visit.save(session, now).await.ok()?;
    }
    Some(if honoured { Signal::Honored } else { Signal::Absent })
}

/// Whether the signal counts where a person lives, as far as that is known.
async fn honours(web: &Web, person: PersonId) -> bool {
    let policy = web.settings.signals.policy;
    if policy == Policy::Everyone {
        return true;
    }
    // What can't be looked up is honoured.
    let region = web.service.store.find_region(person.0).await.ok().flatten();
    policy.honours(region.as_deref(), web.service.now())
}

/// Does as the signal asks for whoever a message's link names, on any method. Says what they chose
/// once that is done; nothing where there is no signal, or it can't be recorded.
pub(super) async fn hear_for(
    web: &Web,
    headers: &HeaderMap,
    person: PersonId,
    language: Language,
) -> Option<Customer> {
    let service = &web.service;
    if web.settings.signals.policy == Policy::Nobody
        || !asked(headers)
        || !honours(web, person).await
    {
        return None;
    }
    let found = service.find_customer(person, Position(0)).await.ok().flatten();
    let done = found.filter(|known| !service.is_news(&known.preferences));
    if done.is_some() {
        return done;
    }
    // What failed was logged; the next request brings the signal again.
    let recorded = service.hear(Who::Person(person), language).await.ok()?;
    service.find_customer(person, recorded.version).await.ok().flatten()
}
