//! Which systems must hear of a choice, and by when they must have confirmed.

use domain::calendar::Calendar;
use domain::delivery::{concerned, id};
use domain::ledger::Link;
use domain::{Catalogue, Choice, Moment};
use jiff::tz::TimeZone;

use crate::store::NewDelivery;

/// What a register asks to be told.
pub struct Duties<'a> {
    catalogue: &'a Catalogue,
    calendar: Calendar,
    zone: TimeZone,
    heard_at: Option<Moment>,
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
            heard_at: None,
        }
    }

    /// The same, counted from when choices were heard of and not from when they were made: one
    /// made elsewhere yesterday does not make a system late that hears of it today.
    #[must_use]
    pub const fn heard(mut self, at: Moment) -> Self {
        self.heard_at = Some(at);
        self
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
        let from = self.heard_at.unwrap_or(choice.entry.at);
        let end = |days| self.calendar.end_of_business_day(from, days, &self.zone);
        let owed = concerned(self.catalogue, choice).map(|system| NewDelivery {
            id: id(choice.entry.at, link, system),
            position: choice.position.0,
            system: system.key.to_string(),
            due_at: end(system.lead_business_days).0,
            created_at: from.0,
            contact: contact.cloned(),
        });
        owed.collect()
    }
}
