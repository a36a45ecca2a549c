//! Which agents the business trusts: a copy of the protocol's directory (§3.05.1).

use std::collections::HashMap;
use std::path::Path;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;

/// Base64 as agents write it, with or without padding.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The directory can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The file can't be read.
    #[error("the agents’ directory can’t be read: {0}")]
    File(std::io::ErrorKind),
    /// It is no list of agents.
    #[error("the agents’ directory is no JSON list of agents with id, name and verify_key")]
    Form,
    /// An agent's key is none.
    #[error("the verify_key of agent {0} is no Ed25519 key in Base64")]
    Key(String),
    /// Two agents have one id.
    #[error("agent {0} is in the directory twice")]
    Twice(String),
}

/// An entry of the file; the other fields are for people.
#[derive(Deserialize)]
struct Listed {
    id: String,
    verify_key: String,
}

/// The keys of agents by their ids.
#[derive(Clone, Debug, Default)]
pub struct Directory(HashMap<String, VerifyingKey>);

impl Directory {
    /// Reads a file.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        let json = std::fs::read(path).map_err(|error| DirectoryError::File(error.kind()))?;
        Self::read(&json)
    }

    /// Reads the JSON of a directory.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn read(json: &[u8]) -> Result<Self, DirectoryError> {
        let listed: Vec<Listed> = serde_json::from_slice(json).map_err(|_| DirectoryError::Form)?;
        let mut agents = HashMap::with_capacity(listed.len());
        for Listed { id, verify_key } in listed {
            let bytes = BASE64.decode(verify_key.trim()).ok();
            let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
            let key = key.filter(|key| !key.is_weak()).ok_or(DirectoryError::Key(id.clone()))?;
            if agents.insert(id.clone(), key).is_some() {
                return Err(DirectoryError::Twice(id));
            }
        }
        Ok(Self(agents))
    }

    /// The key of an agent; none for one that is not in the directory.
    #[must_use]
    pub fn key(&self, agent: &str) -> Option<&VerifyingKey> {
        self.0.get(agent)
    }
}
