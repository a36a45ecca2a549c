//! The keys that receipts and heads are signed with, and how the world gets to know them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::keys::{Keys, ReceiptKey};
use crate::vault::{HmacSha256, mac, run};

/// Signs receipts and heads, and names people in them.
#[derive(Clone)]
pub struct ProofKeys {
    signing: Option<(String, SigningKey)>,
    published: Published,
    principals: HmacSha256,
}

/// Public keys by their ids (RFC 7638 thumbprints), the newest first.
#[derive(Clone, Debug, Default)]
pub struct Published(Vec<(String, VerifyingKey)>);

/// The text is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no key (JWK) and no set of keys (JWKS) with Ed25519 keys in it")]
pub struct KeySetError;

/// One key as JSON (RFC 8037 §2).
#[derive(Serialize, Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    #[serde(default)]
    kid: String,
    #[serde(rename = "use", default)]
    used_for: String,
    #[serde(default)]
    alg: String,
}

/// A set of keys as JSON (RFC 7517 §5).
#[derive(Serialize, Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

impl ProofKeys {
    /// The keys that follow from a key file.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let signing = keys.receipt.values().rev().find_map(|key| match key {
            ReceiptKey::Signing(secret) => Some(SigningKey::from_bytes(&secret.0)),
            ReceiptKey::Public(_) => None,
        });
        let public = keys.receipt.values().rev().filter_map(|key| match key {
            ReceiptKey::Signing(secret) => Some(SigningKey::from_bytes(&secret.0).verifying_key()),
            ReceiptKey::Public(bytes) => VerifyingKey::from_bytes(bytes).ok(),
        });
        Self {
            signing: signing.map(|key| (thumbprint(&key.verifying_key()), key)),
            published: Published(public.map(|key| (thumbprint(&key), key)).collect()),
            // From the key that never rotates: a person keeps their pseudonym.
            principals: mac(&crate::keys::Secret(run(
                &mac(&keys.link),
                &[b"principals of receipts"],
            ))),
        }
    }

    /// The id of the key that signs, if there is one.
    #[must_use]
    pub fn current(&self) -> Option<&str> {
        self.signing.as_ref().map(|(id, _)| id.as_str())
    }

    /// Signs a message; nothing without a key.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Option<String> {
        let (_, key) = self.signing.as_ref()?;
        Some(URL_SAFE_NO_PAD.encode(key.sign(message).to_bytes()))
    }

    /// The public keys.
    #[must_use]
    pub const fn published(&self) -> &Published {
        &self.published
    }

    /// The pseudonym of a person or of a keyed hash: 22 characters that say nothing to whoever
    /// lacks the key.
    #[must_use]
    pub fn principal(&self, kind: &str, of: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(&run(&self.principals, &[kind.as_bytes(), of])[..16])
    }
}

/// SHA-256 of the key's required members in their canonical form (RFC 7638 §3.1, RFC 8037 §2).
fn thumbprint(key: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

impl Published {
    /// Reads a JWKS, or a single JWK. Keys of other kinds are passed over.
    ///
    /// # Errors
    /// [`KeySetError`] when there is no Ed25519 key in it.
    pub fn parse(text: &str) -> Result<Self, KeySetError> {
        let set = serde_json::from_str::<Jwks>(text).map(|set| set.keys);
        let keys = set.or_else(|_| serde_json::from_str(text).map(|key| vec![key]));
        let keys = keys.map_err(|_| KeySetError)?.into_iter().filter_map(|key| {
            let key: Jwk = serde_json::from_value(key).ok()?;
            if key.kty != "OKP" || key.crv != "Ed25519" {
                return None;
            }
            let bytes = URL_SAFE_NO_PAD.decode(&key.x).ok()?.try_into().ok()?;
            let key = VerifyingKey::from_bytes(&bytes).ok()?;
            // The id follows from the key; what the file calls it proves nothing.
            Some((thumbprint(&key), key))
        });
        let keys: Vec<_> = keys.collect();
        if keys.is_empty() { Err(KeySetError) } else { Ok(Self(keys)) }
    }

    /// The set as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let key = |(kid, key): &(String, VerifyingKey)| {
            serde_json::json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "x": URL_SAFE_NO_PAD.encode(key.as_bytes()),
                "kid": kid,
                "use": "sig",
                "alg": "EdDSA",
            })
        };
        let keys: Vec<_> = self.0.iter().map(key).collect();
        format!("{:#}\n", serde_json::json!({ "keys": keys }))
    }

    /// Whether a key is among them.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.0.iter().any(|(known, _)| known == id)
    }

    /// Whether a key signed a message. Strict: one signature has one form (RFC 8032 §5.1.7).
    #[must_use]
    pub fn verify(&self, id: &str, message: &[u8], signature: &str) -> bool {
        let key = self.0.iter().find(|(known, _)| known == id).map(|(_, key)| key);
        let bytes = URL_SAFE_NO_PAD.decode(signature).ok();
        let signature = bytes.and_then(|bytes| Signature::from_slice(&bytes).ok());
        let (Some(key), Some(signature)) = (key, signature) else { return false };
        key.verify_strict(message, &signature).is_ok()
    }
}
