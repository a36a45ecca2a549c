//! Cases that colleagues answer, as records of requests.

use domain::Moment;
use domain::choice::Actor;
use domain::request::Manner;
use uuid::Uuid;

use super::record::{Record, Response, Right};
use super::{ExportError, Span};
use crate::proof::keys::ProofKeys;
use crate::store::{RequestRow, Store};

/// Cases read at a time.
const PART: i64 = 500;

/// Hands over every case that came within a span, oldest first.
pub(super) async fn each(
    store: &Store,
    keys: &ProofKeys,
    span: Span,
    take: &mut impl FnMut(Record) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut last = Uuid::nil();
    loop {
        let rows = store.list_requests_received((span.from.0, span.to.0), last, PART).await?;
        let Some(end) = rows.last() else { return Ok(()) };
        last = end.id;
        rows.iter().try_for_each(|row| take(record(keys, row)))?;
    }
}

fn record(keys: &ProofKeys, row: &RequestRow) -> Record {
    let actor = if row.manner == Manner::Agent { Actor::Agent } else { Actor::Person };
    let person = row.person_id.map(|person| keys.principal("person", person.as_bytes()));
    Record {
        id: format!("request-{}", row.reference),
        received: Moment(row.received_at),
        right: Right::of_case(row.nature),
        nature: row.nature.as_str(),
        target: String::new(),
        manner: row.manner.as_str(),
        actor: actor.as_str(),
        responded: row.responded_at.map(Moment),
        response: row.response.map(Response::of_case),
        denial_basis: row.denial_basis.map(|basis| basis.as_str().to_owned()).unwrap_or_default(),
        notice: None,
        language: row.language.tag(),
        principal: person.unwrap_or_default(),
        reference: row.reference.as_str().to_owned(),
    }
}
