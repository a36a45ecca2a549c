//! Where a system heard of a choice.

use domain::{Moment, Position};

use super::group::{Group, on_work};
use super::pool::{Store, StoreError, on_pool};

/// Where a system heard of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The id of the key by which it was told.
    pub api_key: String,
    /// What the system says of it, such as `checkout`.
    pub detail: Option<String>,
    /// Under which name the system keeps the evidence of two steps.
    pub evidence: Option<String>,
}

impl Store {
    /// When systems told of the entries in a part of the ledger, by position.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_told_moments(
        &self,
        after: Position,
        limit: i64,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        Ok(on_pool!(&self.quick, db => sqlx::query_as(
            "select position, told_at from origin where position > $1 and position <= $2")
            .bind(after.0)
            .bind(after.0.saturating_add(limit))
            .fetch_all(db)
            .await)?)
    }
}

impl Group {
    /// Stores where entries of this group came from, and when they were told.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_origins(
        &mut self,
        origins: &[(Position, Moment, Origin)],
    ) -> Result<(), StoreError> {
        for part in origins.chunks(500) {
            on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "insert into origin (position, api_key, detail, evidence, told_at) ");
                statement.push_values(part, |mut row, (position, told_at, origin)| {
                    row.push_bind(position.0)
                        .push_bind(&origin.api_key)
                        .push_bind(&origin.detail)
                        .push_bind(&origin.evidence)
                        .push_bind(told_at.0);
                });
                statement.build().persistent(false).execute(db).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}
