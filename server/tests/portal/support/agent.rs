//! An authorized agent: signs as libsodium's combined mode does, and breaks what a test tells it to.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Moment;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use server::agent::{Agents, Directory};
use server::ports::Clock;
use server::web::{Web, router};
use tower::ServiceExt;

use super::answer::Answer;
use super::portal::{BASE_URL, TestPortal};

/// The business's id in the protocol.
pub const BUSINESS: &str = "NORTHWIND_OUTDOOR";
/// Agents of the directory, each with the seed of its key.
pub const AGENTS: [(&str, u8); 2] = [("CR_AA_DRP_ID_001_LOCAL", 1), ("OTHER_AGENT", 2)];

/// An agent.
#[derive(Clone)]
pub struct Agent {
    pub router: Router,
    pub id: String,
    pub key: SigningKey,
    pub token: String,
}

/// Signs a JSON text: signature and text, in Base64.
pub fn signed(key: &SigningKey, json: &str) -> String {
    signed_bytes(key, json.as_bytes())
}

/// The same for whatever bytes.
pub fn signed_bytes(key: &SigningKey, bytes: &[u8]) -> String {
    let signature = key.sign(bytes).to_bytes();
    STANDARD.encode([&signature[..], bytes].concat())
}

fn time(at: Moment) -> String {
    let time = jiff::Timestamp::from_millisecond(at.0).unwrap();
    time.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00").to_string()
}

impl TestPortal {
    /// An agent by its place in [`AGENTS`], without a token.
    pub fn agent(&self, place: usize) -> Agent {
        let listed: Vec<Value> = AGENTS
            .iter()
            .map(|(id, seed)| {
                let key = SigningKey::from_bytes(&[*seed; 32]).verifying_key();
                json!({"id": id, "name": id, "verify_key": STANDARD.encode(key.to_bytes()),
                       "web_url": "https://agent.example/", "technical_contact": "x@agent.example"})
            })
            .collect();
        let directory = Directory::read(json!(listed).to_string().as_bytes()).unwrap();
        let agents = Agents { directory, business: BUSINESS.into() };
        let web = Web::new(self.service.clone(), BASE_URL).with_agents(agents);
        let (id, seed) = AGENTS[place];
        let key = SigningKey::from_bytes(&[seed; 32]);
        Agent { router: router(web), id: id.into(), key, token: String::new() }
    }

    /// The same with a token.
    pub async fn known_agent(&self, place: usize) -> Agent {
        let mut agent = self.agent(place);
        let answer = agent.sets_up(&agent.envelope(self)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        assert_eq!(json["agent-id"], agent.id);
        json["token"].as_str().unwrap().clone_into(&mut agent.token);
        agent
    }
}

impl Agent {
    /// What every message says, valid for a quarter of an hour from now.
    pub fn envelope(&self, portal: &TestPortal) -> Value {
        let now = portal.clock.now();
        json!({
            "agent-id": self.id, "business-id": BUSINESS, "drp.version": "1.0",
            "issued-at": time(now), "expires-at": time(now.plus(15 * 60_000)),
        })
    }

    /// A request for somebody.
    pub fn request(&self, portal: &TestPortal, exercise: &str, email: &str) -> Value {
        let mut request = self.envelope(portal);
        let more = json!({
            "agent-request-id": "a-1", "exercise": exercise, "regime": "ccpa",
            "relationships": ["customer"], "name": "Mira Okafor", "email": email,
            "email_verified": true,
        });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    }

    pub async fn sends(&self, method: Method, path: &str, body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let request = request.header("content-type", "text/plain").body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        Answer::read(response, path).await
    }

    pub async fn sets_up(&self, envelope: &Value) -> Answer {
        let body = signed(&self.key, &envelope.to_string());
        self.sends(Method::POST, &format!("/v1/agent/{}", self.id), body).await
    }

    pub async fn exercises(&self, request: &Value) -> Answer {
        let body = signed(&self.key, &request.to_string());
        self.sends(Method::POST, "/v1/data-rights-request", body).await
    }

    pub async fn asks_after(&self, id: &str) -> Answer {
        self.sends(Method::GET, &format!("/v1/data-rights-request/{id}"), String::new()).await
    }

    pub async fn revokes(&self, id: &str) -> Answer {
        let body = signed(&self.key, r#"{"reason": "changed my mind"}"#);
        self.sends(Method::DELETE, &format!("/v1/data-rights-request/{id}"), body).await
    }
}
