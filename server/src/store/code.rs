//! One-time codes.

use uuid::Uuid;

use super::pool::{Store, StoreError, on_pool};

/// A code that was asked for; only its digest is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// What the asking session holds.
    pub id: Uuid,
    /// Whose it is; none when the contact is not known, so that both look alike.
    pub person_id: Option<Uuid>,
    /// Keyed hash of the contact that it was sent to.
    pub contact_digest: Vec<u8>,
    /// Keyed hash of the code.
    pub digest: Vec<u8>,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
}

impl Store {
    /// Stores a new code.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_code(&self, row: &CodeRow) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => sqlx::query(
            "insert into code (id, person_id, contact_digest, digest, created_at)
             values ($1, $2, $3, $4, $5)")
            .bind(row.id)
            .bind(row.person_id)
            .bind(&row.contact_digest)
            .bind(&row.digest)
            .bind(row.created_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// How many codes were asked for by a contact since a moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_codes(&self, contact: &[u8], since: i64) -> Result<i64, StoreError> {
        let (count,): (i64,) = on_pool!(&self.quick, db => sqlx::query_as(
            "select count(*) from code where contact_digest = $1 and created_at > $2")
            .bind(contact)
            .bind(since)
            .fetch_one(db)
            .await)?;
        Ok(count)
    }

    /// Counts one try of a code that is neither used nor older than `since` nor tried `limit`
    /// times, and gives it back. The count is made first, so that parallel guesses count too.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_try(
        &self,
        id: Uuid,
        since: i64,
        limit: i64,
    ) -> Result<Option<CodeRow>, StoreError> {
        type Row = (Uuid, Option<Uuid>, Vec<u8>, Vec<u8>, i64);
        let row: Option<Row> = on_pool!(&self.durable, db => sqlx::query_as(
            "update code set tries = tries + 1
             where id = $1 and used_at is null and created_at > $2 and tries < $3
             returning id, person_id, contact_digest, digest, created_at")
            .bind(id)
            .bind(since)
            .bind(limit)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(|(id, person_id, contact_digest, digest, created_at)| CodeRow {
            id,
            person_id,
            contact_digest,
            digest,
            created_at,
        }))
    }

    /// Marks a code used; false when somebody else was first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_used(&self, id: Uuid, now: i64) -> Result<bool, StoreError> {
        let changed = on_pool!(&self.durable, db =>
            sqlx::query("update code set used_at = $2 where id = $1 and used_at is null")
                .bind(id)
                .bind(now)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }
}
