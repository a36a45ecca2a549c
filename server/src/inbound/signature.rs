//! Whether a text message comes from where it says: Twilio's signature, which others copy.
//!
//! HMAC-SHA-1 under the account's token over the address that was posted to, followed by each
//! field's name and value in order of names (Twilio, "Security", X-Twilio-Signature).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The signature of a form.
#[must_use]
pub fn sign(token: &str, url: &str, form: &[(String, String)]) -> String {
    STANDARD.encode(code(token, url, form).finalize().into_bytes())
}

/// Whether a signature is right, compared in constant time.
#[must_use]
pub fn verify(token: &str, url: &str, form: &[(String, String)], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    code(token, url, form).verify_slice(&signature).is_ok()
}

fn code(token: &str, url: &str, form: &[(String, String)]) -> Hmac<Sha1> {
    let mut sorted: Vec<_> = form.iter().collect();
    sorted.sort();
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes())
        .unwrap_or_else(|_| unreachable!("any length is a key"));
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac
}
