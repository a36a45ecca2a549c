//! Making a receipt for what somebody chose.

use std::sync::Arc;

use app::portal::{Handle, Notice, Portal, PortalError};
use domain::choice::{Actor, Entry};
use domain::event::{Event, events, unknown_past};
use domain::{Act, Choice, Moment, NoticeNumber, Position, Reference, Source, Target};
use serde_json::Value;

use super::daily::signed_head;
use super::document::{Anchor, Making, document};
use super::summary::Summary;
use crate::service::Service;
use crate::store::StoreError;

/// A receipt with what its page shows.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The notice that was shown.
    pub notice: Arc<Notice>,
    /// The entry.
    pub entry: Entry,
    /// Its place; none for the acknowledgement of a form.
    pub position: Option<Position>,
    /// What it did, switch by switch.
    pub events: Vec<Event>,
    /// The document.
    pub receipt: Value,
    /// What was signed of it.
    pub summary: Summary,
    /// The signature.
    pub signature: String,
}

/// What somebody asked for on the form without a link.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// For whom.
    pub handle: &'a Handle,
    /// About what.
    pub target: &'a Target,
    /// The number they were told.
    pub reference: &'a Reference,
    /// When.
    pub at: Moment,
    /// In which language.
    pub language: domain::Language,
}

fn logged(error: &StoreError) -> PortalError {
    tracing::error!(%error, "a receipt can't be made");
    PortalError::Unavailable
}

/// The receipt of the entry at a position of somebody's history, which is given in ledger order;
/// nothing when it is not theirs, or when there is no key to sign with.
///
/// # Errors
/// [`PortalError::Unavailable`] when the store fails.
pub async fn issue(
    service: &Service,
    base_url: &str,
    history: &[Choice],
    position: Position,
) -> Result<Option<Issued>, PortalError> {
    let place = history.iter().position(|choice| choice.position == position);
    let Some(history) = place.map(|place| &history[..=place]) else { return Ok(None) };
    let Some(choice) = history.last() else { return Ok(None) };
    let link = service.store.find_link_of_entry(position.0).await.map_err(|e| logged(&e))?;
    let Some(link) = link.and_then(|link| link.try_into().ok()) else { return Ok(None) };
    let keys = service.vault.proof();
    let principal = keys.principal("person", choice.entry.person.0.as_bytes());
    let anchor = Anchor::Entry { position, link };
    make(service, base_url, &choice.entry, &anchor, &principal, |notice| {
        events(&notice.catalogue, history)
    })
    .await
}

/// The acknowledgement of a form: it says what was asked for and when, and neither whether anybody
/// is known by the address nor whether anything had to change.
///
/// # Errors
/// [`PortalError::Unavailable`] when the store fails.
pub async fn acknowledge(
    service: &Service,
    base_url: &str,
    asked: &Asked<'_>,
) -> Result<Option<Issued>, PortalError> {
    let day = super::head::day_of(asked.at);
    let heads = service.store.list_published_heads(day, 1).await.map_err(|e| logged(&e))?;
    let anchor = Anchor::Head(heads.first().map(signed_head));
    let digest = asked.handle.digests.first().map_or(&[][..], |(_, digest)| digest.as_slice());
    let entry = Entry {
        person: domain::PersonId(uuid::Uuid::nil()),
        target: asked.target.clone(),
        act: Act::Withdrawn,
        source: Source::Form,
        actor: Actor::Person,
        notice: service.notice().number,
        language: asked.language,
        at: asked.at,
        reference: asked.reference.clone(),
    };
    let principal = service.vault.proof().principal("handle", digest);
    make(service, base_url, &entry, &anchor, &principal, |notice| {
        unknown_past(&notice.catalogue, asked.target)
    })
    .await
}

async fn make(
    service: &Service,
    base_url: &str,
    entry: &Entry,
    anchor: &Anchor,
    principal: &str,
    events: impl FnOnce(&Notice) -> Vec<Event>,
) -> Result<Option<Issued>, PortalError> {
    let Some(notice) = service.find_notice(entry.notice).await? else { return Ok(None) };
    let hash = notice_hash(service, entry.notice).await?;
    let events = events(&notice);
    let making = Making {
        base_url,
        notice: &notice,
        notice_hash: &hash,
        entry,
        events: &events,
        anchor,
        principal,
    };
    let Some(receipt) = document(&making, service.vault.proof()) else { return Ok(None) };
    let signature = receipt.pointer("/proof/signature").and_then(Value::as_str);
    let (Some(summary), Some(signature)) = (Summary::of(&receipt), signature.map(str::to_owned))
    else {
        return Ok(None);
    };
    let position = summary.position.map(Position);
    let entry = entry.clone();
    Ok(Some(Issued { notice, entry, position, events, receipt, summary, signature }))
}

async fn notice_hash(service: &Service, number: NoticeNumber) -> Result<Vec<u8>, PortalError> {
    let row = service.store.find_notice(number.0).await.map_err(|e| logged(&e))?;
    Ok(row.map(|row| row.hash).unwrap_or_default())
}
