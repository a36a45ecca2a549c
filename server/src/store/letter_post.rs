//! Letters on their way out: closed, taken to be sent, and what became of them.

use domain::outbox::{Kind, lifetime};
use uuid::Uuid;

use super::group::on_work;
use super::pool::{Pool, Store, StoreError, on_pool};

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

impl Store {
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
        let give_up_at = now + lifetime(Kind::Confirmation);
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

    /// Whose a letter is that was sent, or is being sent, and made at `since` or later, in
    /// milliseconds since 1970.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_reader(&self, letter: Uuid, since: i64) -> Result<Option<Uuid>, StoreError> {
        let row: Option<(Option<Uuid>,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select person_id from letter
             where id = $1 and state in ('taken', 'sent') and created_at >= $2")
            .bind(letter)
            .bind(since)
            .fetch_optional(db)
            .await)?;
        Ok(row.and_then(|(person,)| person))
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
