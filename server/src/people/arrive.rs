//! One row meets the crowd: who it is, what it changes, and what it may not.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::portal::Notice;
use domain::choice::{Actor, Entry};
use domain::ratchet::{admits, carry_over};
use domain::{
    Act, Choice, Language, Moment, PersonId, Position, Preferences, Reference, Source, Target,
};
use uuid::Uuid;

use super::blocks::{Customer, Handle};
use super::crowd::{Crowd, Person};
use crate::cli::Premises;
use crate::ports::new_uuid;
use crate::store::{Known, Mark, NewIdentifier, NewPerson};

/// What rows did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People that are new.
    pub added: u64,
    /// People of whom something changed, adopted ones included.
    pub updated: u64,
    /// People of whom nothing changed.
    pub unchanged: u64,
    /// Permissions recorded.
    pub recorded: u64,
    /// Opt-outs and pauses taken over from people with the same address or number.
    pub carried: u64,
    /// Permissions that were not recorded, because the customer had said no.
    pub kept_out: u64,
}

/// Under which circumstances rows arrive.
pub struct Circumstances<'a> {
    /// Keys and chance.
    pub premises: &'a Premises,
    /// The notice in force.
    pub notice: &'a Arc<Notice>,
    /// The time.
    pub now: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    New,
    Adopted,
    Known,
}

/// Whoever gives entries of one row the same number.
struct Pen<'a, 'b> {
    of: &'a Circumstances<'b>,
    person: Uuid,
    language: Language,
    reference: Option<Reference>,
}

impl Crowd {
    /// Takes one row.
    pub fn arrive(&mut self, row: &Customer, of: &Circumstances, tally: &mut Tally) {
        let (id, arrival) = self.place(row, of);
        let givers = self.givers(row, id, arrival);
        let mut person = self.people.remove(&id).unwrap_or_default();
        let named = self.name(&mut person, row, id, of);
        let described = self.describe(&mut person, row, id, of);
        let language = row.language.or_else(|| {
            let tag = person.details.as_ref().and_then(|known| known.language.as_deref());
            tag.and_then(|tag| tag.parse().ok())
        });
        let default = of.notice.catalogue.languages.first().copied();
        let language = language.or(default).unwrap_or(Language::English);
        let mut pen = Pen { of, person: id, language, reference: None };
        let before = self.writes.entries.len();
        for giver in givers {
            let Some(giver) = self.people.get(&giver) else { continue };
            for (target, act) in carry_over(&giver.preferences, &person.preferences, of.now) {
                self.record(&mut person, &mut pen, target, act);
                tally.carried += 1;
            }
        }
        self.permit(&mut person, &mut pen, row, tally);
        let chose = self.writes.entries.len() > before;
        person.stirred |= chose || arrival == Arrival::Adopted;
        self.people.insert(id, person);
        match arrival {
            Arrival::New => tally.added += 1,
            Arrival::Adopted => tally.updated += 1,
            Arrival::Known if named || described || chose => tally.updated += 1,
            Arrival::Known => tally.unchanged += 1,
        }
    }

    /// Whose row it is: by customer number; else a bare record that has the address or number;
    /// else somebody new.
    fn place(&mut self, row: &Customer, of: &Circumstances) -> (Uuid, Arrival) {
        if let Some(known) = self.owners(&row.number).min() {
            return (known, Arrival::Known);
        }
        let is_bare = |id: &Uuid| self.people.get(id).is_some_and(|person| person.bare);
        let bare = row.contacts.iter().find_map(|contact| self.owners(contact).find(is_bare));
        if let Some(bare) = bare {
            return (bare, Arrival::Adopted);
        }
        let id = new_uuid(of.now, of.premises.random.as_ref());
        self.people.insert(id, Person { fresh: true, ..Person::default() });
        (id, Arrival::New)
    }

    /// The people whose protections the row's person takes over: those who have an address or
    /// number that this person gains.
    fn givers(&self, row: &Customer, id: Uuid, arrival: Arrival) -> BTreeSet<Uuid> {
        let gains = |contact: &&Handle| {
            arrival != Arrival::Known || self.owners(contact).all(|owner| owner != id)
        };
        let contacts = row.contacts.iter().filter(gains);
        contacts.flat_map(|contact| self.owners(contact)).filter(|owner| *owner != id).collect()
    }

    /// Notes what the person is known by; false when all of it was known.
    fn name(&mut self, person: &mut Person, row: &Customer, id: Uuid, of: &Circumstances) -> bool {
        let mut changed = false;
        for handle in row.handles() {
            let Some(current) = handle.digests.first() else { continue };
            let newest = person.newest(handle.kind);
            if newest.is_some_and(|mark| mark.sealed && mark.digest == current.digest) {
                continue;
            }
            // The newest address of a person is the one to write to, also within one file.
            let created_at = newest.map_or(of.now.0, |mark| of.now.0.max(mark.created_at + 1));
            let digest = current.digest.clone();
            let identifier = NewIdentifier {
                digest: digest.clone(),
                person_id: id,
                kind: handle.kind.as_str(),
                key_id: i64::from(current.key_id),
                cipher: Some(handle.cipher.clone()),
                created_at,
            };
            self.writes.identifiers.insert((digest.clone(), id), identifier);
            person.marks.retain(|mark| mark.digest != digest);
            person.marks.push(Mark {
                person_id: id,
                digest: digest.clone(),
                kind: handle.kind.as_str().to_owned(),
                sealed: true,
                created_at,
            });
            let owners = self.owners.entry(digest).or_default();
            if !owners.contains(&id) {
                owners.push(id);
            }
            changed = true;
        }
        person.bare = false;
        changed
    }

    /// Notes what the row says of the person; false when all of it was known.
    fn describe(
        &mut self,
        person: &mut Person,
        row: &Customer,
        id: Uuid,
        of: &Circumstances,
    ) -> bool {
        let news = news(person.details.as_ref(), row, id, of);
        let empty = NewPerson::unknown(id, Moment(news.created_at));
        let changed = news != empty;
        let merged = merge(person.details.take().unwrap_or(empty), &news);
        if person.fresh && person.history.is_empty() && !self.writes.known(id) {
            self.writes.people.push(news);
            self.writes.arrived.insert(id);
        } else if changed {
            let before = self.writes.details.remove(&id);
            let all = before.map_or(news.clone(), |before| merge(before, &news));
            self.writes.details.insert(id, all);
        }
        person.details = Some(merged);
        changed
    }
}
