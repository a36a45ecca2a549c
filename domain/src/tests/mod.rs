//! Rules as properties.

mod calendar;
mod catalogue;
mod contact;
mod deadline;
mod delivery;
mod ledger;
mod reply;
mod report;
mod rules;
mod sample;
mod systems;
