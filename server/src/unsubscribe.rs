//! The two header fields by which a mail client unsubscribes (RFC 2369 §3.2, RFC 8058 §3.1).

use std::fmt;
use std::str::FromStr;

use app::routes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::contact::Email;
use domain::{Catalogue, Channel, Key, Target};

/// The first field.
pub const FIELD: &str = "List-Unsubscribe";
/// The second field.
pub const POST_FIELD: &str = "List-Unsubscribe-Post";
/// What the second field says, and what the client posts (RFC 8058 §3.1).
pub const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// Most octets before the @ (RFC 5321 §4.5.3.1.1).
const LOCAL_LIMIT: usize = 64;
/// Characters of a tag: the 16 bytes of a link's token in hexadecimal, since some servers change
/// the case of what stands before the @.
const TAG: usize = 32;

/// A mailbox of the business that mailto unsubscribes go to; its server delivers
/// `name+anything@host` to it as well (RFC 5233).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    local: String,
    host: String,
}

/// The text names no [`Mailbox`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a mailbox is an address such as unsubscribe@in.example.com, without + and with at most 31 characters before the @"
)]
pub struct NotAMailbox;

impl FromStr for Mailbox {
    type Err = NotAMailbox;

    fn from_str(text: &str) -> Result<Self, NotAMailbox> {
        let email: Email = text.parse().map_err(|_| NotAMailbox)?;
        let (local, host) = email.as_str().split_once('@').ok_or(NotAMailbox)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        let good = local.len() + 1 + TAG <= LOCAL_LIMIT
            && local.bytes().all(plain)
            && host.bytes().all(plain);
        if good { Ok(Self { local: local.into(), host: host.into() }) } else { Err(NotAMailbox) }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.host)
    }
}

impl Mailbox {
    /// The address of one person; it can only restrict, like their link.
    #[must_use]
    pub fn tagged(&self, token: &str) -> Option<String> {
        let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        Some(format!("{}+{:032x}@{}", self.local, u128::from_be_bytes(bytes), self.host))
    }

    /// Whether an address leads here, with a tag or without.
    #[must_use]
    pub fn receives(&self, address: &str) -> bool {
        let Some((local, host)) = address.trim().rsplit_once('@') else { return false };
        let name = local.get(..self.local.len());
        let rest = local.get(self.local.len()..).unwrap_or_default();
        host.eq_ignore_ascii_case(&self.host)
            && name.is_some_and(|name| name.eq_ignore_ascii_case(&self.local))
            && (rest.is_empty() || rest.starts_with(['+', '-']))
    }
}

/// The link token in an address such as `name+0123…@host`; servers that separate by a hyphen are
/// understood too.
#[must_use]
pub fn token_of(address: &str) -> Option<String> {
    let (local, _) = address.trim().rsplit_once('@')?;
    let at = local.len().checked_sub(TAG + 1)?;
    let tag = local.get(at..)?.strip_prefix(['+', '-'])?;
    if !tag.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let number = u128::from_str_radix(tag, 16).ok()?;
    Some(URL_SAFE_NO_PAD.encode(number.to_be_bytes()))
}

/// The message that a subject such as `unsubscribe offers/email` names, as [`headers`] writes it.
#[must_use]
pub fn message_of(subject: &str) -> Option<Target> {
    let mut words = subject.split_whitespace();
    if !words.next()?.eq_ignore_ascii_case("unsubscribe") {
        return None;
    }
    let (topic, channel) = words.next()?.split_once('/')?;
    let topic: Key = topic.to_ascii_lowercase().parse().ok()?;
    let channel: Channel = channel.to_ascii_lowercase().parse().ok()?;
    if words.next().is_some() { None } else { Some(Target::Message(topic, channel)) }
}

/// The two fields of one message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// The value of `List-Unsubscribe`.
    pub list_unsubscribe: String,
    /// The value of `List-Unsubscribe-Post`.
    pub list_unsubscribe_post: &'static str,
}

/// What a message can't have these fields for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoHeaders {
    /// The register has no such topic by this channel.
    #[error("the register has no such topic by this channel")]
    Unknown,
    /// Only mail has such fields.
    #[error("only the channel email has header fields")]
    NotMail,
    /// Mail clients post to https alone, and commas part the addresses of the field.
    #[error("the portal's address must begin with https:// and hold no comma")]
    BaseUrl,
}

/// The fields of a message: exactly one https address, and a mailto address where there is a
/// mailbox.
///
/// # Errors
/// [`NoHeaders`].
pub fn headers(
    catalogue: &Catalogue,
    base_url: &str,
    mailbox: Option<&Mailbox>,
    token: &str,
    (topic, channel): (&Key, Channel),
) -> Result<Headers, NoHeaders> {
    if channel != Channel::Email {
        return Err(NoHeaders::NotMail);
    }
    if catalogue.message(topic, channel).is_none() {
        return Err(NoHeaders::Unknown);
    }
    let base_url = base_url.trim_end_matches('/');
    let plain = |b: u8| b.is_ascii_graphic() && !b",<>\"\\".contains(&b);
    if !base_url.starts_with("https://") || !base_url.bytes().all(plain) {
        return Err(NoHeaders::BaseUrl);
    }
    let mut field = format!("<{base_url}{}>", routes::unsubscribe(token, topic, channel));
    if let Some(address) = mailbox.and_then(|mailbox| mailbox.tagged(token)) {
        let subject = format!("unsubscribe%20{topic}/{channel}");
        field = format!("{field}, <mailto:{address}?subject={subject}>");
    }
    Ok(Headers { list_unsubscribe: field, list_unsubscribe_post: ONE_CLICK })
}
