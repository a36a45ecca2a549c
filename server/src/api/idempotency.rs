//! A request that is sent twice is done once (`Idempotency-Key`, A-14 of the requirements).

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::moment::MINUTE;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::Api;
use super::client::Client;
use super::json::{is_json, parse};
use super::problem::{Kind, Problem};

/// The header that names a request.
pub const NAME: &str = "idempotency-key";
/// Milliseconds after which a request without an answer counts as lost.
const GIVEN_UP: i64 = MINUTE;

/// A request that changes something.
pub(super) struct Mutation {
    method: Method,
    uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Mutation {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|error| Problem::of_status(error.into_response().status()))?;
        Ok(Self { method, uri, headers, body })
    }
}

/// What the document says of [`NAME`].
pub(super) struct Named;

impl IntoParams for Named {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$")).build();
        let about = "A name of yours for this request. Sent again with it, the request is answered \
                     as before and not done again; for a day. A failure is not kept.";
        let named = ParameterBuilder::new().name("Idempotency-Key").description(Some(about));
        vec![named.parameter_in(ParameterIn::Header).schema(Some(text)).build()]
    }
}

/// An answer that can be given again.
pub(super) struct Answer {
    pub status: StatusCode,
    pub kind: &'static str,
    pub body: Vec<u8>,
    /// Whether all of it was done, so that it is kept.
    pub is_whole: bool,
}

impl Answer {
    /// 204.
    pub const fn nothing() -> Self {
        let (status, kind) = (StatusCode::NO_CONTENT, "application/json");
        Self { status, kind, body: Vec::new(), is_whole: true }
    }

    /// 200 with JSON.
    pub fn json(value: &impl serde::Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|_| Problem::of(Kind::Failure))?;
        Ok(Self { status: StatusCode::OK, kind: "application/json", body, is_whole: true })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        if self.status == StatusCode::NO_CONTENT {
            return self.status.into_response();
        }
        let kind = HeaderValue::from_static(self.kind);
        (self.status, [(header::CONTENT_TYPE, kind)], self.body).into_response()
    }
}

impl Mutation {
    fn name(&self) -> Result<Option<&str>, Problem> {
        let mut fields = self.headers.get_all(NAME).iter();
        let Some(field) = fields.next() else { return Ok(None) };
        let name = field.to_str().ok().map(str::trim);
        let visible = |name: &str| name.bytes().all(|byte| byte.is_ascii_graphic());
        let name = name.filter(|name| (1..=255).contains(&name.len()) && visible(name));
        let name = name.filter(|_| fields.next().is_none());
        let detail = "Idempotency-Key has 1 to 255 visible characters of ASCII, and comes once.";
        name.map(Some).ok_or(Problem::new(Kind::Malformed, detail))
    }

    fn digest(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        let path = self.uri.path_and_query().map_or("", |path| path.as_str());
        let kind = self.headers.get(header::CONTENT_TYPE).map_or(&[][..], |kind| kind.as_bytes());
        for part in [self.method.as_str().as_bytes(), path.as_bytes(), kind, &self.body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }

    /// Its body as JSON.
    ///
    /// # Errors
    /// [`Kind::UnsupportedMediaType`] and [`Kind::Malformed`].
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Problem> {
        if !is_json(&self.headers) {
            let detail = "The body must be application/json.";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
        parse(&self.body)
    }

    /// Does the request unless one of the same name was answered; only good answers are kept,
    /// and none of which a part failed: it may pass later.
    ///
    /// # Errors
    /// Whatever `act` fails with; [`Kind::KeyReused`] and [`Kind::InFlight`].
    pub async fn once(
        &self,
        api: &Api,
        client: &Client,
        kind: &'static str,
        act: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Response, Problem> {
        let Some(name) = self.name()? else { return act.await.map(Answer::into_response) };
        let (store, now, digest) = (&api.service.store, api.service.clock.now(), self.digest());
        let id = &client.0.id;
        let given_up = now.plus(-GIVEN_UP).0;
        if let Some(earlier) = store.insert_claim(id, name, &digest, now.0, given_up).await? {
            if earlier.request != digest {
                return Err(Problem::of(Kind::KeyReused));
            }
            let (status, body) = earlier.answer.ok_or(Problem::of(Kind::InFlight).after(1))?;
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            return Ok(Answer { status, kind, body, is_whole: true }.into_response());
        }
        match act.await {
            Ok(answer) if !answer.is_whole => {
                store.delete_claim(id, name).await?;
                Ok(answer.into_response())
            }
            Ok(answer) => {
                store.record_answer(id, name, answer.status.as_u16(), &answer.body).await?;
                Ok(answer.into_response())
            }
            Err(problem) => {
                store.delete_claim(id, name).await?;
                Err(problem)
            }
        }
    }
}
