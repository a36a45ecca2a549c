//! What staff answer to a request, as a letter to whoever made it.

use domain::contact::{Contact, Email, IdentifierKind};
use domain::outbox::{Kind, lifetime};
use domain::request::Manner;
use domain::{Language, Moment, Reference};
use uuid::Uuid;

use super::closing::{NotClosed, named, writer};
use crate::outbox::{Content, Says, sealed};
use crate::ports::{Random, new_uuid};
use crate::store::{NewLetter, RequestRow, Store};
use crate::vault::Vault;

/// Most characters of an answer.
const LONGEST: usize = 8_000;
/// Bytes after which nothing needs to be read: no text that is short enough has as many.
pub const MOST_BYTES: u64 = 65_536;

/// A text of staff: paragraphs with an empty line between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer(String);

/// A text that is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// It says nothing.
    #[error("the answer is empty")]
    Empty,
    /// It is too long.
    #[error("the answer is longer than {LONGEST} characters")]
    TooLong,
    /// It is in another encoding, or no text.
    #[error("the answer is not text in UTF-8")]
    NotText,
    /// It has characters that no text has.
    #[error("the answer has control characters in it")]
    Control,
}

impl Answer {
    /// Reads what a file holds. Spaces around lines and empty lines beyond one are left out.
    ///
    /// # Errors
    /// [`BadAnswer`].
    pub fn read(bytes: &[u8]) -> Result<Self, BadAnswer> {
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
            return Err(BadAnswer::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| BadAnswer::NotText)?;
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        if text.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
            return Err(BadAnswer::Control);
        }
        let text = paragraphs(&text);
        match text.chars().count() {
            0 => Err(BadAnswer::Empty),
            count if count > LONGEST => Err(BadAnswer::TooLong),
            _ => Ok(Self(text)),
        }
    }
}

fn paragraphs(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut gap = "";
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            gap = if tidy.is_empty() { "" } else { "\n\n" };
            continue;
        }
        tidy.push_str(gap);
        tidy.push_str(line);
        gap = "\n";
    }
    tidy
}

/// What makes a second answer to a request impossible.
pub(crate) fn cause(reference: &Reference) -> String {
    format!("answer {reference}")
}

/// The letter that answers a request, made at a moment.
///
/// # Errors
/// [`NotClosed`]: there is nowhere to send it.
pub(super) async fn letter(
    (store, vault, random): (&Store, &Vault, &dyn Random),
    row: &RequestRow,
    customer: Option<&str>,
    Answer(body): &Answer,
    at: Moment,
) -> Result<NewLetter, NotClosed> {
    let person = match customer {
        // Of several records nobody can tell whose it is.
        Some(number) => {
            <[Uuid; 1]>::try_from(named(store, vault, number).await?).ok().map(|[only]| only)
        }
        None => row.person_id,
    };
    let person = match person {
        Some(person) => Some(store.find_survivor(person).await?),
        None => None,
    };
    let (to, language) = addressee((store, vault), row, person).await?;
    let says = Says::answer(language, &row.reference, body.clone());
    let content = Content { to: Contact::Email(to), language, says };
    Ok(NewLetter {
        id: new_uuid(at, random),
        kind: Kind::Answer,
        person,
        dedup: Some(cause(&row.reference)),
        sealed: Some(sealed(&content, vault, random)),
        next_at: at.0,
        give_up_at: at.plus(lifetime(Kind::Answer)).0,
        created_at: at.0,
    })
}

/// Where an answer goes, and in which language: to the address that the request came from, or
/// else to the newest one of whose it is.
async fn addressee(
    (store, vault): (&Store, &Vault),
    row: &RequestRow,
    person: Option<Uuid>,
) -> Result<(Email, Language), NotClosed> {
    // An agent's name may look like an address; the answer is for the customer.
    let writer = writer(vault, row).filter(|_| row.manner != Manner::Agent);
    if let Some(Contact::Email(email)) = writer {
        return Ok((email, row.language));
    }
    if let Some(person) = person
        && let Some(cipher) = store.find_newest_address(person).await?
        && let Some(email) = vault.open(IdentifierKind::Email.as_str(), &cipher)
        && let Ok(email) = email.parse()
    {
        let known = store.find_person(person).await?.and_then(|known| known.language);
        let language = known.and_then(|tag| tag.parse().ok()).unwrap_or(row.language);
        return Ok((email, language));
    }
    Err(if writer.is_some() { NotClosed::ByText } else { NotClosed::NoAddress })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_as_paragraphs() {
        let read = |text: &str| Answer::read(text.as_bytes()).map(|answer| answer.0);
        let tidy = read("\u{feff}\r\n Yes. \r\nReally.\r\n\r\n \r\n\r\nMira\r\n");
        assert_eq!(tidy.as_deref(), Ok("Yes.\nReally.\n\nMira"));
        assert_eq!(read(&"é".repeat(LONGEST)), Ok("é".repeat(LONGEST)));
        assert_eq!(read(&"é".repeat(LONGEST + 1)), Err(BadAnswer::TooLong));
        assert_eq!(read(&"x".repeat(70_000)), Err(BadAnswer::TooLong));
        assert_eq!(read(" \n\t\r\n"), Err(BadAnswer::Empty));
        for text in ["a\0b", "a\u{1b}[2J", "a\rb", "a\u{85}b"] {
            assert_eq!(read(text), Err(BadAnswer::Control), "{text:?}");
        }
        assert_eq!(Answer::read(b"Gr\xfc\xdfe"), Err(BadAnswer::NotText));
    }
}
