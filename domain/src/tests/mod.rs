//! Rules as properties.

mod catalogue;
mod contact;
mod ledger;
mod rules;
mod sample;
