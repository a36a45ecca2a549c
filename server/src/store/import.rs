//! What an import writes and where it stands.

use domain::Moment;
use uuid::Uuid;

use super::group::{Group, on_work};
use super::pool::{Store, StoreError, on_pool};

/// A person to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The person.
    pub id: Uuid,
    /// Sealed name.
    pub name: Option<Vec<u8>>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// ISO 3166-2 code.
    pub region: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
}

impl NewPerson {
    /// Somebody of whom nothing is known yet.
    #[must_use]
    pub const fn unknown(id: Uuid, at: Moment) -> Self {
        Self { id, name: None, language: None, region: None, birth_year: None, created_at: at.0 }
    }
}

/// Something to know a person by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIdentifier {
    /// Keyed hash of the normal form.
    pub digest: Vec<u8>,
    /// Whose.
    pub person_id: Uuid,
    /// email, phone or customer.
    pub kind: &'static str,
    /// The key that made the hash.
    pub key_id: i64,
    /// The sealed normal form, where it may be shown.
    pub cipher: Option<Vec<u8>>,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
}

/// What a file changed about someone already known.
pub type Known = NewPerson;

impl Group {
    /// Brings what is known of people up to date; empty fields of the file change nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_details(&mut self, people: &[Known]) -> Result<(), StoreError> {
        for person in people {
            on_work!(&mut self.work, db => sqlx::query(
                "update person set name = coalesce($2, name), language = coalesce($3, language),
                        region = coalesce($4, region), birth_year = coalesce($5, birth_year)
                 where id = $1")
                .bind(person.id)
                .bind(person.name.as_deref())
                .bind(person.language.as_deref())
                .bind(person.region.as_deref())
                .bind(person.birth_year)
                .execute(db)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Notes how far a file was taken, in the same transaction as its rows.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_progress(
        &mut self,
        file_hash: &[u8],
        rows_done: i64,
        finished_at: Option<i64>,
    ) -> Result<(), StoreError> {
        on_work!(&mut self.work, db => sqlx::query(
            "insert into import_progress (file_hash, rows_done, finished_at) values ($1, $2, $3)
             on conflict (file_hash) do update
             set rows_done = excluded.rows_done, finished_at = excluded.finished_at")
            .bind(file_hash)
            .bind(rows_done)
            .bind(finished_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Store {
    /// How many rows of a file were already taken, and whether to its end.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_progress(&self, file_hash: &[u8]) -> Result<Option<(i64, bool)>, StoreError> {
        let row: Option<(i64, Option<i64>)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select rows_done, finished_at from import_progress where file_hash = $1")
            .bind(file_hash)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(|(rows, finished)| (rows, finished.is_some())))
    }
}
