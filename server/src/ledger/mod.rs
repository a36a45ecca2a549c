//! Recording wishes: many callers, one commit for all who wait.

mod confirm;
mod resolve;
mod writer;

pub use confirm::Confirming;
pub use writer::{Command, GROUP, Ledger, Pending, RecordError};
