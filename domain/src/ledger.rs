//! The hash chain that makes an edited, removed or moved entry visible (ASVS 5.0 16.4.2).

use sha2::{Digest, Sha256};

use crate::choice::{Choice, Position};

/// SHA-256 of an entry and of everything before it.
pub type Link = [u8; 32];

/// The link before the first entry.
pub const GENESIS: Link = [0; 32];

/// The link of `choice` behind `previous`. Fields are length-prefixed, so that no two entries
/// can be written the same way.
#[must_use]
pub fn link(previous: &Link, choice: &Choice) -> Link {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(choice.position.0.to_be_bytes());
    let entry = &choice.entry;
    hash.update(entry.person.0.as_bytes());
    let target = entry.target.to_string();
    for text in [
        target.as_str(),
        entry.act.as_str(),
        entry.source.as_str(),
        entry.actor.as_str(),
        entry.language.tag(),
        entry.reference.as_str(),
    ] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    for number in [entry.act.number(), entry.notice.0, entry.at.0] {
        hash.update(number.to_be_bytes());
    }
    hash.finalize().into()
}

/// What a check of the chain found first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Positions do not follow one another.
    #[error("entry {} is missing", expected.0)]
    Missing {
        /// The position that should have come.
        expected: Position,
    },
    /// An entry, or one before it, is not what was written.
    #[error("entry {} is not what was written", at.0)]
    Altered {
        /// Where the chain breaks.
        at: Position,
    },
    /// The ledger ends before the entry that its head names.
    #[error("the ledger ends at entry {}, but entry {} was written", last.0, head.0)]
    Truncated {
        /// The last entry found.
        last: Position,
        /// The last entry written.
        head: Position,
    },
}

/// Walks a ledger from its first entry.
#[derive(Clone, Copy, Debug)]
pub struct Verifier {
    last: Position,
    link: Link,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { last: Position(0), link: GENESIS }
    }
}

impl Verifier {
    /// Takes the next entry with the link stored beside it.
    ///
    /// # Errors
    /// The first [`Fault`] of the chain.
    pub fn take(&mut self, choice: &Choice, stored: &Link) -> Result<(), Fault> {
        let expected = Position(self.last.0 + 1);
        if choice.position != expected {
            return Err(Fault::Missing { expected });
        }
        let computed = link(&self.link, choice);
        if computed != *stored {
            return Err(Fault::Altered { at: choice.position });
        }
        (self.last, self.link) = (choice.position, computed);
        Ok(())
    }

    /// Compares the end with the head that was stored apart from the entries.
    ///
    /// # Errors
    /// [`Fault::Truncated`] or [`Fault::Altered`] when they differ.
    pub fn finish(self, head: Position, stored: &Link) -> Result<Position, Fault> {
        if self.last != head {
            return Err(Fault::Truncated { last: self.last, head });
        }
        if self.link == *stored { Ok(self.last) } else { Err(Fault::Altered { at: self.last }) }
    }
}
