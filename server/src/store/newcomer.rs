//! Systems that were added to the register later, and how far the choices of before have reached
//! them.

use uuid::Uuid;

use super::group::{Group, on_work};
use super::pool::{Store, StoreError, on_pool};

/// What a system serves, and how far it was told of the choices of before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewcomerRow {
    /// Key of the system.
    pub system: String,
    /// The targets that it serves, with spaces between.
    pub serves: String,
    /// The ledger position up to which its deliveries are made.
    pub reached: i64,
    /// Since when, in milliseconds since 1970.
    pub started_at: i64,
    /// When nothing was left to make.
    pub finished_at: Option<i64>,
}

type Tuple = (String, String, i64, i64, Option<i64>);

const ALL: &str = "select system, serves, reached, started_at, finished_at
     from newcomer order by system";

fn read(rows: Vec<Tuple>) -> Vec<NewcomerRow> {
    let read = |(system, serves, reached, started_at, finished_at)| NewcomerRow {
        system,
        serves,
        reached,
        started_at,
        finished_at,
    };
    rows.into_iter().map(read).collect()
}

impl Group {
    /// Every system that is known.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_newcomers(&mut self) -> Result<Vec<NewcomerRow>, StoreError> {
        let rows: Vec<Tuple> = on_work!(&mut self.work, db =>
            sqlx::query_as(ALL).fetch_all(db).await)?;
        Ok(read(rows))
    }

    /// The newest notice's number, of all that are published by now.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_latest_notice_number(&mut self) -> Result<Option<i64>, StoreError> {
        let (number,): (Option<i64>,) = on_work!(&mut self.work, db =>
            sqlx::query_as("select max(number) from notice").fetch_one(db).await)?;
        Ok(number)
    }

    /// Notes what a system serves, and how far it was told.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_newcomer(&mut self, row: &NewcomerRow) -> Result<(), StoreError> {
        on_work!(&mut self.work, db => sqlx::query(
            "insert into newcomer (system, serves, reached, started_at, finished_at)
             values ($1, $2, $3, $4, $5)
             on conflict (system) do update
             set serves = excluded.serves, reached = excluded.reached,
                 started_at = excluded.started_at, finished_at = excluded.finished_at")
            .bind(&row.system)
            .bind(&row.serves)
            .bind(row.reached)
            .bind(row.started_at)
            .bind(row.finished_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes how far a system was told, unless it is no longer told of what is of before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_reached(
        &mut self,
        row: &NewcomerRow,
        reached: i64,
        finished_at: Option<i64>,
    ) -> Result<(), StoreError> {
        on_work!(&mut self.work, db => sqlx::query(
            "update newcomer set reached = $3, finished_at = $4
             where system = $1 and serves = $2 and finished_at is null and reached <= $3")
            .bind(&row.system)
            .bind(&row.serves)
            .bind(reached)
            .bind(finished_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets a system that is gone from the register: should it come back, it is new.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_newcomer(&mut self, system: &str) -> Result<(), StoreError> {
        on_work!(&mut self.work, db => sqlx::query("delete from newcomer where system = $1")
            .bind(system)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Store {
    /// Systems that are not yet told of all that is of before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_open_newcomers(&self) -> Result<Vec<NewcomerRow>, StoreError> {
        let rows: Vec<Tuple> =
            on_pool!(&self.quick, db => sqlx::query_as(ALL).fetch_all(db).await)?;
        Ok(read(rows).into_iter().filter(|row| row.finished_at.is_none()).collect())
    }

    /// The notice under which the first choice was made; none while there is no choice.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_first_notice(&self) -> Result<Option<i64>, StoreError> {
        let row: Option<(i64,)> = on_pool!(&self.quick, db =>
            sqlx::query_as("select notice from choice order by position limit 1")
                .fetch_optional(db)
                .await)?;
        Ok(row.map(|(notice,)| notice))
    }

    /// Those of these people who can be named to a system: what they are known by is still there.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_nameable(&self, people: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        let mut found = Vec::new();
        for part in people.chunks(500) {
            let rows: Vec<(Uuid,)> = on_pool!(&self.quick, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select id from person
                     where exists (select 1 from identifier
                                   where person_id = coalesce(person.merged_into, person.id)
                                     and cipher is not null)
                       and id in (");
                let mut list = statement.separated(", ");
                for person in part {
                    list.push_bind(*person);
                }
                statement.push(")");
                statement.build_query_as().persistent(false).fetch_all(db).await
            })?;
            found.extend(rows.into_iter().map(|(id,)| id));
        }
        Ok(found)
    }

    /// What people are known by in deliveries that are still on their way, by position, where the
    /// store may not keep it elsewhere.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_contacts(
        &self,
        positions: &[i64],
    ) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let mut found = Vec::new();
        for part in positions.chunks(500) {
            let rows: Vec<(i64, Vec<u8>)> = on_pool!(&self.quick, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select position, contact from delivery
                     where contact is not null and position in (");
                let mut list = statement.separated(", ");
                for position in part {
                    list.push_bind(*position);
                }
                statement.push(")");
                statement.build_query_as().persistent(false).fetch_all(db).await
            })?;
            found.extend(rows);
        }
        Ok(found)
    }
}
