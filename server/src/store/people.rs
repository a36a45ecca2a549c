//! People and what they are known by.

use uuid::Uuid;

use super::group::{Group, on_work};
use super::import::Known;
use super::pool::{Store, StoreError, on_pool, push_list};

/// A person as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The person.
    pub id: Uuid,
    /// BCP 47 tag of the language the business writes to them in.
    pub language: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// How often their link was replaced.
    pub link_epoch: i64,
}

/// An identifier as stored: a keyed hash, and a ciphertext where it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentifierRow {
    /// Whose.
    pub person_id: Uuid,
    /// email, phone or customer.
    pub kind: String,
    /// The sealed normal form; none for one that was only ever named to opt it out.
    pub cipher: Option<Vec<u8>>,
    /// Whether mail to it comes back for good.
    pub bounces: bool,
}

type PersonTuple = (Uuid, Option<String>, Option<i64>, i64);

fn read((id, language, birth_year, link_epoch): PersonTuple) -> PersonRow {
    PersonRow { id, language, birth_year, link_epoch }
}

impl Store {
    /// Where a person lives, as the business has it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_region(&self, id: Uuid) -> Result<Option<String>, StoreError> {
        let row: Option<(Option<String>,)> = on_pool!(&self.quick, db =>
            sqlx::query_as("select region from person where id = $1")
                .bind(id)
                .fetch_optional(db)
                .await)?;
        Ok(row.and_then(|(region,)| region))
    }

    /// A person by id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_person(&self, id: Uuid) -> Result<Option<PersonRow>, StoreError> {
        let row: Option<PersonTuple> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, language, birth_year, link_epoch from person where id = $1")
            .bind(id)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(read))
    }

    /// The person that somebody became by merging, or themselves.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_survivor(&self, id: Uuid) -> Result<Uuid, StoreError> {
        let row: Option<(Uuid,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select merged_into from person where id = $1 and merged_into is not null")
            .bind(id)
            .fetch_optional(db)
            .await)?;
        Ok(row.map_or(id, |(survivor,)| survivor))
    }

    /// The next people after an id, in order of id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_people(&self, after: Uuid, limit: i64) -> Result<Vec<PersonRow>, StoreError> {
        let rows: Vec<PersonTuple> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, language, birth_year, link_epoch from person
             where id > $1 order by id limit $2")
            .bind(after)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// How many people there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_people(&self) -> Result<i64, StoreError> {
        let (count,): (i64,) = on_pool!(&self.quick, db =>
            sqlx::query_as("select count(*) from person").fetch_one(db).await)?;
        Ok(count)
    }

    /// People known by any of these digests, newest record last.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_people_by_digest(
        &self,
        digests: &[Vec<u8>],
    ) -> Result<Vec<Uuid>, StoreError> {
        if digests.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(Uuid,)> = on_pool!(&self.quick, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "select distinct person_id from identifier where digest in (");
            push_list(&mut statement, digests.iter());
            statement.push(") order by person_id");
            statement.build_query_as().fetch_all(db).await
        })?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// What people are known by.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_identifiers(
        &self,
        people: &[Uuid],
    ) -> Result<Vec<IdentifierRow>, StoreError> {
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Identified> = on_pool!(&self.quick, db => {
            let mut statement = sqlx::QueryBuilder::<Db>::new(
                "select person_id, kind, cipher, bounced_at from identifier where person_id in (");
            push_list(&mut statement, people.iter().copied());
            statement.push(") order by person_id, kind, created_at, digest");
            statement.build_query_as().persistent(people.len() == 1).fetch_all(db).await
        })?;
        let read = |(person_id, kind, cipher, bounced_at): (_, _, _, Option<i64>)| IdentifierRow {
            person_id,
            kind,
            cipher,
            bounces: bounced_at.is_some(),
        };
        Ok(rows.into_iter().map(read).collect())
    }
}

type Identified = (Uuid, String, Option<Vec<u8>>, Option<i64>);

/// An identifier as an import needs it: whose, and whether it may already be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Whose.
    pub person_id: Uuid,
    /// Keyed hash of the normal form.
    pub digest: Vec<u8>,
    /// email, phone or customer.
    pub kind: String,
    /// Whether its sealed form is there.
    pub sealed: bool,
    /// When it was last named, in milliseconds since 1970.
    pub created_at: i64,
}

impl Group {
    /// What is known of these people.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_details(&mut self, people: &[Uuid]) -> Result<Vec<Known>, StoreError> {
        type Row = (Uuid, Option<Vec<u8>>, Option<String>, Option<String>, Option<i64>, i64);
        let mut known = Vec::with_capacity(people.len());
        for part in people.chunks(500) {
            let rows: Vec<Row> = on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select id, name, language, region, birth_year, created_at
                     from person where id in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(")");
                statement.build_query_as().persistent(part.len() == 500).fetch_all(db).await
            })?;
            known.extend(rows.into_iter().map(
                |(id, name, language, region, birth_year, created_at)| Known {
                    id,
                    name,
                    language,
                    region,
                    birth_year,
                    created_at,
                },
            ));
        }
        Ok(known)
    }

    /// What these people are known by.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_marks(&mut self, people: &[Uuid]) -> Result<Vec<Mark>, StoreError> {
        let mut marks = Vec::with_capacity(people.len());
        for part in people.chunks(500) {
            let rows: Vec<(Uuid, Vec<u8>, String, bool, i64)> = on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select person_id, digest, kind, cipher is not null, created_at
                     from identifier where person_id in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(")");
                statement.build_query_as().persistent(part.len() == 500).fetch_all(db).await
            })?;
            let read = |(person_id, digest, kind, sealed, created_at)| Mark {
                person_id,
                digest,
                kind,
                sealed,
                created_at,
            };
            marks.extend(rows.into_iter().map(read));
        }
        Ok(marks)
    }

    /// Those of these people who have no customer number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_bare(&mut self, people: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        let mut bare = Vec::new();
        for part in people.chunks(500) {
            let rows: Vec<(Uuid,)> = on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select id from person
                     where not exists (select 1 from identifier
                                       where person_id = person.id and kind = 'customer')
                       and id in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(")");
                statement.build_query_as().persistent(part.len() == 500).fetch_all(db).await
            })?;
            bare.extend(rows.into_iter().map(|(id,)| id));
        }
        Ok(bare)
    }
}
