//! Which systems must hear of a choice, and by when they must have confirmed.

use domain::calendar::Calendar;
use domain::delivery::{concerned, id};
use domain::ledger::Link;
use domain::{Catalogue, Choice};
use jiff::tz::TimeZone;

use crate::store::NewDelivery;

/// What a register asks to be told.
pub struct Duties<'a> {
    catalogue: &'a Catalogue,
    calendar: Calendar,
    zone: TimeZone,
}

impl<'a> Duties<'a> {
    /// The duties of a register.
    #[must_use]
    pub fn of(catalogue: &'a Catalogue) -> Self {
        let controller = &catalogue.controller;
        Self {
            catalogue,
            calendar: Calendar::of(&controller.country),
            zone: TimeZone::get(&controller.time_zone).unwrap_or(TimeZone::UTC),
        }
    }

    /// The deliveries that a choice owes; `contact` is what the person is
    /// known by (see [`super::seal_contact`]), where the store does not keep that.
    #[must_use]
    pub fn owed(
        &self,
        choice: &Choice,
        link: &Link,
        contact: Option<&Vec<u8>>,
    ) -> Vec<NewDelivery> {
        let at = choice.entry.at;
        let owed = concerned(self.catalogue, choice).map(|system| NewDelivery {
            id: id(at, link, system),
            position: choice.position.0,
            system: system.key.to_string(),
            due_at: self.calendar.end_of_business_day(at, system.lead_business_days, &self.zone).0,
            created_at: at.0,
            contact: contact.cloned(),
        });
        owed.collect()
    }
}
