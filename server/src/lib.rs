//! Everything that must not ship to a browser: store, ledger, keys, links, web, command line.

pub mod agent;
pub mod api;
pub mod cli;
pub mod gate;
pub mod identify;
pub mod inbound;
pub mod index;
pub mod keys;
pub mod ledger;
pub mod mailcheck;
pub mod metrics;
pub mod notices;
pub mod outbox;
pub mod people;
pub mod ports;
pub mod proof;
pub mod reconcile;
pub mod service;
pub mod snapshot;
pub mod store;
pub mod telemetry;
pub mod tell;
pub mod unsubscribe;
pub mod vault;
pub mod web;
