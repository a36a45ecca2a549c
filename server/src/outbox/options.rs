//! How mail is configured.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use domain::contact::Email;
use domain::moment::MINUTE;
use domain::outbox::Confirmed;
use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::folder::FileOutbox;
use super::sendmail::Sendmail;
use super::smtp::{Security, Smtp};
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

/// Where mail goes. Its password is never shown.
#[derive(Clone)]
pub enum MailUrl {
    /// A mail server.
    Smtp {
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
        /// How the connection is protected.
        security: Security,
        /// User and password.
        login: Option<(String, String)>,
    },
    /// A program on this machine.
    Sendmail(PathBuf),
    /// A folder; none for the one in the data folder.
    Folder(Option<PathBuf>),
}

impl fmt::Debug for MailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp { host, port, security, .. } => {
                write!(f, "Smtp({host}:{port}, {security:?})")
            }
            Self::Sendmail(program) => write!(f, "Sendmail({})", program.display()),
            Self::Folder(folder) => write!(f, "Folder({folder:?})"),
        }
    }
}

const FORMS: &str = "--mail-url must be smtps://…, smtp://…, sendmail: or file:";

impl MailUrl {
    /// Reads a URL; `password` takes the place of one in it.
    ///
    /// # Errors
    /// A sentence without the URL, which may hold a password.
    pub fn read(text: &str, password: Option<String>) -> Result<Self, String> {
        let path = |rest: &str| {
            let rest = rest.trim_start_matches("//");
            (!rest.is_empty()).then(|| PathBuf::from(rest))
        };
        if let Some(rest) = text.strip_prefix("sendmail:") {
            return Ok(Self::Sendmail(path(rest).unwrap_or_else(|| "sendmail".into())));
        }
        if let Some(rest) = text.strip_prefix("file:") {
            return Ok(Self::Folder(path(rest)));
        }
        let url = Url::parse(text).map_err(|_| FORMS.to_owned())?;
        let host = url.host().ok_or_else(|| FORMS.to_owned())?;
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, how)| how);
        let (security, port) = match (url.scheme(), tls.as_deref()) {
            ("smtps", None) => (Security::Wrapped, 465),
            ("smtp", None) => (Security::StartTls, 587),
            ("smtp", Some("none")) if is_loopback(&host) => (Security::Plain, 25),
            ("smtp", Some("none")) => {
                return Err("mail without TLS may only go to this machine itself".into());
            }
            _ => return Err(FORMS.into()),
        };
        let plain = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let password = password.or_else(|| url.password().map(plain));
        let login = match (url.username(), password) {
            ("", None) => None,
            ("", Some(_)) => return Err("a password for mail needs a user in --mail-url".into()),
            (_, None) => return Err("the user in --mail-url needs a password".into()),
            (user, Some(password)) => Some((plain(user), password)),
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        Ok(Self::Smtp { host, port: url.port().unwrap_or(port), security, login })
    }
}

/// Names other than `localhost` may be anybody's tomorrow.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            *name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        MailUrl::read(text, None).map_or_else(|error| error, |url| format!("{url:?}"))
    }

    #[test]
    fn a_url_says_how_mail_is_protected() {
        for (text, expected) in [
            ("smtps://user:secret@mail.example.com", "Smtp(mail.example.com:465, Wrapped)"),
            ("smtp://user:secret@mail.example.com", "Smtp(mail.example.com:587, StartTls)"),
            ("smtp://mail.example.com:2525", "Smtp(mail.example.com:2525, StartTls)"),
            ("smtp://127.0.0.1:25?tls=none", "Smtp(127.0.0.1:25, Plain)"),
            ("smtp://[::1]?tls=none", "Smtp(::1:25, Plain)"),
            ("smtp://localhost?tls=none", "Smtp(localhost:25, Plain)"),
            ("sendmail:", "Sendmail(sendmail)"),
            ("sendmail:/usr/sbin/sendmail", "Sendmail(/usr/sbin/sendmail)"),
            ("file:", "Folder(None)"),
            ("file:/tmp/out", "Folder(Some(\"/tmp/out\"))"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_url_is_refused_without_being_shown() {
        for text in [
            "smtp://user:secret@mail.example.com?tls=none",
            "smtp://127.0.0.1.example.com?tls=none",
            "smtp://user:secret@mail.example.com?tls=opportunistic",
            "smtps://secret@mail.example.com",
            "smtps://:secret@mail.example.com",
            "https://user:secret@mail.example.com",
            "user:secret@mail.example.com",
            "secret",
            "",
        ] {
            let said = MailUrl::read(text, None).expect_err(text);
            assert!(!said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn a_password_is_read_as_it_was_meant() {
        let url = MailUrl::read("smtps://a%40b:p%3Aw%25@mail.example.com", None).unwrap();
        let MailUrl::Smtp { login, .. } = url else { panic!("a server") };
        assert_eq!(login, Some(("a@b".into(), "p:w%".into())));
        let url = MailUrl::read("smtps://ann@mail.example.com", Some("p%3A".into())).unwrap();
        let MailUrl::Smtp { login, .. } = url else { panic!("a server") };
        assert_eq!(login, Some(("ann".into(), "p%3A".into())), "a file's password is as it is");
    }
}
