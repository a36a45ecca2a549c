//! Checks of systems' audiences, and the broken promises that they found.

use std::collections::HashMap;

use domain::Choice;
use uuid::Uuid;

use super::ledger::{Row, read};
use super::pool::{Opens, Store, StoreError, on_pool, push_list};

/// A check that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciliationRow {
    /// Its id.
    pub id: Uuid,
    /// Key of the system.
    pub system: String,
    /// What the audience is for; none for all that the system serves.
    pub target: Option<String>,
    /// The key by which it was asked for; none at the keyboard.
    pub api_key: Option<String>,
    /// When, in milliseconds since 1970.
    pub started_at: i64,
}

/// What a check counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines read, without the first and without empty ones.
    pub lines: i64,
    /// Lines that name nobody.
    pub unreadable: i64,
    /// Lines of people that the business does not know.
    pub strangers: i64,
    /// Lines of people who had said no.
    pub broken: i64,
}

/// Somebody on a list who had said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The line of the file; the first is line 1.
    pub line: i64,
    /// Who.
    pub person_id: Uuid,
    /// What they said no to.
    pub target: String,
    /// `opted_out`, `preference_signal` or `paused`.
    pub reason: String,
    /// The entry that says so.
    pub position: i64,
    /// Since when, in milliseconds since 1970.
    pub since: i64,
    /// How far the system had been told: the state of the delivery; none when there is none.
    pub delivery: Option<String>,
    /// When the system took it.
    pub sent_at: Option<i64>,
    /// When the system confirmed it.
    pub acknowledged_at: Option<i64>,
}

/// How far a system was told of an entry: state, taken, confirmed.
pub type ToldRow = (String, Option<i64>, Option<i64>);

impl Store {
    /// Who is known by these digests.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_owners(
        &self,
        digests: &[Vec<u8>],
    ) -> Result<Vec<(Vec<u8>, Uuid)>, StoreError> {
        let mut owners = Vec::new();
        for part in digests.chunks(500) {
            let rows: Vec<(Vec<u8>, Uuid)> = on_pool!(&self.quick, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select digest, person_id from identifier where digest in (");
                push_list(&mut statement, part.iter());
                statement.push(")");
                statement.build_query_as().persistent(part.len() == 500).fetch_all(db).await
            })?;
            owners.extend(rows);
        }
        Ok(owners)
    }

    /// Every entry of these people, by person, in ledger order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_histories(
        &self,
        people: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<Choice>>, StoreError> {
        let mut histories: HashMap<Uuid, Vec<Choice>> = HashMap::new();
        for part in people.chunks(500) {
            let rows: Vec<Row> = on_pool!(&self.quick, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select position, person_id, target, act, number, source, actor, notice,
                            language, at, reference, hash
                     from choice where person_id in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(") order by position");
                statement.build_query_as().persistent(part.len() == 500).fetch_all(db).await
            })?;
            for row in rows {
                let choice = read(row)?.choice;
                histories.entry(choice.entry.person.0).or_default().push(choice);
            }
        }
        Ok(histories)
    }

    /// How far a system was told of entries, by position.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_told(
        &self,
        system: &str,
        positions: &[i64],
    ) -> Result<HashMap<i64, ToldRow>, StoreError> {
        let mut told = HashMap::new();
        for part in positions.chunks(500) {
            let rows: Vec<(i64, String, Option<i64>, Option<i64>)> = on_pool!(&self.quick, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select position, state, sent_at, acknowledged_at from delivery
                     where system = ");
                statement.push_bind(system).push(" and position in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(")");
                statement.build_query_as().persistent(false).fetch_all(db).await
            })?;
            let row = |(position, state, sent_at, acknowledged_at)| {
                (position, (state, sent_at, acknowledged_at))
            };
            told.extend(rows.into_iter().map(row));
        }
        Ok(told)
    }

    /// Begins a check.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_reconciliation(&self, row: &ReconciliationRow) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => sqlx::query(
            "insert into reconciliation (id, system, target, api_key, started_at)
             values ($1, $2, $3, $4, $5)")
            .bind(row.id)
            .bind(&row.system)
            .bind(&row.target)
            .bind(&row.api_key)
            .bind(row.started_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stores what a part of a check found, and what it counted so far.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing of the part is stored.
    pub async fn record_incidents(
        &self,
        id: Uuid,
        incidents: &[Incident],
        tally: Tally,
        finished_at: Option<i64>,
    ) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => {
            let mut work = db.opens().await?;
            if !incidents.is_empty() {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "insert into incident (reconciliation_id, line, person_id, target, reason,
                                           position, since, delivery, sent_at, acknowledged_at) ");
                statement.push_values(incidents, |mut row, one| {
                    row.push_bind(id)
                        .push_bind(one.line)
                        .push_bind(one.person_id)
                        .push_bind(&one.target)
                        .push_bind(&one.reason)
                        .push_bind(one.position)
                        .push_bind(one.since)
                        .push_bind(&one.delivery)
                        .push_bind(one.sent_at)
                        .push_bind(one.acknowledged_at);
                });
                statement.build().persistent(false).execute(&mut *work).await?;
            }
            sqlx::query(
                "update reconciliation
                 set lines = $2, unreadable = $3, strangers = $4, broken = $5, finished_at = $6
                 where id = $1")
                .bind(id)
                .bind(tally.lines)
                .bind(tally.unreadable)
                .bind(tally.strangers)
                .bind(tally.broken)
                .bind(finished_at)
                .execute(&mut *work)
                .await?;
            work.commit().await
        })?;
        Ok(())
    }

    /// What a check counted, and whether it came to its end.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_reconciliation(&self, id: Uuid) -> Result<Option<(Tally, bool)>, StoreError> {
        let row: Option<(i64, i64, i64, i64, Option<i64>)> = on_pool!(&self.quick, db =>
            sqlx::query_as(
                "select lines, unreadable, strangers, broken, finished_at
                 from reconciliation where id = $1")
                .bind(id)
                .fetch_optional(db)
                .await)?;
        Ok(row.map(|(lines, unreadable, strangers, broken, finished_at)| {
            (Tally { lines, unreadable, strangers, broken }, finished_at.is_some())
        }))
    }
}
