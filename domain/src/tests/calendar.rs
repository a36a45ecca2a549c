//! Business days across the days that break naive counting.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::calendar::Calendar::{self, EnglandAndWales, UnitedStates, WeekendsOnly};
use crate::moment::{DAY, Moment};

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

#[test]
fn days_are_counted_over_weekends_holidays_leap_days_and_ends_of_months() {
    let vectors = [
        // Thanksgiving 2026 is 26 November; the Friday after is a working day for the government.
        (UnitedStates, "2026-11-24", 1, "2026-11-25"),
        (UnitedStates, "2026-11-25", 1, "2026-11-27"),
        (UnitedStates, "2026-11-24", 10, "2026-12-09"),
        (UnitedStates, "2026-11-24", 15, "2026-12-16"),
        // Independence Day 2026 is a Saturday, observed on Friday.
        (UnitedStates, "2026-07-02", 1, "2026-07-06"),
        // New Year's Day 2028 is a Saturday, observed on the last day of 2027.
        (UnitedStates, "2027-12-30", 1, "2028-01-03"),
        // Juneteenth counts since 2021.
        (UnitedStates, "2020-06-18", 1, "2020-06-19"),
        (UnitedStates, "2026-06-18", 1, "2026-06-22"),
        // A leap day is a day like any other.
        (WeekendsOnly, "2028-02-28", 1, "2028-02-29"),
        (WeekendsOnly, "2028-02-28", 2, "2028-03-01"),
        (WeekendsOnly, "2027-02-26", 1, "2027-03-01"),
        (WeekendsOnly, "2026-12-24", 1, "2026-12-25"),
        // Easter 2026 is 5 April.
        (EnglandAndWales, "2026-04-02", 1, "2026-04-07"),
        (EnglandAndWales, "2026-05-01", 1, "2026-05-05"),
        (EnglandAndWales, "2026-08-28", 1, "2026-09-01"),
        // Boxing Day on a Saturday, Christmas on a Saturday, Christmas on a Sunday.
        (EnglandAndWales, "2026-12-24", 1, "2026-12-29"),
        (EnglandAndWales, "2021-12-24", 1, "2021-12-29"),
        (EnglandAndWales, "2022-12-23", 1, "2022-12-28"),
        (EnglandAndWales, "2021-12-31", 1, "2022-01-04"),
        (EnglandAndWales, "2022-12-30", 1, "2023-01-03"),
        // From a day off, the next working day is the first.
        (WeekendsOnly, "2026-11-21", 1, "2026-11-23"),
        (WeekendsOnly, "2026-11-21", 0, "2026-11-23"),
        (WeekendsOnly, "2026-11-23", 0, "2026-11-23"),
        (WeekendsOnly, "9999-12-31", 9, "9999-12-31"),
    ];
    for (calendar, from, days, to) in vectors {
        let found = calendar.add_business_days(day(from), days);
        assert_eq!(found, day(to), "{calendar:?}: {from} and {days} days");
    }
}

#[test]
fn the_bank_holidays_of_a_year_are_those_that_the_government_lists() {
    let holidays = |calendar: Calendar, year: i16| -> Vec<(i8, i8)> {
        let days = date(year, 1, 1).series(jiff::Span::new().days(1));
        let days = days.take_while(|day| day.year() == year);
        let off = days
            .filter(|day| WeekendsOnly.is_business_day(*day) && !calendar.is_business_day(*day));
        off.map(|day| (day.month(), day.day())).collect()
    };
    let listed = [(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)];
    assert_eq!(holidays(EnglandAndWales, 2025), listed);
    let listed = [(1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)];
    assert_eq!(holidays(EnglandAndWales, 2028), listed);
    let listed = [
        (1, 1),
        (1, 19),
        (2, 16),
        (5, 25),
        (6, 19),
        (7, 3),
        (9, 7),
        (10, 12),
        (11, 11),
        (11, 26),
        (12, 25),
    ];
    assert_eq!(holidays(UnitedStates, 2026), listed);
}

#[test]
fn a_deadline_ends_with_the_day_on_the_clocks_of_its_time_zone() {
    let zone = TimeZone::get("America/Los_Angeles").expect("a zone");
    // 2026-11-25T02:00:00Z is still Tuesday the 24th in California.
    let from = Moment(1_795_572_000_000);
    let end = UnitedStates.end_of_business_day(from, 1, &zone);
    let expected: jiff::Timestamp = "2026-11-26T07:59:59.999Z".parse().expect("a time");
    assert_eq!(end.0, expected.as_millisecond());
    let utc = UnitedStates.end_of_business_day(from, 1, &TimeZone::UTC);
    let expected: jiff::Timestamp = "2026-11-27T23:59:59.999Z".parse().expect("a time");
    assert_eq!(utc.0, expected.as_millisecond());
    assert_eq!(UnitedStates.end_of_business_day(Moment(i64::MAX), 1, &zone), Moment(i64::MAX));
}

fn calendars() -> impl Strategy<Value = Calendar> {
    prop::sample::select(vec![UnitedStates, EnglandAndWales, WeekendsOnly])
}

fn days() -> impl Strategy<Value = Date> {
    (0..120_000_i64).prop_map(|number| {
        let moment = jiff::Timestamp::from_millisecond(number * DAY).expect("in range");
        moment.to_zoned_datetime(TimeZone::UTC).date()
    })
}

proptest! {
    #[test]
    fn a_deadline_is_a_business_day_behind_its_beginning(
        calendar in calendars(), from in days(), count in 0..300_u16,
    ) {
        let to = calendar.add_business_days(from, count);
        prop_assert!(calendar.is_business_day(to));
        prop_assert!(to >= from);
        prop_assert!(count == 0 || to > from);
    }

    #[test]
    fn later_or_longer_never_ends_sooner(
        calendar in calendars(), from in days(), count in 0..300_u16,
    ) {
        let to = calendar.add_business_days(from, count);
        prop_assert!(count == 0 || calendar.add_business_days(from, count + 1) > to);
        prop_assert!(calendar.add_business_days(from, count + 1) >= to);
        let next = from.tomorrow().expect("in range");
        prop_assert!(calendar.add_business_days(next, count) >= to);
    }

    #[test]
    fn days_add_up(calendar in calendars(), from in days(), one in 1..90_u16, two in 0..90_u16) {
        let stop = calendar.add_business_days(from, one);
        let both = calendar.add_business_days(from, one + two);
        prop_assert_eq!(calendar.add_business_days(stop, two), both);
    }
}
