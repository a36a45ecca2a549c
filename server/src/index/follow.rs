//! Filling the index, and following what others write.

use std::collections::HashSet;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::decision::Standpoint;
use domain::preference::Step;
use domain::{Position, Preferences};
use sqlx::postgres::PgListener;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::table::{Entered, Table};
use super::{Index, read, write};
use crate::store::{Portrait, Reached, Store, StoreError};

/// How long after a look the next one comes, if nothing is heard before.
const PAUSE: Duration = Duration::from_millis(200);
/// People read at a time: few enough to leave no mark on the memory of a small portal.
const BLOCK: i64 = 200;
/// Entries caught up with at a time.
const STRIDE: i64 = 5_000;
/// Groups that changed people caught up with at a time; an import writes a thousand in each.
const GROUPS: i64 = 20;
/// Looks that fail one after the other before the log says so.
const PATIENCE: u32 = 5;

/// How the filling stands.
struct Filling {
    after: Uuid,
    done: bool,
}

/// Follows until the index is dropped.
pub(super) async fn run(store: Store, index: Weak<Index>) {
    let mut listener = None;
    let mut filling = Filling { after: Uuid::nil(), done: false };
    let mut started = false;
    let mut failures = 0;
    loop {
        let Some(index) = index.upgrade() else { return };
        let outcome = turn(&store, &index, &mut filling, &mut started).await;
        drop(index);
        if let Err(error) = outcome {
            failures += 1;
            // Whoever closes the store waits for its connection.
            listener = None;
            if failures == PATIENCE {
                tracing::error!(%error, "the index can't follow the database and answers nothing");
            }
            sleep(PAUSE).await;
            continue;
        }
        failures = 0;
        if filling.done {
            rest(&store, &mut listener).await;
        }
    }
}

/// Waits until something is heard, or for a while.
async fn rest(store: &Store, listener: &mut Option<PgListener>) {
    if listener.is_none() {
        // Without it the index looks every now and then, which is enough.
        *listener = store.listen().await.ok().flatten();
    }
    match listener {
        None => sleep(PAUSE).await,
        Some(heard) => {
            if let Ok(Err(_)) = timeout(PAUSE, heard.recv()).await {
                *listener = None;
                sleep(PAUSE).await;
            }
        }
    }
}

/// Catches up with what was written and, until everyone is there, reads the next block.
async fn turn(
    store: &Store,
    index: &Index,
    filling: &mut Filling,
    started: &mut bool,
) -> Result<(), StoreError> {
    if !*started {
        write(&index.course).reached = store.find_reached().await?;
        let identifiers = usize::try_from(store.count_identifiers().await?).unwrap_or_default();
        write(&index.table).begin(identifiers);
        *started = true;
    }
    let looked = index.elapsed();
    let reached = store.find_reached().await?;
    catch_up(store, index, reached).await?;
    close_gaps(index);
    index.confirmed.store(looked, Ordering::Release);
    if filling.done {
        if !index.whole.load(Ordering::Acquire) {
            // Everyone was read, and what was written meanwhile has just been caught up with.
            let mut course = write(&index.course);
            course.whole_at = Some(course.reached);
            drop(course);
            write(&index.table).end();
            index.whole.store(true, Ordering::Release);
            tracing::info!(people = index.len(), "the index is whole");
        }
        return Ok(());
    }
    let due = Instant::now() + PAUSE;
    while !filling.done && Instant::now() < due {
        fill(store, index, filling).await?;
    }
    Ok(())
}

/// Forgets of whom this process wrote before the table had them, once it has.
fn close_gaps(index: &Index) {
    let mut course = write(&index.course);
    if course.ahead.is_empty() {
        return;
    }
    let table = read(&index.table);
    course.ahead.retain(|id, at| table.find(*id).is_none_or(|held| held.version() < *at));
    index.behind.store(!course.ahead.is_empty(), Ordering::Release);
}

async fn fill(store: &Store, index: &Index, filling: &mut Filling) -> Result<(), StoreError> {
    let portraits = store.list_portraits(filling.after, BLOCK).await?;
    let Some(last) = portraits.last() else {
        filling.done = true;
        return Ok(());
    };
    filling.after = last.id;
    take_over(index, &portraits, Table::read);
    Ok(())
}

async fn catch_up(store: &Store, index: &Index, until: Reached) -> Result<(), StoreError> {
    loop {
        let from = read(&index.course).reached;
        if from.position >= until.position && from.revision >= until.revision {
            return Ok(());
        }
        let position = until.position.min(Position(from.position.0 + STRIDE));
        let revision = until.revision.min(from.revision + GROUPS);
        let mut people: HashSet<Uuid> = HashSet::new();
        if position > from.position {
            people.extend(store.list_people_with_choices(from.position, position).await?);
        }
        if revision > from.revision {
            people.extend(store.list_changed_people(from.revision, revision).await?);
        }
        let mut people: Vec<Uuid> = people.into_iter().collect();
        // Whoever comes in order takes less room.
        people.sort_unstable();
        for part in people.chunks(500) {
            enter(index, &store.list_portraits_of(part).await?);
        }
        let mut course = write(&index.course);
        course.reached.position = course.reached.position.max(position);
        course.reached.revision = course.reached.revision.max(revision);
        index.news.send_replace(());
    }
}

pub(super) fn enter(index: &Index, portraits: &[Portrait]) {
    take_over(index, portraits, Table::put);
}

fn take_over(index: &Index, portraits: &[Portrait], put: impl Fn(&mut Table, &Entered<'_>)) {
    let folded: Vec<Preferences> = portraits.iter().map(fold).collect();
    let course = read(&index.course);
    let mut table = write(&index.table);
    for (portrait, preferences) in portraits.iter().zip(&folded) {
        // Read before this process wrote something newer: the next look will have it.
        if course.ahead.get(&portrait.id).is_none_or(|at| *at <= preferences.version()) {
            put(&mut table, &entered(portrait, preferences));
        }
        if let Some(into) = portrait.merged_into {
            table.merge(portrait.id, into);
        }
    }
}

impl Table {
    /// A table of some people alone.
    #[must_use]
    pub fn of(portraits: &[Portrait]) -> Self {
        let mut table = Self::default();
        for portrait in portraits {
            table.put(&entered(portrait, &fold(portrait)));
        }
        table
    }
}

fn entered<'a>(portrait: &'a Portrait, preferences: &'a Preferences) -> Entered<'a> {
    let birth_year = portrait.birth_year.and_then(|year| u16::try_from(year).ok());
    Entered {
        id: portrait.id,
        preferences,
        revision: portrait.revision,
        standpoint: Standpoint { birth_year },
        language: portrait.language.as_deref().and_then(|tag| tag.parse().ok()),
        digests: &portrait.digests,
    }
}

fn fold(portrait: &Portrait) -> Preferences {
    let steps = portrait.steps.iter().map(|(position, target, act, at, voice)| Step {
        position: *position,
        target,
        act: *act,
        at: *at,
        voice: *voice,
    });
    Preferences::fold_steps(steps)
}

#[cfg(test)]
mod tests {
    use domain::{Act, Moment, Target, Voice};

    use super::*;
    use crate::index::Written;

    const WHO: Uuid = Uuid::from_u128(7);

    /// Somebody after so many choices.
    fn after(choices: i64) -> Portrait {
        let step = |place| {
            let act = if place == 1 { Act::Granted } else { Act::Withdrawn };
            let moment = Moment(1_750_000_000_000 + place);
            (Position(place), Target::Sharing, act, moment, Voice::Own)
        };
        Portrait {
            id: WHO,
            language: None,
            birth_year: None,
            revision: 1,
            merged_into: None,
            digests: vec![[7; 12]],
            steps: (1..=choices).map(step).collect(),
        }
    }

    #[test]
    fn what_was_read_before_this_process_wrote_is_never_taken_for_what_holds() {
        let at = |place| Reached { position: Position(place), revision: 1 };
        let index = Index::empty();
        let chosen = vec![(WHO, fold(&after(2)))];
        index.take(&Written { before: at(1), after: at(2), chosen, made: Vec::new() });
        // The follower had read them before that.
        enter(&index, &[after(1)]);
        close_gaps(&index);
        assert!(read(&index.table).find(WHO).is_none(), "the yes is no longer so");
        assert!(index.behind.load(Ordering::Acquire), "and nobody vouches for them");
        enter(&index, &[after(2)]);
        close_gaps(&index);
        assert_eq!(read(&index.table).find(WHO).unwrap().version(), Position(2));
        assert!(!index.behind.load(Ordering::Acquire));
    }
}
