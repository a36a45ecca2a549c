//! Dates, numbers, lists, plurals and countries as each language writes them (CLDR, by ICU4X).

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use domain::{Language, Moment};
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{YMD, YMDT};
use icu_datetime::input::{Date, DateTime, Time};
use icu_datetime::options::TimePrecision;
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_experimental::displaynames::single::RegionDisplayName;
use icu_list::ListFormatter;
use icu_list::options::{ListFormatterOptions, ListLength};
use icu_locale::Locale;
use icu_locale::subtags::Region;
use icu_plurals::{PluralCategory, PluralRules};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use writeable::Writeable;

use super::Plural;

/// The formatters of one language. Made once: making one costs far more than using it.
struct Formats {
    day: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    minute: FixedCalendarDateTimeFormatter<Gregorian, YMDT>,
    number: DecimalFormatter,
    and: ListFormatter,
    plural: PluralRules,
    locale: Locale,
}

static FORMATS: LazyLock<HashMap<Language, Formats>> = LazyLock::new(|| {
    Language::ALL.into_iter().filter_map(|language| Some((language, formats(language)?))).collect()
});

fn formats(language: Language) -> Option<Formats> {
    // English as the world writes it: with the day before the month.
    let tag = if language == Language::English { "en-001" } else { language.tag() };
    let locale: Locale = tag.parse().ok()?;
    let lists = ListFormatterOptions::default().with_length(ListLength::Wide);
    Some(Formats {
        day: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMD::long()).ok()?,
        minute: FixedCalendarDateTimeFormatter::try_new(
            (&locale).into(),
            YMDT::long().with_time_precision(TimePrecision::Minute),
        )
        .ok()?,
        number: DecimalFormatter::try_new(
            (&locale).into(),
            icu_decimal::options::DecimalFormatterOptions::default(),
        )
        .ok()?,
        and: ListFormatter::try_new_and((&locale).into(), lists).ok()?,
        plural: PluralRules::try_new_cardinal((&locale).into()).ok()?,
        locale,
    })
}

/// The formats of every language are compiled in; a test makes sure of it.
fn of(language: Language) -> &'static Formats {
    &FORMATS[&language]
}

fn civil(moment: Moment, zone: &TimeZone) -> jiff::civil::DateTime {
    let timestamp = Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_datetime(timestamp)
}

fn day(civil: jiff::civil::DateTime) -> Date<Gregorian> {
    let (year, month, day) = (civil.year(), civil.month(), civil.day());
    Date::try_new_gregorian(
        i32::from(year),
        u8::try_from(month).unwrap_or(1),
        u8::try_from(day).unwrap_or(1),
    )
    .unwrap_or_else(|_| unreachable!("a civil date is a Gregorian date"))
}

/// A day, such as "23 November 2026".
#[must_use]
pub fn date(language: Language, moment: Moment, zone: &TimeZone) -> String {
    of(language).day.format(&day(civil(moment, zone))).to_string()
}

/// A day with hour and minute.
#[must_use]
pub fn date_time(language: Language, moment: Moment, zone: &TimeZone) -> String {
    let civil = civil(moment, zone);
    let (hour, minute) = (civil.hour(), civil.minute());
    let time =
        Time::try_new(u8::try_from(hour).unwrap_or(0), u8::try_from(minute).unwrap_or(0), 0, 0)
            .unwrap_or_else(|_| unreachable!("a civil time has these fields"));
    of(language).minute.format(&DateTime { date: day(civil), time }).to_string()
}

/// A number with the language's digits and separators.
#[must_use]
pub fn number(language: Language, number: i64) -> String {
    of(language).number.format(&Decimal::from(number)).to_string()
}

/// Items as a sentence has them ("a, b and c").
#[must_use]
pub fn list(language: Language, items: &[String]) -> String {
    of(language).and.format(items.iter()).to_string()
}

/// A country's name, or its code where there is none.
#[must_use]
pub fn country(language: Language, code: &str) -> String {
    let locale = &of(language).locale;
    let region = Region::try_from_str(code).ok();
    let name = region.and_then(|region| RegionDisplayName::try_new(locale.into(), region).ok());
    name.map_or_else(|| code.to_owned(), |name| name.write_to_string().into_owned())
}

impl Plural {
    /// The form for a count, with `{count}` filled in.
    #[must_use]
    pub fn of(&self, language: Language, count: usize) -> String {
        let form = match of(language).plural.category_for(count) {
            PluralCategory::Zero => self.zero,
            PluralCategory::One => self.one,
            PluralCategory::Two => self.two,
            PluralCategory::Few => self.few,
            PluralCategory::Many => self.many,
            PluralCategory::Other => self.other,
        };
        let form = if form.is_empty() { self.other } else { form };
        let count = number(language, i64::try_from(count).unwrap_or(i64::MAX));
        fill(form, &[("count", &count)])
    }
}

/// A text with its `{name}` placeholders filled in. What is filled in is not read again.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            // Left as it was: a later round may fill it.
            None => _ = write!(filled, "{{{name}}}"),
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}
