//! The keys that clients call with: checked against digests, remembered for a second.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::moment::MINUTE;
use domain::{Key, Moment, Target};
use sha2::{Digest, Sha256};

use super::scope::Scope;
use crate::ports::{Clock, Random};
use crate::store::{ApiKeyRow, Store, StoreError};
use crate::vault::same;

/// Milliseconds for which a key is remembered, and so may outlive its revocation.
pub const REMEMBERED: i64 = 1_000;
/// Most ids remembered, good and bad; whoever guesses ids fills no more than this.
const MOST: usize = 4_096;
/// What every key begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "sayso";

/// A key as the API knows it.
#[derive(Debug)]
pub struct ApiKey {
    /// The part that may be shown.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Targets that cover what it may ask about or record; empty for everything.
    pub targets: Vec<Target>,
    /// The system of the register that it speaks for.
    pub system: Option<Key>,
    digest: Vec<u8>,
    revoked: bool,
    noted: AtomicI64,
}

impl ApiKey {
    /// Reads a stored key.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it holds a word that this version does not know: guessing
    /// could widen what the key may do.
    pub fn read(row: ApiKeyRow) -> Result<Self, StoreError> {
        let unreadable = || StoreError::Unreadable("api_key");
        let scopes = row.scopes.split_whitespace().map(Scope::from_word);
        let targets = row.targets.split_whitespace().map(str::parse);
        Ok(Self {
            scopes: scopes.collect::<Option<_>>().ok_or_else(unreadable)?,
            targets: targets.collect::<Result<_, _>>().map_err(|_| unreadable())?,
            system: row.system.map(|key| key.parse().map_err(|_| unreadable())).transpose()?,
            id: row.id,
            name: row.name,
            digest: row.digest,
            revoked: row.revoked_at.is_some(),
            noted: AtomicI64::new(row.used_at.unwrap_or(i64::MIN)),
        })
    }

    /// Whether it may do something.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it may ask about or record a target.
    #[must_use]
    pub fn covers(&self, target: &Target) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|wider| wider.covers(target))
    }
}

/// What a new key may do.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Targets that cover what it may ask about or record; empty for everything.
    pub targets: Vec<Target>,
    /// The system of the register that it speaks for.
    pub system: Option<Key>,
}

fn random_hex<const BYTES: usize>(random: &dyn Random) -> String {
    let mut bytes = [0; BYTES];
    random.fill(&mut bytes);
    hex(&bytes)
}

/// Bytes in lowercase hexadecimal.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Makes a key: the text to hand out once, and the row to store. 256 random bits need no slow hash
/// (ASVS 5.0 6.5.2).
#[must_use]
pub fn make(grant: &Grant, now: Moment, random: &dyn Random) -> (String, ApiKeyRow) {
    fn join(words: impl Iterator<Item = String>) -> String {
        words.collect::<Vec<_>>().join(" ")
    }
    let (id, secret) = (random_hex::<8>(random), random_hex::<32>(random));
    let row = ApiKeyRow {
        id: id.clone(),
        name: grant.name.clone(),
        digest: Sha256::digest(&secret).to_vec(),
        scopes: join(grant.scopes.iter().map(|scope| scope.as_str().to_owned())),
        targets: join(grant.targets.iter().map(ToString::to_string)),
        system: grant.system.as_ref().map(ToString::to_string),
        created_at: now.0,
        revoked_at: None,
        used_at: None,
    };
    (format!("{PREFIX}_{id}_{secret}"), row)
}

type Remembered = (Moment, Option<Arc<ApiKey>>);

/// Checks keys.
pub struct Keyring {
    store: Store,
    clock: Arc<dyn Clock>,
    known: RwLock<HashMap<String, Remembered>>,
}

impl Keyring {
    /// The keys of a store.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, known: RwLock::default() }
    }

    /// The key of a text, if it is good: an unknown, wrong and revoked one can't be told apart.
    ///
    /// # Errors
    /// [`StoreError`] when it is not remembered and the database fails.
    pub async fn check(&self, text: &str) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let mut parts = text.splitn(3, '_');
        let (Some(PREFIX), Some(id), Some(secret)) = (parts.next(), parts.next(), parts.next())
        else {
            return Ok(None);
        };
        if id.len() != 16 {
            return Ok(None);
        }
        let now = self.clock.now();
        let known = self.find(id, now).await?;
        // Somebody unknown is compared, too, so that the time tells nothing.
        let stored = known.as_ref().map_or(&[0; 32][..], |key| &key.digest);
        let right = same(&Sha256::digest(secret), stored);
        let Some(key) = known.filter(|key| right && !key.revoked) else { return Ok(None) };
        self.note(&key, now);
        Ok(Some(key))
    }

    /// Whether a key that was good still is, for whoever stays connected.
    ///
    /// # Errors
    /// [`StoreError`] when it is not remembered and the database fails.
    pub async fn holds(&self, key: &ApiKey) -> Result<bool, StoreError> {
        let known = self.find(&key.id, self.clock.now()).await?;
        Ok(known.is_some_and(|known| !known.revoked && same(&known.digest, &key.digest)))
    }

    async fn find(&self, id: &str, now: Moment) -> Result<Option<Arc<ApiKey>>, StoreError> {
        match self.remembered(id, now) {
            Some((_, known)) => Ok(known),
            None => self.look_up(id, now).await,
        }
    }

    fn remembered(&self, id: &str, now: Moment) -> Option<Remembered> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = |(since, _): &&Remembered| (0..REMEMBERED).contains(&now.since(*since));
        known.get(id).filter(fresh).cloned()
    }

    async fn look_up(&self, id: &str, now: Moment) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let row = self.store.find_api_key(id).await?;
        let key = row.map(ApiKey::read).transpose()?.map(Arc::new);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (since, _)| (0..REMEMBERED).contains(&now.since(*since)));
        }
        if known.len() < MOST {
            known.insert(id.to_owned(), (now, key.clone()));
        }
        Ok(key)
    }

    /// Notes the use of a key, once a minute, without making anyone wait.
    fn note(&self, key: &Arc<ApiKey>, now: Moment) {
        let noted = key.noted.load(Ordering::Relaxed);
        if now.0.saturating_sub(noted) < MINUTE {
            return;
        }
        let mine = key.noted.compare_exchange(noted, now.0, Ordering::Relaxed, Ordering::Relaxed);
        if mine.is_ok() {
            let (store, key) = (self.store.clone(), Arc::clone(key));
            tokio::spawn(async move {
                if let Err(error) = store.record_api_key_used(&key.id, now.0).await {
                    tracing::warn!(%error, "a key's use was not noted");
                }
            });
        }
    }
}
