//! Who calls: the key in `Authorization`, with the scope that a handler names in its signature.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use domain::Target;

use super::Api;
use super::keyring::ApiKey;
use super::problem::{Kind, Problem};
use super::scope::Scoped;

/// A client with a good key, whatever it may do.
#[derive(Clone, Debug)]
pub struct Client(pub Arc<ApiKey>);

impl Client {
    /// The system that a client may see: its own, if it speaks for one, else the one asked for.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when another than its own is asked for.
    pub fn own_system(&self, asked: Option<String>) -> Result<Option<String>, Problem> {
        match (self.0.system.as_ref().map(ToString::to_string), asked) {
            (Some(own), Some(asked)) if own != asked => Err(Problem::of(Kind::NotFound)),
            (Some(own), _) => Ok(Some(own)),
            (None, asked) => Ok(asked),
        }
    }

    /// Lets a target pass that the key may touch.
    ///
    /// # Errors
    /// [`Kind::TargetNotAllowed`].
    pub fn covers(&self, target: &Target) -> Result<(), Problem> {
        if self.0.covers(target) { Ok(()) } else { Err(Problem::of(Kind::TargetNotAllowed)) }
    }
}

impl FromRequestParts<Api> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let mut fields = parts.headers.get_all(header::AUTHORIZATION).iter();
        // Two are one too many: others on the way may have looked at the first.
        let (Some(field), None) = (fields.next(), fields.next()) else {
            return Err(Problem::of(Kind::Unauthorized));
        };
        let text = field.to_str().ok().and_then(|field| {
            let (scheme, key) = field.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
        });
        let Some(text) = text else { return Err(Problem::of(Kind::Unauthorized)) };
        let key = api.keys.check(text).await?.ok_or(Problem::of(Kind::Unauthorized))?;
        tracing::Span::current().record("client", &*key.id);
        Ok(Self(key))
    }
}

/// A client whose key has a scope: `client: With<Decide>`.
#[derive(Clone, Debug)]
pub struct With<S> {
    /// The client.
    pub client: Client,
    scope: PhantomData<S>,
}

impl<S> std::ops::Deref for With<S> {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Client {
    /// Takes one request from the key's allowance. Whatever protects a person does not ask.
    ///
    /// # Errors
    /// [`Kind::TooMany`].
    pub fn spend(&self, api: &Api) -> Result<(), Problem> {
        api.limits.spend(&self.0.id).map_err(|seconds| Problem::of(Kind::TooMany).after(seconds))
    }
}

impl<S: Scoped> FromRequestParts<Api> for With<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let client = Client::from_request_parts(parts, api).await?;
        if !client.0.may(S::SCOPE) {
            let needed = S::SCOPE.as_str();
            let detail = format!("The key was made without the scope `{needed}`.");
            return Err(Problem::new(Kind::MissingScope, detail));
        }
        if !S::SCOPE.may_protect() {
            client.spend(api)?;
        }
        Ok(Self { client, scope: PhantomData })
    }
}
