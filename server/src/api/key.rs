//! `/api/v1/key`: a client asks what its own key may do.

use serde::Serialize;
use utoipa::ToSchema;

use super::client::Client;
use super::json::Json;
use super::openapi::Problems;
use super::paths;
use super::scope::Scope;

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub struct KeyView {
    /// The part that may be shown.
    #[schema(example = "3f9a0c7e5b21d846")]
    pub id: String,
    /// What its owner calls it.
    #[schema(example = "mailer")]
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Targets that cover what it may ask about or record; empty for everything.
    #[schema(example = json!(["marketing"]))]
    pub targets: Vec<String>,
    /// The system of the register that it speaks for.
    pub system: Option<String>,
}

/// What the key of this request may do.
#[utoipa::path(
    get,
    path = paths::KEY,
    tag = "key",
    responses(
        (status = 200, body = KeyView, description = "The key"),
        Problems,
    ),
    security(("key" = [])),
)]
pub(super) async fn find_key(Client(key): Client) -> Json<KeyView> {
    Json(KeyView {
        id: key.id.clone(),
        name: key.name.clone(),
        scopes: key.scopes.clone(),
        targets: key.targets.iter().map(ToString::to_string).collect(),
        system: key.system.as_ref().map(ToString::to_string),
    })
}
