//! What came in by mail and text, so that what comes twice counts once.

use super::pool::{Store, StoreError, on_pool};

macro_rules! insert_arrival {
    ($row:expr) => {
        sqlx::query(
            "insert into arrival (digest, door, outcome, arrived_at) values ($1, $2, $3, $4)
             on conflict (digest) do nothing",
        )
        .bind(&$row.digest)
        .bind($row.door)
        .bind($row.outcome)
        .bind($row.arrived_at)
    };
}
pub(super) use insert_arrival;

/// Something that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivalRow {
    /// Digest of what makes it the same when it comes again.
    pub digest: Vec<u8>,
    /// Where it came in: `mail` or `text`.
    pub door: &'static str,
    /// What became of it.
    pub outcome: &'static str,
    /// When, in milliseconds since 1970.
    pub arrived_at: i64,
}

impl Store {
    /// Whether this came in before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn has_arrived(&self, digest: &[u8]) -> Result<bool, StoreError> {
        let row: Option<(i64,)> = on_pool!(&self.durable, db =>
            sqlx::query_as("select arrived_at from arrival where digest = $1")
                .bind(digest)
                .fetch_optional(db)
                .await)?;
        Ok(row.is_some())
    }

    /// Notes that something came in; false when it had come before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_arrival(&self, row: &ArrivalRow) -> Result<bool, StoreError> {
        let stored = on_pool!(&self.durable, db =>
            insert_arrival!(row).execute(db).await.map(|done| done.rows_affected()))?;
        Ok(stored == 1)
    }

    /// Forgets what came in before a moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_old_arrivals(&self, before: i64) -> Result<u64, StoreError> {
        let deleted = on_pool!(&self.durable, db =>
            sqlx::query("delete from arrival where arrived_at < $1")
                .bind(before)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        Ok(deleted)
    }
}
