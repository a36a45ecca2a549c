//! Everybody whom a block of rows concerns, as they stand after the rows before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::choice::Entry;
use domain::contact::IdentifierKind;
use domain::{Choice, Moment, Position, Preferences};
use uuid::Uuid;

use super::blocks::{Customer, Handle, Repeats};
use crate::store::{Group, Known, Mark, NewIdentifier, NewPerson, StoreError};
use crate::tell::Duties;

/// One of the crowd.
#[derive(Debug, Default)]
pub struct Person {
    /// Came with this file.
    pub fresh: bool,
    /// Has no customer number yet, so that a row may adopt it.
    pub bare: bool,
    /// Has changed in a way that rows with none of its identifiers may notice.
    pub stirred: bool,
    /// What is known; not loaded for somebody who only shares an address.
    pub details: Option<Known>,
    /// What they are known by; likewise.
    pub marks: Vec<Mark>,
    /// Their entries, in ledger order.
    pub history: Vec<Choice>,
    /// The entries folded.
    pub preferences: Preferences,
}

/// What a block adds to the store.
#[derive(Debug, Default)]
pub struct Writes {
    /// New people.
    pub people: Vec<NewPerson>,
    /// News of people already there.
    pub details: BTreeMap<Uuid, Known>,
    /// Identifiers, in the order of the table so that neighbours share a page.
    pub identifiers: BTreeMap<(Vec<u8>, Uuid), NewIdentifier>,
    /// Who chose before and is now known by something more, by which systems can find them.
    pub renamed: BTreeSet<Uuid>,
    /// Ledger entries.
    pub entries: Vec<Entry>,
}

/// The people of a block.
#[derive(Debug, Default)]
pub struct Crowd {
    /// Everybody, by id.
    pub people: HashMap<Uuid, Person>,
    /// Who is known by a digest, oldest record first.
    pub owners: HashMap<Vec<u8>, Vec<Uuid>>,
    /// What is to be written.
    pub writes: Writes,
    /// Where the next entry will stand.
    pub next: Position,
}

impl Crowd {
    /// Loads everybody whom these rows concern and who is not there yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn load(&mut self, group: &mut Group, rows: &[Customer]) -> Result<(), StoreError> {
        self.next = self.next.max(Position(group.head().position.0 + 1));
        let digests = |handles: &mut dyn Iterator<Item = &Handle>| -> BTreeSet<Vec<u8>> {
            handles.flat_map(|handle| &handle.digests).map(|found| found.digest.clone()).collect()
        };
        let numbers = digests(&mut rows.iter().map(|row| &row.number));
        let all: Vec<_> =
            digests(&mut rows.iter().flat_map(Customer::handles)).into_iter().collect();
        let (mut strangers, mut named) = (BTreeSet::new(), BTreeSet::new());
        for (digest, person) in group.list_owners(&all).await? {
            if !self.people.contains_key(&person) {
                strangers.insert(person);
                named.extend(numbers.contains(&digest).then_some(person));
            }
            let owners = self.owners.entry(digest).or_default();
            if !owners.contains(&person) {
                owners.push(person);
            }
        }
        let strangers: Vec<Uuid> = strangers.into_iter().collect();
        self.meet(group, &strangers, named).await
    }

    async fn meet(
        &mut self,
        group: &mut Group,
        strangers: &[Uuid],
        named: BTreeSet<Uuid>,
    ) -> Result<(), StoreError> {
        let bare = group.list_bare(strangers).await?;
        let whole: Vec<Uuid> = named.into_iter().chain(bare.iter().copied()).collect();
        for person in strangers {
            self.people.insert(*person, Person::default());
        }
        for person in &bare {
            self.people.entry(*person).or_default().bare = true;
        }
        for known in group.list_details(&whole).await? {
            let person = self.people.entry(known.id).or_default();
            person.details = Some(known);
        }
        for mark in group.list_marks(&whole).await? {
            self.people.entry(mark.person_id).or_default().marks.push(mark);
        }
        for choice in group.list_choices(strangers).await? {
            self.people.entry(choice.entry.person.0).or_default().history.push(choice);
        }
        for person in strangers {
            let person = self.people.entry(*person).or_default();
            if !person.history.is_empty() {
                person.preferences = Preferences::fold(&person.history);
            }
        }
        Ok(())
    }

    /// Everybody who is known by one of a handle's digests.
    pub fn owners(&self, handle: &Handle) -> impl Iterator<Item = Uuid> {
        let found = handle.digests.iter().filter_map(|found| self.owners.get(&found.digest));
        found.flatten().copied()
    }

    /// Writes what the rows added.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn write(
        &mut self,
        group: &mut Group,
        duties: &Duties<'_>,
        now: Moment,
    ) -> Result<(), StoreError> {
        let Writes { people, details, identifiers, renamed, entries } =
            std::mem::take(&mut self.writes);
        group.insert_people(&people).await?;
        group.record_details(&details.into_values().collect::<Vec<_>>()).await?;
        group.insert_identifiers(&identifiers.into_values().collect::<Vec<_>>()).await?;
        group.record_told_again(&renamed.into_iter().collect::<Vec<_>>(), now.0).await?;
        group.record(entries, |choice, link| duties.owed(choice, link, None)).await?;
        Ok(())
    }

    /// Forgets all but those whom a later row of the file may meet again; for a dry run, which
    /// finds nothing of what it did in the store.
    pub fn forget(&mut self, repeats: &Repeats) {
        self.writes = Writes::default();
        let people = &mut self.people;
        people.retain(|_, person| {
            let named_again = || person.marks.iter().any(|mark| repeats.has(&mark.digest));
            (person.stirred && !person.fresh) || named_again()
        });
        self.owners.retain(|_, owners| {
            owners.retain(|owner| people.contains_key(owner));
            !owners.is_empty()
        });
    }
}

impl Person {
    /// Whether they are known by a digest.
    pub fn is_marked(&self, digest: &[u8]) -> bool {
        self.marks.iter().any(|mark| mark.digest == digest)
    }

    /// The newest mark of a kind.
    pub fn newest(&self, kind: IdentifierKind) -> Option<&Mark> {
        let of_kind = self.marks.iter().filter(|mark| mark.kind == kind.as_str());
        of_kind.max_by(|one, other| {
            (one.created_at, &one.digest).cmp(&(other.created_at, &other.digest))
        })
    }
}
