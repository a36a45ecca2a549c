//! Authorized agents, by the Data Rights Protocol 1.0.
//!
//! An agent signs each message with a key that the directory has. What it asks for on a customer's
//! behalf takes the customer's own ways: an opt-out of sale is the page's command and in force
//! before the agent is answered, and what loosens is left to the customer.

mod callback;
mod desk;
mod directory;
mod fault;
mod message;
mod request;
mod routes;

pub use callback::Courier;
pub use directory::{Directory, DirectoryError};
pub use routes::router;

use domain::Moment;
use message::{Envelope, open};

/// Whom the business listens to, and under which name.
#[derive(Clone, Debug, Default)]
pub struct Agents {
    /// The agents that may call.
    pub directory: Directory,
    /// The business's own id in the protocol's directory.
    pub business: String,
}

impl Agents {
    /// Whether a message is signed by an agent of the directory, for this business, and valid now.
    #[must_use]
    pub fn accept(&self, agent: &str, body: &[u8], now: Moment) -> bool {
        let Some(key) = self.directory.key(agent) else { return false };
        let envelope = open::<Envelope>(body, key);
        envelope.is_ok_and(|envelope| envelope.check(agent, &self.business, now).is_ok())
    }
}
