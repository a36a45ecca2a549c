//! `/api/v1/people/{customer_number}/unsubscribe-headers`: what a mailer puts into a message's
//! head, so that a mail client shows its unsubscribe button (RFC 8058).

use axum::extract::{Path, Query, State};
use domain::contact::IdentifierKind;
use domain::{Channel, Key, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::client::With;
use super::json::Json;
use super::openapi::Problems;
use super::person::invalid;
use super::problem::{Kind, Problem};
use super::{paths, scope};
use crate::gate::Subject;
use crate::unsubscribe::{NoHeaders, headers};
use crate::vault::token_digest;

/// For which message.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Key of the topic.
    #[param(max_length = 40, example = "offers")]
    topic: String,
    /// The channel; only mail has header fields.
    #[param(max_length = 5, example = "email")]
    channel: String,
}

/// The two header fields, to be written as they are and covered by the message's DKIM signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnsubscribeHeaders {
    /// The value of `List-Unsubscribe`: one https address, and a mailto address where the portal
    /// has a mailbox for it.
    #[schema(
        example = "<https://privacy.northwind.example/u/Q0hMV1JhbmRvbVRva2VuMQ/offers/email>"
    )]
    list_unsubscribe: String,
    /// The value of `List-Unsubscribe-Post`.
    #[schema(example = "List-Unsubscribe=One-Click")]
    list_unsubscribe_post: &'static str,
}

/// The header fields by which a mail client unsubscribes.
///
/// They hold the customer's own link, which can only restrict: put them into no message to anybody
/// else.
#[utoipa::path(
    get,
    path = paths::UNSUBSCRIBE_HEADERS,
    tag = "people",
    params(("customer_number" = String, Path, description = "Number in the business's own books", min_length = 1, max_length = 64), Message),
    responses((status = 200, body = UnsubscribeHeaders, description = "The fields"), Problems),
    security(("key" = ["headers"])),
)]
pub(super) async fn find_headers(
    client: With<scope::Headers>,
    State(api): State<Api>,
    Path(customer): Path<String>,
    Query(message): Query<Message>,
) -> Result<Json<UnsubscribeHeaders>, Problem> {
    let topic: Key = message.topic.parse().map_err(|why| invalid("topic", why))?;
    let channel: Channel = message.channel.parse().map_err(|why| invalid("channel", why))?;
    client.covers(&Target::Message(topic.clone(), channel))?;
    let number = Subject::read(IdentifierKind::Customer, &customer, "");
    let number = number.map_err(|why| invalid("customer_number", why))?;
    let service = &api.service;
    let digests = service.vault.digest_list(number.kind(), number.normal());
    let people = service.store.list_people_by_digest(&digests).await?;
    let newest = people.last().ok_or(Problem::of(Kind::UnknownPerson))?;
    let person = service.store.find_person(*newest).await?;
    let person = person.ok_or(Problem::of(Kind::UnknownPerson))?;
    let token = service.vault.link_token(person.id, person.link_epoch);
    let notice = service.notices.current();
    let mailbox = api.doors.mailbox.as_ref();
    let base_url = api.base_url.as_ref();
    let fields = headers(&notice.catalogue, base_url, mailbox, &token, (&topic, channel));
    let fields = fields.map_err(|why| match why {
        NoHeaders::Unknown => invalid("topic", why),
        NoHeaders::NotMail => invalid("channel", why),
        NoHeaders::BaseUrl => Problem::new(Kind::Conflict, format!("{why}.")),
    })?;
    let digest = token_digest(&token).unwrap_or_default();
    service.store.insert_links(&[(digest, person.id, person.link_epoch)]).await?;
    Ok(Json(UnsubscribeHeaders {
        list_unsubscribe: fields.list_unsubscribe,
        list_unsubscribe_post: fields.list_unsubscribe_post,
    }))
}
