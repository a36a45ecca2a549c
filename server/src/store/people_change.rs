//! Merging and erasing people.

use uuid::Uuid;

use super::group::{Group, on_work};
use super::pool::{Store, StoreError, on_pool, push_list};

impl Group {
    /// Those of these people who were merged into another, with whom.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_merged(&mut self, people: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let mut merged = Vec::new();
        for part in people.chunks(500) {
            let rows: Vec<(Uuid, Uuid)> = on_work!(&mut self.work, db => {
                let mut statement = sqlx::QueryBuilder::<Db>::new(
                    "select id, merged_into from person
                     where merged_into is not null and id in (");
                push_list(&mut statement, part.iter().copied());
                statement.push(")");
                statement.build_query_as().persistent(part.len() == 1).fetch_all(db).await
            })?;
            merged.extend(rows);
        }
        Ok(merged)
    }

    /// What a person is known by, sealed, with its kind.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_ciphers(
        &mut self,
        person: Uuid,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let rows = on_work!(&mut self.work, db => sqlx::query_as(
            "select kind, cipher from identifier
             where person_id = $1 and cipher is not null order by kind, created_at")
            .bind(person)
            .fetch_all(db)
            .await)?;
        Ok(rows)
    }

    /// Sends every delivery of these people again: somebody gained an address, and systems know
    /// them by the old one only. What was confirmed is so no more: it begins anew, with as long again
    /// as it had.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_told_again(&mut self, people: &[Uuid], now: i64) -> Result<(), StoreError> {
        for person in people {
            let last = self.head.turn;
            let done = on_work!(&mut self.work, db => sqlx::query(
                "update delivery
                 set state = 'queued', attempts = 0, next_at = $2, failure = null,
                     due_at = case when acknowledged_at is null then due_at
                                   else $2 + due_at - created_at end,
                     created_at = case when acknowledged_at is null then created_at else $2 end,
                     acknowledged_at = null,
                     turn = told.turn
                 from (select id, $3 + row_number() over (order by position, system) as turn
                       from delivery
                       where position in (select position from choice where person_id = $1)) as told
                 where delivery.id = told.id")
                .bind(*person)
                .bind(now)
                .bind(last)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
            self.head.turn += i64::try_from(done).unwrap_or(0);
        }
        Ok(())
    }

    /// Makes one of two people: what the giver is known by, and fields that the receiver lacks,
    /// become the receiver's. The giver's links only restrict from now on.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_merge(
        &mut self,
        giver: Uuid,
        receiver: Uuid,
        now: i64,
    ) -> Result<(), StoreError> {
        const MOVES: [&str; 8] = [
            "insert into identifier (digest, person_id, kind, key_id, cipher, created_at, bounced_at)
             select digest, $2, kind, key_id, cipher, created_at, bounced_at from identifier
             where person_id = $1
             on conflict (digest, person_id) do update
             set cipher = coalesce(identifier.cipher, excluded.cipher)",
            "delete from identifier where person_id = $1 and person_id <> $2",
            "update person
             set name = coalesce(person.name, giver.name),
                 language = coalesce(person.language, giver.language),
                 region = coalesce(person.region, giver.region),
                 birth_year = coalesce(person.birth_year, giver.birth_year)
             from person as giver where person.id = $2 and giver.id = $1",
            // Of two years the later one protects longer (Cal. Civ. Code 1798.120(c)).
            "update person set birth_year = giver.birth_year
             from person as giver
             where person.id = $2 and giver.id = $1 and giver.birth_year > person.birth_year",
            "update person set merged_into = $2 where id = $1 or merged_into = $1",
            "update person
             set name = null, language = null, region = null, birth_year = null
             where id = $1 and id <> $2",
            "delete from code where person_id = $1 and person_id <> $2",
            "update short_code set person_id = $2 where person_id = $1",
        ];
        for statement in MOVES {
            on_work!(&mut self.work, db => sqlx::query(statement)
                .bind(giver)
                .bind(receiver)
                .execute(db)
                .await
                .map(|_| ()))?;
        }
        on_work!(&mut self.work, db => sqlx::query(
            "update link set person_id = $2, retired_at = coalesce(retired_at, $3)
             where person_id = $1")
            .bind(giver)
            .bind(receiver)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Erases all that can be read of a person. The keyed hashes stay, so that what they chose
    /// still holds when their address comes again; their links only restrict from now on. What
    /// is on its way to systems carries the sealed contact until they have confirmed, or until
    /// [`Store::delete_contacts`].
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_erasure(
        &mut self,
        person: Uuid,
        contact: &[u8],
        now: i64,
    ) -> Result<(), StoreError> {
        const FORGETS: [&str; 4] = [
            "update identifier set cipher = null where person_id = $1",
            "delete from code where person_id = $1",
            "update origin set detail = null, evidence = null
             where position in (select position from choice where person_id = $1)",
            // That somebody asked, and what the answer was, stays (11 CCR 7101).
            "update request set sealed = null
             where person_id in (select id from person where id = $1 or merged_into = $1)",
        ];
        const ERASES: [&str; 3] = [
            "update person
             set name = null, language = null, region = null, birth_year = null,
                 link_epoch = link_epoch + 1, erased_at = $2
             where id = $1",
            "update link set retired_at = $2 where person_id = $1 and retired_at is null",
            "update letter set state = 'dropped', sealed = null, ended_at = $2
             where person_id = $1 and ended_at is null",
        ];
        on_work!(&mut self.work, db => sqlx::query(
            "update delivery set contact = $2
             where acknowledged_at is null and contact is null
               and position in (select position from choice where person_id = $1)")
            .bind(person)
            .bind(contact)
            .execute(db)
            .await
            .map(|_| ()))?;
        for statement in ERASES {
            on_work!(&mut self.work, db => sqlx::query(statement)
                .bind(person)
                .bind(now)
                .execute(db)
                .await
                .map(|_| ()))?;
        }
        for statement in FORGETS {
            on_work!(&mut self.work, db => sqlx::query(statement)
                .bind(person)
                .execute(db)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }
}

impl Store {
    /// Forgets the sealed contact of people who were erased up to a moment, where a system has not
    /// confirmed by its deadline. What it never took has failed for good, with this as the reason.
    /// Says of how many deliveries.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_contacts(
        &self,
        erased_up_to: i64,
        now: i64,
        failure: &str,
    ) -> Result<u64, StoreError> {
        let done = on_pool!(&self.durable, db => sqlx::query(
            "update delivery
             set contact = null,
                 failure = case when state = 'sent' then failure else $3 end,
                 state = case when state = 'sent' then state else 'failed' end
             where state <> 'acknowledged' and due_at < $2 and contact is not null
               and exists (select 1 from choice
                           join person on person.id = choice.person_id
                           where choice.position = delivery.position and person.erased_at <= $1)")
            .bind(erased_up_to)
            .bind(now)
            .bind(failure)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(done)
    }
}
