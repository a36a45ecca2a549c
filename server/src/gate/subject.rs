//! Whom a question is about.

use domain::contact::{IdentifierKind, Malformed, disguises};

use crate::identify::read_phone;

/// Longest customer number, in characters.
const NUMBER_LIMIT: usize = 64;

/// Whom a question is about: an identifier in its normal form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    kind: IdentifierKind,
    normal: String,
}

/// Never shows whom.
impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subject({}, …)", self.kind.as_str())
    }
}

impl Subject {
    /// Reads an identifier of a kind; phone numbers without a country code are read as from
    /// `home` (ISO 3166-1 alpha-2).
    ///
    /// # Errors
    /// [`Malformed`], without the text.
    pub fn read(kind: IdentifierKind, text: &str, home: &str) -> Result<Self, Malformed> {
        let normal = match kind {
            IdentifierKind::Email => text.parse::<domain::contact::Email>()?.as_str().to_owned(),
            IdentifierKind::Phone => read_phone(text, home)?.as_str().to_owned(),
            IdentifierKind::Customer => read_number(text)?,
            IdentifierKind::Browser => read_browser(text)?,
        };
        Ok(Self { kind, normal })
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> IdentifierKind {
        self.kind
    }

    /// Its normal form, from which the keyed hash is made.
    #[must_use]
    pub fn normal(&self) -> &str {
        &self.normal
    }
}

/// Reads the id of a browser profile: 16 to 64 letters, digits, `-` and `_`.
///
/// # Errors
/// [`Malformed`], without the text.
pub fn read_browser(text: &str) -> Result<String, Malformed> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    match text.len() {
        0 => Err(Malformed::Empty),
        16..=64 if plain => Ok(text.to_owned()),
        65.. => Err(Malformed::TooLong),
        _ => Err(Malformed::Form),
    }
}

/// Reads a customer number: trimmed, otherwise as it is; 1 to 64 characters.
///
/// # Errors
/// [`Malformed`], without the text.
pub fn read_number(text: &str) -> Result<String, Malformed> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Malformed::Empty);
    }
    if text.chars().count() > NUMBER_LIMIT {
        return Err(Malformed::TooLong);
    }
    if disguises(text) { Err(Malformed::Control) } else { Ok(text.to_owned()) }
}
