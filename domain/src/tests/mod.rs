//! Rules as properties.

mod calendar;
mod catalogue;
mod contact;
mod delivery;
mod ledger;
mod report;
mod rules;
mod sample;
mod signal;
mod systems;
