//! What somebody is known by, on its way to those who must be told.
//!
//! The store keeps no readable identifier of a stranger who opted out, nor of somebody erased; but a
//! system must hear whom a choice is about. So a delivery carries it, sealed, until it is confirmed.

use domain::contact::IdentifierKind;

use crate::ports::Random;
use crate::vault::Vault;

const USED_FOR: &str = "contact of a delivery";

/// Seals what somebody is known by: kinds and normal forms.
#[must_use]
pub fn seal_contact(
    vault: &Vault,
    random: &dyn Random,
    known: &[(IdentifierKind, &str)],
) -> Vec<u8> {
    let known: Vec<(&str, &str)> =
        known.iter().map(|(kind, normal)| (kind.as_str(), *normal)).collect();
    vault.seal(USED_FOR, &serde_json::to_string(&known).unwrap_or_default(), random)
}

/// What was sealed; nothing when the key is gone.
pub(super) fn open_contact(vault: &Vault, sealed: &[u8]) -> Vec<(String, String)> {
    let text = vault.open(USED_FOR, sealed);
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
