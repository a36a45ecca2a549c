//! What is put into a table comes out of it.

use domain::preference::Step;
use domain::{Act, Moment, PersonId, Position, Standings, Target, Voice};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn preferences(entries: &[(i64, &str, Act)]) -> Preferences {
    let targets: Vec<Target> =
        entries.iter().map(|(_, target, _)| target.parse().expect("a target")).collect();
    Preferences::fold_steps(entries.iter().zip(&targets).map(|((position, _, act), target)| Step {
        position: Position(*position),
        target,
        act: *act,
        at: Moment(*position),
        voice: Voice::Own,
    }))
}

fn enter(table: &mut Table, id: u128, chosen: &Preferences, revision: i64, digests: &[Prefix]) {
    table.put(&Entered {
        id: Uuid::from_u128(id),
        preferences: chosen,
        revision,
        standpoint: Standpoint::default(),
        language: None,
        digests,
    });
}

fn known_by(table: &Table, digest: &[u8]) -> Vec<Option<PersonId>> {
    table.known_by(digest).map(|held| held.person()).collect()
}

#[test]
fn what_is_older_changes_nothing() {
    let mut table = Table::default();
    let new = preferences(&[(1, "sharing", Act::Withdrawn), (4, "marketing", Act::Withdrawn)]);
    let old = preferences(&[(1, "sharing", Act::Withdrawn)]);
    enter(&mut table, 7, &new, 2, &[[1; 12]]);
    enter(&mut table, 7, &old, 1, &[[2; 12]]);
    let held = table.find(Uuid::from_u128(7)).expect("there");
    assert_eq!(held.preferences(), new);
    assert_eq!(held.version(), Position(4));
    assert!(known_by(&table, &[2; 32]).is_empty());
}

#[test]
fn an_identifier_that_was_taken_away_leads_nowhere() {
    let mut table = Table::default();
    let none = Preferences::default();
    enter(&mut table, 7, &none, 1, &[[1; 12], [2; 12]]);
    enter(&mut table, 7, &none, 2, &[[2; 12], [3; 12]]);
    assert!(known_by(&table, &[1; 32]).is_empty());
    assert_eq!(known_by(&table, &[2; 32]).len(), 1);
    assert_eq!(known_by(&table, &[3; 32]).len(), 1);
    enter(&mut table, 7, &none, 3, &[[1; 12]]);
    assert_eq!(known_by(&table, &[1; 32]).len(), 1, "given back, it leads there again");
}

#[test]
fn an_identifier_of_two_people_leads_to_both() {
    let mut table = Table::default();
    let none = Preferences::default();
    for id in 1..=2 {
        enter(&mut table, id, &none, 1, &[[9; 12]]);
    }
    assert_eq!(known_by(&table, &[9; 32]).len(), 2);
}

#[test]
fn many_are_all_found_again() {
    let mut table = Table::default();
    let no = preferences(&[(3, "sharing", Act::Withdrawn)]);
    for id in 0..5_000_u128 {
        enter(&mut table, id, &no, 1, &[scattered(id)]);
    }
    assert_eq!(table.len(), 5_000);
    for id in 0..5_000_u128 {
        let held = table.find(Uuid::from_u128(id)).expect("there");
        assert_eq!(held.person(), Some(PersonId(Uuid::from_u128(id))));
        assert_eq!(known_by(&table, &scattered(id)), [Some(PersonId(Uuid::from_u128(id)))]);
        assert!(held.standing(&"sharing".parse().expect("a target")).is_some());
    }
    assert!(table.find(Uuid::from_u128(5_000)).is_none());
}

fn scattered(number: u128) -> Prefix {
    let number = u64::try_from(number).expect("small");
    let mut prefix = Prefix::default();
    prefix[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    prefix
}

#[test]
fn a_change_takes_the_room_of_what_was_there() {
    let mut table = Table::default();
    enter(&mut table, 7, &Preferences::default(), 1, &[]);
    for position in 1..20_000 {
        let act = if position % 2 == 0 { Act::Granted } else { Act::Withdrawn };
        let one = preferences(&[(position, "sharing", act)]);
        let two = preferences(&[(position, "sharing", act), (position, "marketing", act)]);
        table.put_choices(Uuid::from_u128(7), if position % 3 == 0 { &two } else { &one });
    }
    assert_eq!(table.holds.pages.len(), 1);
    assert!(table.holds.pages[0].len() <= 3, "one and two things, each in its own room");
}

/// What happens to a table.
#[derive(Clone, Debug)]
enum Event {
    /// Somebody is read in the order of their ids.
    Read(Known),
    /// Somebody is put in who came, changed, or was changed before.
    Put(Known),
    /// Everyone was read.
    End,
}

#[derive(Clone, Debug)]
struct Known {
    id: u128,
    steps: Vec<(usize, u8)>,
    revision: i64,
    digests: Vec<u8>,
    birth_year: Option<u16>,
}

fn known() -> impl Strategy<Value = Known> {
    let steps = vec((0..4_usize, 0..6_u8), 0..6);
    let digests = vec(0..5_u8, 0..3);
    (0..12_u128, steps, 1..6_i64, digests, prop::option::of(1930..2020_u16)).prop_map(
        |(id, steps, revision, digests, birth_year)| Known {
            id,
            steps,
            revision,
            digests,
            birth_year,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => known().prop_map(Event::Read),
        4 => known().prop_map(Event::Put),
        1 => Just(Event::End),
    ]
}

/// Whose words steps are, for there to be all.
const VOICES: [Voice; 3] = [Voice::Own, Voice::Agent, Voice::Signal];

fn folded(known: &Known) -> Preferences {
    let targets = ["everything", "sharing", "message:offers/email", "topic:offers"];
    let targets = targets.map(|text| text.parse::<Target>().expect("a target"));
    let act = |number: &u8, position: i64| match number {
        0 => Act::Granted,
        1 => Act::Withdrawn,
        2 => Act::Paused { until: Moment(1_900_000_000_000 + position) },
        3 => Act::Resumed,
        4 => Act::Requested,
        _ => Act::Undone { entry: Position(position - 1) },
    };
    let steps: Vec<_> = (1..).zip(&known.steps).collect();
    Preferences::fold_steps(steps.iter().map(|(position, (target, number))| Step {
        position: Position(*position),
        target: &targets[*target],
        act: act(number, *position),
        at: Moment(1_750_000_000_000 + position),
        voice: VOICES[(*target + usize::from(*number)) % 3],
    }))
}

proptest! {
    /// The table against a plain list of what is known of everybody.
    #[test]
    fn whatever_happens_it_says_what_a_plain_list_says(events in vec(event(), 0..40)) {
        let mut table = Table::default();
        table.begin(0);
        let mut list: HashMap<u128, (Preferences, Known)> = HashMap::new();
        for event in events {
            let (known, put): (_, fn(&mut Table, &Entered<'_>)) = match event {
                Event::Read(known) => (known, Table::read),
                Event::Put(known) => (known, Table::put),
                Event::End => {
                    table.end();
                    continue;
                }
            };
            let preferences = folded(&known);
            let digests: Vec<Prefix> = known.digests.iter().map(|one| [*one; 12]).collect();
            put(&mut table, &Entered {
                id: Uuid::from_u128(known.id),
                preferences: &preferences,
                revision: known.revision,
                standpoint: Standpoint { birth_year: known.birth_year },
                language: None,
                digests: &digests,
            });
            let there = list.entry(known.id).or_insert_with(|| (preferences.clone(), known.clone()));
            if preferences.version() > there.0.version() {
                there.0 = preferences;
            }
            if known.revision > there.1.revision {
                there.1 = known;
            }
        }
        prop_assert_eq!(table.len(), list.len());
        for (id, (preferences, known)) in &list {
            let held = table.find(Uuid::from_u128(*id)).expect("there");
            prop_assert_eq!(&held.preferences(), preferences);
            prop_assert_eq!(held.version(), preferences.version());
            prop_assert_eq!(held.standpoint().birth_year, known.birth_year);
        }
        for digest in 0..5_u8 {
            let mut found = known_by(&table, &[digest; 32]);
            found.sort_unstable();
            let known = list.iter().filter(|(_, (_, known))| known.digests.contains(&digest));
            let mut expected: Vec<_> =
                known.map(|(id, _)| Some(PersonId(Uuid::from_u128(*id)))).collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
