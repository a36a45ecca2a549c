//! The ledger's entries as records of requests.

use std::collections::HashMap;

use domain::{Choice, Moment, Position};

use super::record::{Record, Response, Right};
use super::{ExportError, Span};
use crate::proof::keys::ProofKeys;
use crate::store::{Store, StoreError};

/// Entries read at a time.
const PART: i64 = 2_000;

/// Hands over every choice that was made within a span, in the ledger's order. An entry that a
/// system told of later was answered when it was told.
pub(super) async fn each(
    store: &Store,
    keys: &ProofKeys,
    span: Span,
    take: &mut impl FnMut(Record) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut last = Position(0);
    loop {
        let rows = store.list_ledger(last, PART).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let told: HashMap<i64, i64> =
            store.list_told_moments(last, PART).await?.into_iter().collect();
        for row in rows {
            let choice = row.map_err(|_| StoreError::Unreadable("choice"))?.choice;
            last = choice.position;
            if span.holds(choice.entry.at) {
                let told = told.get(&last.0).map(|at| Moment(*at));
                take(record(keys, &choice, told))?;
            }
        }
    }
}

fn record(keys: &ProofKeys, choice: &Choice, told: Option<Moment>) -> Record {
    let entry = &choice.entry;
    Record {
        id: format!("choice-{}", choice.position.0),
        received: entry.at,
        right: Right::of(entry.act, &entry.target),
        nature: entry.act.as_str(),
        target: entry.target.to_string(),
        manner: entry.source.as_str(),
        actor: entry.actor.as_str(),
        responded: Some(told.unwrap_or(entry.at)),
        response: Some(Response::Complied),
        denial_basis: String::new(),
        notice: entry.notice.0,
        language: entry.language.tag(),
        principal: keys.principal("person", entry.person.0.as_bytes()),
        reference: entry.reference.as_str().to_owned(),
    }
}
