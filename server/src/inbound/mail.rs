//! Reading a message (RFC 5322, MIME). Nothing of it is trusted, and nothing of it is unpacked.

use domain::Language;
use domain::contact::{Email, disguises};
use mail_parser::{Address, Header, HeaderName, HeaderValue, Message, MessageParser, MimeHeaders};
use sha2::{Digest, Sha256};

use super::bounce::{Report, report};
use super::{automatic, words};

/// Bytes of a message that are read. What was said stands at its beginning; the rest is
/// attachments, which nobody opens here.
pub const MOST: usize = 1024 * 1024;
/// Recipients that are looked at.
const RECIPIENTS: usize = 50;
/// Characters of a subject and of a text that are kept.
const SUBJECT: usize = 300;
const TEXT: usize = 8_000;

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A report that mail was not delivered (RFC 3464).
    Bounce(Report),
    /// An answer of a machine (RFC 3834).
    Automatic,
    /// Made by a machine and not as an answer, such as by a mail client's unsubscribe button.
    Generated,
    /// Handed on by a list, by whomever it was written.
    Listed,
    /// Written by somebody.
    Written,
}

/// A message as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its Message-ID.
    pub id: Option<String>,
    /// Whom it is from, if it says so in one address.
    pub from: Option<Email>,
    /// The addresses it went to, as far as they are known.
    pub recipients: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text, cut to what somebody will read.
    pub text: String,
    /// The lines that its author wrote, without quotes and signature.
    pub own: Vec<String>,
    /// The language it says it is in.
    pub language: Option<Language>,
    /// What it is.
    pub kind: Kind,
    /// Whether something was left out.
    pub cut: bool,
}

impl Mail {
    /// Reads a message; more than [`MOST`] bytes of it are not looked at. Nothing is given where
    /// there is no header field at all.
    #[must_use]
    pub fn read(raw: &[u8]) -> Option<Self> {
        let part = &raw[..raw.len().min(MOST)];
        let message = MessageParser::default().parse(part)?;
        let kind = kind(&message);
        let text = message.body_text(0).unwrap_or_default();
        let (text, cut) = shorten(&text, TEXT);
        Some(Self {
            id: message.message_id().map(|id| shorten(id, 998).0),
            from: from(&message),
            recipients: recipients(&message),
            subject: shorten(message.subject().unwrap_or_default(), SUBJECT).0,
            own: words::own_lines(&text),
            text,
            language: language(&message),
            kind,
            cut: cut || raw.len() > MOST,
        })
    }

    /// What can't be read as a message, for somebody to look at.
    pub(super) fn unreadable(raw: &[u8]) -> Self {
        let (text, cut) = shorten(&String::from_utf8_lossy(&raw[..raw.len().min(MOST)]), TEXT);
        Self {
            id: None,
            from: None,
            recipients: Vec::new(),
            subject: String::new(),
            text,
            own: Vec::new(),
            language: None,
            kind: Kind::Written,
            cut,
        }
    }

    /// What makes the message the same when it comes again: its Message-ID and its author, or all
    /// of it where it has no Message-ID.
    #[must_use]
    pub fn digest(&self, raw: &[u8]) -> Vec<u8> {
        let hash = Sha256::new().chain_update(b"mail\0");
        let hash = match &self.id {
            Some(id) => {
                let from = self.from.as_ref().map_or("", Email::as_str);
                hash.chain_update(id).chain_update(b"\0").chain_update(from)
            }
            None => hash.chain_update(raw),
        };
        hash.finalize().to_vec()
    }
}

fn kind(message: &Message<'_>) -> Kind {
    if let Some(report) = report(message) {
        return Kind::Bounce(report);
    }
    automatic::sort(message)
}

/// The first characters of a text on its way to a reader: no controls but line breaks, nothing
/// that changes direction.
fn shorten(text: &str, most: usize) -> (String, bool) {
    let cut = text.chars().nth(most).is_some();
    let plain = |c: &char| *c == '\n' || *c == '\t' || !disguises(c.encode_utf8(&mut [0; 4]));
    (text.chars().take(most).filter(plain).collect(), cut)
}

/// The one author. Two `From` fields, or two addresses in one, name nobody.
fn from(message: &Message<'_>) -> Option<Email> {
    let mut fields = message.headers().iter().filter(|field| field.name == HeaderName::From);
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    let mut found = addresses(field);
    let (Some(address), None) = (found.next(), found.next()) else { return None };
    address.parse().ok()
}

fn addresses<'a>(field: &'a Header<'_>) -> impl Iterator<Item = &'a str> {
    let list: Option<&Address<'_>> = match &field.value {
        HeaderValue::Address(list) => Some(list),
        _ => None,
    };
    list.into_iter().flat_map(Address::iter).filter_map(|one| one.address.as_deref())
}

/// Where the message went, by the fields of the servers that delivered it and of its author.
fn recipients(message: &Message<'_>) -> Vec<String> {
    const DELIVERED: [&str; 4] = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to"];
    let mut found = Vec::new();
    for field in message.headers() {
        let name = field.name.as_str();
        if DELIVERED.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            let value = field.value.as_text().unwrap_or_default();
            found.push(value.trim().trim_matches(['<', '>']).to_owned());
        } else if matches!(field.name, HeaderName::To | HeaderName::Cc) {
            found.extend(addresses(field).map(ToOwned::to_owned));
        }
        if found.len() >= RECIPIENTS {
            break;
        }
    }
    found.truncate(RECIPIENTS);
    found.retain(|address| address.len() <= 320);
    found
}

fn language(message: &Message<'_>) -> Option<Language> {
    let field = message.content_language();
    let tag = field.as_text().or_else(|| field.as_text_list()?.first().map(AsRef::as_ref))?;
    Language::for_tag(tag)
}
