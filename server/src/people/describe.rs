//! What a row says of a person, compared with what is known.

use domain::Moment;
use uuid::Uuid;

use super::arrive::Circumstances;
use super::blocks::Customer;
use super::crowd::{Crowd, Person};
use crate::store::{Known, Mark, NewIdentifier};
use crate::vault::Vault;

impl Crowd {
    /// Notes what the person is known by; false when all of it was known.
    pub(super) fn name(
        &mut self,
        person: &mut Person,
        row: &Customer,
        id: Uuid,
        now: Moment,
    ) -> bool {
        let mut changed = false;
        for handle in row.handles() {
            let Some(current) = handle.digests.first() else { continue };
            let newest = person.newest(handle.kind);
            if newest.is_some_and(|mark| mark.sealed && mark.digest == current.digest) {
                continue;
            }
            // The newest address of a person is the one to write to, also within one file.
            let created_at = newest.map_or(now.0, |mark| now.0.max(mark.created_at + 1));
            let digest = current.digest.clone();
            let identifier = NewIdentifier {
                digest: digest.clone(),
                person_id: id,
                kind: handle.kind.as_str(),
                key_id: i64::from(current.key_id),
                cipher: Some(handle.cipher.clone()),
                created_at,
            };
            let is_new = handle.digests.iter().all(|own| !person.is_marked(&own.digest));
            if is_new && !person.history.is_empty() {
                self.writes.renamed.insert(id);
            }
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
    pub(super) fn describe(
        &mut self,
        person: &mut Person,
        row: &Customer,
        id: Uuid,
        of: &Circumstances,
    ) -> bool {
        let nothing = Known::unknown(id, of.now);
        let known = person.details.get_or_insert_with(|| nothing.clone());
        let news = news(known, row, of.vault);
        let changed = news != Known { created_at: known.created_at, ..nothing.clone() };
        if changed {
            update(known, &news);
            match self.writes.people.last_mut().filter(|last| last.id == id) {
                Some(arriving) => update(arriving, &news),
                None => update(self.writes.details.entry(id).or_insert(nothing), &news),
            }
        }
        changed
    }
}

/// What the row says that is not known yet.
fn news(known: &Known, row: &Customer, vault: &Vault) -> Known {
    let same_name = |plain: &str| {
        let name = known.name.as_deref().and_then(|sealed| vault.open("name", sealed));
        name.is_some_and(|name| name == plain)
    };
    let name = row.name.as_ref().filter(|name| !same_name(&name.plain));
    let language = row.language.map(|language| language.tag().to_owned());
    Known {
        id: known.id,
        name: name.map(|name| name.sealed.clone()),
        language: language.filter(|tag| known.language.as_ref() != Some(tag)),
        region: row.region.clone().filter(|region| known.region.as_ref() != Some(region)),
        birth_year: row.birth_year.filter(|year| known.birth_year != Some(*year)),
        created_at: known.created_at,
    }
}

fn update(known: &mut Known, news: &Known) {
    let Known { id: _, name, language, region, birth_year, created_at: _ } = news.clone();
    known.name = name.or_else(|| known.name.take());
    known.language = language.or_else(|| known.language.take());
    known.region = region.or_else(|| known.region.take());
    known.birth_year = birth_year.or(known.birth_year);
}
