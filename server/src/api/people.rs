//! `/api/v1/people`: who the customers are. Choices follow the person; of two, the most
//! protective wins.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::contact::IdentifierKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::client::With;
use super::idempotency::{Answer, Mutation, Named};
use super::json::given;
use super::number::whole;
use super::openapi::Problems;
use super::person::invalid;
use super::problem::{Kind, Problem};
use super::{paths, scope};
use crate::gate::Subject;
use crate::people::{Fields, Put, erase, merge, put};

const JSON: &str = "application/json";

/// What the business knows of a customer. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Customer)]
pub struct Person {
    /// What they are called.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Email address. A new one becomes the one to write to; choices made by the old one stay.
    #[schema(format = Email, max_length = 254, example = "mira@example.com")]
    email: Option<String>,
    /// Phone number; without a country code it is read as from the business's country.
    #[schema(max_length = 64)]
    phone: Option<String>,
    /// Language to write to them in (BCP 47).
    #[schema(max_length = 35, example = "en")]
    language: Option<String>,
    /// Where they live (ISO 3166-2).
    #[schema(max_length = 6, example = "GB-ENG")]
    region: Option<String>,
    /// Year of birth.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1900, maximum = 9999)]
    birth_year: Option<u16>,
}

/// What became of a customer that was put.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutPerson {
    /// They were not known by this number before.
    created: bool,
    /// Opt-outs and pauses taken over from people with the same address or number.
    carried: u64,
}

/// The other one of two customers: exactly one of the fields.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The customer number that stays.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    into: Option<String>,
    /// The customer number that goes; the one in the address stays.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    from: Option<String>,
}

/// What became of two customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merged {
    /// Opt-outs and pauses that the one who stays took over.
    carried: usize,
}

fn number(field: &str, text: &str) -> Result<String, Problem> {
    let read = Subject::read(IdentifierKind::Customer, text, "");
    read.map(|number| number.normal().to_owned()).map_err(|why| invalid(field, why))
}

/// Create or change a customer.
///
/// What is said here can tighten what they chose, never loosen it: with a new address come the
/// opt-outs of everybody who had it.
#[utoipa::path(
    put,
    path = paths::PERSON,
    tag = "people",
    params(("customer_number" = String, Path, description = "Number in the business's own books", min_length = 1, max_length = 64), Named),
    request_body = Person,
    responses(
        (status = 200, body = PutPerson, description = "They were known"),
        (status = 201, body = PutPerson, description = "They are new"),
        Problems,
    ),
    security(("key" = ["people"])),
)]
pub(super) async fn put_person(
    client: With<scope::People>,
    State(api): State<Api>,
    Path(customer): Path<String>,
    mutation: Mutation,
) -> Result<Response, Problem> {
    let act = async {
        let person: Person = mutation.json()?;
        let customer = number("customer_number", &customer)?;
        let year = person.birth_year.map(|year| year.to_string()).unwrap_or_default();
        let fields = Fields {
            customer: &customer,
            name: person.name.as_deref().unwrap_or_default(),
            email: person.email.as_deref().unwrap_or_default(),
            phone: person.phone.as_deref().unwrap_or_default(),
            language: person.language.as_deref().unwrap_or_default(),
            region: person.region.as_deref().unwrap_or_default(),
            birth_year: &year,
        };
        let done = put(&api.service, &fields, || client.spend(&api)).await?;
        let Put { created, carried } =
            done.map_err(|reason| Problem::new(Kind::Invalid, format!("{reason}.")))?;
        let answer = Answer::json(&PutPerson { created, carried })?;
        let status = if created { StatusCode::CREATED } else { StatusCode::OK };
        Ok(Answer { status, ..answer })
    };
    mutation.once(&api, &client, JSON, act).await
}

/// Make one of two customers.
///
/// Whatever either is known by stands for the one from now on, with the opt-outs and pauses of
/// both. A yes of the one who goes is not taken over.
#[utoipa::path(
    post,
    path = paths::MERGE,
    tag = "people",
    params(("customer_number" = String, Path, description = "Number in the business's own books", min_length = 1, max_length = 64), Named),
    request_body = Merge,
    responses((status = 200, body = Merged, description = "They are one"), Problems),
    security(("key" = ["people"])),
)]
pub(super) async fn merge_person(
    client: With<scope::People>,
    State(api): State<Api>,
    Path(customer): Path<String>,
    mutation: Mutation,
) -> Result<Response, Problem> {
    let act = async {
        let other: Merge = mutation.json()?;
        let customer = number("customer_number", &customer)?;
        let (from, into) = match (other.from, other.into) {
            (Some(from), None) => (number("from", &from)?, customer),
            (None, Some(into)) => (customer, number("into", &into)?),
            _ => return Err(Problem::new(Kind::Invalid, "Give exactly one of into and from.")),
        };
        let merged = merge(&api.service, &from, &into, || client.spend(&api)).await?;
        match merged {
            Ok(carried) => Answer::json(&Merged { carried }),
            Err(unknown) => Err(Problem::new(Kind::UnknownPerson, format!("{unknown}."))),
        }
    };
    mutation.once(&api, &client, JSON, act).await
}

/// Erase a customer.
///
/// Name, addresses and details go for good, and their links only restrict. Keyed hashes stay with
/// an opt-out of everything, so that a later import of the same address can't bring them back.
#[utoipa::path(
    delete,
    path = paths::PERSON,
    tag = "people",
    params(("customer_number" = String, Path, description = "Number in the business's own books", min_length = 1, max_length = 64), Named),
    responses((status = 204, description = "They are erased"), Problems),
    security(("key" = ["people"])),
)]
pub(super) async fn delete_person(
    client: With<scope::People>,
    State(api): State<Api>,
    Path(customer): Path<String>,
    mutation: Mutation,
) -> Result<Response, Problem> {
    let act = async {
        let customer = number("customer_number", &customer)?;
        if erase(&api.service, &customer).await? {
            Ok(Answer::nothing())
        } else {
            Err(Problem::of(Kind::UnknownPerson))
        }
    };
    mutation.once(&api, &client, JSON, act).await
}
