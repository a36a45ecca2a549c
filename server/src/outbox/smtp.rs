//! Messages by SMTP, over TLS.
//!
//! The connections are lettre's; they are kept here and not in its pool, because that gives a
//! connection on whose answer nobody waited any more to the next letter, which would then take one
//! letter's answer for another's, and because only here is known which command was refused.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::outbox::takes_no_mail;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::{Address, Message};
use tokio::time::Instant;

use super::message::write;
use crate::ports::{Letter, Mail, NotSent};

/// Connections that are kept.
const KEPT: usize = 4;
/// How long one is kept unused: servers hang up after minutes (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_secs(30);

/// How a connection is protected.
#[derive(Clone, Debug)]
pub enum Security {
    /// TLS from the first byte (RFC 8314 §3.3).
    Wrapped,
    /// TLS by STARTTLS, without which nothing is sent (RFC 3207).
    StartTls,
    /// Not at all: for a server on this machine.
    Plain,
}

/// A mail server.
pub struct Smtp {
    host: String,
    port: u16,
    wrapped: Option<TlsParameters>,
    upgraded: Option<TlsParameters>,
    login: Option<Credentials>,
    hello: ClientId,
    bounces_to: Option<Address>,
    patience: Duration,
    kept: Mutex<Vec<(Instant, AsyncSmtpConnection)>>,
}

impl Smtp {
    /// A server by name and port.
    ///
    /// # Errors
    /// A sentence that says why TLS can't be set up.
    pub fn new(host: &str, port: u16, security: &Security) -> Result<Self, String> {
        Self::trusting(host, port, security, Vec::new())
    }

    /// The same, which may also show a certificate that one of these signed.
    ///
    /// # Errors
    /// A sentence that says why TLS can't be set up.
    pub fn trusting(
        host: &str,
        port: u16,
        security: &Security,
        roots: Vec<Certificate>,
    ) -> Result<Self, String> {
        let tls = || {
            let builder = TlsParameters::builder(host.to_owned());
            let builder =
                roots.into_iter().fold(builder, TlsParametersBuilder::add_root_certificate);
            builder.build().map_err(|error| format!("TLS can't be set up: {error}"))
        };
        let (wrapped, upgraded) = match security {
            Security::Wrapped => (Some(tls()?), None),
            Security::StartTls => (None, Some(tls()?)),
            Security::Plain => (None, None),
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            wrapped,
            upgraded,
            login: None,
            hello: ClientId::default(),
            bounces_to: None,
            patience: Duration::from_mins(1),
            kept: Mutex::default(),
        })
    }

    /// With a user and a password.
    #[must_use]
    pub fn logging_in(mut self, user: String, password: String) -> Self {
        self.login = Some(Credentials::new(user, password));
        self
    }

    /// Under a name of one's own in EHLO.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        self.hello = ClientId::Domain(name.to_owned());
        self
    }

    /// With an address for what comes back, instead of whom the message is from.
    #[must_use]
    pub fn with_bounces_to(mut self, address: Option<Address>) -> Self {
        self.bounces_to = address;
        self
    }

    /// Waiting no longer than this for one message to be taken.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    async fn deliver(&self, envelope: &Envelope, message: &[u8]) -> Result<(), NotSent> {
        let mut connection = self.connection().await?;
        match converse(&mut connection, envelope, message).await {
            Ok(()) => {
                self.keep(connection);
                Ok(())
            }
            Err(why) => {
                connection.abort().await;
                Err(why)
            }
        }
    }

    /// A connection that answers: one that was kept, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, NotSent> {
        while let Some(mut connection) = self.take() {
            if connection.test_connected().await {
                return Ok(connection);
            }
        }
        let (server, wrapped) = ((self.host.as_str(), self.port), self.wrapped.clone());
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, None, &self.hello, wrapped, None)
                .await
                .map_err(|error| later("connecting", &error))?;
        if let Some(tls) = &self.upgraded {
            let upgraded = connection.starttls(tls.clone(), &self.hello).await;
            upgraded.map_err(|error| later("STARTTLS", &error))?;
        }
        if let Some(login) = &self.login {
            let known = connection.auth(DEFAULT_MECHANISMS, login).await;
            known.map_err(|error| later("AUTH", &error))?;
        }
        Ok(connection)
    }

    fn take(&self) -> Option<AsyncSmtpConnection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(since, _)| since.elapsed() < IDLE);
        kept.pop().map(|(_, connection)| connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push((Instant::now(), connection));
        }
    }
}

#[async_trait]
impl Mail for Smtp {
    async fn send(&self, letter: Letter) -> Result<(), NotSent> {
        let message = write(&letter)?;
        let envelope = envelope(&message, self.bounces_to.as_ref())?;
        // Whoever is not waited for any more takes the connection along.
        let text = message.formatted();
        let delivery = self.deliver(&envelope, &text);
        let late = |_| NotSent::Later("no answer in time".into());
        tokio::time::timeout(self.patience, delivery).await.map_err(late)?
    }
}

/// Who sends and who receives, as the mail servers are told.
pub(super) fn envelope(
    message: &Message,
    bounces_to: Option<&Address>,
) -> Result<Envelope, NotSent> {
    let written = message.envelope();
    let sender = bounces_to.or(written.from()).cloned();
    Envelope::new(sender, written.to().to_vec())
        .map_err(|_| NotSent::Refused("the message has no recipient".into()))
}

async fn converse(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    message: &[u8],
) -> Result<(), NotSent> {
    let mut options = Vec::new();
    let every = || envelope.from().into_iter().chain(envelope.to());
    if every().any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(NotSent::Refused("the server takes no addresses like this one".into()));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    let from = connection.command(MailFrom::new(envelope.from().cloned(), options)).await;
    // A server that refuses whom all letters are from is set up wrongly: none of them is lost.
    from.map_err(|error| later("MAIL", &error))?;
    for to in envelope.to() {
        let taken = connection.command(Rcpt::new(to.clone(), Vec::new())).await;
        taken.map_err(|error| refused("RCPT", &error))?;
    }
    connection.command(Data).await.map_err(|error| refused("DATA", &error))?;
    connection.message(message).await.map_err(|error| refused("the message", &error))?;
    Ok(())
}

/// What a server answered, or why it did not, without its words: they may hold an address.
fn answer(stage: &str, error: &Error) -> String {
    match (error.status(), enhanced(error)) {
        (Some(code), Some(status)) => format!("{code} {status} to {stage}"),
        (Some(code), None) => format!("{code} to {stage}"),
        (None, _) if error.is_client() => format!("{stage} is not on offer"),
        // A certificate that is not trusted comes as a broken connection.
        (None, _) if error.is_tls() || stage == "STARTTLS" => format!("no TLS at {stage}"),
        (None, _) => format!("no connection at {stage}"),
    }
}

fn later(stage: &str, error: &Error) -> NotSent {
    NotSent::Later(answer(stage, error))
}

/// What a refusal means. An address takes no mail where the recipient was refused for good and the
/// answer says that the address is why, and neither who we are nor what we say.
fn refused(stage: &str, error: &Error) -> NotSent {
    let said = answer(stage, error);
    if !error.is_permanent() {
        NotSent::Later(said)
    } else if stage == "RCPT" && names_nobody(error) {
        NotSent::NoSuchAddress(said)
    } else {
        NotSent::Refused(said)
    }
}

/// A server without enhanced codes says 550 of a mailbox that it does not have (RFC 5321 §4.2.3);
/// its other codes are as often about the sender.
fn names_nobody(error: &Error) -> bool {
    match enhanced(error) {
        Some(status) => takes_no_mail(&status),
        None => error.status().is_some_and(|code| u16::from(code) == 550),
    }
}

/// The enhanced status code at the beginning of an answer, such as `5.1.1` (RFC 3463); some servers
/// write `#5.1.1`.
fn enhanced(error: &Error) -> Option<String> {
    let words = error.source()?.to_string();
    let first = words.split_whitespace().next()?.trim_start_matches('#');
    let parts: Vec<&str> = first.split('.').collect();
    let number = |part: &&str| (1..=3).contains(&part.len()) && part.parse::<u16>().is_ok();
    (parts.len() == 3 && parts.iter().all(number)).then(|| first.to_owned())
}
