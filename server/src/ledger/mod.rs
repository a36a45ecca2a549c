//! Recording wishes: many callers, one commit for all who wait.

mod resolve;
mod writer;

pub use writer::{Command, GROUP, Ledger, Pending, RecordError};
