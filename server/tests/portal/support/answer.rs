//! What came back, before a browser makes a page of it.

use axum::body::to_bytes;
use axum::http::{HeaderMap, Response, StatusCode, header};

use serde_json::Value;
use server::api::problem::Kind;

use super::page::Page;

/// One answer of the portal.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    path: String,
}

impl Answer {
    pub async fn read(response: Response<axum::body::Body>, path: &str) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the body ends").to_vec();
        Self { status: parts.status, headers: parts.headers, body, path: path.to_owned() }
    }

    /// Its body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("answers are UTF-8")
    }

    /// Its body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "not JSON: {}", self.text());
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Makes sure that it is a problem of a kind, and gives its document.
    #[track_caller]
    pub fn is_problem(&self, kind: Kind) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let document: Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(document["type"], format!("/problems/{}", kind.slug()), "{document}");
        assert_eq!(document["status"], kind.status().as_u16());
        assert_eq!(self.status, kind.status());
        assert_eq!(document["title"], kind.title());
        assert!(document["detail"].as_str().is_some_and(|detail| detail.ends_with('.')));
        let id = self.header("x-request-id");
        assert_eq!(document["instance"], format!("urn:request:{id}"));
        assert_eq!(id.len(), 12);
        document
    }

    /// Its body as a page.
    pub fn page(&self) -> Page {
        assert!(self.header("content-type").starts_with("text/html"), "not a page: {self:?}");
        Page::read(self.status.as_u16(), &self.path, &self.text())
    }

    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("headers are ASCII"))
    }

    /// Where it sends the visitor.
    pub fn location(&self) -> &str {
        self.header(header::LOCATION.as_str())
    }

    /// The cookies it sets, word for word.
    pub fn cookies(&self) -> Vec<String> {
        let fields = self.headers.get_all(header::SET_COOKIE).iter();
        fields.map(|field| field.to_str().expect("cookies are ASCII").to_owned()).collect()
    }
}
