use domain::{Language, Moment};
use jiff::tz::TimeZone;

use super::{Texts, country, date, date_time, fill, list, number};

const NOON: Moment = Moment(1_795_435_200_000); // 2026-11-23T12:00:00Z

#[test]
fn every_language_writes_dates_numbers_lists_and_countries_its_own_way() {
    let zone = TimeZone::UTC;
    assert_eq!(date(Language::English, NOON, &zone), "November 23, 2026");
    assert_eq!(date(Language::German, NOON, &zone), "23. November 2026");
    assert_eq!(date(Language::Chinese, NOON, &zone), "2026年11月23日");
    assert_eq!(list(Language::Spanish, &["a".into(), "b".into(), "c".into()]), "a, b y c");
    assert_eq!(country(Language::French, "DE"), "Allemagne");
    assert_eq!(country(Language::Arabic, "US"), "الولايات المتحدة");
    assert_eq!(country(Language::English, "??"), "??");
    assert_eq!(number(Language::German, 1234), "1.234");
    for language in Language::ALL {
        assert!(!date_time(language, NOON, &zone).is_empty());
    }
}

#[test]
fn placeholders_are_filled_once_and_never_from_what_was_filled_in() {
    assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
    assert_eq!(fill("no end {a", &[("a", "x")]), "no end a");
}

#[test]
fn plurals_follow_the_language() {
    let english = Texts::of(Language::English).pause_days;
    assert_eq!(english.of(Language::English, 1), "1 day");
    assert_eq!(english.of(Language::English, 30), "30 days");
    let arabic = Texts::of(Language::Arabic).pause_days;
    let forms: std::collections::BTreeSet<_> =
        [0, 1, 2, 3, 11, 100].map(|n| arabic.of(Language::Arabic, n)).into();
    assert_eq!(forms.len(), 6, "{forms:?}");
}
