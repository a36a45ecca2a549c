//! The addresses of the Data Rights Protocol 1.0 (§2).

use std::sync::Arc;

use app::portal::Portal;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{any, get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::request::Response as Answer;
use serde::Deserialize;
use serde_json::json as object;
use sha2::{Digest, Sha256};
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

use super::Agents;
use super::desk::take;
use super::fault::{Fault, json};
use super::message::{digest, open};
use super::request::Status;
use crate::service::Service;
use crate::store::{AgentRequestRow, Closing};

/// Setting up and checking a token; the agent's id follows.
const AGENT: &str = "/v1/agent/{agent_id}";
/// Exercising a right.
const REQUESTS: &str = "/v1/data-rights-request";
/// One request.
const REQUEST: &str = "/v1/data-rights-request/{request_id}";
/// Bytes that a message may have.
const BODY_LIMIT: usize = 64 * 1024;

/// What every handler has.
#[derive(Clone)]
struct Desk {
    service: Arc<Service>,
    agents: Arc<Agents>,
    page: Arc<str>,
}

/// A signed message, as it came.
struct Signed(Bytes);

impl FromRequest<Desk> for Signed {
    type Rejection = Fault;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Fault> {
        Bytes::from_request(request, desk).await.map(Self).map_err(|_| Fault::TooLong)
    }
}

/// The agent whose token a request carries.
struct Caller(String);

impl FromRequestParts<Desk> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Fault> {
        let digest = token_digest(&parts.headers).ok_or(Fault::NoToken)?;
        let agent = desk.service.store.find_agent(&digest).await?.ok_or(Fault::UnknownToken)?;
        // Who has left the directory is no longer trusted.
        desk.agents.directory.key(&agent).ok_or(Fault::UnknownToken)?;
        Ok(Self(agent))
    }
}

fn token_digest(headers: &HeaderMap) -> Option<[u8; 32]> {
    let field = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = field.split_once(' ')?;
    let token = token.trim();
    let bearer = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
    bearer.then(|| Sha256::digest(token).into())
}

/// The routes for agents of an installation that stands at `base_url`.
pub fn router(
    service: Arc<Service>,
    agents: Arc<Agents>,
    base_url: &str,
    harden: fn(&mut HeaderMap),
) -> Router {
    let page = format!("{base_url}{}", app::routes::CHOICES).into();
    let nothing = any(|| async { Fault::NotFound });
    let one = get(find).delete(revoke);
    Router::new()
        .route(AGENT, post(set_up).get(check))
        .route(REQUESTS, post(exercise))
        .route(&format!("{REQUESTS}/"), post(exercise))
        .route(REQUEST, one.clone())
        .route(&format!("{REQUEST}/"), one)
        .route("/v1/{*rest}", nothing)
        .method_not_allowed_fallback(|| async { Fault::NotFound })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::new())
        .layer(map_response(move |mut response: Response| async move {
            harden(response.headers_mut());
            tracing::info!(status = response.status().as_u16(), "answered an agent");
            response
        }))
        .with_state(Desk { service, agents, page })
}

/// Makes a token for an agent that signs with its key. Whatever fails is told to nobody.
async fn set_up(
    State(desk): State<Desk>,
    Path(agent): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, StatusCode> {
    let now = desk.service.now();
    let body = body.map_err(|_| StatusCode::FORBIDDEN)?;
    if !desk.agents.accept(&agent, &body, now) {
        return Err(StatusCode::FORBIDDEN);
    }
    let mut bytes = [0; 32];
    desk.service.random.fill(&mut bytes);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let (token_digest, message) = (Sha256::digest(&token), digest(&body));
    let store = &desk.service.store;
    let kept = store.insert_agent_token(&token_digest, &agent, &message, now.0).await;
    let kept = kept.map_err(|error| {
        tracing::error!(%error, "a token can't be stored");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    if !kept {
        // Whoever overheard a message gets nothing for it.
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(json(&object!({ "agent-id": agent, "token": token })))
}

/// Whether a token is still good.
async fn check(Caller(agent): Caller, Path(named): Path<String>) -> Result<Response, Fault> {
    if agent == named { Ok(json(&object!({}))) } else { Err(Fault::OtherAgent) }
}

async fn exercise(
    State(desk): State<Desk>,
    Caller(agent): Caller,
    Signed(body): Signed,
) -> Result<Response, Fault> {
    let row = take(&desk.service, &desk.agents, &agent, &body).await?;
    Ok(desk.status(&row))
}

async fn find(
    State(desk): State<Desk>,
    Caller(agent): Caller,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let row = desk.own(&agent, &id).await?;
    Ok(desk.status(&row))
}

/// What is signed to revoke a request.
#[derive(Deserialize)]
struct Revocation {
    #[expect(dead_code, reason = "the customer’s words are not needed to revoke")]
    reason: Option<String>,
}

/// Revokes a request. An opt-out that is in force stays so: only the customer loosens.
async fn revoke(
    State(desk): State<Desk>,
    Caller(agent): Caller,
    Path(id): Path<String>,
    Signed(body): Signed,
) -> Result<Response, Fault> {
    let key = desk.agents.directory.key(&agent).ok_or(Fault::UnknownToken)?;
    let _: Revocation = open(&body, key)?;
    let row = desk.own(&agent, &id).await?;
    if row.status == "revoked" {
        return Ok(desk.status(&row));
    }
    let details = (!row.choices.is_empty())
        .then_some("What was opted out stays so until the customer turns it on.");
    let (store, now) = (&desk.service.store, desk.service.now().0);
    if !store.record_agent_status(row.id, "revoked", None, details, now).await? {
        return Err(Fault::Closed);
    }
    if let Some(case) = store.find_request_by_id(row.id).await? {
        let (nature, response) = (case.nature, Answer::Nothing);
        let closing = Closing { nature, response, denial_basis: None, responded_at: now };
        store.record_closing(&case.reference, &closing).await?;
    }
    let row = store.find_agent_request(row.id).await?.ok_or(Fault::Unavailable)?;
    Ok(desk.status(&row))
}

impl Desk {
    fn status(&self, row: &AgentRequestRow) -> Response {
        json(&Status::of(row, &self.page))
    }

    /// A request of this agent; another's and none look alike.
    async fn own(&self, agent: &str, id: &str) -> Result<AgentRequestRow, Fault> {
        let id: Uuid = id.parse().map_err(|_| Fault::NotTheirs)?;
        let row = self.service.store.find_agent_request(id).await?;
        row.filter(|row| row.agent == agent).ok_or(Fault::NotTheirs)
    }
}
