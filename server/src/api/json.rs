//! JSON in and out. What can't be read is told by its place, never by what it said: it may hold
//! an address.

use std::fmt;
use std::marker::PhantomData;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::problem::{Kind, Problem};

/// Bytes that a decision's answer needs no more than: growing to it would cost more than it holds.
const ROOM: usize = 512;
/// Fields that an answer has in the end: with room for them from the start, it never grows.
const FIELDS: usize = 12;
/// Bytes of a body that is read without the limit of its route: none is lower.
const SHORT: usize = 4096;

/// A JSON body, read or to be written.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "The body must be application/json.";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
        let length = request.body().size_hint().exact();
        let bytes = if length.is_some_and(|bytes| bytes <= SHORT as u64) {
            let read = to_bytes(request.into_body(), SHORT).await;
            read.map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?
        } else {
            Bytes::from_request(request, state)
                .await
                .map_err(|error| Problem::of_status(error.into_response().status()))?
        };
        parse(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut bytes = Vec::with_capacity(ROOM);
        match serde_json::to_writer(&mut bytes, &self.0) {
            Ok(()) => {
                let mut response = Response::new(Body::from(bytes));
                let kind = HeaderValue::from_static("application/json");
                let mut fields = HeaderMap::with_capacity(FIELDS);
                fields.insert(header::CONTENT_TYPE, kind);
                *response.headers_mut() = fields;
                response
            }
            Err(error) => {
                tracing::error!(%error, "an answer can't be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Whether a body says that it is JSON (RFC 6839 §3.1).
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or("").trim().as_bytes();
    let begins = |with: &[u8]| {
        essence.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let ends = |with: &[u8]| {
        let start = essence.len().checked_sub(with.len());
        start.is_some_and(|start| essence[start..].eq_ignore_ascii_case(with))
    };
    essence.eq_ignore_ascii_case(b"application/json") || (begins(b"application/") && ends(b"+json"))
}

/// An object, and nothing but an object.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        object(from).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// Reads a struct by the names of its fields. Serde would take an array for one too, and `[null]`
/// for a question that leaves everything out.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    from.deserialize_map(Fields(PhantomData))
}

/// Reads a struct that may be left out.
pub(super) fn given_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    Option::<Object<T>>::deserialize(from).map(|given| given.map(|Object(value)| value))
}

/// Reads a field that may be left out but is never null.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Reads a JSON object.
///
/// # Errors
/// [`Kind::Malformed`] with line and column, without the text.
pub fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    parse_any(bytes).map(|Object(value)| value)
}

/// Reads any JSON.
///
/// # Errors
/// As for [`parse`].
pub(super) fn parse_any<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let said = error.to_string();
        // Only these name nothing but our own fields.
        let ours = said.starts_with("missing field") || said.starts_with("duplicate field");
        let why = if ours {
            said.split(" at line").next().unwrap_or_default().to_owned()
        } else if error.is_data() {
            "a field is unknown or not of its form".to_owned()
        } else {
            "it is not JSON".to_owned()
        };
        let (line, column) = (error.line(), error.column());
        Problem::new(
            Kind::Malformed,
            format!("The body can't be read: {why} (line {line}, column {column})."),
        )
    })
}
