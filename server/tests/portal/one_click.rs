//! One-click unsubscribe by mail clients (RFC 8058), and the page behind the same link.

use app::routes;
use axum::body::Body;
use axum::http::{Method, Request, header};
use domain::{Channel, Language, Source, Target};
use futures::future::join_all;

use crate::support::{Answer, Customer, ENGLISH, TestPortal, on_both_engines};

on_both_engines![
    a_mail_client_posts_either_encoding,
    an_older_mail_client_posts_nothing,
    no_way_of_writing_the_address_meets_a_redirect_or_a_cookie,
    a_browser_s_headers_and_cookies_make_no_difference,
    five_posts_at_once_make_one_entry,
    only_the_message_of_the_link_is_stopped,
    a_post_that_asks_for_something_else_changes_nothing,
    a_link_to_what_is_not_sent_changes_nothing,
    the_page_offers_this_message_or_all_marketing,
    the_button_stops_the_message,
    the_other_button_stops_all_marketing,
    the_entry_is_in_the_language_of_the_mail_client,
];

pub const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";
const MULTIPART_BODY: &str = "--b\r\nContent-Disposition: form-data; \
    name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";

pub fn link(customer: &Customer) -> String {
    routes::unsubscribe(&customer.token, &"offers".parse().expect("a key"), Channel::Email)
}

fn offers_by_email() -> Target {
    Target::Message("offers".parse().expect("a key"), Channel::Email)
}

/// Posts with a host and a kind of body, and nothing else (RFC 8058 §3.1).
pub async fn posts(portal: &TestPortal, path: &str, kind: &str, body: &'static str) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, kind);
    let request = request.body(Body::from(body)).expect("a request");
    portal.browser().sends(request).await
}

fn is_a_plain_yes(answer: &Answer) {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.location(), "", "L-05: no redirect");
    assert!(answer.cookies().is_empty(), "L-05: no cookie");
}

async fn a_mail_client_posts_either_encoding(portal: &TestPortal) {
    for (email, kind, body) in [
        ("one@example.com", FORM, "List-Unsubscribe=One-Click"),
        ("two@example.com", MULTIPART, MULTIPART_BODY),
    ] {
        let customer = portal.customer(email).await;
        is_a_plain_yes(&posts(portal, &link(&customer), kind, body).await);
        let entries = portal.entries_of(&customer).await;
        assert_eq!(entries.len(), 1, "L-03");
        assert_eq!(entries[0].entry.target, offers_by_email());
        assert_eq!(entries[0].entry.source, Source::OneClick);
    }
}

async fn an_older_mail_client_posts_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    is_a_plain_yes(&posts(portal, &link(&customer), FORM, "").await);
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
}

async fn no_way_of_writing_the_address_meets_a_redirect_or_a_cookie(portal: &TestPortal) {
    let ways =
        ["/u/{}/offers/email/", "/U/{}/offers/email", "/u/{}/OFFERS/EMAIL", "/U/{}/Offers/Email/"];
    for (number, way) in ways.into_iter().enumerate() {
        let customer = portal.customer(&format!("c{number}@example.com")).await;
        let path = way.replace("{}", &customer.token);
        is_a_plain_yes(&posts(portal, &path, FORM, "List-Unsubscribe=One-Click").await);
        assert_eq!(portal.entries_of(&customer).await.len(), 1, "{way}");
    }
}

async fn a_browser_s_headers_and_cookies_make_no_difference(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let request = Request::post(link(&customer))
        .header("sec-fetch-site", "cross-site")
        .header(header::ORIGIN, "https://mail.example")
        .header(header::CONTENT_TYPE, FORM);
    let body = Body::from("List-Unsubscribe=One-Click");
    let answer = browser.sends(request.body(body).unwrap()).await;
    is_a_plain_yes(&answer);
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
}

async fn five_posts_at_once_make_one_entry(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let path = link(&customer);
    let five = (0..5).map(|_| posts(portal, &path, FORM, "List-Unsubscribe=One-Click"));
    join_all(five).await.iter().for_each(is_a_plain_yes);
    is_a_plain_yes(&posts(portal, &path, FORM, "List-Unsubscribe=One-Click").await);
    assert_eq!(portal.ledger().await.len(), 1, "L-06");
}

async fn only_the_message_of_the_link_is_stopped(portal: &TestPortal) {
    let (mira, tom) =
        (portal.customer("mira@example.com").await, portal.customer("tom@example.com").await);
    let mut browser = portal.browser();
    let mut expected = browser.opens_link(&mira).await.switches();
    let toms = portal.browser().opens_link(&tom).await.switches();
    posts(portal, &link(&mira), FORM, "List-Unsubscribe=One-Click").await;
    expected.insert(offers_by_email().to_string(), false);
    assert_eq!(browser.opens(routes::CHOICES).await.switches(), expected, "L-07");
    assert_eq!(portal.browser().opens_link(&tom).await.switches(), toms);
}

async fn a_post_that_asks_for_something_else_changes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    for body in ["List-Unsubscribe=Two-Clicks", "hello", "{}"] {
        let answer = posts(portal, &link(&customer), FORM, body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.header("content-type").starts_with("text/plain"));
    }
    assert!(portal.ledger().await.is_empty());
}

async fn a_link_to_what_is_not_sent_changes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let token = &customer.token;
    for path in [
        format!("/u/{token}/offers/push"),
        format!("/u/{token}/horoscopes/email"),
        format!("/u/{token}/offers/telepathy"),
        "/u/AAAAAAAAAAAAAAAAAAAAAA/offers/email".into(),
    ] {
        let answer = posts(portal, &path, FORM, "List-Unsubscribe=One-Click").await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains(token));
    }
    assert!(portal.ledger().await.is_empty());
}

async fn the_page_offers_this_message_or_all_marketing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let page = portal.browser().opens(&link(&customer)).await;
    assert_eq!(page.status, 200);
    page.sees("Stop Offers and new products by email?");
    let stops: Vec<_> = page.all("button").filter(|button| button.is("name", "all")).collect();
    assert_eq!(stops.len(), 1, "L-07: one way to stop all");
    assert_eq!(page.all("form").count(), 1);
    assert!(page.all("input").all(|input| input.is("type", "hidden")), "L-08: nothing to fill in");
    assert!(portal.ledger().await.is_empty(), "opening it has changed nothing");
}

async fn the_button_stops_the_message(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let page = browser.opens(&link(&customer)).await;
    let done = browser.submits(page.form(routes::DO_UNSUBSCRIBE)).await;
    done.sees("Saved. Offers and new products by email is off.");
    assert!(!done.is_on("message:offers/email"));
    let restored = browser.undoes().await;
    assert!(restored.is_on("message:offers/email"), "the same session may take it back");
    assert_eq!(portal.entries_of(&customer).await.len(), 2);
}

async fn the_other_button_stops_all_marketing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let page = browser.opens(&link(&customer)).await;
    let done = browser.submits(page.press("all", "1")).await;
    done.sees("Saved. All marketing is off.");
    done.sees(ENGLISH.now_sends_nothing);
    let entries = portal.entries_of(&customer).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].entry.target, Target::Marketing);
    let again = browser.asks(Method::GET, &link(&customer)).await;
    assert_eq!(again.status, 200);
}

async fn the_entry_is_in_the_language_of_the_mail_client(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let request = Request::post(link(&customer)).header(header::CONTENT_TYPE, FORM);
    let request = request.body(Body::from("List-Unsubscribe=One-Click")).unwrap();
    portal.browser().reading("fr-CA, en;q=0.5").sends(request).await;
    assert_eq!(portal.entries_of(&customer).await[0].entry.language, Language::French);
}
