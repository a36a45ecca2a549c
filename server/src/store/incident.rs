//! Reading back what checks of systems' audiences found.

use uuid::Uuid;

use super::pool::{Store, StoreError, on_pool};
use super::reconciliation::{Incident, ReconciliationRow, Tally};

/// A check as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// What was asked.
    pub asked: ReconciliationRow,
    /// What was counted.
    pub tally: Tally,
    /// When it came to its end, in milliseconds since 1970; none for one that broke off.
    pub finished_at: Option<i64>,
}

/// An identifier that can be shown, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// Keyed hash of the normal form.
    pub digest: Vec<u8>,
    /// Whose.
    pub person_id: Uuid,
    /// The sealed normal form.
    pub cipher: Vec<u8>,
}

type Check = (Uuid, String, Option<String>, Option<String>, i64, i64, i64, i64, i64, Option<i64>);

fn check(row: Check) -> CheckRow {
    let (
        id,
        system,
        target,
        api_key,
        started_at,
        lines,
        unreadable,
        strangers,
        broken,
        finished_at,
    ) = row;
    CheckRow {
        asked: ReconciliationRow { id, system, target, api_key, started_at },
        tally: Tally { lines, unreadable, strangers, broken },
        finished_at,
    }
}

type Broken = (i64, Uuid, String, String, i64, i64, Option<String>, Option<i64>, Option<i64>);

fn incident(row: Broken) -> Incident {
    let (line, person_id, target, reason, position, since, delivery, sent_at, acknowledged_at) =
        row;
    Incident {
        line,
        person_id,
        target,
        reason,
        position,
        since,
        delivery,
        sent_at,
        acknowledged_at,
    }
}

impl Store {
    /// Checks, newest first, of one system or of all, before an id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_reconciliations(
        &self,
        system: Option<&str>,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<CheckRow>, StoreError> {
        let rows: Vec<Check> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, system, target, api_key, started_at, lines, unreadable, strangers, broken,
                    finished_at
             from reconciliation
             where ($1 is null or system = $1) and id < $2
             order by id desc limit $3")
            .bind(system)
            .bind(before.unwrap_or(Uuid::max()))
            .bind(limit)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(check).collect())
    }

    /// A check.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_check(&self, id: Uuid) -> Result<Option<CheckRow>, StoreError> {
        let row: Option<Check> = on_pool!(&self.quick, db => sqlx::query_as(
            "select id, system, target, api_key, started_at, lines, unreadable, strangers, broken,
                    finished_at
             from reconciliation where id = $1")
            .bind(id)
            .fetch_optional(db)
            .await)?;
        Ok(row.map(check))
    }

    /// What a check found behind a line, in order of lines.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_incidents(
        &self,
        reconciliation: Uuid,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Incident>, StoreError> {
        let rows: Vec<Broken> = on_pool!(&self.quick, db => sqlx::query_as(
            "select line, person_id, target, reason, position, since, delivery, sent_at,
                    acknowledged_at
             from incident where reconciliation_id = $1 and line > $2 order by line limit $3")
            .bind(reconciliation)
            .bind(after)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        Ok(rows.into_iter().map(incident).collect())
    }

    /// Identifiers of a kind that can be shown, behind a digest and person, in order of both.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn list_sealed(
        &self,
        kind: &str,
        after: &(Vec<u8>, Uuid),
        limit: i64,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let rows: Vec<(Vec<u8>, Uuid, Vec<u8>)> = on_pool!(&self.quick, db => sqlx::query_as(
            "select digest, person_id, cipher from identifier
             where (digest, person_id) > ($2, $3) and kind = $1 and cipher is not null
             order by digest, person_id limit $4")
            .bind(kind)
            .bind(&after.0)
            .bind(after.1)
            .bind(limit)
            .fetch_all(db)
            .await)?;
        let read = |(digest, person_id, cipher)| SealedRow { digest, person_id, cipher };
        Ok(rows.into_iter().map(read).collect())
    }
}
