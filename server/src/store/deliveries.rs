//! Looking through deliveries, confirming and replaying them.

use domain::delivery::State;
use uuid::Uuid;

use super::group::on_work;
use super::pool::{Store, StoreError, on_pool};

/// A delivery as stored. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its id.
    pub id: Uuid,
    /// The choice.
    pub position: i64,
    /// Key of the system.
    pub system: String,
    /// How far it has come.
    pub state: State,
    /// Tries so far.
    pub attempts: i64,
    /// When the next try may come.
    pub next_at: i64,
    /// When the system must have confirmed.
    pub due_at: i64,
    /// When the choice was made, or what was confirmed had to be told anew.
    pub created_at: i64,
    /// When the system took it.
    pub sent_at: Option<i64>,
    /// When the system confirmed.
    pub acknowledged_at: Option<i64>,
    /// Why the last try failed.
    pub failure: Option<String>,
}

/// Which deliveries; an empty filter means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only these.
    pub ids: Option<Vec<Uuid>>,
    /// Only those whose last try failed so.
    pub failure: Option<String>,
    /// Only of this system.
    pub system: Option<String>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only those that were due before this moment and are not confirmed.
    pub overdue_at: Option<i64>,
    /// Only of choices from this position on.
    pub from: Option<i64>,
    /// Only of choices up to this position.
    pub to: Option<i64>,
    /// Only those that are not confirmed.
    pub unconfirmed: bool,
    /// Only those whose turn in the feed was up to this one.
    pub up_to_turn: Option<i64>,
}

pub(super) type Tuple =
    (Uuid, i64, String, String, i64, i64, i64, i64, Option<i64>, Option<i64>, Option<String>);

pub(super) fn read(row: Tuple) -> Result<DeliveryRow, StoreError> {
    let (id, position, system, state, attempts, next_at, due_at, created_at, sent, acked, failure) =
        row;
    Ok(DeliveryRow {
        id,
        position,
        system,
        state: read_state(&state)?,
        attempts,
        next_at,
        due_at,
        created_at,
        sent_at: sent,
        acknowledged_at: acked,
        failure,
    })
}

pub(super) fn read_state(word: &str) -> Result<State, StoreError> {
    State::from_word(word).ok_or(StoreError::Unreadable("delivery"))
}

/// Adds the conditions of a filter behind `where true`.
macro_rules! narrow {
    ($statement:expr, $filter:expr) => {{
        let (statement, filter) = (&mut $statement, $filter);
        if let Some(ids) = &filter.ids {
            // No ids are no deliveries, and an empty list is no SQL.
            statement.push(" and id in (").push_bind(Uuid::nil());
            for id in ids {
                statement.push(", ").push_bind(*id);
            }
            statement.push(")");
        }
        if let Some(system) = &filter.system {
            // SQLite would rather pass over all of a system's than look up a few by their ids.
            let column = if filter.ids.is_some() { "coalesce(system, '')" } else { "system" };
            statement.push(format_args!(" and {column} = ")).push_bind(system.as_str());
        }
        if let Some(state) = filter.state {
            statement.push(" and state = ").push_bind(state.as_str());
        }
        if let Some(failure) = &filter.failure {
            statement.push(" and failure = ").push_bind(failure.as_str());
        }
        if let Some(now) = filter.overdue_at {
            statement.push(" and state <> 'acknowledged' and due_at < ").push_bind(now);
        }
        if let Some(from) = filter.from {
            statement.push(" and position >= ").push_bind(from);
        }
        if let Some(to) = filter.to {
            statement.push(" and position <= ").push_bind(to);
        }
        if let Some(turn) = filter.up_to_turn {
            statement.push(" and turn <= ").push_bind(turn);
        }
        if filter.unconfirmed {
            statement.push(" and state <> 'acknowledged'");
        }
    }};
}

impl Store {
    /// Deliveries of choices behind a position and system, in order of both.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_deliveries(
        &self,
        filter: &DeliveryFilter,
        after: (i64, &str),
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows: Vec<Tuple> = on_pool!(&self.quick, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "select id, position, system, state, attempts, next_at, due_at, created_at,
                        sent_at, acknowledged_at, failure
                 from delivery where (position, system) > (");
            statement.push_bind(after.0).push(", ").push_bind(after.1).push(")");
            narrow!(statement, filter);
            statement.push(" order by position, system limit ").push_bind(limit);
            statement.build_query_as().fetch_all(db).await
        })?;
        rows.into_iter().map(read).collect()
    }

    /// Lets deliveries be told again from their first try on, and come again in the feed, behind
    /// all that was handed out. Says how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_replay(
        &self,
        filter: &DeliveryFilter,
        now: i64,
    ) -> Result<u64, StoreError> {
        let mut group = self.begin_group().await?;
        let last = group.head().turn;
        let done = on_work!(&mut group.work, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "update delivery set state = 'queued', attempts = 0, failure = null, next_at = ");
            statement.push_bind(now).push(", turn = told.turn from (select id, ");
            statement.push_bind(last).push(
                " + row_number() over (order by position, system) as turn
                 from delivery where true");
            narrow!(statement, filter);
            statement.push(") as told where delivery.id = told.id");
            statement.build().execute(db).await.map(|done| done.rows_affected())
        })?;
        group.head.turn += i64::try_from(done).unwrap_or(0);
        group.commit().await?;
        Ok(done)
    }

    /// Notes that a system obeys. What was confirmed before keeps its time. Says how many are new.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_acknowledged(
        &self,
        filter: &DeliveryFilter,
        now: i64,
    ) -> Result<u64, StoreError> {
        let done = on_pool!(&self.durable, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "update delivery set state = 'acknowledged', failure = null, contact = null,
                        acknowledged_at = coalesce(acknowledged_at, ");
            statement.push_bind(now).push(") where state <> 'acknowledged'");
            narrow!(statement, filter);
            statement.build().execute(db).await.map(|done| done.rows_affected())
        })?;
        Ok(done)
    }

    /// Whether a system has a delivery that may be told now.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn has_due_delivery(&self, system: &str, now: i64) -> Result<bool, StoreError> {
        let found: Option<(i64,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select position from delivery
             where system = $1 and state = 'queued' and next_at <= $2 limit 1")
            .bind(system)
            .bind(now)
            .fetch_optional(db)
            .await)?;
        Ok(found.is_some())
    }
}
