//! Sessions in the portal's own store, by the digest of their id: whoever reads the table can't
//! take over a visit (ASVS 5.0 7.2.3).

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::Method;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use crate::ports::Clock;
use crate::store::Store;

/// The session cookie: only over https, only for this host, never for scripts (RFC 6265bis §4.1.3).
/// `Lax`, because a customer comes from a mail and is sent on at once.
pub(super) const COOKIE: &str = "__Host-visit";

/// [`SessionStore`] over [`Store`].
#[derive(Clone)]
pub(super) struct Sessions {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

/// The layer that gives requests their session.
pub(super) fn layer(store: Store, clock: Arc<dyn Clock>) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { store, clock })
        .with_name(COOKIE)
        .with_path("/")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(time::Duration::milliseconds(app::visit::ABSOLUTE)))
}

fn digest(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_le_bytes()).to_vec()
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
        let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let expires_at = self.clock.now().plus(app::visit::ABSOLUTE);
        self.store.record_session(&digest(&record.id), &data, expires_at.0).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.clock.now().0;
        let Some((data, expires_at)) =
            self.store.find_session(&digest(id), now).await.map_err(backend)?
        else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date =
            OffsetDateTime::from_unix_timestamp(expires_at / 1000).map_err(backend)?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store.delete_session(&digest(id)).await.map_err(backend)
    }
}

/// Whether a request may start or change a session. Looking never does, so that a scanner that
/// sends HEAD leaves nothing behind.
pub(super) fn may_keep(method: &Method) -> bool {
    *method != Method::HEAD && *method != Method::OPTIONS
}
