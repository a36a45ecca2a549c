//! The change feed: a system's deliveries in ledger order.

use std::collections::HashMap;

use uuid::Uuid;

use super::delivery::Due;
use super::pool::{Store, StoreError, on_pool};

impl Store {
    /// A system's deliveries after a ledger position, in ledger order. Positions are given in
    /// commit order, so nothing can appear before one that was read.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_feed(
        &self,
        system: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Due>, StoreError> {
        type Row = (Uuid, i64, i64, Option<Vec<u8>>);
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, position, attempts, contact from delivery
             where system = $1 and position > $2 order by position limit $3")
            .bind(system)
            .bind(after)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        let positions: Vec<i64> = rows.iter().map(|(_, position, ..)| *position).collect();
        let choices = self.list_choices_at(&positions).await?;
        let mut rows: HashMap<i64, Row> = rows.into_iter().map(|row| (row.1, row)).collect();
        let due = choices.into_iter().filter_map(|choice| {
            let (id, _, attempts, contact) = rows.remove(&choice.position.0)?;
            let attempts = u16::try_from(attempts).unwrap_or(u16::MAX);
            Some(Due { id, attempts, choice, contact })
        });
        Ok(due.collect())
    }
}
