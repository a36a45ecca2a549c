//! What an import writes and where it stands.

use domain::Moment;
use uuid::Uuid;

use super::group::{Group, on_work};
use super::pool::{Pool, Store, StoreError, on_pool};

/// A person to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The person.
    pub id: Uuid,
    /// Sealed name.
    pub name: Option<Vec<u8>>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// ISO 3166-2 code.
    pub region: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
}

impl NewPerson {
    /// Somebody of whom nothing is known yet.
    #[must_use]
    pub const fn unknown(id: Uuid, at: Moment) -> Self {
        Self { id, name: None, language: None, region: None, birth_year: None, created_at: at.0 }
    }
}

/// Something to know a person by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIdentifier {
    /// Keyed hash of the normal form.
    pub digest: Vec<u8>,
    /// Whose.
    pub person_id: Uuid,
    /// email, phone or customer.
    pub kind: &'static str,
    /// The key that made the hash.
    pub key_id: i64,
    /// The sealed normal form, where it may be shown.
    pub cipher: Option<Vec<u8>>,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
}

/// What a file changed about someone already known.
pub type Known = NewPerson;

/// An identifier with everything that a key could be tried on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Keyed hash of the normal form.
    pub digest: Vec<u8>,
    /// email, phone or customer.
    pub kind: String,
    /// The sealed normal form.
    pub cipher: Vec<u8>,
}

impl Group {
    /// Stores new people.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_people(&mut self, people: &[NewPerson]) -> Result<(), StoreError> {
        let revision = self.revision();
        for part in people.chunks(500) {
            on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "insert into person (id, name, language, region, birth_year, created_at, revision) ");
                statement.push_values(part, |mut row, person| {
                    row.push_bind(person.id)
                        .push_bind(person.name.as_deref())
                        .push_bind(person.language.as_deref())
                        .push_bind(person.region.as_deref())
                        .push_bind(person.birth_year)
                        .push_bind(person.created_at)
                        .push_bind(revision);
                });
                statement.build().persistent(part.len() == 500).execute(db).await
                    .map(|_| ())
            })?;
        }
        self.note(people.iter().map(|person| person.id));
        Ok(())
    }

    /// Stores what people are known by, each named once; one already there is renewed: it gets
    /// its ciphertext and the time of now, by which the newest address is told. That mail came back
    /// from it is forgotten: somebody says anew that it is theirs.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn insert_identifiers(&mut self, rows: &[NewIdentifier]) -> Result<(), StoreError> {
        for part in rows.chunks(500) {
            on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "insert into identifier (digest, person_id, kind, key_id, cipher, created_at) ");
                statement.push_values(part, |mut row, known| {
                    row.push_bind(&known.digest)
                        .push_bind(known.person_id)
                        .push_bind(known.kind)
                        .push_bind(known.key_id)
                        .push_bind(known.cipher.as_deref())
                        .push_bind(known.created_at);
                });
                statement.push(
                    " on conflict (digest, person_id) do update
                      set cipher = coalesce(excluded.cipher, identifier.cipher),
                          created_at = excluded.created_at, bounced_at = null");
                statement.build().persistent(part.len() == 500).execute(db).await
                    .map(|_| ())
            })?;
        }
        self.record_change(rows.iter().map(|known| known.person_id)).await
    }

    /// Brings what is known of people up to date, each named once; empty fields change nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_details(&mut self, people: &[Known]) -> Result<(), StoreError> {
        let revision = self.revision();
        for part in people.chunks(500) {
            on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "with told (id, name, language, region, birth_year) as (");
                statement.push_values(part, |mut row, person| {
                    row.push_bind(person.id)
                        .push_bind(person.name.as_deref())
                        .push_bind(person.language.as_deref())
                        .push_bind(person.region.as_deref())
                        .push_bind(person.birth_year);
                });
                statement.push(
                    ") update person
                       set name = coalesce(told.name, person.name),
                           language = coalesce(told.language, person.language),
                           region = coalesce(told.region, person.region),
                           birth_year = coalesce(told.birth_year, person.birth_year),
                           revision = ");
                statement.push_bind(revision);
                statement.push(" from told where person.id = told.id");
                statement.build().persistent(part.len() == 500).execute(db).await.map(|_| ())
            })?;
        }
        self.note(people.iter().map(|person| person.id));
        Ok(())
    }

    /// Notes how far a file was taken, in the same transaction as its rows.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_progress(
        &mut self,
        file_hash: &[u8],
        rows_done: i64,
        finished_at: Option<i64>,
    ) -> Result<(), StoreError> {
        on_work!(&mut self.work, db => sqlx::query(
            "insert into import_progress (file_hash, rows_done, finished_at) values ($1, $2, $3)
             on conflict (file_hash) do update
             set rows_done = excluded.rows_done, finished_at = excluded.finished_at")
            .bind(file_hash)
            .bind(rows_done)
            .bind(finished_at)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Store {
    /// Makes ready for writing much. On SQLite nearly every digest falls on a page of its own, so
    /// a small cache and frequent checkpoints would write each page many times over. A commit no
    /// longer waits for the disk: a power cut takes the last blocks together with the note of how
    /// far the file was taken, and [`Store::end_bulk`] makes the rest durable.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn begin_bulk(&self) -> Result<(), StoreError> {
        self.set([
            "pragma cache_size = -65536",
            "pragma wal_autocheckpoint = 65536",
            "pragma temp_store = memory",
            "pragma synchronous = normal",
        ])
        .await
    }

    /// Goes back to writing little, and waits until everything is on disk.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end_bulk(&self) -> Result<(), StoreError> {
        self.set([
            "pragma synchronous = full",
            "pragma temp_store = default",
            "pragma wal_autocheckpoint = 1000",
            "pragma cache_size = -2000",
            "pragma wal_checkpoint(truncate)",
        ])
        .await
    }

    /// PostgreSQL is set up by whoever runs it.
    async fn set<const N: usize>(&self, pragmas: [&'static str; N]) -> Result<(), StoreError> {
        if let Pool::Sqlite(db) = &self.durable {
            for pragma in pragmas {
                sqlx::query(pragma).execute(db).await?;
            }
        }
        Ok(())
    }

    /// A sealed identifier of the oldest and of the newest record that has one.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_sealed_samples(&self) -> Result<Vec<Sealed>, StoreError> {
        const OLDEST: &str = "select digest, kind, cipher from identifier
             where cipher is not null order by person_id limit 1";
        const NEWEST: &str = "select digest, kind, cipher from identifier
             where cipher is not null order by person_id desc limit 1";
        let mut samples = Vec::with_capacity(2);
        for statement in [OLDEST, NEWEST] {
            let row: Option<(Vec<u8>, String, Vec<u8>)> = on_pool!(&self.quick, db =>
                sqlx::query_as(statement).fetch_optional(db).await)?;
            samples.extend(row.map(|(digest, kind, cipher)| Sealed { digest, kind, cipher }));
        }
        Ok(samples)
    }

    /// How many rows of a file were already taken, and whether to its end.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_progress(&self, file_hash: &[u8]) -> Result<Option<(i64, bool)>, StoreError> {
        let row: Option<(i64, Option<i64>)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select rows_done, finished_at from import_progress where file_hash = $1")
            .bind(file_hash)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(|(rows, finished)| (rows, finished.is_some())))
    }
}
