//! One row meets the crowd: who it is, what it changes, and what it may not.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::portal::Notice;
use domain::choice::{Actor, Entry};
use domain::ratchet::{admits, carry_over};
use domain::{
    Act, Choice, Language, Moment, PersonId, Position, Preferences, Reference, Source, Standings,
    Target,
};
use uuid::Uuid;

use super::blocks::{Customer, Handle};
use super::crowd::{Crowd, Person};
use super::import::Report;
use crate::ports::{Random, new_uuid};
use crate::store::NewPerson;
use crate::vault::Vault;

/// Under which circumstances rows arrive.
pub struct Circumstances<'a> {
    /// Keys.
    pub vault: &'a Vault,
    /// Chance.
    pub random: &'a dyn Random,
    /// The notice in force.
    pub notice: &'a Arc<Notice>,
    /// The time.
    pub now: Moment,
    /// How they reached the business.
    pub source: Source,
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
    source: Source,
}

impl Crowd {
    /// Takes one row.
    pub fn arrive(&mut self, row: &Customer, of: &Circumstances, report: &mut Report) {
        let (id, arrival) = self.place(row, of);
        let givers = self.givers(row, id, arrival);
        let mut person = self.people.remove(&id).unwrap_or_default();
        let known = self.name(&mut person, row, id, of.now);
        let told = self.describe(&mut person, row, id, of);
        let language =
            person.details.as_ref().and_then(|known| known.language.as_deref()?.parse().ok());
        let default = of.notice.catalogue.languages.first().copied();
        let language = language.or(default).unwrap_or(Language::English);
        let mut pen = Pen { of, person: id, language, reference: None, source: of.source };
        let before = self.writes.entries.len();
        for giver in givers {
            let Some(giver) = self.people.get(&giver) else { continue };
            for (target, act, voice) in carry_over(&giver.preferences, &person.preferences, of.now)
            {
                pen.source = voice.carried(of.source);
                self.record(&mut person, &mut pen, target, act);
                report.carried += 1;
            }
        }
        pen.source = of.source;
        self.permit(&mut person, &mut pen, row, report);
        let chose = self.writes.entries.len() > before;
        person.stirred |= chose || arrival == Arrival::Adopted;
        self.people.insert(id, person);
        match arrival {
            Arrival::New => report.added += 1,
            Arrival::Adopted => report.updated += 1,
            Arrival::Known if known || told || chose => report.updated += 1,
            Arrival::Known => report.unchanged += 1,
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
        let id = new_uuid(of.now, of.random);
        self.writes.people.push(NewPerson::unknown(id, of.now));
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

    /// What the customer said, by the row: first every no, so that no yes gets ahead of it.
    fn permit(&mut self, person: &mut Person, pen: &mut Pen, row: &Customer, report: &mut Report) {
        for target in &row.permissions.refused {
            if admits(&person.preferences, target, Act::Withdrawn) {
                self.record(person, pen, target.clone(), Act::Withdrawn);
                report.recorded += 1;
            }
        }
        for target in &row.permissions.given {
            if admits(&person.preferences, target, Act::Granted) {
                self.record(person, pen, target.clone(), Act::Granted);
                report.recorded += 1;
            } else if person.preferences.standing(target).is_some_and(|known| !known.granted) {
                report.kept_out += 1;
            }
        }
    }

    fn record(&mut self, person: &mut Person, pen: &mut Pen, target: Target, act: Act) {
        let reference = pen.reference.get_or_insert_with(|| {
            let mut bytes = [0; 5];
            pen.of.random.fill(&mut bytes);
            Reference::from_random(bytes)
        });
        let entry = Entry {
            person: PersonId(pen.person),
            target,
            act,
            source: pen.source,
            actor: Actor::System,
            notice: pen.of.notice.number,
            language: pen.language,
            at: pen.of.now,
            reference: reference.clone(),
        };
        self.writes.entries.push(entry.clone());
        person.history.push(Choice { position: self.next, entry });
        person.preferences = Preferences::fold(&person.history);
        self.next = Position(self.next.0 + 1);
    }
}
