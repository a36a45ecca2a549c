//! What a client needs to use its snapshots without calling.

use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::header::Header;
use super::keys::{Hasher, fingerprint, mark, signed};
use super::{ClientKey, Hash, SnapshotError, SnapshotKeys};
use crate::gate::Subject;
use crate::index::Prefix;
use crate::keys::{Keys, Secret};
use crate::vault::{HmacSha256, identifier_digest, mac};

/// What says that a file holds credentials.
const FORMAT: &str = "sayso-snapshot-credentials";

/// What a client needs: the key that signatures are checked with, its own key, and the keys that
/// people are looked up by. Whoever holds them can tell whether an address is on a list.
pub struct Credentials {
    client: String,
    verifying: VerifyingKey,
    client_key: ClientKey,
    hasher: Hasher,
    /// The current one first.
    lookup: Vec<Secret>,
    keyed: Vec<HmacSha256>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    version: u8,
    client: String,
    verifying_key: String,
    client_key: String,
    lookup_keys: Vec<String>,
}

/// Credentials can't be used. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file can't be read or written.
    #[error("the credentials {0} can't be used: {1}")]
    File(String, io::ErrorKind),
    /// It is something else.
    #[error("{0} holds no credentials of the form that `sayso snapshot credentials` writes")]
    Form(String),
}

impl Credentials {
    /// The credentials of a client, by the id of its API key; none where there is no key for
    /// snapshots.
    #[must_use]
    pub fn of(keys: &Keys, client: &str) -> Option<Self> {
        let made = SnapshotKeys::new(keys.snapshot.as_ref()?, &keys.lookup);
        let lookup = keys.lookup.values().rev().cloned().collect();
        Some(Self::new(client.to_owned(), made.verifying(), made.client(client), lookup))
    }

    fn new(
        client: String,
        verifying: VerifyingKey,
        client_key: ClientKey,
        lookup: Vec<Secret>,
    ) -> Self {
        let hasher = client_key.hasher();
        let keyed = lookup.iter().map(mac).collect();
        Self { client, verifying, client_key, hasher, lookup, keyed }
    }

    /// The hashes of an identifier, under the current lookup key first.
    #[must_use]
    pub fn hashes(&self, subject: &Subject) -> Vec<Hash> {
        let hash = |keyed| {
            let digest = identifier_digest(keyed, subject.kind(), subject.normal());
            let mut prefix = Prefix::default();
            let length = prefix.len();
            prefix.copy_from_slice(&digest[..length]);
            self.hasher.hash(&prefix)
        };
        self.keyed.iter().map(hash).collect()
    }

    /// Whether a signature is that of the installation for a file of this digest.
    pub(super) fn have_signed(&self, digest: &[u8; 32], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.verifying.verify_strict(&signed(digest), &signature).is_ok()
    }

    /// Lets a header pass that was made for them.
    pub(super) fn fit(&self, header: &Header) -> Result<(), SnapshotError> {
        if header.client != self.client {
            return Err(SnapshotError::Client);
        }
        let marks: Vec<_> = self.keyed.iter().map(mark).collect();
        if header.keys == fingerprint(&self.client_key, &marks) {
            Ok(())
        } else {
            Err(SnapshotError::Keys)
        }
    }

    /// Reads a file of credentials.
    ///
    /// # Errors
    /// [`CredentialsError`].
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        let name = || path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| CredentialsError::File(name(), error.kind()))?;
        let file: Option<File> = toml::from_str(&text).ok();
        file.and_then(Self::decode).ok_or_else(|| CredentialsError::Form(name()))
    }

    fn decode(file: File) -> Option<Self> {
        let key =
            |text: &String| -> Option<[u8; 32]> { STANDARD.decode(text).ok()?.try_into().ok() };
        if file.format != FORMAT || file.version != 1 || file.lookup_keys.is_empty() {
            return None;
        }
        let lookup = file.lookup_keys.iter().map(|text| key(text).map(Secret));
        Some(Self::new(
            file.client,
            VerifyingKey::from_bytes(&key(&file.verifying_key)?).ok()?,
            ClientKey(key(&file.client_key)?),
            lookup.collect::<Option<_>>()?,
        ))
    }

    /// Writes a file that only its owner can read; never over one that exists.
    ///
    /// # Errors
    /// [`CredentialsError::File`].
    pub fn write_new(&self, path: &Path) -> Result<(), CredentialsError> {
        use std::io::Write;
        let name = || path.display().to_string();
        let refuse = |error: io::Error| CredentialsError::File(name(), error.kind());
        let file = File {
            format: FORMAT.to_owned(),
            version: 1,
            client: self.client.clone(),
            verifying_key: STANDARD.encode(self.verifying.as_bytes()),
            client_key: STANDARD.encode(self.client_key.0),
            lookup_keys: self.lookup.iter().map(|key| STANDARD.encode(key.0)).collect(),
        };
        let text = toml::to_string(&file).map_err(|_| CredentialsError::Form(name()))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut written = options.open(path).map_err(refuse)?;
        written.write_all(text.as_bytes()).and_then(|()| written.sync_all()).map_err(refuse)
    }
}
