//! What a visitor's session holds; the one place that knows its keys.

use domain::change::{Assurance, WINDOW};
use domain::moment::{HOUR, MINUTE};
use domain::{Moment, PersonId, Position, Reference, Target};
use serde::{Deserialize, Serialize};
use tower_sessions::{Session, session};
use uuid::Uuid;

use crate::portal::Who;

const KEY: &str = "visit";
/// A visit ends this long after it began (ASVS 5.0 7.3.2).
pub const ABSOLUTE: i64 = 12 * HOUR;
/// A visit ends this long after its last page (ASVS 5.0 7.3.1).
pub const IDLE: i64 = 30 * MINUTE;

/// What the visitor did last, so that the page can say so and take it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Who it was for.
    pub who: Who,
    /// What happened.
    pub what: What,
    /// The number the customer was told.
    pub reference: Reference,
    /// When.
    pub at: Moment,
    /// Whether it can be taken back.
    pub undoable: bool,
}

/// The kinds of [`Deed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Turned off.
    Off(Target),
    /// Turned on.
    On(Target),
    /// Paused marketing until a moment.
    Paused(Moment),
    /// Ended the pause.
    Resumed,
    /// Took a change back.
    Undone,
    /// Nothing had to change.
    Nothing,
    /// Turned off for an address or number that was typed in.
    OffByForm(Target),
}

/// Why the last form was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the name of its text")]
pub enum Problem {
    ContactEmpty,
    ContactForm,
    ContactLong,
    ContactControl,
    Target,
    Law,
    Stale,
    Undo,
    Pause,
    One,
    Minor,
    Code,
    CodeEmpty,
    Session,
    Many,
    Form,
}

/// A form that was not taken, with what was typed, shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// Why.
    pub problem: Problem,
    /// What was typed, so that nothing is lost. Never a code.
    #[serde(default)]
    pub typed: String,
    /// What was selected.
    #[serde(default)]
    pub selected: Option<Target>,
}

/// A code on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingCode {
    /// Its id.
    pub id: Uuid,
    /// Where it was sent, masked.
    pub masked: String,
}

/// What came with a confirmation whose link led here: proof of who reads their mail, for no more
/// than it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByLetter {
    /// Whose it is.
    pub person: PersonId,
    /// Place of the first choice that it tells.
    pub since: Position,
    /// Place of the last one.
    pub through: Position,
    /// Until when its link works.
    pub until: Moment,
}

/// How far a browser's profile has joined the person who uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joined {
    /// Not at all.
    #[default]
    No,
    /// What it asked for holds for them.
    Heard,
    /// It is theirs.
    Merged,
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Who is here, if a link or a code told.
    pub person: Option<PersonId>,
    /// Enough of their address or number to recognise it.
    pub masked: Option<String>,
    /// Whether nothing may be shown of who is here until they answer a code: they came by one that
    /// might have been guessed.
    #[serde(default)]
    pub veiled: bool,
    /// Until when a fresh code counts.
    pub verified_until: Option<Moment>,
    /// When the visit began.
    pub began: Moment,
    /// When its last page was asked for, within a minute.
    pub seen: Moment,
    /// The confirmation whose link led here.
    #[serde(default)]
    pub letter: Option<ByLetter>,
    /// What was done last.
    pub deed: Option<Deed>,
    /// A form that was not taken.
    pub mistake: Option<Mistake>,
    /// A code on its way.
    pub code: Option<PendingCode>,
    /// What to turn on once the code is there.
    pub wanted: Option<Target>,
    /// The newest entry that this visit made: whatever answers next has seen it.
    #[serde(default)]
    pub version: Position,
    /// How far the browser's own profile has joined whoever is here.
    #[serde(default)]
    pub joined: Joined,
    /// The address or number typed last, so that nobody is asked twice (WCAG 2.2 SC 3.3.7).
    pub contact: Option<String>,
}

impl Visit {
    /// A visit that begins now.
    #[must_use]
    pub const fn new(now: Moment) -> Self {
        Self {
            person: None,
            masked: None,
            veiled: false,
            verified_until: None,
            letter: None,
            began: now,
            seen: now,
            deed: None,
            mistake: None,
            code: None,
            wanted: None,
            version: Position(0),
            joined: Joined::No,
            contact: None,
        }
    }

    /// The visit of a session; a new one when there is none or it is over.
    ///
    /// # Errors
    /// When the session store fails: an outage makes nobody a stranger.
    pub async fn load(session: &Session, now: Moment) -> Result<Self, NotKept> {
        let stored: Option<String> = match session.get(KEY).await {
            Ok(stored) => stored,
            // Another version of this program kept it.
            Err(session::Error::SerdeJson(_)) => None,
            Err(session::Error::Store(_)) => return Err(NotKept),
        };
        let stored: Option<Self> = stored.and_then(|text| serde_json::from_str(&text).ok());
        Ok(stored.filter(|visit| visit.lasts(now)).unwrap_or_else(|| Self::new(now)))
    }

    /// Whether the visit goes on at `now`.
    #[must_use]
    pub const fn lasts(&self, now: Moment) -> bool {
        now.since(self.began) < ABSOLUTE && now.since(self.seen) < IDLE
    }

    /// Keeps the visit.
    ///
    /// # Errors
    /// When the session store fails.
    pub async fn save(&mut self, session: &Session, now: Moment) -> Result<(), NotKept> {
        self.seen = now;
        // As one text: a session is copied for every page, and a text is copied fastest.
        let text = serde_json::to_string(&self).map_err(|_| NotKept)?;
        session.insert(KEY, text).await.map_err(|_| NotKept)
    }

    /// Keeps the visit under a new session id, so that nobody can plant one (ASVS 5.0 7.2.4).
    ///
    /// # Errors
    /// When the session store fails.
    pub async fn save_renewed(&mut self, session: &Session, now: Moment) -> Result<(), NotKept> {
        session.cycle_id().await.map_err(|_| NotKept)?;
        self.save(session, now).await
    }

    /// Whether the time of the last page is so old that it should be written again.
    #[must_use]
    pub const fn is_worn(&self, now: Moment) -> bool {
        now.since(self.seen) > MINUTE
    }

    /// How sure we are who is here.
    #[must_use]
    pub fn assurance(&self, now: Moment) -> Assurance {
        let fresh = self.person.is_some() && self.verified_until.is_some_and(|until| until > now);
        if fresh { Assurance::Verified } else { Assurance::Link }
    }

    /// The last deed while it may still be shown and taken back.
    #[must_use]
    pub fn recent(&self, now: Moment) -> Option<&Deed> {
        self.deed.as_ref().filter(|deed| now.since(deed.at) < WINDOW)
    }

    /// Somebody came by their link.
    pub fn welcome(&mut self, person: PersonId, masked: Option<String>) {
        if self.person != Some(person) {
            *self = Self { began: self.began, seen: self.seen, ..Self::new(self.seen) };
            self.person = Some(person);
        }
        self.masked = masked;
        self.veiled = false;
    }

    /// The confirmation whose link led here, while that works and whose it is is here.
    #[must_use]
    pub fn letter(&self, now: Moment) -> Option<ByLetter> {
        self.letter.filter(|letter| now <= letter.until && self.person == Some(letter.person))
    }

    /// Somebody came by a code that might have been guessed.
    pub fn welcome_veiled(&mut self, person: PersonId) {
        self.welcome(person, None);
        self.veiled = true;
    }

    /// Somebody answered a code.
    pub fn verify(&mut self, person: PersonId, now: Moment) {
        self.person = Some(person);
        self.verified_until = Some(now.plus(WINDOW));
        self.code = None;
    }
}

/// The session store did not keep the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the visit was not kept")]
pub struct NotKept;

/// The position that a form names; none when it says nothing readable.
#[must_use]
pub fn read_seen(text: &str) -> Option<Position> {
    text.trim().parse().ok().map(Position)
}
