//! One person as a table has them.

use domain::decision::Standpoint;
use domain::preference::{Hold, Standings};
use domain::{Language, PersonId, Position, Preferences, Target};

use super::holds::Holds;
use super::people::Row;

/// One person's choices as the table keeps them.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a>(pub(super) Option<(&'a Row, &'a Holds)>);

impl Standings for Held<'_> {
    #[inline]
    fn over<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = Hold> + 'a {
        let wider = self.holds().filter(move |(wider, _)| wider.covers(target));
        wider.map(|(_, hold)| hold)
    }

    fn every(&self) -> impl Iterator<Item = Hold> {
        self.holds().map(|(_, hold)| hold)
    }
}

impl<'a> Held<'a> {
    /// Somebody of whom nothing is known.
    pub const NOBODY: Held<'static> = Held(None);

    fn holds(&self) -> impl Iterator<Item = (&'a Target, Hold)> + use<'a> {
        self.0.into_iter().flat_map(|(row, holds)| holds.of(row.held))
    }

    /// The person.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.0.map(|(row, _)| PersonId(row.id))
    }

    /// What decides beside the ledger.
    #[must_use]
    pub fn standpoint(&self) -> Standpoint {
        self.0.map_or_else(Standpoint::default, |(row, _)| row.standpoint())
    }

    /// The language the business writes to them in.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        self.0.and_then(|(row, _)| row.language)
    }

    /// The newest entry of theirs.
    #[must_use]
    pub fn version(&self) -> Position {
        self.0.map_or_else(Position::default, |(row, holds)| holds.version(row.held))
    }

    /// Whether every decision is the same as for somebody unknown.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.standpoint().birth_year.is_none() && self.holds().next().is_none()
    }

    /// The same as [`Preferences`].
    #[must_use]
    pub fn preferences(&self) -> Preferences {
        let holds = self.holds().map(|(target, hold)| (target.clone(), hold));
        Preferences::from_holds(self.version(), holds)
    }
}
