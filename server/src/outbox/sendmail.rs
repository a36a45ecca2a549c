//! Messages handed to the machine's own mail program, which keeps trying by itself.

use std::ffi::OsString;

use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::{AsyncSendmailTransport, AsyncTransport, Tokio1Executor};

use super::message::write;
use super::smtp::envelope;
use crate::ports::{Letter, Mail, NotSent};

/// Calls `sendmail` for each message.
pub struct Sendmail {
    transport: AsyncSendmailTransport<Tokio1Executor>,
    bounces_to: Option<lettre::Address>,
}

impl Sendmail {
    /// Calls a program that understands `-i -f SENDER RECIPIENT`; what comes back goes to
    /// `bounces_to`, or else to whom the message is from.
    #[must_use]
    pub fn new(program: impl Into<OsString>, bounces_to: Option<lettre::Address>) -> Self {
        Self { transport: AsyncSendmailTransport::new_with_command(program), bounces_to }
    }
}

#[async_trait]
impl Mail for Sendmail {
    async fn send(&self, letter: Letter) -> Result<(), NotSent> {
        let message = write(&letter)?;
        let envelope: Envelope = envelope(&message, self.bounces_to.as_ref())?;
        // What the program says may hold the address.
        let sent = self.transport.send_raw(&envelope, &message.formatted()).await;
        sent.map_err(|_| NotSent::Later("the mail program failed".into()))
    }
}
