//! Reading the ledger.

use domain::choice::{Actor, Entry};
use domain::{
    Act, Choice, Language, Moment, NoticeNumber, PersonId, Position, Reference, Source, Target,
};
use uuid::Uuid;

use super::people::PersonRow;
use super::pool::{Store, StoreError, on_pool};

/// A ledger entry with the link stored beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// The entry.
    pub choice: Choice,
    /// Its link in the hash chain.
    pub hash: Vec<u8>,
}

pub(super) type Row =
    (i64, Uuid, String, String, i64, String, String, i64, String, i64, String, Vec<u8>);

/// Reads a row of table `choice`.
pub(super) fn read(row: Row) -> Result<LedgerRow, StoreError> {
    let (
        position,
        person,
        target,
        act,
        number,
        source,
        actor,
        notice,
        language,
        at,
        reference,
        hash,
    ) = row;
    let unreadable = || StoreError::Unreadable("choice");
    let entry = Entry {
        person: PersonId(person),
        target: target.parse::<Target>().map_err(|_| unreadable())?,
        act: Act::from_parts(&act, number)
            // A number that the act does not use is no part of its link, so nobody wrote it.
            .filter(|act| act.number() == number)
            .ok_or_else(unreadable)?,
        source: Source::from_word(&source).ok_or_else(unreadable)?,
        actor: Actor::from_word(&actor).ok_or_else(unreadable)?,
        notice: NoticeNumber(notice),
        language: language.parse::<Language>().map_err(|_| unreadable())?,
        at: Moment(at),
        reference: reference.parse::<Reference>().map_err(|_| unreadable())?,
    };
    Ok(LedgerRow { choice: Choice { position: Position(position), entry }, hash })
}

/// A person's columns, then those of an entry where there is one.
type CustomerRow = (
    Option<String>,
    Option<i64>,
    i64,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<String>,
);

fn read_joined(person: Uuid, row: CustomerRow) -> Option<Row> {
    let (_, _, _, position, target, act, number, source, actor, notice, language, at, reference) =
        row;
    Some((
        position?,
        person,
        target?,
        act?,
        number?,
        source?,
        actor?,
        notice?,
        language?,
        at?,
        reference?,
        Vec::new(),
    ))
}

impl Store {
    /// A person with all their entries, oldest first, in one question: every page asks it. For
    /// one who was merged into another these are the other's.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn find_customer(
        &self,
        person: PersonId,
    ) -> Result<Option<(PersonRow, Vec<Choice>)>, StoreError> {
        let rows: Vec<CustomerRow> = on_pool!(&self.quick, db => sqlx::query_as(
            "select person.language, birth_year, link_epoch, position, target, act, number, source,
                    actor, notice, choice.language, at, reference
             from person left join choice on person_id = id
             where id = (select coalesce(merged_into, id) from person where id = $1)
             order by position")
            .bind(person.0)
            .fetch_all(db)
            .await)?;
        let Some((language, birth_year, link_epoch, ..)) = rows.first().cloned() else {
            return Ok(None);
        };
        let choices = rows.into_iter().filter_map(|row| read_joined(person.0, row));
        let choices: Result<Vec<_>, _> =
            choices.map(|row| read(row).map(|row| row.choice)).collect();
        Ok(Some((PersonRow { id: person.0, language, birth_year, link_epoch }, choices?)))
    }

    /// One person's entries, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn list_choices(&self, person: PersonId) -> Result<Vec<Choice>, StoreError> {
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select position, person_id, target, act, number, source, actor, notice, language, at,
                    reference, hash
             from choice where person_id = $1 order by position")
            .bind(person.0)
            .fetch_all(db)
            .await)?;
        rows.into_iter().map(|row| read(row).map(|row| row.choice)).collect()
    }

    /// The ledger from a position on, with the stored links.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails. A row that can't be read comes back as an error in
    /// its place, so that a check can name it.
    pub async fn list_ledger(
        &self,
        after: Position,
        limit: i64,
    ) -> Result<Vec<Result<LedgerRow, Position>>, StoreError> {
        let rows: Vec<Row> = on_pool!(&self.quick, db => sqlx::query_as(
            "select position, person_id, target, act, number, source, actor, notice, language, at,
                    reference, hash
             from choice where position > $1 order by position limit $2")
            .bind(after.0)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let position = Position(row.0);
                read(row).map_err(|_| position)
            })
            .collect())
    }

    /// The head as stored apart from the entries.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_head(&self) -> Result<(Position, Vec<u8>), StoreError> {
        let (position, hash): (i64, Vec<u8>) = on_pool!(&self.quick, db =>
            sqlx::query_as("select position, hash from ledger_head where id = 1")
                .fetch_one(db)
                .await)?;
        Ok((Position(position), hash))
    }
}
