//! A system that comes into the register later, or serves more than before, hears of every no that
//! is in force already: one delivery each, made once, block by block from where it stopped.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use domain::catalogue::System;
use domain::ledger::Link;
use domain::preference::Hold;
use domain::{Choice, Moment, NoticeNumber, Position, Preferences};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::{Duties, Teller};
use crate::store::{LedgerRow, NewDelivery, NewcomerRow, StoreError};

/// How often it looks for systems that are new.
const TICK: Duration = Duration::from_secs(2);
/// Entries that are looked at together.
const BLOCK: i64 = 500;
/// How long every node has to take up a notice; until then one may write a choice of which it does
/// not know that the system must hear.
const TAKEN_UP: i64 = 10_000;

fn targets(system: &System) -> BTreeSet<String> {
    system.serves.iter().map(ToString::to_string).collect()
}

fn words(serves: &str) -> BTreeSet<String> {
    serves.split_whitespace().map(ToOwned::to_owned).collect()
}

fn joined(serves: &BTreeSet<String>) -> String {
    serves.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

impl Teller {
    /// Looks for new systems for as long as it is let.
    pub(super) async fn welcomes(self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.welcome().await {
                tracing::error!(%error, "a new system can't be told of the choices of before");
            }
        }
    }

    /// Makes the deliveries that systems are owed which are new, as far as can be told now. Says
    /// how many it made.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; what is made stays, and the next call goes on.
    pub async fn welcome(&self) -> Result<u64, StoreError> {
        self.settle().await?;
        let notice = self.service.notices.current();
        let mut made = 0;
        for row in self.service.store.list_open_newcomers().await? {
            if let Some(system) = notice.catalogue.system(&row.system) {
                made += self.introduce(system, row).await?;
            }
        }
        Ok(made)
    }

    /// Compares the register with what is known of its systems.
    async fn settle(&self) -> Result<(), StoreError> {
        let notice = self.service.notices.current();
        if self.settled.lock().is_ok_and(|settled| *settled == Some(notice.number)) {
            return Ok(());
        }
        let from_the_start = self.served_from_the_start().await?;
        let now = self.service.clock.now();
        let mut group = self.service.store.begin_group().await?;
        // A newer notice knows better which systems there are.
        if group.find_latest_notice_number().await? != Some(notice.number.0) {
            return group.rollback().await;
        }
        let rows = group.list_newcomers().await?;
        let first = rows.is_empty();
        let mut rows: HashMap<String, NewcomerRow> =
            rows.into_iter().map(|row| (row.system.clone(), row)).collect();
        for system in &notice.catalogue.systems {
            let (key, serves) = (system.key.to_string(), targets(system));
            let known = rows.remove(&key);
            let told = match &known {
                Some(row) => words(&row.serves),
                None if first => from_the_start.get(&key).cloned().unwrap_or_default(),
                None => BTreeSet::new(),
            };
            if known.as_ref().is_some_and(|row| words(&row.serves) == serves) {
                continue;
            }
            let new = known.is_none() || !serves.is_subset(&told);
            let head = group.head().position.0;
            let mut row = known.unwrap_or(NewcomerRow {
                system: key,
                serves: String::new(),
                reached: head,
                started_at: now.0,
                finished_at: Some(now.0),
            });
            row.serves = joined(&serves);
            if new && !serves.is_subset(&told) {
                (row.reached, row.started_at, row.finished_at) = (0, now.0, None);
            }
            group.record_newcomer(&row).await?;
        }
        for gone in rows.keys() {
            group.delete_newcomer(gone).await?;
        }
        group.commit().await?;
        if let Ok(mut settled) = self.settled.lock() {
            *settled = Some(notice.number);
        }
        Ok(())
    }

    /// What every notice since the first choice says that systems serve: of that they have been
    /// told by each choice itself.
    async fn served_from_the_start(&self) -> Result<HashMap<String, BTreeSet<String>>, StoreError> {
        let notice = self.service.notices.current();
        let of_now = notice.catalogue.systems.iter();
        let mut served: HashMap<String, BTreeSet<String>> =
            of_now.map(|system| (system.key.to_string(), targets(system))).collect();
        let Some(first) = self.service.store.find_first_notice().await? else { return Ok(served) };
        for number in first..notice.number.0 {
            let earlier = self.service.notices.find(NoticeNumber(number)).await;
            // Of one that can't be read nothing is known.
            let Ok(earlier) = earlier else { return Ok(HashMap::new()) };
            let Some(earlier) = earlier else { continue };
            for (key, serves) in &mut served {
                let then = earlier.catalogue.system(key).map(targets).unwrap_or_default();
                serves.retain(|target| then.contains(target));
            }
        }
        Ok(served)
    }

    /// Makes what one system is owed, block by block.
    async fn introduce(&self, system: &System, mut row: NewcomerRow) -> Result<u64, StoreError> {
        let store = &self.service.store;
        let (mut made, mut unnamed) = (0, 0);
        loop {
            let block = store.list_ledger(Position(row.reached), BLOCK).await?;
            let now = self.service.clock.now();
            if block.is_empty() {
                let everyone_knows = now.0 >= row.started_at + TAKEN_UP;
                if everyone_knows {
                    let mut group = store.begin_group().await?;
                    // A choice of this very moment belongs to it, too.
                    let done = group.head().position.0 == row.reached;
                    group.record_reached(&row, row.reached, done.then_some(now.0)).await?;
                    group.commit().await?;
                    if !done {
                        continue;
                    }
                }
                if made + unnamed > 0 {
                    tracing::info!(system = %row.system, made, unnamed, "told of earlier choices");
                }
                return Ok(made);
            }
            let block: Result<Vec<LedgerRow>, _> = block.into_iter().collect();
            let block = block.map_err(|_| StoreError::Unreadable("choice"))?;
            row.reached = block.last().map_or(row.reached, |last| last.choice.position.0);
            let owed = self.owed(system, &block, now, &mut unnamed).await?;
            let mut group = store.begin_group().await?;
            made += group.insert_owed(owed).await?;
            group.record_reached(&row, row.reached, None).await?;
            group.commit().await?;
        }
    }

    /// The deliveries of a block: for every no in it that stands, of somebody who can be named.
    async fn owed(
        &self,
        system: &System,
        block: &[LedgerRow],
        now: Moment,
        unnamed: &mut u64,
    ) -> Result<Vec<NewDelivery>, StoreError> {
        let notice = self.service.notices.current();
        let concerns = |choice: &Choice| {
            let mut concerned = notice.catalogue.systems_concerned(&choice.entry.target);
            concerned.any(|one| one.key == system.key)
        };
        let block: Vec<&LedgerRow> = block.iter().filter(|row| concerns(&row.choice)).collect();
        let people: BTreeSet<Uuid> = block.iter().map(|row| row.choice.entry.person.0).collect();
        let people: Vec<Uuid> = people.into_iter().collect();
        let standing = self.standing(&people, now).await?;
        let block: Vec<&LedgerRow> =
            block.into_iter().filter(|row| standing.contains(&row.choice.position)).collect();
        let store = &self.service.store;
        let positions: Vec<i64> = block.iter().map(|row| row.choice.position.0).collect();
        let contacts: HashMap<i64, Vec<u8>> =
            store.list_contacts(&positions).await?.into_iter().collect();
        let nameable: HashSet<Uuid> = store.list_nameable(&people).await?.into_iter().collect();
        let duties = Duties::of(&notice.catalogue).heard(now);
        let mut owed = Vec::new();
        for LedgerRow { choice, hash } in block {
            let contact = contacts.get(&choice.position.0);
            if contact.is_none() && !nameable.contains(&choice.entry.person.0) {
                *unnamed += 1;
                continue;
            }
            let link: Link =
                hash.as_slice().try_into().map_err(|_| StoreError::Unreadable("choice"))?;
            let all = duties.owed(choice, &link, contact).into_iter();
            owed.extend(all.filter(|delivery| delivery.system == system.key.as_str()));
        }
        Ok(owed)
    }

    /// The entries by which these people say no now.
    async fn standing(
        &self,
        people: &[Uuid],
        now: Moment,
    ) -> Result<HashSet<Position>, StoreError> {
        let histories = self.service.store.list_histories(people).await?;
        let mut standing = HashSet::new();
        for history in histories.values() {
            let preferences = Preferences::fold(history);
            standing.extend(preferences.holds().filter_map(|(_, hold)| match hold {
                Hold::Standing(said) if !said.granted => Some(said.position),
                Hold::Pause(pause) if pause.until > now => Some(pause.position),
                _ => None,
            }));
        }
        Ok(standing)
    }
}
