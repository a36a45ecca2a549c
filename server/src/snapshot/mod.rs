//! Signed files for senders that can't call: who may be reached, and who may not.
//!
//! A snapshot holds keyed hashes that only the client that it was made for can compute, and no two
//! clients' files can be joined. It says the same as the gate at the moment when it was made and
//! for [`LIFETIME`] after, save for what people chose meanwhile. The form is in docs/snapshot.md.

mod build;
mod credentials;
mod cursor;
mod header;
mod keys;
mod make;
mod offline;
mod read;
mod write;

use domain::Target;
use domain::moment::DAY;

pub use build::{Builder, Plan, Since};
pub use credentials::{Credentials, CredentialsError};
pub use cursor::{Cursor, NotACursor};
pub use header::{Header, Stance, TargetHeader};
pub use keys::{ClientKey, Hash, SnapshotKeys};
pub use make::NotMade;
pub use offline::{LONGEST_AGE, Offline};
pub use read::SnapshotError;

/// Milliseconds for which a snapshot may be used: what would be denied by its end for no more than
/// the passing of time is denied from the start.
pub const LIFETIME: i64 = DAY;

/// What is said of one target. Every list is sorted and names nothing twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Those who may not be reached.
    pub denied: Vec<Hash>,
    /// Those who may, where others may not.
    pub allowed: Vec<Hash>,
    /// In a delta, those who are on no list any more.
    pub removed: Vec<Hash>,
}

/// Who may be reached for some targets, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What it is about.
    pub header: Header,
    /// What is said of each target, in the header's order.
    pub lists: Vec<Lists>,
}

impl Snapshot {
    /// Whether somebody may be reached, by the hashes of one identifier; none where the target is
    /// not in the snapshot.
    #[must_use]
    pub fn allows(&self, hashes: &[Hash], target: &Target) -> Option<bool> {
        let place = self.header.targets.iter().position(|known| known.target == *target)?;
        let lists = &self.lists[place];
        let on = |list: &[Hash]| hashes.iter().any(|hash| list.binary_search(hash).is_ok());
        let default = self.header.targets[place].default == Stance::Allow;
        Some(!on(&lists.denied) && (default || on(&lists.allowed)))
    }

    /// Adds what changed since.
    ///
    /// # Errors
    /// [`SnapshotError::Gap`] when the delta does not follow on this very snapshot.
    pub fn followed_by(self, next: Self) -> Result<Self, SnapshotError> {
        if next.header.full {
            return Ok(next);
        }
        let same = |one: &TargetHeader, other: &TargetHeader| {
            one.target == other.target && one.default == other.default
        };
        let (ours, theirs) = (&self.header.targets, &next.header.targets);
        let follows = next.header.after.as_ref() == Some(&self.header.cursor)
            && ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|(one, other)| same(one, other));
        if !follows {
            return Err(SnapshotError::Gap);
        }
        let lists = self.lists.into_iter().zip(next.lists).map(|(old, new)| old.followed_by(new));
        let lists: Vec<Lists> = lists.collect();
        let targets = next.header.targets.into_iter().zip(&lists);
        let targets = targets.map(|(target, lists)| target.counting(lists)).collect();
        let header = Header { full: true, after: None, targets, ..next.header };
        Ok(Self { header, lists })
    }
}

impl Lists {
    fn followed_by(self, next: Self) -> Self {
        let without = |list: Vec<Hash>, others: [&[Hash]; 2]| -> Vec<Hash> {
            let gone = |hash: &Hash| others.iter().any(|other| other.binary_search(hash).is_ok());
            list.into_iter().filter(|hash| !gone(hash)).collect()
        };
        let mut denied = without(self.denied, [&next.allowed, &next.removed]);
        let mut allowed = without(self.allowed, [&next.denied, &next.removed]);
        denied.extend(next.denied);
        allowed.extend(next.allowed);
        let mut lists = Self { denied, allowed, removed: Vec::new() };
        lists.tidy();
        lists
    }

    /// Sorts the lists. Where they contradict each other, for a choice came in between, the list
    /// that protects holds.
    pub(crate) fn tidy(&mut self) {
        for list in [&mut self.denied, &mut self.allowed, &mut self.removed] {
            list.sort_unstable();
            list.dedup();
        }
        let Self { denied, allowed, removed } = self;
        removed.retain(|hash| denied.binary_search(hash).is_err());
        allowed.retain(|hash| {
            denied.binary_search(hash).is_err() && removed.binary_search(hash).is_err()
        });
    }
}
