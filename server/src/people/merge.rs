//! Two records of one customer become one: the most protective of two wins.

use domain::choice::{Actor, Entry};
use domain::contact::IdentifierKind;
use domain::ledger::Link;
use domain::ratchet::carry_over;
use domain::{Choice, Language, PersonId, Preferences, Source, Target, Voice};
use uuid::Uuid;

use super::change::{commit, is_minor};
use crate::service::Service;
use crate::store::{Group, StoreError};
use crate::tell::Duties;

/// Two records were not merged: nobody is known by this customer number.
#[derive(Debug, thiserror::Error)]
#[error("nobody is known by {0}")]
pub struct UnknownNumber(&'static str);

/// Everybody who has a customer number, oldest record first.
pub(super) async fn list_by_number(
    service: &Service,
    group: &mut Group,
    number: &str,
) -> Result<Vec<Uuid>, StoreError> {
    let digests = service.vault.digest_list(IdentifierKind::Customer, number);
    let owners = group.list_owners(&digests).await?;
    let mut people: Vec<Uuid> = owners.into_iter().map(|(_, person)| person).collect();
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// Entries that a system of the business makes for a person, under one number.
pub(super) fn entries(
    service: &Service,
    person: Uuid,
    acts: Vec<(Target, domain::Act, Voice)>,
) -> Vec<Entry> {
    let (notice, at) = (service.notices.current(), service.clock.now());
    let reference = service.new_reference();
    let language = notice.catalogue.languages.first().copied().unwrap_or(Language::English);
    let entry = |(target, act, voice): (_, _, Voice)| Entry {
        person: PersonId(person),
        target,
        act,
        source: voice.carried(Source::Api),
        actor: Actor::System,
        notice: notice.number,
        language,
        at,
        reference: reference.clone(),
    };
    acts.into_iter().map(entry).collect()
}

pub(super) fn fold(choices: &[Choice], person: Uuid) -> Preferences {
    let own = choices.iter().filter(|choice| choice.entry.person.0 == person);
    Preferences::fold(&own.cloned().collect::<Vec<_>>())
}

/// Makes one of two people; says how many opt-outs and pauses went along.
async fn absorb(
    service: &Service,
    group: &mut Group,
    giver: Uuid,
    receiver: Uuid,
) -> Result<usize, StoreError> {
    let (notice, now) = (service.notices.current(), service.clock.now());
    let duties = Duties::of(&notice.catalogue);
    let choices = group.list_choices(&[giver, receiver]).await?;
    let acts = carry_over(&fold(&choices, giver), &fold(&choices, receiver), now);
    let carried = acts.len();
    let owed = |choice: &Choice, link: &Link| duties.owed(choice, link, None);
    group.record(entries(service, receiver, acts), owed).await?;
    group.record_merge(giver, receiver, now.0).await?;
    Ok(carried)
}

/// Makes the profiles among some people, of whom nothing but a browser is known, a person's own.
///
/// # Errors
/// [`StoreError`] when the database fails; then nothing was changed.
pub async fn adopt(service: &Service, owners: &[Uuid], person: Uuid) -> Result<(), StoreError> {
    let mut group = service.store.begin_group().await?;
    let others: Vec<Uuid> = owners.iter().copied().filter(|owner| *owner != person).collect();
    let marks = group.list_marks(&others).await?;
    let is_profile = |owner: &Uuid| {
        let browser = IdentifierKind::Browser.as_str();
        marks.iter().filter(|mark| mark.person_id == *owner).all(|mark| mark.kind == browser)
    };
    let mut people = vec![person];
    for profile in others.into_iter().filter(is_profile) {
        absorb(service, &mut group, profile, person).await?;
        people.push(profile);
    }
    if people.len() == 1 {
        return group.rollback().await;
    }
    group.record_told_again(&[person], service.clock.now().0).await?;
    commit(service, group, &people).await
}

/// Whether any of these people has chosen something or may be a minor.
async fn may_protect(
    service: &Service,
    group: &mut Group,
    people: &[Uuid],
) -> Result<bool, StoreError> {
    if !group.list_choices(people).await?.is_empty() {
        return Ok(true);
    }
    let known = group.list_details(people).await?;
    Ok(known.iter().any(|known| is_minor(service, known.birth_year)))
}

/// Merges the record of one customer number into that of another. From then on both numbers, and
/// every address of either, stand for the second; says how many opt-outs and pauses went along.
/// Where it may protect somebody, `spend` is not asked: either has chosen or may be a minor.
///
/// # Errors
/// The inner one says which number nobody is known by; the outer one is what `spend` refuses with,
/// or a [`StoreError`] when the database fails. Then nothing was changed.
pub async fn merge<E: From<StoreError>>(
    service: &Service,
    from: &str,
    into: &str,
    spend: impl FnOnce() -> Result<(), E>,
) -> Result<Result<usize, UnknownNumber>, E> {
    let now = service.clock.now();
    let mut group = service.store.begin_group().await?;
    let givers = list_by_number(service, &mut group, from).await?;
    let receivers = list_by_number(service, &mut group, into).await?;
    let Some(receiver) = receivers.first().copied() else {
        return Ok(Err(UnknownNumber("the number to merge into")));
    };
    if givers.is_empty() {
        return Ok(Err(UnknownNumber("the number to merge")));
    }
    if !may_protect(service, &mut group, &[&*givers, &[receiver]].concat()).await? {
        spend()?;
    }
    let mut carried = 0;
    let mut people = vec![receiver];
    for giver in givers.into_iter().filter(|giver| *giver != receiver) {
        carried += absorb(service, &mut group, giver, receiver).await?;
        people.push(giver);
    }
    group.record_told_again(&[receiver], now.0).await?;
    commit(service, group, &people).await?;
    service.metrics.saved(Source::Api, carried);
    Ok(Ok(carried))
}
