//! A system of the business that calls the API.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Method, Request, header};
use domain::Target;
use futures::StreamExt;
use serde_json::Value;
use server::api::keyring::{Grant, make};
use server::api::scope::Scope;
use server::ports::Clock;
use tower::ServiceExt;

use super::answer::Answer;
use super::portal::{HOST, TestPortal};

/// What a test's key may do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Key<'a> {
    pub scopes: &'a [Scope],
    pub targets: &'a [&'a str],
    pub system: Option<&'a str>,
}

/// A system with a key, or without.
#[derive(Clone, Debug)]
pub struct Client {
    router: Router,
    /// The key as it was handed out; empty for none.
    pub key: String,
}

impl Client {
    /// The same system, talking to another node.
    #[must_use]
    pub fn moved_to(mut self, router: Router) -> Self {
        self.router = router;
        self
    }

    /// The same system with another key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self { router: self.router.clone(), key: key.to_owned() }
    }

    /// The id in its key.
    pub fn id(&self) -> &str {
        self.key.split('_').nth(1).expect("a key has an id")
    }

    /// Sends a request with its key.
    pub async fn sends(&self, mut request: Request<Body>) -> Answer {
        let path = request.uri().to_string();
        let fields = request.headers_mut();
        fields.insert(header::HOST, HOST.parse().expect("ASCII"));
        if !self.key.is_empty() {
            let field = format!("Bearer {}", self.key).parse().expect("ASCII");
            fields.insert(header::AUTHORIZATION, field);
        }
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        Answer::read(response, &path).await
    }

    /// Sends a request whose answer never ends, and gives its pieces as they come.
    pub async fn pieces(&self, mut request: Request<Body>) -> BodyDataStream {
        let field = format!("Bearer {}", self.key).parse().expect("ASCII");
        request.headers_mut().insert(header::AUTHORIZATION, field);
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        response.into_body().into_data_stream()
    }

    /// Sends a request whose answer never ends, and gives the first of it.
    pub async fn streams(&self, request: Request<Body>) -> String {
        let piece = self.pieces(request).await.next().await.expect("a piece").expect("no failure");
        String::from_utf8(piece.to_vec()).expect("answers are UTF-8")
    }

    /// Sends a request whose answer breaks off, and gives what came before.
    pub async fn breaks_off(&self, request: Request<Body>) -> Vec<u8> {
        let mut pieces = self.pieces(request).await;
        let mut told = Vec::new();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => told.extend(piece),
                Err(_) => return told,
            }
        }
        panic!("the answer came to its end");
    }

    pub async fn asks(&self, method: Method, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        self.sends(request.body(Body::empty()).expect("a request")).await
    }

    pub async fn gets(&self, path: &str) -> Answer {
        self.asks(Method::GET, path).await
    }

    /// Sends JSON by a method.
    pub async fn sends_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.sends(json(method, path, body)).await
    }

    pub async fn posts(&self, path: &str, body: &Value) -> Answer {
        self.sends_json(Method::POST, path, body).await
    }
}

/// A request with a JSON body.
pub fn json(method: Method, path: &str, body: &Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).expect("a request")
}

impl TestPortal {
    /// A system without a key.
    pub fn stranger(&self) -> Client {
        Client { router: self.router.clone(), key: String::new() }
    }

    /// A system with a key of these scopes, for every target.
    pub async fn client(&self, scopes: &[Scope]) -> Client {
        self.client_with(Key { scopes, ..Key::default() }).await
    }

    /// A system with a key.
    pub async fn client_with(&self, key: Key<'_>) -> Client {
        let grant = Grant {
            name: "test".into(),
            scopes: key.scopes.to_vec(),
            targets: key.targets.iter().map(|text| text.parse::<Target>().unwrap()).collect(),
            system: key.system.map(|text| text.parse().unwrap()),
        };
        let (text, row) = make(&grant, self.clock.now(), self.random.as_ref());
        self.store().insert_api_key(&row).await.expect("a key");
        self.stranger().with_key(&text)
    }
}
