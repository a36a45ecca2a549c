//! Everyone's choices in memory, so that pages and gates need no database in the common case.
//!
//! The index is filled at start while the portal already answers, follows every write, and knows
//! how old it is: what it can't vouch for within [`FRESH`] is not answered from it. A choice that
//! this process recorded is in it before the customer is told.

mod follow;
mod table;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use domain::decision::Standpoint;
use domain::{Language, PersonId, Position, Preferences};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

pub use table::{Entered, Held, Known, Prefix, Table, prefix};

use crate::store::{Reached, Store, StoreError};

/// How long the index may answer after it last agreed with the database: other nodes' writes are
/// obeyed within a second (requirement A-03).
pub const FRESH: Duration = Duration::from_secs(1);

/// What a page needs of somebody.
#[derive(Clone, Debug)]
pub struct Found {
    /// What they chose.
    pub preferences: Preferences,
    /// What decides beside the ledger.
    pub standpoint: Standpoint,
    /// The language the business writes to them in.
    pub language: Option<Language>,
}

/// Everyone's choices in memory.
#[derive(Debug)]
pub struct Index {
    table: RwLock<Table>,
    course: RwLock<Course>,
    /// Whether everyone is in the table.
    whole: AtomicBool,
    /// Whether this process wrote of somebody whom the table does not have yet.
    behind: AtomicBool,
    /// Tells whoever waits that something was written.
    news: watch::Sender<()>,
    began: Instant,
    /// Milliseconds from `began` to the start of the last look at the database that found the
    /// table up to date; negative before the first.
    confirmed: AtomicI64,
}

/// How far the table follows.
#[derive(Debug, Default)]
struct Course {
    reached: Reached,
    /// How far it followed when everyone was in it; what changed later, it has seen change.
    whole_at: Option<Reached>,
    /// People whom this process wrote before the table had them.
    ahead: HashMap<Uuid, Position>,
}

/// A group that this process has written.
#[derive(Debug)]
pub struct Written {
    /// How far things were before it.
    pub before: Reached,
    /// How far they are after it.
    pub after: Reached,
    /// Those whose choices it changed, with what they hold now.
    pub chosen: Vec<(Uuid, Preferences)>,
    /// People it made, with the hashes they are known by.
    pub made: Vec<(Uuid, Vec<Vec<u8>>)>,
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Index {
    /// Starts to fill an index and to follow the store; it ends when the index is dropped.
    #[must_use]
    pub fn start(store: Store) -> Arc<Self> {
        let index = Arc::new(Self::empty());
        tokio::spawn(follow::run(store, Arc::downgrade(&index)));
        index
    }

    /// An index that follows nothing and vouches for nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            table: RwLock::default(),
            course: RwLock::default(),
            whole: AtomicBool::new(false),
            behind: AtomicBool::new(false),
            news: watch::Sender::new(()),
            began: Instant::now(),
            confirmed: AtomicI64::new(-1),
        }
    }

    /// An index of a table that is whole and agrees with the store now and for ever: for
    /// measuring, where there is no store.
    #[must_use]
    pub fn of(table: Table) -> Self {
        Self {
            table: RwLock::new(table),
            whole: AtomicBool::new(true),
            confirmed: AtomicI64::new(i64::MAX),
            ..Self::empty()
        }
    }

    /// Whether the table agreed with the database less than [`FRESH`] ago.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let confirmed = self.confirmed.load(Ordering::Acquire);
        confirmed >= 0 && self.elapsed().saturating_sub(confirmed) < Self::millis(FRESH)
    }

    /// Milliseconds since the table last agreed with the database; none before the first time.
    #[must_use]
    pub fn lag(&self) -> Option<i64> {
        let confirmed = self.confirmed.load(Ordering::Acquire);
        (confirmed >= 0).then(|| self.elapsed().saturating_sub(confirmed).max(0))
    }

    /// How many people are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        read(&self.table).len()
    }

    /// Whether nobody is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everyone, if the table can be vouched for: it holds all people and is fresh.
    #[must_use]
    pub fn everyone(&self) -> Option<RwLockReadGuard<'_, Table>> {
        let whole = self.whole.load(Ordering::Acquire) && !self.behind.load(Ordering::Acquire);
        let table = (whole && self.is_fresh()).then(|| read(&self.table));
        table.filter(|table| !table.is_full())
    }

    /// How far the ledger is in it.
    #[must_use]
    pub fn position(&self) -> Position {
        read(&self.course).reached.position
    }

    /// How far the ledger and the people are in it.
    #[must_use]
    pub fn reached(&self) -> Reached {
        read(&self.course).reached
    }

    /// From where on every change was seen happening, not found done.
    #[must_use]
    pub fn whole_at(&self) -> Option<Reached> {
        read(&self.course).whole_at
    }

    /// Somebody, if the table can be vouched for and has their entries up to `at_least`.
    #[must_use]
    pub fn find(&self, person: PersonId, at_least: Position) -> Option<Found> {
        if !self.is_fresh() {
            return None;
        }
        let table = read(&self.table);
        let held = table.find(person.0).filter(|held| held.version() >= at_least)?;
        if table.is_full() {
            return None;
        }
        Some(Found {
            preferences: held.preferences(),
            standpoint: held.standpoint(),
            language: held.language(),
        })
    }

    /// Takes over what this process has written, before anyone is told.
    pub fn take(&self, written: &Written) {
        let mut course = write(&self.course);
        let mut table = write(&self.table);
        for (id, digests) in &written.made {
            let digests: Vec<Prefix> = digests.iter().map(|digest| prefix(digest)).collect();
            table.put(&Entered {
                id: *id,
                preferences: &Preferences::default(),
                revision: written.after.revision,
                standpoint: Standpoint::default(),
                language: None,
                digests: &digests,
            });
        }
        for (id, preferences) in &written.chosen {
            if !table.put_choices(*id, preferences) {
                course.ahead.insert(*id, preferences.version());
                self.behind.store(true, Ordering::Release);
            }
        }
        // While people are still missing, the follower must see everything itself.
        let known = self.whole.load(Ordering::Acquire) && course.ahead.is_empty();
        if known && course.reached == written.before {
            course.reached = written.after;
        }
        self.news.send_replace(());
    }

    /// Hears whenever something was written, here or elsewhere.
    #[must_use]
    pub fn heard(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Looks at people whom this process has changed, before anyone is told.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; the index finds them by itself then.
    pub async fn look_at(&self, store: &Store, people: &[Uuid]) -> Result<(), StoreError> {
        follow::enter(self, &store.list_portraits_of(people).await?);
        Ok(())
    }

    fn elapsed(&self) -> i64 {
        Self::millis(self.began.elapsed())
    }

    fn millis(duration: Duration) -> i64 {
        i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
    }
}
