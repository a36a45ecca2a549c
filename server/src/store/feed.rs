//! The change feed: a system's deliveries, each in its turn.

use std::collections::HashMap;

use domain::Choice;
use uuid::Uuid;

use super::delivery::Due;
use super::pool::{Store, StoreError, on_pool};

impl Store {
    /// A system's deliveries after a turn, in order of turns: that of the ledger, and those told
    /// again behind it. Turns are given in commit order, so nothing can appear before one that was
    /// read.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_feed(
        &self,
        system: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Due>, StoreError> {
        type Row = (Uuid, i64, i64, Option<Vec<u8>>, i64);
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, position, attempts, contact, turn from delivery
             where system = $1 and turn > $2 order by turn limit $3")
            .bind(system)
            .bind(after)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        let positions: Vec<i64> = rows.iter().map(|(_, position, ..)| *position).collect();
        let choices = self.list_choices_at(&positions).await?;
        let mut choices: HashMap<i64, Choice> =
            choices.into_iter().map(|choice| (choice.position.0, choice)).collect();
        let due = rows.into_iter().filter_map(|(id, position, attempts, contact, turn)| {
            let choice = choices.remove(&position)?;
            let attempts = u16::try_from(attempts).unwrap_or(u16::MAX);
            Some(Due { id, attempts, choice, contact, turn: Some(turn) })
        });
        Ok(due.collect())
    }

    /// The last turn that was given in any feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_last_turn(&self) -> Result<i64, StoreError> {
        let (turn,): (i64,) = on_pool!(&self.quick, db =>
            sqlx::query_as("select turn from ledger_head where id = 1").fetch_one(db).await)?;
        Ok(turn)
    }
}
