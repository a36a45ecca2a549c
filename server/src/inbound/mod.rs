//! What comes in by mail and by text message: opt-outs that need no page.
//!
//! A mail's sender is whoever they say they are, and so is a text's number. So all that comes in
//! here can only restrict, like a link; what loosens, and what is unclear, becomes a request that
//! somebody answers. What comes twice counts once.

mod answer;
mod automatic;
mod bounce;
mod closing;
mod filing;
pub mod imap;
mod mail;
mod receive;
mod returned;
pub mod signature;
pub mod text;
mod words;

pub(crate) use answer::cause;
pub use answer::{Answer, BadAnswer, MOST_BYTES};
pub use bounce::{Failed, Report};
pub use closing::{Finding, NotClosed, close};
pub use filing::{Filed, open_text};
pub(crate) use filing::{Matter, draft};
pub use mail::{MOST, Mail};
pub use receive::{Envelope, receive};

use domain::deadline::forgotten_before;
use domain::revocation::RevokeAll;

use crate::service::Service;
use crate::store::StoreError;
use crate::unsubscribe::Mailbox;

/// What became of something that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was an opt-out, and is in the ledger.
    OptedOut,
    /// Mail to somebody comes back.
    Bounced,
    /// A machine wrote it; nothing to do.
    Ignored,
    /// Somebody must read it: it is a request now.
    Filed,
    /// It had come before.
    Repeated,
}

impl Outcome {
    /// The word kept in the store and counted by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptedOut => "opted_out",
            Self::Bounced => "bounced",
            Self::Ignored => "ignored",
            Self::Filed => "filed",
            Self::Repeated => "repeated",
        }
    }
}

/// It could not be kept, so whoever brought it must bring it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it can't be kept now; bring it again")]
pub struct NotKept;

/// The doors that are open, as configured.
#[derive(Debug, Default)]
pub struct Doors {
    /// The mailbox of mailto unsubscribes.
    pub mailbox: Option<Mailbox>,
    /// Where text messages come in.
    pub texts: Option<text::TextDoor>,
    /// How far a "stop" by text reaches.
    pub revoke_all: RevokeAll,
}

/// Forgets requests that were answered, agents' among them, and what came in, longer ago than
/// records are kept.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub async fn forget_old(service: &Service) -> Result<u64, StoreError> {
    let before = forgotten_before(service.clock.now()).0;
    let requests = service.store.delete_old_requests(before).await?;
    let of_agents = service.store.delete_old_agent_requests(before).await?;
    Ok(requests + of_agents + service.store.delete_old_arrivals(before).await?)
}
