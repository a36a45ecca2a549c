//! Going through every identifier, a part at a time, so that no writer waits long.

use super::people::Place;
use super::signs::Sign;
use super::{Held, Prefix, Table};

/// Identifiers looked up at a time.
const BLOCK: usize = 128;

/// An identifier, and one of those it leads to.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The start of its keyed hash.
    pub prefix: Prefix,
    /// Whom it leads to, or led to.
    pub held: Held<'a>,
    /// Whether they are still known by it.
    pub is_current: bool,
}

impl Table {
    /// In how many parts the identifiers are. As long as it stays the same, what is in a part
    /// stays there; when it changes, everything may have moved.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.signs.parts()
    }

    /// The identifiers of a part, in no order. One that leads to several people comes once for
    /// each, one after the other or not.
    pub fn for_each_known<'a>(&'a self, part: usize, mut each: impl FnMut(Known<'a>)) {
        let mut signs = self.signs.list(part);
        loop {
            let block: Vec<Sign> = signs.by_ref().take(BLOCK).collect();
            if block.is_empty() {
                return;
            }
            self.fetch_rows(&block.iter().map(|sign| sign.place).collect::<Vec<Place>>());
            for Sign { prefix, place } in block {
                let Some(row) = self.people.get(place) else { continue };
                let is_current = self.is_current(row, place, &prefix);
                each(Known { prefix, held: Held(Some((row, &self.holds))), is_current });
            }
        }
    }
}
