//! The customer sees how far each choice has come, system by system.

use app::portal::{Portal, Who};
use app::texts::Texts;
use axum::http::Method;
use domain::moment::{DAY, HOUR, MINUTE};
use domain::{Language, Target, Wish};
use serde_json::json;
use server::api::paths;
use server::api::scope::Scope;
use server::ports::Clock;
use server::store::DeliveryFilter;

use crate::ledger::BY_LINK;
use crate::support::portal::CATALOGUE;
use crate::support::receiver::Manner;
use crate::support::scene::{only, scene, scene_with};
use crate::support::{Customer, ENGLISH, Page, TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    a_choice_is_shown_from_the_first_try_to_the_confirmation,
    a_late_system_is_shown_as_late,
    what_must_be_heard_by_a_new_address_is_not_confirmed_by_the_old_one,
];
on_sqlite![
    who_chose_nothing_sees_no_progress,
    the_newest_choice_of_a_switch_counts_and_one_taken_back_does_not,
    how_long_systems_take_is_a_figure_that_customers_see,
    every_language_tells_it,
    only_the_newest_are_shown_and_the_page_says_so_in_every_language,
];

/// What the page says of progress; empty when it says nothing.
fn told(page: &Page) -> String {
    let found = page.elements.iter().find(|element| element.is("id", "progress"));
    found.map(|element| element.text.clone()).unwrap_or_default()
}

async fn a_choice_is_shown_from_the_first_try_to_the_confirmation(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.turns_off("message:offers/email").await;
    let text = told(&page);
    assert!(text.contains("Offers and new products by email"), "{text}");
    assert!(text.contains("turned off"), "{text}");
    assert!(text.contains("Email servicenot reached yet, must confirm by 17 June 2026"), "{text}");
    scene.teller.round().await.unwrap();
    // What the page tells of systems may be a second old.
    portal.clock.moves(1_000);
    let text = told(&browser.opens("/choices").await);
    assert!(text.contains("Email serviceasked, must confirm by 17 June 2026"), "{text}");
    portal.clock.moves(DAY);
    let all = DeliveryFilter::default();
    portal.store().record_acknowledged(&all, portal.clock.now().0).await.unwrap();
    let text = told(&browser.opens_link(&customer).await);
    assert!(text.contains("Email serviceconfirmed on 16 June 2026"), "{text}");
    assert!(!text.contains("must confirm"), "{text}");
}

async fn a_late_system_is_shown_as_late(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("share:advertising/adlane").await;
    portal.clock.moves(60 * DAY);
    let text = told(&browser.opens_link(&customer).await);
    assert!(text.contains("Advertising platformlate, should have confirmed by 29 June"), "{text}");
}

async fn what_must_be_heard_by_a_new_address_is_not_confirmed_by_the_old_one(portal: &TestPortal) {
    let scene = scene(portal).await;
    let client = portal.client(&[Scope::People, Scope::Choices]).await;
    let path = paths::PERSON.replace("{customer_number}", "C-1");
    let moves_to = async |email: &str| {
        let answer = client.sends_json(Method::PUT, &path, &json!({ "email": email })).await;
        assert!(answer.status.is_success(), "{answer:?}");
    };
    moves_to("old@example.com").await;
    let person = json!({ "email": "old@example.com" });
    let choice = json!({ "person": person, "target": "message:offers/email", "act": "opt_out" });
    assert_eq!(client.posts(paths::CHOICES, &choice).await.status, 200);
    let person = portal.ledger().await[0].choice.entry.person;
    let customer = Customer { person, token: portal.mints(person, 0).await };
    let shown = async || told(&portal.browser().opens_link(&customer).await);
    scene.receiver.answers([Manner::Says(200, "{\"acknowledged\": true}")]);
    scene.teller.round().await.unwrap();
    let first = only(portal).await;
    assert!(shown().await.contains("Email serviceconfirmed on 15 June 2026"));
    portal.clock.moves(DAY);
    moves_to("new@example.com").await;
    let again = only(portal).await;
    assert_eq!((again.id, again.acknowledged_at), (first.id, None));
    assert_eq!(again.due_at - again.created_at, first.due_at - first.created_at);
    let text = shown().await;
    assert!(text.contains("Email servicenot reached yet"), "{text}");
    scene.receiver.answers([Manner::Says(202, "")]);
    scene.teller.round().await.unwrap();
    portal.clock.moves(MINUTE);
    let text = shown().await;
    assert!(text.contains("Email serviceasked"), "{text}");
    let all = DeliveryFilter::default();
    portal.store().record_acknowledged(&all, portal.clock.now().0).await.unwrap();
    portal.clock.moves(MINUTE);
    let text = shown().await;
    assert!(text.contains("Email serviceconfirmed on 16 June 2026"), "{text}");
    let paces = portal.store().list_paces("mailer", 0).await.unwrap();
    assert_eq!(paces, [(1, 1)], "the new way took a minute, not the days since the choice");
}

async fn who_chose_nothing_sees_no_progress(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    assert_eq!(told(&portal.browser().opens_link(&customer).await), "");
    assert_eq!(told(&portal.browser().opens("/choices").await), "");
}

async fn the_newest_choice_of_a_switch_counts_and_one_taken_back_does_not(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    browser.turns_off("message:care/email").await;
    let page = browser.undoes().await;
    let text = told(&page);
    assert!(text.contains("Offers and new products by email"), "{text}");
    assert!(!text.contains("Care reminders"), "{text}");
    let page = browser.turns_off("message:care/email").await;
    assert_eq!(told(&page).matches("Care reminders").count(), 1);
    let first = told(&page).find("Care reminders") < told(&page).find("Offers and new");
    assert!(first, "the newest comes first");
}

async fn how_long_systems_take_is_a_figure_that_customers_see(portal: &TestPortal) {
    let scene = scene(portal).await;
    let yes = || Manner::Says(200, "{\"acknowledged\": true}");
    let mut browser = portal.browser();
    for (email, wait) in [("a", MINUTE), ("b", 3 * MINUTE), ("c", 50 * HOUR)] {
        let customer = portal.customer(&format!("{email}@example.com")).await;
        browser = portal.browser();
        browser.opens_link(&customer).await;
        browser.turns_off("message:offers/email").await;
        portal.clock.moves(wait);
        scene.receiver.answers([yes()]);
        scene.teller.round().await.unwrap();
    }
    scene.teller.measure().await.unwrap();
    let figure = "in the past 90 days typically 3 minutes, at most 3 days";
    let customer = portal.customer("d@example.com").await;
    let mut other = portal.browser();
    other.opens_link(&customer).await;
    let text = told(&other.turns_off("message:care/email").await);
    assert!(text.contains(figure), "{text}");
    // It is measured once an hour, and after 90 days forgotten.
    portal.clock.moves(30 * MINUTE);
    scene.teller.measure().await.unwrap();
    let measured = portal.store().list_measured_paces().await.unwrap();
    assert_eq!(
        measured.iter().find(|row| row.0 == "mailer").unwrap().2,
        portal.clock.now().0 - 30 * MINUTE
    );
    portal.clock.moves(100 * DAY);
    scene.teller.measure().await.unwrap();
    let customer = portal.customer("e@example.com").await;
    browser.opens_link(&customer).await;
    let text = told(&browser.turns_off("message:care/email").await);
    assert!(!text.contains("90 days"), "{text}");
}

async fn every_language_tells_it(portal: &TestPortal) {
    let scene = scene_with(portal, CATALOGUE).await;
    scene.receiver.answers([Manner::Says(200, "{\"acknowledged\": true}")]);
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    portal.clock.moves(5 * HOUR);
    scene.teller.round().await.unwrap();
    scene.teller.measure().await.unwrap();
    browser.opens_link(&customer).await;
    browser.turns_off("share:measuring/tallyhouse").await;
    for language in Language::ALL {
        let texts = Texts::of(language);
        let page = browser.opens(&format!("/choices?language={}", language.tag())).await;
        let text = told(&page);
        assert!(text.contains(texts.progress) && !text.contains('{'), "{language}: {text}");
        assert!(text.contains(&texts.hours.of(language, 5)), "{language}: {text}");
    }
    assert_ne!(ENGLISH.progress, Texts::of(Language::German).progress);
}

async fn only_the_newest_are_shown_and_the_page_says_so_in_every_language(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let text = told(&browser.turns_off("message:offers/email").await);
    assert!(!text.contains(ENGLISH.progress_more), "{text}");
    let notice = portal.service.notices.current();
    let wide = ["topic:offers", "sharing", "everything"];
    let wide = wide.map(|text| text.parse::<Target>().unwrap());
    let targets: Vec<Target> = notice.catalogue.leaves().chain(wide).collect();
    for target in targets {
        // What a law requires can't be turned off.
        let wish = Wish::TurnOff(target);
        drop(portal.service.record(Who::Person(customer.person), wish, BY_LINK).await);
    }
    let page = browser.opens("/choices").await;
    let ids = page.elements.iter().filter_map(|element| element.get("id"));
    assert_eq!(ids.filter(|id| id.starts_with("choice-")).count(), 12);
    for language in Language::ALL {
        let page = browser.opens(&format!("/choices?language={}", language.tag())).await;
        let text = told(&page);
        assert!(text.contains(Texts::of(language).progress_more), "{language}: {text}");
    }
}
