//! A delivery as clients see it.

use domain::delivery::{self, is_overdue};
use domain::{Choice, Moment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::number::{Place, whole};
use crate::store::DeliveryRow;
use crate::tell::rfc3339;

/// A choice on its way to a system.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// Its id, which is its webhook's too.
    id: Uuid,
    /// The system.
    #[schema(example = "mailer")]
    system: String,
    /// The choice in the ledger.
    position: i64,
    /// What the choice is about.
    #[schema(example = "message:offers/email")]
    target: String,
    /// What was chosen: granted, withdrawn, paused, resumed or undone.
    #[schema(example = "withdrawn")]
    act: &'static str,
    /// How far it has come.
    state: DeliveryState,
    /// Whether the system should have confirmed and has not.
    overdue: bool,
    /// Tries so far.
    attempts: i64,
    /// When the choice was made, or had to be told anew by another address after it was confirmed.
    #[schema(format = DateTime)]
    created_at: String,
    /// When the system must have confirmed.
    #[schema(format = DateTime)]
    due_at: String,
    /// When it is tried next, while it is queued.
    #[schema(format = DateTime)]
    next_try_at: Option<String>,
    /// When the system took it.
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    /// When the system confirmed.
    #[schema(format = DateTime)]
    acknowledged_at: Option<String>,
    /// Why the last try failed.
    #[schema(example = "answered 503")]
    failure: Option<String>,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its next try, or to be fetched.
    Queued,
    /// The system took it and has not yet said that it obeys.
    Sent,
    /// The system obeys.
    Acknowledged,
    /// Every try failed; it waits to be replayed.
    Failed,
}

/// Deliveries in order of their choices.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryList {
    /// The deliveries.
    pub(super) deliveries: Vec<DeliveryView>,
    /// What `after` takes to go on; none at the end.
    pub(super) next: Option<String>,
}

/// Deliveries to be told again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRange {
    /// The system; a key that speaks for a system may leave it out.
    #[schema(example = "mailer")]
    pub(super) system: Option<String>,
    /// Only in this state; acknowledged ones are never told again by range.
    pub(super) state: Option<DeliveryState>,
    /// Only of choices from this ledger position on.
    #[serde(default, deserialize_with = "whole")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub(super) from: Option<Place>,
    /// Only of choices up to this ledger position.
    #[serde(default, deserialize_with = "whole")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub(super) to: Option<Place>,
}

/// What a replay did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// How many deliveries are told again.
    pub(super) replayed: u64,
}

impl From<DeliveryState> for delivery::State {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Queued => Self::Queued,
            DeliveryState::Sent => Self::Sent,
            DeliveryState::Acknowledged => Self::Acknowledged,
            DeliveryState::Failed => Self::Failed,
        }
    }
}

impl From<delivery::State> for DeliveryState {
    fn from(state: delivery::State) -> Self {
        match state {
            delivery::State::Queued => Self::Queued,
            delivery::State::Sent => Self::Sent,
            delivery::State::Acknowledged => Self::Acknowledged,
            delivery::State::Failed => Self::Failed,
        }
    }
}

impl DeliveryView {
    /// What a row and its choice say at a moment.
    pub(super) fn new(row: DeliveryRow, choice: &Choice, now: Moment) -> Self {
        let time = |at: i64| rfc3339(Moment(at));
        let waits = row.state == delivery::State::Queued;
        Self {
            id: row.id,
            position: row.position,
            target: choice.entry.target.to_string(),
            act: choice.entry.act.as_str(),
            state: row.state.into(),
            overdue: is_overdue(row.state, Moment(row.due_at), now),
            attempts: row.attempts,
            created_at: time(row.created_at),
            due_at: time(row.due_at),
            next_try_at: waits.then(|| time(row.next_at)),
            sent_at: row.sent_at.map(time),
            acknowledged_at: row.acknowledged_at.map(time),
            failure: row.failure,
            system: row.system,
        }
    }
}
