//! Telling whoever answers for a system that it is late.

use domain::contact::{Contact, Email};
use domain::moment::DAY;

use super::Teller;
use crate::ports::Letter;
use crate::store::StoreError;

impl Teller {
    /// Writes to the escalation address of every system with overdue deliveries, once a day.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn escalate(&self) -> Result<(), StoreError> {
        let (store, now) = (&self.service.store, self.service.clock.now());
        let late = store.count_overdue_deliveries(now.0).await?;
        let notice = self.service.notices.current();
        for system in &notice.catalogue.systems {
            let key = system.key.as_str();
            let found = late.iter().find(|(system, _)| system == key);
            let overdue = found.map_or(0, |(_, count)| *count);
            if overdue == 0 || !store.record_escalated(key, now.0, now.0 - DAY).await? {
                continue;
            }
            tracing::warn!(system = key, overdue, "choices are not confirmed in time");
            let Ok(to) = system.escalation.parse::<Email>() else { continue };
            let letter = Letter {
                to: Contact::Email(to),
                subject: format!("{key} is late with {overdue} privacy choices"),
                body: format!(
                    "{overdue} choices of customers should have been confirmed by “{key}” and are \
                     not.\n\nSee them: sayso deliveries list --system {key} --overdue\n\
                     Tell it again: sayso deliveries replay --system {key}\n"
                ),
            };
            if let Err(error) = self.service.mail.send(letter).await {
                tracing::error!(%error, system = key, "nobody was told that a system is late");
            }
        }
        Ok(())
    }
}
