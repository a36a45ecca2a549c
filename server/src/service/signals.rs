//! What the browser's signal does (Global Privacy Control).

use app::portal::{By, Handle, HandleKind, Portal, PortalError, Recorded, Who};
use domain::change::{Assurance, stop_sale};
use domain::contact::IdentifierKind;
use domain::{Catalogue, Language, PersonId, Preferences, Source, Voice, Wish};

use super::Service;
use super::portal::logged;
use crate::people;
use crate::tell::seal_contact;

/// Whether the register has anything that the signal stops.
#[must_use]
pub fn sells(catalogue: &Catalogue) -> bool {
    catalogue.purposes.iter().any(|purpose| purpose.sale_or_sharing)
}

impl Service {
    /// The keyed hash of a browser profile's id.
    #[must_use]
    pub fn browser_handle(&self, id: &str) -> Handle {
        const BROWSER: IdentifierKind = IdentifierKind::Browser;
        let digests = self.vault.lookup(BROWSER, id);
        Handle {
            kind: HandleKind::Browser,
            digests: digests.into_iter().map(|known| (known.key_id, known.digest)).collect(),
            sealed: seal_contact(&self.vault, self.random.as_ref(), &[(BROWSER, id)]),
        }
    }

    /// Records that somebody's browser asks not to sell or share: once, however often it asks.
    ///
    /// # Errors
    /// [`PortalError::Unavailable`] when it is not on disk.
    pub async fn hear(&self, who: Who, language: Language) -> Result<Recorded, PortalError> {
        let source = Source::PreferenceSignal;
        let by = By { assurance: Assurance::Link, source, language };
        self.record(who, Wish::StopSale(Voice::Signal), by).await
    }

    /// The same for a browser profile; nothing is asked of the ledger when it is known already.
    ///
    /// # Errors
    /// As for [`Service::hear`].
    pub async fn hear_browser(&self, id: &str, language: Language) -> Result<(), PortalError> {
        let handle = self.browser_handle(id);
        if sells(&self.notices.current().catalogue) && !self.has_heard(&handle) {
            self.hear(Who::Handle(handle), language).await?;
        }
        Ok(())
    }

    /// Whether there is a record of a browser profile.
    ///
    /// # Errors
    /// [`PortalError::Unavailable`] when the database fails.
    pub async fn knows_browser(&self, id: &str) -> Result<bool, PortalError> {
        let digests = self.vault.digest_list(IdentifierKind::Browser, id);
        if let Some(table) = self.index.everyone()
            && digests.iter().any(|digest| table.known_by(digest).next().is_some())
        {
            return Ok(true);
        }
        let owners = self.store.list_people_by_digest(&digests).await.map_err(logged)?;
        Ok(!owners.is_empty())
    }

    /// Whether nothing is left to record for a browser profile, as far as the index can vouch.
    fn has_heard(&self, handle: &Handle) -> bool {
        let Some(table) = self.index.everyone() else { return false };
        let digests = handle.digests.iter().map(|(_, digest)| digest);
        let mut known = digests.flat_map(|digest| table.known_by(digest)).peekable();
        known.peek().is_some() && known.all(|held| !self.is_news(&held.preferences()))
    }

    /// Whether the signal adds anything to what somebody chose.
    #[must_use]
    pub fn is_news(&self, preferences: &Preferences) -> bool {
        !stop_sale(Voice::Signal, &self.notices.current().catalogue, preferences).is_empty()
    }

    /// Lets what a browser asked for when nobody knew whose it is hold for the person who turns
    /// out to use it. With a fresh proof the profile becomes theirs.
    ///
    /// # Errors
    /// [`PortalError::Unavailable`] when the database fails.
    pub async fn adopt_browser(
        &self,
        id: &str,
        person: PersonId,
        assurance: Assurance,
        language: Language,
    ) -> Result<Option<Recorded>, PortalError> {
        let digests = self.vault.digest_list(IdentifierKind::Browser, id);
        let owners = self.store.list_people_by_digest(&digests).await.map_err(logged)?;
        let mut asked = false;
        for owner in owners.iter().filter(|owner| **owner != person.0) {
            let history = self.store.list_choices(PersonId(*owner)).await.map_err(logged)?;
            let refusal = domain::Standings::sale_refusal(&Preferences::fold(&history));
            asked |= refusal.is_some_and(|no| no.voice == Voice::Signal);
        }
        if !asked {
            return Ok(None);
        }
        let recorded = self.hear(Who::Person(person), language).await?;
        if assurance == Assurance::Verified {
            people::adopt(self, &owners, person.0).await.map_err(logged)?;
        }
        Ok(Some(recorded))
    }
}
