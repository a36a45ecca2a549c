//! `/api/v1/choices`: a choice that was made elsewhere.

use app::portal::{By, Recorded, Who};
use axum::extract::State;
use axum::response::Response;
use clap::ValueEnum;
use domain::change::Assurance;
use domain::moment::MINUTE;
use domain::report::{Evidence, Report, Told};
use domain::{Language, Moment, Refusal, Source, Target, Wish};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::client::{Client, With};
use super::idempotency::{Answer, Mutation, Named};
use super::json::{given_object, object};
use super::number::whole;
use super::openapi::Problems;
use super::person::{PersonRef, invalid};
use super::problem::{Kind, Problem};
use super::time::Time;
use super::{paths, scope};
use crate::ledger::{Command, RecordError};
use crate::ports::new_uuid;
use crate::store::Origin;

/// Milliseconds by which a client's clock may be ahead.
const AHEAD: i64 = MINUTE;
/// Longest detail and name of evidence, in characters.
const DETAIL_LIMIT: usize = 200;

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Stop it. Always counts, at once, and makes a record of somebody unknown.
    OptOut,
    /// Stop all marketing for `days`. Always counts.
    Pause,
    /// Allow it. Counts where the person never said no, otherwise only with `evidence`.
    OptIn,
}

/// How a customer told staff what they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// On the phone.
    Phone,
    /// By post.
    Post,
    /// In person.
    InPerson,
    /// By email.
    Email,
}

impl From<Manner> for Source {
    fn from(manner: Manner) -> Self {
        match manner {
            Manner::Phone => Self::StaffPhone,
            Manner::Post => Self::StaffPost,
            Manner::InPerson => Self::StaffPerson,
            Manner::Email => Self::StaffEmail,
        }
    }
}

/// The two steps by which somebody opted in: they asked, and then they confirmed.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// When they asked.
    requested_at: Time,
    /// When they confirmed.
    confirmed_at: Time,
    /// Under which name your system keeps the proof.
    #[schema(min_length = 1, max_length = 200, example = "double-opt-in/81204")]
    reference: String,
}

/// A choice that was made elsewhere.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewChoice)]
pub struct NewChoice {
    /// Whose.
    #[serde(deserialize_with = "object")]
    person: PersonRef,
    /// About what: everything, marketing, sharing, topic:…, channel:…, message:TOPIC/CHANNEL,
    /// profiling:…, purpose:… or share:PURPOSE/RECIPIENT.
    #[schema(max_length = 120, example = "message:offers/email")]
    target: String,
    /// What was chosen.
    act: Act,
    /// Length of a pause, from when it was chosen; only with `pause`.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 366)]
    days: Option<u16>,
    /// When it was chosen; now, if it is left out.
    at: Option<Time>,
    /// The language in which it was asked (BCP 47).
    #[schema(max_length = 35, example = "en")]
    language: Option<String>,
    /// Where it was made, such as `checkout`.
    #[schema(max_length = 200, example = "checkout")]
    detail: Option<String>,
    /// How the customer told it to your staff, where they did; not with `opt_in`, which is proven
    /// by `evidence` and not by who heard it.
    manner: Option<Manner>,
    /// The two steps of an opt-in; only with `opt_in`.
    #[serde(default, deserialize_with = "given_object")]
    evidence: Option<Steps>,
}

/// A choice that is on disk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordedChoice {
    /// The number that the customer finds it by.
    #[schema(example = "K7QD-M2XP")]
    pub reference: String,
    /// Entries added to the ledger; 0 when all was already so.
    pub entries: usize,
    /// The person's newest position in the ledger.
    pub position: i64,
}

impl From<Recorded> for RecordedChoice {
    fn from(recorded: Recorded) -> Self {
        let Recorded { reference, added, version } = recorded;
        Self { reference: reference.to_string(), entries: added, position: version.0 }
    }
}

/// A short text, none of whose characters disguises it.
pub(super) fn short(field: &str, text: &str) -> Result<String, Problem> {
    let length = text.chars().count();
    if (1..=DETAIL_LIMIT).contains(&length) && !domain::contact::disguises(text) {
        return Ok(text.to_owned());
    }
    Err(invalid(field, "it has 1 to 200 characters, none of them invisible"))
}

/// A time that has been; clocks differ a little.
fn past(field: &str, Time(at): Time, now: Moment) -> Result<Moment, Problem> {
    if at > now.plus(AHEAD) || at.0 < 0 {
        return Err(invalid(field, "it is not in the past"));
    }
    Ok(at.min(now))
}

impl NewChoice {
    /// The way it came.
    pub(super) fn source(&self) -> Source {
        self.manner.map_or(Source::Api, Source::from)
    }

    fn told(&self, now: Moment) -> Result<Told, Problem> {
        if self.act != Act::Pause && self.days.is_some() {
            return Err(invalid("days", "only a pause has a length"));
        }
        if self.act == Act::OptIn && self.manner.is_some() {
            return Err(invalid("manner", "an opt-in counts by its evidence, however it was told"));
        }
        if self.act != Act::OptIn && self.evidence.is_some() {
            return Err(invalid("evidence", "only an opt-in has evidence"));
        }
        Ok(match (self.act, self.days, &self.evidence) {
            (Act::OptOut, ..) => Told::OptedOut,
            (Act::Pause, Some(days), _) => Told::Paused(days),
            (Act::Pause, None, _) => return Err(invalid("days", "a pause has a length")),
            (Act::OptIn, _, None) => Told::OptedIn(None),
            (Act::OptIn, _, Some(steps)) => {
                let requested_at = past("evidence.requested_at", steps.requested_at, now)?;
                let confirmed_at = past("evidence.confirmed_at", steps.confirmed_at, now)?;
                if confirmed_at < requested_at {
                    return Err(invalid("evidence.confirmed_at", "it is before requested_at"));
                }
                Told::OptedIn(Some(Evidence { requested_at, confirmed_at }))
            }
        })
    }

    /// The command for the ledger.
    ///
    /// # Errors
    /// What is wrong with a field; [`Kind::TargetNotAllowed`]; [`Kind::TooMany`] for an opt-in.
    pub(super) fn command(&self, api: &Api, client: &Client) -> Result<Command, Problem> {
        let service = &api.service;
        let (now, notice) = (service.clock.now(), service.notices.current());
        let target: Target = self.target.parse().map_err(|why| invalid("target", why))?;
        client.covers(&target)?;
        let told = self.told(now)?;
        let at = self.at.map_or(Ok(now), |at| past("at", at, now))?;
        let language = match &self.language {
            None => notice.catalogue.languages.first().copied().unwrap_or(Language::English),
            Some(tag) => Language::for_tag(tag)
                .ok_or_else(|| invalid("language", "the portal does not speak it"))?,
        };
        let evidence = self.evidence.as_ref().map(|steps| &steps.reference);
        let origin = Origin {
            api_key: client.0.id.clone(),
            detail: self.detail.as_ref().map(|text| short("detail", text)).transpose()?,
            evidence: evidence.map(|text| short("evidence.reference", text)).transpose()?,
        };
        let who = Who::Handle(self.person.handle(service)?);
        let report = Report { target, told, at };
        if !report.is_protective() {
            client.spend(api)?;
        }
        Ok(Command {
            who,
            wish: Wish::Report(report),
            by: By { assurance: Assurance::Link, source: self.source(), language },
            notice,
            at: now,
            reference: service.new_reference(),
            stranger: new_uuid(now, service.random.as_ref()),
            origin: Some(origin),
            is_answered: false,
        })
    }
}

/// What to tell of a choice that was not recorded.
pub(super) fn refused(error: RecordError) -> Problem {
    let refusal = match error {
        RecordError::Unknown => return Problem::of(Kind::UnknownPerson),
        RecordError::Unavailable => return Problem::of(Kind::Unavailable),
        RecordError::Refused(refusal) => refusal,
    };
    match refusal {
        Refusal::NeedsEvidence | Refusal::NeedsCode => Problem::of(Kind::NeedsEvidence),
        Refusal::UnknownTarget => invalid("target", "it is not in the register"),
        Refusal::RequiredByLaw => invalid("target", "a law requires it, so it can't be chosen"),
        Refusal::OneAtATime => invalid("target", "a yes covers one switch at a time"),
        Refusal::NotAPause => invalid("target", "only all marketing can be paused"),
        Refusal::Stale => Problem::new(Kind::Conflict, "The person said no after they had asked."),
        Refusal::Minor => Problem::new(Kind::Conflict, "Nobody under 16 can be opted in to this."),
        Refusal::NotUndoable => Problem::of(Kind::Conflict),
    }
}

/// Record a choice that was made elsewhere.
///
/// In a shop's checkout, on the phone, by a mailer's own unsubscribe or complaint. What protects
/// the person always counts, however often you call. It answers when it is on disk; from then on
/// every decision obeys it.
#[utoipa::path(
    post,
    path = paths::CHOICES,
    tag = "choices",
    params(Named),
    request_body = NewChoice,
    responses((status = 200, body = RecordedChoice, description = "It is recorded"), Problems),
    security(("key" = ["choices"])),
)]
pub(super) async fn record_choice(
    client: With<scope::Choices>,
    State(api): State<Api>,
    mutation: Mutation,
) -> Result<Response, Problem> {
    let act = async {
        let choice: NewChoice = mutation.json()?;
        let command = choice.command(&api, &client)?;
        let source = command.by.source;
        let recorded = api.service.ledger.record(command).await.map_err(refused)?;
        api.service.metrics.saved(source, recorded.added);
        Answer::json(&RecordedChoice::from(recorded))
    };
    mutation.once(&api, &client, "application/json", act).await
}
