//! What a waiting letter will say, sealed in the store until it is sent.

use app::texts::fill;
use domain::contact::{Contact, Email, Phone};
use domain::{Language, Reference};
use serde::{Deserialize, Serialize};

use super::texts::Words;
use crate::ports::Random;
use crate::vault::Vault;

/// What the seal of a letter is for.
const SEALED_FOR: &str = "letter";

/// What a letter says, and to whom. A confirmation needs none: the ledger holds what it tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Where it goes.
    #[serde(with = "address")]
    pub to: Contact,
    /// The language that it is in.
    pub language: Language,
    /// What it says.
    pub says: Says,
}

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// A one-time code.
    Code(String),
    /// A text that is ready: an answer, or a word to staff.
    Words {
        /// Its subject, without personal data.
        subject: String,
        /// Its paragraphs, with an empty line between two.
        body: String,
    },
}

impl Says {
    /// An answer to a request, whose number is all that its subject tells.
    #[must_use]
    pub fn answer(language: Language, reference: &Reference, body: String) -> Self {
        let values = [("reference", reference.as_str())];
        let subject = fill(Words::of(language).answer_subject, &values);
        Self::Words { subject, body }
    }
}

/// Seals a content for the store.
#[must_use]
pub fn sealed(content: &Content, vault: &Vault, random: &dyn Random) -> Vec<u8> {
    let text = serde_json::to_string(content).unwrap_or_default();
    vault.seal(SEALED_FOR, &text, random)
}

/// Opens it; nothing where the key is gone or it is of a form that this program does not know.
pub(super) fn opened(sealed: &[u8], vault: &Vault) -> Option<Content> {
    serde_json::from_str(&vault.open(SEALED_FOR, sealed)?).ok()
}

/// A contact as its normal form: an email address has an @, a phone number begins with +.
mod address {
    use serde::de::Error;
    use serde::{Deserializer, Serializer};

    use super::{Contact, Deserialize, Email, Phone};

    pub fn serialize<S: Serializer>(contact: &Contact, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(contact.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Contact, D::Error> {
        let text = String::deserialize(from)?;
        if let Ok(phone) = Phone::from_e164(&text) {
            return Ok(Contact::Phone(phone));
        }
        let email: Email = text.parse().map_err(|_| D::Error::custom("no address"))?;
        Ok(Contact::Email(email))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use crate::ports::SystemRandom;

    #[test]
    fn a_content_opens_as_it_was_sealed() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let email = Contact::Email("mira@example.com".parse().unwrap());
        let phone = Contact::Phone(Phone::from_e164("+442079460018").unwrap());
        for to in [email, phone] {
            for says in [
                Says::Code("01234567".into()),
                Says::Words { subject: "An answer".into(), body: "One.\n\nTwo.".into() },
            ] {
                let content = Content { to: to.clone(), language: Language::Arabic, says };
                let sealed = sealed(&content, &vault, &SystemRandom);
                assert_eq!(opened(&sealed, &vault), Some(content));
            }
        }
        assert_eq!(opened(b"", &vault), None);
        assert_eq!(opened(&vault.seal("letter", "{}", &SystemRandom), &vault), None);
        assert_eq!(opened(&vault.seal("email", "{}", &SystemRandom), &vault), None);
    }
}
