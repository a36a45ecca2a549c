//! `/api/v1/gpp`: what somebody chose, as the advertising industry's machines read it.

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::client::With;
use super::json::Json;
use super::openapi::Problems;
use super::person::PersonRef;
use super::problem::Problem;
use super::{paths, scope};

/// Of whom.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// Email address; give exactly one of email, phone, `customer_number` and browser.
    #[param(nullable = false, max_length = 254, example = "mira@example.com")]
    email: Option<String>,
    /// Phone number.
    #[param(nullable = false, max_length = 64)]
    phone: Option<String>,
    /// Number in the business's own books.
    #[param(nullable = false, min_length = 1, max_length = 64)]
    customer_number: Option<String>,
    /// Random id of a browser.
    #[param(nullable = false, min_length = 16, max_length = 64)]
    browser: Option<String>,
}

/// A string of the Global Privacy Platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct GppString {
    /// The whole string.
    #[schema(example = "DBABLA~CVQVAAAAAACA.YA")]
    gpp: String,
    /// The sections in it: 7 is usnat.
    sections: [u8; 1],
}

/// What a person chose, as a GPP string.
///
/// The section usnat, version 2: opt-outs of sale, sharing and targeted advertising, and whether
/// the person's browser asked for them. Of several people with one address the most protective
/// counts.
#[utoipa::path(
    get,
    path = paths::GPP,
    tag = "decisions",
    params(Whom),
    responses((status = 200, body = GppString, description = "The string"), Problems),
    security(("key" = ["decide"])),
)]
pub(super) async fn tell_gpp(
    _: With<scope::Decide>,
    State(api): State<Api>,
    Query(asked): Query<Whom>,
) -> Result<Json<GppString>, Problem> {
    let Whom { email, phone, customer_number, browser } = asked;
    let subject = PersonRef { email, phone, customer_number, browser }.subject(&api.service)?;
    let national =
        api.service.judge(&[&subject], |judge, table| judge.gpp(table, &subject)).await?;
    Ok(Json(GppString { gpp: national.string(), sections: [7] }))
}
