//! Letters to a person: what they are about, when they go, when they are given up.

use serde::{Deserialize, Serialize};

use crate::change::WINDOW;
use crate::choice::{Act, Choice, Position, Source, words};
use crate::moment::{DAY, HOUR, MINUTE, Moment};
use crate::preference::undone;

words! {
    /// What a letter is; nothing else is ever sent. In the order in which they are sent.
    Kind {
        /// A one-time code, which somebody waits for.
        Code = "code",
        /// What became of a request.
        Answer = "answer",
        /// What a person changed.
        Confirmation = "confirmation",
        /// A word to whoever answers for a late system.
        Alert = "alert",
    }
}

words! {
    /// How far a letter has come.
    State {
        /// Takes in what its person still chooses.
        Gathering = "gathering",
        /// Waits for its next try.
        Queued = "queued",
        /// Somebody is sending it.
        Taken = "taken",
        /// It was taken for delivery.
        Sent = "sent",
        /// It was refused, or too often not taken.
        Failed = "failed",
        /// There was nothing to say, or nowhere to say it.
        Dropped = "dropped",
    }
}

/// Milliseconds for which a confirmation gathers what its person chooses, where nothing else is
/// asked for. Long enough for somebody to finish, short enough to be awaited.
pub const GATHER: i64 = 5 * MINUTE;

/// Milliseconds after which a letter is given up. A code is not worth more than its ten minutes:
/// after them it would only mislead.
#[must_use]
pub const fn lifetime(kind: Kind) -> i64 {
    match kind {
        Kind::Code => WINDOW,
        Kind::Answer | Kind::Confirmation | Kind::Alert => 3 * DAY,
    }
}

/// Milliseconds from one try to the next. The first waits are short, because a code lives for ten
/// minutes; the last one is repeated (RFC 5321 §4.5.4.1 asks for 30 minutes at least in general,
/// and for less at first).
pub const WAITS: [i64; 8] =
    [15_000, 45_000, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR];

/// When to try again after so many failed tries, `random` spreading the wait by up to a fifth
/// either way. Nothing where the letter would be given up before.
#[must_use]
pub fn next_try(failed: u16, now: Moment, random: u32, give_up_at: Moment) -> Option<Moment> {
    let place = usize::from(failed.saturating_sub(1)).min(WAITS.len() - 1);
    let wait = WAITS[place];
    let spread = wait / 5;
    let drawn = spread * 2 * i64::from(random) / i64::from(u32::MAX);
    let next = now.plus(wait - spread + drawn);
    (next < give_up_at).then_some(next)
}

/// Whether an enhanced status code says that an address takes no mail: there is none such (5.1.1,
/// 5.1.2, 5.1.3; RFC 3463 §3.2), it has moved (5.1.6), its host takes no mail (5.1.10, RFC 7505),
/// or it is closed (5.2.1). A full mailbox, or a server that does not like the sender, says nothing
/// about the address.
#[must_use]
pub fn takes_no_mail(status: &str) -> bool {
    matches!(status, "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.2.1")
}

/// Whose choices are confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirmed {
    /// Nobody's.
    Nothing,
    /// Those that people made themselves or had made for them.
    #[default]
    Own,
    /// Those that other systems told of, too.
    Told,
}

impl Confirmed {
    /// Whether a choice of this source is confirmed. A browser's signal comes with every visit, and
    /// a file of customers is nobody's act: neither ever is.
    #[must_use]
    pub const fn includes(self, source: Source) -> bool {
        match (self, source) {
            (Self::Nothing, _) | (_, Source::PreferenceSignal | Source::Import) => false,
            (_, Source::Api) => matches!(self, Self::Told),
            _ => true,
        }
    }

    /// Whether an entry has anything to confirm: a request to turn on changes nothing yet.
    #[must_use]
    pub const fn asks_for(self, act: Act, source: Source) -> bool {
        !matches!(act, Act::Requested) && self.includes(source)
    }
}

/// A confirmation that takes in what its person chooses until it closes. Only one is open for a
/// person at a time, so that the places of two never overlap and each choice is in one at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gathering {
    /// The first entry that it is about.
    pub since: Position,
    /// When it closes.
    pub closes_at: Moment,
}

impl Gathering {
    /// What is open after a choice: what was open before, or else a new one.
    #[must_use]
    pub fn joined(open: Option<Self>, choice: Position, at: Moment, wait: i64) -> Self {
        open.unwrap_or(Self { since: choice, closes_at: at.plus(wait) })
    }
}

/// The entries of one person that a confirmation of `since` to `through` tells, in ledger order;
/// `history` is everything of that person in ledger order. What was taken back within it is left
/// out, with the taking back: it is as if neither had been.
#[must_use]
pub fn told(
    history: &[Choice],
    since: Position,
    through: Position,
    confirmed: Confirmed,
) -> Vec<&Choice> {
    let until = history.partition_point(|choice| choice.position <= through);
    let history = &history[..until];
    let taken_back = undone(history);
    let is_told = |choice: &&Choice| {
        let entry = &choice.entry;
        let outdated = matches!(entry.act, Act::Undone { entry } if entry >= since);
        choice.position >= since
            && confirmed.asks_for(entry.act, entry.source)
            && !taken_back.contains(&choice.position)
            && !outdated
    };
    history.iter().filter(is_told).collect()
}

/// The entries among what a letter of `since` to `through` tells that its link can still take back,
/// in ledger order. What another system told of is taken back there: it has a no of its own.
#[must_use]
pub fn undoable(history: &[Choice], since: Position, through: Position) -> Vec<&Choice> {
    let taken_back = undone(history);
    let mut told = told(history, since, through, Confirmed::Own);
    told.retain(|choice| {
        choice.entry.act.is_protective() && !taken_back.contains(&choice.position)
    });
    told
}
