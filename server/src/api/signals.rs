//! `/api/v1/signals`: a site's server saw the browser's signal (Global Privacy Control).

use app::portal::{By, HandleKind, Who};
use axum::extract::State;
use axum::response::Response;
use domain::change::Assurance;
use domain::signal::asks;
use domain::{Language, Reference, Source, Target, Voice, Wish};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::choices::{refused, short};
use super::client::{Client, With};
use super::idempotency::{Answer, Mutation, Named};
use super::json::{given, given_object};
use super::openapi::Problems;
use super::person::{PersonRef, handle, invalid};
use super::problem::{Kind, Problem};
use super::{paths, scope};
use crate::gate::read_browser;
use crate::ledger::Command;
use crate::ports::new_uuid;
use crate::store::Origin;

/// A request of a visitor of one of the business's sites.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSignal)]
pub struct NewSignal {
    /// The field `Sec-GPC` as the browser sent it; several fields joined with commas. Left out or
    /// other than `1`, it changes nothing.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "1")]
    sec_gpc: Option<String>,
    /// The site's own random id of the visitor's browser; `browser`, `person` or both are given.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        nullable = false,
        min_length = 16,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]*$",
        example = "5f0c9d5e-7a61-4b0e-9a51-0c4f2a6f1f11"
    )]
    browser: Option<String>,
    /// Who is logged in, if anybody is.
    #[serde(default, deserialize_with = "given_object")]
    #[schema(nullable = false)]
    person: Option<PersonRef>,
    /// Where the site heard of it, such as `shop`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 200, example = "shop")]
    detail: Option<String>,
}

/// What the signal did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeardSignal {
    /// Whether the visitor's browser asked not to sell or share; then that holds now.
    pub honored: bool,
    /// Entries added to the ledger; 0 when all was already so.
    pub entries: usize,
    /// The newest position in the ledger of those concerned; 0 when nothing was asked.
    pub position: i64,
}

impl NewSignal {
    /// Those concerned; a person first.
    fn concerned(&self, api: &Api) -> Result<Vec<Who>, Problem> {
        let mut concerned = Vec::new();
        if let Some(person) = &self.person {
            concerned.push(Who::Handle(person.handle(&api.service)?));
        }
        if let Some(id) = &self.browser {
            let id = read_browser(id).map_err(|why| invalid("browser", why))?;
            concerned.push(Who::Handle(handle(&api.service, HandleKind::Browser, &id)));
        }
        if concerned.is_empty() {
            return Err(Problem::new(Kind::Invalid, "Give browser, person or both."));
        }
        Ok(concerned)
    }

    fn command(
        &self,
        api: &Api,
        client: &Client,
        (who, reference): (Who, Reference),
    ) -> Result<Command, Problem> {
        let service = &api.service;
        let (now, notice) = (service.clock.now(), service.notices.current());
        let sold = notice.catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
        for purpose in sold {
            client.covers(&Target::Purpose(purpose.key.clone()))?;
        }
        let language = notice.catalogue.languages.first().copied().unwrap_or(Language::English);
        let origin = Origin {
            api_key: client.0.id.clone(),
            detail: self.detail.as_ref().map(|text| short("detail", text)).transpose()?,
            evidence: None,
        };
        Ok(Command {
            who,
            wish: Wish::StopSale(Voice::Signal),
            by: By { assurance: Assurance::Link, source: Source::PreferenceSignal, language },
            notice,
            at: now,
            reference,
            stranger: new_uuid(now, service.random.as_ref()),
            origin: Some(origin),
            is_answered: false,
        })
    }
}

/// Tell that a visitor's browser asks not to sell or share.
///
/// Call it for requests that carry `Sec-GPC`, with the field as it came. It is recorded once for a
/// browser and once for a customer, however often you call; a later request without the field
/// changes nothing.
#[utoipa::path(
    post,
    path = paths::SIGNALS,
    tag = "choices",
    params(Named),
    request_body = NewSignal,
    responses((status = 200, body = HeardSignal, description = "It is so"), Problems),
    security(("key" = ["signals"])),
)]
pub(super) async fn record_signal(
    client: With<scope::Signals>,
    State(api): State<Api>,
    mutation: Mutation,
) -> Result<Response, Problem> {
    let act = async {
        let signal: NewSignal = mutation.json()?;
        let concerned = signal.concerned(&api)?;
        let honored = asks(signal.sec_gpc.as_deref().map(str::as_bytes));
        let mut heard = HeardSignal { honored, entries: 0, position: 0 };
        // One signal, whoever it concerns.
        let reference = api.service.new_reference();
        for who in concerned.into_iter().filter(|_| honored) {
            let command = signal.command(&api, &client, (who, reference.clone()))?;
            let recorded = api.service.ledger.record(command).await.map_err(refused)?;
            api.service.metrics.saved(Source::PreferenceSignal, recorded.added);
            heard.entries += recorded.added;
            heard.position = heard.position.max(recorded.version.0);
        }
        Answer::json(&heard)
    };
    mutation.once(&api, &client, "application/json", act).await
}
