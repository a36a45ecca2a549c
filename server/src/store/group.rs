//! Writing the ledger: one transaction for a group of choices.
//!
//! Whoever holds the head may write: on PostgreSQL by its row lock, on SQLite by being the only
//! writer. So positions are gapless and in commit order on any number of nodes.

use std::collections::HashSet;

use domain::choice::Entry;
use domain::ledger::{Link, link};
use domain::{Choice, Position};
use sqlx::{Postgres, Sqlite, Transaction};
use uuid::Uuid;

use super::ledger::{Row, read};
use super::pool::{Opens, Pool, Store, StoreError, push_list};

/// The channel on which PostgreSQL tells other nodes that a group was written.
pub(super) const CHANGED: &str = "sayso_changed";

/// The newest entry and its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Position of the newest entry; 0 in an empty ledger.
    pub position: Position,
    /// Its link.
    pub link: Link,
    /// How many groups changed something about people; 0 before the first.
    pub revision: i64,
    /// The last turn that was given in any system's feed; 0 before the first.
    pub turn: i64,
}

pub(super) enum Work {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

macro_rules! on_work {
    ($work:expr, $db:ident => $body:expr) => {
        match $work {
            $crate::store::group::Work::Sqlite(work) => {
                #[allow(dead_code, reason = "not every statement names its engine")]
                type Db = sqlx::Sqlite;
                let $db = &mut **work;
                $body
            }
            $crate::store::group::Work::Postgres(work) => {
                #[allow(dead_code, reason = "not every statement names its engine")]
                type Db = sqlx::Postgres;
                let $db = &mut **work;
                $body
            }
        }
    };
}
pub(super) use on_work;

/// An open group. Dropped without [`Group::commit`], nothing of it was written.
pub struct Group {
    pub(super) work: Work,
    pub(super) head: Head,
    /// Whom this group has already marked as changed.
    touched: HashSet<Uuid>,
}

impl Store {
    /// Opens a group; waits for the one before to end.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn begin_group(&self) -> Result<Group, StoreError> {
        const HEAD: &str = "select position, hash, revision, turn from ledger_head where id = 1";
        let mut work = match &self.durable {
            Pool::Sqlite(pool) => Work::Sqlite(pool.begin_with("begin immediate").await?),
            Pool::Postgres(pool) => Work::Postgres(pool.opens().await?),
        };
        // SQLite has no row locks and needs none: `begin immediate` already shut others out.
        let (position, hash, revision, turn): (i64, Vec<u8>, i64, i64) = match &mut work {
            Work::Sqlite(work) => sqlx::query_as(HEAD).fetch_one(&mut **work).await?,
            Work::Postgres(work) => {
                const LOCKED: &str = "select position, hash, revision, turn from ledger_head where id = 1 for update";
                sqlx::query_as(LOCKED).fetch_one(&mut **work).await?
            }
        };
        let link = hash.try_into().map_err(|_| StoreError::Unreadable("ledger_head"))?;
        let head = Head { position: Position(position), link, revision, turn };
        Ok(Group { work, head, touched: HashSet::new() })
    }
}

impl Group {
    /// The newest entry, those of this group included.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Every entry of these people, in ledger order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_choices(&mut self, people: &[Uuid]) -> Result<Vec<Choice>, StoreError> {
        let mut choices = Vec::new();
        for part in people.chunks(500) {
            let rows: Vec<Row> = on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select position, person_id, target, act, number, source, actor, notice,
                            language, at, reference, hash
                     from choice where person_id in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(") order by position");
                statement.build_query_as().persistent(part.len() == 1).fetch_all(db).await
            })?;
            for row in rows {
                choices.push(read(row)?.choice);
            }
        }
        Ok(choices)
    }

    /// Which people these digests belong to.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_owners(
        &mut self,
        digests: &[Vec<u8>],
    ) -> Result<Vec<(Vec<u8>, Uuid)>, StoreError> {
        let mut owners = Vec::new();
        for part in digests.chunks(500) {
            let rows: Vec<(Vec<u8>, Uuid)> = on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select digest, person_id from identifier where digest in (");
                push_list(&mut statement, part.iter());
                statement.push(") order by person_id");
                statement.build_query_as().persistent(part.len() == 1).fetch_all(db).await
            })?;
            owners.extend(rows);
        }
        Ok(owners)
    }

    /// Year of birth of these people, where known.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_birth_year(&mut self, person: Uuid) -> Result<Option<i64>, StoreError> {
        let row: Option<(Option<i64>,)> = on_work!(&mut self.work, db =>
            sqlx::query_as("select birth_year from person where id = $1")
                .bind(person)
                .fetch_optional(db)
                .await)?;
        Ok(row.and_then(|(year,)| year))
    }

    /// Gives entries their places and links, in the order given. No system hears of them: use
    /// [`Group::record`] where one must.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn append(&mut self, entries: Vec<Entry>) -> Result<Vec<Choice>, StoreError> {
        let placed = self.place(entries).await?;
        Ok(placed.into_iter().map(|(choice, _)| choice).collect())
    }

    pub(super) async fn place(
        &mut self,
        entries: Vec<Entry>,
    ) -> Result<Vec<(Choice, Link)>, StoreError> {
        let mut placed = Vec::with_capacity(entries.len());
        for entry in entries {
            let choice = Choice { position: Position(self.head.position.0 + 1), entry };
            self.head.link = link(&self.head.link, &choice);
            self.head.position = choice.position;
            placed.push((choice, self.head.link));
        }
        for part in placed.chunks(500) {
            self.insert_choices(part).await?;
        }
        Ok(placed)
    }

    async fn insert_choices(&mut self, part: &[(Choice, Link)]) -> Result<(), StoreError> {
        on_work!(&mut self.work, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "insert into choice (position, person_id, target, act, number, source, actor,
                                     notice, language, at, reference, hash) ");
            statement.push_values(part, |mut row, (choice, link)| {
                let entry = &choice.entry;
                row.push_bind(choice.position.0)
                    .push_bind(entry.person.0)
                    .push_bind(entry.target.to_string())
                    .push_bind(entry.act.as_str())
                    .push_bind(entry.act.number())
                    .push_bind(entry.source.as_str())
                    .push_bind(entry.actor.as_str())
                    .push_bind(entry.notice.0)
                    .push_bind(entry.language.tag())
                    .push_bind(entry.at.0)
                    .push_bind(entry.reference.as_str())
                    .push_bind(link.as_slice());
            });
            statement.build().persistent(part.len() == 500).execute(db).await.map(|_| ())
        })?;
        Ok(())
    }

    /// The revision that the people this group changes get.
    pub(super) const fn revision(&self) -> i64 {
        self.head.revision + 1
    }

    /// Notes people that a statement has marked with [`Group::revision`].
    pub(super) fn note(&mut self, people: impl IntoIterator<Item = Uuid>) {
        self.touched.extend(people);
    }

    /// Marks people as changed, so that whoever keeps a copy of them looks again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_change(
        &mut self,
        people: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), StoreError> {
        let new: HashSet<Uuid> = people.into_iter().collect();
        let new: Vec<Uuid> = new.difference(&self.touched).copied().collect();
        let revision = self.revision();
        for part in new.chunks(500) {
            on_work!(&mut self.work, db => {
                let mut statement =
                    sqlx::QueryBuilder::<Db>::new("update person set revision = ");
                statement.push_bind(revision).push(" where id in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(")");
                statement.build().persistent(part.len() == 500).execute(db).await.map(|_| ())
            })?;
        }
        self.note(new);
        Ok(())
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing was written either.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self.work {
            Work::Sqlite(work) => work.rollback().await?,
            Work::Postgres(work) => work.rollback().await?,
        }
        Ok(())
    }

    /// Writes the group to disk and tells the head after it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing was written.
    pub async fn commit(mut self) -> Result<Head, StoreError> {
        if !self.touched.is_empty() {
            self.head.revision += 1;
        }
        let head = self.head;
        on_work!(&mut self.work, db => sqlx::query(
            "update ledger_head set position = $1, hash = $2, revision = $3, turn = $4
             where id = 1 and (position <> $1 or revision <> $3 or turn <> $4)")
            .bind(head.position.0)
            .bind(head.link.as_slice())
            .bind(head.revision)
            .bind(head.turn)
            .execute(db)
            .await
            .map(|_| ()))?;
        match self.work {
            Work::Sqlite(work) => work.commit().await?,
            Work::Postgres(mut work) => {
                // Heard by the other nodes once this is committed.
                sqlx::query("select pg_notify($1, '')").bind(CHANGED).execute(&mut *work).await?;
                work.commit().await?;
            }
        }
        Ok(head)
    }
}
