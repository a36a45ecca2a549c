//! How mail is configured.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use domain::contact::Email;
use domain::moment::MINUTE;
use domain::outbox::Confirmed;
use lettre::message::Mailbox;

use super::folder::FileOutbox;
use super::sendmail::Sendmail;
use super::smtp::Smtp;
use super::url::MailUrl;
use crate::ports::{Clock, Mail, Random, Sender};

/// What the help says of `--mail-url`.
const WAYS: &str = "Where mail goes: smtps://USER:PASSWORD@HOST (TLS), \
    smtp://USER:PASSWORD@HOST (STARTTLS), smtp://127.0.0.1:25?tls=none (a server on this machine), \
    sendmail: or sendmail:/PROGRAM, file: (outbox in the data folder, for development) \
    [default: file:]";

/// Options for outgoing mail.
#[derive(Clone, Debug, Args)]
pub struct MailOptions {
    // Read later and not by clap, which would show it, and the password in it.
    #[arg(long, value_name = "URL", env = "SAYSO_MAIL_URL", hide_env_values = true, help = WAYS)]
    mail_url: Option<String>,
    /// File with the password for the mail server, instead of one in the URL.
    #[arg(long, value_name = "FILE", env = "SAYSO_MAIL_PASSWORD_FILE")]
    mail_password_file: Option<PathBuf>,
    /// Whom letters are from, such as "Northwind <privacy@northwind.example>" [default: the
    /// register's brand and privacy email].
    #[arg(long, value_name = "SENDER", env = "SAYSO_MAIL_FROM")]
    mail_from: Option<String>,
    /// Address for what comes back [default: whom letters are from].
    #[arg(long, value_name = "EMAIL", env = "SAYSO_MAIL_BOUNCES_TO")]
    mail_bounces_to: Option<String>,
    /// Whose choices are confirmed by a letter.
    #[arg(long, value_enum, value_name = "WHOSE", default_value_t = Confirmations::Own,
          env = "SAYSO_CONFIRMATIONS")]
    confirmations: Confirmations,
    /// Minutes for which a confirmation gathers what else its person changes.
    #[arg(long, value_name = "MINUTES", default_value_t = 5,
          value_parser = clap::value_parser!(u16).range(0..=60), env = "SAYSO_CONFIRMATION_MINUTES")]
    confirmation_minutes: u16,
}

/// Whose choices are confirmed by a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Confirmations {
    /// Nobody's.
    None,
    /// Those that people made, or had made for them.
    Own,
    /// Those that other systems told of by the API, too.
    All,
}

impl From<Confirmations> for Confirmed {
    fn from(confirmations: Confirmations) -> Self {
        match confirmations {
            Confirmations::None => Self::Nothing,
            Confirmations::Own => Self::Own,
            Confirmations::All => Self::Told,
        }
    }
}

impl MailOptions {
    /// Where mail goes.
    ///
    /// # Errors
    /// A sentence without a password.
    pub fn url(&self) -> Result<MailUrl, String> {
        let password = match &self.mail_password_file {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let name = path.display();
                let text = text.map_err(|error| {
                    format!("the password file {name} can't be read: {}", error.kind())
                })?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
        };
        MailUrl::read(self.mail_url.as_deref().unwrap_or("file:"), password)
    }

    /// Reads every option for mail, so that a wrong one is told before anything starts.
    ///
    /// # Errors
    /// A sentence without a password.
    pub fn check(&self) -> Result<MailUrl, String> {
        self.sender()?;
        self.bounces_to()?;
        self.url()
    }

    fn bounces_to(&self) -> Result<Option<lettre::Address>, String> {
        let Some(text) = &self.mail_bounces_to else { return Ok(None) };
        let wrong = |_| "--mail-bounces-to must be an email address".to_owned();
        text.parse().map(Some).map_err(wrong)
    }

    /// Whose choices are confirmed.
    #[must_use]
    pub fn confirmed(&self) -> Confirmed {
        self.confirmations.into()
    }

    /// Milliseconds for which a confirmation gathers.
    #[must_use]
    pub fn wait(&self) -> i64 {
        i64::from(self.confirmation_minutes) * MINUTE
    }

    /// Whom letters are from; none where the register says it.
    ///
    /// # Errors
    /// A sentence.
    pub fn sender(&self) -> Result<Option<Sender>, String> {
        let Some(text) = &self.mail_from else { return Ok(None) };
        let wrong = || "--mail-from must be like \"Northwind <privacy@northwind.example>\"";
        let mailbox: Mailbox = text.parse().map_err(|_| wrong())?;
        let email: Email = mailbox.email.to_string().parse().map_err(|_| wrong())?;
        let name = mailbox.name.unwrap_or_default();
        Ok(Some(Sender { name, email }))
    }

    /// What hands mail on. `called` is this machine's name to mail servers.
    ///
    /// # Errors
    /// A sentence without a password.
    pub fn transport(
        &self,
        data: &Path,
        called: &str,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Arc<dyn Mail>, String> {
        let bounces_to = self.bounces_to()?;
        Ok(match self.url()? {
            MailUrl::Smtp { host, port, security, login } => {
                let server = Smtp::new(&host, port, &security)?;
                let server = server.called(called).with_bounces_to(bounces_to);
                Arc::new(match login {
                    Some((user, password)) => server.logging_in(user, password),
                    None => server,
                })
            }
            MailUrl::Sendmail(program) => Arc::new(Sendmail::new(program, bounces_to)),
            MailUrl::Folder(folder) => {
                let folder = folder.unwrap_or_else(|| data.join("outbox"));
                Arc::new(FileOutbox::new(folder, clock, random))
            }
        })
    }
}
