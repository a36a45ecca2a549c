//! Where mail goes, as a URL says it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::smtp::Security;

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

/// Whether a host is this machine itself. Names other than `localhost` may be anybody's tomorrow.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            *name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
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
