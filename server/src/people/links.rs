//! Personal links.

use domain::contact::{Email, IdentifierKind};
use uuid::Uuid;

use super::fit::check_keys;
use crate::cli::{Failure, Premises};
use crate::store::PersonRow;
use crate::vault::token_digest;

/// A person's link under a base URL; its digest is stored.
///
/// # Errors
/// A sentence for the person at the keyboard.
pub async fn mint(premises: &Premises, person: &PersonRow, base: &str) -> Result<String, Failure> {
    let (link, row) = forge(premises, person, base);
    premises.store.insert_links(&[row]).await.map_err(Failure::new)?;
    Ok(link)
}

/// A person's link, and the row that lets it be found.
pub(super) fn forge(
    premises: &Premises,
    person: &PersonRow,
    base: &str,
) -> (String, (Vec<u8>, Uuid, i64)) {
    let token = premises.vault.link_token(person.id, person.link_epoch);
    let digest = token_digest(&token).unwrap_or_default();
    (format!("{base}{}", app::routes::link(&token)), (digest, person.id, person.link_epoch))
}

/// Everybody with an email address, the newest record last.
///
/// # Errors
/// A sentence for the person at the keyboard, without the address.
pub async fn list_by_email(premises: &Premises, email: &Email) -> Result<Vec<Uuid>, Failure> {
    let digests = premises.vault.digest_list(IdentifierKind::Email, email.as_str());
    premises.store.list_people_by_digest(&digests).await.map_err(Failure::new)
}

/// What is said where an email address leads to nobody.
#[must_use]
pub fn nobody() -> Failure {
    Failure::new("nobody is known by that email address")
}

/// The links of everybody with an email address. With `rotate`, the links before stop opening
/// anything; they still opt out for a while.
///
/// # Errors
/// A sentence for the person at the keyboard, without the address.
pub async fn link(
    premises: &Premises,
    email: &Email,
    base: &str,
    rotate: bool,
) -> Result<Vec<String>, Failure> {
    check_keys(premises).await?;
    let people = list_by_email(premises, email).await?;
    if people.is_empty() {
        return Err(nobody());
    }
    let mut links = Vec::with_capacity(people.len());
    for id in people {
        if rotate {
            let now = premises.clock.now().0;
            premises.store.record_rotation(id, now).await.map_err(Failure::new)?;
        }
        if let Some(person) = premises.store.find_person(id).await.map_err(Failure::new)? {
            links.push(mint(premises, &person, base).await?);
        }
    }
    Ok(links)
}
