//! Everyone's rows, found by id.

use domain::Language;
use domain::decision::Standpoint;
use hashbrown::HashTable;
use uuid::Uuid;

use super::Full;
use super::holds::{NOTHING, Start};
use super::pages::Pages;
use super::six::Six;

/// Where somebody's row is. Never [`Place::MAX`].
pub(super) type Place = u32;
/// Stands in the place of a row beside the order.
const STRAY: Place = 1 << 31;

/// One person.
#[derive(Debug)]
pub(super) struct Row {
    pub id: Uuid,
    /// What they hold.
    pub held: Start,
    revision: Six,
    /// One more than the year, or 0.
    birth_year: u16,
    pub language: Option<Language>,
    /// Whether what they are known by has changed since they came.
    pub has_changed: bool,
}

const _: () = assert!(size_of::<Row>() == 32, "two rows to a line of the cache");

impl Row {
    /// Somebody who holds nothing.
    pub fn new(
        id: Uuid,
        revision: i64,
        standpoint: Standpoint,
        language: Option<Language>,
    ) -> Self {
        let mut row = Self {
            id,
            held: NOTHING,
            revision: Six::default(),
            birth_year: 0,
            language,
            has_changed: false,
        };
        row.know(revision, standpoint, language);
        row
    }

    /// Takes over what decides beside the ledger.
    pub fn know(&mut self, revision: i64, standpoint: Standpoint, language: Option<Language>) {
        self.revision = Six::of(revision);
        self.birth_year = standpoint.birth_year.map_or(0, |year| year.saturating_add(1));
        self.language = language;
    }

    /// The change that was seen last.
    pub fn revision(&self) -> i64 {
        self.revision.get()
    }

    /// What decides beside the ledger.
    pub fn standpoint(&self) -> Standpoint {
        Standpoint { birth_year: self.birth_year.checked_sub(1) }
    }
}

/// Everyone. Ids are ordered by time (RFC 9562 §5.7) and people are read in their order, so nearly
/// all can be found by halving; the few who come out of order are found by a hash.
#[derive(Debug, Default)]
pub(super) struct People {
    ordered: Pages<Row>,
    strays: Pages<Row>,
    by_id: HashTable<Place>,
    /// Whether everyone is still being read: whoever else comes meanwhile is out of order, so that
    /// those who follow need not be.
    pub are_being_read: bool,
}

/// An id's last bytes are random; this brings them to both ends, where the table looks.
fn hash(id: Uuid) -> u64 {
    id.as_u64_pair().1.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn stray(strays: &Pages<Row>, place: Place) -> Option<&Row> {
    strays.get((place & !STRAY) as usize)
}

impl People {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ordered.len() + self.strays.len()
    }

    /// A row.
    #[inline]
    pub fn get(&self, place: Place) -> Option<&Row> {
        if place & STRAY == 0 {
            self.ordered.get(place as usize)
        } else {
            stray(&self.strays, place)
        }
    }

    /// A row, to be changed.
    pub fn get_mut(&mut self, place: Place) -> Option<&mut Row> {
        if place & STRAY == 0 {
            self.ordered.get_mut(place as usize)
        } else {
            self.strays.get_mut((place & !STRAY) as usize)
        }
    }

    /// Where somebody is.
    pub fn find(&self, id: Uuid) -> Option<Place> {
        if self.ordered.last().is_some_and(|last| id <= last.id) {
            let place = self.ordered.partition_point(|row| row.id < id);
            if self.ordered.get(place).is_some_and(|row| row.id == id) {
                return Place::try_from(place).ok();
            }
        }
        let is_it = |place: &Place| stray(&self.strays, *place).is_some_and(|row| row.id == id);
        self.by_id.find(hash(id), is_it).copied()
    }

    /// Adds somebody who is not there, read in order of their ids or come by themselves.
    pub fn add(&mut self, row: Row, is_read: bool) -> Result<Place, Full> {
        let in_order = self.ordered.last().is_none_or(|last| last.id < row.id);
        if in_order && is_read == self.are_being_read {
            let place = room(&self.ordered)?;
            self.ordered.push(row);
            return Ok(place);
        }
        let place = room(&self.strays)? | STRAY;
        let hashed = hash(row.id);
        self.strays.push(row);
        let strays = &self.strays;
        let rehash = |place: &Place| stray(strays, *place).map_or(0, |row| hash(row.id));
        self.by_id.insert_unique(hashed, place, rehash);
        Ok(place)
    }
}

/// The place of the next in a list.
fn room(list: &Pages<Row>) -> Result<Place, Full> {
    Place::try_from(list.len()).ok().filter(|place| *place < STRAY - 1).ok_or(Full)
}
