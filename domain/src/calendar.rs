//! Business days: weekends and public holidays, computed by rule and not from a list of dates.
//!
//! A holiday that a government proclaims for one year only (a coronation) is unknown here, so a
//! deadline over it ends a day early and never late.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::moment::Moment;

/// The days on which a country does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// Saturdays, Sundays and the federal holidays of the United States with the days on which
    /// they are observed (5 U.S.C. 6103; Executive Order 11582).
    UnitedStates,
    /// Saturdays, Sundays and the bank holidays of England and Wales with their substitute days
    /// (Banking and Financial Dealings Act 1971, Schedule 1, and the proclamations of New Year's
    /// Day and the early May holiday).
    EnglandAndWales,
    /// Saturdays and Sundays: of every other country no holidays are known.
    WeekendsOnly,
}

impl Calendar {
    /// The calendar of an ISO 3166-1 alpha-2 code.
    #[must_use]
    pub fn of(country: &str) -> Self {
        match country {
            "US" => Self::UnitedStates,
            "GB" => Self::EnglandAndWales,
            _ => Self::WeekendsOnly,
        }
    }

    /// Whether people work on that day.
    #[must_use]
    pub fn is_business_day(self, day: Date) -> bool {
        !is_weekend(day)
            && match self {
                Self::UnitedStates => !is_observed_in_united_states(day),
                Self::EnglandAndWales => !is_bank_holiday(day),
                Self::WeekendsOnly => true,
            }
    }

    /// The `days`-th business day after `day`, which itself does not count; for 0 the first
    /// business day from `day` on. At the end of the year 9999 time stands still.
    #[must_use]
    pub fn add_business_days(self, day: Date, days: u16) -> Date {
        let (mut day, mut left) = (day, days);
        while left > 0 || !self.is_business_day(day) {
            let Ok(next) = day.tomorrow() else { return day };
            day = next;
            if left > 0 && self.is_business_day(day) {
                left -= 1;
            }
        }
        day
    }

    /// The last millisecond of the `days`-th business day after `from`, as the clocks of a time
    /// zone show it.
    #[must_use]
    pub fn end_of_business_day(self, from: Moment, days: u16, zone: &TimeZone) -> Moment {
        let Ok(start) = jiff::Timestamp::from_millisecond(from.0) else { return from };
        let day = self.add_business_days(start.to_zoned_datetime(zone.clone()).date(), days);
        let end = day.tomorrow().and_then(|next| next.to_zoned_datetime(zone.clone()));
        end.map_or(from, |end| Moment(end.timestamp().as_millisecond() - 1))
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// A holiday on a Saturday is observed on the Friday before, one on a Sunday on the Monday after.
fn is_observed_in_united_states(day: Date) -> bool {
    let is = |day: Result<Date, jiff::Error>| day.is_ok_and(is_federal_holiday);
    is_federal_holiday(day)
        || (day.weekday() == Weekday::Monday && is(day.yesterday()))
        || (day.weekday() == Weekday::Friday && is(day.tomorrow()))
}

fn is_federal_holiday(day: Date) -> bool {
    let first = |nth: i8| day.day() > (nth - 1) * 7 && day.day() <= nth * 7;
    let monday = day.weekday() == Weekday::Monday;
    match day.month() {
        1 => day.day() == 1 || (monday && first(3)),
        2 => monday && first(3),
        5 => monday && day.day() > 24,
        6 => day.day() == 19 && day.year() >= 2021,
        7 => day.day() == 4,
        9 => monday && first(1),
        10 => monday && first(2),
        11 => day.day() == 11 || (day.weekday() == Weekday::Thursday && first(4)),
        12 => day.day() == 25,
        _ => false,
    }
}

/// Only asked of weekdays: holidays on a weekend appear by their substitute days.
fn is_bank_holiday(day: Date) -> bool {
    let (number, weekday) = (day.day(), day.weekday());
    let monday = weekday == Weekday::Monday;
    match day.month() {
        1 if number == 1 => true,
        1 => monday && number <= 3,
        3..=4 if is_around_easter(day) => true,
        5 => monday && (number <= 7 || number > 24),
        8 => monday && number > 24,
        12 if number == 25 || number == 26 => true,
        12 => (27..=28).contains(&number) && (monday || weekday == Weekday::Tuesday),
        _ => false,
    }
}

/// Good Friday or Easter Monday.
fn is_around_easter(day: Date) -> bool {
    let easter = easter(day.year());
    [easter.checked_sub(2.days()), easter.tomorrow()].into_iter().flatten().any(|near| near == day)
}

/// Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Nature, 20 April 1876).
fn easter(year: i16) -> Date {
    let of = i32::from(year);
    let (golden, century, rest) = (of % 19, of / 100, of % 100);
    let moon_shift = (century + 8) / 25;
    let correction = (century - moon_shift + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * sunday) / 451;
    let place = epact + sunday - 7 * late + 114;
    let part = |number: i32| i8::try_from(number).unwrap_or(1);
    Date::new(year, part(place / 31), part(place % 31 + 1)).unwrap_or(Date::MAX)
}
