//! Rules as properties.

mod calendar;
mod catalogue;
mod contact;
mod delivery;
mod event;
mod inventory;
mod ledger;
mod report;
mod rules;
mod sample;
mod systems;
