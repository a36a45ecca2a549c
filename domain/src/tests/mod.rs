//! Rules as properties.

mod catalogue;
mod contact;
mod ledger;
mod report;
mod rules;
mod sample;
