//! Whether marketing may be sent to addresses, for whoever fills a mailer from a file.

use std::sync::Arc;

use domain::contact::IdentifierKind;
use domain::{Channel, Position, Target};

use crate::cli::Premises;
use crate::gate::{Judge, Subject, table_of};
use crate::notices::{NoticeError, Notices};
use crate::store::StoreError;

/// What decides, and every message by email that it decides about.
pub(super) struct Reach<'a> {
    premises: &'a Premises,
    judge: Judge<'a>,
    messages: Vec<Target>,
}

impl<'a> Reach<'a> {
    /// By the notice in force, at this moment.
    ///
    /// # Errors
    /// [`NoticeError`] when there is none, or it can't be read.
    pub async fn of(premises: &'a Premises) -> Result<Self, NoticeError> {
        let notice = Notices::load(premises.store.clone()).await?.current();
        let topics = notice.catalogue.topics.iter();
        let messages = topics
            .filter(|topic| topic.channels.iter().any(|rule| rule.channel == Channel::Email))
            .map(|topic| Target::Message(topic.key.clone(), Channel::Email))
            .collect();
        let now = premises.clock.now();
        let judge = Judge::new(Arc::clone(&notice), &premises.vault, now, Position::default());
        Ok(Self { premises, judge, messages })
    }

    /// Whether the gate allows any of the messages to each of these addresses, in their order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn allows(&self, addresses: &[&str]) -> Result<Vec<bool>, StoreError> {
        let Self { premises, judge, messages } = self;
        let read = |text: &&str| Subject::read(IdentifierKind::Email, text, judge.home()).ok();
        let subjects: Vec<Option<Subject>> = addresses.iter().map(read).collect();
        let digests: Vec<Vec<u8>> = subjects
            .iter()
            .flatten()
            .flat_map(|subject| premises.vault.digests(subject.kind(), subject.normal()))
            .map(|digest| digest.to_vec())
            .collect();
        let table = table_of(&premises.store, &digests).await?;
        let any = |who: &Subject| {
            messages.iter().any(|message| judge.decide(&table, who, message).decision.allowed)
        };
        Ok(subjects.iter().map(|who| who.as_ref().is_some_and(any)).collect())
    }
}
