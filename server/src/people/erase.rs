//! Erasing a customer: what can be read of them goes, and so do mail and sharing, for good.

use domain::contact::IdentifierKind;
use domain::ledger::Link;
use domain::moment::DAY;
use domain::ratchet::admits;
use domain::{Act, Choice, Source, Target, Voice};
use uuid::Uuid;

use super::change::commit;
use super::merge::{entries, fold, list_by_number};
use crate::service::Service;
use crate::store::{Group, StoreError};
use crate::tell::{Duties, seal_contact};

/// Days from an erasure for which deliveries that no system confirms carry what the person was
/// known by: longer than a system that was away needs to hear of it.
const CONTACT_DAYS: i64 = 90;
/// Why a delivery failed whose person nobody can name any more.
const FORGOTTEN: &str = "erased, and not confirmed in time";

/// What a person is known by, sealed.
async fn contact(
    service: &Service,
    group: &mut Group,
    person: Uuid,
) -> Result<Vec<u8>, StoreError> {
    let mut known = Vec::new();
    for (kind, cipher) in group.list_ciphers(person).await? {
        let kind = IdentifierKind::ALL.into_iter().find(|one| one.as_str() == kind);
        let open = |kind: IdentifierKind| Some((kind, service.vault.open(kind.as_str(), &cipher)?));
        known.extend(kind.and_then(open));
    }
    let known: Vec<_> = known.iter().map(|(kind, normal)| (*kind, normal.as_str())).collect();
    Ok(seal_contact(&service.vault, service.random.as_ref(), &known))
}

/// Erases the customer of a number: name, addresses, everything but keyed hashes. They count as
/// opted out of everything, so that a later import can't bring them back (CAP Code 10.10).
/// False when nobody is known by it.
///
/// # Errors
/// [`StoreError`] when the database fails; then nothing was erased.
pub async fn erase(service: &Service, number: &str) -> Result<bool, StoreError> {
    let now = service.clock.now();
    let mut group = service.store.begin_group().await?;
    let people = list_by_number(service, &mut group, number).await?;
    let choices = group.list_choices(&people).await?;
    let notice = service.notices.current();
    let duties = Duties::of(&notice.catalogue);
    let mut added = 0;
    for person in &people {
        // Whoever must be told still has to hear of whom.
        let contact = contact(service, &mut group, *person).await?;
        let everything = Target::Everything;
        if admits(&fold(&choices, *person), &everything, Act::Withdrawn) {
            let acts = vec![(everything, Act::Withdrawn, Voice::Own)];
            let owed = |choice: &Choice, link: &Link| duties.owed(choice, link, Some(&contact));
            added += group.record(entries(service, *person, acts), owed).await?.len();
        }
        group.record_erasure(*person, &contact, now.0).await?;
    }
    commit(service, group, &people).await?;
    service.metrics.saved(Source::Api, added);
    Ok(!people.is_empty())
}

/// Forgets what people who were erased 90 days ago were known by, also where a system never
/// confirmed. Says of how many deliveries.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub async fn forget_contacts(service: &Service) -> Result<u64, StoreError> {
    let now = service.clock.now();
    service.store.delete_contacts(now.plus(-CONTACT_DAYS * DAY).0, now.0, FORGOTTEN).await
}
