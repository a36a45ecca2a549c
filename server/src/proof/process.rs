//! What is done with data, switch by switch, and what became of it (ISO/IEC TS 27560:2023 §6.3.4,
//! §6.3.5, §6.3.7).

use app::page::names::{anchor, name};
use app::routes;
use app::texts::ProofTexts;
use domain::catalogue::{Basis, Catalogue, Text};
use domain::event::{Event, Validity};
use domain::{Language, Target};
use serde_json::{Value, json};

use super::document::Making;
use super::head::instant;
use super::parties::{controller_id, location, recipient_id};

/// What the register says of a switch, in one language.
struct Said<'a> {
    term: &'a str,
    about: Option<&'a str>,
    data: Option<&'a str>,
}

fn said<'a>(catalogue: &'a Catalogue, language: Language, switch: &Target) -> Option<Said<'a>> {
    let get = |text: &'a Text| Some(text.get(language));
    Some(match switch {
        Target::Message(topic, channel) => {
            let (topic, _) = catalogue.message(topic, *channel)?;
            Said { term: &topic.term, about: get(&topic.frequency), data: get(&topic.data) }
        }
        Target::Profiling(key) => {
            let known = catalogue.profiling(key)?;
            Said { term: &known.term, about: get(&known.about), data: get(&known.about) }
        }
        Target::Share(purpose, to) => {
            let (purpose, to) = catalogue.share(purpose, to)?;
            Said { term: &purpose.term, about: get(&purpose.about), data: get(&to.data) }
        }
        _ => return None,
    })
}

/// What is only known by its name: the register of the time no longer had it.
const fn unknown(switch: &Target) -> Said<'static> {
    let term = match switch {
        Target::Marketing
        | Target::Topic(_)
        | Target::Channel(_)
        | Target::Message(..)
        | Target::Profiling(_) => "dpv:Marketing",
        _ => "dpv:Purpose",
    };
    Said { term, about: None, data: None }
}

/// One process with its event.
pub(super) fn process(making: &Making<'_>, record: &str, event: &Event) -> Value {
    let Making { base_url, notice, entry, .. } = making;
    let (catalogue, language) = (&notice.catalogue, entry.language);
    let policy = ProofTexts::of(language).see_policy;
    let Said { term, about, data } =
        said(catalogue, language, &event.switch).unwrap_or_else(|| unknown(&event.switch));
    let mut purpose = json!({
        "@type": "Purpose",
        "purpose_type": term,
        "label": name(catalogue, language, &event.switch),
    });
    if let Some(about) = about {
        purpose["description"] = about.into();
    }
    json!({
        "@id": format!("{record}#{}", anchor(&event.switch)),
        "@type": "Process",
        "switch": event.switch.to_string(),
        "purpose": purpose,
        "lawful_basis": basis(event.basis),
        "pii_information": [{
            "@type": "PersonalData",
            "pii_type": "dpv:PersonalData",
            "description": data.unwrap_or(policy),
        }],
        "pii_controllers": [controller_id(base_url)],
        "storage_locations": [storage(catalogue, policy)],
        "retention_period": [retention(catalogue, language, &event.switch, policy)],
        "jurisdiction": [location(&catalogue.controller.country)],
        "recipient_third_parties": [recipient(base_url, catalogue, &event.switch)],
        "withdrawal_method": [{
            "@id": format!("{base_url}{}", routes::CHOICES),
            "@type": "WithdrawConsent",
        }],
        "event": happened(making, event),
    })
}

fn storage(catalogue: &Catalogue, policy: &str) -> Value {
    let countries = &catalogue.inventory.storage;
    if countries.is_empty() {
        let page = &catalogue.controller.policy_url;
        return json!({ "@type": "StorageLocation", "description": policy, "page": page });
    }
    let countries: Vec<_> = countries.iter().map(|code| location(code)).collect();
    json!({ "@type": "StorageLocation", "locations": countries })
}

fn retention(catalogue: &Catalogue, language: Language, switch: &Target, policy: &str) -> Value {
    if let Some(text) = catalogue.retention(switch) {
        json!({ "@type": "StorageDuration", "description": text.get(language) })
    } else {
        let page = &catalogue.controller.policy_url;
        json!({ "@type": "StorageDuration", "description": policy, "page": page })
    }
}

/// Nobody but the business itself, where nothing is shared.
fn recipient(base_url: &str, catalogue: &Catalogue, switch: &Target) -> String {
    match switch {
        Target::Share(purpose, to) if catalogue.share(purpose, to).is_some() => {
            recipient_id(base_url, to)
        }
        _ => controller_id(base_url),
    }
}

/// The class of a lawful basis, where the register names one.
const fn basis(basis: Option<Basis>) -> &'static str {
    match basis {
        Some(Basis::Consent) => "dpv:ExpressedConsent",
        Some(Basis::Contract) => "dpv:Contract",
        Some(Basis::LegalObligation) => "dpv:LegalObligation",
        Some(Basis::LegitimateInterest) => "dpv:LegitimateInterest",
        None => "dpv:LegalBasis",
    }
}

fn happened(making: &Making<'_>, event: &Event) -> Value {
    let validity = match event.validity {
        Validity::UntilChanged => {
            json!({ "@type": "UntilEventDuration", "value": "another choice" })
        }
        Validity::Days(days) => {
            json!({ "@type": "TemporalDuration", "value": format!("P{days}D") })
        }
        Validity::Until(end) => json!({ "@type": "UntilTimeDuration", "value": instant(end) }),
    };
    json!({
        "@type": "Event",
        "event_time": instant(making.entry.at),
        "validity_duration": validity,
        "entity_id": making.principal,
        "event_type": basis(event.basis),
        "event_state": event.terms(),
        "method": making.entry.source.as_str(),
    })
}
