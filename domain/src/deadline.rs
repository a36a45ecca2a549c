//! How long the law gives, and how much of it is gone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::calendar::Calendar;
use crate::moment::Moment;

/// A length of time as a law counts it. The day on which it begins does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Days on which people work.
    BusinessDays(u16),
    /// Every day.
    Days(u16),
    /// Until the day of the same number, or the month's last where there is none (Regulation
    /// (EEC, Euratom) 1182/71 Art. 3(2)(c)). It is not moved past a holiday: too early is never
    /// too late.
    Months(u16),
}

/// Stops sale and sharing: 15 business days (11 CCR 7026(f)).
pub const SALE: Term = Term::BusinessDays(15);
/// Stops marketing by email, text or phone: 10 business days (15 U.S.C. 7704(a)(4)(A);
/// 47 CFR 64.1200(a)(10); CASL s. 11(3)).
pub const MARKETING: Term = Term::BusinessDays(10);
/// Confirms that a request has come: 10 business days (11 CCR 7021(a)).
pub const RECEIPT: Term = Term::BusinessDays(10);
/// Answers a request of a person in Europe: one month (GDPR Art. 12(3)).
pub const EUROPE: Term = Term::Months(1);
/// Answers a request of a person in California: 45 days (11 CCR 7021(b)).
pub const CALIFORNIA: Term = Term::Days(45);
/// Confirms a complaint: 30 days (Data Protection Act 2018 s. 164A).
pub const COMPLAINT: Term = Term::Days(30);

/// For so many months, at least, records of requests are kept (11 CCR 7101(a)).
pub const RECORD_MONTHS: u16 = 24;

impl Term {
    /// Its last millisecond, as the clocks of a time zone show it.
    #[must_use]
    pub fn end(self, from: Moment, calendar: Calendar, zone: &TimeZone) -> Moment {
        let day = |found: Result<Date, jiff::Error>| found.unwrap_or(Date::MAX);
        match self {
            Self::BusinessDays(days) => calendar.end_of_business_day(from, days, zone),
            Self::Days(days) => {
                end_of(from, zone, |start| day(start.checked_add(i64::from(days).days())))
            }
            Self::Months(months) => {
                end_of(from, zone, |start| day(start.checked_add(i64::from(months).months())))
            }
        }
    }
}

fn end_of(from: Moment, zone: &TimeZone, last: impl Fn(Date) -> Date) -> Moment {
    let Ok(start) = Timestamp::from_millisecond(from.0) else { return from };
    let last = last(start.to_zoned_datetime(zone.clone()).date());
    let end = last.tomorrow().and_then(|next| next.to_zoned_datetime(zone.clone()));
    end.map_or(Moment(i64::MAX), |end| Moment(end.timestamp().as_millisecond() - 1))
}

/// When the first of several terms ends; `from` where there are none.
#[must_use]
pub fn earliest(terms: &[Term], from: Moment, calendar: Calendar, zone: &TimeZone) -> Moment {
    terms.iter().map(|term| term.end(from, calendar, zone)).min().unwrap_or(from)
}

/// Records that ended before this moment may be forgotten.
#[must_use]
pub fn forgotten_before(now: Moment) -> Moment {
    let Ok(start) = Timestamp::from_millisecond(now.0) else { return Moment(i64::MIN) };
    let then =
        start.to_zoned_datetime(TimeZone::UTC).checked_sub(i64::from(RECORD_MONTHS).months());
    then.map_or(Moment(i64::MIN), |then| Moment(then.timestamp().as_millisecond()))
}

/// How near a deadline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Less than half of the time is gone.
    Green,
    /// Half of it is gone.
    Amber,
    /// Four fifths are gone.
    Red,
    /// All of it is.
    Overdue,
}

impl Urgency {
    /// Every value, calm first.
    pub const ALL: [Self; 4] = [Self::Green, Self::Amber, Self::Red, Self::Overdue];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
            Self::Overdue => "overdue",
        }
    }

    /// How near the deadline of something is that began at `from`.
    #[must_use]
    pub fn of(from: Moment, due: Moment, now: Moment) -> Self {
        let (gone, all) = (i128::from(now.since(from)), i128::from(due.since(from)));
        if now > due {
            Self::Overdue
        } else if gone * 5 >= all * 4 {
            Self::Red
        } else if gone * 2 >= all {
            Self::Amber
        } else {
            Self::Green
        }
    }
}
