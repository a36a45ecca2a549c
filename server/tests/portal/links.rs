//! Personal links: safe to forward, safe to scan, good for a long time.

use std::collections::{BTreeMap, HashSet};

use app::routes;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::moment::DAY;
use domain::{Key, Position, Source, Target};
use server::keys::Keys;
use server::ports::{Clock, new_uuid};
use server::vault::Vault;

use crate::support::ports::{BEGINNING, SeededRandom};
use crate::support::{ENGLISH, TestPortal, on_both_engines};

on_both_engines![
    looking_fifty_times_changes_nothing,
    a_scanner_that_only_asks_for_headers_begins_no_visit,
    the_token_leaves_the_address_at_once,
    a_token_is_no_session,
    a_replaced_link_still_restricts_after_59_days,
    a_replaced_link_is_unknown_after_its_window,
    an_unknown_link_leads_to_a_form_that_works,
    a_link_shows_a_masked_address_and_no_more_of_the_person,
];

async fn looking_fifty_times_changes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    let before = (portal.ledger().await, portal.store().find_head().await.unwrap());
    let message = routes::unsubscribe(&customer.token, &key("offers"), domain::Channel::Email);
    let pages = [
        &routes::link(&customer.token),
        &message,
        &format!("{message}/"),
        routes::CHOICES,
        routes::CODE,
        routes::CONFIRM,
        routes::UNDO,
        routes::RECORD,
        routes::RECORD_JSON,
        "/notices/1",
        "/do/choose?off=everything",
        "/do/unsubscribe?all=1",
        "/",
    ];
    for page in pages {
        for _ in 0..50 {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                browser.asks(method, page).await;
            }
        }
    }
    let after = (portal.ledger().await, portal.store().find_head().await.unwrap());
    assert_eq!(before, after, "L-01");
    assert_eq!(portal.store().count_people().await.unwrap(), 1);
    assert_eq!(before.0.len(), 1);
}

fn key(text: &str) -> Key {
    text.parse().expect("a key")
}

async fn a_scanner_that_only_asks_for_headers_begins_no_visit(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    for method in [Method::HEAD, Method::OPTIONS] {
        let mut scanner = portal.browser();
        let answer = scanner.asks(method, &routes::link(&customer.token)).await;
        assert!(answer.cookies().is_empty());
    }
}

async fn the_token_leaves_the_address_at_once(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let answer = browser.asks(Method::GET, &routes::link(&customer.token)).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, routes::CHOICES), "L-16");
    let page = browser.opens(routes::CHOICES).await;
    page.sees_nothing_of(&customer.token);
    assert!(browser.jar.values().all(|value| !value.contains(&customer.token)));
}

async fn a_token_is_no_session(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut thief = portal.browser();
    thief.jar.insert("__Host-visit".into(), customer.token.clone());
    let page = thief.opens(routes::CHOICES).await;
    assert!(page.switches().is_empty(), "nobody is known by a token in a cookie");
    page.sees(ENGLISH.form_heading);
    // Nor is an id that the visitor made up ever taken over.
    thief.opts_out_by_form("tom@example.com", "everything").await;
    assert_ne!(thief.session(), customer.token);
    // And the other way round: a session's id opens no link.
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let answer = thief.asks(Method::GET, &routes::link(browser.session())).await;
    assert_eq!(answer.location(), "/choices?link=unknown");
}

async fn a_replaced_link_still_restricts_after_59_days(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let epoch = portal.clock.now().0;
    portal.store().record_rotation(customer.person.0, epoch).await.unwrap();
    portal.clock.moves(59 * DAY);
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.turns_off("everything").await;
    page.sees(ENGLISH.all_off_done);
    let one_click = routes::unsubscribe(&customer.token, &key("offers"), domain::Channel::Email);
    let answer = browser.posts(&one_click, &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(answer.status, 200, "L-12");
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
    // The link that replaced it works beside it.
    let token = portal.mints(customer.person, 1).await;
    assert_ne!(token, customer.token);
    assert!(!portal.browser().opens(&routes::link(&token)).await.switches().is_empty());
}

async fn a_replaced_link_is_unknown_after_its_window(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let now = portal.clock.now().0;
    portal.store().record_rotation(customer.person.0, now).await.unwrap();
    portal.clock.moves(61 * DAY);
    let page = portal.browser().opens_link(&customer).await;
    page.sees(ENGLISH.unknown_link);
    assert!(page.switches().is_empty());
}

async fn an_unknown_link_leads_to_a_form_that_works(portal: &TestPortal) {
    let long = "A".repeat(200);
    let unknown = [
        "/c/AAAAAAAAAAAAAAAAAAAAAA",
        "/c/too-short",
        "/c/%F0%9F%A6%8A",
        "/u/AAAAAAAAAAAAAAAAAAAAAA/offers/email",
        "/u/AAAAAAAAAAAAAAAAAAAAAA/no--key/email",
        "/u/AAAAAAAAAAAAAAAAAAAAAA/offers/telepathy",
        &format!("/c/{long}"),
        &format!("/u/{long}/offers/email"),
    ];
    for (number, link) in unknown.into_iter().enumerate() {
        let mut browser = portal.browser();
        let page = browser.opens(link).await;
        assert_eq!(page.status, 200, "L-13: {link}");
        page.sees(ENGLISH.unknown_link);
        let contact = format!("guest{number}@example.com");
        let done = browser.submits(page.form(routes::OPT_OUT).with("contact", &contact)).await;
        assert_eq!(done.status, 200);
        done.sees("From now on this holds for the address or number you entered");
    }
    let ledger = portal.ledger().await;
    assert_eq!(ledger.len(), unknown.len());
    assert!(ledger.iter().all(|row| row.choice.entry.source == Source::Form));
    assert!(ledger.iter().all(|row| row.choice.entry.target == Target::Everything));
    assert_eq!(portal.verifies().await, Ok(Position(8)));
}

async fn a_link_shows_a_masked_address_and_no_more_of_the_person(portal: &TestPortal) {
    let customer = portal.customer("mira.okafor@example.com").await;
    let mut browser = portal.browser();
    let page = browser.opens_link(&customer).await;
    page.sees("m•••r@example.com");
    page.sees_nothing_of("mira.okafor");
    page.sees_nothing_of(&customer.person.0.to_string());
}

#[test]
fn ten_thousand_tokens_are_unlike_each_other_and_hold_nothing_of_the_person() {
    let random = SeededRandom::new(3);
    let vault = Vault::new(&Keys::generate(&random));
    let mut seen = HashSet::new();
    let mut letters: BTreeMap<char, u32> = BTreeMap::new();
    for epoch in 0..10 {
        for _ in 0..1_000 {
            let person = new_uuid(BEGINNING, &random);
            let token = vault.link_token(person, epoch);
            assert_eq!(token.len(), 22);
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            assert_eq!(bytes.len(), 16, "128 bits");
            assert_ne!(bytes, person.as_bytes(), "L-10: no id in it");
            token.chars().for_each(|letter| *letters.entry(letter).or_default() += 1);
            assert!(seen.insert(token), "no two are the same");
        }
    }
    // The last letter holds two bits only; all others are spread over the whole alphabet.
    assert_eq!(letters.len(), 64);
    assert!(letters.values().all(|count| *count > 2_500), "{letters:?}");
}

#[test]
fn a_token_can_be_made_again_from_the_key_and_from_no_other() {
    let random = SeededRandom::new(3);
    let keys = Keys::generate(&random);
    let person = new_uuid(BEGINNING, &random);
    let token = Vault::new(&keys).link_token(person, 0);
    assert_eq!(Vault::new(&keys).link_token(person, 0), token);
    assert_ne!(Vault::new(&keys).link_token(person, 1), token);
    assert_ne!(Vault::new(&Keys::generate(&random)).link_token(person, 0), token);
}
