//! Secrets that webhooks are signed with (Standard Webhooks 1.0).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Moment;
use domain::moment::DAY;
use standardwebhooks::Webhook;

use crate::ports::Random;
use crate::store::SystemRow;
use crate::vault::Vault;

/// How long webhooks carry the signature of the secret before, too.
pub const ROTATION: i64 = 7 * DAY;

/// A new secret as its owner is shown it, and sealed for the store.
#[must_use]
pub fn new_secret(system: &str, vault: &Vault, random: &dyn Random) -> (String, Vec<u8>) {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    let secret = format!("whsec_{}", STANDARD.encode(bytes));
    let sealed = vault.seal(&used_for(system), &secret, random);
    (secret, sealed)
}

fn used_for(system: &str) -> String {
    format!("webhook secret of {system}")
}

/// The signatures of a webhook, one for each secret in use; nothing without a secret.
pub(super) fn sign(
    row: &SystemRow,
    vault: &Vault,
    id: &str,
    now: Moment,
    body: &str,
) -> Option<String> {
    let open = |sealed: &Vec<u8>| {
        let secret = vault.open(&used_for(&row.system), sealed)?;
        Webhook::new(&secret).ok()?.sign(id, now.0 / 1000, body.as_bytes()).ok()
    };
    let current = row.secret.as_ref().and_then(open)?;
    let fresh = row.rotated_at.is_some_and(|at| now.0 - at < ROTATION);
    let previous = row.previous_secret.as_ref().filter(|_| fresh).and_then(open);
    Some(previous.map_or_else(|| current.clone(), |previous| format!("{current} {previous}")))
}
