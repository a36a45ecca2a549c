//! Published notices.

use super::pool::{Opens, Pool, Store, StoreError, on_pool};

/// A notice as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its number, from 1.
    pub number: i64,
    /// SHA-256 of the source.
    pub hash: Vec<u8>,
    /// The catalogue file, word for word.
    pub source: String,
    /// When, in milliseconds since 1970.
    pub published_at: i64,
}

type Row = (i64, Vec<u8>, String, i64);

fn read((number, hash, source, published_at): Row) -> NoticeRow {
    NoticeRow { number, hash, source, published_at }
}

macro_rules! insert {
    ($db:expr, $row:expr) => {
        sqlx::query_as(
            "insert into notice (number, hash, source, published_at)
             select coalesce(max(number), 0) + 1, $1, $2, $3 from notice where true
             on conflict (hash) do update set hash = excluded.hash
             returning number, number >= (select coalesce(max(number), 0) from notice)",
        )
        .bind(&$row.hash)
        .bind(&$row.source)
        .bind($row.published_at)
        .fetch_one($db)
        .await
    };
}

impl Store {
    /// Stores a notice under the next number, or finds the number of the same text. Also says
    /// whether none has a higher number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_notice(&self, row: &NoticeRow) -> Result<(i64, bool), StoreError> {
        let told = match &self.durable {
            // SQLite has one writer.
            Pool::Sqlite(db) => insert!(db, row)?,
            // PostgreSQL has many, and two must not count to the same number.
            Pool::Postgres(db) => {
                let mut work = db.opens().await?;
                sqlx::query("lock table notice in share row exclusive mode")
                    .execute(&mut *work)
                    .await?;
                let told = insert!(&mut *work, row)?;
                work.commit().await?;
                told
            }
        };
        Ok(told)
    }

    /// The newest notice's number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_latest_notice_number(&self) -> Result<Option<i64>, StoreError> {
        let (number,): (Option<i64>,) = on_pool!(&self.quick, db =>
            sqlx::query_as("select max(number) from notice").fetch_one(db).await)?;
        Ok(number)
    }

    /// A notice by its number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_notice(&self, number: i64) -> Result<Option<NoticeRow>, StoreError> {
        let row: Option<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select number, hash, source, published_at from notice where number = $1")
            .bind(number)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(read))
    }
}
