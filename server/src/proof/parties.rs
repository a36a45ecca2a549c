//! Who is who in a receipt (ISO/IEC TS 27560:2023 §6.3.6).

use std::collections::BTreeMap;

use app::texts::country;
use domain::catalogue::{Catalogue, Recipient};
use domain::event::Event;
use domain::{Key, Language, Target};
use serde_json::{Value, json};

/// The name of the business in a receipt.
pub(super) fn controller_id(base_url: &str) -> String {
    format!("{base_url}/#controller")
}

/// The name of a recipient in a receipt.
pub(super) fn recipient_id(base_url: &str, key: &Key) -> String {
    format!("{base_url}/#recipient-{key}")
}

/// The business and every recipient that the events concern.
pub(super) fn parties(
    base_url: &str,
    catalogue: &Catalogue,
    language: Language,
    events: &[Event],
) -> Vec<Value> {
    let recipients = events.iter().filter_map(|event| match &event.switch {
        Target::Share(purpose, to) => catalogue.share(purpose, to).map(|(_, to)| (&to.key, to)),
        _ => None,
    });
    // A company that receives data for two purposes is one party.
    let recipients: BTreeMap<&Key, &Recipient> = recipients.collect();
    let recipients = recipients.values().map(|to| recipient(base_url, language, to));
    std::iter::once(controller(base_url, catalogue)).chain(recipients).collect()
}

fn controller(base_url: &str, catalogue: &Catalogue) -> Value {
    let controller = &catalogue.controller;
    let id = controller_id(base_url);
    json!({
        "@id": id,
        "@type": "LegalEntity",
        "party_id": id,
        "party_name": controller.name,
        "party_address": controller.address,
        "party_contact": format!("mailto:{}", controller.privacy_email),
        "party_phone": controller.privacy_phone,
        "party_url": controller.policy_url,
        "party_type": ["dpv:DataController"],
        "locations": [location(&controller.country)],
    })
}

fn recipient(base_url: &str, language: Language, to: &Recipient) -> Value {
    let id = recipient_id(base_url, &to.key);
    let contact = if to.contact.contains("://") {
        to.contact.clone()
    } else {
        format!("mailto:{}", to.contact)
    };
    json!({
        "@id": id,
        "@type": "LegalEntity",
        "party_id": id,
        "party_name": to.name,
        // The register knows the country, and no more.
        "party_address": country(language, &to.country),
        "party_contact": contact,
        "party_type": ["dpv:Recipient", "dpv:ThirdParty"],
        "locations": [location(&to.country)],
    })
}

/// The authority that takes complaints.
pub(super) fn authority(catalogue: &Catalogue) -> Value {
    let authority = &catalogue.controller.authority;
    json!({ "@id": authority.url, "@type": "Authority", "party_name": authority.name })
}

/// A country in DPV's list of locations.
pub(super) fn location(code: &str) -> String {
    format!("loc:{code}")
}
