//! Putting one customer, by the rules of an import: it can tighten what they chose, never loosen.

use domain::Source;
use domain::decision::Standpoint;
use uuid::Uuid;

use super::arrive::Circumstances;
use super::blocks::Customer;
use super::crowd::Crowd;
use super::fields::{Fields, year_of};
use super::import::Report;
use super::row::Reason;
use crate::service::Service;
use crate::store::{Group, StoreError};
use crate::tell::Duties;

/// What putting a customer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Put {
    /// They were not known by this number before.
    pub created: bool,
    /// Opt-outs and pauses taken over from people with the same address or number.
    pub carried: u64,
}

/// Commits a group that changed what people are known by or what is known of them, so that every
/// index hears of it, and this node's own before anyone is told.
pub(super) async fn commit(
    service: &Service,
    mut group: Group,
    people: &[Uuid],
) -> Result<(), StoreError> {
    group.record_change(people.iter().copied()).await?;
    group.commit().await?;
    // It is on disk: an index that can't look now finds out by itself.
    if let Err(error) = service.index.look_at(&service.store, people).await {
        tracing::warn!(%error, "the index looks again later");
    }
    Ok(())
}

/// Whether a year of birth says that somebody may be under 16.
pub(super) fn is_minor(service: &Service, birth_year: Option<i64>) -> bool {
    let birth_year = birth_year.and_then(|year| u16::try_from(year).ok());
    Standpoint { birth_year }.is_minor(service.clock.now())
}

/// Creates or changes a customer; fields that are empty change nothing. Where it may protect
/// somebody, `spend` is not asked: a choice may go along, or somebody may become a minor.
///
/// # Errors
/// The inner one says which field is wrong; the outer one is what `spend` refuses with, or a
/// [`StoreError`] when the database fails. Then nothing was changed.
pub async fn put<E: From<StoreError>>(
    service: &Service,
    fields: &Fields<'_>,
    spend: impl FnOnce() -> Result<(), E>,
) -> Result<Result<Put, Reason>, E> {
    let (notice, now) = (service.notices.current(), service.clock.now());
    let row = match fields.read(&notice.catalogue.controller.country, year_of(now)) {
        Ok(row) => row,
        Err(reason) => return Ok(Err(reason)),
    };
    let (vault, random) = (&service.vault, service.random.as_ref());
    let customer = Customer::new(row, vault, random);
    let of = Circumstances { vault, random, notice: &notice, now, source: Source::Api };
    let (mut crowd, mut report) = (Crowd::default(), Report::default());
    let mut group = service.store.begin_group().await?;
    crowd.load(&mut group, std::slice::from_ref(&customer)).await?;
    let chose = crowd.people.values().any(|person| !person.history.is_empty());
    if !chose && !is_minor(service, customer.birth_year) {
        spend()?;
    }
    let created = crowd.owners(&customer.number).next().is_none();
    crowd.arrive(&customer, &of, &mut report);
    let entries = crowd.writes.entries.len();
    let people: Vec<Uuid> = crowd.owners(&customer.number).collect();
    crowd.write(&mut group, &Duties::of(&notice.catalogue), now).await?;
    commit(service, group, &people).await?;
    service.metrics.saved(Source::Api, entries);
    Ok(Ok(Put { created, carried: report.carried }))
}
