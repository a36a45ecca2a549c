//! The tokens by which authorized agents are known, and telling them of changes.

use domain::moment::DAY;
use uuid::Uuid;

use super::pool::{Opens, Store, StoreError, on_pool};

/// Tokens that an agent may hold at a time; with a new one the oldest ends.
const TOKENS: i64 = 10;
/// How long a token stays whatever comes after it, in milliseconds: longer than any message that
/// asks for one is valid, so that none is taken twice.
const STAYS: i64 = DAY;

impl Store {
    /// Stores the digest of an agent's new token, with that of the message that asked for it.
    /// False when that message had a token before. The oldest of many end.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_agent_token(
        &self,
        digest: &[u8],
        agent: &str,
        message: &[u8],
        now: i64,
    ) -> Result<bool, StoreError> {
        let stored = on_pool!(&self.durable, db => {
            let mut work = db.opens().await?;
            let stored = sqlx::query(
                "insert into agent_token (digest, agent, message, created_at)
                 values ($1, $2, $3, $4)
                 on conflict (message) do nothing")
                .bind(digest)
                .bind(agent)
                .bind(message)
                .bind(now)
                .execute(&mut *work)
                .await?;
            sqlx::query(
                "delete from agent_token
                 where agent = $1 and created_at < $2 and digest not in (
                     select digest from agent_token where agent = $1
                     order by created_at desc, digest limit $3)")
                .bind(agent)
                .bind(now - STAYS)
                .bind(TOKENS)
                .execute(&mut *work)
                .await?;
            work.commit().await.map(|()| stored.rows_affected())
        })?;
        Ok(stored == 1)
    }

    /// The agent whose token it is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_agent(&self, digest: &[u8]) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = on_pool!(&self.quick, db =>
            sqlx::query_as("select agent from agent_token where digest = $1")
                .bind(digest)
                .fetch_optional(db)
                .await)?;
        Ok(row.map(|(agent,)| agent))
    }

    /// Takes requests whose agents are to be told now, with how often that was tried. No other node
    /// takes them before `until`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn claim_due_callbacks(
        &self,
        now: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<(Uuid, i64)>, StoreError> {
        Ok(on_pool!(&self.durable, db => sqlx::query_as(
            "update agent_request set callback_at = $2
             where callback_at <= $1 and id in (
                 select id from agent_request
                 where callback_at is not null and callback_at <= $1
                 order by callback_at limit $3)
             returning id, callback_tries")
            .bind(now)
            .bind(until)
            .bind(limit)
            .fetch_all(db)
            .await)?)
    }

    /// Notes that an agent was told, or when it is tried again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_callback(
        &self,
        id: Uuid,
        status: &str,
        again_at: Option<i64>,
    ) -> Result<(), StoreError> {
        // What changed meanwhile is told too.
        on_pool!(&self.durable, db => sqlx::query(
            "update agent_request set callback_at = $3, callback_tries = callback_tries + 1
             where id = $1 and status = $2")
            .bind(id)
            .bind(status)
            .bind(again_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// How many deliveries of the choices between two places are not confirmed yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_unconfirmed(&self, first: i64, last: i64) -> Result<i64, StoreError> {
        let (count,): (i64,) = on_pool!(&self.quick, db => sqlx::query_as(
            "select count(*) from delivery
             where position between $1 and $2 and state <> 'acknowledged'")
            .bind(first)
            .bind(last)
            .fetch_one(db)
            .await)?;
        Ok(count)
    }
}
