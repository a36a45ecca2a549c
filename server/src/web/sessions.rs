//! Sessions in the portal's own store, by the digest of their id: whoever reads the table can't
//! take over a visit (ASVS 5.0 7.2.3). What they hold is sealed: an address that was typed in is
//! personal data like any other.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::Method;
use domain::Moment;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use crate::service::Service;

/// The session cookie: only over https, only for this host, never for scripts (RFC 6265bis §4.1.3).
/// `Lax`, because a customer comes from a mail and is sent on at once.
pub(super) const COOKIE: &str = "__Host-visit";

/// What the seal of a session is for.
const SEALED_FOR: &str = "session";

/// Most sessions kept in memory: some fifteen megabytes.
const KEPT: u64 = 10_000;

/// [`SessionStore`] over the portal's store.
///
/// Where no other process serves from the same store, sessions that this one saved are also kept
/// in memory. Only a save puts them there: a slow reading must not bring back what a visitor has
/// ended meanwhile.
#[derive(Clone)]
pub(super) struct Sessions {
    service: Arc<Service>,
    memory: Option<Cache<Digested, Arc<Record>>>,
}

/// SHA-256 of a session's id.
type Digested = [u8; 32];

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

/// The layer that gives requests their session.
pub(super) fn layer(service: Arc<Service>) -> SessionManagerLayer<Sessions> {
    let memory = service.is_sole.then(|| {
        let lasts = Duration::from_millis(app::visit::ABSOLUTE.unsigned_abs());
        Cache::builder().max_capacity(KEPT).time_to_live(lasts).build()
    });
    SessionManagerLayer::new(Sessions { service, memory })
        .with_name(COOKIE)
        .with_path("/")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(time::Duration::milliseconds(app::visit::ABSOLUTE)))
}

fn digest(id: &Id) -> Digested {
    Sha256::digest(id.0.to_le_bytes()).into()
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits do not meet twice.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let Self { service, memory } = self;
        let text = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let sealed = service.vault.seal(SEALED_FOR, &text, service.random.as_ref());
        let expires_at = service.clock.now().plus(app::visit::ABSOLUTE);
        let id = digest(&record.id);
        service.store.record_session(&id, &sealed, expires_at.0).await.map_err(backend)?;
        if let Some(memory) = memory {
            let expiry_date = expiry(expires_at)?;
            memory.insert(id, Arc::new(Record { expiry_date, ..record.clone() }));
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Self { service, memory } = self;
        let (now, digest) = (service.clock.now(), digest(id));
        if let Some(kept) = memory.as_ref().and_then(|memory| memory.get(&digest)) {
            let lasts = kept.expiry_date > expiry(now)?;
            return Ok(lasts.then(|| (*kept).clone()));
        }
        let found = service.store.find_session(&digest, now.0).await.map_err(backend)?;
        let Some((sealed, expires_at)) = found else { return Ok(None) };
        // Sealed by a key that is gone: whoever it was starts anew.
        let Some(text) = service.vault.open(SEALED_FOR, &sealed) else { return Ok(None) };
        let data = serde_json::from_str(&text).map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: expiry(Moment(expires_at))? }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let Self { service, memory } = self;
        let digest = digest(id);
        service.store.delete_session(&digest).await.map_err(backend)?;
        if let Some(memory) = memory {
            memory.invalidate(&digest);
        }
        Ok(())
    }
}

fn expiry(at: Moment) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.0 / 1000).map_err(backend)
}

/// Whether a request may start or change a session. Looking never does, so that a scanner that
/// sends HEAD leaves nothing behind.
pub(super) fn may_keep(method: &Method) -> bool {
    *method != Method::HEAD && *method != Method::OPTIONS
}
