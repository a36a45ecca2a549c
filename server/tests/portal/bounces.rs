//! Addresses that mail comes back from.

use axum::http::Method;
use domain::contact::IdentifierKind;
use domain::moment::MINUTE;
use domain::outbox::GATHER;
use serde_json::json;
use server::api::paths;
use server::api::scope::Scope;
use server::ports::{Clock, NotSent};

use crate::support::{Newcomer, TestPortal, on_both_engines};

on_both_engines![
    an_address_bounces_until_that_is_forgotten,
    the_newest_bounce_stays,
    an_address_that_bounces_gets_no_confirmation,
    a_hard_refusal_marks_the_address_wherever_it_is_on_file,
    whose_address_bounces_still_gets_the_codes_they_ask_for,
    a_letter_that_is_taken_takes_the_mark_back,
    an_address_that_is_given_anew_is_believed_again,
    two_records_that_become_one_keep_the_mark,
];

fn digests(portal: &TestPortal, email: &str) -> Vec<Vec<u8>> {
    let known = portal.service.vault.lookup(IdentifierKind::Email, email);
    known.into_iter().map(|known| known.digest).collect()
}

async fn an_address_bounces_until_that_is_forgotten(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    portal.customer("mira@example.com").await;
    let (store, mira) = (portal.store(), digests(portal, "mira@example.com"));
    assert_eq!(store.find_bounce(&mira).await.unwrap(), None);
    assert_eq!(store.record_bounce(&mira, 1_000).await.unwrap(), 2, "on both records");
    assert_eq!(store.find_bounce(&mira).await.unwrap(), Some(1_000));
    let ann = digests(portal, "ann@example.com");
    assert_eq!(store.record_bounce(&ann, 1_000).await.unwrap(), 0, "nobody is known by it");
    assert_eq!(store.find_bounce(&ann).await.unwrap(), None);
    store.delete_bounce(&mira).await.unwrap();
    assert_eq!(store.find_bounce(&mira).await.unwrap(), None);
}

async fn the_newest_bounce_stays(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let (store, mira) = (portal.store(), digests(portal, "mira@example.com"));
    for at in [2_000, 1_000] {
        store.record_bounce(&mira, at).await.unwrap();
        assert_eq!(store.find_bounce(&mira).await.unwrap(), Some(2_000));
    }
}

async fn an_address_that_bounces_gets_no_confirmation(portal: &TestPortal) {
    for bounces_first in [true, false] {
        let email = format!("mira{bounces_first}@example.com");
        let customer = portal.customer(&email).await;
        let bounce = async || {
            let known = digests(portal, &email);
            portal.store().record_bounce(&known, portal.clock.now().0).await.unwrap();
        };
        if bounces_first {
            bounce().await;
        }
        let mut browser = portal.browser();
        browser.opens_link(&customer).await;
        browser.turns_off("message:offers/email").await;
        if !bounces_first {
            bounce().await;
        }
        portal.clock.moves(GATHER);
        let taken = portal.postman.round().await.unwrap();
        assert_eq!(taken, usize::from(!bounces_first));
        assert_eq!(portal.mailbox.unread(), 0);
    }
}

async fn a_hard_refusal_marks_the_address_wherever_it_is_on_file(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    portal.clock.moves(GATHER);
    portal.mailbox.answers(NotSent::NoSuchAddress("550 5.1.1 to RCPT".into()));
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    let mira = digests(portal, "mira@example.com");
    let now = portal.clock.now().0;
    assert_eq!(portal.store().find_bounce(&mira).await.unwrap(), Some(now));
    let marked = "select 1 from identifier where bounced_at is not null";
    assert_eq!(portal.place.counts(marked).await, 2);
    portal.mailbox.recovers();
    portal.clock.moves(MINUTE);
    assert_eq!(portal.postman.round().await.unwrap(), 0, "it is not tried again");
}

async fn whose_address_bounces_still_gets_the_codes_they_ask_for(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    portal.store().record_bounce(&digests(portal, "mira@example.com"), 1_000).await.unwrap();
    portal.browser().asks_for_a_code(Some("mira@example.com")).await;
    portal.mailbox.reads_code();
}

async fn a_letter_that_is_taken_takes_the_mark_back(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let (store, mira) = (portal.store(), digests(portal, "mira@example.com"));
    store.record_bounce(&mira, 1_000).await.unwrap();
    portal.mailbox.answers(NotSent::Refused("554 5.7.1 to RCPT".into()));
    portal.browser().asks_for_a_code(Some("mira@example.com")).await;
    assert_eq!(store.find_bounce(&mira).await.unwrap(), Some(1_000), "it was not taken");
    portal.mailbox.recovers();
    portal.browser().asks_for_a_code(Some("mira@example.com")).await;
    portal.mailbox.reads_code();
    assert_eq!(store.find_bounce(&mira).await.unwrap(), None);
}

async fn an_address_that_is_given_anew_is_believed_again(portal: &TestPortal) {
    let client = portal.client(&[Scope::People]).await;
    let path = paths::PERSON.replace("{customer_number}", "N-1");
    let gives = async |email: &str| {
        let answer = client.sends_json(Method::PUT, &path, &json!({ "email": email })).await;
        assert!(answer.status.is_success(), "{}", answer.status);
    };
    let (store, mira) = (portal.store(), digests(portal, "mira@example.com"));
    gives("mira@example.com").await;
    store.record_bounce(&mira, 1_000).await.unwrap();
    gives("mira@example.com").await;
    assert_eq!(store.find_bounce(&mira).await.unwrap(), Some(1_000), "it says nothing new");
    gives("other@example.com").await;
    assert_eq!(store.find_bounce(&mira).await.unwrap(), Some(1_000));
    gives("mira@example.com").await;
    assert_eq!(store.find_bounce(&mira).await.unwrap(), None);
}

async fn two_records_that_become_one_keep_the_mark(portal: &TestPortal) {
    let giver = portal.customer("mira@example.com").await;
    let phone = Some("+44 20 7946 0018");
    let receiver = portal.knows(Newcomer { phone, ..Newcomer::default() }).await;
    let (store, mira) = (portal.store(), digests(portal, "mira@example.com"));
    store.record_bounce(&mira, 1_000).await.unwrap();
    let mut group = store.begin_group().await.unwrap();
    group.record_merge(giver.person.0, receiver.person.0, 2_000).await.unwrap();
    group.commit().await.unwrap();
    assert_eq!(store.find_bounce(&mira).await.unwrap(), Some(1_000));
}
