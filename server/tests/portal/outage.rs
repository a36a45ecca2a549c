//! When the store fails, the portal fails closed: it says so, shows nothing and changes nothing.

use app::routes;
use app::texts::Texts;
use axum::http::Method;
use domain::Language;

use crate::support::page::Page;
use crate::support::{ENGLISH, TestPortal, on_both_engines};

on_both_engines![
    a_known_visitor_sees_a_page_that_owns_up_and_no_state,
    no_form_pretends_to_have_saved,
    a_mail_client_is_told_to_try_again,
    the_page_is_in_the_reader_s_language,
    an_outage_does_not_end_a_visit,
    a_stranger_still_reads_what_the_business_does,
];

/// Says that it is our fault, with a number to quote, and shows no switch.
#[track_caller]
fn owns_up(page: &Page, texts: &Texts) {
    assert_eq!(page.status, 503);
    page.sees(texts.error_server_title);
    page.sees(texts.error_server);
    assert!(page.switches().is_empty());
    let words = texts.error_number.replace("{id}", "");
    let number = page.all("bdi").find_map(|bdi| bdi.text.strip_prefix(words.as_str()));
    assert_eq!(number.map(str::len), Some(12), "a number to quote");
    page.sees_nothing_of("example.com");
}

async fn a_known_visitor_sees_a_page_that_owns_up_and_no_state(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    portal.breaks().await;
    for path in [
        routes::CHOICES,
        routes::CODE,
        routes::CONFIRM,
        routes::UNDO,
        routes::RECORD,
        routes::RECORD_JSON,
        &routes::link(&customer.token),
        &format!("/u/{}/offers/email", customer.token),
        "/notices/7",
    ] {
        let page = browser.asks(Method::GET, path).await.page();
        owns_up(&page, ENGLISH);
    }
}

async fn no_form_pretends_to_have_saved(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    portal.breaks().await;
    for (action, fields) in [
        (routes::CHOOSE, &[("off", "everything")][..]),
        (routes::DO_CONFIRM, &[("target", "message:trips/email"), ("seen", "0")]),
        (routes::OPT_OUT, &[("contact", "mira@example.com"), ("what", "everything")]),
        (routes::DO_UNSUBSCRIBE, &[("token", &customer.token), ("all", "1")]),
        (routes::SEND_CODE, &[("contact", "mira@example.com")]),
        (routes::CHECK_CODE, &[("code", "12345678")]),
        (routes::LEAVE, &[]),
    ] {
        for visitor in [&mut browser, &mut portal.browser()] {
            let answer = visitor.posts(action, fields).await;
            if action == routes::LEAVE && answer.status == 303 {
                assert_eq!(visitor.session(), "", "who has no visit has left already");
                continue;
            }
            assert_eq!(answer.location(), "", "{action}");
            owns_up(&answer.page(), ENGLISH);
        }
    }
}

async fn a_mail_client_is_told_to_try_again(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    portal.breaks().await;
    let path = format!("/u/{}/offers/email", customer.token);
    let answer = portal.browser().posts(&path, &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.location(), "");
}

async fn the_page_is_in_the_reader_s_language(portal: &TestPortal) {
    portal.breaks().await;
    for (tag, language) in [("de", Language::German), ("ar", Language::Arabic)] {
        let action = format!("{}?language={tag}", routes::OPT_OUT);
        let fields = [("contact", "mira@example.com"), ("what", "everything")];
        let page = portal.browser().posts(&action, &fields).await.page();
        owns_up(&page, Texts::of(language));
        assert_eq!(page.all("html").next().unwrap().get("dir"), Some(language.direction()));
    }
}

async fn an_outage_does_not_end_a_visit(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let before = browser.jar.clone();
    portal.breaks().await;
    browser.opens(routes::CHOICES).await;
    browser.posts(routes::CHOOSE, &[("off", "everything")]).await;
    assert_eq!(browser.jar, before, "the cookie stays for when the store is back");
}

async fn a_stranger_still_reads_what_the_business_does(portal: &TestPortal) {
    portal.breaks().await;
    let page = portal.browser().opens(routes::CHOICES).await;
    assert_eq!(page.status, 200);
    page.sees(ENGLISH.practice_lede);
    page.sees("privacy@northwind.example".split('@').next().unwrap());
    assert_eq!(portal.browser().opens("/notices/1").await.status, 200);
}
