//! A system of the business: a real HTTP server that behaves as a test tells it to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How it answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// With a status and a body.
    Says(u16, &'static str),
    /// With a status and a header field.
    Adds(u16, &'static str, String),
    /// Not at all.
    Hangs,
    /// With a body that never ends.
    Floods,
}

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// Whether the owner of a secret takes it, apart from its age.
    pub fn verifies(&self, secret: &str) -> bool {
        let at = self.header("webhook-timestamp").parse().expect("whole seconds");
        let webhook = Webhook::new(secret).expect("a secret");
        let signed = webhook.sign(self.id(), at, self.body.as_bytes()).expect("a signature");
        self.header("webhook-signature").split(' ').any(|signature| signature == signed)
    }
}

#[derive(Clone, Default)]
struct Inner {
    heard: Arc<Mutex<Vec<Heard>>>,
    manners: Arc<Mutex<VecDeque<Manner>>>,
}

/// The system.
pub struct Receiver {
    pub url: String,
    inner: Inner,
    server: JoinHandle<()>,
}

impl Receiver {
    pub async fn opens() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let inner = Inner::default();
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, inner, server }
    }

    /// Goes away; nobody listens at its port any more.
    pub async fn closes(&mut self) {
        self.server.abort();
        drop((&mut self.server).await);
    }

    /// Answers the next requests in these manners, one each, and all others with 204.
    pub fn answers(&self, manners: impl IntoIterator<Item = Manner>) {
        self.inner.manners.lock().expect("whole").extend(manners);
    }

    /// What it heard since it was asked last.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.inner.heard.lock().expect("whole"))
    }
}

async fn answer(State(inner): State<Inner>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 20_000).await.expect("less than 20 kB");
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    inner.heard.lock().expect("whole").push(Heard { headers: parts.headers, body });
    let manner = inner.manners.lock().expect("whole").pop_front();
    match manner.unwrap_or(Manner::Says(204, "")) {
        Manner::Says(status, body) => (status_of(status), body).into_response(),
        Manner::Adds(status, name, value) => {
            (status_of(status), [(name, value)], "moved").into_response()
        }
        Manner::Hangs => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            StatusCode::OK.into_response()
        }
        Manner::Floods => {
            let endless =
                futures::stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(1024)));
            axum::body::Body::from_stream(endless).into_response()
        }
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}
