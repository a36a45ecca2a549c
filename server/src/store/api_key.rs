//! Keys of the systems that call the API, by the digest of their secret.

use super::pool::{Store, StoreError, on_pool};

/// A key as stored. Lists stand in it as words with spaces between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// The part of the key that may be shown.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the secret part.
    pub digest: Vec<u8>,
    /// What it may do.
    pub scopes: String,
    /// What it may ask about or record; empty for everything.
    pub targets: String,
    /// The system of the register that it speaks for.
    pub system: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// When it was last used, to the minute.
    pub used_at: Option<i64>,
}

type Row = (String, String, Vec<u8>, String, String, Option<String>, i64, Option<i64>, Option<i64>);

fn read(row: Row) -> ApiKeyRow {
    let (id, name, digest, scopes, targets, system, created_at, revoked_at, used_at) = row;
    ApiKeyRow { id, name, digest, scopes, targets, system, created_at, revoked_at, used_at }
}

impl Store {
    /// Stores a new key.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_api_key(&self, key: &ApiKeyRow) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => sqlx::query(
            "insert into api_key (id, name, digest, scopes, targets, system, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)")
            .bind(&key.id)
            .bind(&key.name)
            .bind(&key.digest)
            .bind(&key.scopes)
            .bind(&key.targets)
            .bind(&key.system)
            .bind(key.created_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A key by its id, revoked or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_api_key(&self, id: &str) -> Result<Option<ApiKeyRow>, StoreError> {
        let row: Option<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, name, digest, scopes, targets, system, created_at, revoked_at, used_at
             from api_key where id = $1")
            .bind(id)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(read))
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_api_keys(&self) -> Result<Vec<ApiKeyRow>, StoreError> {
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, name, digest, scopes, targets, system, created_at, revoked_at, used_at
             from api_key order by created_at, id")
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Revokes a key; `false` when there is none of that id or it was revoked before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_api_key_revoked(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let changed = on_pool!(&self.durable, db => sqlx::query(
            "update api_key set revoked_at = $2 where id = $1 and revoked_at is null")
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(changed > 0)
    }

    /// Notes that a key was used. A note lost in a power cut harms nobody.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_api_key_used(&self, id: &str, now: i64) -> Result<(), StoreError> {
        on_pool!(&self.quick, db => sqlx::query(
            "update api_key set used_at = $2 where id = $1 and (used_at is null or used_at < $2)")
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
