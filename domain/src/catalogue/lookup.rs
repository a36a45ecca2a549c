//! Finding entries of the register.

use super::model::{
    Catalogue, Exception, MessageRule, Profiling, Purpose, Recipient, System, Topic,
};
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

    /// A system of a key, if the register has it.
    #[must_use]
    pub fn system(&self, key: &str) -> Option<&System> {
        self.systems.iter().find(|known| known.key.as_str() == key)
    }

    /// The systems that a choice about a target concerns: those that serve it, a part of it, or
    /// something of which it is a part.
    pub fn systems_concerned<'a>(
        &'a self,
        target: &'a Target,
    ) -> impl Iterator<Item = &'a System> + 'a {
        self.systems
            .iter()
            .filter(move |system| system.serves.iter().any(|served| self.touch(served, target)))
    }

    /// Whether two targets have a switch in common.
    fn touch(&self, one: &Target, other: &Target) -> bool {
        match (one, other) {
            (Target::Topic(topic), Target::Channel(channel))
            | (Target::Channel(channel), Target::Topic(topic)) => {
                self.message(topic, *channel).is_some()
            }
            _ => one.covers(other) || other.covers(one),
        }
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
