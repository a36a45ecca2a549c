//! Which identifiers lead to whom: the starts of keyed hashes, which are as good as random.
//!
//! Four stand in a line, which is a line of the processor's cache, so that most are found, or
//! surely not there, with one look at memory. The lines are in many parts that grow on their own:
//! nobody waits long while one does, and there is never room for everyone twice.

use std::mem::replace;

use super::Prefix;
use super::people::Place;

/// Parts of a table for many.
const PARTS: usize = 4_096;
/// Signs of a line.
const LINE: usize = 4;

/// Where an identifier leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sign {
    pub prefix: Prefix,
    pub place: Place,
}

/// Nothing stands here yet.
const FREE: Sign = Sign { prefix: [0; 12], place: Place::MAX };

impl Sign {
    const fn is_free(&self) -> bool {
        self.place == Place::MAX
    }
}

/// Signs beside one another, from the left.
#[derive(Clone, Copy, Debug)]
struct Line([Sign; LINE]);

const _: () = assert!(size_of::<Line>() == 64, "a line of the cache");

impl Line {
    const fn has_room(&self) -> bool {
        self.0[LINE - 1].is_free()
    }
}

/// One part.
#[derive(Debug, Default)]
struct Part {
    lines: Vec<Line>,
    count: usize,
}

/// All identifiers.
#[derive(Debug)]
pub(super) struct Signs(Vec<Part>);

impl Default for Signs {
    fn default() -> Self {
        Self(vec![Part::default()])
    }
}

/// Spreads a fraction of 2^64 over so many, and says what fraction of its share is left.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of the product are meant")]
const fn spread(fraction: u64, over: usize) -> (usize, u64) {
    let product = fraction as u128 * over as u128;
    ((product >> 64) as usize, product as u64)
}

/// The start of a prefix, as a fraction of 2^64.
fn fraction(prefix: &Prefix) -> u64 {
    prefix.first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// The next number of lines that fills a block of the allocator, which has four sizes in each
/// doubling: what lies between would be lost.
const fn fitting(lines: usize) -> usize {
    let step = if lines < 8 { 1 } else { 1 << (lines.ilog2() - 2) };
    lines.next_multiple_of(step)
}

/// Lines for so many signs: above 85 in a hundred, too many would not be where they belong.
const fn lines_for(signs: usize) -> usize {
    fitting((signs * 100).div_ceil(85 * LINE))
}

impl Part {
    /// The lines where a sign may stand: from its own to the first that has room.
    fn path(&self, rest: u64) -> impl Iterator<Item = &Line> {
        let (before, from) = self.lines.split_at(spread(rest, self.lines.len()).0);
        let mut has_ended = false;
        let goes_on = move |line: &&Line| !replace(&mut has_ended, line.has_room());
        from.iter().chain(before).take_while(goes_on)
    }

    /// Takes a sign; `rest` says what is left of its fraction in this part.
    fn insert(&mut self, sign: Sign, rest: impl Fn(&Prefix) -> u64) {
        if lines_for(self.count + 1) > self.lines.len() {
            let lines = lines_for(self.count + self.count / 4 + 1);
            let old = replace(&mut self.lines, vec![Line([FREE; LINE]); lines]);
            self.count = 0;
            for sign in old.iter().flat_map(|line| line.0).filter(|sign| !sign.is_free()) {
                self.enter(sign, rest(&sign.prefix));
            }
        }
        self.enter(sign, rest(&sign.prefix));
    }

    fn enter(&mut self, sign: Sign, rest: u64) {
        let own = spread(rest, self.lines.len()).0;
        let (before, from) = self.lines.split_at_mut(own);
        let room = from.iter_mut().chain(before).flat_map(|line| &mut line.0);
        if let Some(free) = room.into_iter().find(|sign| sign.is_free()) {
            *free = sign;
            self.count += 1;
        }
    }
}

impl Signs {
    /// Makes ready for so many, where there are none yet.
    pub fn reserve(&mut self, signs: usize) {
        if self.0.iter().any(|part| part.count > 0) {
            return;
        }
        let share = signs / PARTS;
        // They are spread by chance, so some parts get more than their share.
        let lines = if signs == 0 { 0 } else { lines_for(share + 2 * share.isqrt() + LINE) };
        let part = || Part { lines: vec![Line([FREE; LINE]); lines], count: 0 };
        self.0 = std::iter::repeat_with(part).take(PARTS).collect();
    }

    fn part(&self, prefix: &Prefix) -> Option<(&Part, u64)> {
        let (part, rest) = spread(fraction(prefix), self.0.len());
        Some((self.0.get(part)?, rest))
    }

    /// Something of the line where a prefix belongs, so that it is near.
    #[inline]
    pub fn touch(&self, prefix: &Prefix) -> u32 {
        self.part(prefix).map_or(0, |(part, rest)| {
            let line = part.lines.get(spread(rest, part.lines.len()).0);
            line.map_or(0, |line| line.0[0].place)
        })
    }

    /// Everyone to whom a prefix leads.
    #[inline]
    pub fn find(&self, prefix: Prefix) -> impl Iterator<Item = Place> {
        let path = self.part(&prefix).into_iter().flat_map(|(part, rest)| part.path(rest));
        let leads = move |sign: &&Sign| sign.prefix == prefix && !sign.is_free();
        path.flat_map(|line| &line.0).filter(leads).map(|sign| sign.place)
    }

    /// Lets a prefix lead to somebody.
    pub fn insert(&mut self, prefix: Prefix, place: Place) {
        if self.find(prefix).any(|known| known == place) {
            return;
        }
        let parts = self.0.len();
        if let Some(part) = self.0.get_mut(spread(fraction(&prefix), parts).0) {
            let rest = |prefix: &Prefix| spread(fraction(prefix), parts).1;
            part.insert(Sign { prefix, place }, rest);
        }
    }

    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.0.len()
    }

    /// The signs of a part, in no order.
    pub fn list(&self, part: usize) -> impl Iterator<Item = Sign> {
        let lines = self.0.get(part).map_or(&[][..], |part| &part.lines);
        lines.iter().flat_map(|line| line.0).filter(|sign| !sign.is_free())
    }
}
