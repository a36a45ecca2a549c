//! Pure types and rules of Sayso: no I/O, no clock, no framework.
//!
//! What the page shows and what a gate answers are one function, [`decision::decide`],
//! over one ledger of [`choice::Choice`]s and one published [`catalogue::Catalogue`].

pub mod calendar;
pub mod catalogue;
pub mod change;
pub mod channel;
pub mod choice;
pub mod contact;
pub mod deadline;
pub mod decision;
pub mod delivery;
pub mod event;
pub mod gpp;
pub mod key;
pub mod language;
pub mod ledger;
pub mod moment;
pub mod outbox;
pub mod preference;
pub mod pressure;
pub mod ratchet;
pub mod reference;
pub mod reply;
pub mod report;
pub mod request;
pub mod revocation;
pub mod rulebook;
pub mod short_code;
pub mod signal;
pub mod target;
pub mod voice;

pub use catalogue::Catalogue;
pub use change::{Refusal, Wish};
pub use channel::Channel;
pub use choice::{Act, Choice, NoticeNumber, PersonId, Position, Source};
pub use decision::{Decision, Reason, decide};
pub use key::Key;
pub use language::Language;
pub use moment::Moment;
pub use preference::{Preferences, Standings};
pub use reference::Reference;
pub use report::Report;
pub use rulebook::Rulebook;
pub use short_code::ShortCode;
pub use target::Target;
pub use voice::Voice;

#[cfg(test)]
mod tests;
