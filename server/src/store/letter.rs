//! Letters to send: made in the transaction of what causes them.

use std::collections::HashSet;

use domain::outbox::Kind;
use uuid::Uuid;

use super::group::{Group, on_work};
use super::pool::{Store, StoreError, on_pool, push_list};

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

macro_rules! insert_letter {
    ($db:expr, $letter:expr) => {
        sqlx::query(
            "insert into letter (id, kind, state, person_id, dedup, sealed, next_at, give_up_at,
                                 created_at, ended_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (dedup) where dedup is not null do nothing",
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
                push_list(&mut statement, part.iter().copied());
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

    /// The sealed address that a person got last, of those that mail does not come back from.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_newest_address(&self, person: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select cipher from identifier
             where person_id = $1 and kind = 'email' and cipher is not null
               and bounced_at is null
             order by created_at desc, digest limit 1")
            .bind(person)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(|(cipher,)| cipher))
    }

    /// Whose confirmation a letter is, and the places of the first and the last choice that it
    /// tells; nobody's where they were merged or erased since. It is remembered for some time only.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_confirmation(
        &self,
        id: Uuid,
    ) -> Result<Option<(Uuid, i64, i64)>, StoreError> {
        Ok(on_pool!(&self.quick, db => sqlx::query_as(
            "select person.id, letter.since, letter.through
             from letter join person on person.id = letter.person_id
             where letter.id = $1 and letter.kind = 'confirmation'
               and letter.since is not null and letter.through is not null
               and person.merged_into is null and person.erased_at is null")
            .bind(id)
            .fetch_optional(db)
            .await)?)
    }

    /// Whether the letter of a cause was taken for delivery. It is remembered for some time only.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn was_sent(&self, dedup: &str) -> Result<bool, StoreError> {
        let row: Option<(String,)> = on_pool!(&self.durable, db => sqlx::query_as(
            "select state from letter where dedup = $1 and state = 'sent'")
            .bind(dedup)
            .fetch_optional(db)
            .await)?;
        Ok(row.is_some())
    }
}
