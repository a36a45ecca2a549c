//! The types of the register.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::inventory::Inventory;
use crate::channel::Channel;
use crate::contact::IdentifierKind;
use crate::key::Key;
use crate::language::Language;
use crate::moment::Moment;
use crate::target::Target;

/// A text in every language of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub BTreeMap<Language, String>);

impl Text {
    /// The text in a language. A checked catalogue has it; an unchecked one gives any or nothing.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        self.0.get(&language).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}

/// Whether a person must say yes first or may say no later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// Off until the person says yes.
    OptIn,
    /// On until the person says no.
    OptOut,
}

/// Lawful basis (GDPR Art. 6(1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The person agreed (a).
    Consent,
    /// A contract with the person needs it (b).
    Contract,
    /// A law requires it (c).
    LegalObligation,
    /// The business has an interest that the person may object to (f).
    LegitimateInterest,
}

/// The business, as its customers may reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Registered name ("Northwind Outdoor Ltd").
    pub name: String,
    /// The name customers know ("Northwind Outdoor").
    pub brand: String,
    /// Postal address on one line.
    pub address: String,
    /// ISO 3166-1 alpha-2 code; also where phone numbers without a country code are read.
    pub country: String,
    /// IANA time zone in which pages show dates ("Europe/London").
    pub time_zone: String,
    /// Where privacy questions go.
    pub privacy_email: String,
    /// Phone number of the privacy team, as people write it.
    pub privacy_phone: String,
    /// Address of the privacy policy (https).
    pub policy_url: String,
    /// Where a customer may complain.
    pub authority: Authority,
}

/// A supervisory authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Where it takes complaints (https).
    pub url: String,
}

/// A kind of marketing message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name in URLs and files.
    pub key: Key,
    /// DPV term of the purpose ("dpv:DirectMarketing").
    pub term: String,
    /// What customers call it.
    pub label: Text,
    /// How often it comes ("About twice a month").
    pub frequency: Text,
    /// Which data is used ("your name, your address and what you bought before").
    pub data: Text,
    /// The channels it comes by, at least one.
    pub channels: Vec<MessageRule>,
}

/// How one topic uses one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRule {
    /// The channel.
    pub channel: Channel,
    /// Whether a yes comes first.
    pub regime: Regime,
    /// The lawful basis.
    pub basis: Basis,
    /// Days from a no until nothing can arrive any more (a printed catalogue), 0 to 365.
    pub lead_days: u16,
    /// Days after which a yes must be given again; none: it stays.
    pub valid_days: Option<u16>,
}

/// A kind of profiling for marketing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profiling {
    /// Its name in URLs and files.
    pub key: Key,
    /// DPV term.
    pub term: String,
    /// What customers call it.
    pub label: Text,
    /// What is done and with which data.
    pub about: Text,
    /// What changes for a customer who turns it off.
    pub off_effect: Text,
    /// Whether a yes comes first.
    pub regime: Regime,
    /// The lawful basis.
    pub basis: Basis,
}

/// A reason why data is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Its name in URLs and files.
    pub key: Key,
    /// DPV term.
    pub term: String,
    /// What customers call it.
    pub label: Text,
    /// What it is for, in a sentence.
    pub about: Text,
    /// What changes for a customer who turns it off.
    pub off_effect: Text,
    /// Whether it counts as "sale" or "sharing" (Cal. Civ. Code 1798.140(ad), (ah)).
    pub sale_or_sharing: bool,
    /// Whether a yes comes first.
    pub regime: Regime,
    /// The lawful basis.
    pub basis: Basis,
    /// Who in the business answers for it.
    pub owner: String,
    /// Start of the day (UTC) from which it needs a new review; overdue, it is denied.
    pub review_on: Moment,
    /// The companies that receive data, at least one.
    pub recipients: Vec<Recipient>,
}

/// A company that receives data for a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its name in URLs and files.
    pub key: Key,
    /// The company's name.
    pub name: String,
    /// Email address or web address for privacy questions.
    pub contact: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Categories of data it receives.
    pub data: Text,
    /// Days from a no until it has stopped, 0 to 365.
    pub lead_days: u16,
}

/// Sharing that a law requires and no switch stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its name in URLs and files.
    pub key: Key,
    /// DPV term.
    pub term: String,
    /// Who receives what ("Tax authority: invoices, for 7 years").
    pub label: Text,
    /// Why, in plain words.
    pub about: Text,
    /// The law, as one would look it up.
    pub citation: String,
    /// Who in the business answers for it.
    pub owner: String,
    /// Who approved it.
    pub approver: String,
    /// Start of the day (UTC) from which it needs a new review; overdue, it is denied.
    pub review_on: Moment,
}

/// A computer system of the business or of a company that works for it, which must obey choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Its name in files, commands and addresses.
    pub key: Key,
    /// What customers call it ("Mail service").
    pub label: Text,
    /// What it does, wide or narrow, at least one.
    pub serves: Vec<Target>,
    /// How it is told of choices.
    pub tell: Tell,
    /// Business days of the controller's country after the day of a choice, until it must have
    /// confirmed, 0 to 60.
    pub lead_business_days: u16,
    /// Who is told when it is late: an email address or a role.
    pub escalation: String,
    /// Identifiers that it needs as they are; all others it gets as keyed hashes.
    pub clear: Vec<IdentifierKind>,
}

/// How a system is told of choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tell {
    /// Each choice is posted to this address (Standard Webhooks 1.0): https, or http on this
    /// machine.
    Webhook(String),
    /// Each night's choices are written into a CSV file that begins with this name.
    File(Key),
    /// It asks for what is new.
    Feed,
}

/// The whole register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// The business.
    pub controller: Controller,
    /// Languages in which every text exists; the first is the default.
    pub languages: Vec<Language>,
    /// Kinds of marketing messages.
    pub topics: Vec<Topic>,
    /// Kinds of profiling.
    pub profilings: Vec<Profiling>,
    /// Reasons for sharing.
    pub purposes: Vec<Purpose>,
    /// Sharing required by law.
    pub exceptions: Vec<Exception>,
    /// Systems that must obey choices.
    pub systems: Vec<System>,
    /// What records of processing say beside the rest.
    pub inventory: Inventory,
}
