//! Codes in printed letters, by their keyed digest.

use std::collections::HashSet;

use uuid::Uuid;

use super::pool::{Store, StoreError, on_pool};

/// Rows in one statement: four values each, far below what either engine takes.
const PART: usize = 500;

impl Store {
    /// Stores the digests of new codes of a mailing; says which of them were taken. One that is
    /// there already, whosever it is, stays as it is and is not among them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_short_codes(
        &self,
        codes: &[([u8; 32], Uuid)],
        mailing: &str,
        now: i64,
    ) -> Result<HashSet<Vec<u8>>, StoreError> {
        let mut taken = HashSet::with_capacity(codes.len());
        for part in codes.chunks(PART) {
            let rows: Vec<(Vec<u8>,)> = on_pool!(&self.durable, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "insert into short_code (digest, person_id, mailing, created_at) ");
                statement.push_values(part, |mut row, (digest, person)| {
                    row.push_bind(digest.as_slice());
                    row.push_bind(*person).push_bind(mailing).push_bind(now);
                });
                statement.push(" on conflict (digest) do nothing returning digest");
                statement.build_query_as().persistent(false).fetch_all(db).await
            })?;
            taken.extend(rows.into_iter().map(|(digest,)| digest));
        }
        Ok(taken)
    }

    /// Whose code it is, unless it was made at or before `expired`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_short_code(
        &self,
        digest: &[u8],
        expired: i64,
    ) -> Result<Option<Uuid>, StoreError> {
        let row: Option<(Uuid,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select person_id from short_code where digest = $1 and created_at > $2")
            .bind(digest)
            .bind(expired)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(|(person,)| person))
    }

    /// Forgets the codes that were made at or before `expired`; says how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_short_codes(&self, expired: i64) -> Result<u64, StoreError> {
        let gone = on_pool!(&self.quick, db =>
            sqlx::query("delete from short_code where created_at <= $1")
                .bind(expired)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        Ok(gone)
    }
}
