//! One-time codes.

use uuid::Uuid;

use super::letter::{NewLetter, insert_letter};
use super::pool::{Opens, Pool, Store, StoreError, on_pool};

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

macro_rules! insert_if_few {
    ($db:expr, $row:expr, $since:expr, $limit:expr) => {
        sqlx::query(
            "insert into code (id, person_id, contact_digest, digest, created_at)
             select $1, $2, $3, $4, $5
             where (select count(*) from code where contact_digest = $3 and created_at > $6) < $7",
        )
        .bind($row.id)
        .bind($row.person_id)
        .bind(&$row.contact_digest)
        .bind(&$row.digest)
        .bind($row.created_at)
        .bind($since)
        .bind($limit)
        .execute($db)
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(StoreError::from)
    };
}

impl Store {
    /// Stores a new code with the letter that brings it, unless its contact has asked for `limit`
    /// of them since a moment; says whether it did. Counting and storing are one step, so that
    /// requests at once count too.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then neither is stored.
    pub async fn insert_code(
        &self,
        row: &CodeRow,
        letter: &NewLetter,
        since: i64,
        limit: i64,
    ) -> Result<bool, StoreError> {
        match &self.durable {
            // SQLite has one writer.
            Pool::Sqlite(db) => {
                let mut work = db.begin_with("begin immediate").await?;
                let stored = insert_if_few!(&mut *work, row, since, limit)?;
                if stored {
                    insert_letter!(&mut *work, letter)?;
                }
                work.commit().await?;
                Ok(stored)
            }
            // PostgreSQL has many: those for one contact go one after the other.
            Pool::Postgres(db) => {
                let mut work = db.opens().await?;
                sqlx::query("select pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))")
                    .bind(&row.contact_digest)
                    .execute(&mut *work)
                    .await?;
                let stored = insert_if_few!(&mut *work, row, since, limit)?;
                if stored {
                    insert_letter!(&mut *work, letter)?;
                }
                work.commit().await?;
                Ok(stored)
            }
        }
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
