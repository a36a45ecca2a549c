//! Making a request of what somebody must read.

use app::portal::Portal;
use domain::calendar::Calendar;
use domain::request::{Manner, Nature, State};
use domain::{Language, Moment, Reference};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{NotKept, Outcome};
use crate::ports::new_uuid;
use crate::service::Service;
use crate::store::{ArrivalRow, RequestRow};
use crate::vault::Vault;

const USED_FOR: &str = "text of a request";

/// What a request says, as kept under seal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// Who says they wrote it.
    pub from: String,
    /// Where it came in.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Whether there was more of it.
    pub cut: bool,
}

/// What a request said; nothing when the key is gone.
#[must_use]
pub fn open_text(vault: &Vault, sealed: &[u8]) -> Option<Filed> {
    serde_json::from_str(&vault.open(USED_FOR, sealed)?).ok()
}

/// What is known of a new request.
pub(crate) struct Matter {
    pub manner: Manner,
    pub nature: Nature,
    pub language: Language,
    pub person: Option<Uuid>,
    pub filed: Filed,
}

/// Files a request together with what it came in.
pub(super) async fn file(
    service: &Service,
    matter: Matter,
    arrival: &ArrivalRow,
) -> Result<Outcome, NotKept> {
    let row = draft(service, &matter)?;
    let filed = service.store.insert_request(&row, Some(arrival)).await.map_err(not_kept)?;
    let reference: &Reference = &row.reference;
    if filed {
        tracing::info!(request = %reference, manner = row.manner.as_str(), "a request was filed");
    }
    Ok(if filed { Outcome::Filed } else { Outcome::Repeated })
}

/// A request that comes now, sealed.
///
/// # Errors
/// [`NotKept`] when what it says can't be written.
pub(crate) fn draft(service: &Service, matter: &Matter) -> Result<RequestRow, NotKept> {
    let now = service.clock.now();
    let text = serde_json::to_string(&matter.filed).map_err(|_| NotKept)?;
    Ok(RequestRow {
        id: new_uuid(now, service.random.as_ref()),
        reference: service.new_reference(),
        received_at: now.0,
        manner: matter.manner,
        nature: matter.nature,
        language: matter.language,
        state: State::Open,
        due_at: due_at(service, matter.nature, now).0,
        person_id: matter.person,
        sealed: Some(service.vault.seal(USED_FOR, &text, service.random.as_ref())),
        responded_at: None,
        response: None,
        denial_basis: None,
    })
}

/// When a request that comes now must be answered, by the business's calendar and clocks.
fn due_at(service: &Service, nature: Nature, now: Moment) -> Moment {
    let notice = service.notice();
    let controller = &notice.catalogue.controller;
    let zone = TimeZone::get(&controller.time_zone).unwrap_or(TimeZone::UTC);
    nature.due_at(now, Calendar::of(&controller.country), &zone)
}

/// Logs why something was not kept.
pub(super) fn not_kept(error: impl std::fmt::Display) -> NotKept {
    tracing::error!(%error, "what came in can't be kept");
    NotKept
}

/// The language to answer in: the first that the register speaks.
pub(super) fn language(
    service: &Service,
    wishes: impl IntoIterator<Item = Option<Language>>,
) -> Language {
    let notice = service.notice();
    let spoken = &notice.catalogue.languages;
    let known = wishes.into_iter().flatten().find(|wish| spoken.contains(wish));
    known.or_else(|| spoken.first().copied()).unwrap_or(Language::English)
}
