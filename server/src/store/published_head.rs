//! The ledger's head as it was published, a row a day.

use domain::Moment;

use super::group::{Group, on_work};
use super::pool::{Store, StoreError, on_pool};

/// A published head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedHead {
    /// Start of its day in UTC.
    pub day: Moment,
    /// The newest entry.
    pub position: i64,
    /// That entry's link.
    pub hash: Vec<u8>,
    /// Digest of the head of the day before.
    pub previous: Option<String>,
    /// When it was signed.
    pub signed_at: Moment,
    /// The id of the key.
    pub signer: String,
    /// The signature.
    pub signature: String,
}

type Row = (i64, i64, Vec<u8>, Option<String>, i64, String, String);

fn read((day, position, hash, previous, signed_at, signer, signature): Row) -> PublishedHead {
    let (day, signed_at) = (Moment(day), Moment(signed_at));
    PublishedHead { day, position, hash, previous, signed_at, signer, signature }
}

impl Store {
    /// The newest published head.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_newest_published_head(&self) -> Result<Option<PublishedHead>, StoreError> {
        let row: Option<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select day_at, position, hash, previous, signed_at, signer, signature
             from published_head order by day_at desc limit 1")
            .fetch_optional(db)
            .await)?;
        Ok(row.map(read))
    }

    /// Published heads from a day on, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_published_heads(
        &self,
        from: Moment,
        limit: i64,
    ) -> Result<Vec<PublishedHead>, StoreError> {
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select day_at, position, hash, previous, signed_at, signer, signature
             from published_head where day_at >= $1 order by day_at limit $2")
            .bind(from.0)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The link of one entry of the ledger.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_link_of_entry(&self, position: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = on_pool!(&self.quick, db =>
            sqlx::query_as("select hash from choice where position = $1")
                .bind(position)
                .fetch_optional(db)
                .await)?;
        Ok(row.map(|(hash,)| hash))
    }
}

impl Group {
    /// The newest published head, seen by whoever holds the ledger: no other node adds one meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_newest_published_head(
        &mut self,
    ) -> Result<Option<PublishedHead>, StoreError> {
        let row: Option<Row> = on_work!(&mut self.work, db => sqlx::query_as(
            "select day_at, position, hash, previous, signed_at, signer, signature
             from published_head order by day_at desc limit 1")
            .fetch_optional(db)
            .await)?;
        Ok(row.map(read))
    }

    /// Stores a published head.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or when there is one of that day already.
    pub async fn insert_published_head(&mut self, head: &PublishedHead) -> Result<(), StoreError> {
        on_work!(&mut self.work, db => sqlx::query(
            "insert into published_head
                 (day_at, position, hash, previous, signed_at, signer, signature)
             values ($1, $2, $3, $4, $5, $6, $7)")
            .bind(head.day.0)
            .bind(head.position)
            .bind(&head.hash)
            .bind(&head.previous)
            .bind(head.signed_at.0)
            .bind(&head.signer)
            .bind(&head.signature)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
