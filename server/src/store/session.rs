//! Sessions, by the digest of their id.

use super::pool::{Store, StoreError, on_pool};

impl Store {
    /// Stores a session's sealed data, replacing what was there.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_session(
        &self,
        digest: &[u8],
        data: &[u8],
        expires_at: i64,
    ) -> Result<(), StoreError> {
        on_pool!(&self.quick, db => sqlx::query(
            "insert into session (digest, data, expires_at) values ($1, $2, $3)
             on conflict (digest) do update set data = excluded.data, expires_at = excluded.expires_at")
            .bind(digest)
            .bind(data)
            .bind(expires_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A session's data, unless it has expired at `now`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_session(
        &self,
        digest: &[u8],
        now: i64,
    ) -> Result<Option<(Vec<u8>, i64)>, StoreError> {
        Ok(on_pool!(&self.quick, db => sqlx::query_as(
            "select data, expires_at from session where digest = $1 and expires_at > $2")
            .bind(digest)
            .bind(now)
            .fetch_optional(db)
            .await)?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_session(&self, digest: &[u8]) -> Result<(), StoreError> {
        on_pool!(&self.quick, db => sqlx::query("delete from session where digest = $1")
            .bind(digest)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets sessions that expired, and codes and answers to clients that are a day old; says how many rows went.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_expired(&self, now: i64) -> Result<u64, StoreError> {
        let sessions = on_pool!(&self.quick, db =>
            sqlx::query("delete from session where expires_at <= $1")
                .bind(now)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        let codes = on_pool!(&self.quick, db =>
            sqlx::query("delete from code where created_at <= $1")
                .bind(now - domain::moment::DAY)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        Ok(sessions + codes + self.delete_old_answers(now - domain::moment::DAY).await?)
    }
}
