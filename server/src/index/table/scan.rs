//! Going through every identifier, a part at a time, so that no writer waits long.

use std::ops::Range;

use super::{Held, Prefix, Table};

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

impl Held<'_> {
    /// Whether every decision is the same as for somebody unknown.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.row.is_none_or(|row| row.kept.is_empty() && row.standpoint.birth_year.is_none())
    }
}

impl Table {
    /// How many slots for identifiers there are. As long as it stays the same, what is in a slot
    /// stays there; when it changes, everything may have moved.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.by_digest.num_buckets()
    }

    /// The identifiers in some of the slots, in no order. One that leads to several people comes
    /// once for each, perhaps in other slots.
    pub fn list_known(&self, slots: Range<usize>) -> impl Iterator<Item = Known<'_>> {
        let slots = slots.start..slots.end.min(self.slots());
        slots.filter_map(|slot| self.by_digest.get_bucket(slot)).map(|sign| Known {
            prefix: sign.prefix,
            held: self.held(sign.place),
            is_current: self.is_current(sign),
        })
    }
}
