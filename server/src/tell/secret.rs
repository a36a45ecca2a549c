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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use crate::ports::SystemRandom;

    /// Secret, id, time and body of the specification's libraries; the signature is theirs.
    #[test]
    fn a_signature_is_the_one_that_the_official_libraries_make() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let sealed = |secret: &str| Some(vault.seal(&used_for("mailer"), secret, &SystemRandom));
        let row = SystemRow {
            system: "mailer".into(),
            secret: sealed("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
            ..SystemRow::default()
        };
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let now = Moment(1_649_367_553_999);
        let signed = sign(&row, &vault, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", now, body);
        assert_eq!(signed.as_deref(), Some("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="));
        let other = SystemRow { system: "printer".into(), ..row };
        assert_eq!(sign(&other, &vault, "id", now, body), None, "a secret is one system's own");
    }

    #[test]
    fn a_secret_has_32_random_bytes() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let (one, _) = new_secret("mailer", &vault, &SystemRandom);
        let (two, _) = new_secret("mailer", &vault, &SystemRandom);
        assert_ne!(one, two);
        let bytes = STANDARD.decode(one.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(bytes.len(), 32);
    }
}
