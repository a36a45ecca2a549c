//! Tries, deadlines and the pace of systems.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::sample::{NOW, catalogue};
use crate::delivery::{
    LONGEST_WAIT, Outcome, PACE_DAYS, Pace, SCHEDULE, Stage, State, id, is_overdue, next_try,
    outcome, pace, stage,
};
use crate::moment::{HOUR, MINUTE, Moment};

#[test]
fn ten_tries_are_spread_over_three_days() {
    assert_eq!(SCHEDULE.len(), 10);
    assert_eq!(SCHEDULE.iter().sum::<i64>(), 75 * HOUR + 35 * MINUTE + 5_000);
    assert_eq!(next_try(0, NOW, u32::MAX, None), Some(NOW));
    assert_eq!(next_try(1, NOW, 0, None), Some(NOW.plus(4_500)));
    assert_eq!(next_try(1, NOW, u32::MAX, None), Some(NOW.plus(5_500)));
    assert_eq!(next_try(10, NOW, 0, Some(1)), None);
    assert_eq!(PACE_DAYS, 90);
}

#[test]
fn a_receivers_wish_is_heeded_within_reason() {
    assert_eq!(next_try(1, NOW, 0, Some(HOUR)), Some(NOW.plus(HOUR)));
    assert_eq!(next_try(1, NOW, 0, Some(-HOUR)), Some(NOW.plus(4_500)));
    assert_eq!(next_try(1, NOW, 0, Some(i64::MAX)), Some(NOW.plus(LONGEST_WAIT)));
}

#[test]
fn only_2xx_is_success() {
    for status in 0..=999 {
        let expected = match status {
            200..=299 => Outcome::Taken,
            410 => Outcome::Gone,
            429 | 502..=504 => Outcome::Again { heeds_wish: true },
            _ => Outcome::Again { heeds_wish: false },
        };
        assert_eq!(outcome(status), expected, "{status}");
    }
}

#[test]
fn what_is_not_confirmed_in_time_is_overdue() {
    for state in State::ALL {
        assert_eq!(State::from_word(state.as_str()), Some(state));
        assert!(!is_overdue(state, NOW, NOW));
        assert_eq!(is_overdue(state, NOW, NOW.plus(1)), state != State::Acknowledged);
    }
    assert_eq!(State::from_word("overdue"), None);
}

#[test]
fn a_customer_is_told_of_the_worst_first() {
    let due = NOW.plus(HOUR);
    for state in State::ALL {
        assert_eq!(stage(state, Some(NOW), due, due.plus(1)), Stage::Confirmed(NOW));
    }
    for state in [State::Queued, State::Sent, State::Failed] {
        assert_eq!(stage(state, None, due, due.plus(1)), Stage::Late);
    }
    assert_eq!(stage(State::Sent, None, due, due), Stage::Asked);
    assert_eq!(stage(State::Queued, None, due, due), Stage::Waiting);
    assert_eq!(stage(State::Failed, None, due, due), Stage::Waiting);
}

#[test]
fn an_id_belongs_to_one_entry_and_one_system() {
    let catalogue = catalogue();
    let mut ids = BTreeSet::new();
    for link in [[1; 32], [2; 32]] {
        for system in &catalogue.systems {
            assert_eq!(id(NOW, &link, system), id(NOW, &link, system));
            ids.insert(id(NOW, &link, system));
        }
    }
    assert_eq!(ids.len(), catalogue.systems.len() * 2);
    assert!(ids.iter().all(|id| id.get_version_num() == 7));
}

#[test]
fn a_pace_is_the_middle_and_the_end() {
    assert_eq!(pace(&[]), None);
    assert_eq!(pace(&[(5, 0)]), None);
    assert_eq!(pace(&[(5, 1)]), Some(Pace { median: 5, slowest: 5 }));
    assert_eq!(pace(&[(9, 1), (1, 2), (5, 2)]), Some(Pace { median: 5, slowest: 9 }));
    assert_eq!(pace(&[(9, 1), (1, 1)]), Some(Pace { median: 1, slowest: 9 }));
}

proptest! {
    #[test]
    fn a_try_is_within_a_tenth_of_its_place(failed in 0..10_u16, random: u32) {
        let wait = SCHEDULE[usize::from(failed)];
        let next = next_try(failed, Moment(0), random, None).expect("a try is left").0;
        prop_assert!(next >= wait - wait / 10 && next <= wait + wait / 10);
    }

    #[test]
    fn a_wish_only_puts_off(failed in 0..10_u16, random: u32, wish: i64) {
        let plain = next_try(failed, NOW, random, None).expect("a try is left");
        let wished = next_try(failed, NOW, random, Some(wish)).expect("a try is left");
        prop_assert!(wished >= plain);
        prop_assert!(wished <= plain.max(NOW.plus(LONGEST_WAIT)));
    }

    #[test]
    fn half_are_as_fast_as_the_median(
        times in prop::collection::vec((0..100_i64, 1..9_u64), 1..20),
    ) {
        let found = pace(&times).expect("some were confirmed");
        let count = |slower: &dyn Fn(i64) -> bool| -> u64 {
            times.iter().filter(|(time, _)| slower(*time)).map(|(_, count)| count).sum()
        };
        let all = count(&|_| true);
        prop_assert!(count(&|time| time <= found.median) * 2 >= all);
        prop_assert!(count(&|time| time >= found.median) * 2 >= all);
        prop_assert!(times.iter().all(|(time, _)| *time <= found.slowest));
    }
}
