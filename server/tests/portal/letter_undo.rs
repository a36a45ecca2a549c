//! The way back in a confirmation: what its letter tells, for ten minutes, in any browser.

use app::portal::{By, Who};
use app::routes;
use axum::http::Method;
use domain::change::{Assurance, WINDOW};
use domain::moment::MINUTE;
use domain::{Channel, Language, Source, Wish};
use serde_json::json;
use server::api::paths;
use server::api::scope::Scope;
use server::ports::Letter;

use crate::support::confirmation::{after_a_while, references, tells, tells_nothing_of, visits};
use crate::support::page::Form;
use crate::support::portal::BASE_URL;
use crate::support::{ENGLISH, Page, TestPortal, on_both_engines};

on_both_engines![
    a_change_can_be_taken_back_from_the_letter_in_any_browser,
    each_change_of_a_letter_has_a_way_back_of_its_own,
    the_way_back_ends_as_the_letter_says_and_then_only_restricts,
    a_letter_takes_back_nothing_that_it_does_not_tell,
    a_way_back_ends_where_two_records_become_one_or_one_is_erased,
    a_forged_way_back_leads_to_the_form,
    opening_a_way_back_changes_nothing,
    a_letter_of_a_yes_has_no_way_back,
    one_click_has_one_way_back_however_often_it_comes,
];

fn undo_link_in(letter: &Letter) -> String {
    let line = letter.body.lines().find(|line| line.contains("/undo/")).unwrap();
    assert!(letter.html.as_deref().unwrap().contains(line));
    line.strip_prefix(BASE_URL).unwrap().to_owned()
}

/// The places of the choices that a page offers to take back.
fn offered(page: &Page) -> Vec<String> {
    let buttons = page.all("button").filter(|button| button.is("name", "choice"));
    buttons.map(|button| button.get("value").unwrap().to_owned()).collect()
}

/// Pressing the only button that takes something back.
fn takes_back(page: &Page) -> Form {
    let offered = offered(page);
    assert_eq!(offered.len(), 1);
    page.press("choice", &offered[0])
}

async fn a_change_can_be_taken_back_from_the_letter_in_any_browser(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    browser.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    let letter = portal.mailbox.reads();
    tells(&letter, "Until 15 June 2026 at 10:45");
    let mut reader = portal.browser();
    let page = reader.opens(&undo_link_in(&letter)).await;
    assert_eq!((page.path.as_str(), page.status), (routes::UNDO, 200));
    page.sees("Offers and new products by email");
    page.sees(&references(portal, &customer).await[0]);
    portal.clock.moves(WINDOW);
    let page = reader.submits(takes_back(&page)).await;
    page.sees(ENGLISH.saved_undo);
    assert!(page.is_on("message:offers/email"));
    assert!(browser.opens(routes::CHOICES).await.is_on("message:offers/email"));
    let page = reader.opens(&undo_link_in(&letter)).await;
    assert_eq!(page.path, routes::CHOICES, "nothing is left to take back");
    after_a_while(portal).await;
    let letter = portal.mailbox.reads();
    tells(&letter, "change taken back");
    tells_nothing_of(&letter, "/undo/");
}

async fn each_change_of_a_letter_has_a_way_back_of_its_own(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    browser.turns_off("message:offers/email").await;
    browser.turns_off("purpose:advertising").await;
    // Two that were told in one breath, under one number.
    let reference = portal.service.new_reference();
    for target in ["message:trips/email", "marketing"] {
        let wish = Wish::TurnOff(target.parse().unwrap());
        let by = By {
            assurance: Assurance::Link,
            source: Source::StaffPhone,
            language: Language::English,
        };
        let who = Who::Person(customer.person);
        portal.service.record_under(reference.clone(), who, wish, by).await.unwrap();
    }
    after_a_while(portal).await;
    let link = undo_link_in(&portal.mailbox.reads());
    let mut reader = portal.browser();
    let mut left = vec!["1", "2", "3", "4"];
    for taken in ["3", "1", "4", "2"] {
        let page = reader.opens(&link).await;
        assert_eq!(offered(&page), left);
        let page = reader.submits(page.press("choice", taken)).await;
        page.sees(ENGLISH.saved_undo);
        left.retain(|place| *place != taken);
        assert_eq!(page.is_on("message:offers/post"), !left.contains(&"4"), "{taken}");
    }
    assert!(reader.opens(routes::CHOICES).await.is_on("message:offers/email"));
    after_a_while(portal).await;
    portal.mailbox.reads();
}

async fn the_way_back_ends_as_the_letter_says_and_then_only_restricts(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    visits(portal, &customer).await.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    let link = undo_link_in(&portal.mailbox.reads());
    let (mut slow, mut late) = (portal.browser(), portal.browser());
    let open = slow.opens(&link).await;
    portal.clock.moves(WINDOW + 1);
    let refused = slow.submits(takes_back(&open)).await;
    assert_eq!((refused.path.as_str(), refused.status), (routes::CHOICES, 422));
    refused.sees(ENGLISH.error_undo);
    let page = late.opens(&link).await;
    assert_eq!((page.path.as_str(), page.status), (routes::CHOICES, 422));
    page.sees(ENGLISH.error_undo);
    assert!(!page.is_on("message:offers/email"));
    assert!(!late.turns_off("message:offers/post").await.is_on("message:offers/post"));
    assert_eq!(late.asks_on("message:offers/email").await.path, routes::CODE);
    after_a_while(portal).await;
    portal.mailbox.reads();
}

async fn a_letter_takes_back_nothing_that_it_does_not_tell(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    browser.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    portal.mailbox.reads();
    browser.turns_off("message:offers/post").await;
    after_a_while(portal).await;
    let link = undo_link_in(&portal.mailbox.reads());
    browser.turns_off("message:reviews/email").await;
    let mut reader = portal.browser();
    reader.opens(&link).await;
    let other = portal.customer("ann@example.com").await;
    let mut ann = visits(portal, &other).await;
    ann.turns_off("message:offers/post").await;
    for untold in ["1", "3", "4", "5", "0", "-1", "", "no place"] {
        let answer = reader.posts(routes::DO_UNDO, &[("choice", untold)]).await;
        let page = reader.opens(answer.location()).await;
        assert_eq!(page.status, 422, "{untold}");
        page.sees(ENGLISH.error_undo);
    }
    for place in ["2", "4"] {
        let answer = ann.posts(routes::DO_UNDO, &[("choice", place)]).await;
        assert_eq!(ann.opens(answer.location()).await.status, 422, "a link takes nothing back");
    }
    assert_eq!(portal.ledger().await.len(), 4);
    after_a_while(portal).await;
    portal.mailbox.reads();
    portal.mailbox.reads();
}

async fn a_way_back_ends_where_two_records_become_one_or_one_is_erased(portal: &TestPortal) {
    let client = portal.client(&[Scope::People]).await;
    let path = |route: &str, number: &str| route.replace("{customer_number}", number);
    let mut links = Vec::new();
    for number in ["C-1", "C-2", "C-3"] {
        let email = format!("{}@example.com", number.to_lowercase());
        let body = json!({ "email": email });
        let put = client.sends_json(Method::PUT, &path(paths::PERSON, number), &body).await;
        assert!(put.status.is_success(), "{}", put.text());
        portal.browser().opts_out_by_form(&email, "everything").await;
        after_a_while(portal).await;
        links.push(undo_link_in(&portal.mailbox.reads()));
    }
    let merged = client.posts(&path(paths::MERGE, "C-3"), &json!({ "from": "C-1" })).await;
    assert!(merged.status.is_success(), "{}", merged.text());
    let erased = client.asks(Method::DELETE, &path(paths::PERSON, "C-2")).await;
    assert!(erased.status.is_success(), "{}", erased.text());
    for (link, is_open) in links.iter().zip([false, false, true]) {
        let page = portal.browser().opens(link).await;
        assert_eq!(page.path == routes::UNDO, is_open, "{}", page.text());
    }
}

async fn a_forged_way_back_leads_to_the_form(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    visits(portal, &customer).await.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    let link = undo_link_in(&portal.mailbox.reads());
    let forged = link.replace(&link[link.len() - 4..], "AAAA");
    for wrong in [forged.as_str(), "/undo/x", "/undo/%00", &link[..link.len() - 2]] {
        let page = portal.browser().opens(wrong).await;
        assert_eq!((&page.path, page.status), (&routes::unknown_link(), 200), "{wrong}");
        page.form(routes::OPT_OUT);
    }
}

async fn opening_a_way_back_changes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    visits(portal, &customer).await.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    let link = undo_link_in(&portal.mailbox.reads());
    let before = portal.ledger().await;
    let mut scanner = portal.browser();
    for path in [link.as_str(), routes::UNDO, &format!("{}?reference=1", routes::DO_UNDO)] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for _ in 0..10 {
                scanner.asks(method.clone(), path).await;
            }
        }
    }
    assert_eq!(portal.ledger().await, before, "L-01");
    assert_eq!(portal.browser().opens(routes::UNDO).await.path, routes::CHOICES);
}

async fn a_letter_of_a_yes_has_no_way_back(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    browser.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    portal.mailbox.reads();
    browser.asks_for_a_code(None).await;
    browser.enters_code(&portal.mailbox.reads_code()).await;
    let confirm = browser.asks_on("message:offers/email").await;
    browser.submits(confirm.form(routes::DO_CONFIRM)).await;
    after_a_while(portal).await;
    let letter = portal.mailbox.reads();
    tells(&letter, "Offers and new products by email: turned on");
    tells_nothing_of(&letter, "/undo/");
}

async fn one_click_has_one_way_back_however_often_it_comes(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let path = routes::unsubscribe(&customer.token, &"offers".parse().unwrap(), Channel::Email);
    for _ in 0..5 {
        portal.browser().posts(&path, &[("List-Unsubscribe", "One-Click")]).await;
        portal.clock.moves(MINUTE);
        portal.postman.round().await.unwrap();
    }
    after_a_while(portal).await;
    let mut reader = portal.browser();
    let page = reader.opens(&undo_link_in(&portal.mailbox.reads())).await;
    page.sees("Offers and new products by email");
    assert!(reader.submits(takes_back(&page)).await.is_on("message:offers/email"));
    after_a_while(portal).await;
    tells(&portal.mailbox.reads(), "change taken back");
}
