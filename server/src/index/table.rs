//! Everyone, packed tightly: some two hundred bytes a person.

mod scan;

use std::collections::HashMap;

use domain::decision::Standpoint;
use domain::preference::{Hold, Standings};
use domain::{Language, PersonId, Position, Preferences, Target};
use hashbrown::HashTable;
use uuid::Uuid;

pub use scan::Known;

/// The start of a keyed hash. Among thirty million, two share 96 bits once in 10^14 tries.
pub type Prefix = [u8; 12];

/// One thing that somebody holds, with the place of its target.
#[derive(Clone, Copy, Debug)]
struct Kept {
    target: u32,
    hold: Hold,
}

/// One person.
#[derive(Debug)]
struct Row {
    id: Uuid,
    kept: Box<[Kept]>,
    version: Position,
    revision: i64,
    standpoint: Standpoint,
    language: Option<Language>,
}

/// Where an identifier leads.
#[derive(Clone, Copy, Debug)]
struct Sign {
    prefix: Prefix,
    place: u32,
}

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
    /// Keyed hashes they are known by.
    pub digests: &'a [Vec<u8>],
}

/// Everyone.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    by_id: HashTable<u32>,
    by_digest: HashTable<Sign>,
    /// The whole list of what people are known by who changed while the table stood: a sign that
    /// is not on it is from before.
    exact: HashMap<u32, Box<[Prefix]>>,
    targets: Vec<Target>,
    places: HashMap<Target, u32>,
    /// Who was merged into whom.
    merged: HashMap<Uuid, Uuid>,
}

/// An id's last bytes are random (RFC 9562 §5.7).
fn hash_id(id: Uuid) -> u64 {
    spread(id.as_u64_pair().1)
}

fn hash_prefix(prefix: &Prefix) -> u64 {
    prefix.first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// Brings the random bits to both ends, where the table looks.
const fn spread(bits: u64) -> u64 {
    bits.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn prefix(digest: &[u8]) -> Prefix {
    let mut prefix = Prefix::default();
    let length = prefix.len().min(digest.len());
    prefix[..length].copy_from_slice(&digest[..length]);
    prefix
}

/// One person's choices as the table keeps them.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    targets: &'a [Target],
    row: Option<&'a Row>,
}

impl Standings for Held<'_> {
    fn over<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = Hold> + 'a {
        let kept = self.row.map_or(&[][..], |row| &row.kept);
        let wider = |kept: &&Kept| self.targets[kept.target as usize].covers(target);
        kept.iter().filter(wider).map(|kept| kept.hold)
    }
}

impl Held<'_> {
    /// Somebody of whom nothing is known.
    pub const NOBODY: Held<'static> = Held { targets: &[], row: None };

    /// The person.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.row.map(|row| PersonId(row.id))
    }

    /// What decides beside the ledger.
    #[must_use]
    pub fn standpoint(&self) -> Standpoint {
        self.row.map_or_else(Standpoint::default, |row| row.standpoint)
    }

    /// The language the business writes to them in.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        self.row.and_then(|row| row.language)
    }

    /// The newest entry of theirs.
    #[must_use]
    pub fn version(&self) -> Position {
        self.row.map_or_else(Position::default, |row| row.version)
    }

    /// The same as [`Preferences`].
    #[must_use]
    pub fn preferences(&self) -> Preferences {
        let kept = self.row.map_or(&[][..], |row| &row.kept).iter();
        let holds = kept.map(|kept| (self.targets[kept.target as usize].clone(), kept.hold));
        Preferences::from_holds(self.version(), holds)
    }
}

impl Table {
    /// Makes room for so many more people and identifiers: growing step by step would leave twice
    /// as much behind.
    pub fn reserve(&mut self, people: usize, identifiers: usize) {
        self.by_digest.reserve(identifiers, |sign| hash_prefix(&sign.prefix));
        self.rows.reserve(people);
        let rows = &self.rows;
        self.by_id.reserve(people, |place| hash_id(rows[*place as usize].id));
    }

    /// How many people there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn place(&self, id: Uuid) -> Option<u32> {
        let rows = &self.rows;
        self.by_id.find(hash_id(id), |place| rows[*place as usize].id == id).copied()
    }

    /// Somebody by id; for one who was merged into another, the other.
    #[must_use]
    pub fn find(&self, id: Uuid) -> Option<Held<'_>> {
        let id = self.merged.get(&id).copied().unwrap_or(id);
        self.place(id).map(|place| self.held(place))
    }

    /// Lets somebody stand for another who was merged into them.
    pub fn merge(&mut self, id: Uuid, into: Uuid) {
        self.merged.insert(id, into);
    }

    fn held(&self, place: u32) -> Held<'_> {
        Held { targets: &self.targets, row: self.rows.get(place as usize) }
    }

    /// Everyone known by a keyed hash.
    pub fn known_by(&self, digest: &[u8]) -> impl Iterator<Item = Held<'_>> {
        let wanted = prefix(digest);
        self.by_digest
            .iter_hash(hash_prefix(&wanted))
            .filter(move |sign| sign.prefix == wanted && self.is_current(sign))
            .map(|sign| self.held(sign.place))
    }

    fn is_current(&self, sign: &Sign) -> bool {
        self.exact.is_empty()
            || self.exact.get(&sign.place).is_none_or(|known| known.contains(&sign.prefix))
    }

    /// Everyone, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = Held<'_>> {
        self.rows.iter().map(|row| Held { targets: &self.targets, row: Some(row) })
    }

    /// Puts somebody in. What is older than what is there changes nothing.
    pub fn put(&mut self, entered: &Entered<'_>) {
        let version = entered.preferences.version();
        let Some(place) = self.place(entered.id) else {
            self.add(entered, version);
            return;
        };
        if version > self.rows[place as usize].version {
            self.hold(place, entered.preferences);
        }
        if entered.revision <= self.rows[place as usize].revision {
            return;
        }
        let row = &mut self.rows[place as usize];
        row.revision = entered.revision;
        row.standpoint = entered.standpoint;
        row.language = entered.language;
        let known: Box<[Prefix]> = entered.digests.iter().map(|digest| prefix(digest)).collect();
        for prefix in &known {
            self.lead(*prefix, place);
        }
        self.exact.insert(place, known);
    }

    /// Puts in what somebody chose. Says whether they are here at all.
    pub fn put_choices(&mut self, id: Uuid, preferences: &Preferences) -> bool {
        let Some(place) = self.place(id) else { return false };
        if preferences.version() > self.rows[place as usize].version {
            self.hold(place, preferences);
        }
        true
    }

    fn add(&mut self, entered: &Entered<'_>, version: Position) {
        let Ok(place) = u32::try_from(self.rows.len()) else { return };
        let kept = self.keep(entered.preferences);
        self.rows.push(Row {
            id: entered.id,
            kept,
            version,
            revision: entered.revision,
            standpoint: entered.standpoint,
            language: entered.language,
        });
        let rows = &self.rows;
        let hash = |place: &u32| hash_id(rows[*place as usize].id);
        self.by_id.insert_unique(hash_id(entered.id), place, hash);
        for digest in entered.digests {
            self.lead(prefix(digest), place);
        }
    }

    fn lead(&mut self, prefix: Prefix, place: u32) {
        let hash = hash_prefix(&prefix);
        let there = |sign: &Sign| sign.prefix == prefix && sign.place == place;
        if self.by_digest.find(hash, there).is_none() {
            let sign = Sign { prefix, place };
            self.by_digest.insert_unique(hash, sign, |sign| hash_prefix(&sign.prefix));
        }
    }

    fn hold(&mut self, place: u32, preferences: &Preferences) {
        let kept = self.keep(preferences);
        let row = &mut self.rows[place as usize];
        row.kept = kept;
        row.version = preferences.version();
    }

    fn keep(&mut self, preferences: &Preferences) -> Box<[Kept]> {
        let holds = preferences.holds();
        holds.map(|(target, hold)| Kept { target: self.target(target), hold }).collect()
    }

    fn target(&mut self, target: &Target) -> u32 {
        if let Some(place) = self.places.get(target) {
            return *place;
        }
        // Four thousand million targets do not fit into any ledger.
        let place = u32::try_from(self.targets.len()).unwrap_or(u32::MAX);
        self.targets.push(target.clone());
        self.places.insert(target.clone(), place);
        place
    }
}

#[cfg(test)]
mod tests {
    use domain::choice::Act;
    use domain::preference::Step;
    use domain::{Moment, Position};

    use super::*;

    fn preferences(entries: &[(i64, &str, Act)]) -> Preferences {
        let targets: Vec<Target> =
            entries.iter().map(|(_, target, _)| target.parse().expect("a target")).collect();
        Preferences::fold_steps(entries.iter().zip(&targets).map(|((position, _, act), target)| {
            Step { position: Position(*position), target, act: *act, at: Moment(*position) }
        }))
    }

    fn enter(
        table: &mut Table,
        id: u128,
        chosen: &Preferences,
        revision: i64,
        digests: &[Vec<u8>],
    ) {
        table.put(&Entered {
            id: Uuid::from_u128(id),
            preferences: chosen,
            revision,
            standpoint: Standpoint::default(),
            language: None,
            digests,
        });
    }

    fn known_by(table: &Table, digest: &[u8]) -> Vec<Option<PersonId>> {
        table.known_by(digest).map(|held| held.person()).collect()
    }

    #[test]
    fn what_is_older_changes_nothing() {
        let mut table = Table::default();
        let new = preferences(&[(1, "sharing", Act::Withdrawn), (4, "marketing", Act::Withdrawn)]);
        let old = preferences(&[(1, "sharing", Act::Withdrawn)]);
        enter(&mut table, 7, &new, 2, &[vec![1; 32]]);
        enter(&mut table, 7, &old, 1, &[vec![2; 32]]);
        let held = table.find(Uuid::from_u128(7)).expect("there");
        assert_eq!(held.preferences(), new);
        assert_eq!(held.version(), Position(4));
        assert!(known_by(&table, &[2; 32]).is_empty());
    }

    #[test]
    fn an_identifier_that_was_taken_away_leads_nowhere() {
        let mut table = Table::default();
        let none = Preferences::default();
        enter(&mut table, 7, &none, 1, &[vec![1; 32], vec![2; 32]]);
        enter(&mut table, 7, &none, 2, &[vec![2; 32], vec![3; 32]]);
        assert!(known_by(&table, &[1; 32]).is_empty());
        assert_eq!(known_by(&table, &[2; 32]).len(), 1);
        assert_eq!(known_by(&table, &[3; 32]).len(), 1);
        enter(&mut table, 7, &none, 3, &[vec![1; 32]]);
        assert_eq!(known_by(&table, &[1; 32]).len(), 1, "given back, it leads there again");
    }

    #[test]
    fn an_identifier_of_two_people_leads_to_both() {
        let mut table = Table::default();
        let none = Preferences::default();
        for id in 1..=2 {
            enter(&mut table, id, &none, 1, &[vec![9; 32]]);
        }
        assert_eq!(known_by(&table, &[9; 32]).len(), 2);
    }

    #[test]
    fn many_are_all_found_again() {
        let mut table = Table::default();
        let no = preferences(&[(3, "sharing", Act::Withdrawn)]);
        for id in 0..5_000_u128 {
            let mut digest = spread(u64::try_from(id).expect("small")).to_be_bytes().to_vec();
            digest.extend([0; 24]);
            enter(&mut table, id, &no, 1, &[digest]);
        }
        assert_eq!(table.len(), 5_000);
        for id in 0..5_000_u128 {
            let held = table.find(Uuid::from_u128(id)).expect("there");
            assert_eq!(held.person(), Some(PersonId(Uuid::from_u128(id))));
            assert!(held.standing(&"sharing".parse().expect("a target")).is_some());
        }
        assert!(table.find(Uuid::from_u128(5_000)).is_none());
    }
}
