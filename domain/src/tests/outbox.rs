//! Which letters there are, and what they tell.

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::sample::NOW;
use crate::change::WINDOW;
use crate::choice::{Actor, Entry};
use crate::moment::{DAY, HOUR, MINUTE, Moment};
use crate::outbox::{
    Confirmed, GATHER, Gathering, Kind, State, WAITS, lifetime, next_try, told, undoable,
};
use crate::{Act, Choice, Language, NoticeNumber, PersonId, Position, Reference, Source, Target};

fn choice(position: i64, act: Act, source: Source, at: Moment) -> Choice {
    let entry = Entry {
        person: PersonId(Uuid::nil()),
        target: Target::Marketing,
        act,
        source,
        actor: Actor::Person,
        notice: NoticeNumber(1),
        language: Language::English,
        at,
        reference: Reference::from_random([0; 5]),
    };
    Choice { position: Position(position), entry }
}

fn places(told: &[&Choice]) -> Vec<i64> {
    told.iter().map(|choice| choice.position.0).collect()
}

const OFF: Act = Act::Withdrawn;

const fn back(entry: i64) -> Act {
    Act::Undone { entry: Position(entry) }
}

#[test]
fn what_was_taken_back_before_the_letter_is_in_none() {
    let history =
        [choice(1, OFF, Source::Page, NOW), choice(2, back(1), Source::Page, NOW.plus(MINUTE))];
    let all = told(&history, Position(1), Position(2), Confirmed::Own);
    assert_eq!(places(&all), [0; 0]);
}

#[test]
fn what_is_taken_back_after_its_letter_is_told() {
    let history =
        [choice(1, OFF, Source::Page, NOW), choice(2, back(1), Source::Page, NOW.plus(GATHER))];
    let first = told(&history, Position(1), Position(1), Confirmed::Own);
    assert_eq!(places(&first), [1], "a letter knows nothing of what comes after it");
    let second = told(&history, Position(2), Position(2), Confirmed::Own);
    assert_eq!(places(&second), [2]);
}

#[test]
fn a_request_is_no_change_yet() {
    let history =
        [choice(1, Act::Requested, Source::Code, NOW), choice(2, Act::Granted, Source::Page, NOW)];
    assert_eq!(places(&told(&history, Position(1), Position(2), Confirmed::Own)), [2]);
}

#[test]
fn who_is_confirmed_what() {
    for &source in Source::ALL {
        assert!(!Confirmed::Nothing.includes(source));
        let never = matches!(source, Source::Import | Source::PreferenceSignal);
        assert_eq!(Confirmed::Told.includes(source), !never, "{source:?}");
        assert_eq!(Confirmed::Own.includes(source), !never && source != Source::Api, "{source:?}");
    }
}

#[test]
fn a_letter_takes_back_what_it_tells_and_nothing_else() {
    for (act, source, expected) in [
        (OFF, Source::Page, true),
        (Act::Paused { until: NOW }, Source::Form, true),
        (OFF, Source::OneClick, true),
        (OFF, Source::Reply, true),
        (OFF, Source::StaffPhone, true),
        (Act::Granted, Source::Page, false),
        (Act::Requested, Source::Page, false),
        (back(1), Source::Page, false),
        (OFF, Source::Api, false),
        (OFF, Source::PreferenceSignal, false),
        (OFF, Source::Import, false),
    ] {
        let history = [
            choice(1, OFF, Source::Page, NOW),
            choice(2, act, source, NOW),
            choice(3, OFF, Source::Page, NOW),
        ];
        let places = places(&undoable(&history, Position(2), Position(2)));
        assert_eq!(places == [2], expected, "{act:?} {source:?}");
        assert!(expected || places.is_empty());
    }
}

#[test]
fn what_was_taken_back_after_a_letter_is_not_taken_back_again() {
    let history = [
        choice(1, OFF, Source::Page, NOW),
        choice(2, OFF, Source::OneClick, NOW),
        choice(3, back(1), Source::Page, NOW),
    ];
    assert_eq!(places(&undoable(&history, Position(1), Position(2))), [2]);
    assert!(undoable(&[], Position(1), Position(2)).is_empty());
}

#[test]
fn a_code_is_not_sent_once_it_is_worth_nothing() {
    assert_eq!(lifetime(Kind::Code), WINDOW);
    assert_eq!(lifetime(Kind::Confirmation), 3 * DAY);
    let give_up_at = NOW.plus(lifetime(Kind::Code));
    let mut now = NOW;
    let mut tries = 0;
    while let Some(next) = next_try(tries + 1, now, u32::MAX / 2, give_up_at) {
        (now, tries) = (next, tries + 1);
    }
    assert_eq!(tries, 4, "four more tries within ten minutes");
}

#[test]
fn words_are_read_as_they_were_written() {
    for &kind in Kind::ALL {
        assert_eq!(Kind::from_word(kind.as_str()), Some(kind));
    }
    for &state in State::ALL {
        assert_eq!(State::from_word(state.as_str()), Some(state));
    }
}

/// What may happen to one person's letters.
#[derive(Clone, Copy, Debug)]
enum Event {
    Chooses(Act, Source),
    TakesBack(usize),
    Waits(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let act = prop_oneof![
        Just(OFF),
        Just(Act::Granted),
        Just(Act::Requested),
        Just(Act::Paused { until: NOW.plus(DAY) }),
    ];
    let source = prop::sample::select(Source::ALL);
    prop_oneof![
        4 => (act, source).prop_map(|(act, source)| Event::Chooses(act, source)),
        2 => (0..20_usize).prop_map(Event::TakesBack),
        3 => (0..(3 * GATHER)).prop_map(Event::Waits),
    ]
}

/// Plays events as the store does: a choice opens a letter or joins the open one, and the
/// dispatcher closes what is due whenever it looks. Gives back the letters with when they closed.
fn plays(events: &[Event]) -> (Vec<Choice>, Vec<(Moment, Position, Position)>) {
    let (mut history, mut letters, mut open, mut now) = (Vec::new(), Vec::new(), None, NOW);
    for event in events {
        let (act, source) = match event {
            Event::Chooses(act, source) => (*act, *source),
            Event::TakesBack(of) if !history.is_empty() => {
                let of = i64::try_from(of % history.len()).unwrap() + 1;
                (back(of), Source::Page)
            }
            Event::TakesBack(_) => continue,
            Event::Waits(millis) => {
                now = now.plus(*millis);
                let due: Option<Gathering> = open;
                if let Some(due) = due.filter(|due| due.closes_at <= now) {
                    let through = Position(i64::try_from(history.len()).unwrap());
                    letters.push((now, due.since, through));
                    open = None;
                }
                continue;
            }
        };
        let position = i64::try_from(history.len()).unwrap() + 1;
        history.push(choice(position, act, source, now));
        if Confirmed::Own.asks_for(act, source) {
            open = Some(Gathering::joined(open, Position(position), now, GATHER));
        }
    }
    (history, letters)
}

proptest! {
    #[test]
    fn each_choice_is_in_one_letter_at_most_and_letters_keep_their_distance(
        events in prop::collection::vec(event(), 0..60),
    ) {
        let (history, letters) = plays(&events);
        let mut seen = BTreeSet::new();
        let mut closed: Option<(Moment, Position)> = None;
        for (at, since, through) in letters {
            if let Some((before, last)) = closed {
                prop_assert!(at.since(before) >= GATHER, "two letters in one window");
                prop_assert!(since > last);
            }
            closed = Some((at, through));
            for choice in told(&history, since, through, Confirmed::Own) {
                prop_assert!(seen.insert(choice.position), "told twice");
                prop_assert!(Confirmed::Own.asks_for(choice.entry.act, choice.entry.source));
            }
        }
        // What is not in a letter was taken back in time, or is not confirmed, or waits.
        let last = closed.map_or(Position(0), |(_, through)| through);
        for choice in history.iter().filter(|choice| choice.position <= last) {
            if seen.contains(&choice.position)
                || !Confirmed::Own.asks_for(choice.entry.act, choice.entry.source)
            {
                continue;
            }
            let taken_back = history.iter().any(|later| {
                later.entry.act == back(choice.position.0) && later.position > choice.position
            });
            let takes_back = matches!(choice.entry.act, Act::Undone { .. });
            prop_assert!(taken_back || takes_back, "{choice:?} was told to nobody");
        }
    }

    #[test]
    fn a_try_is_within_a_fifth_of_its_place_and_before_the_end(
        failed in 1..40_u16, random: u32, left in 0..(4 * DAY),
    ) {
        let wait = WAITS[usize::from(failed - 1).min(WAITS.len() - 1)];
        match next_try(failed, NOW, random, NOW.plus(left)) {
            Some(next) => {
                prop_assert!(next < NOW.plus(left));
                prop_assert!(next.since(NOW) >= wait - wait / 5);
                prop_assert!(next.since(NOW) <= wait + wait / 5);
            }
            None => prop_assert!(left <= wait + wait / 5),
        }
    }
}

#[test]
fn three_days_hold_some_thirty_tries() {
    let (mut now, mut tries) = (NOW, 0);
    while let Some(next) = next_try(tries + 1, now, 0, NOW.plus(3 * DAY)) {
        (now, tries) = (next, tries + 1);
    }
    assert!((25..40).contains(&tries), "{tries}");
    assert!(NOW.plus(3 * DAY).since(now) < 3 * HOUR);
}

/// Reviews of choices, reminders and marketing would go out because time went by. There is none,
/// so none can reach somebody who opted out of it; whoever adds a kind has to say here why it goes.
#[test]
fn every_letter_has_a_cause_other_than_the_calendar() {
    let cause = |kind: Kind| match kind {
        Kind::Code | Kind::Answer => "what its person asked for",
        Kind::Confirmation => "what its person chose",
        Kind::Alert => "a system that is late",
    };
    let causes: Vec<_> = Kind::ALL.iter().map(|kind| (kind.as_str(), cause(*kind))).collect();
    let expected = [
        ("code", "what its person asked for"),
        ("answer", "what its person asked for"),
        ("confirmation", "what its person chose"),
        ("alert", "a system that is late"),
    ];
    assert_eq!(causes, expected);
}
