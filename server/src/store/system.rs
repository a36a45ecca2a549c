//! What is known of systems beside the catalogue: secrets, whether they are told at all.

use domain::delivery::Pace;

use super::pool::{Store, StoreError, on_pool};

/// The state of a system. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemRow {
    /// Key of the system.
    pub system: String,
    /// Since when it is told nothing more, because it said so (410).
    pub disabled_at: Option<i64>,
    /// The sealed secret that its webhooks are signed with.
    pub secret: Option<Vec<u8>>,
    /// The sealed secret before.
    pub previous_secret: Option<Vec<u8>>,
    /// When the secret was replaced.
    pub rotated_at: Option<i64>,
    /// When somebody was last told that it is late.
    pub escalated_at: Option<i64>,
}

type Tuple = (String, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>, Option<i64>, Option<i64>);

impl Store {
    /// The state of every system of which there is any.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_systems(&self) -> Result<Vec<SystemRow>, StoreError> {
        let rows: Vec<Tuple> = on_pool!(&self.quick, db => sqlx::query_as(
            "select system, disabled_at, secret, previous_secret, rotated_at, escalated_at
             from system_state order by system")
            .fetch_all(db)
            .await)?;
        let read = |(system, disabled_at, secret, previous_secret, rotated_at, escalated_at)| {
            SystemRow { system, disabled_at, secret, previous_secret, rotated_at, escalated_at }
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// The state of a system; the empty one where nothing is known.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_system(&self, system: &str) -> Result<SystemRow, StoreError> {
        let found = self.list_systems().await?.into_iter().find(|row| row.system == system);
        Ok(found.unwrap_or_else(|| SystemRow { system: system.to_owned(), ..SystemRow::default() }))
    }

    /// Gives a system a secret. With `rotate` it replaces the one that is there; without, nothing
    /// happens to one that is there. Says whether it was taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_secret(
        &self,
        system: &str,
        secret: &[u8],
        rotate: bool,
        now: i64,
    ) -> Result<bool, StoreError> {
        let done = on_pool!(&self.durable, db => sqlx::query(
            "insert into system_state (system, secret) values ($1, $2)
             on conflict (system) do update
             set previous_secret = system_state.secret, secret = excluded.secret,
                 rotated_at = case when system_state.secret is null then null else $3 end
             where system_state.secret is null or $4")
            .bind(system)
            .bind(secret)
            .bind(now)
            .bind(rotate)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(done > 0)
    }

    /// Tells a system nothing more, or again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_disabled(
        &self,
        system: &str,
        disabled_at: Option<i64>,
    ) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => sqlx::query(
            "insert into system_state (system, disabled_at) values ($1, $2)
             on conflict (system) do update set disabled_at = excluded.disabled_at")
            .bind(system)
            .bind(disabled_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes that somebody is told that a system is late, unless that happened after `before`.
    /// Says whether it is this caller's turn to tell.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_escalated(
        &self,
        system: &str,
        now: i64,
        before: i64,
    ) -> Result<bool, StoreError> {
        let done = on_pool!(&self.durable, db => sqlx::query(
            "insert into system_state (system, escalated_at) values ($1, $2)
             on conflict (system) do update set escalated_at = excluded.escalated_at
             where system_state.escalated_at is null or system_state.escalated_at <= $3")
            .bind(system)
            .bind(now)
            .bind(before)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(done > 0)
    }

    /// Notes how long a system took to confirm, in minutes.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_pace(
        &self,
        system: &str,
        pace: Option<Pace>,
        now: i64,
    ) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => sqlx::query(
            "insert into system_state (system, median_minutes, slowest_minutes, measured_at)
             values ($1, $2, $3, $4)
             on conflict (system) do update
             set median_minutes = excluded.median_minutes,
                 slowest_minutes = excluded.slowest_minutes, measured_at = excluded.measured_at")
            .bind(system)
            .bind(pace.map(|pace| pace.median))
            .bind(pace.map(|pace| pace.slowest))
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// How long systems took to confirm, in minutes, and when that was measured.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_measured_paces(
        &self,
    ) -> Result<Vec<(String, Option<Pace>, i64)>, StoreError> {
        let rows: Vec<(String, Option<i64>, Option<i64>, i64)> = on_pool!(&self.quick, db =>
            sqlx::query_as(
                "select system, median_minutes, slowest_minutes, measured_at
                 from system_state where measured_at is not null order by system")
                .fetch_all(db)
                .await)?;
        let read = |(system, median, slowest, at): (_, Option<i64>, Option<i64>, _)| {
            let pace = median.zip(slowest).map(|(median, slowest)| Pace { median, slowest });
            (system, pace, at)
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
