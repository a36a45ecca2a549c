//! Ways a message reaches a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a marketing message reaches a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Email.
    Email,
    /// Text message (SMS and its kin).
    Text,
    /// A call.
    Phone,
    /// A letter or printed catalogue.
    Post,
    /// A notification of an app or browser.
    Push,
}

/// The text names no [`Channel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a channel is one of email, text, phone, post, push")]
pub struct NotAChannel;

impl Channel {
    /// Every channel, in the order pages show them.
    pub const ALL: [Self; 5] = [Self::Email, Self::Text, Self::Phone, Self::Post, Self::Push];

    /// The word used in URLs, files and the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Text => "text",
            Self::Phone => "phone",
            Self::Post => "post",
            Self::Push => "push",
        }
    }
}

impl FromStr for Channel {
    type Err = NotAChannel;

    fn from_str(text: &str) -> Result<Self, NotAChannel> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text).ok_or(NotAChannel)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
