//! From the table of everyone to a snapshot.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use app::portal::Notice;
use domain::decision::Standpoint;
use domain::rulebook::Matter;
use domain::{Moment, Target};
use uuid::Uuid;

use super::header::{FORMAT, VERSION};
use super::keys::Hasher;
use super::{Cursor, Hash, Header, LIFETIME, Lists, Snapshot, SnapshotKeys, Stance, TargetHeader};
use crate::api::time::Time;
use crate::index::{Held, Known, Prefix, Table};
use crate::store::Reached;

/// What a snapshot is made of, and for whom.
pub struct Plan {
    /// The notice it is decided under.
    pub notice: Arc<Notice>,
    /// Single switches and exceptions of the notice.
    pub targets: Vec<Target>,
    /// The id of the client's API key.
    pub client: String,
    /// The keys.
    pub keys: SnapshotKeys,
    /// The moment it is decided for.
    pub made_at: Moment,
    /// How far the table had followed before it was looked at.
    pub reached: Reached,
    /// What a delta follows on; none for a full snapshot.
    pub since: Option<Since>,
}

/// What a delta follows on.
pub struct Since {
    /// The snapshot before.
    pub cursor: Cursor,
    /// Everyone who chose, came or changed after it.
    pub changed: HashSet<Uuid>,
}

impl Plan {
    /// What holds for whoever is unknown.
    fn default(&self, target: &Target, at: Moment) -> Stance {
        let matter = self.notice.rules.find(target);
        if allows(&Held::NOBODY, &matter, at) { Stance::Allow } else { Stance::Deny }
    }

    /// Whether the same holds for whoever is unknown as at an earlier moment.
    #[must_use]
    pub fn defaults_as_at(&self, earlier: Moment) -> bool {
        let same = |target| self.default(target, earlier) == self.default(target, self.made_at);
        self.targets.iter().all(same)
    }
}

/// Whether somebody may be reached at a moment, and will be if only time passes until a snapshot of
/// that moment has had its day.
fn allows(held: &Held<'_>, matter: &Matter<'_>, at: Moment) -> bool {
    let standpoint: Standpoint = held.standpoint();
    let decide = |now| matter.decide(held, standpoint, now).allowed;
    decide(at) && decide(at.plus(LIFETIME))
}

/// On which list somebody stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listing {
    Denied,
    Allowed,
    None,
}

/// Builds a snapshot from a table, part by part.
pub struct Builder<'a> {
    plan: &'a Plan,
    /// What the notice says of each target.
    matters: Vec<Matter<'a>>,
    hasher: Hasher,
    defaults: Vec<Stance>,
    lists: Vec<Lists>,
}

impl<'a> Builder<'a> {
    /// Begins.
    #[must_use]
    pub fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            matters: plan.targets.iter().map(|one| plan.notice.rules.find(one)).collect(),
            hasher: plan.keys.client(&plan.client).hasher(),
            defaults: plan.targets.iter().map(|one| plan.default(one, plan.made_at)).collect(),
            lists: plan.targets.iter().map(|_| Lists::default()).collect(),
        }
    }

    /// Forgets what it was given.
    pub fn clear(&mut self) {
        for lists in &mut self.lists {
            *lists = Lists::default();
        }
    }

    /// Takes the identifiers in some of a table's parts.
    pub fn take(&mut self, table: &Table, parts: Range<usize>) {
        for part in parts {
            table.for_each_known(part, |known| match &self.plan.since {
                None => self.enter(table, &known),
                Some(since) => self.update(table, &known, since),
            });
        }
    }

    /// The snapshot of all that was taken.
    #[must_use]
    pub fn finish(mut self) -> Snapshot {
        for lists in &mut self.lists {
            lists.tidy();
        }
        let Plan { notice, client, keys, made_at, reached, since, targets, .. } = self.plan;
        let fingerprint = keys.fingerprint(client);
        let targets = targets.iter().zip(&self.defaults).zip(&self.lists);
        let targets = targets.map(|((target, default), lists)| {
            let (target, default) = (target.clone(), *default);
            TargetHeader { target, default, denied: 0, allowed: 0, removed: 0 }.counting(lists)
        });
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            controller: notice.catalogue.controller.name.clone(),
            country: notice.catalogue.controller.country.clone(),
            client: client.clone(),
            keys: fingerprint.clone(),
            notice: notice.number,
            position: reached.position,
            made_at: Time(*made_at),
            valid_until: Time(made_at.plus(LIFETIME)),
            full: since.is_none(),
            after: since.as_ref().map(|since| since.cursor.clone()),
            cursor: Cursor {
                notice: notice.number,
                reached: *reached,
                made_at: *made_at,
                keys: fingerprint,
            },
            targets: targets.collect(),
        };
        Snapshot { header, lists: self.lists }
    }

    /// The list of an identifier: whom it leads to may all be reached, some may not, or it leads
    /// to nobody.
    fn listing(&self, place: usize, allowed: Option<bool>) -> Listing {
        match (self.default_at(place), allowed) {
            (Stance::Allow, Some(false)) => Listing::Denied,
            (Stance::Deny, Some(true)) => Listing::Allowed,
            // Known by hashes under several keys, a no under one holds against a yes under another.
            (Stance::Deny, Some(false)) if self.plan.keys.are_rotated() => Listing::Denied,
            _ => Listing::None,
        }
    }

    fn default_at(&self, place: usize) -> Stance {
        self.defaults[place]
    }

    fn enter(&mut self, table: &Table, known: &Known<'_>) {
        if !known.is_current {
            return;
        }
        let plain = known.held.is_plain();
        let mut hash = None;
        for place in 0..self.matters.len() {
            let matter = self.matters[place];
            if plain && self.default_at(place) == Stance::Allow {
                continue;
            }
            let mut allowed = !plain && allows(&known.held, &matter, self.plan.made_at);
            if allowed && self.default_at(place) == Stance::Deny {
                allowed = self.verdict(table, &known.prefix, &matter) == Some(true);
            }
            let listing = self.listing(place, Some(allowed));
            if listing != Listing::None {
                let hash = *hash.get_or_insert_with(|| self.hasher.hash(&known.prefix));
                self.put(place, listing, hash);
            }
        }
    }

    /// Whether all whom an identifier leads to may be reached; none where it leads to nobody.
    fn verdict(&self, table: &Table, prefix: &Prefix, matter: &Matter<'_>) -> Option<bool> {
        let mut all = None;
        for held in table.known_by(prefix) {
            all = Some(all.unwrap_or(true) && allows(&held, matter, self.plan.made_at));
        }
        all
    }

    fn update(&mut self, table: &Table, known: &Known<'_>, since: &Since) {
        let Known { held, prefix, .. } = known;
        let chose = held.person().is_none_or(|person| since.changed.contains(&person.0));
        if !chose && held.is_plain() {
            return;
        }
        let (then, now) = (since.cursor.made_at, self.plan.made_at);
        let mut hash = None;
        for place in 0..self.matters.len() {
            let matter = self.matters[place];
            let moved = || {
                let at = |moment| allows(held, &matter, moment);
                at(then) != at(now)
            };
            if chose || moved() {
                let hash = *hash.get_or_insert_with(|| self.hasher.hash(prefix));
                let verdict = self.verdict(table, prefix, &matter);
                self.put(place, self.listing(place, verdict), hash);
            }
        }
    }

    fn put(&mut self, place: usize, listing: Listing, hash: Hash) {
        let lists = &mut self.lists[place];
        match listing {
            Listing::Denied => lists.denied.push(hash),
            Listing::Allowed => lists.allowed.push(hash),
            Listing::None => {
                if self.plan.since.is_some() {
                    lists.removed.push(hash);
                }
            }
        }
    }
}

impl Snapshot {
    /// A snapshot of a table that stands still.
    #[must_use]
    pub fn build(table: &Table, plan: &Plan) -> Self {
        let mut builder = Builder::new(plan);
        builder.take(table, 0..table.parts());
        builder.finish()
    }
}
