//! What clients were answered to requests that they named (draft-ietf-httpapi-idempotency-key).
//! A name lost in a power cut harms nobody: what protects is the same when it is told twice.

use super::pool::{Store, StoreError, on_pool};

/// A request of the same name that came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// SHA-256 of what it asked.
    pub request: Vec<u8>,
    /// What it was answered: status and body; none while it is on its way.
    pub answer: Option<(u16, Vec<u8>)>,
}

type Row = (Vec<u8>, Option<i64>, Option<Vec<u8>>);

impl Store {
    /// Claims a name for a request; otherwise gives the one that has it. A claim that got no
    /// answer before `given_up` was lost with its node, and is taken over.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_claim(
        &self,
        api_key: &str,
        name: &str,
        request: &[u8],
        now: i64,
        given_up: i64,
    ) -> Result<Option<Earlier>, StoreError> {
        let claimed = on_pool!(&self.quick, db => sqlx::query(
            "insert into idempotency (api_key, name, request, created_at)
             values ($1, $2, $3, $4)
             on conflict (api_key, name) do update
             set request = excluded.request, created_at = excluded.created_at
             where idempotency.status is null and idempotency.created_at <= $5")
            .bind(api_key)
            .bind(name)
            .bind(request)
            .bind(now)
            .bind(given_up)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        if claimed > 0 {
            return Ok(None);
        }
        let row: Option<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select request, status, answer from idempotency where api_key = $1 and name = $2")
            .bind(api_key)
            .bind(name)
            .fetch_optional(db)
            .await)?;
        // Gone again in between: whoever had it failed, so this one would be told to try again.
        let (request, status, answer) = row.unwrap_or_else(|| (request.to_owned(), None, None));
        let status = status.and_then(|status| u16::try_from(status).ok());
        Ok(Some(Earlier { request, answer: status.zip(answer) }))
    }

    /// Keeps the answer to a claimed name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_answer(
        &self,
        api_key: &str,
        name: &str,
        status: u16,
        answer: &[u8],
    ) -> Result<(), StoreError> {
        on_pool!(&self.quick, db => sqlx::query(
            "update idempotency set status = $3, answer = $4 where api_key = $1 and name = $2")
            .bind(api_key)
            .bind(name)
            .bind(i64::from(status))
            .bind(answer)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Gives up a claimed name, so that the request may be sent again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_claim(&self, api_key: &str, name: &str) -> Result<(), StoreError> {
        on_pool!(&self.quick, db => sqlx::query(
            "delete from idempotency where api_key = $1 and name = $2")
            .bind(api_key)
            .bind(name)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets names that were claimed before a time; says how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_old_answers(&self, before: i64) -> Result<u64, StoreError> {
        let gone = on_pool!(&self.quick, db => sqlx::query(
            "delete from idempotency where created_at <= $1")
            .bind(before)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(gone)
    }
}
