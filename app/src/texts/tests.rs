use domain::{Language, Moment};
use jiff::tz::TimeZone;

use super::{Texts, country, date, date_time, fill, list, number};

const NOON: Moment = Moment(1_795_435_200_000); // 2026-11-23T12:00:00Z

#[test]
fn every_language_writes_dates_numbers_lists_and_countries_its_own_way() {
    let zone = TimeZone::UTC;
    assert_eq!(date(Language::English, NOON, &zone), "23 November 2026");
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

#[test]
fn every_language_has_the_same_placeholders_as_english() {
    let names = |text: &str| -> std::collections::BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .map(str::to_owned)
            .collect()
    };
    // The fields of a struct can't be walked, but what it prints can.
    let texts = |language| -> Vec<(String, String)> {
        let printed = format!("{:#?}", Texts::of(language));
        let lines = printed.lines().filter_map(|line| line.trim().split_once(": \""));
        lines.map(|(name, text)| (name.to_owned(), text.replace("\\u{", ""))).collect()
    };
    let english = texts(Language::English);
    assert!(english.len() > 180, "{}", english.len());
    for language in Language::ALL {
        let other = texts(language);
        assert_eq!(other.len(), english.len());
        for ((name, text), (_, ours)) in other.iter().zip(&english) {
            let plural = matches!(name.as_str(), "zero" | "one" | "two" | "few" | "many" | "other");
            assert!(plural || names(text) == names(ours), "{language} {name}: {text}");
            assert!(
                plural || !text.trim_end_matches("\",").is_empty(),
                "{language} {name} is empty"
            );
            assert!(!text.contains('!'), "{language} {name} shouts: {text}");
        }
    }
}
