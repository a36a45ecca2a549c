//! Confirmations of what a group wrote: begun in its transaction, for those who can be written to.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::outbox::{Confirmed, Gathering, Kind, lifetime};
use domain::{Act, Moment, Position, Source};
use uuid::Uuid;

use crate::ports::{Random, new_uuid};
use crate::store::{Group, NewGathering, StoreError};

/// Whose choices are confirmed, and how.
#[derive(Clone)]
pub struct Confirming {
    /// Whose.
    pub confirmed: Confirmed,
    /// Milliseconds for which a letter gathers what else its person changes.
    pub wait: i64,
    /// Where ids come from.
    pub random: Arc<dyn Random>,
}

/// What one command changed and for whom: the first place of each person, in order of id.
struct Change {
    people: Vec<(Uuid, Position)>,
    at: Moment,
}

/// The confirmations that a group owes.
#[derive(Default)]
pub(super) struct Confirmations(Vec<Change>);

impl Confirmations {
    /// Notes what a command added.
    pub fn note<'a>(
        &mut self,
        confirmed: Confirmed,
        source: Source,
        at: Moment,
        added: impl Iterator<Item = (Uuid, &'a Act, Position)>,
    ) {
        let mut people: BTreeMap<Uuid, Position> = BTreeMap::new();
        for (person, act, position) in added {
            if confirmed.asks_for(*act, source) {
                people.entry(person).or_insert(position);
            }
        }
        if !people.is_empty() {
            self.0.push(Change { people: people.into_iter().collect(), at });
        }
    }

    /// Begins letters. One command is confirmed once: where several people share the address that
    /// it named, to the newest record, which is also the one that a code opens.
    pub async fn write(self, group: &mut Group, confirming: &Confirming) -> Result<(), StoreError> {
        let mut everyone: Vec<Uuid> =
            self.0.iter().flat_map(|change| &change.people).map(|(person, _)| *person).collect();
        everyone.sort_unstable();
        everyone.dedup();
        if everyone.is_empty() {
            return Ok(());
        }
        let addressable = group.list_addressable(&everyone).await?;
        let mut begun: BTreeMap<Uuid, NewGathering> = BTreeMap::new();
        for Change { people, at } in self.0 {
            let newest = people.iter().rev().find(|(person, _)| addressable.contains(person));
            let Some((person, position)) = newest else { continue };
            let Gathering { since, closes_at } =
                Gathering::joined(None, *position, at, confirming.wait);
            begun.entry(*person).or_insert_with(|| NewGathering {
                id: new_uuid(at, confirming.random.as_ref()),
                person: *person,
                since: since.0,
                closes_at: closes_at.0,
                give_up_at: closes_at.plus(lifetime(Kind::Confirmation)).0,
                created_at: at.0,
            });
        }
        let begun: Vec<_> = begun.into_values().collect();
        group.insert_gatherings(&begun).await
    }
}
