//! Leases: what a sender keeps with a message, so that the race between a queue and an opt-out
//! can be closed, and proven afterwards.
//!
//! A lease says: at this moment, in the knowledge of the ledger up to this entry, this person and
//! this target were allowed. It is valid for seconds; a message that waited longer is asked about
//! again. Nothing is stored: the id is authenticated, so it can be checked years later against
//! the ledger, which never forgets an entry.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Moment, Position, Target};

use super::Subject;
use crate::ports::Random;
use crate::vault::{Vault, same};

/// Seconds for which a lease is valid where nothing else is configured.
pub const LEASE: u16 = 60;

/// Bytes before the authentication code: version, moment, seconds, position, chance.
const CLAIMS: usize = 1 + 6 + 2 + 6 + 5;
/// Bytes of the authentication code.
const CODE: usize = 16;
const VERSION: u8 = 1;

/// A lease as the sender gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The id to store with the send: 48 characters of `A-Z a-z 0-9 - _`.
    pub id: String,
    /// Until when it is valid.
    pub until: Moment,
}

/// What a lease claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseClaims {
    /// When it was given.
    pub at: Moment,
    /// Until when it is valid.
    pub until: Moment,
    /// The newest ledger entry that was taken into account.
    pub position: Position,
}

fn six(number: i64) -> [u8; 6] {
    let [_, _, rest @ ..] = number.to_be_bytes();
    rest
}

fn number(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | i64::from(*byte))
}

impl Lease {
    /// Gives a lease for an allowed send.
    #[must_use]
    pub fn give(
        vault: &Vault,
        random: &dyn Random,
        (subject, target): (&Subject, &Target),
        (at, seconds): (Moment, u16),
        position: Position,
    ) -> Self {
        let mut bytes = Vec::with_capacity(CLAIMS + CODE);
        bytes.push(VERSION);
        bytes.extend(six(at.0));
        bytes.extend(seconds.to_be_bytes());
        bytes.extend(six(position.0));
        let mut chance = [0; 5];
        random.fill(&mut chance);
        bytes.extend(chance);
        let code = code(vault, &bytes, subject, target);
        bytes.extend(&code[..CODE]);
        let until = at.plus(i64::from(seconds) * 1_000);
        Self { id: URL_SAFE_NO_PAD.encode(bytes), until }
    }
}

impl LeaseClaims {
    /// What a lease claims, if this installation gave it for this person and target.
    #[must_use]
    pub fn read(vault: &Vault, id: &str, subject: &Subject, target: &Target) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(id).ok().filter(|b| b.len() == CLAIMS + CODE)?;
        let (claims, given) = bytes.split_at(CLAIMS);
        let code = code(vault, claims, subject, target);
        if claims[0] != VERSION || !same(&code[..CODE], given) {
            return None;
        }
        let at = Moment(number(&claims[1..7]));
        let until = at.plus(number(&claims[7..9]) * 1_000);
        Some(Self { at, until, position: Position(number(&claims[9..15])) })
    }
}

fn code(vault: &Vault, claims: &[u8], subject: &Subject, target: &Target) -> [u8; 32] {
    let target = target.to_string();
    let kind = subject.kind().as_str();
    vault.lease_code(&[claims, kind.as_bytes(), subject.normal().as_bytes(), target.as_bytes()])
}

#[cfg(test)]
mod tests {
    use domain::contact::IdentifierKind;

    use super::*;
    use crate::keys::Keys;
    use crate::ports::SystemRandom;

    fn mira() -> Subject {
        Subject::read(IdentifierKind::Email, "mira@example.com", "GB").expect("an address")
    }

    #[test]
    fn a_lease_proves_what_was_known_when_it_was_given() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let offers: Target = "message:offers/email".parse().expect("a target");
        let (at, position) = (Moment(1_800_000_000_123), Position(77));
        let lease = Lease::give(&vault, &SystemRandom, (&mira(), &offers), (at, 60), position);
        assert_eq!(lease.until, Moment(1_800_000_060_123));
        let claims = LeaseClaims::read(&vault, &lease.id, &mira(), &offers);
        assert_eq!(claims, Some(LeaseClaims { at, until: lease.until, position }));
    }

    #[test]
    fn a_lease_is_good_for_nobody_else_and_nothing_else() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let offers: Target = "message:offers/email".parse().expect("a target");
        let lease =
            Lease::give(&vault, &SystemRandom, (&mira(), &offers), (Moment(5), 60), Position(1));
        let other = Subject::read(IdentifierKind::Email, "x@example.com", "GB").expect("one");
        let trips: Target = "message:trips/email".parse().expect("a target");
        assert_eq!(LeaseClaims::read(&vault, &lease.id, &other, &offers), None);
        assert_eq!(LeaseClaims::read(&vault, &lease.id, &mira(), &trips), None);
        let stranger = Vault::new(&Keys::generate(&SystemRandom));
        assert_eq!(LeaseClaims::read(&stranger, &lease.id, &mira(), &offers), None);
        for place in 0..lease.id.len() {
            let mut forged = lease.id.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ASCII");
            assert_eq!(LeaseClaims::read(&vault, &forged, &mira(), &offers), None, "{place}");
        }
    }
}
