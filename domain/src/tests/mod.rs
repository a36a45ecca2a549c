//! Rules as properties.

mod calendar;
mod catalogue;
mod contact;
mod deadline;
mod delivery;
mod event;
mod inventory;
mod ledger;
mod outbox;
mod reply;
mod report;
mod rules;
mod sample;
mod short_code;
mod signal;
mod systems;
