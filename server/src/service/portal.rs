//! [`Portal`] over store, ledger and vault.

use std::sync::Arc;

use app::portal::{
    By, Customer, Handle, HandleKind, Notice, Portal, PortalError, Progress, Recorded, Who,
};
use async_trait::async_trait;
use domain::contact::{Contact, Email, IdentifierKind, Malformed, Phone};
use domain::decision::Standpoint;
use domain::moment::DAY;
use domain::{
    Choice, Language, Moment, NoticeNumber, PersonId, Position, Preferences, Reference, Wish,
};
use uuid::Uuid;

use super::Service;
use crate::identify::read_contact;
use crate::index::Found;
use crate::ledger::{Command, RecordError};
use crate::notices::NoticeError;
use crate::ports::new_uuid;
use crate::store::StoreError;
use crate::tell::seal_contact;
use crate::vault::token_digest;

impl From<StoreError> for PortalErrorFrom {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self
    }
}

/// A failure that was logged where it happened.
pub(super) struct PortalErrorFrom;

impl From<PortalErrorFrom> for PortalError {
    fn from(_: PortalErrorFrom) -> Self {
        Self::Unavailable
    }
}

/// Logs a failure and tells the page no more than that there was one.
pub(super) fn logged(error: StoreError) -> PortalError {
    PortalErrorFrom::from(error).into()
}

#[async_trait]
impl Portal for Service {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn notice(&self) -> Arc<Notice> {
        self.notices.current()
    }

    async fn find_notice(&self, number: NoticeNumber) -> Result<Option<Arc<Notice>>, PortalError> {
        self.notices.find(number).await.map_err(|error: NoticeError| {
            tracing::error!(%error, "a notice can't be read");
            PortalError::Unavailable
        })
    }

    async fn open_link(&self, token: &str) -> Result<Option<PersonId>, PortalError> {
        let Some(digest) = token_digest(token) else { return Ok(None) };
        let retired_after = self.now().plus(-i64::from(self.retired_link_days) * DAY);
        let person = self.store.find_link(&digest, retired_after.0).await.map_err(logged)?;
        Ok(person.map(PersonId))
    }

    async fn find_customer(
        &self,
        person: PersonId,
        at_least: Position,
    ) -> Result<Option<Customer>, PortalError> {
        if let Some(Found { preferences, standpoint, language }) = self.index.find(person, at_least)
        {
            return Ok(Some(Customer { preferences, standpoint, language }));
        }
        let Some((row, history)) = self.store.find_customer(person).await.map_err(logged)? else {
            return Ok(None);
        };
        Ok(Some(Customer {
            preferences: Preferences::fold(&history),
            standpoint: Standpoint {
                birth_year: row.birth_year.and_then(|year| u16::try_from(year).ok()),
            },
            language: row.language.and_then(|tag| tag.parse().ok()),
        }))
    }

    async fn list_history(&self, person: PersonId) -> Result<Vec<Choice>, PortalError> {
        self.store.list_choices(person).await.map_err(logged)
    }

    async fn find_progress(
        &self,
        person: PersonId,
        version: Position,
    ) -> Result<Arc<Progress>, PortalError> {
        self.progress_of(person, version).await
    }

    async fn find_mask(&self, person: PersonId) -> Result<Option<String>, PortalError> {
        Ok(self.contact_on_file(person.0).await?.map(|contact| contact.masked()))
    }

    async fn record(&self, who: Who, wish: Wish, by: By) -> Result<Recorded, PortalError> {
        self.keep(self.new_reference(), who, wish, by, false).await
    }

    fn read_contact(&self, text: &str) -> Result<Contact, Malformed> {
        read_contact(text, &self.notice().catalogue.controller.country)
    }

    fn handle(&self, contact: &Contact) -> Handle {
        let digests = self.vault.lookup(contact.kind(), contact.as_str());
        Handle {
            kind: match contact {
                Contact::Email(_) => HandleKind::Email,
                Contact::Phone(_) => HandleKind::Phone,
            },
            digests: digests.into_iter().map(|known| (known.key_id, known.digest)).collect(),
            sealed: seal_contact(
                &self.vault,
                self.random.as_ref(),
                &[(contact.kind(), contact.as_str())],
            ),
        }
    }

    async fn send_code(&self, to: &Contact, language: Language) -> Result<Uuid, PortalError> {
        let digests = self.handle(to).digests.into_iter().map(|(_, digest)| digest).collect();
        let people: Vec<Vec<u8>> = digests;
        let known = self.store.list_people_by_digest(&people).await.map_err(logged)?;
        // The newest record of a shared address: whoever reads its mail gets no further than that.
        let person = known.last().copied();
        self.issue_code(to, person, language).await
    }

    async fn send_code_to(
        &self,
        person: PersonId,
        language: Language,
    ) -> Result<Option<(Uuid, String)>, PortalError> {
        let Some(contact) = self.contact_on_file(person.0).await? else { return Ok(None) };
        let id = self.issue_code(&contact, Some(person.0), language).await?;
        Ok(Some((id, contact.masked())))
    }

    async fn check_code(&self, id: Uuid, code: &str) -> Result<Option<PersonId>, PortalError> {
        self.redeem_code(id, code).await
    }
}

impl Service {
    /// A new reference number.
    #[must_use]
    pub fn new_reference(&self) -> Reference {
        let mut bytes = [0; 5];
        self.random.fill(&mut bytes);
        Reference::from_random(bytes)
    }

    /// Where a person can be reached: by email, otherwise by phone.
    pub(super) async fn contact_on_file(
        &self,
        person: Uuid,
    ) -> Result<Option<Contact>, PortalError> {
        let rows = self.store.list_identifiers(&[person]).await.map_err(logged)?;
        let open = |kind: IdentifierKind| {
            let mut sealed = rows.iter().filter(|row| row.kind == kind.as_str());
            sealed.find_map(|row| self.vault.open(kind.as_str(), row.cipher.as_deref()?))
        };
        let email = open(IdentifierKind::Email).and_then(|text| text.parse::<Email>().ok());
        if let Some(email) = email {
            return Ok(Some(Contact::Email(email)));
        }
        let phone = open(IdentifierKind::Phone).and_then(|text| Phone::from_e164(&text).ok());
        Ok(phone.map(Contact::Phone))
    }

    /// Records a wish whose way answers by itself, so that no letter about it follows (M-11).
    ///
    /// # Errors
    /// As [`Portal::record`].
    pub async fn record_answered(
        &self,
        who: Who,
        wish: Wish,
        by: By,
    ) -> Result<Recorded, PortalError> {
        self.keep(self.new_reference(), who, wish, by, true).await
    }

    /// Records a wish that is a part of one request, under the request's number.
    ///
    /// # Errors
    /// As [`Portal::record`].
    pub async fn record_under(
        &self,
        reference: Reference,
        who: Who,
        wish: Wish,
        by: By,
    ) -> Result<Recorded, PortalError> {
        self.keep(reference, who, wish, by, false).await
    }

    async fn keep(
        &self,
        reference: Reference,
        who: Who,
        wish: Wish,
        by: By,
        is_answered: bool,
    ) -> Result<Recorded, PortalError> {
        let at = self.now();
        let command = Command {
            who,
            wish,
            by,
            notice: self.notice(),
            at,
            reference,
            stranger: new_uuid(at, self.random.as_ref()),
            origin: None,
            is_answered,
        };
        let recorded = self.ledger.record(command).await.map_err(|error| match error {
            RecordError::Refused(refusal) => PortalError::Refused(refusal),
            RecordError::Unknown | RecordError::Unavailable => PortalError::Unavailable,
        })?;
        self.metrics.saved(by.source, recorded.added);
        Ok(recorded)
    }
}
