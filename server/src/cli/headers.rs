//! `sayso headers`.

use clap::Args;
use domain::{Channel, Key};

use super::doors::MailboxOption;
use super::links::{Base, read_email};
use super::{Failure, say};
use crate::notices::Notices;
use crate::people;
use crate::unsubscribe::{FIELD, POST_FIELD, headers};
use crate::vault::token_digest;

/// Options of `sayso headers`.
#[derive(Debug, Args)]
pub struct Headers {
    /// Email address of the customer that the message goes to.
    email: String,
    /// Key of the message's topic.
    #[arg(long, value_name = "KEY")]
    topic: Key,
    /// The message's channel; only mail has header fields.
    #[arg(long, value_name = "CHANNEL", default_value = "email")]
    channel: Channel,
    #[command(flatten)]
    mailbox: MailboxOption,
    #[command(flatten)]
    base: Base,
}

impl Headers {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let email = read_email(&self.email)?;
        let url = self.base.url()?;
        let premises = self.base.place.open().await?;
        let notice = Notices::load(premises.store.clone()).await.map_err(Failure::new)?.current();
        let people = people::list_by_email(&premises, &email).await?;
        // The newest record of a shared address, as everywhere.
        let newest = people.last().ok_or_else(people::nobody)?;
        let person = premises.store.find_person(*newest).await.map_err(Failure::new)?;
        let person = person.ok_or_else(people::nobody)?;
        let token = premises.vault.link_token(person.id, person.link_epoch);
        let mailbox = self.mailbox.unsubscribe_mailbox.as_ref();
        let message = (&self.topic, self.channel);
        let fields = headers(&notice.catalogue, &url, mailbox, &token, message);
        let fields = fields.map_err(Failure::usage)?;
        let digest = token_digest(&token).unwrap_or_default();
        let link = (digest, person.id, person.link_epoch);
        premises.store.insert_links(&[link]).await.map_err(Failure::new)?;
        say(format_args!("{FIELD}: {}", fields.list_unsubscribe));
        say(format_args!("{POST_FIELD}: {}", fields.list_unsubscribe_post));
        premises.store.close().await;
        Ok(())
    }
}
