//! The ledger's head as it is published day by day: whoever keeps one notices a rewritten past.

use domain::Moment;
use domain::moment::DAY;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::{canonical, digest, parse};
use super::keys::{ProofKeys, Published};

/// What is said before a head when it is signed, so that a signature means nothing elsewhere.
const LABEL: &[u8] = b"sayso-ledger-head-1\n";

/// A published head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The day in UTC that it was published for.
    pub date: String,
    /// The ledger's newest entry when it was signed; 0 for an empty ledger.
    pub position: i64,
    /// That entry's hash, in base64url.
    pub hash: String,
    /// SHA-256 of the head of the day before, in base64url; none for the first.
    pub previous: Option<String>,
    /// When it was signed (RFC 3339, UTC): later than its day when the portal was not running.
    pub signed_at: String,
    /// The key.
    pub key: String,
    /// The signature over all that stands above, in base64url.
    pub signature: String,
}

/// What is wrong with a head.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// It can't be read.
    #[error("this is no published head of a ledger")]
    Unreadable,
    /// Signed by a key that is not published.
    #[error("the head of {0} names a key that is none of the published ones")]
    UnknownKey(String),
    /// Its signature does not fit.
    #[error("the head of {0} was changed after it was signed")]
    WrongSignature(String),
}

/// The start of a moment's day in UTC.
#[must_use]
pub const fn day_of(moment: Moment) -> Moment {
    Moment(moment.0.div_euclid(DAY) * DAY)
}

/// A day as heads write it.
#[must_use]
pub fn date(day: Moment) -> String {
    at(day).strftime("%Y-%m-%d").to_string()
}

/// The start of a day that was written so; nothing for another text.
#[must_use]
pub fn read_date(text: &str) -> Option<Moment> {
    let day: jiff::civil::Date = text.parse().ok()?;
    let start = day.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    let start = Moment(start.timestamp().as_millisecond());
    (date(start) == text).then_some(start)
}

/// A moment as receipts and heads write it: RFC 3339 in UTC, to the millisecond.
#[must_use]
pub fn instant(moment: Moment) -> String {
    at(moment).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn at(moment: Moment) -> Timestamp {
    Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::MAX)
}

impl SignedHead {
    /// Signs a head; nothing without a key. `self.key` and `self.signature` are filled in.
    #[must_use]
    pub fn sign(mut self, keys: &ProofKeys) -> Option<Self> {
        keys.current()?.clone_into(&mut self.key);
        self.signature = keys.sign(&self.message())?;
        Some(self)
    }

    /// Reads a file: one head, or a list of which the newest counts.
    ///
    /// # Errors
    /// [`HeadFault::Unreadable`].
    pub fn read(bytes: &[u8]) -> Result<Self, HeadFault> {
        let value = parse(bytes).map_err(|_| HeadFault::Unreadable)?;
        let list = value.get("heads").and_then(Value::as_array).cloned();
        let heads = list.unwrap_or_else(|| vec![value]).into_iter();
        let heads: Result<Vec<Self>, _> = heads.map(serde_json::from_value).collect();
        let newest =
            heads.ok().and_then(|heads| heads.into_iter().max_by(|a, b| a.date.cmp(&b.date)));
        newest.ok_or(HeadFault::Unreadable)
    }

    /// Makes sure that a published key signed it.
    ///
    /// # Errors
    /// [`HeadFault`].
    pub fn check(&self, keys: &Published) -> Result<(), HeadFault> {
        if !keys.knows(&self.key) {
            return Err(HeadFault::UnknownKey(self.date.clone()));
        }
        if keys.verify(&self.key, &self.message(), &self.signature) {
            Ok(())
        } else {
            Err(HeadFault::WrongSignature(self.date.clone()))
        }
    }

    /// What the next head calls it by.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.statement())
    }

    fn statement(&self) -> Value {
        let mut statement = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = statement.as_object_mut() {
            members.remove("signature");
        }
        statement
    }

    fn message(&self) -> Vec<u8> {
        [LABEL, &canonical(&self.statement())].concat()
    }
}
