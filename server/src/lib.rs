//! Everything that must not ship to a browser: store, ledger, keys, links, web, command line.

pub mod store;
