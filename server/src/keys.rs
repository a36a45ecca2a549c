//! Secret keys, kept outside the database.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ports::Random;

mod receipt;

pub use receipt::ReceiptKey;
use receipt::Section as ReceiptSection;

/// 32 secret bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(pub(crate) [u8; 32]);

impl Secret {
    fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }
}

/// The keys of one installation.
#[derive(Clone)]
pub struct Keys {
    /// Keys of the hashes that people are looked up by, by id; the highest id makes new ones.
    pub lookup: BTreeMap<u8, Secret>,
    /// Keys that seal what may be shown, by id; the highest id seals.
    pub seal: BTreeMap<u8, Secret>,
    /// The key that personal links are made from.
    pub link: Secret,
    /// The key that snapshots are signed by and hashed with; files from before there were
    /// snapshots lack it.
    pub snapshot: Option<Secret>,
    /// The keys that receipts and the ledger's heads are signed with, by number; the highest that
    /// can signs. Files from before there were receipts lack them.
    pub receipt: BTreeMap<u8, ReceiptKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    lookup: BTreeMap<String, String>,
    seal: BTreeMap<String, String>,
    link: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snapshot: Option<SnapshotSection>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    receipt: BTreeMap<String, ReceiptSection>,
}

/// A section of its own, so that it can be added at the end of a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotSection {
    key: String,
}

/// The keys can't be used. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such file.
    #[error("the key file {0} is missing; make one with `sayso keys generate --out {0}`")]
    Missing(String),
    /// The file can't be read or written.
    #[error("the key file {0} can't be used: {1}")]
    File(String, std::io::ErrorKind),
    /// The file is not of its form.
    #[error(
        "the key file {0} is not of its form: [lookup] and [seal] with numbered keys, `link`, optionally [snapshot] with `key`, and optionally [receipt.1], [receipt.2] and so on with `key` or `public`, each 32 bytes in base64"
    )]
    Form(String),
    /// A key is one that anybody could guess.
    #[error(
        "the key file {0} holds a default or repeated key; make keys with `sayso keys generate`"
    )]
    Guessable(String),
}

/// Adds a section at the end of a key file.
fn append(path: &Path, section: &str) -> Result<(), KeyError> {
    use std::io::Write;
    let refuse = |error: std::io::Error| KeyError::File(path.display().to_string(), error.kind());
    let mut file = std::fs::OpenOptions::new().append(true).open(path).map_err(refuse)?;
    file.write_all(section.as_bytes()).and_then(|()| file.sync_all()).map_err(refuse)
}

impl Keys {
    /// New keys.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self {
            lookup: BTreeMap::from([(1, Secret::generate(random))]),
            seal: BTreeMap::from([(1, Secret::generate(random))]),
            link: Secret::generate(random),
            snapshot: Some(Secret::generate(random)),
            receipt: BTreeMap::from([(1, ReceiptKey::Signing(Secret::generate(random)))]),
        }
    }

    /// Makes the next key of receipts and adds it to the key file; tells its number.
    ///
    /// # Errors
    /// [`KeyError::File`] when the file can't be written; then there is no new key.
    pub fn add_receipt(&mut self, random: &dyn Random, path: &Path) -> Result<u8, KeyError> {
        let full = || KeyError::File(path.display().to_string(), std::io::ErrorKind::StorageFull);
        let last = self.receipt.keys().next_back().copied().unwrap_or(0);
        let number = last.checked_add(1).ok_or_else(full)?;
        let secret = Secret::generate(random);
        append(path, &format!("\n[receipt.{number}]\nkey = \"{}\"\n", STANDARD.encode(secret.0)))?;
        self.receipt.insert(number, ReceiptKey::Signing(secret));
        Ok(number)
    }

    /// Makes the key of snapshots if there is none yet, and adds it to the key file.
    ///
    /// # Errors
    /// [`KeyError::File`] when the file can't be written; then there is still none.
    pub fn add_snapshot(&mut self, random: &dyn Random, path: &Path) -> Result<(), KeyError> {
        if self.snapshot.is_some() {
            return Ok(());
        }
        let secret = Secret::generate(random);
        append(path, &format!("\n[snapshot]\nkey = \"{}\"\n", STANDARD.encode(secret.0)))?;
        self.snapshot = Some(secret);
        Ok(())
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError`] when it is missing, malformed, or holds guessable keys.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let name = || path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeyError::Missing(name()));
            }
            Err(error) => return Err(KeyError::File(name(), error.kind())),
        };
        let file: File = toml::from_str(&text).map_err(|_| KeyError::Form(name()))?;
        let keys = Self::decode(&file).ok_or_else(|| KeyError::Form(name()))?;
        if keys.is_guessable() { Err(KeyError::Guessable(name())) } else { Ok(keys) }
    }

    /// Writes a key file that only its owner can read; never over one that exists.
    ///
    /// # Errors
    /// [`KeyError::File`] when it exists or can't be written.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        use std::io::Write;
        let refuse =
            |error: std::io::Error| KeyError::File(path.display().to_string(), error.kind());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(refuse)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(refuse)?;
        let text = toml::to_string(&self.encode())
            .map_err(|_| KeyError::Form(path.display().to_string()))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refuse)
    }

    fn encode(&self) -> File {
        let all = |keys: &BTreeMap<u8, Secret>| {
            keys.iter().map(|(id, key)| (id.to_string(), STANDARD.encode(key.0))).collect()
        };
        File {
            lookup: all(&self.lookup),
            seal: all(&self.seal),
            link: STANDARD.encode(self.link.0),
            snapshot: (self.snapshot.as_ref())
                .map(|key| SnapshotSection { key: STANDARD.encode(key.0) }),
            receipt: (self.receipt.iter())
                .map(|(id, key)| (id.to_string(), ReceiptSection::encode(key)))
                .collect(),
        }
    }

    fn decode(file: &File) -> Option<Self> {
        let secret = |text: &String| {
            let bytes = STANDARD.decode(text).ok()?;
            Some(Secret(bytes.try_into().ok()?))
        };
        let all = |keys: &BTreeMap<String, String>| -> Option<BTreeMap<u8, Secret>> {
            let read = |(id, text): (&String, &String)| Some((id.parse().ok()?, secret(text)?));
            let keys: BTreeMap<u8, Secret> = keys.iter().map(read).collect::<Option<_>>()?;
            (!keys.is_empty()).then_some(keys)
        };
        let snapshot = match &file.snapshot {
            None => None,
            Some(section) => Some(secret(&section.key)?),
        };
        let receipt = file.receipt.iter();
        let receipt = receipt.map(|(id, section)| Some((id.parse().ok()?, section.decode()?)));
        Some(Self {
            lookup: all(&file.lookup)?,
            seal: all(&file.seal)?,
            link: secret(&file.link)?,
            snapshot,
            receipt: receipt.collect::<Option<_>>()?,
        })
    }

    fn is_guessable(&self) -> bool {
        let every: Vec<&Secret> = self
            .lookup
            .values()
            .chain(self.seal.values())
            .chain([&self.link])
            .chain(&self.snapshot)
            .chain(self.receipt.values().filter_map(ReceiptKey::secret))
            .collect();
        let dull = |key: &Secret| key.0.iter().collect::<std::collections::BTreeSet<_>>().len() < 8;
        let distinct: std::collections::BTreeSet<_> = every.iter().map(|key| key.0).collect();
        distinct.len() != every.len() || every.into_iter().any(dull)
    }
}
