//! Closing a request: an opt-out only once it is in the ledger, for closing stops nothing itself.

use std::collections::BTreeSet;

use domain::choice::Choice;
use domain::contact::{Contact, Email, IdentifierKind};
use domain::request::{Nature, Response, State};
use domain::{Act, Moment, PersonId, Position, Preferences};
use uuid::Uuid;

use super::answer::{Answer, letter};
use super::filing::open_text;
use crate::identify::read_phone;
use crate::ports::Random;
use crate::store::{Closing, RequestRow, Store, StoreError};
use crate::vault::Vault;

/// What staff found out about a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finding<'a> {
    /// Whose it is: their customer number. Without it, whoever wrote it is looked for.
    pub customer: Option<&'a str>,
    /// They were opted out of what it asks for before it came, so that nothing was to record.
    pub held_before: bool,
}

/// A request was not closed.
#[derive(Debug, thiserror::Error)]
pub enum NotClosed {
    /// It was closed before.
    #[error("it was closed before")]
    Before,
    /// Nobody is known by the customer number.
    #[error("nobody is known by that customer number")]
    Nobody,
    /// The answer says that an opt-out was granted, and the ledger has none.
    #[error("nothing was stopped: the ledger has no opt-out")]
    NothingStopped,
    /// The answer has nowhere to go: the request came from a number.
    #[error(
        "it came from a phone number and no email address is known: an answer by text can't be \
         sent from here"
    )]
    ByText,
    /// The answer has nowhere to go.
    #[error("no email address is known to send the answer to")]
    NoAddress,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Closes an open request. One that grants an opt-out, wholly or in part, needs an opt-out of that
/// person in the ledger, recorded since it came (11 CCR 7026(f)). With an answer it also lays a
/// letter out for sending to whoever made the request: both or neither.
///
/// # Errors
/// [`NotClosed`]; then it is as it was, and nothing is sent.
pub async fn close(
    (store, vault, random): (&Store, &Vault, &dyn Random),
    row: &RequestRow,
    closing: &Closing,
    finding: Finding<'_>,
    answer: Option<&Answer>,
) -> Result<(), NotClosed> {
    check((store, vault), row, closing, finding).await?;
    let closed = match answer {
        None => store.record_closing(&row.reference, closing).await?,
        Some(answer) => {
            let at = Moment(closing.responded_at);
            let letter = letter((store, vault, random), row, finding.customer, answer, at).await?;
            store.record_answered(&row.reference, closing, &letter).await?
        }
    };
    if closed { Ok(()) } else { Err(NotClosed::Before) }
}

/// Whether a request may be closed so.
async fn check(
    (store, vault): (&Store, &Vault),
    row: &RequestRow,
    closing: &Closing,
    finding: Finding<'_>,
) -> Result<(), NotClosed> {
    if row.state == State::Closed {
        return Err(NotClosed::Before);
    }
    let granted = matches!(closing.response, Response::Granted | Response::Partly);
    if closing.nature == Nature::OptOut && granted {
        let people = concerned(store, vault, row, finding.customer).await?;
        if !stopped(store, &people, row.received_at, finding.held_before).await? {
            return Err(NotClosed::NothingStopped);
        }
    }
    Ok(())
}

/// Those whose request it may be, with whom they became by merging.
async fn concerned(
    store: &Store,
    vault: &Vault,
    row: &RequestRow,
    customer: Option<&str>,
) -> Result<BTreeSet<Uuid>, NotClosed> {
    let mut people: BTreeSet<Uuid> = if let Some(number) = customer {
        named(store, vault, number).await?.into_iter().collect()
    } else {
        let digests = writer(vault, row)
            .map(|contact| vault.digest_list(contact.kind(), contact.as_str()))
            .unwrap_or_default();
        let known = store.list_people_by_digest(&digests).await?;
        known.into_iter().chain(row.person_id).collect()
    };
    for person in people.clone() {
        people.insert(store.find_survivor(person).await?);
    }
    Ok(people)
}

/// Whose a customer number is.
pub(super) async fn named(
    store: &Store,
    vault: &Vault,
    number: &str,
) -> Result<Vec<Uuid>, NotClosed> {
    let digests = vault.digest_list(IdentifierKind::Customer, number);
    let known = store.list_people_by_digest(&digests).await?;
    if known.is_empty() { Err(NotClosed::Nobody) } else { Ok(known) }
}

/// The address or number that a request came from.
pub(super) fn writer(vault: &Vault, row: &RequestRow) -> Option<Contact> {
    let filed = open_text(vault, row.sealed.as_deref()?)?;
    if filed.from.contains('@') {
        return filed.from.parse::<Email>().ok().map(Contact::Email);
    }
    // Texts come with the country in the number.
    let number = filed.from.rsplit(':').next()?;
    read_phone(number, "").ok().map(Contact::Phone)
}

/// Whether any of them was opted out of something since a moment; or is at all, where staff say
/// that it held before.
async fn stopped(
    store: &Store,
    people: &BTreeSet<Uuid>,
    since: i64,
    held_before: bool,
) -> Result<bool, StoreError> {
    for person in people {
        let choices = store.list_choices(PersonId(*person)).await?;
        let mut refused = choices.iter().filter(|choice| choice.entry.act == Act::Withdrawn);
        if held_before {
            let held = Preferences::fold(&choices);
            if refused.any(|choice| held.is_withdrawn(&choice.entry.target)) {
                return Ok(true);
            }
            continue;
        }
        for choice in refused {
            if choice.entry.at.0 >= since || told(store, choice).await? >= Some(Moment(since)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// When a system told of an entry, which may be made at an earlier time.
async fn told(store: &Store, choice: &Choice) -> Result<Option<Moment>, StoreError> {
    let before = Position(choice.position.0 - 1);
    let told = store.list_told_moments(before, 1).await?;
    Ok(told.first().map(|(_, at)| Moment(*at)))
}
