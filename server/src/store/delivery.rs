//! Choices on their way to systems: made in the transaction of the choice, taken to be told.

use std::collections::HashMap;

use domain::Choice;
use domain::delivery::State;
use uuid::Uuid;

use super::group::{Group, on_work};
use super::ledger::{Row, read};
use super::pool::{Opens, Pool, Store, StoreError, on_pool, push_list};

/// A delivery to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id, which is its webhook's too.
    pub id: Uuid,
    /// The choice.
    pub position: i64,
    /// Key of the system.
    pub system: String,
    /// When the system must have confirmed, in milliseconds since 1970.
    pub due_at: i64,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
    /// What somebody is known by, sealed, where the store may not keep it: forgotten once the
    /// system has confirmed.
    pub contact: Option<Vec<u8>>,
}

/// A delivery that is taken to be told, with its choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// Tries, this one included.
    pub attempts: u16,
    /// The choice.
    pub choice: Choice,
    /// See [`NewDelivery::contact`].
    pub contact: Option<Vec<u8>>,
    /// Its turn in the feed, where it is read there.
    pub turn: Option<i64>,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The system took it.
    Taken {
        /// And said that it obeys.
        acknowledged: bool,
    },
    /// It did not; again at this time.
    Again {
        /// Milliseconds since 1970.
        next_at: i64,
        /// Why, without personal data.
        failure: String,
    },
    /// It did not, and there is no other try.
    Failed {
        /// Why, without personal data.
        failure: String,
    },
}

impl Told {
    /// A word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Taken { acknowledged: true } => "acknowledged",
            Self::Taken { acknowledged: false } => "taken",
            Self::Again { .. } => "again",
            Self::Failed { .. } => "failed",
        }
    }
}

impl Group {
    /// Appends entries, and in the same transaction makes the deliveries that each owes.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record(
        &mut self,
        entries: Vec<domain::choice::Entry>,
        owed: impl Fn(&Choice, &domain::ledger::Link) -> Vec<NewDelivery>,
    ) -> Result<Vec<Choice>, StoreError> {
        let placed = self.place(entries).await?;
        let mut deliveries = Vec::with_capacity(placed.len());
        for (choice, link) in &placed {
            self.head.turn += 1;
            let turn = self.head.turn;
            deliveries.extend(owed(choice, link).into_iter().map(|delivery| (turn, delivery)));
        }
        for part in deliveries.chunks(500) {
            self.insert_deliveries(part, false).await?;
        }
        Ok(placed.into_iter().map(|(choice, _)| choice).collect())
    }

    /// Makes deliveries that are owed for choices of before; those that are there stay as they
    /// are. Says how many are new.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_owed(&mut self, owed: Vec<NewDelivery>) -> Result<u64, StoreError> {
        let mut count = 0;
        let mut numbered = Vec::with_capacity(owed.len());
        for delivery in owed {
            self.head.turn += 1;
            numbered.push((self.head.turn, delivery));
        }
        for part in numbered.chunks(500) {
            count += self.insert_deliveries(part, true).await?;
        }
        Ok(count)
    }

    async fn insert_deliveries(
        &mut self,
        part: &[(i64, NewDelivery)],
        maybe_there: bool,
    ) -> Result<u64, StoreError> {
        let count = on_work!(&mut self.work, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "insert into delivery (id, position, system, state, next_at, due_at, created_at,
                                       contact, turn) ");
            statement.push_values(part, |mut row, (turn, delivery)| {
                row.push_bind(delivery.id)
                    .push_bind(delivery.position)
                    .push_bind(&delivery.system)
                    .push_bind(State::Queued.as_str())
                    .push_bind(delivery.created_at)
                    .push_bind(delivery.due_at)
                    .push_bind(delivery.created_at)
                    .push_bind(delivery.contact.as_deref())
                    .push_bind(*turn);
            });
            if maybe_there {
                statement.push(" on conflict do nothing");
            }
            let done = statement.build().persistent(part.len() == 500).execute(db).await;
            done.map(|done| done.rows_affected())
        })?;
        Ok(count)
    }
}

impl Store {
    /// Takes a system's waiting deliveries, oldest first, so that nobody else takes them before
    /// `until`. Each counts as tried once more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn take_deliveries(
        &self,
        system: &str,
        now: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<Due>, StoreError> {
        const SQLITE: &str = "update delivery set next_at = $3, attempts = attempts + 1
             where id in (select id from delivery
                          where system = $1 and state = 'queued' and next_at <= $2
                          order by next_at, position limit $4)
             returning id, position, attempts, contact";
        // SQLite has one writer; on PostgreSQL other nodes take what this one has not locked.
        const POSTGRES: &str = "update delivery set next_at = $3, attempts = attempts + 1
             where id in (select id from delivery
                          where system = $1 and state = 'queued' and next_at <= $2
                          order by next_at, position limit $4 for update skip locked)
             returning id, position, attempts, contact";
        let statement = match &self.durable {
            Pool::Sqlite(_) => SQLITE,
            Pool::Postgres(_) => POSTGRES,
        };
        let taken: Vec<Taken> = on_pool!(&self.durable, db => sqlx::query_as(statement)
            .bind(system)
            .bind(now)
            .bind(until)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        let positions: Vec<i64> = taken.iter().map(|(_, position, ..)| *position).collect();
        let choices = self.list_choices_at(&positions).await?;
        let mut taken: HashMap<i64, Taken> = taken.into_iter().map(|row| (row.1, row)).collect();
        let due = choices.into_iter().filter_map(|choice| {
            let (id, _, attempts, contact) = taken.remove(&choice.position.0)?;
            let attempts = u16::try_from(attempts).unwrap_or(u16::MAX);
            Some(Due { id, attempts, choice, contact, turn: None })
        });
        Ok(due.collect())
    }

    /// The entries at these positions, in ledger order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_choices_at(&self, positions: &[i64]) -> Result<Vec<Choice>, StoreError> {
        if positions.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Row> = on_pool!(&self.quick, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "select position, person_id, target, act, number, source, actor, notice,
                        language, at, reference, hash
                 from choice where position in (");
            push_list(&mut statement, positions.iter().copied());
            statement.push(") order by position");
            statement.build_query_as().persistent(false).fetch_all(db).await
        })?;
        rows.into_iter().map(|row| Ok(read(row)?.choice)).collect()
    }

    /// Notes what became of tries, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is noted.
    pub async fn record_told(&self, told: &[(Uuid, Told)], now: i64) -> Result<(), StoreError> {
        on_pool!(&self.durable, db => {
            let mut work = db.opens().await?;
            for (id, told) in told {
                match told {
                    Told::Taken { acknowledged } => sqlx::query(TAKEN)
                        .bind(*id).bind(now).bind(*acknowledged).execute(&mut *work).await?,
                    // A confirmation that came meanwhile by another way stands.
                    Told::Again { next_at, failure } => sqlx::query(
                        "update delivery set next_at = $2, failure = $3
                         where id = $1 and state = 'queued'")
                        .bind(*id).bind(*next_at).bind(failure).execute(&mut *work).await?,
                    Told::Failed { failure } => sqlx::query(
                        "update delivery set state = 'failed', failure = $2
                         where id = $1 and state = 'queued'")
                        .bind(*id).bind(failure).execute(&mut *work).await?,
                };
            }
            work.commit().await
        })?;
        Ok(())
    }
}

/// A delivery that was confirmed before it was replayed stays confirmed.
const TAKEN: &str = "update delivery
     set sent_at = $2, failure = null,
         state = case when $3 or acknowledged_at is not null then 'acknowledged' else 'sent' end,
         acknowledged_at = case when $3 then coalesce(acknowledged_at, $2) else acknowledged_at end,
         contact = case when $3 then null else contact end
     where id = $1 and state = 'queued'";

type Taken = (Uuid, i64, i64, Option<Vec<u8>>);
