//! May we? What every system that sends or shares asks, one at a time or by the million.
//!
//! The answer is [`domain::decision::decide`]'s, the function that the page shows too, over the
//! index in memory or, where that can't vouch for itself, over the database. Where neither can be
//! asked, the answer is no.

mod filter;
mod gatekeeper;
mod judge;
mod lease;
mod rows;
mod subject;

pub use filter::{Filter, FilterError, Passed, Summary};
pub use gatekeeper::Gatekeeper;
pub(crate) use judge::table_of;
pub use judge::{Judge, Verdict};
pub use lease::{LEASE, Lease, LeaseClaims};
pub use rows::{HeaderError, Rows};
pub use subject::{Subject, read_browser, read_number};
