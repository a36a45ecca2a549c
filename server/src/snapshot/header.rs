//! What stands in the first line of a snapshot.

use domain::{NoticeNumber, Position, Target};
use serde::{Deserialize, Serialize};

use super::{Cursor, Lists};
use crate::api::time::Time;

/// What says that a file is a snapshot.
pub(super) const FORMAT: &str = "sayso-snapshot";
/// The form of the file.
pub(super) const VERSION: u8 = 1;

/// The first line of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always `sayso-snapshot`.
    pub format: String,
    /// The version of the form.
    pub version: u8,
    /// The business, by its registered name.
    pub controller: String,
    /// Where phone numbers without a country code are read (ISO 3166-1 alpha-2).
    pub country: String,
    /// The id of the API key that it was made for.
    pub client: String,
    /// What tells whether the client's credentials are those of today.
    pub keys: String,
    /// The notice it was decided under.
    pub notice: NoticeNumber,
    /// The newest ledger entry that was certainly taken into account.
    pub position: Position,
    /// When it was made.
    pub made_at: Time,
    /// Until when it may be used.
    pub valid_until: Time,
    /// Whether it holds everyone; otherwise what changed since `after`.
    pub full: bool,
    /// What a delta follows on.
    pub after: Option<Cursor>,
    /// What the next delta is asked for with.
    pub cursor: Cursor,
    /// The targets, with the lengths of their lists.
    pub targets: Vec<TargetHeader>,
}

/// What the first line says of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetHeader {
    /// The target.
    pub target: Target,
    /// What holds for whoever is on no list.
    pub default: Stance,
    /// How many are denied.
    pub denied: u64,
    /// How many are allowed.
    pub allowed: u64,
    /// How many are on no list any more.
    pub removed: u64,
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// They may be reached.
    Allow,
    /// They may not.
    Deny,
}

impl TargetHeader {
    /// The same with the lengths of these lists.
    pub(super) fn counting(self, lists: &Lists) -> Self {
        let length = |list: &[u64]| list.len() as u64;
        Self {
            denied: length(&lists.denied),
            allowed: length(&lists.allowed),
            removed: length(&lists.removed),
            ..self
        }
    }
}
