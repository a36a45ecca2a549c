//! The number a customer is told.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The number that a customer is told, such as `K7QD-M2XP`: eight of Crockford's base 32.
/// Entries made by one click share it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// The text is not a [`Reference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference looks like K7QD-M2XP")]
pub struct NotAReference;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Reference {
    /// The reference for five random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 5]) -> Self {
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let letter = |place: u32| char::from(ALPHABET[(number >> (5 * place) & 31) as usize]);
        let text = (0..8).rev().flat_map(|place| {
            let dash = (place == 3).then_some('-');
            dash.into_iter().chain([letter(place)])
        });
        Self(text.collect())
    }

    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let shape = |(place, byte): (usize, u8)| {
            if place == 4 { byte == b'-' } else { ALPHABET.contains(&byte) }
        };
        let good = text.len() == 9 && text.bytes().enumerate().all(shape);
        if good { Ok(Self(text.into())) } else { Err(NotAReference) }
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, NotAReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
