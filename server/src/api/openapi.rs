//! The document that describes the API, generated from its code.

use std::collections::BTreeMap;

use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Object, ObjectBuilder, OneOf, OneOfBuilder, OpenApi as Document, Ref, RefOr,
    Response, ResponseBuilder, Schema, ServerBuilder,
};
use utoipa::{IntoResponses, OpenApi};

use super::problem;

/// What every operation may answer beside its own.
#[derive(Clone, Copy, Debug)]
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let answer = |description: &str| {
            let content =
                ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let response = ResponseBuilder::new().description(description);
            response.content("application/problem+json", content).build().into()
        };
        BTreeMap::from([
            ("4XX".to_owned(), answer("The request is wrong; `type` says how")),
            ("5XX".to_owned(), answer("The server failed or can't answer now; take it as a no")),
        ])
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sayso",
        description = "What the business's systems ask and tell its privacy portal: may this person be contacted, may their data be shared, what did they choose elsewhere, who are they.\n\nEvery request carries a key made with `sayso key create` in `Authorization: Bearer sayso_…`. Every answer has an `x-request-id`. Every error is a problem (RFC 9457) with a `type` that is explained at its own address. Times are RFC 3339 in UTC with milliseconds. A decision that can't be had is a no.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(problem::Document)),
    tags(
        (name = "decisions", description = "May we? Ask before you send or share"),
        (name = "changes", description = "What changes, in order, for systems that fetch"),
        (name = "snapshots", description = "Signed files for senders that can't call"),
        (name = "deliveries", description = "How far choices have come on their way to systems"),
        (name = "choices", description = "Choices that were made elsewhere"),
        (name = "people", description = "Who the customers are"),
        (name = "reconciliation", description = "Whether a system keeps the promise"),
        (name = "key", description = "What a client may do"),
        (name = "operation", description = "For whoever runs the program"),
    ),
)]
struct Base;

/// The document before any route is in it.
pub(super) fn base(base_url: &str) -> Document {
    let mut document = Base::openapi();
    document.servers = Some(vec![ServerBuilder::new().url(base_url).build()]);
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some("sayso_<id>_<secret>".to_owned());
    scheme.description = Some(
        "A key made with `sayso key create`. The words beside it are the scopes that it needs."
            .to_owned(),
    );
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("key".to_owned(), SecurityScheme::Http(scheme).into());
    document
}

/// The schemas of which exactly one field is given.
const ONE_FIELD: [&str; 2] = ["Person", "Merge"];

/// Adds what the types can't say, once every route is in the document.
pub(super) fn finish(document: &mut Document) {
    let Some(components) = &mut document.components else { return };
    for name in ONE_FIELD {
        if let Some(schema) = components.schemas.get_mut(name)
            && let RefOr::T(Schema::Object(fields)) = schema
        {
            *schema = RefOr::T(one_of_each(fields).into());
        }
    }
}

/// An object for each field, with that field alone.
fn one_of_each(fields: &Object) -> OneOf {
    let mut one_of = OneOfBuilder::new().description(fields.description.clone());
    for (name, schema) in &fields.properties {
        let alone = ObjectBuilder::new()
            .property(name, schema.clone())
            .required(name)
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
        one_of = one_of.item(alone);
    }
    one_of.build()
}
