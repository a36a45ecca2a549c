//! What targets are called, and where they stand on the page.

use std::borrow::Cow;

use domain::catalogue::{Basis, Catalogue};
use domain::{Channel, Language, Target};

use crate::texts::{Texts, fill};

/// The id of a target's switch, good for a fragment.
#[must_use]
pub fn anchor(target: &Target) -> String {
    target.to_string().replace([':', '/'], "-")
}

/// A channel as the label of a switch.
#[must_use]
pub const fn channel_label(texts: &Texts, channel: Channel) -> &'static str {
    match channel {
        Channel::Email => texts.channel_email,
        Channel::Text => texts.channel_text,
        Channel::Phone => texts.channel_phone,
        Channel::Post => texts.channel_post,
        Channel::Push => texts.channel_push,
    }
}

/// A channel in a sentence.
#[must_use]
pub const fn by_channel(texts: &Texts, channel: Channel) -> &'static str {
    match channel {
        Channel::Email => texts.by_email,
        Channel::Text => texts.by_text,
        Channel::Phone => texts.by_phone,
        Channel::Post => texts.by_post,
        Channel::Push => texts.by_push,
    }
}

/// A lawful basis in plain words.
#[must_use]
pub const fn basis(texts: &Texts, basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => texts.basis_consent,
        Basis::Contract => texts.basis_contract,
        Basis::LegalObligation => texts.basis_legal_obligation,
        Basis::LegitimateInterest => texts.basis_legitimate_interest,
    }
}

/// What a target is called in a sentence. One that the register no longer has keeps its key.
#[must_use]
pub fn name(catalogue: &Catalogue, language: Language, target: &Target) -> String {
    let texts = Texts::of(language);
    known(catalogue, language, target)
        .unwrap_or_else(|| fill(texts.target_removed, &[("name", &target.to_string())]))
}

fn known(catalogue: &Catalogue, language: Language, target: &Target) -> Option<String> {
    let texts = Texts::of(language);
    Some(match target {
        Target::Everything => texts.target_everything.to_owned(),
        Target::Marketing => texts.target_marketing.to_owned(),
        Target::Sharing => texts.target_sharing.to_owned(),
        Target::Channel(channel) => channel_label(texts, *channel).to_owned(),
        Target::Topic(key) => {
            catalogue.topics.iter().find(|known| known.key == *key)?.label.get(language).to_owned()
        }
        Target::Message(topic, channel) => {
            let (topic, _) = catalogue.message(topic, *channel)?;
            let by = by_channel(texts, *channel);
            fill(texts.target_message, &[("topic", topic.label.get(language)), ("channel", by)])
        }
        Target::Profiling(key) => catalogue.profiling(key)?.label.get(language).to_owned(),
        Target::Purpose(key) => {
            let purpose = catalogue.purposes.iter().find(|known| known.key == *key)?;
            fill(texts.all_companies, &[("purpose", purpose.label.get(language))])
        }
        Target::Share(purpose, recipient) => {
            let (purpose, recipient) = catalogue.share(purpose, recipient)?;
            shared(texts, language, purpose.label.get(language), &recipient.name)
        }
        Target::Exception(key) => catalogue.exception(key)?.label.get(language).to_owned(),
    })
}

/// What one company gets for one purpose.
#[must_use]
pub(super) fn shared(texts: &Texts, language: Language, purpose: &str, company: &str) -> String {
    let company = apart(language, company);
    fill(texts.target_share, &[("purpose", purpose), ("recipient", &company)])
}

/// A name in a sentence. Where text runs from right to left it stands apart, or the full stop of
/// "Inc." would stand before it (UAX #9 §2.7).
#[must_use]
pub(super) fn apart(language: Language, name: &str) -> Cow<'_, str> {
    if language.direction() == "rtl" { isolated(name).into() } else { name.into() }
}

/// Text of another direction that must not mix with what stands around it.
#[must_use]
pub(super) fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}
