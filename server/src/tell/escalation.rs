//! Looking after what is on its way: figures, and a word to whoever answers for a late system.

use domain::contact::{Contact, Email};
use domain::delivery::{PACE_DAYS, State, pace};
use domain::moment::{DAY, HOUR};
use domain::outbox::{Kind, lifetime};
use domain::{Language, Moment};

use super::Teller;
use crate::outbox::{Content, Says, sealed};
use crate::ports::new_uuid;
use crate::store::{NewLetter, OpenDeliveries, StoreError};

impl Teller {
    /// Brings the figures of what is on its way up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count(&self) -> Result<(), StoreError> {
        let (metrics, now) = (&self.service.metrics, self.service.clock.now());
        let open = self.service.store.count_open_deliveries(now.0).await?;
        let notice = self.service.notices.current();
        for system in &notice.catalogue.systems {
            let key = system.key.as_str();
            let of_system = open.iter().find(|row| row.system == key);
            let count = |of: fn(&OpenDeliveries) -> i64| of_system.map_or(0, of);
            metrics.set_deliveries(key, State::Queued.as_str(), count(|row| row.queued));
            metrics.set_deliveries(key, State::Sent.as_str(), count(|row| row.sent));
            metrics.set_deliveries(key, State::Failed.as_str(), count(|row| row.failed));
            metrics.set_deliveries(key, "overdue", count(|row| row.overdue));
            let oldest = of_system.and_then(|row| row.oldest_at).unwrap_or(now.0);
            // Whole seconds of any age that matters are exact in a float.
            let seconds = u32::try_from((now.0 - oldest).max(0) / 1000).unwrap_or(u32::MAX);
            metrics.set_oldest_delivery(key, f64::from(seconds));
        }
        Ok(())
    }

    /// Measures anew, once an hour, how long systems take to confirm.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn measure(&self) -> Result<(), StoreError> {
        let (store, now) = (&self.service.store, self.service.clock.now());
        let measured = store.list_measured_paces().await?;
        let notice = self.service.notices.current();
        for system in &notice.catalogue.systems {
            let key = system.key.as_str();
            let last = measured.iter().find(|(system, ..)| system == key);
            if last.is_some_and(|(_, _, at)| now.0 - at < HOUR) {
                continue;
            }
            let times = store.list_paces(key, now.0 - PACE_DAYS * DAY).await?;
            store.record_pace(key, pace(&times), now.0).await?;
        }
        Ok(())
    }

    /// Writes to the escalation address of every system with overdue deliveries, once a day.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn escalate(&self) -> Result<(), StoreError> {
        let (store, now) = (&self.service.store, self.service.clock.now());
        let open = store.count_open_deliveries(now.0).await?;
        let notice = self.service.notices.current();
        for system in &notice.catalogue.systems {
            let key = system.key.as_str();
            let found = open.iter().find(|row| row.system == key);
            let overdue = found.map_or(0, |row| row.overdue);
            if overdue == 0 || !store.record_escalated(key, now.0, now.0 - DAY).await? {
                continue;
            }
            tracing::warn!(system = key, overdue, "choices are not confirmed in time");
            let Ok(to) = system.escalation.parse::<Email>() else { continue };
            let says = Says::Words {
                subject: format!("{key} is late with {overdue} privacy choices"),
                body: format!(
                    "{overdue} choices of customers should have been confirmed by “{key}” and are \
                     not.\n\nSee them: sayso deliveries list --system {key} --overdue\n\
                     Tell it again: sayso deliveries replay --system {key}\n"
                ),
            };
            let content = Content { to: Contact::Email(to), language: Language::English, says };
            store.insert_letter(&self.alert(&content, now)).await?;
        }
        Ok(())
    }

    fn alert(&self, content: &Content, now: Moment) -> NewLetter {
        let (vault, random) = (&self.service.vault, self.service.random.as_ref());
        NewLetter {
            id: new_uuid(now, random),
            kind: Kind::Alert,
            person: None,
            dedup: None,
            sealed: Some(sealed(content, vault, random)),
            next_at: now.0,
            give_up_at: now.plus(lifetime(Kind::Alert)).0,
            created_at: now.0,
        }
    }
}
