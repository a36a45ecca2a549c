//! Bringing near what is asked for next.
//!
//! Whom an identifier leads to is three steps away, and with millions of people each step waits
//! for memory. One question after the other waits three times each; many at a time wait together:
//! first for every line, then for every row, then for what everybody holds.

use std::hint::black_box;

use super::holds::Start;
use super::people::Place;
use super::{Prefix, Table};

impl Table {
    /// Brings near whatever is known by some keyed hashes, so that each is answered without waiting
    /// afterwards. It changes nothing else; some hundred at a time is best.
    pub fn fetch(&self, prefixes: &[Prefix]) {
        black_box(prefixes.iter().fold(0, |all, prefix| all ^ self.signs.touch(prefix)));
        let places: Vec<Place> = prefixes.iter().flat_map(|one| self.signs.find(*one)).collect();
        self.fetch_rows(&places);
    }

    /// The same by where people are.
    pub(super) fn fetch_rows(&self, places: &[Place]) {
        let held = |place: &Place| self.people.get(*place).map_or(0, |row| row.held);
        let starts: Vec<Start> = places.iter().map(held).collect();
        black_box(starts.iter().fold(0, |all, start| all ^ self.holds.touch(*start)));
    }
}
