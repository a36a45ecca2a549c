//! Ways to recognise a person: email address, phone number, customer number, browser profile.

use std::fmt;
use std::str::FromStr;

use email_address::{EmailAddress, Options};

/// What kind of identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// An email address.
    Email,
    /// A phone number.
    Phone,
    /// The number in the business's own books.
    Customer,
    /// A browser profile: a random id in a cookie.
    Browser,
}

impl IdentifierKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Email, Self::Phone, Self::Customer, Self::Browser];

    /// The word kept in the store and mixed into the lookup hash.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Customer => "customer",
            Self::Browser => "browser",
        }
    }
}

/// Why a text from outside was not taken. Never carries the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// More than the field can hold.
    #[error("it is too long")]
    TooLong,
    /// Not of the field's form.
    #[error("it does not have the right form")]
    Form,
    /// Holds characters that are not for display, such as a right-to-left override.
    #[error("it holds invisible control characters")]
    Control,
}

/// Whether a text holds control or direction-changing characters that could disguise it
/// (Unicode TR 36 §2.10).
#[must_use]
pub fn disguises(text: &str) -> bool {
    text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    })
}

/// An email address, trimmed and lowercased; dots and plus signs stay, since only the mailbox's
/// owner knows what they mean. At most 254 characters (RFC 5321 §4.5.3.1).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough to recognise one's own address, and no more: `m•••n@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, host) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let mut letters = local.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        let last = if local.chars().count() > 3 { letters.next_back() } else { None };
        format!("{first}•••{}@{host}", last.map(String::from).unwrap_or_default())
    }
}

impl FromStr for Email {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Malformed::Empty);
        }
        if text.len() > 254 {
            return Err(Malformed::TooLong);
        }
        if disguises(text) {
            return Err(Malformed::Control);
        }
        let options =
            Options::default().without_display_text().without_domain_literal().with_required_tld();
        let plain = EmailAddress::parse_with_options(text, options).is_ok()
            && !text.contains(['"', '<', '>', ',', ' ']);
        if plain { Ok(Self(text.to_lowercase())) } else { Err(Malformed::Form) }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A phone number in E.164: `+`, then 7 to 15 digits. Parsing what people write needs numbering
/// plans, so it happens where the library for them is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Takes a number that is already in E.164.
    ///
    /// # Errors
    /// [`Malformed::Form`] for anything else.
    pub fn from_e164(text: &str) -> Result<Self, Malformed> {
        let digits = text.strip_prefix('+').ok_or(Malformed::Form)?;
        let good = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if good { Ok(Self(text.into())) } else { Err(Malformed::Form) }
    }

    /// The E.164 form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough to recognise one's own number: `+44•••018`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (start, end) = (&self.0[..3], &self.0[self.0.len() - 3..]);
        format!("{start}•••{end}")
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// What a customer typed to say who they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Contact {
    /// An email address.
    Email(Email),
    /// A phone number.
    Phone(Phone),
}

impl Contact {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> IdentifierKind {
        match self {
            Self::Email(_) => IdentifierKind::Email,
            Self::Phone(_) => IdentifierKind::Phone,
        }
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Phone(phone) => phone.as_str(),
        }
    }

    /// What may be shown of it.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Email(email) => email.masked(),
            Self::Phone(phone) => phone.masked(),
        }
    }
}
