//! The portal as the pages see it: rules and transactions behind one trait.

mod codes;
mod portal;
mod progress;
mod signals;

use std::sync::Arc;

pub use progress::{Lately, lately};
pub use signals::sells;

use crate::index::Index;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use crate::notices::Notices;
use crate::ports::{Clock, Mail, Random};
use crate::store::Store;
use crate::vault::Vault;

/// Everything one installation is made of.
pub struct Service {
    /// The store.
    pub store: Store,
    /// Everyone's choices in memory.
    pub index: Arc<Index>,
    /// The way into the ledger.
    pub ledger: Ledger,
    /// Published notices.
    pub notices: Notices,
    /// The keys at work.
    pub vault: Vault,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random generator.
    pub random: Arc<dyn Random>,
    /// Outgoing messages.
    pub mail: Arc<dyn Mail>,
    /// How far choices have come, as looked up within the last second.
    pub progress: Lately,
    /// Whether no other process serves from the same store: what only this one writes may then be
    /// kept in memory.
    pub is_sole: bool,
    /// How long a replaced link still restricts, in days; at least 60 (CASL).
    pub retired_link_days: u16,
    /// Figures for whoever watches the program.
    pub metrics: Metrics,
}
