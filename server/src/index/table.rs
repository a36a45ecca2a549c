//! Everyone, packed tightly: some ninety bytes a person.

mod fetch;
mod held;
mod holds;
mod pages;
mod people;
mod scan;
mod signs;
mod six;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use domain::decision::Standpoint;
use domain::{Language, Preferences};
use uuid::Uuid;

pub use held::Held;
pub use scan::Known;

use holds::{Holds, NOTHING};
use people::{People, Place, Row};
use signs::Signs;

/// The start of a keyed hash. Among thirty million, two share 96 bits once in 10^14 tries.
pub type Prefix = [u8; 12];

/// The start of a keyed hash.
#[must_use]
pub fn prefix(digest: &[u8]) -> Prefix {
    let mut prefix = Prefix::default();
    let length = prefix.len().min(digest.len());
    prefix[..length].copy_from_slice(&digest[..length]);
    prefix
}

/// There are more people, things or targets than can be counted.
#[derive(Clone, Copy, Debug)]
struct Full;

/// What is known of somebody, to be put into a [`Table`].
#[derive(Debug)]
pub struct Entered<'a> {
    /// The person.
    pub id: Uuid,
    /// What they chose.
    pub preferences: &'a Preferences,
    /// The change that was seen last.
    pub revision: i64,
    /// What decides beside the ledger.
    pub standpoint: Standpoint,
    /// The language the business writes to them in.
    pub language: Option<Language>,
    /// The starts of the keyed hashes they are known by.
    pub digests: &'a [Prefix],
}

/// Everyone.
#[derive(Debug, Default)]
pub struct Table {
    people: People,
    holds: Holds,
    signs: Signs,
    /// The whole list of what people are known by who changed while the table stood: a sign that
    /// is not on it is from before.
    exact: HashMap<Place, Box<[Prefix]>>,
    /// Who was merged into whom.
    merged: HashMap<Uuid, Uuid>,
    is_full: bool,
}

impl Table {
    /// Begins to read everyone, in order of their ids; there are about so many identifiers.
    pub fn begin(&mut self, identifiers: usize) {
        self.signs.reserve(identifiers);
        self.people.are_being_read = true;
    }

    /// Takes somebody who was read in order.
    pub fn read(&mut self, entered: &Entered<'_>) {
        self.enter(entered, true);
    }

    /// Everyone was read.
    pub const fn end(&mut self) {
        self.people.are_being_read = false;
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether somebody had no room in it, so that it does not know everyone: it counts two
    /// thousand million people, and half as many targets again.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.is_full
    }

    /// Somebody by id; for one who was merged into another, the other.
    #[must_use]
    pub fn find(&self, id: Uuid) -> Option<Held<'_>> {
        let id = self.merged.get(&id).copied().unwrap_or(id);
        self.people.find(id).map(|place| self.held(place))
    }

    /// Lets somebody stand for another who was merged into them.
    pub fn merge(&mut self, id: Uuid, into: Uuid) {
        self.merged.insert(id, into);
    }

    #[inline]
    fn held(&self, place: Place) -> Held<'_> {
        Held(self.people.get(place).map(|row| (row, &self.holds)))
    }

    /// Everyone known by a keyed hash.
    #[inline]
    pub fn known_by(&self, digest: &[u8]) -> impl Iterator<Item = Held<'_>> {
        let wanted = prefix(digest);
        let rows = self.signs.find(wanted).filter_map(move |place| {
            let row = self.people.get(place)?;
            self.is_current(row, place, &wanted).then_some(row)
        });
        rows.map(|row| Held(Some((row, &self.holds))))
    }

    #[inline]
    fn is_current(&self, row: &Row, place: Place, prefix: &Prefix) -> bool {
        let is_on = |known: &[Prefix]| known.contains(prefix);
        !row.has_changed || self.exact.get(&place).is_none_or(|known| is_on(known))
    }

    /// Puts somebody in. What is older than what is there changes nothing.
    pub fn put(&mut self, entered: &Entered<'_>) {
        self.enter(entered, false);
    }

    /// Puts in what somebody chose. Says whether they are here at all.
    pub fn put_choices(&mut self, id: Uuid, preferences: &Preferences) -> bool {
        let place = self.people.find(id);
        if let Some(place) = place {
            self.hold(place, preferences);
        }
        place.is_some()
    }

    fn enter(&mut self, entered: &Entered<'_>, is_read: bool) {
        let entered = match self.people.find(entered.id) {
            Some(place) => {
                self.hold(place, entered.preferences);
                self.know(place, entered);
                Ok(())
            }
            None => self.add(entered, is_read),
        };
        self.is_full |= entered.is_err();
    }

    fn add(&mut self, entered: &Entered<'_>, is_read: bool) -> Result<(), Full> {
        let Entered { id, revision, standpoint, language, .. } = *entered;
        let mut row = Row::new(id, revision, standpoint, language);
        row.held = self.holds.replace(NOTHING, entered.preferences)?;
        let place = self.people.add(row, is_read)?;
        for prefix in entered.digests {
            self.signs.insert(*prefix, place);
        }
        Ok(())
    }

    /// Takes over what somebody is known by and what decides beside the ledger, if it is newer.
    fn know(&mut self, place: Place, entered: &Entered<'_>) {
        let Some(row) = self.people.get_mut(place) else { return };
        if entered.revision <= row.revision() {
            return;
        }
        row.know(entered.revision, entered.standpoint, entered.language);
        row.has_changed = true;
        for prefix in entered.digests {
            self.signs.insert(*prefix, place);
        }
        self.exact.insert(place, entered.digests.into());
    }

    /// Takes over what somebody chose, if it is newer.
    fn hold(&mut self, place: Place, preferences: &Preferences) {
        let Some(row) = self.people.get_mut(place) else { return };
        if preferences.version() <= self.holds.version(row.held) {
            return;
        }
        match self.holds.replace(row.held, preferences) {
            Ok(start) => row.held = start,
            Err(Full) => self.is_full = true,
        }
    }
}
