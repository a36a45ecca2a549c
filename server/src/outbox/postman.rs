//! Who sends: takes letters that are due, writes them, hands them on, and notes what became of
//! them. A letter is taken under a lease, so that two nodes never send the same one; one whose node
//! died is sent again.

use std::sync::Arc;
use std::time::Duration;

use domain::Moment;
use domain::contact::Contact;
use domain::moment::{DAY, MINUTE};
use domain::outbox::{Kind, State, next_try};
use futures::StreamExt;
use tokio::time::MissedTickBehavior;

use super::compose::Stationery;
use crate::ports::NotSent;
use crate::service::Service;
use crate::store::{DueLetter, Fate, StoreError};

/// How often it looks.
const TICK: Duration = Duration::from_millis(500);
/// Looks from one counting to the next.
const NOW_AND_THEN: u32 = 20;
/// Looks from one clearing to the next.
const RARELY: u32 = 7_200;
/// How long a taken letter stays with whoever took it: longer than a batch of slow answers takes.
const LEASE: i64 = 5 * MINUTE;
/// Letters taken at a time.
const BATCH: i64 = 16;
/// Letters sent at the same time.
const AT_ONCE: usize = 4;
/// Confirmations closed at a time: whoever closes them holds up those who choose.
const CLOSED_AT_ONCE: i64 = 100;
/// Days for which it is remembered that a letter was sent, and not what it said.
const REMEMBERED: i64 = 90 * DAY;

/// Sends letters.
#[derive(Clone)]
pub struct Postman {
    /// The installation.
    pub service: Arc<Service>,
    /// What all letters share.
    pub stationery: Arc<Stationery>,
}

impl Postman {
    /// Who sends the letters of an installation.
    #[must_use]
    pub fn new(service: Arc<Service>, stationery: Stationery) -> Self {
        Self { service, stationery: Arc::new(stationery) }
    }

    /// Sends for as long as it is let. Kinds do not wait for each other.
    pub async fn run(self) {
        let kinds = Kind::ALL.iter().map(|kind| {
            let postman = self.clone();
            async move { postman.walk(*kind).await }
        });
        let after = self.look_after();
        futures::future::join(futures::future::join_all(kinds), after).await;
    }

    async fn walk(&self, kind: Kind) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.post(kind).await {
                tracing::error!(%error, kind = kind.as_str(), "letters can't be sent");
            }
        }
    }

    async fn look_after(&self) {
        let mut tick = tokio::time::interval(TICK);
        for turn in 0_u32.. {
            tick.tick().await;
            let counted =
                if turn.is_multiple_of(NOW_AND_THEN) { self.count().await } else { Ok(()) };
            let cleared = if turn.is_multiple_of(RARELY) { self.clear().await } else { Ok(()) };
            if let Err(error) = counted.and(cleared) {
                tracing::error!(%error, "letters can't be looked after");
            }
        }
    }

    /// Sends all that is due now; says how many letters were taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for kind in Kind::ALL {
            count += self.post(*kind).await?;
        }
        Ok(count)
    }

    /// Sends all of one kind that is due now; says how many letters were taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn post(&self, kind: Kind) -> Result<usize, StoreError> {
        let (store, clock) = (&self.service.store, &self.service.clock);
        let mut count = 0;
        while store.has_due_letter(kind, clock.now().0).await? {
            let now = clock.now();
            if kind == Kind::Confirmation {
                store.record_closed(now.0, CLOSED_AT_ONCE).await?;
            }
            let due = store.take_letters(kind, now.0, now.plus(LEASE).0, BATCH).await?;
            if due.is_empty() {
                break;
            }
            count += due.len();
            let sent = due.into_iter().map(|due| self.send(kind, due));
            let sent: Vec<_> =
                futures::stream::iter(sent).buffer_unordered(AT_ONCE).collect().await;
            // What was sent is noted; the rest comes again when its lease ends.
            sent.into_iter().collect::<Result<Vec<()>, _>>()?;
        }
        Ok(count)
    }

    /// Sends one letter and notes at once what became of it.
    async fn send(&self, kind: Kind, due: DueLetter) -> Result<(), StoreError> {
        let service = &self.service;
        let mut reached = None;
        let fate = if service.clock.now().0 >= due.give_up_at {
            Fate::Failed("given up".into())
        } else {
            match self.stationery.compose(service, kind, &due).await? {
                Err(why) => Fate::Dropped(why),
                Ok(letter) => {
                    let to = letter.to.clone();
                    match service.mail.send(letter).await {
                        Ok(()) => {
                            reached = Some(to);
                            Fate::Sent
                        }
                        Err(why) => self.judge(&due, &to, why).await?,
                    }
                }
            }
        };
        self.note(kind, &due, &fate).await?;
        match reached {
            Some(to) => self.unmark(&to).await,
            None => Ok(()),
        }
    }

    /// Takes back that an address bounces, once a letter to it was taken. Looking first spares
    /// nearly every letter a write.
    async fn unmark(&self, to: &Contact) -> Result<(), StoreError> {
        let (store, vault) = (&self.service.store, &self.service.vault);
        let digests = vault.digest_list(to.kind(), to.as_str());
        if store.find_bounce(&digests).await?.is_some() {
            store.delete_bounce(&digests).await?;
        }
        Ok(())
    }

    /// What is to be done about a letter that was not taken.
    async fn judge(&self, due: &DueLetter, to: &Contact, why: NotSent) -> Result<Fate, StoreError> {
        let (service, now) = (&self.service, self.service.clock.now());
        Ok(match why {
            NotSent::Later(why) => {
                let mut random = [0; 4];
                service.random.fill(&mut random);
                let (failed, random) = (due.tries.try_into(), u32::from_be_bytes(random));
                let give_up_at = Moment(due.give_up_at);
                match next_try(failed.unwrap_or(u16::MAX), now, random, give_up_at) {
                    Some(next) => Fate::Again(next.0, why),
                    None => Fate::Failed(why),
                }
            }
            NotSent::NoSuchAddress(why) => {
                let digests = service.vault.digest_list(to.kind(), to.as_str());
                service.store.record_bounce(&digests, now.0).await?;
                Fate::Failed(why)
            }
            NotSent::Refused(why) => Fate::Failed(why),
        })
    }

    async fn note(&self, kind: Kind, due: &DueLetter, fate: &Fate) -> Result<(), StoreError> {
        let (service, word) = (&self.service, kind.as_str());
        let now = service.clock.now().0;
        if !service.store.record_fate(due, fate, now).await? {
            tracing::warn!(kind = word, "a letter took longer than its lease");
        }
        match fate {
            Fate::Sent => service.metrics.posted(word, State::Sent.as_str()),
            Fate::Dropped(_) => service.metrics.posted(word, State::Dropped.as_str()),
            Fate::Again(_, why) => {
                service.metrics.posted(word, "again");
                tracing::warn!(why, kind = word, "a letter was not taken, it is sent again");
            }
            Fate::Failed(why) => {
                service.metrics.posted(word, State::Failed.as_str());
                tracing::warn!(why, kind = word, "a letter was not taken, it is given up");
            }
        }
        Ok(())
    }

    /// Brings the figures of what waits up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count(&self) -> Result<(), StoreError> {
        let (metrics, now) = (&self.service.metrics, self.service.clock.now());
        let open = self.service.store.count_open_letters().await?;
        for kind in Kind::ALL {
            let of_kind = || open.iter().filter(|row| row.kind == kind.as_str());
            for state in [State::Gathering, State::Queued, State::Taken] {
                let row = of_kind().find(|row| row.state == state.as_str());
                let count = row.map_or(0, |row| row.count);
                metrics.set_letters(kind.as_str(), state.as_str(), count);
            }
            let oldest = of_kind().map(|row| row.oldest_at).min().unwrap_or(now.0);
            // Whole seconds of any age that matters are exact in a float.
            let seconds = u32::try_from((now.0 - oldest).max(0) / 1000).unwrap_or(u32::MAX);
            metrics.set_oldest_letter(kind.as_str(), f64::from(seconds));
        }
        Ok(())
    }

    /// Forgets letters that ended long ago.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let before = self.service.clock.now().plus(-REMEMBERED);
        self.service.store.delete_ended_letters(before.0).await?;
        Ok(())
    }
}
