use proptest::prelude::*;
use uuid::Uuid;

use super::sample::{self, NOW};
use crate::catalogue::Basis;
use crate::choice::{Actor, Entry};
use crate::event::{Deed, Event, Status, Validity, events, unknown_past};
use crate::moment::DAY;
use crate::preference::{Preferences, Standings};
use crate::{Act, Choice, Language, NoticeNumber, PersonId, Position, Reference, Source, Target};

fn history(acts: &[(&str, Act, i64)]) -> Vec<Choice> {
    let choice = |(place, (target, act, day)): (usize, &(&str, Act, i64))| Choice {
        position: Position(i64::try_from(place).unwrap() + 1),
        entry: Entry {
            person: PersonId(Uuid::nil()),
            target: target.parse().unwrap(),
            act: *act,
            source: Source::Page,
            actor: Actor::Person,
            notice: NoticeNumber(1),
            language: Language::English,
            at: NOW.plus(day * DAY),
            reference: Reference::from_random([0; 5]),
        },
    };
    acts.iter().enumerate().map(choice).collect()
}

fn of(acts: &[(&str, Act, i64)], switch: &str) -> Event {
    let all = events(&sample::catalogue(), &history(acts));
    let switch: Target = switch.parse().unwrap();
    all.into_iter().find(|event| event.switch == switch).expect("the switch is concerned")
}

fn said(acts: &[(&str, Act, i64)], switch: &str) -> (Option<Status>, Option<Deed>) {
    let event = of(acts, switch);
    (event.status, event.deed)
}

const CONSENT: &str = "message:offers/text";
const INTEREST: &str = "message:offers/email";

#[test]
fn only_a_consent_that_was_given_can_be_withdrawn() {
    let never = said(&[(CONSENT, Act::Withdrawn, 0)], CONSENT);
    assert_eq!(never, (Some(Status::ConsentRefused), Some(Deed::OptedOut)));
    let given = [(CONSENT, Act::Granted, 0), (CONSENT, Act::Withdrawn, 1)];
    assert_eq!(said(&given, CONSENT), (Some(Status::ConsentWithdrawn), Some(Deed::Withdrew)));
    let again = [given[0], given[1], ("everything", Act::Withdrawn, 2)];
    assert_eq!(said(&again, CONSENT).0, Some(Status::ConsentWithdrawn), "it stays withdrawn");
    let late = [(CONSENT, Act::Granted, 0), (CONSENT, Act::Withdrawn, 731)];
    assert_eq!(said(&late, CONSENT).0, Some(Status::ConsentRefused), "it had run out");
}

#[test]
fn a_no_to_a_legitimate_interest_is_an_objection_and_one_to_sale_an_opt_out() {
    let objected = said(&[("everything", Act::Withdrawn, 0)], INTEREST);
    assert_eq!(objected, (Some(Status::LegitimateInterestObjected), Some(Deed::Objected)));
    let catalogue = sample::catalogue();
    let sale = catalogue
        .purposes
        .iter()
        .find(|known| known.sale_or_sharing && known.basis == Basis::LegitimateInterest)
        .expect("the sample sells");
    let switch = format!("share:{}/{}", sale.key, sale.recipients[0].key);
    let out = said(&[("sharing", Act::Withdrawn, 0)], &switch);
    assert_eq!(out, (Some(Status::LegitimateInterestObjected), Some(Deed::OptedOut)));
}

#[test]
fn a_yes_a_second_yes_and_a_first_step_are_told_apart() {
    let asked = [(CONSENT, Act::Requested, 0)];
    assert_eq!(said(&asked, CONSENT), (Some(Status::ConsentRequested), None));
    let given = of(&[asked[0], (CONSENT, Act::Granted, 0)], CONSENT);
    assert_eq!((given.status, given.deed), (Some(Status::ConsentGiven), Some(Deed::OptedIn)));
    assert_eq!(given.validity, Validity::Days(730));
    let renewed = [(CONSENT, Act::Granted, 0), (CONSENT, Act::Granted, 10)];
    assert_eq!(said(&renewed, CONSENT).0, Some(Status::RenewedConsentGiven));
    let anew = [(CONSENT, Act::Granted, 0), (CONSENT, Act::Granted, 800)];
    assert_eq!(said(&anew, CONSENT).0, Some(Status::ConsentGiven), "the first had run out");
}

#[test]
fn a_pause_is_an_opt_out_for_a_time_and_leaves_the_consent_as_it_was() {
    let until = NOW.plus(90 * DAY);
    let paused = [(CONSENT, Act::Granted, 0), ("marketing", Act::Paused { until }, 1)];
    let event = of(&paused, CONSENT);
    assert_eq!((event.status, event.deed), (Some(Status::ConsentGiven), Some(Deed::OptedOut)));
    assert_eq!(event.validity, Validity::Until(until));
    let ended = [paused[0], paused[1], ("marketing", Act::Resumed, 2)];
    let event = of(&ended, CONSENT);
    assert_eq!((event.status, event.deed), (Some(Status::ConsentGiven), Some(Deed::OptedIn)));
    assert_eq!(event.validity, Validity::Until(NOW.plus(730 * DAY)));
}

#[test]
fn taking_back_says_what_stands_again() {
    let entry = Position(2);
    let back = [
        (CONSENT, Act::Granted, 0),
        (CONSENT, Act::Withdrawn, 1),
        (CONSENT, Act::Undone { entry }, 1),
    ];
    assert_eq!(said(&back, CONSENT), (Some(Status::ConsentGiven), Some(Deed::OptedIn)));
    let first = [(INTEREST, Act::Withdrawn, 0), (INTEREST, Act::Undone { entry: Position(1) }, 0)];
    assert_eq!(said(&first, INTEREST), (Some(Status::LegitimateInterestNotObjected), None));
}

#[test]
fn what_the_register_no_longer_has_is_still_an_event() {
    let events = events(&sample::catalogue(), &history(&[("topic:gone", Act::Withdrawn, 0)]));
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].terms(), ["dpv:OptingOutFromProcess"]);
    assert!(crate::event::events(&sample::catalogue(), &[]).is_empty());
}

#[test]
fn a_request_of_somebody_unknown_says_the_same_of_everyone() {
    let events = unknown_past(&sample::catalogue(), &Target::Everything);
    assert_eq!(events.len(), sample::catalogue().leaves().count());
    assert!(events.iter().all(|event| event.terms() == ["dpv:OptingOutFromProcess"]));
}

fn an_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Granted),
        Just(Act::Withdrawn),
        Just(Act::Requested),
        Just(Act::Resumed),
        (1..200_i64).prop_map(|day| Act::Paused { until: NOW.plus(day * DAY) }),
        (1..6_i64).prop_map(|place| Act::Undone { entry: Position(place) }),
    ]
}

proptest! {
    #[test]
    fn an_event_agrees_with_the_preferences_and_never_invents_a_consent(
        acts in prop::collection::vec((an_act(), 0..3_usize, 0..400_i64), 1..12),
    ) {
        let wide = ["everything", CONSENT, INTEREST];
        let mut day = 0;
        let acts: Vec<_> = acts
            .into_iter()
            .map(|(act, at, more)| {
                day += more;
                (wide[at], act, day)
            })
            .collect();
        let history = history(&acts);
        let preferences = Preferences::fold(&history);
        for event in events(&sample::catalogue(), &history) {
            prop_assert!(!event.terms().is_empty());
            let standing = preferences.standing(&event.switch).map(|standing| standing.granted);
            match event.status {
                Some(
                    Status::ConsentGiven | Status::RenewedConsentGiven | Status::ConsentExpired,
                ) => prop_assert_eq!(standing, Some(true)),
                Some(Status::ConsentWithdrawn) => {
                    prop_assert_eq!(standing, Some(false));
                    let yes = |choice: &Choice| choice.entry.act == Act::Granted
                        && choice.entry.target.covers(&event.switch);
                    prop_assert!(history.iter().any(yes));
                }
                Some(Status::ConsentRefused | Status::LegitimateInterestObjected) => {
                    prop_assert_eq!(standing, Some(false));
                }
                Some(Status::ConsentUnknown) => prop_assert_eq!(standing, None),
                Some(Status::LegitimateInterestNotObjected) => {
                    prop_assert_ne!(standing, Some(false));
                }
                Some(Status::ConsentRequested) | None => {}
            }
        }
    }
}

#[test]
fn every_term_is_one_of_the_vocabulary() {
    for term in [Deed::OptedIn, Deed::OptedOut, Deed::Objected, Deed::Withdrew].map(Deed::term) {
        assert!(crate::catalogue::is_dpv_term(term), "{term}");
    }
}
