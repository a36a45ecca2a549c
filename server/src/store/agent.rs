//! Requests of authorized agents.

use uuid::Uuid;

use super::pool::{Opens, Store, StoreError, on_pool};
use super::request::{RequestRow, insert_request};

/// A request of an agent, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRequestRow {
    /// Its id, as the agent knows it.
    pub id: Uuid,
    /// The agent that made it.
    pub agent: String,
    /// The agent's own id of it.
    pub agent_request_id: Option<String>,
    /// SHA-256 of the signed message: the same message makes no second request.
    pub message: Vec<u8>,
    /// What is asked for, as the protocol writes it.
    pub exercise: String,
    /// The law it is asked under.
    pub regime: Option<String>,
    /// How it stands (Data Rights Protocol 1.0 §3.02).
    pub status: String,
    /// Why, where the protocol has a word for it.
    pub reason: Option<String>,
    /// The same in a sentence.
    pub details: Option<String>,
    /// Where the choices that must be confirmed stand in the ledger: `first-last`, with spaces
    /// between.
    pub choices: String,
    /// When it came, in milliseconds since 1970.
    pub received_at: i64,
    /// When it must be done.
    pub expected_by: Option<i64>,
    /// Where the agent is told of changes.
    pub callback: Option<String>,
}

type RequestTuple = (
    Uuid,
    String,
    Option<String>,
    Vec<u8>,
    String,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    String,
    i64,
    Option<i64>,
    Option<String>,
);

fn read(row: RequestTuple) -> AgentRequestRow {
    let (id, agent, agent_request_id, message, exercise, regime, status, reason, details, ..) =
        row.clone();
    let (.., choices, received_at, expected_by, callback) = row;
    AgentRequestRow {
        id,
        agent,
        agent_request_id,
        message,
        exercise,
        regime,
        status,
        reason,
        details,
        choices,
        received_at,
        expected_by,
        callback,
    }
}

macro_rules! requests {
    ($end:literal) => {
        concat!(
            "select id, agent, agent_request_id, message, exercise, regime, status, reason,
                    details, choices, received_at, expected_by, callback
             from agent_request ",
            $end
        )
    };
}

impl Store {
    /// Stores a request, and the case that staff answer if there is one; the same message of the
    /// same agent stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_agent_request(
        &self,
        row: &AgentRequestRow,
        case: Option<&RequestRow>,
    ) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => {
            let mut work = db.opens().await?;
            let stored = sqlx::query("
            insert into agent_request (id, agent, agent_request_id, message, exercise, regime,
                 status, reason, details, choices, received_at, expected_by, callback)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             on conflict (agent, message) do nothing")
            .bind(row.id)
            .bind(&row.agent)
            .bind(&row.agent_request_id)
            .bind(&row.message)
            .bind(&row.exercise)
            .bind(&row.regime)
            .bind(&row.status)
            .bind(&row.reason)
            .bind(&row.details)
            .bind(&row.choices)
            .bind(row.received_at)
            .bind(row.expected_by)
            .bind(&row.callback)
            .execute(&mut *work)
            .await?;
            if let Some(case) = case.filter(|_| stored.rows_affected() == 1) {
                insert_request!(case).execute(&mut *work).await?;
            }
            work.commit().await
        })?;
        Ok(())
    }

    /// A request by id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_agent_request(
        &self,
        id: Uuid,
    ) -> Result<Option<AgentRequestRow>, StoreError> {
        let row: Option<RequestTuple> = on_pool!(&self.durable, db =>
            sqlx::query_as(requests!("where id = $1")).bind(id).fetch_optional(db).await)?;
        Ok(row.map(read))
    }

    /// The request that a message of an agent made.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_agent_request_of(
        &self,
        agent: &str,
        message: &[u8],
    ) -> Result<Option<AgentRequestRow>, StoreError> {
        let row: Option<RequestTuple> = on_pool!(&self.durable, db =>
            sqlx::query_as(requests!("where agent = $1 and message = $2"))
                .bind(agent)
                .bind(message)
                .fetch_optional(db)
                .await)?;
        Ok(row.map(read))
    }

    /// Requests that are not closed, oldest first, behind one of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_open_agent_requests(
        &self,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<AgentRequestRow>, StoreError> {
        let rows: Vec<RequestTuple> = on_pool!(&self.quick, db => sqlx::query_as(requests!(
            "where status in ('open', 'in_progress') and id > $1 order by id limit $2"))
            .bind(after)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Moves a request that is not closed to another status, and has its agent told from
    /// `callback_at` on. False when it was closed already.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_agent_status(
        &self,
        id: Uuid,
        status: &str,
        reason: Option<&str>,
        details: Option<&str>,
        callback_at: i64,
    ) -> Result<bool, StoreError> {
        let done = on_pool!(&self.durable, db => sqlx::query(
            "update agent_request
             set status = $2, reason = $3, details = $4, callback_tries = 0,
                 callback_at = case when callback is null then null else $5 end
             where id = $1 and status in ('open', 'in_progress')")
            .bind(id)
            .bind(status)
            .bind(reason)
            .bind(details)
            .bind(callback_at)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(done > 0)
    }

    /// Forgets requests that came before a moment and are closed, once their cases are forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_old_agent_requests(&self, before: i64) -> Result<u64, StoreError> {
        let deleted = on_pool!(&self.durable, db => sqlx::query(
            "delete from agent_request
             where status not in ('open', 'in_progress') and received_at < $1
               and not exists (select 1 from request where request.id = agent_request.id)")
            .bind(before)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(deleted)
    }
}
