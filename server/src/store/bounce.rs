//! Addresses that mail comes back from.

use super::pool::{Store, StoreError, on_pool};

impl Store {
    /// Marks an address, by its keyed hashes, as one that mail comes back from for good, wherever
    /// it is on file. Says on how many records it was. `at` in milliseconds since 1970; the newest
    /// moment stays.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_bounce(&self, digests: &[Vec<u8>], at: i64) -> Result<u64, StoreError> {
        let mut marked = 0;
        for digest in digests {
            marked += on_pool!(&self.durable, db => sqlx::query(
                "update identifier
                 set bounced_at = case when bounced_at > $2 then bounced_at else $2 end
                 where digest = $1")
                .bind(digest)
                .bind(at)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        }
        Ok(marked)
    }

    /// Forgets that mail came back from an address: a later letter to it was taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_bounce(&self, digests: &[Vec<u8>]) -> Result<(), StoreError> {
        for digest in digests {
            on_pool!(&self.durable, db => sqlx::query(
                "update identifier set bounced_at = null
                 where digest = $1 and bounced_at is not null")
                .bind(digest)
                .execute(db)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Since when mail to an address, named by its keyed hashes, comes back for good, in
    /// milliseconds since 1970; none where it arrives as far as is known.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_bounce(&self, digests: &[Vec<u8>]) -> Result<Option<i64>, StoreError> {
        let mut newest = None;
        for digest in digests {
            let row: Option<(Option<i64>,)> = on_pool!(&self.quick, db => sqlx::query_as(
                "select max(bounced_at) from identifier where digest = $1")
                .bind(digest)
                .fetch_optional(db)
                .await)?;
            newest = newest.max(row.and_then(|(at,)| at));
        }
        Ok(newest)
    }
}
