//! What a record of processing (GDPR Art. 30(1)) and a receipt (ISO/IEC TS 27560:2023) say beside
//! the rest of the register. All of it may be missing: then they say so.

use super::model::Text;
use super::problem::Notes;
use super::reader::{Fields, Seen};
use super::{Catalogue, values};
use crate::key::Key;
use crate::target::Target;

/// The table `[inventory]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Countries where the data is kept (ISO 3166-1 alpha-2).
    pub storage: Vec<String>,
    /// How long it is kept, where [`Inventory::kept`] says nothing else.
    pub retention: Option<Text>,
    /// Whose data it is.
    pub people: Option<Text>,
    /// How it is protected, in general (GDPR Art. 32(1)).
    pub security: Option<Text>,
    /// The data protection officer: an email address or web address.
    pub officer: Option<String>,
    /// How long it is kept for one purpose.
    pub kept: Vec<Kept>,
    /// What protects data that leaves the country.
    pub transfers: Vec<Transfer>,
}

/// How long data is kept for a target and what lies below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// A topic, a profiling, a purpose or an exception.
    pub of: Target,
    /// How long.
    pub retention: Text,
}

/// What protects data that a recipient in another country receives (GDPR Art. 44 to 49).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The recipient.
    pub recipient: Key,
    /// An adequacy decision, standard contractual clauses or the like.
    pub safeguard: Text,
}

/// Reads the table.
pub(super) fn inventory(mut fields: Fields<'_>) -> Inventory {
    let text = |fields: &mut Fields<'_>, field: &str| {
        if fields.has(field) { fields.text(field) } else { None }
    };
    let storage =
        if fields.has("storage") { fields.list("storage", values::country) } else { None };
    let officer =
        if fields.has("officer") { fields.parsed("officer", values::contact) } else { None };
    let read = Inventory {
        storage: storage.into_iter().flatten().map(|(_, country)| country).collect(),
        retention: text(&mut fields, "retention"),
        people: text(&mut fields, "people"),
        security: text(&mut fields, "security"),
        officer,
        kept: fields.each("kept", kept),
        transfers: fields.each("transfer", transfer),
    };
    fields.close();
    read
}

fn kept(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Kept> {
    let of = fields.name("of", seen);
    let retention = fields.text("retention");
    fields.close();
    Some(Kept { of: of?, retention: retention? })
}

fn transfer(mut fields: Fields<'_>, seen: &mut Seen) -> Option<Transfer> {
    let recipient = fields.name("recipient", seen);
    let safeguard = fields.text("safeguard");
    fields.close();
    Some(Transfer { recipient: recipient?, safeguard: safeguard? })
}

/// Notes what the table names and the register has not.
pub(super) fn settle(at: usize, catalogue: &Catalogue, notes: &Notes) {
    let Inventory { kept, transfers, .. } = &catalogue.inventory;
    for Kept { of, .. } in kept.iter().filter(|kept| !catalogue.knows(&kept.of)) {
        notes.value(at, format!("“inventory” speaks of “{of}”, which this catalogue has not."));
    }
    for Transfer { recipient, .. } in transfers {
        if !catalogue.recipients().any(|known| known.key == *recipient) {
            let reason = format!("“inventory” speaks of “{recipient}”, which receives nothing.");
            notes.value(at, reason);
        }
    }
}

impl Catalogue {
    /// How long data is kept for a target, as far as the register says.
    #[must_use]
    pub fn retention(&self, target: &Target) -> Option<&Text> {
        let kept = |of: &Target| self.inventory.kept.iter().find(|kept| kept.of == *of);
        let own = target.lineage().iter().find_map(|of| kept(of).map(|kept| &kept.retention));
        own.or(self.inventory.retention.as_ref())
    }

    /// What protects data on its way to a recipient, as far as the register says.
    #[must_use]
    pub fn safeguard(&self, recipient: &Key) -> Option<&Text> {
        let mut transfers = self.inventory.transfers.iter();
        transfers.find(|known| known.recipient == *recipient).map(|known| &known.safeguard)
    }

    /// What a full record of processing would need and the register does not say: one sentence
    /// each. None of it hinders publishing.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let Inventory { storage, retention, people, security, .. } = &self.inventory;
        let missing = [
            (storage.is_empty(), "storage", "in which countries data is kept"),
            (retention.is_none(), "retention", "how long data is kept"),
            (people.is_none(), "people", "whose data it is"),
            (security.is_none(), "security", "how data is protected"),
        ];
        let missing = missing.into_iter().filter(|(missing, ..)| *missing);
        let general = missing.map(|(_, field, what)| {
            format!("[inventory] has no “{field}”: receipts and the record of processing can't say {what}.")
        });
        let mut abroad: Vec<_> = self
            .recipients()
            .filter(|to| to.country != self.controller.country && self.safeguard(&to.key).is_none())
            .map(|to| (&to.key, &to.country))
            .collect();
        abroad.sort_unstable();
        abroad.dedup();
        let abroad = abroad.into_iter().map(|(key, country)| {
            format!(
                "[[inventory.transfer]] has no “safeguard” for “{key}”, which receives data in {country}."
            )
        });
        general.chain(abroad).collect()
    }

    /// Every recipient of every purpose.
    fn recipients(&self) -> impl Iterator<Item = &super::Recipient> {
        self.purposes.iter().flat_map(|purpose| &purpose.recipients)
    }
}
