//! What a system is told of a choice: whom it concerns, by hashes that only this system can
//! compare, and what of its own it may do from now on.

use std::collections::BTreeMap;

use domain::catalogue::System;
use domain::choice::Entry;
use domain::contact::IdentifierKind;
use domain::decision::Standpoint;
use domain::moment::DAY;
use domain::{Act, Catalogue, Moment, Preferences, Target, decide};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::contact::open_contact;
use crate::service::Service;
use crate::store::{Due, StoreError};
use crate::vault::system_digest;

/// The body of a webhook.
#[derive(Debug, Serialize)]
pub(super) struct Message {
    r#type: &'static str,
    /// When the choice was made.
    timestamp: String,
    pub data: Content,
}

/// What a system is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub struct Content {
    /// In the feed: the `after` that goes on behind this change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<i64>,
    /// The delivery, to be acknowledged.
    pub delivery: Uuid,
    /// The system.
    #[schema(example = "mailer")]
    pub system: String,
    /// The choice in the ledger.
    pub position: i64,
    /// What the choice is about.
    #[schema(example = "message:offers/email")]
    pub target: String,
    /// granted, withdrawn, paused, resumed or undone.
    #[schema(example = "withdrawn")]
    pub act: &'static str,
    /// When a pause ends, or a yes must be given again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The newest entry of this person that `switches` knows of: of two messages about a person,
    /// the one with the higher number holds.
    pub as_of: i64,
    /// What the system may do, by switch; the choice's own and those it serves too.
    pub switches: BTreeMap<String, bool>,
    /// Whom it concerns.
    pub person: Person,
}

/// Whom it concerns.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ChangedPerson)]
pub struct Person {
    /// HMAC-SHA-256 of `kind:normal form` by kind, in hexadecimal.
    pub hashes: BTreeMap<&'static str, Vec<String>>,
    /// As they are, only where the register says that the system needs them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub clear: BTreeMap<&'static str, Vec<String>>,
}

const KINDS: [IdentifierKind; 4] = IdentifierKind::ALL;

/// Prints times as JSON has them.
const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// A time as JSON has it: RFC 3339, UTC, milliseconds.
#[must_use]
pub fn rfc3339(moment: Moment) -> String {
    let time = Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::MAX);
    PRINTER.timestamp_to_string(&time)
}

impl Message {
    pub fn new(at: Moment, data: Content) -> Self {
        Self { r#type: "choice.changed", timestamp: rfc3339(at), data }
    }
}

impl Content {
    /// What a system is told now. A late try tells what holds now, not what held then: an old yes
    /// can't overtake a newer no.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or a row can't be read.
    pub async fn of(service: &Service, system: &System, due: &Due) -> Result<Self, StoreError> {
        let entry = &due.choice.entry;
        let customer = service.store.find_customer(entry.person).await?;
        let (standpoint, history) = customer.map_or_else(Default::default, |(row, history)| {
            let birth_year = row.birth_year.and_then(|year| u16::try_from(year).ok());
            (Standpoint { birth_year }, history)
        });
        let notice = service.notices.current();
        let (catalogue, now) = (&notice.catalogue, service.clock.now());
        let preferences = Preferences::fold(&history);
        let leaves = catalogue.leaves().filter(|leaf| {
            entry.target.covers(leaf) && system.serves.iter().any(|served| served.covers(leaf))
        });
        // A switch that is gone from the register is denied, and the system must hear that.
        let own = Some(entry.target.clone()).filter(Target::is_leaf);
        let switches = leaves.chain(own).map(|leaf| {
            let decision = decide(catalogue, &preferences, standpoint, &leaf, now);
            (leaf.to_string(), decision.allowed)
        });
        Ok(Self {
            cursor: due.turn,
            delivery: due.id,
            system: system.key.to_string(),
            position: due.choice.position.0,
            target: entry.target.to_string(),
            act: entry.act.as_str(),
            until: ends(catalogue, entry).map(rfc3339),
            as_of: history.last().map_or(due.choice.position.0, |newest| newest.position.0),
            switches: switches.collect(),
            person: Person::of(service, system, due).await?,
        })
    }
}

/// When an entry ends by itself.
fn ends(catalogue: &Catalogue, entry: &Entry) -> Option<Moment> {
    match (entry.act, &entry.target) {
        (Act::Paused { until }, _) => Some(until),
        (Act::Granted, Target::Message(topic, channel)) => {
            let (_, rule) = catalogue.message(topic, *channel)?;
            Some(entry.at.plus(i64::from(rule.valid_days?) * DAY))
        }
        _ => None,
    }
}

impl Person {
    async fn of(service: &Service, system: &System, due: &Due) -> Result<Self, StoreError> {
        let vault = &service.vault;
        let person = service.store.find_survivor(due.choice.entry.person.0).await?;
        let rows = service.store.list_identifiers(&[person]).await?;
        let key = vault.system_key(system.key.as_str());
        let contact = due.contact.as_deref();
        let named = contact.map(|sealed| open_contact(vault, sealed)).unwrap_or_default();
        let mut told = Self::default();
        for kind in KINDS {
            let sealed = rows.iter().filter(|row| row.kind == kind.as_str());
            let sealed = sealed.filter_map(|row| vault.open(kind.as_str(), row.cipher.as_deref()?));
            let named = named.iter().filter(|(of, _)| of == kind.as_str());
            let mut known: Vec<String> =
                sealed.chain(named.map(|(_, normal)| normal.clone())).collect();
            known.sort_unstable();
            known.dedup();
            if known.is_empty() {
                continue;
            }
            let hashes = known.iter().map(|normal| system_digest(&key, kind, normal)).collect();
            told.hashes.insert(kind.as_str(), hashes);
            if system.clear.contains(&kind) {
                told.clear.insert(kind.as_str(), known);
            }
        }
        Ok(told)
    }
}
