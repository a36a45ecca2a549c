//! `/api/v1/decisions`: may we contact this person, may we share their data?

use axum::extract::State;
use domain::catalogue::Basis;
use domain::{Moment, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::client::With;
use super::json::{Json, object};
use super::openapi::Problems;
use super::person::{PersonRef, invalid};
use super::problem::Problem;
use super::time::Time;
use super::{Api, Office};
use super::{paths, scope};
use crate::gate::{Lease, Subject, Verdict};

/// A question.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Whom it is about.
    #[serde(deserialize_with = "object")]
    pub(super) person: PersonRef,
    /// What is meant to be done: message:TOPIC/CHANNEL, share:PURPOSE/RECIPIENT, profiling:… or
    /// exception:…. Anything else is denied.
    #[schema(max_length = 120, example = "message:offers/email")]
    pub(super) target: String,
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// It may be done now.
    Allow,
    /// It may not.
    Deny,
}

/// What to keep with a message until it is sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Lease)]
pub struct LeaseView {
    /// Store it with the send: it proves later what was known when you asked.
    id: String,
    /// A message that is still unsent then must be asked about again.
    valid_until: Time,
}

/// An answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub struct Answer {
    /// Allow or deny.
    decision: Word,
    /// Why: `opted_in`, `no_objection` or `required_by_law`; or `opted_out`, `preference_signal`,
    /// paused, `never_opted_in`, `consent_expired`, `not_in_catalogue`, `review_overdue` or minor.
    #[schema(example = "opted_out")]
    reason: &'static str,
    /// The lawful basis that the register names: consent, contract, `legal_obligation` or
    /// `legitimate_interest`.
    #[schema(value_type = Option<String>, example = "legitimate_interest")]
    basis: Option<Basis>,
    /// Number of the notice that it was decided under.
    notice: i64,
    /// Since when, where a choice decided.
    since: Option<Time>,
    /// Until when, for a pause.
    until: Option<Time>,
    /// The choice that decided, by its place in the ledger.
    choice: Option<i64>,
    /// The newest entry of the whole ledger that was taken into account.
    position: i64,
    /// Only with an allow.
    lease: Option<LeaseView>,
}

impl Answer {
    /// How a verdict is told.
    pub(super) fn of(verdict: &Verdict, lease: Option<Lease>) -> Self {
        let decision = verdict.decision;
        let lease = lease.map(|lease| LeaseView { id: lease.id, valid_until: Time(lease.until) });
        Self {
            decision: if decision.allowed { Word::Allow } else { Word::Deny },
            reason: decision.reason.as_str(),
            basis: decision.basis,
            notice: verdict.notice.0,
            since: decision.since.map(Time),
            until: decision.until.map(Time),
            choice: decision.position.map(|position| position.0),
            position: verdict.position.0,
            lease,
        }
    }
}

impl Api {
    /// A lease for an allowed send.
    pub(super) fn lease(
        &self,
        verdict: &Verdict,
        subject: &Subject,
        target: &Target,
        now: Moment,
    ) -> Option<Lease> {
        let Office { service, options, .. } = &**self;
        let (vault, random) = (&service.vault, service.random.as_ref());
        let given = (now, options.lease_seconds);
        let give = || Lease::give(vault, random, (subject, target), given, verdict.position);
        verdict.decision.allowed.then(give)
    }
}

/// May we?
///
/// Ask right before you send or share, and store the lease with it. An opt-out that was answered
/// a moment ago is obeyed. A problem is a no.
#[utoipa::path(
    post,
    path = paths::DECISIONS,
    tag = "decisions",
    request_body = Question,
    responses((status = 200, body = Answer, description = "The decision"), Problems),
    security(("key" = ["decide"])),
)]
pub(super) async fn decide(
    client: With<scope::Decide>,
    State(api): State<Api>,
    Json(question): Json<Question>,
) -> Result<Json<Answer>, Problem> {
    let target: Target = question.target.parse().map_err(|why| invalid("target", why))?;
    client.covers(&target)?;
    let subject = question.person.subject(&api.service)?;
    let now = api.service.clock.now();
    let verdict = api.service.decide(&subject, &target).await?;
    api.service.metrics.decided(verdict.decision.allowed, verdict.decision.reason, 1);
    let lease = api.lease(&verdict, &subject, &target, now);
    Ok(Json(Answer::of(&verdict, lease)))
}
