//! What people hold, each thing in sixteen bytes, one person's behind one another.

use std::collections::HashMap;

use domain::preference::{Hold, Pause, Standing};
use domain::{Moment, Position, Preferences, Target, Voice};

use super::Full;
use super::six::Six;

/// Where somebody's things begin.
pub(super) type Start = u32;
/// The start of whoever holds nothing.
pub(super) const NOTHING: Start = Start::MAX;

/// Bits of a start that count within a page.
const WITHIN: u32 = 12;
const PAGE: usize = 1 << WITHIN;
/// Most targets that there may be.
const TARGETS: u32 = 1 << 27;

/// What an item says of its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Granted,
    Withdrawn,
    WithdrawnByAgent,
    WithdrawnBySignal,
    /// A pause; its end is the moment of the next item.
    Paused,
    Until,
    Resumed,
    Requested,
    /// Nothing but an entry that was taken into account.
    Seen,
}

impl Tag {
    const ALL: [Self; 9] = [
        Self::Granted,
        Self::Withdrawn,
        Self::WithdrawnByAgent,
        Self::WithdrawnBySignal,
        Self::Paused,
        Self::Until,
        Self::Resumed,
        Self::Requested,
        Self::Seen,
    ];
}

/// One item. Its word holds the place of the target, the tag, and whether it is its person's last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    word: u32,
    at: Six,
    position: Six,
}

const _: () = assert!(size_of::<Item>() == 16, "four items to a line of the cache");

impl Item {
    fn new(target: u32, tag: Tag, at: Moment, position: Position) -> Self {
        let word = (target << 5) | ((tag as u32) << 1);
        Self { word, at: Six::of(at.0), position: Six::of(position.0) }
    }

    const fn target(self) -> usize {
        (self.word >> 5) as usize
    }

    const fn tag(self) -> Option<Tag> {
        let tag = (self.word >> 1 & 15) as usize;
        if tag < Tag::ALL.len() { Some(Tag::ALL[tag]) } else { None }
    }

    const fn is_last(self) -> bool {
        self.word & 1 == 1
    }

    fn at(self) -> Moment {
        Moment(self.at.get())
    }

    fn position(self) -> Position {
        Position(self.position.get())
    }
}

/// The items of one person.
#[derive(Clone, Debug)]
struct Items<'a>(&'a [Item]);

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let (item, rest) = self.0.split_first()?;
        self.0 = if item.is_last() { &[] } else { rest };
        Some(*item)
    }
}

/// What everybody holds.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// Nobody's items are on two pages.
    pub(super) pages: Vec<Vec<Item>>,
    /// Starts of room that was given up, by its length.
    free: HashMap<usize, Vec<Start>>,
    targets: Vec<Target>,
    places: HashMap<Target, u32>,
    /// Where items are put together.
    desk: Vec<Item>,
}

impl Holds {
    fn items(&self, start: Start) -> Items<'_> {
        let page = self.pages.get((start >> WITHIN) as usize);
        Items(page.and_then(|page| page.get(start as usize % PAGE..)).unwrap_or_default())
    }

    /// Something of the first item, so that it is near.
    #[inline]
    pub fn touch(&self, start: Start) -> u32 {
        self.items(start).0.first().map_or(0, |item| item.word)
    }

    /// What somebody holds, with the targets.
    pub fn of(&self, start: Start) -> impl Iterator<Item = (&Target, Hold)> {
        let mut items = self.items(start);
        std::iter::from_fn(move || {
            loop {
                let item = items.next()?;
                let Some(target) = self.targets.get(item.target()) else { continue };
                if let Some(hold) = item.tag().and_then(|tag| hold(item, tag, &mut items)) {
                    return Some((target, hold));
                }
            }
        })
    }

    /// The newest entry of somebody.
    pub fn version(&self, start: Start) -> Position {
        self.items(start).map(Item::position).max().unwrap_or_default()
    }

    /// Puts what somebody holds now into the place of what they held.
    pub fn replace(&mut self, old: Start, preferences: &Preferences) -> Result<Start, Full> {
        self.lay_out(preferences)?;
        let length = self.items(old).count();
        if length == self.desk.len() {
            self.write(old);
            return Ok(old);
        }
        let start = self.find_room(self.desk.len())?;
        self.write(start);
        if length > 0 {
            self.free.entry(length).or_default().push(old);
        }
        Ok(start)
    }

    /// Puts the items of somebody together.
    fn lay_out(&mut self, preferences: &Preferences) -> Result<(), Full> {
        self.desk.clear();
        for (target, hold) in preferences.holds() {
            let place = self.target(target)?;
            self.desk.extend(items(place, hold));
        }
        let newest = self.desk.iter().map(|item| item.position()).max().unwrap_or_default();
        if preferences.version() > newest {
            // What was undone has left nothing but this.
            let place = self.target(&Target::Everything)?;
            self.desk.push(Item::new(place, Tag::Seen, Moment(0), preferences.version()));
        }
        if let Some(last) = self.desk.last_mut() {
            last.word |= 1;
        }
        Ok(())
    }

    /// Room for so many items of one person.
    fn find_room(&mut self, length: usize) -> Result<Start, Full> {
        if length == 0 {
            return Ok(NOTHING);
        }
        if let Some(start) = self.free.get_mut(&length).and_then(Vec::pop) {
            return Ok(start);
        }
        if self.pages.last().is_none_or(|page| page.len() + length > PAGE) {
            // The first page grows by and by; more than a page of one person has its own.
            let room = if self.pages.is_empty() { 0 } else { PAGE.max(length) };
            self.pages.push(Vec::with_capacity(room));
        }
        let page = self.pages.len() - 1;
        let within = self.pages[page].len();
        let start = u32::try_from((page << WITHIN) | within).map_err(|_| Full)?;
        if start == NOTHING {
            return Err(Full);
        }
        self.pages[page].extend_from_slice(&self.desk);
        Ok(start)
    }

    /// Writes the desk into room that is there.
    fn write(&mut self, start: Start) {
        let page = self.pages.get_mut((start >> WITHIN) as usize);
        let room = page.and_then(|page| page.get_mut(start as usize % PAGE..));
        if let Some(room) = room.and_then(|room| room.get_mut(..self.desk.len())) {
            room.copy_from_slice(&self.desk);
        }
    }

    fn target(&mut self, target: &Target) -> Result<u32, Full> {
        if let Some(place) = self.places.get(target) {
            return Ok(*place);
        }
        let place = u32::try_from(self.targets.len()).ok().filter(|place| *place < TARGETS);
        let place = place.ok_or(Full)?;
        self.targets.push(target.clone());
        self.places.insert(target.clone(), place);
        Ok(place)
    }
}

fn hold(item: Item, tag: Tag, items: &mut Items<'_>) -> Option<Hold> {
    let (at, position) = (item.at(), item.position());
    let standing = |granted, voice| Hold::Standing(Standing { granted, at, position, voice });
    Some(match tag {
        Tag::Granted | Tag::Withdrawn => standing(tag == Tag::Granted, Voice::Own),
        Tag::WithdrawnByAgent => standing(false, Voice::Agent),
        Tag::WithdrawnBySignal => standing(false, Voice::Signal),
        Tag::Paused => Hold::Pause(Pause { until: items.next()?.at(), at, position }),
        Tag::Resumed => Hold::Resumed(position),
        Tag::Requested => Hold::Requested { at, position },
        Tag::Until | Tag::Seen => return None,
    })
}

fn items(target: u32, hold: Hold) -> impl Iterator<Item = Item> {
    let item = |tag, at, position| Item::new(target, tag, at, position);
    let (first, second) = match hold {
        Hold::Standing(Standing { granted, at, position, voice }) => {
            let tag = match (granted, voice) {
                (true, _) => Tag::Granted,
                (false, Voice::Own) => Tag::Withdrawn,
                (false, Voice::Agent) => Tag::WithdrawnByAgent,
                (false, Voice::Signal) => Tag::WithdrawnBySignal,
            };
            (item(tag, at, position), None)
        }
        Hold::Pause(Pause { until, at, position }) => {
            (item(Tag::Paused, at, position), Some(item(Tag::Until, until, position)))
        }
        Hold::Resumed(position) => (item(Tag::Resumed, Moment(0), position), None),
        Hold::Requested { at, position } => (item(Tag::Requested, at, position), None),
    };
    std::iter::once(first).chain(second)
}
