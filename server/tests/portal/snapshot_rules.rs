//! What a snapshot says, over random people and histories: what the gate says, or something
//! more protective.

use std::collections::HashSet;
use std::io::BufReader;
use std::sync::Arc;

use app::portal::Notice;
use domain::catalogue::parse;
use domain::contact::IdentifierKind;
use domain::decision::Standpoint;
use domain::moment::DAY;
use domain::preference::Step;
use domain::{
    Act, Catalogue, Moment, NoticeNumber, Position, Preferences, Rulebook, Target, Voice,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use server::gate::{Judge, Subject};
use server::index::{Entered, Table, prefix};
use server::keys::Keys;
use server::snapshot::{Builder, Credentials, LIFETIME, Offline, Plan, Since, Snapshot, Stance};
use server::store::Reached;
use server::vault::Vault;
use uuid::Uuid;

use crate::support::portal::CATALOGUE;
use crate::support::ports::{BEGINNING, MockClock, SeededRandom};

const CLIENT: &str = "3f9a0c7e5b21d846";
/// Addresses in use; the last is nobody's.
const ADDRESSES: usize = 6;

/// Somebody: by which addresses and lookup keys they are known, what they chose, when born.
#[derive(Clone, Debug)]
struct Somebody {
    known: Vec<(usize, usize)>,
    chose: Vec<(prop::sample::Index, u8, i64)>,
    birth_year: Option<u16>,
}

fn somebody() -> impl Strategy<Value = Somebody> {
    let known = vec((0..ADDRESSES - 1, 0..2_usize), 0..3);
    let chose = vec((any::<prop::sample::Index>(), 0..5_u8, 0..900_i64), 0..5);
    (known, chose, option::of(2005..2020_u16)).prop_map(|(known, chose, birth_year)| Somebody {
        known,
        chose,
        birth_year,
    })
}

/// A world without a database.
struct World {
    keys: Keys,
    vault: Vault,
    notice: Arc<Notice>,
    targets: Vec<Target>,
    table: Table,
    people: Vec<Somebody>,
    revision: i64,
}

fn address(number: usize) -> Subject {
    let text = format!("customer-{number}@example.com");
    Subject::read(IdentifierKind::Email, &text, "GB").unwrap()
}

impl World {
    fn new(rotated: bool, people: Vec<Somebody>) -> Self {
        let mut keys = Keys::generate(&SeededRandom::new(1));
        if rotated {
            keys.lookup.insert(2, Keys::generate(&SeededRandom::new(2)).lookup[&1].clone());
        }
        let catalogue: Catalogue = parse(CATALOGUE).unwrap();
        let exceptions = catalogue.exceptions.iter().map(|one| Target::Exception(one.key.clone()));
        let targets = catalogue.leaves().chain(exceptions).collect();
        let notice = Notice {
            number: NoticeNumber(1),
            rules: Rulebook::new(&catalogue),
            catalogue,
            published_at: BEGINNING,
        };
        let vault = Vault::new(&keys);
        let mut world = Self {
            keys,
            vault,
            notice: Arc::new(notice),
            targets,
            table: Table::default(),
            people: Vec::new(),
            revision: 0,
        };
        for one in people {
            world.people.push(one);
            world.enter(world.people.len() - 1);
        }
        world
    }

    fn id(place: usize) -> Uuid {
        Uuid::from_u128(0x1000 + place as u128)
    }

    /// Puts somebody into the table as they are now.
    fn enter(&mut self, place: usize) {
        self.revision += 1;
        let one = &self.people[place];
        let wide = ["everything", "marketing", "sharing", "topic:offers", "purpose:advertising"];
        let wide = wide.iter().map(|text| text.parse::<Target>().unwrap());
        let targets: Vec<Target> = wide.chain(self.targets.iter().cloned()).collect();
        let steps = one.chose.iter().enumerate().map(|(number, (target, act, days))| {
            let at = BEGINNING.plus(-days * DAY);
            let voice = if *act == 1 { Voice::Signal } else { Voice::Own };
            let act = match act {
                0 | 1 => Act::Withdrawn,
                2 | 3 => Act::Granted,
                _ => Act::Paused { until: at.plus(950 * DAY) },
            };
            (Position(1 + i64::try_from(number).unwrap()), target.get(&targets), act, at, voice)
        });
        let steps: Vec<_> = steps.collect();
        let preferences =
            Preferences::fold_steps(steps.iter().map(|(position, target, act, at, voice)| Step {
                position: *position,
                target,
                act: *act,
                at: *at,
                voice: *voice,
            }));
        let digests = one.known.iter().map(|(who, key)| {
            let who = address(*who);
            let known = self.vault.lookup(who.kind(), who.normal());
            prefix(&known[key % known.len()].digest)
        });
        self.table.put(&Entered {
            id: Self::id(place),
            preferences: &preferences,
            revision: self.revision,
            standpoint: Standpoint { birth_year: one.birth_year },
            language: None,
            digests: &digests.collect::<Vec<_>>(),
        });
    }

    fn plan(&self, made_at: Moment, since: Option<Since>) -> Plan {
        Plan {
            notice: Arc::clone(&self.notice),
            targets: self.targets.clone(),
            client: CLIENT.into(),
            keys: self.vault.snapshot().unwrap().clone(),
            made_at,
            reached: Reached { position: Position(9), revision: self.revision },
            since,
        }
    }

    fn makes(&self, made_at: Moment, since: Option<Since>) -> Snapshot {
        let plan = self.plan(made_at, since);
        let mut builder = Builder::new(&plan);
        for at in (0..self.table.parts()).step_by(3) {
            builder.take(&self.table, at..at + 3);
        }
        builder.finish()
    }

    /// What the gate would say at a moment, for everyone and every target.
    fn gate(&self, at: Moment) -> Vec<bool> {
        let judge = Judge::new(Arc::clone(&self.notice), &self.vault, at, Position(9));
        let all = (0..ADDRESSES).flat_map(|who| self.targets.iter().map(move |to| (who, to)));
        let all: Vec<(Subject, &Target)> = all.map(|(who, to)| (address(who), to)).collect();
        let asked: Vec<(&Subject, &Target)> = all.iter().map(|(who, to)| (who, *to)).collect();
        let one_by_one = asked.iter().map(|(who, to)| judge.decide(&self.table, who, to));
        let verdicts = judge.decide_all(&self.table, &asked);
        assert_eq!(one_by_one.collect::<Vec<_>>(), verdicts, "one by one or all together");
        verdicts.into_iter().map(|verdict| verdict.decision.allowed).collect()
    }

    /// What a snapshot says, read from its file, for everyone and every target.
    fn offline(&self, snapshot: Snapshot) -> Vec<bool> {
        let pieces = snapshot.into_pieces(self.vault.snapshot().unwrap().clone());
        let file = pieces.collect::<Vec<_>>().concat();
        let credentials = Credentials::of(&self.keys, CLIENT).unwrap();
        let snapshot = Snapshot::read(BufReader::new(&*file), &credentials).unwrap();
        let clock = MockClock::new();
        clock.moves(snapshot.header.made_at.0.since(BEGINNING));
        let offline = Offline::new(snapshot, credentials, LIFETIME, Arc::new(clock)).unwrap();
        let all = (0..ADDRESSES).flat_map(|who| self.targets.iter().map(move |to| (who, to)));
        all.map(|(who, to)| offline.allows(&address(who), to).unwrap()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// It is the gate's answer, but for what the passing of its day would deny.
    #[test]
    fn a_snapshot_allows_whom_the_gate_allows_now_and_for_its_whole_life(
        rotated in any::<bool>(), people in vec(somebody(), 0..8), days in 0..400_i64,
    ) {
        let world = World::new(rotated, people);
        let now = BEGINNING.plus(days * DAY);
        let (then, end) = (world.gate(now), world.gate(now.plus(LIFETIME)));
        let expected: Vec<bool> = then.iter().zip(&end).map(|(one, other)| *one && *other).collect();
        prop_assert_eq!(world.offline(world.makes(now, None)), expected);
    }

    /// However much happened or merely ran out in between.
    #[test]
    fn a_delta_makes_of_the_old_snapshot_the_new_one(
        rotated in any::<bool>(),
        people in vec(somebody(), 1..8),
        changes in vec((any::<prop::sample::Index>(), somebody()), 0..4),
        newcomers in vec(somebody(), 0..3),
        days in prop_oneof![Just(0), 0..3_i64, 0..400_i64],
    ) {
        let mut world = World::new(rotated, people);
        let before = world.makes(BEGINNING, None);
        let mut changed = HashSet::new();
        for (who, new) in changes {
            let place = who.index(world.people.len());
            let one = &mut world.people[place];
            one.chose.extend(new.chose);
            (one.known, one.birth_year) = (new.known, new.birth_year);
            world.enter(place);
            changed.insert(World::id(place));
        }
        for one in newcomers {
            world.people.push(one);
            world.enter(world.people.len() - 1);
            changed.insert(World::id(world.people.len() - 1));
        }
        let now = BEGINNING.plus(days * DAY);
        let since = Since { cursor: before.header.cursor.clone(), changed };
        let plan = world.plan(now, Some(since));
        prop_assume!(plan.defaults_as_at(BEGINNING));
        let delta = Snapshot::build(&world.table, &plan);
        prop_assert!(!delta.header.full);
        let follows = before.followed_by(delta).unwrap();
        prop_assert_eq!(follows, world.makes(now, None));
    }
}

#[test]
fn a_register_whose_review_is_overdue_denies_everyone() {
    let world = World::new(false, Vec::new());
    let late = world.makes(BEGINNING.plus(40 * 365 * DAY), None);
    let shared = |target: &Target| matches!(target, Target::Share(..) | Target::Exception(_));
    for target in late.header.targets.iter().filter(|one| shared(&one.target)) {
        assert_eq!(target.default, Stance::Deny, "{}", target.target);
    }
    assert!(!world.plan(BEGINNING.plus(40 * 365 * DAY), None).defaults_as_at(BEGINNING));
}
