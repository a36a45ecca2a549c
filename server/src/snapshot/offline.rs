//! The gate without a portal: a snapshot, its credentials, and a clock.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use domain::moment::MINUTE;
use domain::{Moment, Target};

use super::{Credentials, LIFETIME, Snapshot, SnapshotError};
use crate::gate::Subject;
use crate::ports::Clock;

/// The greatest age that may be asked for, in milliseconds: no snapshot may be used for longer.
pub const LONGEST_AGE: i64 = LIFETIME;
/// Milliseconds by which the portal's clock may be ahead.
const AHEAD: i64 = MINUTE;

/// Answers from a snapshot for as long as it may be used.
pub struct Offline {
    snapshot: Snapshot,
    credentials: Credentials,
    max_age: i64,
    clock: Arc<dyn Clock>,
}

impl Offline {
    /// Answers from a snapshot that is at most `max_age` milliseconds old.
    ///
    /// # Errors
    /// [`SnapshotError::Gap`] for a delta, and what [`Offline::check`] says.
    pub fn new(
        snapshot: Snapshot,
        credentials: Credentials,
        max_age: i64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SnapshotError> {
        if !snapshot.header.full {
            return Err(SnapshotError::Gap);
        }
        let offline = Self { snapshot, credentials, max_age, clock };
        offline.check()?;
        Ok(offline)
    }

    /// Reads a full snapshot and the deltas that follow on it, oldest first.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn open(
        files: &[impl AsRef<Path>],
        credentials: Credentials,
        max_age: i64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SnapshotError> {
        let mut whole: Option<Snapshot> = None;
        for file in files {
            let next = Snapshot::read(BufReader::new(File::open(file)?), &credentials)?;
            whole = Some(match whole {
                None => next,
                Some(before) => before.followed_by(next)?,
            });
        }
        Self::new(whole.ok_or(SnapshotError::Gap)?, credentials, max_age, clock)
    }

    /// Where phone numbers without a country code are read (ISO 3166-1 alpha-2).
    #[must_use]
    pub fn home(&self) -> &str {
        &self.snapshot.header.country
    }

    /// Makes sure that the snapshot may be used now.
    ///
    /// # Errors
    /// [`SnapshotError::Stale`] or [`SnapshotError::Future`].
    pub fn check(&self) -> Result<(), SnapshotError> {
        let now: Moment = self.clock.now();
        let header = &self.snapshot.header;
        let age = now.since(header.made_at.0);
        if age < -AHEAD {
            return Err(SnapshotError::Future);
        }
        if age > self.max_age.min(LONGEST_AGE) || now >= header.valid_until.0 {
            return Err(SnapshotError::Stale);
        }
        Ok(())
    }

    /// Makes sure that the snapshot says something of a target.
    ///
    /// # Errors
    /// [`SnapshotError::Target`].
    pub fn holds(&self, target: &Target) -> Result<(), SnapshotError> {
        let known = self.snapshot.allows(&[], target);
        known.map(|_| ()).ok_or_else(|| SnapshotError::Target(target.clone()))
    }

    /// Whether somebody may be reached.
    ///
    /// # Errors
    /// [`SnapshotError`] when the snapshot can't tell: then the answer is no.
    pub fn allows(&self, subject: &Subject, target: &Target) -> Result<bool, SnapshotError> {
        self.check()?;
        let known = self.snapshot.allows(&self.credentials.hashes(subject), target);
        known.ok_or_else(|| SnapshotError::Target(target.clone()))
    }
}
