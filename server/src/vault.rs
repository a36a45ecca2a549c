//! What keys do: hashes to look people up by, seals for what may be shown, tokens of links.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::contact::IdentifierKind;
use domain::{Moment, ShortCode};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::keys::{Keys, Secret};
use crate::ports::Random;
use crate::proof::ProofKeys;
use crate::snapshot::SnapshotKeys;

pub(crate) type HmacSha256 = Hmac<Sha256>;

/// Uses the keys, so that nothing else has to hold them.
pub struct Vault {
    lookup: Vec<(u8, HmacSha256)>,
    seal: Vec<(u8, Aes256Gcm)>,
    link: HmacSha256,
    code: HmacSha256,
    lease: HmacSha256,
    snapshot: Option<SnapshotKeys>,
    proof: ProofKeys,
}

/// A keyed hash with the id of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupDigest {
    /// The key that made it.
    pub key_id: u8,
    /// HMAC-SHA-256 of kind and normal form.
    pub digest: Vec<u8>,
}

pub(crate) fn mac(key: &Secret) -> HmacSha256 {
    // HMAC takes keys of any length.
    HmacSha256::new_from_slice(&key.0).unwrap_or_else(|_| unreachable!("any length is a key"))
}

pub(crate) fn run(keyed: &HmacSha256, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed.clone();
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The hash that an identifier is looked up by.
pub(crate) fn identifier_digest(
    keyed: &HmacSha256,
    kind: IdentifierKind,
    normal: &str,
) -> [u8; 32] {
    run(keyed, &[kind.as_str().as_bytes(), normal.as_bytes()])
}

impl Vault {
    /// A vault with these keys.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let current = keys.lookup.values().next_back().unwrap_or(&keys.link);
        let code = Secret(run(&mac(current), &[b"one-time codes"]));
        // From the key that never rotates: a lease must still prove something years later.
        let lease = Secret(run(&mac(&keys.link), &[b"leases"]));
        Self {
            lookup: keys.lookup.iter().rev().map(|(id, key)| (*id, mac(key))).collect(),
            seal: keys
                .seal
                .iter()
                .rev()
                .map(|(id, key)| (*id, Aes256Gcm::new(&key.0.into())))
                .collect(),
            link: mac(&keys.link),
            code: mac(&code),
            lease: mac(&lease),
            snapshot: keys.snapshot.as_ref().map(|secret| SnapshotKeys::new(secret, &keys.lookup)),
            proof: ProofKeys::new(keys),
        }
    }

    /// The hashes of an identifier under every key, the current one first.
    #[must_use]
    pub fn lookup(&self, kind: IdentifierKind, normal: &str) -> Vec<LookupDigest> {
        let digest = |(key_id, keyed): &(u8, HmacSha256)| LookupDigest {
            key_id: *key_id,
            digest: identifier_digest(keyed, kind, normal).to_vec(),
        };
        self.lookup.iter().map(digest).collect()
    }

    /// The hashes of an identifier under every key, the current one first, and nothing else.
    pub fn digests<'a>(
        &'a self,
        kind: IdentifierKind,
        normal: &'a str,
    ) -> impl Iterator<Item = [u8; 32]> + use<'a> {
        let keyed = self.lookup.iter();
        keyed.map(move |(_, keyed)| identifier_digest(keyed, kind, normal))
    }

    /// The same as a list, as the store asks for people.
    #[must_use]
    pub fn digest_list(&self, kind: IdentifierKind, normal: &str) -> Vec<Vec<u8>> {
        self.digests(kind, normal).map(|digest| digest.to_vec()).collect()
    }

    /// The keys of receipts and of the ledger's published heads.
    #[must_use]
    pub const fn proof(&self) -> &ProofKeys {
        &self.proof
    }

    /// The keys of snapshots, where there are any.
    #[must_use]
    pub const fn snapshot(&self) -> Option<&SnapshotKeys> {
        self.snapshot.as_ref()
    }

    /// The authentication code of a lease.
    #[must_use]
    pub fn lease_code(&self, parts: &[&[u8]]) -> [u8; 32] {
        run(&self.lease, parts)
    }

    /// Seals a text for one use, such as `email`; it opens for no other.
    #[must_use]
    pub fn seal(&self, used_for: &str, text: &str, random: &dyn Random) -> Vec<u8> {
        let mut nonce = [0; 12];
        random.fill(&mut nonce);
        let (key_id, cipher) = &self.seal[0];
        let payload = Payload { msg: text.as_bytes(), aad: used_for.as_bytes() };
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), payload)
            .unwrap_or_else(|_| unreachable!("texts are far below the cipher's limit"));
        [[*key_id].as_slice(), &nonce, &sealed].concat()
    }

    /// Opens a seal; nothing when the key is gone or a byte was changed.
    #[must_use]
    pub fn open(&self, used_for: &str, sealed: &[u8]) -> Option<String> {
        let (key_id, rest) = sealed.split_first()?;
        let (nonce, text) = rest.split_first_chunk::<12>()?;
        let (_, cipher) = self.seal.iter().find(|(id, _)| id == key_id)?;
        let payload = Payload { msg: text, aad: used_for.as_bytes() };
        let plain = cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
        String::from_utf8(plain).ok()
    }

    /// A person's link token: 22 characters that say nothing to whoever reads them.
    #[must_use]
    pub fn link_token(&self, person: Uuid, epoch: i64) -> String {
        let full = run(&self.link, &[person.as_bytes(), &epoch.to_be_bytes()]);
        URL_SAFE_NO_PAD.encode(&full[..16])
    }

    /// The token of a confirmation's way back: which letter, until when, and that we wrote it.
    #[must_use]
    pub fn undo_token(&self, letter: Uuid, until: Moment) -> String {
        let code = self.undo_code(letter.as_bytes(), until.0.to_be_bytes());
        URL_SAFE_NO_PAD.encode([&letter.as_bytes()[..], &until.0.to_be_bytes(), &code].concat())
    }

    /// The letter of such a token, and until when it works; nothing where we did not write it.
    #[must_use]
    pub fn read_undo_token(&self, token: &str) -> Option<(Uuid, Moment)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (letter, rest) = bytes.split_first_chunk::<16>()?;
        let (until, code) = rest.split_first_chunk::<8>()?;
        let is_ours = same(code, &self.undo_code(letter, *until));
        is_ours.then(|| (Uuid::from_bytes(*letter), Moment(i64::from_be_bytes(*until))))
    }

    fn undo_code(&self, letter: &[u8; 16], until: [u8; 8]) -> [u8; 16] {
        let full = run(&self.link, &[b"taking back by letter", letter, &until]);
        std::array::from_fn(|at| full[at])
    }

    /// What the store keeps of a code for a printed letter. Keyed, for such a code can be guessed:
    /// whoever reads the table alone can't try them all.
    #[must_use]
    pub fn short_code_digest(&self, code: &ShortCode) -> [u8; 32] {
        run(&self.link, &[b"codes in letters", code.as_str().as_bytes()])
    }

    /// The key by which one system, and no other, compares people with its own books.
    #[must_use]
    pub fn system_key(&self, system: &str) -> [u8; 32] {
        run(&self.link, &[b"hashes for a system", system.as_bytes()])
    }

    /// What the store keeps of a one-time code.
    #[must_use]
    pub fn code_digest(&self, id: Uuid, code: &str) -> Vec<u8> {
        run(&self.code, &[id.as_bytes(), code.as_bytes()]).to_vec()
    }
}

/// What the store keeps of a link token; nothing for a text that can't be one.
#[must_use]
pub fn token_digest(token: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 16)?;
    Some(Sha256::digest(bytes).to_vec())
}

/// A person as one system knows them: HMAC-SHA-256 of `kind:normal form` under the system's key,
/// in hexadecimal, so that anybody with the key can compute it.
#[must_use]
pub fn system_digest(key: &[u8; 32], kind: IdentifierKind, normal: &str) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let bytes = system_hash(key, kind, normal);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The same as bytes.
#[must_use]
pub fn system_hash(key: &[u8; 32], kind: IdentifierKind, normal: &str) -> [u8; 32] {
    let mut mac = mac(&Secret(*key));
    mac.update(kind.as_str().as_bytes());
    mac.update(b":");
    mac.update(normal.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Compares secrets in constant time.
#[must_use]
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemRandom;

    const EMAIL: IdentifierKind = IdentifierKind::Email;

    #[test]
    fn after_a_rotation_old_and_new_hashes_match() {
        let mut keys = Keys::generate(&SystemRandom);
        let before = Vault::new(&keys).lookup(EMAIL, "m@example.com").remove(0);
        keys.lookup.insert(2, Keys::generate(&SystemRandom).lookup[&1].clone());
        let after = Vault::new(&keys).lookup(EMAIL, "m@example.com");
        assert_eq!(after[0].key_id, 2);
        assert_eq!(after[1], before);
        assert_ne!(after[0].digest, after[1].digest);
    }

    #[test]
    fn a_seal_opens_after_a_rotation_and_only_for_its_own_use() {
        let mut keys = Keys::generate(&SystemRandom);
        let sealed = Vault::new(&keys).seal("email", "m@example.com", &SystemRandom);
        keys.seal.insert(2, Keys::generate(&SystemRandom).seal[&1].clone());
        let vault = Vault::new(&keys);
        assert_eq!(vault.open("email", &sealed).as_deref(), Some("m@example.com"));
        assert_eq!(vault.open("name", &sealed), None);
        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            assert_eq!(vault.open("email", &broken), None, "byte {at}");
        }
        assert_eq!(vault.open("email", &[]), None);
    }

    #[test]
    fn a_way_back_is_ours_or_nobody_s() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let (letter, until) = (Uuid::from_u128(7), Moment(1_750_000_000_000));
        let token = vault.undo_token(letter, until);
        assert_eq!(vault.read_undo_token(&token), Some((letter, until)));
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            let mut forged = bytes.clone();
            forged[at] ^= 1;
            assert_eq!(vault.read_undo_token(&URL_SAFE_NO_PAD.encode(forged)), None, "byte {at}");
            let short = URL_SAFE_NO_PAD.encode(&bytes[..at]);
            assert_eq!(vault.read_undo_token(&short), None, "{at} bytes");
        }
        let other = Vault::new(&Keys::generate(&SystemRandom));
        assert_eq!(other.read_undo_token(&token), None);
        for text in ["", "not a token", &format!("{token}A"), &vault.link_token(letter, 0)] {
            assert_eq!(vault.read_undo_token(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_words_of_another_kind_have_another_hash() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let hash = |kind| vault.lookup(kind, "12345678").remove(0).digest;
        assert_ne!(hash(IdentifierKind::Customer), hash(IdentifierKind::Phone));
    }

    #[test]
    fn ten_thousand_link_tokens_differ_and_say_nothing() {
        let vault = Vault::new(&Keys::generate(&SystemRandom));
        let tokens: std::collections::HashSet<String> =
            (0..10_000).map(|n| vault.link_token(Uuid::from_u128(n), 0)).collect();
        assert_eq!(tokens.len(), 10_000);
        assert!(tokens.iter().all(|token| token.len() == 22 && token_digest(token).is_some()));
        let person = Uuid::from_u128(7);
        assert_ne!(vault.link_token(person, 0), vault.link_token(person, 1));
        assert!(!tokens.iter().any(|token| Uuid::parse_str(token).is_ok()));
        assert_eq!(token_digest("not a token"), None);
        assert_eq!(token_digest(&"A".repeat(23)), None);
    }
}
