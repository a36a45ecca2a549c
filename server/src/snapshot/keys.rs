//! The keys of snapshots.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::Mac;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::index::Prefix;
use crate::keys::Secret;
use crate::vault::{HmacSha256, mac, run};

/// An identifier as one client knows it: the first 8 bytes of its keyed hash, as a big-endian
/// number. Among thirty million, a stranger's is found once in 10^11 tries.
pub type Hash = u64;

/// What is said before the digest of a file when it is signed, so that a signature means nothing
/// elsewhere.
const LABEL: &[u8] = b"sayso-snapshot-1\n";

/// What is signed: the label and the SHA-256 of all that stands before the signature.
pub(super) fn signed(digest: &[u8; 32]) -> Vec<u8> {
    [LABEL, digest].concat()
}

/// Signs snapshots, and makes the keys that clients hash with.
#[derive(Clone)]
pub struct SnapshotKeys {
    signing: SigningKey,
    clients: HmacSha256,
    marks: Vec<[u8; 32]>,
}

impl SnapshotKeys {
    /// The keys that follow from the secret.
    pub(crate) fn new(secret: &Secret, lookup: &BTreeMap<u8, Secret>) -> Self {
        let keyed = mac(secret);
        Self {
            signing: SigningKey::from_bytes(&run(&keyed, &[b"signing snapshots"])),
            clients: mac(&Secret(run(&keyed, &[b"keys of clients"]))),
            marks: lookup.values().rev().map(|key| mark(&mac(key))).collect(),
        }
    }

    /// The key that one client hashes with, by the id of its API key.
    #[must_use]
    pub fn client(&self, id: &str) -> ClientKey {
        ClientKey(run(&self.clients, &[id.as_bytes()]))
    }

    /// What tells whether a client has the keys of today.
    #[must_use]
    pub fn fingerprint(&self, id: &str) -> String {
        fingerprint(&self.client(id), &self.marks)
    }

    /// Whether people may be known by hashes under several keys.
    #[must_use]
    pub const fn are_rotated(&self) -> bool {
        self.marks.len() > 1
    }

    /// Signs a file by its digest.
    pub(super) fn sign(&self, digest: &[u8; 32]) -> [u8; Signature::BYTE_SIZE] {
        self.signing.sign(&signed(digest)).to_bytes()
    }

    /// The key that signatures are checked with.
    #[must_use]
    pub fn verifying(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }
}

/// Shows that one has a lookup key, and not the key.
pub(super) fn mark(lookup: &HmacSha256) -> [u8; 32] {
    run(lookup, &[b"mark of a lookup key"])
}

/// What tells whether two sides have the same lookup keys and the same key of a client.
pub(super) fn fingerprint(client: &ClientKey, marks: &[[u8; 32]]) -> String {
    let marks: Vec<&[u8]> = marks.iter().map(<[u8; 32]>::as_slice).collect();
    URL_SAFE_NO_PAD.encode(&run(&mac(&Secret(client.0)), &marks)[..12])
}

/// The key that one client hashes with.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct ClientKey(pub(super) [u8; 32]);

impl ClientKey {
    pub(super) fn hasher(&self) -> Hasher {
        Hasher(mac(&Secret(self.0)))
    }
}

/// Hashes as one client does.
#[derive(Clone)]
pub(super) struct Hasher(HmacSha256);

impl Hasher {
    /// HMAC-SHA-256 of the first 12 bytes of a lookup digest, cut to 8.
    pub fn hash(&self, prefix: &Prefix) -> Hash {
        let mut keyed = self.0.clone();
        keyed.update(prefix);
        let code: [u8; 32] = keyed.finalize().into_bytes().into();
        code.first_chunk().copied().map_or(0, u64::from_be_bytes)
    }
}
