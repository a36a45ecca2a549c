//! Options of the doors that mails and texts come in by.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use domain::revocation::RevokeAll;
use zeroize::Zeroizing;

use super::Failure;
use crate::inbound::text::TextDoor;
use crate::inbound::{Doors, imap};
use crate::unsubscribe::Mailbox;

/// The mailbox of mailto unsubscribes.
#[derive(Clone, Debug, Args)]
pub struct MailboxOption {
    /// Mailbox for unsubscribing by mail; its server must deliver NAME+anything@HOST to it too.
    #[arg(long, value_name = "ADDRESS", env = "SAYSO_UNSUBSCRIBE_MAILBOX")]
    pub unsubscribe_mailbox: Option<Mailbox>,
}

/// How far a "stop" reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Reach {
    /// As the rule's date says: to calls too from 31 January 2027.
    Dated,
    /// To calls too, from now on.
    On,
    /// To texts alone.
    Off,
}

/// Doors of a running portal.
#[derive(Clone, Debug, Args)]
pub struct DoorOptions {
    #[command(flatten)]
    pub mailbox: MailboxOption,
    /// File with the token that inbound text messages are signed with.
    #[arg(long, value_name = "FILE", env = "SAYSO_TEXT_TOKEN_FILE")]
    text_token_file: Option<PathBuf>,
    /// The token itself; a file is safer.
    #[arg(
        long,
        hide = true,
        value_name = "TOKEN",
        env = "SAYSO_TEXT_TOKEN",
        hide_env_values = true
    )]
    text_token: Option<Zeroizing<String>>,
    /// How far a "stop" by text message reaches (47 CFR 64.1200(a)(10)).
    #[arg(long, value_enum, default_value_t = Reach::Dated, env = "SAYSO_REVOKE_ALL")]
    revoke_all: Reach,
    /// Mail server to fetch replies from (IMAP over TLS).
    #[arg(long, value_name = "HOST[:PORT]", env = "SAYSO_IMAP_SERVER", requires = "imap_user")]
    imap_server: Option<String>,
    /// Who logs in there.
    #[arg(long, value_name = "USER", env = "SAYSO_IMAP_USER")]
    imap_user: Option<String>,
    /// File with the password.
    #[arg(long, value_name = "FILE", env = "SAYSO_IMAP_PASSWORD_FILE")]
    imap_password_file: Option<PathBuf>,
    /// The password itself; a file is safer.
    #[arg(
        long,
        hide = true,
        value_name = "PASSWORD",
        env = "SAYSO_IMAP_PASSWORD",
        hide_env_values = true
    )]
    imap_password: Option<Zeroizing<String>>,
    /// Folder to read.
    #[arg(long, value_name = "FOLDER", default_value = "INBOX", env = "SAYSO_IMAP_FOLDER")]
    imap_folder: String,
    /// Folder to move handled messages into [default: they stay, marked as seen].
    #[arg(long, value_name = "FOLDER", env = "SAYSO_IMAP_DONE_FOLDER")]
    imap_done_folder: Option<String>,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(5..=86_400), env = "SAYSO_IMAP_SECONDS")]
    imap_seconds: u64,
    /// Do without encryption; only for a server on this machine.
    #[arg(long, env = "SAYSO_IMAP_PLAIN")]
    imap_plain: bool,
}

impl DoorOptions {
    /// The doors as configured.
    ///
    /// # Errors
    /// A sentence that says which file can't be read.
    pub fn doors(&self) -> Result<Doors, Failure> {
        let token = secret(self.text_token_file.as_deref(), self.text_token.as_ref())?;
        Ok(Doors {
            mailbox: self.mailbox.unsubscribe_mailbox.clone(),
            texts: token.map(|token| TextDoor::new(token.as_str().to_owned())),
            revoke_all: match self.revoke_all {
                Reach::Dated => RevokeAll::Dated,
                Reach::On => RevokeAll::On,
                Reach::Off => RevokeAll::Off,
            },
        })
    }

    /// The mailbox to fetch from, if there is one.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn imap(&self) -> Result<Option<imap::Mailbox>, Failure> {
        let Some(server) = &self.imap_server else { return Ok(None) };
        let usual = if self.imap_plain { 143 } else { 993 };
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong_server())?),
            None => (server.as_str(), usual),
        };
        if host.is_empty() {
            return Err(wrong_server());
        }
        let password = secret(self.imap_password_file.as_deref(), self.imap_password.as_ref())?;
        let password = password.ok_or_else(|| {
            Failure::usage("--imap-server needs --imap-password-file or SAYSO_IMAP_PASSWORD")
        })?;
        Ok(Some(imap::Mailbox {
            server: (host.to_owned(), port),
            user: self.imap_user.clone().unwrap_or_default(),
            password,
            folder: self.imap_folder.clone(),
            done: self.imap_done_folder.clone(),
            every: Duration::from_secs(self.imap_seconds),
            encrypted: !self.imap_plain,
        }))
    }
}

fn wrong_server() -> Failure {
    Failure::usage("--imap-server takes a host, or a host and a port such as mail.example.com:993")
}

/// A secret from a file, or else as it was given.
fn secret(
    file: Option<&Path>,
    given: Option<&Zeroizing<String>>,
) -> Result<Option<Zeroizing<String>>, Failure> {
    let secret = match file {
        Some(file) => {
            let text = std::fs::read_to_string(file).map(Zeroizing::new).map_err(|error| {
                Failure::new(format!("{} can't be read: {error}", file.display()))
            })?;
            Some(Zeroizing::new(text.trim().to_owned()))
        }
        None => given.cloned(),
    };
    match secret {
        Some(secret) if secret.is_empty() => Err(Failure::usage("a token or password is empty")),
        secret => Ok(secret),
    }
}
