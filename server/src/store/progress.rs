//! How far choices have come, and how long systems take.

use domain::delivery::State;
use domain::{Act, PersonId, Target};

use super::deliveries::{DeliveryRow, Tuple, read, read_state};
use super::pool::{Store, StoreError, on_pool};

/// How many deliveries of a system are on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDeliveries {
    /// Key of the system.
    pub system: String,
    /// How many wait to be told.
    pub queued: i64,
    /// How many were told and are not confirmed.
    pub sent: i64,
    /// How many were given up.
    pub failed: i64,
    /// How many of all these should have been confirmed.
    pub overdue: i64,
    /// When the oldest of those that wait was made, in milliseconds since 1970.
    pub oldest_at: Option<i64>,
}

/// A choice on its way to a system. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// What the choice is about.
    pub target: Target,
    /// What it did.
    pub act: Act,
    /// When it was made.
    pub at: i64,
    /// Its place in the ledger.
    pub position: i64,
    /// Key of the system.
    pub system: String,
    /// How far it has come.
    pub state: State,
    /// When the system must have confirmed.
    pub due_at: i64,
    /// When it confirmed.
    pub acknowledged_at: Option<i64>,
}

type StepTuple = (String, String, i64, i64, i64, String, String, i64, Option<i64>);

fn read_step(row: StepTuple) -> Result<StepRow, StoreError> {
    let (target, act, number, at, position, system, state, due_at, acknowledged_at) = row;
    let unreadable = || StoreError::Unreadable("choice");
    Ok(StepRow {
        target: target.parse().map_err(|_| unreadable())?,
        act: Act::from_parts(&act, number).ok_or_else(unreadable)?,
        at,
        position,
        system,
        state: read_state(&state)?,
        due_at,
        acknowledged_at,
    })
}

impl Store {
    /// How far a person's choices have come, oldest choice first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_deliveries_of(
        &self,
        person: PersonId,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows: Vec<Tuple> = on_pool!(&self.quick, db => sqlx::query_as(
            "select delivery.id, delivery.position, system, state, attempts, next_at, due_at,
                    created_at, sent_at, acknowledged_at, failure
             from choice join delivery on delivery.position = choice.position
             where person_id = $1 order by delivery.position, system")
            .bind(person.0)
            .fetch_all(db)
            .await)?;
        rows.into_iter().map(read).collect()
    }

    /// A person's newest deliveries with their choices, newest choice first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_steps(
        &self,
        person: PersonId,
        limit: i64,
    ) -> Result<Vec<StepRow>, StoreError> {
        let rows: Vec<StepTuple> = on_pool!(&self.quick, db => sqlx::query_as(
            "select target, act, number, at, choice.position, system, state, due_at,
                    acknowledged_at
             from choice join delivery on delivery.position = choice.position
             where person_id = $1 order by choice.position desc, system limit $2")
            .bind(person.0)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        rows.into_iter().map(read_step).collect()
    }

    /// How long confirmations of a system took since a moment: minutes, and how often each came.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_paces(
        &self,
        system: &str,
        since: i64,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        let rows: Vec<(i64, i64)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select (acknowledged_at - created_at) / 60000 as minutes, count(*) from delivery
             where system = $1 and acknowledged_at >= $2 group by minutes order by minutes")
            .bind(system)
            .bind(since)
            .fetch_all(db)
            .await)?;
        let read = |(minutes, count)| (minutes, u64::try_from(count).unwrap_or(0));
        Ok(rows.into_iter().map(read).collect())
    }

    /// How much is on its way, by system.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_open_deliveries(&self, now: i64) -> Result<Vec<OpenDeliveries>, StoreError> {
        type Row = (String, i64, i64, i64, i64, Option<i64>);
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select system, count(case when state = 'queued' then 1 end),
                    count(case when state = 'sent' then 1 end),
                    count(case when state = 'failed' then 1 end),
                    count(case when due_at < $1 then 1 end),
                    min(case when state = 'queued' then created_at end)
             from delivery where state <> 'acknowledged' group by system order by system")
            .bind(now)
            .fetch_all(db)
            .await)?;
        let read = |(system, queued, sent, failed, overdue, oldest_at)| OpenDeliveries {
            system,
            queued,
            sent,
            failed,
            overdue,
            oldest_at,
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
