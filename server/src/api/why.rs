//! `/api/v1/why`: the story of a decision.

use app::portal::Portal;
use axum::extract::{Query, State};
use domain::preference::undone;
use domain::{Choice, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::client::With;
use super::decisions::Answer;
use super::json::Json;
use super::openapi::Problems;
use super::person::{PersonRef, invalid};
use super::problem::{Kind, Problem};
use super::time::Time;
use super::{paths, scope};
use crate::gate::{LeaseClaims, Verdict};

/// Of whom, and about what.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Search {
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
    /// One switch or exception of the register.
    #[param(max_length = 120, example = "message:offers/email")]
    target: String,
    /// A lease that was given for this person and target.
    #[param(nullable = false, max_length = 64)]
    lease: Option<String>,
}

/// One step of the story.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chapter {
    /// The entry's place in the ledger.
    position: i64,
    /// When it was made.
    at: Time,
    /// What it is about: the target that was asked about, or a wider one; or another sale, where a
    /// signal or an agent refused all sale.
    #[schema(example = "topic:offers")]
    target: String,
    /// granted, withdrawn, paused, resumed, requested or undone.
    #[schema(example = "withdrawn")]
    act: &'static str,
    /// The end of a pause.
    until: Option<Time>,
    /// How it reached the business.
    #[schema(example = "one_click")]
    source: &'static str,
    /// Who made it: person, staff, agent or system.
    #[schema(example = "person")]
    actor: &'static str,
    /// Number of the notice that was shown.
    notice: i64,
    /// The number that the customer was told.
    #[schema(example = "K7QD-M2XP")]
    reference: String,
    /// Whether it was taken back.
    undone: bool,
}

/// What a lease proves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proof {
    /// When it was given.
    given_at: Time,
    /// Until when it was valid.
    valid_until: Time,
    /// The newest entry of the whole ledger that was known then.
    position: i64,
    /// Whether a choice that bears on the target came only after it.
    changed_since: bool,
}

/// Why a decision is as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Story {
    /// The decision now.
    decision: Answer,
    /// Whether anybody is known by the identifier.
    known: bool,
    /// Every entry that bears on it, oldest first.
    entries: Vec<Chapter>,
    /// What the lease proves, where one was named.
    lease: Option<Proof>,
}

fn chapter(choice: &Choice, undone: bool) -> Chapter {
    let entry = &choice.entry;
    let until = match entry.act {
        domain::Act::Paused { until } => Some(Time(until)),
        _ => None,
    };
    Chapter {
        position: choice.position.0,
        at: Time(entry.at),
        target: entry.target.to_string(),
        act: entry.act.as_str(),
        until,
        source: entry.source.as_str(),
        actor: entry.actor.as_str(),
        notice: entry.notice.0,
        reference: entry.reference.to_string(),
        undone,
    }
}

/// Every entry that covers the target, and the one that decided: a signal or an agent that refused
/// another sale refuses whatever the register has come to count as sale since then.
async fn story(api: &Api, verdict: &Verdict, on: &Target) -> Result<Vec<Choice>, Problem> {
    let Some(person) = verdict.person else { return Ok(Vec::new()) };
    let history = api.service.list_history(person).await;
    let mut history = history.map_err(|_| Problem::of(Kind::Unavailable))?;
    let decided = |choice: &Choice| verdict.decision.position == Some(choice.position);
    history.retain(|choice| choice.entry.target.covers(on) || decided(choice));
    Ok(history)
}

/// Why did this person get this, or why not?
///
/// The decision now, and every choice that bears on it, in order. With a lease, also what was
/// known when that was given.
#[utoipa::path(
    get,
    path = paths::WHY,
    tag = "decisions",
    params(Search),
    responses((status = 200, body = Story, description = "The story"), Problems),
    security(("key" = ["why"])),
)]
pub(super) async fn tell(
    client: With<scope::Why>,
    State(api): State<Api>,
    Query(asked): Query<Search>,
) -> Result<Json<Story>, Problem> {
    let target: Target = asked.target.parse().map_err(|why| invalid("target", why))?;
    client.covers(&target)?;
    let Search { email, phone, customer_number, browser, lease, .. } = asked;
    let subject = PersonRef { email, phone, customer_number, browser }.subject(&api.service)?;
    let verdict = api.service.decide(&subject, &target).await?;
    let history = story(&api, &verdict, &target).await?;
    let lease = lease.map(|id| {
        LeaseClaims::read(&api.service.vault, &id, &subject, &target)
            .ok_or_else(|| invalid("lease", "it was not given for this person and target"))
    });
    let proof = lease.transpose()?.map(|claims| Proof {
        given_at: Time(claims.at),
        valid_until: Time(claims.until),
        position: claims.position.0,
        changed_since: history.iter().any(|choice| choice.position > claims.position),
    });
    let gone = undone(&history);
    let chapters = history.iter().map(|choice| chapter(choice, gone.contains(&choice.position)));
    Ok(Json(Story {
        decision: Answer::of(&verdict, None),
        known: verdict.person.is_some(),
        entries: chapters.collect(),
        lease: proof,
    }))
}
