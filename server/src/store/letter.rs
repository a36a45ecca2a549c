//! Letters on their way out: made in the transaction of what causes them, taken to be sent.

use std::collections::HashSet;

use domain::outbox::Kind;
use uuid::Uuid;

use super::group::{Group, on_work};
use super::pool::{Pool, Store, StoreError, on_pool};

/// A letter to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLetter {
    /// Its id, which is its Message-ID's too.
    pub id: Uuid,
    /// What it is.
    pub kind: Kind,
    /// Whose it is; erasing them drops it.
    pub person: Option<Uuid>,
    /// What makes a second one of the same cause impossible.
    pub dedup: Option<String>,
    /// What it says and to whom, sealed. None: there is nobody to send it to, and it is only
    /// stored so that storing takes as long.
    pub sealed: Option<Vec<u8>>,
    /// When it may be sent, in milliseconds since 1970.
    pub next_at: i64,
    /// When it is given up.
    pub give_up_at: i64,
    /// When it was made.
    pub created_at: i64,
}

/// A confirmation that begins to gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewGathering {
    /// The letter's id.
    pub id: Uuid,
    /// Whose choices it tells.
    pub person: Uuid,
    /// Place of the first one.
    pub since: i64,
    /// When it closes, in milliseconds since 1970.
    pub closes_at: i64,
    /// When it is given up.
    pub give_up_at: i64,
    /// When it was made.
    pub created_at: i64,
}

/// A letter that is taken to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLetter {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub person_id: Option<Uuid>,
    /// What it says and to whom, sealed; none for a confirmation, which the ledger holds.
    pub sealed: Option<Vec<u8>>,
    /// A confirmation: place of the first choice that it tells.
    pub since: Option<i64>,
    /// A confirmation: place of the last one.
    pub through: Option<i64>,
    /// Tries, this one included.
    pub tries: i64,
    /// When it is given up, in milliseconds since 1970.
    pub give_up_at: i64,
    /// When it was made.
    pub created_at: i64,
}

/// What became of a try. Reasons are without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was taken for delivery.
    Sent,
    /// It was not; again at this time, in milliseconds since 1970.
    Again(i64, String),
    /// It was not, and there is no other try.
    Failed(String),
    /// There was nothing to say, or nowhere to say it.
    Dropped(&'static str),
}

/// How many letters are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterCount {
    /// The kind's word.
    pub kind: String,
    /// The state's word.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest of them was made, in milliseconds since 1970.
    pub oldest_at: i64,
}

macro_rules! insert_letter {
    ($db:expr, $letter:expr) => {
        sqlx::query(
            "insert into letter (id, kind, state, person_id, dedup, sealed, next_at, give_up_at,
                                 created_at, ended_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (dedup) do nothing",
        )
        .bind($letter.id)
        .bind($letter.kind.as_str())
        .bind(if $letter.sealed.is_some() { "queued" } else { "dropped" })
        .bind($letter.person)
        .bind(&$letter.dedup)
        .bind($letter.sealed.as_deref())
        .bind($letter.next_at)
        .bind($letter.give_up_at)
        .bind($letter.created_at)
        .bind($letter.sealed.is_none().then_some($letter.created_at))
        .execute($db)
        .await
        .map(|done| done.rows_affected() == 1)
    };
}
pub(super) use insert_letter;

impl Group {
    /// Stores a letter in the transaction of what causes it; says whether it was the first one of
    /// its cause.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_letter(&mut self, letter: &NewLetter) -> Result<bool, StoreError> {
        Ok(on_work!(&mut self.work, db => insert_letter!(db, letter))?)
    }

    /// Begins confirmations; whoever has one that gathers already joins it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_gatherings(&mut self, rows: &[NewGathering]) -> Result<(), StoreError> {
        for part in rows.chunks(500) {
            on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "insert into letter (id, kind, state, person_id, since, next_at, give_up_at,
                                         created_at) ");
                statement.push_values(part, |mut row, new| {
                    row.push_bind(new.id)
                        .push_bind(Kind::Confirmation.as_str())
                        .push_bind("gathering")
                        .push_bind(new.person)
                        .push_bind(new.since)
                        .push_bind(new.closes_at)
                        .push_bind(new.give_up_at)
                        .push_bind(new.created_at);
                });
                statement.push(" on conflict (person_id) where state = 'gathering' do nothing");
                statement.build().persistent(part.len() == 1).execute(db).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Those of these people whose email address is on file and takes mail.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_addressable(&mut self, people: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
        let mut found = HashSet::new();
        for part in people.chunks(500) {
            let rows: Vec<(Uuid,)> = on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select distinct person_id from identifier
                     where kind = 'email' and cipher is not null and bounced_at is null
                       and person_id in (");
                let mut list = statement.separated(", ");
                for person in part {
                    list.push_bind(*person);
                }
                statement.push(")");
                statement.build_query_as().persistent(part.len() == 1).fetch_all(db).await
            })?;
            found.extend(rows.into_iter().map(|(person,)| person));
        }
        Ok(found)
    }
}

impl Store {
    /// Stores a letter; says whether it was the first one of its cause.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_letter(&self, letter: &NewLetter) -> Result<bool, StoreError> {
        Ok(on_pool!(&self.durable, db => insert_letter!(db, letter))?)
    }

    /// The sealed address that a person's letters go to: the one that codes go to, unless mail
    /// to it comes back.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_address(&self, person: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select cipher from identifier
             where person_id = $1 and kind = 'email' and cipher is not null
               and bounced_at is null
             order by created_at, digest limit 1")
            .bind(person)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(|(cipher,)| cipher))
    }

    /// Whether a letter of a kind waits for somebody who sends it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn has_due_letter(&self, kind: Kind, now: i64) -> Result<bool, StoreError> {
        let row: Option<(i64,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select next_at from letter
             where kind = $1 and next_at <= $2 and ended_at is null limit 1")
            .bind(kind.as_str())
            .bind(now)
            .fetch_optional(db)
            .await)?;
        Ok(row.is_some())
    }

    /// Closes the confirmations that are due, oldest first: each tells everything that its person
    /// chose until now. One that an earlier outage still holds back becomes part of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then none was closed.
    pub async fn record_closed(&self, now: i64, limit: i64) -> Result<(), StoreError> {
        const CLOSE: &str = "update letter
             set state = 'queued', through = $2, give_up_at = $3,
                 since = (select min(other.since) from letter as other
                          where other.person_id = letter.person_id
                            and other.kind = 'confirmation' and other.ended_at is null
                            and other.state in ('gathering', 'queued'))
             where id in (select id from letter
                          where kind = 'confirmation' and state = 'gathering'
                            and ended_at is null and next_at <= $1
                          order by next_at limit $4)";
        const JOIN: &str = "update letter
             set state = 'dropped', ended_at = $1, failure = 'part of a later one'
             where kind = 'confirmation' and state = 'queued' and ended_at is null
               and exists (select 1 from letter as later
                           where later.person_id = letter.person_id
                             and later.kind = 'confirmation' and later.state = 'queued'
                             and later.ended_at is null and later.through > letter.through)";
        // Who holds the head knows that no choice is being written: what comes after it opens a
        // letter of its own.
        let mut group = self.begin_group().await?;
        let head = group.head().position.0;
        let give_up_at = now + domain::outbox::lifetime(Kind::Confirmation);
        on_work!(&mut group.work, db => sqlx::query(CLOSE)
            .bind(now)
            .bind(head)
            .bind(give_up_at)
            .bind(limit)
            .execute(db)
            .await
            .map(|_| ()))?;
        on_work!(&mut group.work, db =>
            sqlx::query(JOIN).bind(now).execute(db).await.map(|_| ()))?;
        group.commit().await?;
        Ok(())
    }

    /// Takes waiting letters of a kind, oldest first, so that nobody else takes them before
    /// `until`; one whose taker never came back is taken again. Each counts as tried once more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn take_letters(
        &self,
        kind: Kind,
        now: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<DueLetter>, StoreError> {
        const SQLITE: &str = "update letter set state = 'taken', next_at = $3, tries = tries + 1
             where id in (select id from letter
                          where kind = $1 and next_at <= $2 and ended_at is null
                            and state in ('queued', 'taken')
                          order by next_at limit $4)
             returning id, person_id, sealed, since, through, tries, give_up_at, created_at";
        // SQLite has one writer; on PostgreSQL other nodes take what this one has not locked.
        const POSTGRES: &str = "update letter set state = 'taken', next_at = $3, tries = tries + 1
             where id in (select id from letter
                          where kind = $1 and next_at <= $2 and ended_at is null
                            and state in ('queued', 'taken')
                          order by next_at limit $4 for update skip locked)
             returning id, person_id, sealed, since, through, tries, give_up_at, created_at";
        let statement = match &self.durable {
            Pool::Sqlite(_) => SQLITE,
            Pool::Postgres(_) => POSTGRES,
        };
        let rows: Vec<Due> = on_pool!(&self.durable, db => sqlx::query_as(statement)
            .bind(kind.as_str())
            .bind(now)
            .bind(until)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Notes what became of a try, and forgets what an ended letter said. Whoever lost the letter
    /// to another node meanwhile notes nothing; says whether it was noted.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is noted.
    pub async fn record_fate(
        &self,
        due: &DueLetter,
        fate: &Fate,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (state, next_at, failure) = match fate {
            Fate::Sent => ("sent", None, None),
            Fate::Again(next_at, failure) => ("queued", Some(*next_at), Some(failure.as_str())),
            Fate::Failed(failure) => ("failed", None, Some(failure.as_str())),
            Fate::Dropped(why) => ("dropped", None, Some(*why)),
        };
        let noted = on_pool!(&self.durable, db => sqlx::query(
            "update letter
             set state = $3, failure = $4, next_at = coalesce($5, next_at),
                 sealed = case when $5 is null then null else sealed end,
                 ended_at = case when $5 is null then $6 else null end
             where id = $1 and tries = $2 and state = 'taken'")
            .bind(due.id)
            .bind(due.tries)
            .bind(state)
            .bind(failure)
            .bind(next_at)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(noted == 1)
    }

    /// How many letters are not sent yet, by kind and state.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_open_letters(&self) -> Result<Vec<LetterCount>, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select kind, state, count(*), min(created_at)
             from letter where ended_at is null group by kind, state")
            .fetch_all(db)
            .await)?;
        let read = |(kind, state, count, oldest_at)| LetterCount { kind, state, count, oldest_at };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Forgets letters that ended before a moment; says how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_ended_letters(&self, before: i64) -> Result<u64, StoreError> {
        Ok(on_pool!(&self.durable, db =>
            sqlx::query("delete from letter where ended_at <= $1")
                .bind(before)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?)
    }
}

type Due = (Uuid, Option<Uuid>, Option<Vec<u8>>, Option<i64>, Option<i64>, i64, i64, i64);

fn read((id, person_id, sealed, since, through, tries, give_up_at, created_at): Due) -> DueLetter {
    DueLetter { id, person_id, sealed, since, through, tries, give_up_at, created_at }
}
