//! From a group of wishes to ledger entries, by the rules of `domain::change`.

use std::collections::{BTreeSet, HashMap};

use app::portal::{HandleKind, Recorded, Who};
use domain::change::{Assurance, Setting, resolve};
use domain::choice::{Actor, Entry};
use domain::contact::IdentifierKind;
use domain::decision::Standpoint;
use domain::ledger::Link;
use domain::outbox::Confirmed;
use domain::{Choice, Moment, PersonId, Position, Preferences, Refusal, Source, Wish};
use uuid::Uuid;

use super::confirm::{Confirmations, Confirming};
use super::writer::{Answer, Command, RecordError};
use crate::store::{Group, NewIdentifier, NewPerson, Origin, StoreError};
use crate::tell::Duties;

/// What one group knows while it is resolved: every concerned person's entries so far,
/// those of earlier commands of the same group included.
pub(super) struct Round {
    histories: HashMap<Uuid, Vec<Choice>>,
    owners: HashMap<Vec<u8>, Vec<Uuid>>,
    /// Who came as somebody that was merged into another.
    merged: HashMap<Uuid, Uuid>,
    people: Vec<NewPerson>,
    identifiers: Vec<NewIdentifier>,
    entries: Vec<Entry>,
    origins: Vec<(Position, Moment, Origin)>,
    confirmations: Confirmations,
    /// What people were named by in this group.
    contacts: HashMap<Uuid, Vec<u8>>,
    next: Position,
}

/// What a group changed.
pub(super) struct News {
    /// Those whose choices it changed, with what they hold now.
    pub chosen: Vec<(Uuid, Preferences)>,
    /// People it made, with the hashes they are known by.
    pub made: Vec<(Uuid, Vec<Vec<u8>>)>,
}

impl Round {
    pub async fn load(group: &mut Group, commands: &[Command]) -> Result<Self, StoreError> {
        let mut digests = Vec::new();
        let mut people = Vec::new();
        for command in commands {
            match &command.who {
                Who::Person(person) => people.push(person.0),
                Who::Handle(handle) => {
                    digests.extend(handle.digests.iter().map(|(_, digest)| digest.clone()));
                }
            }
        }
        let merged: HashMap<_, _> = group.list_merged(&people).await?.into_iter().collect();
        people.extend(merged.values());
        let mut owners: HashMap<Vec<u8>, Vec<Uuid>> = HashMap::new();
        for (digest, person) in group.list_owners(&digests).await? {
            owners.entry(digest).or_default().push(person);
            people.push(person);
        }
        people.sort_unstable();
        people.dedup();
        let mut histories: HashMap<Uuid, Vec<Choice>> = HashMap::new();
        for choice in group.list_choices(&people).await? {
            histories.entry(choice.entry.person.0).or_default().push(choice);
        }
        let next = Position(group.head().position.0 + 1);
        let (people, identifiers, entries) = (Vec::new(), Vec::new(), Vec::new());
        let (origins, contacts) = (Vec::new(), HashMap::new());
        let confirmations = Confirmations::default();
        Ok(Self {
            histories,
            owners,
            merged,
            people,
            identifiers,
            entries,
            origins,
            confirmations,
            contacts,
            next,
        })
    }

    /// What one command adds. A refusal for any of the people adds nothing for all of them; only
    /// an undo passes over those whom the press did not change.
    pub async fn resolve(
        &mut self,
        group: &mut Group,
        command: &Command,
        confirmed: Confirmed,
    ) -> Result<Answer, StoreError> {
        let mut added = Vec::new();
        let mut version = Position(0);
        let mut untouched = false;
        let people = self.people_of(command);
        if people.is_empty() && matches!(command.wish, Wish::Report(_)) {
            return Ok(Err(RecordError::Unknown));
        }
        for person in people {
            let standpoint = standpoint(group, person, command).await?;
            let history = self.histories.get(&person).map_or(&[][..], Vec::as_slice);
            version = history.last().map_or(Position(0), |choice| choice.position);
            let setting = Setting {
                catalogue: &command.notice.catalogue,
                history,
                person: standpoint,
                assurance: command.by.assurance,
                now: command.at,
            };
            match resolve(&command.wish, &setting) {
                Ok(acts) => added.extend(acts.into_iter().map(|act| (person, act))),
                Err(Refusal::NotUndoable) => untouched = true,
                Err(refusal) => {
                    self.forget(command.stranger);
                    return Ok(Err(refusal.into()));
                }
            }
        }
        if untouched && added.is_empty() {
            return Ok(Err(Refusal::NotUndoable.into()));
        }
        let count = added.len();
        let places = (self.next.0..).map(Position);
        let acts = added.iter().zip(places).map(|((who, (_, act)), at)| (*who, act, at));
        if !command.is_answered {
            self.confirmations.note(confirmed, command.by.source, command.at, acts);
        }
        for (person, (target, act)) in added {
            let choice = Choice {
                position: self.next,
                entry: Entry {
                    person: PersonId(person),
                    target,
                    act,
                    source: command.by.source,
                    actor: match (command.by.source, &command.origin) {
                        (Source::Agent, _) => Actor::Agent,
                        (source, _) if source.is_heard_by_staff() => Actor::Staff,
                        (_, Some(_)) => Actor::System,
                        (_, None) => Actor::Person,
                    },
                    notice: command.notice.number,
                    language: command.by.language,
                    at: command.wish.made_at(act, command.at),
                    reference: command.reference.clone(),
                },
            };
            if let Some(origin) = &command.origin {
                self.origins.push((choice.position, command.at, origin.clone()));
            }
            version = choice.position;
            self.next = Position(self.next.0 + 1);
            self.entries.push(choice.entry.clone());
            self.histories.entry(person).or_default().push(choice);
        }
        Ok(Ok(Recorded { reference: command.reference.clone(), added: count, version }))
    }

    /// Writes what the commands added; tells what an index must know of it.
    pub async fn finish(
        self,
        group: &mut Group,
        duties: &Duties<'_>,
        confirming: Option<&Confirming>,
    ) -> Result<News, StoreError> {
        group.insert_people(&self.people).await?;
        group.insert_identifiers(&self.identifiers).await?;
        let contacts = self.contacts;
        let owed = |choice: &Choice, link: &Link| {
            duties.owed(choice, link, contacts.get(&choice.entry.person.0))
        };
        let changed: BTreeSet<Uuid> = self.entries.iter().map(|entry| entry.person.0).collect();
        group.record(self.entries, owed).await?;
        group.insert_origins(&self.origins).await?;
        if let Some(confirming) = confirming {
            self.confirmations.write(group, confirming).await?;
        }
        let fold = |id: Uuid| Some((id, Preferences::fold(self.histories.get(&id)?)));
        let digest = |known: NewIdentifier| (known.person_id, vec![known.digest]);
        Ok(News {
            chosen: changed.into_iter().filter_map(fold).collect(),
            made: self.identifiers.into_iter().map(digest).collect(),
        })
    }

    /// A wish that is refused leaves no record behind of whom it would have made.
    fn forget(&mut self, stranger: Uuid) {
        self.people.retain(|person| person.id != stranger);
        self.identifiers.retain(|known| known.person_id != stranger);
        self.owners.retain(|_, owners| !owners.contains(&stranger));
    }

    fn people_of(&mut self, command: &Command) -> Vec<Uuid> {
        let handle = match &command.who {
            Who::Person(person) => {
                return vec![*self.merged.get(&person.0).unwrap_or(&person.0)];
            }
            Who::Handle(handle) => handle,
        };
        let mut people: Vec<Uuid> = handle
            .digests
            .iter()
            .filter_map(|(_, digest)| self.owners.get(digest))
            .flatten()
            .copied()
            .collect();
        people.sort_unstable();
        people.dedup();
        // A no makes a record of somebody new.
        if let (true, true, Some((key_id, digest))) =
            (people.is_empty(), command.wish.makes_a_record(), handle.digests.first())
        {
            self.people.push(NewPerson::unknown(command.stranger, command.at));
            self.identifiers.push(NewIdentifier {
                digest: digest.clone(),
                person_id: command.stranger,
                kind: kind(handle.kind).as_str(),
                key_id: i64::from(*key_id),
                cipher: None,
                created_at: command.at.0,
            });
            self.owners.insert(digest.clone(), vec![command.stranger]);
            people.push(command.stranger);
        }
        if !handle.sealed.is_empty() {
            let named = people.iter().map(|person| (*person, handle.sealed.clone()));
            self.contacts.extend(named);
        }
        people
    }
}

/// The kind of identifier that a handle stands for.
pub(super) const fn kind(kind: HandleKind) -> IdentifierKind {
    match kind {
        HandleKind::Email => IdentifierKind::Email,
        HandleKind::Phone => IdentifierKind::Phone,
        HandleKind::Customer => IdentifierKind::Customer,
        HandleKind::Browser => IdentifierKind::Browser,
    }
}

/// Only turning something on asks for more than the ledger knows.
async fn standpoint(
    group: &mut Group,
    person: Uuid,
    command: &Command,
) -> Result<Standpoint, StoreError> {
    let loosens = match &command.wish {
        Wish::AskOn(_) | Wish::ConfirmOn { .. } => command.by.assurance >= Assurance::Verified,
        Wish::Report(report) => !report.is_protective(),
        _ => false,
    };
    if !loosens {
        return Ok(Standpoint::default());
    }
    let born = group.find_birth_year(person).await?;
    Ok(Standpoint { birth_year: born.and_then(|year| u16::try_from(year).ok()) })
}
