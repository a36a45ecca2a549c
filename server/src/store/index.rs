//! What the index reads: everyone once, and then whoever changed.

use std::collections::HashMap;

use domain::{Act, Moment, Position, Source, Target, Voice};
use sqlx::error::BoxDynError;
use sqlx::postgres::PgListener;
use sqlx::{Database, Decode, Type};
use uuid::Uuid;

use super::group::CHANGED;
use super::pool::{Pool, Store, StoreError, on_pool, push_list};

/// How far the ledger and the people have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Position of the newest entry.
    pub position: Position,
    /// How many groups changed something about people.
    pub revision: i64,
}

/// What decides for one person, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portrait {
    /// The person.
    pub id: Uuid,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// The change that was seen last.
    pub revision: i64,
    /// Into whom they were merged.
    pub merged_into: Option<Uuid>,
    /// The starts of the keyed hashes they are known by.
    pub digests: Vec<[u8; 12]>,
    /// Their entries, oldest first.
    pub steps: Vec<(Position, Target, Act, Moment, Voice)>,
}

/// The start of a keyed hash; the rest is left where it is.
struct Start([u8; 12]);

impl<DB: Database> Type<DB> for Start
where
    [u8]: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <[u8]>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <[u8]>::compatible(ty)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Start
where
    &'r [u8]: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let digest = <&[u8]>::decode(value)?;
        digest.first_chunk().copied().map(Self).ok_or_else(|| "a digest is too short".into())
    }
}

type PersonTuple = (Uuid, Option<String>, Option<i64>, i64, Option<Uuid>);
type StepTuple = (Uuid, i64, String, String, i64, i64, String);

/// The people of which a question is asked.
enum Asked<'a> {
    /// Those between two ids, the first not included.
    Between(Uuid, Uuid),
    /// These.
    These(&'a [Uuid]),
}

/// Asks `$text` of some people; `$column` names them, `$end` orders the rows.
macro_rules! ask {
    ($store:expr, $asked:expr, $text:literal, $column:literal, $end:literal) => {
        on_pool!(&$store.quick, db => match $asked {
            Asked::Between(after, until) => {
                const TEXT: &str = concat!(
                    $text, " where ", $column, " > $1 and ", $column, " <= $2", $end);
                sqlx::query_as(TEXT).bind(*after).bind(*until).fetch_all(db).await
            }
            Asked::These(people) => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    concat!($text, " where ", $column, " in ("));
                push_list(&mut statement, people.iter().copied());
                statement.push(concat!(")", $end));
                statement.build_query_as().persistent(people.len() == 1).fetch_all(db).await
            }
        })
    };
}

impl Store {
    /// How far things have come.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_reached(&self) -> Result<Reached, StoreError> {
        let (position, revision): (i64, i64) = on_pool!(&self.quick, db =>
            sqlx::query_as("select position, revision from ledger_head where id = 1")
                .fetch_one(db)
                .await)?;
        Ok(Reached { position: Position(position), revision })
    }

    /// How many identifiers there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_identifiers(&self) -> Result<i64, StoreError> {
        let (count,): (i64,) = on_pool!(&self.quick, db =>
            sqlx::query_as("select count(*) from identifier").fetch_one(db).await)?;
        Ok(count)
    }

    /// The next people after an id, in order of id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_portraits(
        &self,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<Portrait>, StoreError> {
        let people: Vec<PersonTuple> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, language, birth_year, revision, merged_into from person
             where id > $1 order by id limit $2")
            .bind(after)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        let Some((last, ..)) = people.last() else { return Ok(Vec::new()) };
        let asked = Asked::Between(after, *last);
        self.portray(people, &asked).await
    }

    /// Some people.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_portraits_of(&self, ids: &[Uuid]) -> Result<Vec<Portrait>, StoreError> {
        let mut portraits = Vec::with_capacity(ids.len());
        for part in ids.chunks(500) {
            let asked = Asked::These(part);
            let people: Vec<PersonTuple> = ask!(
                self,
                &asked,
                "select id, language, birth_year, revision, merged_into from person",
                "id",
                " order by id"
            )?;
            portraits.extend(self.portray(people, &asked).await?);
        }
        Ok(portraits)
    }

    /// Adds to each person what they are known by and what they chose.
    async fn portray(
        &self,
        people: Vec<PersonTuple>,
        asked: &Asked<'_>,
    ) -> Result<Vec<Portrait>, StoreError> {
        let known: Vec<(Uuid, Start)> = ask!(
            self,
            asked,
            "select person_id, digest from identifier",
            "person_id",
            " order by person_id"
        )?;
        let chosen: Vec<StepTuple> = ask!(
            self,
            asked,
            "select person_id, position, target, act, number, at, source from choice",
            "person_id",
            " order by person_id, position"
        )?;
        let mut known = known.into_iter().peekable();
        let mut chosen = chosen.into_iter().peekable();
        let mut targets = HashMap::new();
        let mut portraits = Vec::with_capacity(people.len());
        for (id, language, birth_year, revision, merged_into) in people {
            let (mut digests, mut steps) = (Vec::new(), Vec::new());
            // A row of somebody who came between two of the questions is passed over.
            while let Some((of, Start(digest))) = known.next_if(|(of, _)| *of <= id) {
                if of == id {
                    digests.push(digest);
                }
            }
            while let Some(row) = chosen.next_if(|row| row.0 <= id) {
                if row.0 == id {
                    steps.push(read_step(row, &mut targets)?);
                }
            }
            portraits.push(Portrait {
                id,
                language,
                birth_year,
                revision,
                merged_into,
                digests,
                steps,
            });
        }
        Ok(portraits)
    }

    /// Whose entries stand between two positions, the first not included.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_people_with_choices(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<Uuid>, StoreError> {
        let rows: Vec<(Uuid,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select distinct person_id from choice where position > $1 and position <= $2")
            .bind(after.0)
            .bind(until.0)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Who changed between two revisions, the first not included.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_changed_people(
        &self,
        after: i64,
        until: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        let rows: Vec<(Uuid,)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id from person where revision > $1 and revision <= $2")
            .bind(after)
            .bind(until)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Hears of groups that other nodes write; none where the engine can't tell.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn listen(&self) -> Result<Option<PgListener>, StoreError> {
        let Pool::Postgres(db) = &self.quick else { return Ok(None) };
        let mut listener = PgListener::connect_with(db).await?;
        listener.listen(CHANGED).await?;
        Ok(Some(listener))
    }
}

/// Reads an entry. There are few targets, so `targets` remembers those read before.
fn read_step(
    row: StepTuple,
    targets: &mut HashMap<String, Target>,
) -> Result<(Position, Target, Act, Moment, Voice), StoreError> {
    let (_, position, text, act, number, at, source) = row;
    let unreadable = || StoreError::Unreadable("choice");
    let target = if let Some(known) = targets.get(&text) {
        known.clone()
    } else {
        let target = text.parse::<Target>().map_err(|_| unreadable())?;
        targets.insert(text, target.clone());
        target
    };
    let act = Act::from_parts(&act, number).ok_or_else(unreadable)?;
    let source = Source::from_word(&source).ok_or_else(unreadable)?;
    Ok((Position(position), target, act, Moment(at), source.into()))
}
