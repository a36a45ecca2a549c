//! Personal links, by the digest of their token.

use uuid::Uuid;

use super::pool::{Opens, Store, StoreError, on_pool};

impl Store {
    /// Stores the digests of minted links; those already there stay as they are.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_links(&self, links: &[(Vec<u8>, Uuid, i64)]) -> Result<(), StoreError> {
        for part in links.chunks(500) {
            on_pool!(&self.durable, db => {
                let mut statement =
                    sqlx::QueryBuilder::<Db>::new("insert into link (digest, person_id, epoch) ");
                statement.push_values(part, |mut row, (digest, person, epoch)| {
                    row.push_bind(digest).push_bind(*person).push_bind(*epoch);
                });
                statement.push(" on conflict (digest) do nothing");
                statement.build().persistent(false).execute(db).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Whose link it is, unless it was retired before `retired_after`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_link(
        &self,
        digest: &[u8],
        retired_after: i64,
    ) -> Result<Option<Uuid>, StoreError> {
        let row: Option<(Uuid,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select person_id from link
             where digest = $1 and (retired_at is null or retired_at > $2)")
            .bind(digest)
            .bind(retired_after)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(|(person,)| person))
    }

    /// Moves a person to the next epoch and retires the links of the one before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_rotation(&self, person: Uuid, now: i64) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => {
            let mut work = db.opens().await?;
            sqlx::query("update person set link_epoch = link_epoch + 1 where id = $1")
                .bind(person)
                .execute(&mut *work)
                .await?;
            sqlx::query("update link set retired_at = $2 where person_id = $1 and retired_at is null")
                .bind(person)
                .bind(now)
                .execute(&mut *work)
                .await?;
            work.commit().await
        })?;
        Ok(())
    }
}
