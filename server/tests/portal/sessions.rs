//! Visits: how they begin, how long they last, what is kept of them.

use app::routes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::moment::{HOUR, MINUTE};

use crate::support::place::holds;
use crate::support::{ENGLISH, TestPortal, on_both_engines};

on_both_engines![
    a_visit_ends_half_an_hour_after_its_last_page,
    a_visit_ends_after_twelve_hours_however_busy,
    a_link_gives_a_new_session_id,
    a_code_gives_a_new_session_id,
    a_message_s_button_gives_a_new_session_id,
    leaving_ends_the_visit_on_the_server_too,
    another_person_s_link_takes_nothing_over,
    a_press_after_the_visit_ended_loses_nothing_and_says_so,
    a_visitor_who_only_looks_gets_no_cookie,
    the_id_of_a_session_is_not_in_the_database,
];

async fn a_visit_ends_half_an_hour_after_its_last_page(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    for _ in 0..4 {
        portal.clock.moves(29 * MINUTE);
        assert!(!browser.opens(routes::CHOICES).await.switches().is_empty());
    }
    portal.clock.moves(31 * MINUTE);
    let page = browser.opens(routes::CHOICES).await;
    assert!(page.switches().is_empty(), "C-01, ASVS 7.3.1");
    page.sees(ENGLISH.form_heading);
}

async fn a_visit_ends_after_twelve_hours_however_busy(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    for _ in 0..35 {
        portal.clock.moves(20 * MINUTE);
        assert!(!browser.opens(routes::CHOICES).await.switches().is_empty());
    }
    portal.clock.moves(20 * MINUTE);
    assert!(browser.opens(routes::CHOICES).await.switches().is_empty(), "12 hours");
    assert!(!browser.opens_link(&customer).await.switches().is_empty(), "the link begins anew");
    portal.clock.moves(HOUR / 4);
    assert!(!browser.opens(routes::CHOICES).await.switches().is_empty());
}

async fn a_link_gives_a_new_session_id(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut planted = portal.browser();
    planted.opts_out_by_form("somebody@example.com", "marketing").await;
    let mut browser = planted.clone();
    browser.opens_link(&customer).await;
    assert_ne!(browser.session(), planted.session());
    let page = planted.opens(routes::CHOICES).await;
    assert!(page.switches().is_empty(), "whoever planted the old id sees nothing");
}

async fn a_code_gives_a_new_session_id(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.asks_for_a_code(Some("mira@example.com")).await;
    let mut planted = browser.clone();
    browser.enters_code(&portal.mailbox.reads_code()).await;
    assert_ne!(browser.session(), planted.session());
    assert!(planted.opens(routes::CHOICES).await.switches().is_empty());
}

async fn a_message_s_button_gives_a_new_session_id(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut planted = portal.browser();
    planted.opts_out_by_form("somebody@example.com", "marketing").await;
    let mut browser = planted.clone();
    let page = browser.opens(&format!("/u/{}/offers/email", customer.token)).await;
    browser.submits(page.form(routes::DO_UNSUBSCRIBE)).await;
    assert_ne!(browser.session(), planted.session());
    assert!(planted.opens(routes::CHOICES).await.switches().is_empty());
}

async fn leaving_ends_the_visit_on_the_server_too(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let page = browser.opens_link(&customer).await;
    let mut kept = browser.clone();
    let left = browser.submits(page.form(routes::LEAVE)).await;
    left.sees(ENGLISH.form_heading);
    assert_eq!(browser.session(), "", "the cookie is gone");
    assert!(kept.opens(routes::CHOICES).await.switches().is_empty(), "a kept one is worth nothing");
}

async fn another_person_s_link_takes_nothing_over(portal: &TestPortal) {
    let (mira, tom) =
        (portal.customer("mira@example.com").await, portal.customer("tom@example.com").await);
    let mut browser = portal.browser();
    browser.opens_link(&mira).await;
    browser.asks_for_a_code(None).await;
    browser.enters_code(&portal.mailbox.reads_code()).await;
    browser.turns_off("everything").await;
    let page = browser.opens_link(&tom).await;
    page.sees("t•••@example.com");
    page.sees_nothing_of("m•••a@example.com");
    page.sees(ENGLISH.history_locked);
    assert_eq!(page.one("role", "status").text, "", "nor what Mira did last");
    let answer = browser.posts(routes::CHOOSE, &[("on", "message:trips/email")]).await;
    assert_eq!(answer.location(), routes::CODE, "nor her proof");
    assert!(portal.entries_of(&tom).await.is_empty());
}

async fn a_press_after_the_visit_ended_loses_nothing_and_says_so(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let page = browser.opens_link(&customer).await;
    portal.clock.moves(31 * MINUTE);
    let late = browser.submits(page.press("off", "everything")).await;
    assert_eq!(late.status, 422);
    late.sees(ENGLISH.error_session);
    assert!(portal.ledger().await.is_empty());
    late.form(routes::OPT_OUT);
}

async fn a_visitor_who_only_looks_gets_no_cookie(portal: &TestPortal) {
    let mut browser = portal.browser();
    for path in [routes::CHOICES, routes::CODE, "/notices/1", "/nowhere"] {
        browser.opens(path).await;
        assert!(browser.jar.is_empty(), "{path}");
    }
}

async fn the_id_of_a_session_is_not_in_the_database(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let id = browser.session().to_owned();
    let raw = URL_SAFE_NO_PAD.decode(&id).unwrap();
    assert_eq!(raw.len(), 16, "128 bits (C-01)");
    let dump = portal.place.dump().await;
    assert!(!holds(&dump, id.as_bytes()) && !holds(&dump, &raw));
}
