//! What a choice is about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::key::Key;

/// What a choice is about. Wide targets hold the narrow ones below them:
/// everything ⊃ marketing ⊃ topic, channel ⊃ message; marketing ⊃ profiling;
/// everything ⊃ sharing ⊃ purpose ⊃ share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// All marketing and all sharing.
    Everything,
    /// Every message of every topic, and the profiling behind them (GDPR 21(2)).
    Marketing,
    /// One topic by every channel.
    Topic(Key),
    /// Every topic by one channel.
    Channel(Channel),
    /// One topic by one channel.
    Message(Key, Channel),
    /// One kind of profiling for marketing.
    Profiling(Key),
    /// Every recipient for every purpose (11 CCR 7026(h)).
    Sharing,
    /// Every recipient for one purpose.
    Purpose(Key),
    /// One recipient for one purpose.
    Share(Key, Key),
    /// Sharing that a law requires; nobody can turn it off.
    Exception(Key),
}

/// The text names no [`Target`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a target such as everything, message:offers/email or share:advertising/adlane")]
pub struct NotATarget;

impl Target {
    /// Itself and every wider target that holds it, narrowest first.
    #[must_use]
    pub fn lineage(&self) -> Vec<Self> {
        let mut line = vec![self.clone()];
        match self {
            Self::Message(topic, channel) => {
                line.extend([Self::Topic(topic.clone()), Self::Channel(*channel), Self::Marketing]);
            }
            Self::Topic(_) | Self::Channel(_) | Self::Profiling(_) => line.push(Self::Marketing),
            Self::Share(purpose, _) => line.extend([Self::Purpose(purpose.clone()), Self::Sharing]),
            Self::Purpose(_) => line.push(Self::Sharing),
            Self::Everything | Self::Marketing | Self::Sharing | Self::Exception(_) => {}
        }
        if !matches!(self, Self::Everything | Self::Exception(_)) {
            line.push(Self::Everything);
        }
        line
    }

    /// Whether `self` is `other` or holds it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        match (self, other) {
            (Self::Everything, held) => !matches!(held, Self::Exception(_)),
            (Self::Marketing, held) => matches!(
                held,
                Self::Topic(_) | Self::Channel(_) | Self::Message(..) | Self::Profiling(_)
            ),
            (Self::Topic(topic), Self::Message(of, _)) => topic == of,
            (Self::Channel(channel), Self::Message(_, by)) => channel == by,
            (Self::Sharing, held) => matches!(held, Self::Purpose(_) | Self::Share(..)),
            (Self::Purpose(purpose), Self::Share(of, _)) => purpose == of,
            _ => false,
        }
    }

    /// Whether this is a single switch, not a bundle of them.
    #[must_use]
    pub const fn is_leaf(&self) -> bool {
        matches!(self, Self::Message(..) | Self::Profiling(_) | Self::Share(..))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::Marketing => f.write_str("marketing"),
            Self::Sharing => f.write_str("sharing"),
            Self::Topic(topic) => write!(f, "topic:{topic}"),
            Self::Channel(channel) => write!(f, "channel:{channel}"),
            Self::Message(topic, channel) => write!(f, "message:{topic}/{channel}"),
            Self::Profiling(key) => write!(f, "profiling:{key}"),
            Self::Purpose(purpose) => write!(f, "purpose:{purpose}"),
            Self::Share(purpose, recipient) => write!(f, "share:{purpose}/{recipient}"),
            Self::Exception(key) => write!(f, "exception:{key}"),
        }
    }
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let key = |part: &str| part.parse::<Key>().map_err(|_| NotATarget);
        let channel = |part: &str| part.parse::<Channel>().map_err(|_| NotATarget);
        let pair = |rest: &'_ str| -> Result<(String, String), NotATarget> {
            let (first, second) = rest.split_once('/').ok_or(NotATarget)?;
            Ok((first.into(), second.into()))
        };
        match text.split_once(':') {
            None => match text {
                "everything" => Ok(Self::Everything),
                "marketing" => Ok(Self::Marketing),
                "sharing" => Ok(Self::Sharing),
                _ => Err(NotATarget),
            },
            Some(("topic", rest)) => Ok(Self::Topic(key(rest)?)),
            Some(("channel", rest)) => Ok(Self::Channel(channel(rest)?)),
            Some(("profiling", rest)) => Ok(Self::Profiling(key(rest)?)),
            Some(("purpose", rest)) => Ok(Self::Purpose(key(rest)?)),
            Some(("exception", rest)) => Ok(Self::Exception(key(rest)?)),
            Some(("message", rest)) => {
                let (topic, by) = pair(rest)?;
                Ok(Self::Message(key(&topic)?, channel(&by)?))
            }
            Some(("share", rest)) => {
                let (purpose, recipient) = pair(rest)?;
                Ok(Self::Share(key(&purpose)?, key(&recipient)?))
            }
            Some(_) => Err(NotATarget),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = NotATarget;

    fn try_from(text: String) -> Result<Self, NotATarget> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}
