//! `sayso mail`.

use std::io::Read;

use clap::{Args, Subcommand};

use super::check::Check;
use super::doors::MailboxOption;
use super::{Failure, Place};
use crate::inbound::{Doors, Envelope, MOST, receive};

/// Tasks with mail.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Take one message from standard input, as a mail server hands it over (a pipe).
    ///
    /// Ends with 0 when the message is kept, with 75 when the server must try again later, and
    /// with 65 when there was no message (sysexits.h).
    Receive(Receive),
    /// Check a message before a campaign: header fields, signature, links, words. Ends with 3 when
    /// something is wrong.
    Check(Check),
}

/// Options of `sayso mail receive`.
#[derive(Debug, Args)]
pub struct Receive {
    /// Address that the server took the message for, or several with spaces between, such as
    /// `${original_recipient}` of Postfix.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    recipient: Vec<String>,
    #[command(flatten)]
    mailbox: MailboxOption,
    #[command(flatten)]
    place: Place,
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Receive(receive) => receive.run().await,
            Self::Check(check) => check.run().await,
        }
    }
}

impl Receive {
    async fn run(self) -> Result<(), Failure> {
        let raw = tokio::task::spawn_blocking(read_message).await.map_err(Failure::again)?;
        let raw =
            raw.map_err(|error| Failure::again(format!("no message can be read: {error}")))?;
        if raw.trim_ascii().is_empty() {
            return Err(Failure::data("there is no message on standard input"));
        }
        let place = self.place.clone();
        let premises = place.open().await.map_err(Failure::again)?;
        let service = premises.assemble_beside(&place.data).await.map_err(Failure::again)?;
        let doors = Doors { mailbox: self.mailbox.unsubscribe_mailbox, ..Doors::default() };
        let envelope = Envelope { recipients: self.recipient };
        receive(&service, &doors, &raw, &envelope).await.map_err(Failure::again)?;
        service.store.close().await;
        Ok(())
    }
}

/// The beginning of what stands on standard input; the rest is read and dropped, so that whoever
/// writes it is not cut off.
fn read_message() -> std::io::Result<Vec<u8>> {
    let mut input = std::io::stdin().lock();
    let mut raw = Vec::new();
    let most = u64::try_from(MOST).unwrap_or(u64::MAX);
    input.by_ref().take(most + 1).read_to_end(&mut raw)?;
    std::io::copy(&mut input, &mut std::io::sink())?;
    Ok(raw)
}
