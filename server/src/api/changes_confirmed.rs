//! `/api/v1/changes/acknowledgement`: a system that stays connected says how far it obeys.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changes::{check_cursor, confirm, own_system};
use super::client::With;
use super::json::Json;
use super::number::{Place, given_whole};
use super::openapi::Problems;
use super::problem::Problem;
use super::{Api, paths, scope};

/// How far the system obeys.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Obeyed {
    /// The `cursor` of the last change that it obeys; it obeys all before it, too.
    #[serde(deserialize_with = "given_whole")]
    #[schema(value_type = i64, minimum = 0, example = 757)]
    cursor: Place,
}

/// What is confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Confirmed {
    /// How many changes are confirmed by this that were not before.
    confirmed: u64,
}

/// Says that the system obeys all changes up to a cursor. Saying it again changes nothing.
///
/// For whoever follows by server-sent events; a long poll confirms by its `after`.
#[utoipa::path(
    post,
    path = paths::CHANGES_ACKNOWLEDGEMENT,
    tag = "changes",
    request_body = Obeyed,
    responses((status = 200, body = Confirmed, description = "It is noted"), Problems),
    security(("key" = ["changes"])),
)]
pub(super) async fn acknowledge_changes(
    client: With<scope::Changes>,
    State(api): State<Api>,
    Json(obeyed): Json<Obeyed>,
) -> Result<Json<Confirmed>, Problem> {
    let system = own_system(&api, &client)?;
    check_cursor(&api, "cursor", obeyed.cursor.0).await?;
    let confirmed = confirm(&api, &system, obeyed.cursor.0).await?;
    Ok(Json(Confirmed { confirmed }))
}
