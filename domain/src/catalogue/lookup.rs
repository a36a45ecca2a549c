//! Finding entries of the register.

use super::model::{Catalogue, Exception, MessageRule, Profiling, Purpose, Recipient, Topic};
use crate::channel::Channel;
use crate::key::Key;
use crate::target::Target;

impl Catalogue {
    /// The rule of a message, if the register has it.
    #[must_use]
    pub fn message(&self, topic: &Key, channel: Channel) -> Option<(&Topic, &MessageRule)> {
        let topic = self.topics.iter().find(|known| known.key == *topic)?;
        topic.channels.iter().find(|rule| rule.channel == channel).map(|rule| (topic, rule))
    }

    /// A purpose with one of its recipients, if the register has them.
    #[must_use]
    pub fn share(&self, purpose: &Key, recipient: &Key) -> Option<(&Purpose, &Recipient)> {
        let purpose = self.purposes.iter().find(|known| known.key == *purpose)?;
        let recipient = purpose.recipients.iter().find(|known| known.key == *recipient)?;
        Some((purpose, recipient))
    }

    /// Profiling of a key, if the register has it.
    #[must_use]
    pub fn profiling(&self, key: &Key) -> Option<&Profiling> {
        self.profilings.iter().find(|known| known.key == *key)
    }

    /// Law-required sharing of a key, if the register has it.
    #[must_use]
    pub fn exception(&self, key: &Key) -> Option<&Exception> {
        self.exceptions.iter().find(|known| known.key == *key)
    }

    /// Every switch, in the order pages show them.
    pub fn leaves(&self) -> impl Iterator<Item = Target> + '_ {
        let messages = self.topics.iter().flat_map(|topic| {
            topic.channels.iter().map(|rule| Target::Message(topic.key.clone(), rule.channel))
        });
        let profilings = self.profilings.iter().map(|known| Target::Profiling(known.key.clone()));
        let shares = self.purposes.iter().flat_map(|purpose| {
            let share = |to: &Recipient| Target::Share(purpose.key.clone(), to.key.clone());
            purpose.recipients.iter().map(share)
        });
        messages.chain(profilings).chain(shares)
    }

    /// Whether the register knows the target, wide or narrow.
    #[must_use]
    pub fn knows(&self, target: &Target) -> bool {
        match target {
            Target::Everything | Target::Marketing | Target::Sharing => true,
            Target::Exception(key) => self.exception(key).is_some(),
            _ => self.leaves().any(|leaf| target.covers(&leaf)),
        }
    }
}
