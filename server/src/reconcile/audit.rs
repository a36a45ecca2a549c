//! One part of a list against the ledger.

use std::collections::{BTreeSet, HashMap};

use domain::contact::{Email, IdentifierKind};
use domain::decision::Standpoint;
use domain::{Choice, Decision, Moment, Preferences, Reason, Target, decide};
use uuid::Uuid;

use super::Tools;
use super::hashes::{Hashes, half};
use super::rows::Line;
use crate::identify::read_phone;
use crate::store::{Incident, StoreError, Tally};

/// What a list is checked by.
pub struct Audit<'a> {
    /// Store, keys, notice.
    pub tools: Tools<'a>,
    /// Who is known by the system's own hashes.
    pub hashes: Hashes<'a>,
    /// Key of the system.
    pub system: String,
    /// The switches that the list is for.
    pub switches: Vec<Target>,
}

/// An incident, with the line as the list has it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The line.
    pub line: Line,
    /// What is stored of it.
    pub incident: Incident,
}

/// Whom a line names by hashes.
#[derive(Default)]
struct Hashed {
    readable: bool,
    people: Vec<Uuid>,
}

impl Audit<'_> {
    /// Checks some lines.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn check(&self, part: &[Line], tally: &mut Tally) -> Result<Vec<Found>, StoreError> {
        let digests: Vec<Vec<Vec<u8>>> = part.iter().map(|line| self.digests(line)).collect();
        let store = self.tools.store;
        let mut owners: HashMap<Vec<u8>, Vec<Uuid>> = HashMap::new();
        let all: Vec<Vec<u8>> = digests.iter().flatten().cloned().collect();
        for (digest, person) in store.list_owners(&all).await? {
            owners.entry(digest).or_default().push(person);
        }
        let mut hashed = Vec::with_capacity(part.len());
        for line in part {
            hashed.push(self.hashed(line).await?);
        }
        let people: BTreeSet<Uuid> = owners
            .values()
            .flatten()
            .chain(hashed.iter().flat_map(|hashed| &hashed.people))
            .copied()
            .collect();
        let people: Vec<Uuid> = people.into_iter().collect();
        let histories = store.list_histories(&people).await?;
        let now = self.tools.clock.now();
        let mut found = Vec::new();
        for ((line, digests), hashed) in part.iter().zip(&digests).zip(&hashed) {
            tally.lines += 1;
            let known: BTreeSet<Uuid> = digests
                .iter()
                .filter_map(|digest| owners.get(digest))
                .flatten()
                .chain(&hashed.people)
                .copied()
                .collect();
            if digests.is_empty() && !hashed.readable {
                tally.unreadable += 1;
            } else if known.is_empty() {
                tally.strangers += 1;
            }
            let broken = known.into_iter().find_map(|person| {
                let (target, decision) = self.denied(histories.get(&person)?, now)?;
                incident(line.number, person, &target, decision)
            });
            found.extend(broken.map(|incident| Found { line: line.clone(), incident }));
        }
        tally.broken += i64::try_from(found.len()).unwrap_or(i64::MAX);
        self.prove(&mut found).await?;
        Ok(found)
    }

    /// Whom the system's own hashes of a line stand for.
    async fn hashed(&self, line: &Line) -> Result<Hashed, StoreError> {
        let mut hashed = Hashed::default();
        for (column, text) in line.hashes.iter().enumerate() {
            if let Some(half) = half(text) {
                hashed.readable = true;
                hashed.people.extend(self.hashes.owners(column, half).await?);
            }
        }
        Ok(hashed)
    }

    /// The keyed hashes of everything that a line names, under every key.
    fn digests(&self, line: &Line) -> Vec<Vec<u8>> {
        let home = &self.tools.notice.catalogue.controller.country;
        let email = line.email.parse::<Email>().ok();
        let phone = read_phone(&line.phone, home).ok();
        let customer = Some(line.customer.as_str()).filter(|number| !number.is_empty());
        let known = [
            (IdentifierKind::Email, email.as_ref().map(Email::as_str)),
            (IdentifierKind::Phone, phone.as_ref().map(domain::contact::Phone::as_str)),
            (IdentifierKind::Customer, customer),
        ];
        let known = known.into_iter().filter_map(|(kind, normal)| Some((kind, normal?)));
        known
            .flat_map(|(kind, normal)| self.tools.vault.lookup(kind, normal))
            .map(|one| one.digest)
            .collect()
    }

    /// The newest no, if nothing of what the list is for is allowed and a no is among the reasons.
    fn denied(&self, history: &[Choice], now: Moment) -> Option<(Target, Decision)> {
        let preferences = Preferences::fold(history);
        let catalogue = &self.tools.notice.catalogue;
        let mut newest: Option<(Target, Decision)> = None;
        for leaf in &self.switches {
            let decision = decide(catalogue, &preferences, Standpoint::default(), leaf, now);
            if decision.allowed {
                return None;
            }
            let said = matches!(
                decision.reason,
                Reason::OptedOut | Reason::PreferenceSignal | Reason::Paused
            );
            let newer = newest.as_ref().is_none_or(|(_, known)| known.position < decision.position);
            if said && newer {
                newest = Some((leaf.clone(), decision));
            }
        }
        newest
    }

    /// Adds how far the system had been told.
    async fn prove(&self, found: &mut [Found]) -> Result<(), StoreError> {
        let positions: Vec<i64> = found.iter().map(|found| found.incident.position).collect();
        let told = self.tools.store.list_told(&self.system, &positions).await?;
        for found in found {
            if let Some((state, sent_at, acknowledged_at)) = told.get(&found.incident.position) {
                found.incident.delivery = Some(state.clone());
                found.incident.sent_at = *sent_at;
                found.incident.acknowledged_at = *acknowledged_at;
            }
        }
        Ok(())
    }
}

fn incident(line: i64, person_id: Uuid, target: &Target, decision: Decision) -> Option<Incident> {
    Some(Incident {
        line,
        person_id,
        target: target.to_string(),
        reason: decision.reason.as_str().to_owned(),
        position: decision.position?.0,
        since: decision.since?.0,
        delivery: None,
        sent_at: None,
        acknowledged_at: None,
    })
}
