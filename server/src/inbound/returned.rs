//! What a report does: it marks an address, and nothing else.

use app::portal::Portal;
use domain::contact::{Email, IdentifierKind};
use domain::moment::DAY;
use uuid::Uuid;

use super::filing::not_kept;
use super::mail::Mail;
use super::{NotKept, Outcome, Report};
use crate::service::Service;
use crate::unsubscribe::token_of;

/// Milliseconds after which no report of a letter is believed: servers try for days and not weeks
/// (RFC 5321 §4.5.4.1).
const RETURNS: i64 = 30 * DAY;

/// Marks addresses that mail will never reach: the one that the report names, where it encloses a
/// letter of ours to whoever has that address, since anybody can write a report; or the one that a
/// tag in the return address stands for (VERP), since reports may name what it was forwarded to.
pub(super) async fn bounced(
    service: &Service,
    mail: &Mail,
    report: &Report,
) -> Result<Outcome, NotKept> {
    let (mut marked, now) = (0, service.clock.now().0);
    let for_good = || report.failed.iter().filter(|failed| failed.for_good);
    if let Some(reader) = reader(service, report).await? {
        for failed in for_good() {
            let digests = digests(service, &failed.address);
            let people = service.store.list_people_by_digest(&digests).await.map_err(not_kept)?;
            if people.contains(&reader) {
                marked += service.store.record_bounce(&digests, now).await.map_err(not_kept)?;
            }
        }
    }
    if marked == 0
        && for_good().next().is_some()
        && let Some(address) = tagged_address(service, mail).await?
    {
        let digests = digests(service, &address);
        marked += service.store.record_bounce(&digests, now).await.map_err(not_kept)?;
    }
    Ok(if marked > 0 { Outcome::Bounced } else { Outcome::Ignored })
}

/// To whom the letter went that a report encloses, if it is one of ours and not old.
async fn reader(service: &Service, report: &Report) -> Result<Option<Uuid>, NotKept> {
    let Some(letter) = report.letter else { return Ok(None) };
    let since = service.clock.now().plus(-RETURNS).0;
    service.store.find_reader(letter, since).await.map_err(not_kept)
}

/// The only address of whom a tag stands for.
async fn tagged_address(service: &Service, mail: &Mail) -> Result<Option<Email>, NotKept> {
    for token in mail.recipients.iter().filter_map(|address| token_of(address)) {
        let Some(person) = service.open_link(&token).await.map_err(not_kept)? else { continue };
        let known = service.store.list_identifiers(&[person.0]).await.map_err(not_kept)?;
        let kind = IdentifierKind::Email.as_str();
        let emails = known.iter().filter(|row| row.kind == kind);
        let mut emails =
            emails.filter_map(|row| service.vault.open(kind, row.cipher.as_deref()?)?.parse().ok());
        if let (Some(only), None) = (emails.next(), emails.next()) {
            return Ok(Some(only));
        }
    }
    Ok(None)
}

/// The keyed hashes of an address.
pub(super) fn digests(service: &Service, email: &Email) -> Vec<Vec<u8>> {
    service.vault.digest_list(IdentifierKind::Email, email.as_str())
}
