//! The keys of receipts in a key file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::Secret;

/// A key of receipts.
#[derive(Clone)]
pub enum ReceiptKey {
    /// Signs.
    Signing(Secret),
    /// Only proves what was signed before: the secret is gone.
    Public([u8; 32]),
}

impl ReceiptKey {
    pub(super) const fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Signing(secret) => Some(secret),
            Self::Public(_) => None,
        }
    }
}

/// A section for each key, so that the next one can be added at the end of a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<String>,
}

impl Section {
    pub fn encode(key: &ReceiptKey) -> Self {
        match key {
            ReceiptKey::Signing(secret) => {
                Self { key: Some(STANDARD.encode(secret.0)), public: None }
            }
            ReceiptKey::Public(bytes) => Self { key: None, public: Some(STANDARD.encode(bytes)) },
        }
    }

    pub fn decode(&self) -> Option<ReceiptKey> {
        let bytes = |text: &String| STANDARD.decode(text).ok()?.try_into().ok();
        match (&self.key, &self.public) {
            (Some(key), None) => Some(ReceiptKey::Signing(Secret(bytes(key)?))),
            (None, Some(public)) => Some(ReceiptKey::Public(bytes(public)?)),
            _ => None,
        }
    }
}
