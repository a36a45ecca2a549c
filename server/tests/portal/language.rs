//! Which language a page speaks, and that the ledger remembers it.

use app::routes;
use app::texts::Texts;
use domain::Language;

use crate::support::page::Page;
use crate::support::{Newcomer, TestPortal, on_both_engines, on_sqlite};

on_both_engines![the_ledger_keeps_the_language_of_the_page];
on_sqlite![
    a_browser_s_languages_are_heeded_by_weight,
    a_link_beats_what_was_chosen_before_which_beats_the_books_which_beat_the_browser,
    a_chosen_language_stays_chosen,
    arabic_runs_from_right_to_left,
    from_right_to_left_a_company_s_name_stands_apart,
    every_page_names_every_language_in_its_own_words,
    a_language_that_nobody_speaks_here_changes_nothing,
    errors_are_told_in_the_reader_s_language,
];

#[track_caller]
fn speaks(page: &Page, language: Language) {
    let html = page.all("html").next().expect("a document");
    assert_eq!(html.get("lang"), Some(language.tag()));
    assert_eq!(html.get("dir"), Some(language.direction()));
}

async fn a_browser_s_languages_are_heeded_by_weight(portal: &TestPortal) {
    for (asked, expected) in [
        ("", Language::English),
        ("fr", Language::French),
        ("de-AT, en;q=0.5", Language::German),
        ("en;q=0.1, zh-CN;q=0.9", Language::Chinese),
        ("pt, ja", Language::English),
        ("es;q=0, fr;q=0.2", Language::French),
        ("*;q=0.5, ;;;, =", Language::English),
    ] {
        let page = portal.browser().reading(asked).opens(routes::CHOICES).await;
        speaks(&page, expected);
        page.sees(Texts::of(expected).practice_lede);
    }
}

async fn a_link_beats_what_was_chosen_before_which_beats_the_books_which_beat_the_browser(
    portal: &TestPortal,
) {
    let newcomer =
        Newcomer { email: Some("mira@example.com"), language: Some("fr"), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    let mut browser = portal.browser().reading("de");
    speaks(&browser.opens(routes::CHOICES).await, Language::German);
    speaks(&browser.opens_link(&customer).await, Language::French);
    let message = format!("/u/{}/offers/email", customer.token);
    speaks(&browser.opens(&message).await, Language::French);
    speaks(&browser.opens(&format!("{message}?language=es")).await, Language::Spanish);
    speaks(&browser.opens(routes::CHOICES).await, Language::Spanish);
    speaks(&browser.opens("/choices?language=ar").await, Language::Arabic);
}

async fn a_chosen_language_stays_chosen(portal: &TestPortal) {
    let mut browser = portal.browser();
    let page = browser.opens(routes::CHOICES).await;
    let german = page.all("a").find(|link| link.is("hreflang", "de")).unwrap();
    assert_eq!(german.text, "Deutsch");
    speaks(&browser.opens(german.get("href").unwrap()).await, Language::German);
    for path in [routes::CODE, "/notices/1", "/nowhere"] {
        speaks(&browser.opens(path).await, Language::German);
    }
    assert_eq!(browser.jar["__Host-language"], "de", "and nothing else is kept");
}

async fn arabic_runs_from_right_to_left(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser().reading("ar");
    let page = browser.opens_link(&customer).await;
    speaks(&page, Language::Arabic);
    let who = page.all("bdi").find(|bdi| bdi.text.contains("example.com")).unwrap();
    assert_eq!(who.get("dir"), Some("ltr"), "an address keeps its own direction");
}

async fn from_right_to_left_a_company_s_name_stands_apart(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let now = |page: Page| -> String {
        page.within("now").iter().map(|element| element.text.as_str()).collect()
    };
    let arabic = now(portal.browser().reading("ar").opens_link(&customer).await);
    let english = now(portal.browser().opens_link(&customer).await);
    for company in ["Adlane GmbH", "Reachwell Inc.", "Brightquay Pte. Ltd."] {
        assert!(arabic.contains(&format!("\u{2068}{company}\u{2069}")), "{arabic}");
        assert!(english.contains(company), "{english}");
    }
    assert!(!english.contains('\u{2068}'));
}

async fn every_page_names_every_language_in_its_own_words(portal: &TestPortal) {
    let page = portal.browser().opens(routes::CODE).await;
    for language in Language::ALL {
        let link = page.all("a").find(|link| link.is("hreflang", language.tag())).unwrap();
        assert_eq!(link.text, language.own_name());
        assert_eq!(link.get("lang"), Some(language.tag()));
        let current = language == Language::English;
        assert_eq!(link.get("aria-current"), current.then_some("true"));
    }
}

async fn a_language_that_nobody_speaks_here_changes_nothing(portal: &TestPortal) {
    for query in ["tlh", "", "de%00", "../de", "DE"] {
        let mut browser = portal.browser();
        let page = browser.opens(&format!("/choices?language={query}")).await;
        speaks(&page, Language::English);
        assert!(browser.jar.is_empty());
    }
    let mut browser = portal.browser().reading("fr");
    browser.jar.insert("__Host-language".into(), "klingon".into());
    speaks(&browser.opens(routes::CHOICES).await, Language::French);
}

async fn errors_are_told_in_the_reader_s_language(portal: &TestPortal) {
    for language in Language::ALL {
        let mut browser = portal.browser().reading(language.tag());
        let page = browser.opens("/nowhere").await;
        assert_eq!(page.status, 404);
        speaks(&page, language);
        page.sees(Texts::of(language).error_not_found);
        let page = browser.opts_out_by_form("no address", "everything").await;
        assert_eq!(page.status, 422);
        speaks(&page, language);
        page.sees(Texts::of(language).error_contact_form);
    }
}

async fn the_ledger_keeps_the_language_of_the_page(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser().reading("en");
    browser.opens_link(&customer).await;
    let spanish = browser.opens("/choices?language=es").await;
    browser.opens("/choices?language=fr").await;
    // The press counts in the language of the page that it stood on, whatever came after.
    browser.submits(spanish.press("off", "marketing")).await;
    browser.turns_off("sharing").await;
    let entries = portal.entries_of(&customer).await;
    let languages: Vec<_> = entries.iter().map(|choice| choice.entry.language).collect();
    assert_eq!(languages, [Language::Spanish, Language::French], "R-02");
}
