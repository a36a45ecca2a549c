//! Terms across holidays, leap days, ends of months and time zones.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::calendar::Calendar::{EnglandAndWales, UnitedStates, WeekendsOnly};
use crate::channel::Channel;
use crate::deadline::{Term, Urgency, earliest, forgotten_before};
use crate::moment::{DAY, Moment};
use crate::request::{Basis, Nature, Response, Unclosable, check_closing};
use crate::revocation::RevokeAll;
use crate::target::Target;

fn at(text: &str) -> Moment {
    Moment(text.parse::<Timestamp>().expect("a time").as_millisecond())
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

#[test]
fn terms_end_with_the_last_millisecond_of_the_right_day() {
    let vectors = [
        // Thanksgiving 2026 is 26 November.
        (
            "2026-11-20T15:00:00Z",
            Term::BusinessDays(10),
            "America/New_York",
            "2026-12-08T05:00:00Z",
        ),
        (
            "2026-11-20T15:00:00Z",
            Term::BusinessDays(15),
            "America/New_York",
            "2026-12-15T05:00:00Z",
        ),
        // A month from the last of January ends with February, leap day or not.
        ("2027-01-31T12:00:00Z", Term::Months(1), "UTC", "2027-03-01T00:00:00Z"),
        ("2028-01-31T12:00:00Z", Term::Months(1), "UTC", "2028-03-01T00:00:00Z"),
        ("2028-02-29T12:00:00Z", Term::Months(12), "UTC", "2029-03-01T00:00:00Z"),
        ("2026-06-15T12:00:00Z", Term::Days(45), "UTC", "2026-07-31T00:00:00Z"),
        // Two zones, two days: in Auckland it is already the 16th.
        ("2026-06-15T13:00:00Z", Term::Days(1), "Pacific/Auckland", "2026-06-17T12:00:00Z"),
        ("2026-06-15T13:00:00Z", Term::Days(1), "America/Los_Angeles", "2026-06-17T07:00:00Z"),
        // The day on which clocks go back has 25 hours.
        ("2026-10-24T12:00:00Z", Term::Days(1), "Europe/London", "2026-10-26T00:00:00Z"),
    ];
    for (from, term, name, end) in vectors {
        let ended = term.end(at(from), UnitedStates, &zone(name));
        assert_eq!(ended, at(end).plus(-1), "{from} {term:?} {name}");
    }
}

#[test]
fn the_earliest_term_wins() {
    let (from, london) = (at("2026-06-15T09:30:00Z"), zone("Europe/London"));
    let due = Nature::OptOut.due_at(from, EnglandAndWales, &london);
    assert_eq!(due, Term::BusinessDays(10).end(from, EnglandAndWales, &london));
    assert_eq!(Nature::Unclear.due_at(from, EnglandAndWales, &london), due);
    let due = Nature::Access.due_at(from, EnglandAndWales, &london);
    assert_eq!(due, at("2026-07-15T23:00:00Z").plus(-1), "a month, before the 45 days");
    assert_eq!(earliest(&[], from, WeekendsOnly, &london), from);
}

#[test]
fn colours_change_at_half_and_at_four_fifths_of_the_time() {
    let (from, due) = (Moment(0), Moment(100));
    let colours = [
        (0, Urgency::Green),
        (49, Urgency::Green),
        (50, Urgency::Amber),
        (79, Urgency::Amber),
        (80, Urgency::Red),
        (100, Urgency::Red),
        (101, Urgency::Overdue),
    ];
    for (now, colour) in colours {
        assert_eq!(Urgency::of(from, due, Moment(now)), colour, "{now}");
    }
}

#[test]
fn a_stop_ends_calls_from_the_day_of_the_rule_unless_it_is_configured() {
    let (before, after) = (at("2027-01-31T04:59:59.999Z"), at("2027-01-31T05:00:00Z"));
    let (text, phone) = (Target::Channel(Channel::Text), Target::Channel(Channel::Phone));
    assert_eq!(RevokeAll::Dated.targets(before), std::slice::from_ref(&text));
    assert_eq!(RevokeAll::Dated.targets(after), [text.clone(), phone.clone()]);
    assert_eq!(RevokeAll::On.targets(before), [text.clone(), phone]);
    assert_eq!(RevokeAll::Off.targets(after), [text]);
    let overrides = |switch: RevokeAll| (switch.at(before).1, switch.at(after).1);
    assert_eq!(overrides(RevokeAll::Dated), (false, false));
    assert_eq!(overrides(RevokeAll::On), (true, false));
    assert_eq!(overrides(RevokeAll::Off), (false, true));
}

#[test]
fn a_record_lacks_nothing_when_it_is_closed() {
    use Unclosable::{NoBasis, NotDenied, Unclear};
    let check = |nature, response, basis| check_closing(nature, response, basis);
    assert_eq!(check(Nature::OptOut, Response::Granted, None), Ok(()));
    assert_eq!(check(Nature::Unclear, Response::Granted, None), Err(Unclear));
    assert_eq!(check(Nature::Unclear, Response::Nothing, None), Ok(()));
    assert_eq!(check(Nature::Access, Response::Denied, None), Err(NoBasis));
    assert_eq!(check(Nature::Access, Response::Partly, None), Err(NoBasis));
    assert_eq!(check(Nature::Access, Response::Denied, Some(Basis::Unverified)), Ok(()));
    assert_eq!(check(Nature::OptOut, Response::Granted, Some(Basis::Fraud)), Err(NotDenied));
}

#[test]
fn records_are_kept_for_24_months() {
    assert_eq!(forgotten_before(at("2028-02-29T10:00:00Z")), at("2026-02-28T10:00:00Z"));
    assert_eq!(forgotten_before(at("2026-06-15T10:00:00Z")), at("2024-06-15T10:00:00Z"));
}

proptest! {
    #[test]
    fn no_term_ends_before_it_begins(
        from in -4_000_000_000_000_i64..4_000_000_000_000,
        days in 0_u16..400,
        months in 0_u16..30,
    ) {
        let utc = TimeZone::UTC;
        for term in [Term::Days(days), Term::BusinessDays(days), Term::Months(months)] {
            let end = term.end(Moment(from), UnitedStates, &utc);
            prop_assert!(end >= Moment(from));
            prop_assert_eq!((end.0 + 1).rem_euclid(DAY), 0);
        }
    }

    #[test]
    fn any_moment_has_a_colour(from: i64, due: i64, now: i64) {
        let _ = Urgency::of(Moment(from), Moment(due), Moment(now));
        let _ = Nature::Access.due_at(Moment(from), WeekendsOnly, &TimeZone::UTC);
    }
}
