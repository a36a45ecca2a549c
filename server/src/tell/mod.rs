//! Telling systems of choices: who must hear, by webhook or by file, until each has confirmed.

mod client;
mod contact;
mod content;
mod drops;
mod duties;
mod escalation;
mod networks;
mod newcomer;
mod secret;
mod teller;
mod turn;

pub use client::{HttpPost, PATIENCE};
pub use contact::seal_contact;
pub use content::{Content, rfc3339};
pub use drops::{Dropped, neutral};
pub use duties::Duties;
pub use networks::{Networks, NotANetwork, look_up, refused_webhooks};
pub use secret::{ROTATION, new_secret};
pub use teller::Teller;
pub use turn::enable;
