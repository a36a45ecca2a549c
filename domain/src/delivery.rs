//! One choice on its way to one system: its states, its tries, its deadline.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::catalogue::{Catalogue, System};
use crate::choice::{Act, Choice};
use crate::ledger::Link;
use crate::moment::{DAY, HOUR, MINUTE, Moment};

/// How far a delivery has come. Overdue is no state of its own: see [`is_overdue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its next try, or to be fetched.
    Queued,
    /// The system took it and has not yet said that it obeys.
    Sent,
    /// The system said that it obeys.
    Acknowledged,
    /// Every try failed; it waits for somebody to replay it.
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Acknowledged, Self::Failed];

    /// The word kept in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Failed => "failed",
        }
    }

    /// The state of a word, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Whether a system should have confirmed and has not.
#[must_use]
pub fn is_overdue(state: State, due_at: Moment, now: Moment) -> bool {
    state != State::Acknowledged && now > due_at
}

/// How far a choice has come with one system, as its customer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The system obeys, since.
    Confirmed(Moment),
    /// The system knows and has until its deadline.
    Asked,
    /// The system does not know yet and has until its deadline.
    Waiting,
    /// The deadline is over.
    Late,
}

/// The stage of a delivery.
#[must_use]
pub fn stage(state: State, acknowledged_at: Option<Moment>, due_at: Moment, now: Moment) -> Stage {
    match (state, acknowledged_at) {
        // Told again, a system that had confirmed still obeys.
        (_, Some(at)) => Stage::Confirmed(at),
        _ if is_overdue(state, due_at, now) => Stage::Late,
        (State::Sent, None) => Stage::Asked,
        _ => Stage::Waiting,
    }
}

/// Milliseconds from one try to the next; the first comes at once (Standard Webhooks 1.0, example
/// schedule: 75 hours, 35 minutes and 5 seconds in all).
pub const SCHEDULE: [i64; 10] = [
    0,
    5_000,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

/// Longest wait that a receiver may ask for with Retry-After: more would be silence.
pub const LONGEST_WAIT: i64 = DAY;

/// When to try again after so many failed tries, `random` spreading the wait by up to a tenth
/// either way, and never before a receiver's own wish (milliseconds). Nothing after the last try.
#[must_use]
pub fn next_try(failed: u16, now: Moment, random: u32, wished: Option<i64>) -> Option<Moment> {
    let wait = *SCHEDULE.get(usize::from(failed))?;
    let spread = wait / 10;
    let drawn = spread * 2 * i64::from(random) / i64::from(u32::MAX);
    let wished = wished.unwrap_or(0).clamp(0, LONGEST_WAIT);
    Some(now.plus((wait - spread + drawn).max(wished)))
}

/// What an answer means (Standard Webhooks 1.0: only 2xx is success).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Taken,
    /// It was not; try again, not before the receiver's own wish if it may have one.
    Again {
        /// Whether Retry-After is to be heeded (429, 502, 503, 504).
        heeds_wish: bool,
    },
    /// The receiver wants nothing more (410): the system is disabled.
    Gone,
}

/// What an HTTP status means. Redirects are failures: they are not followed.
#[must_use]
pub const fn outcome(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Taken,
        410 => Outcome::Gone,
        429 | 502 | 503 | 504 => Outcome::Again { heeds_wish: true },
        _ => Outcome::Again { heeds_wish: false },
    }
}

/// The id of a delivery, which is also its webhook's: the same however often it is made from the
/// same ledger, and not to be guessed by who does not know the entry's link. A `UUIDv7`.
#[must_use]
pub fn id(at: Moment, link: &Link, system: &System) -> Uuid {
    let hash = Sha256::new().chain_update(link).chain_update(system.key.as_str()).finalize();
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&hash[..10]);
    let millis = u64::try_from(at.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// The systems that must hear of a choice; none where it changes nothing.
pub fn concerned<'a>(
    catalogue: &'a Catalogue,
    choice: &'a Choice,
) -> impl Iterator<Item = &'a System> {
    let changes = choice.entry.act != Act::Requested;
    catalogue.systems_concerned(&choice.entry.target).filter(move |_| changes)
}

/// How long choices take until a system confirms them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Half of them took at most so long.
    pub median: i64,
    /// The slowest.
    pub slowest: i64,
}

/// Days over which a [`Pace`] is measured.
pub const PACE_DAYS: i64 = 90;

/// The pace of confirmed deliveries, given as lengths with how often each came, in any order.
/// Lengths keep their unit.
#[must_use]
pub fn pace(times: &[(i64, u64)]) -> Option<Pace> {
    let mut times: Vec<(i64, u64)> =
        times.iter().copied().filter(|(_, count)| *count > 0).collect();
    times.sort_unstable();
    let all: u64 = times.iter().map(|(_, count)| count).sum();
    let mut seen = 0;
    let median = times.iter().find(|(_, count)| {
        seen += count;
        seen * 2 >= all
    });
    Some(Pace { median: median?.0, slowest: times.last()?.0 })
}
