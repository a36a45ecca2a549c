//! The ledger's entries as records of requests.

use std::collections::{HashMap, VecDeque};

use domain::choice::{Actor, Entry};
use domain::{Choice, Moment, Position};

use super::record::{Record, Response, Right};
use super::{ExportError, Span};
use crate::proof::keys::ProofKeys;
use crate::store::{Store, StoreError};

/// Entries read at a time.
const PART: i64 = 2_000;

/// Requests held back, for more entries of them may follow: those of a command stand behind one
/// another, those of two commands that one message made soon after.
const HELD: usize = 64;

/// Hands over every request of a span that choices were made of, in the ledger's order. One that a
/// system told of later was answered when it was told.
pub(super) async fn each(
    store: &Store,
    keys: &ProofKeys,
    span: Span,
    take: &mut impl FnMut(Record) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut held = VecDeque::with_capacity(HELD + 1);
    let mut last = Position(0);
    loop {
        let rows = store.list_ledger(last, PART).await?;
        if rows.is_empty() {
            return held.into_iter().try_for_each(take);
        }
        let told: HashMap<i64, i64> =
            store.list_told_moments(last, PART).await?.into_iter().collect();
        for row in rows {
            let choice = row.map_err(|_| StoreError::Unreadable("choice"))?.choice;
            last = choice.position;
            let told = told.get(&last.0).map(|at| Moment(*at));
            if span.holds(choice.entry.at) && is_asked(&choice.entry, told) {
                join(&mut held, record(keys, &choice, told));
            }
            if held.len() > HELD
                && let Some(oldest) = held.pop_front()
            {
                take(oldest)?;
            }
        }
    }
}

/// Whether somebody asked for an entry. What the business records of its own accord is no request:
/// a file of customers, two records that become one, what follows from an erasure. Systems make
/// such entries, and nobody told them of it.
fn is_asked(entry: &Entry, told: Option<Moment>) -> bool {
    entry.actor != Actor::System || told.is_some()
}

/// Adds a record, or its target to that of the same request: a browser's signal or an agent's
/// message makes an entry for each purpose and is one request.
fn join(held: &mut VecDeque<Record>, record: Record) {
    match held.iter_mut().find(|earlier| earlier.reference == record.reference) {
        None => held.push_back(record),
        Some(earlier) if earlier.target.split(' ').any(|target| target == record.target) => {}
        Some(earlier) => {
            earlier.target.push(' ');
            earlier.target.push_str(&record.target);
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
        notice: Some(entry.notice.0),
        language: entry.language.tag(),
        principal: keys.principal("person", entry.person.0.as_bytes()),
        reference: entry.reference.as_str().to_owned(),
    }
}
