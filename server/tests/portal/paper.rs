//! The form to post and the script for the phone: made from the register, whole in each language.

use app::routes;
use app::texts::letters::Letters;
use domain::decision::Standpoint;
use domain::{Language, Preferences, Target, decide};
use server::letters::Doors;
use server::ports::Clock;
use server::web::{Web, router};

use crate::support::portal::BASE_URL;
use crate::support::{Page, TestPortal, on_sqlite};

on_sqlite![
    the_form_offers_every_switch_of_the_register_and_none_is_ticked,
    the_form_asks_for_two_things_and_sends_nothing,
    the_script_names_every_choice_and_every_exception,
    the_script_asks_for_two_things_and_never_persuades,
];

async fn form(portal: &TestPortal, language: Language) -> Page {
    portal.browser().opens(&routes::in_language(routes::FORM, language)).await
}

async fn the_form_offers_every_switch_of_the_register_and_none_is_ticked(portal: &TestPortal) {
    let notice = portal.service.notices.current();
    for language in Language::ALL {
        let page = form(portal, language).await;
        let boxes: Vec<_> = page.all("input").filter(|one| one.is("type", "checkbox")).collect();
        assert!(boxes.iter().all(|one| one.get("checked").is_none()), "P-06");
        for target in notice.catalogue.leaves().chain([Target::Everything]) {
            let id = format!("stop-{}", app::page::names::anchor(&target));
            assert!(boxes.iter().any(|one| one.is("id", &id)), "{language}: {target}");
        }
        assert_eq!(boxes.len(), notice.catalogue.leaves().count() + 1);
        for known in &notice.catalogue.exceptions {
            page.sees(known.label.get(language));
        }
        page.sees(&notice.catalogue.controller.address);
        page.sees(Letters::of(language).form_title);
        page.sees("privacy.northwind.example/choices");
    }
}

async fn the_form_asks_for_two_things_and_sends_nothing(portal: &TestPortal) {
    let page = form(portal, Language::English).await;
    let fields = page.all("input").filter(|one| one.is("type", "text")).count();
    assert_eq!(fields, 2, "S-03");
    assert_eq!(page.all("form").count(), 0);
    assert_eq!(page.all("button").count(), 0);
    page.runs_no_script_but_ours();
}

async fn script(portal: &TestPortal, language: Language) -> Page {
    let doors = Doors { kit: true, ..Doors::default() };
    let web = Web::new(portal.service.clone(), BASE_URL).with_doors(doors);
    let mut desk = portal.browser().moved_to(router(web));
    desk.opens(&routes::in_language(routes::SCRIPT, language)).await
}

async fn the_script_names_every_choice_and_every_exception(portal: &TestPortal) {
    let notice = portal.service.notices.current();
    let catalogue = &notice.catalogue;
    for language in Language::ALL {
        let page = script(portal, language).await;
        for target in catalogue.leaves() {
            page.sees(&app::page::names::name(catalogue, language, &target));
        }
        for known in &catalogue.exceptions {
            let target = Target::Exception(known.key.clone());
            let (nobody, person) = (Preferences::default(), Standpoint::default());
            let now = portal.clock.now();
            assert!(decide(catalogue, &nobody, person, &target, now).allowed);
            page.sees(known.label.get(language));
        }
        // The test begins on 15 June; what is printed may come for sixty days.
        let until = jiff::civil::date(2026, 8, 14);
        let end = jiff::tz::TimeZone::UTC.to_timestamp(until.at(12, 0, 0, 0)).unwrap();
        let end = domain::Moment(end.as_millisecond());
        page.sees(&app::texts::date(language, end, &jiff::tz::TimeZone::UTC));
    }
}

async fn the_script_asks_for_two_things_and_never_persuades(portal: &TestPortal) {
    let page = script(portal, Language::English).await;
    let said: Vec<_> = page.all("blockquote").map(|quote| quote.text.clone()).collect();
    assert_eq!(said.len(), 6);
    assert_eq!(said[1].matches('?').count(), 2, "S-03: {}", said[1]);
    for word in ["why", "sure", "instead", "sorry", "unfortunately", "miss"] {
        assert!(said.iter().all(|text| !text.to_lowercase().contains(word)), "P-08: {word}");
    }
    page.sees("________");
}
