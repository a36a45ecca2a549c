//! Sessions, codes and links in the store.

use std::time::Duration;

use domain::moment::DAY;
use domain::outbox::Kind;
use futures::poll;
use server::ports::{Clock, new_uuid};
use server::store::{CodeRow, NewLetter};
use server::vault::token_digest;
use tokio::time::sleep;

use crate::support::{TestPortal, on_both_engines};

on_both_engines![
    a_session_is_replaced_found_until_it_expires_and_ended,
    what_has_expired_is_forgotten,
    a_code_counts_its_tries_before_it_answers,
    a_code_is_not_tried_after_its_time,
    a_code_is_used_by_one_of_many_at_once,
    codes_are_counted_by_contact_and_time,
    a_replaced_link_is_found_while_its_window_lasts,
    minting_a_link_again_does_not_revive_it,
    people_are_found_by_any_of_their_digests,
    whoever_goes_away_while_a_transaction_opens_leaves_none_behind,
];

async fn a_session_is_replaced_found_until_it_expires_and_ended(portal: &TestPortal) {
    let store = portal.store();
    store.record_session(b"digest", b"one", 1_000).await.unwrap();
    store.record_session(b"digest", b"two", 2_000).await.unwrap();
    let found = store.find_session(b"digest", 1_999).await.unwrap();
    assert_eq!(found, Some((b"two".to_vec(), 2_000)));
    assert_eq!(store.find_session(b"digest", 2_000).await.unwrap(), None);
    assert_eq!(store.find_session(b"other", 0).await.unwrap(), None);
    store.delete_session(b"digest").await.unwrap();
    assert_eq!(store.find_session(b"digest", 0).await.unwrap(), None);
}

async fn what_has_expired_is_forgotten(portal: &TestPortal) {
    let store = portal.store();
    let now = portal.clock.now().0;
    store.record_session(b"old", b"x", now).await.unwrap();
    store.record_session(b"new", b"x", now + 1).await.unwrap();
    let old = a_code(portal, b"somebody", now - DAY);
    let new = a_code(portal, b"somebody", now - DAY + 1);
    for code in [&old, &new] {
        assert!(store.insert_code(code, &its_letter(code), 0, 9).await.unwrap());
    }
    assert_eq!(store.delete_expired(now).await.unwrap(), 2);
    assert!(store.find_session(b"new", now).await.unwrap().is_some());
    assert!(store.record_try(old.id, 0, 5).await.unwrap().is_none());
    assert!(store.record_try(new.id, 0, 5).await.unwrap().is_some());
}

fn a_code(portal: &TestPortal, contact: &[u8], created_at: i64) -> CodeRow {
    CodeRow {
        id: new_uuid(portal.clock.now(), portal.random.as_ref()),
        person_id: None,
        contact_digest: contact.to_vec(),
        digest: b"digest of the code".to_vec(),
        created_at,
    }
}

fn its_letter(code: &CodeRow) -> NewLetter {
    NewLetter {
        id: code.id,
        kind: Kind::Code,
        person: None,
        dedup: None,
        sealed: None,
        next_at: code.created_at,
        give_up_at: code.created_at,
        created_at: code.created_at,
    }
}

async fn a_code_counts_its_tries_before_it_answers(portal: &TestPortal) {
    let store = portal.store();
    let code = a_code(portal, b"somebody", 1_000);
    assert!(store.insert_code(&code, &its_letter(&code), 0, 9).await.unwrap());
    for _ in 0..5 {
        assert_eq!(store.record_try(code.id, 0, 5).await.unwrap(), Some(code.clone()));
    }
    assert_eq!(store.record_try(code.id, 0, 5).await.unwrap(), None);
}

async fn a_code_is_not_tried_after_its_time(portal: &TestPortal) {
    let store = portal.store();
    let code = a_code(portal, b"somebody", 1_000);
    assert!(store.insert_code(&code, &its_letter(&code), 0, 9).await.unwrap());
    assert!(store.record_try(code.id, 999, 5).await.unwrap().is_some());
    assert!(store.record_try(code.id, 1_000, 5).await.unwrap().is_none());
}

async fn a_code_is_used_by_one_of_many_at_once(portal: &TestPortal) {
    let store = portal.store();
    let code = a_code(portal, b"somebody", 1_000);
    assert!(store.insert_code(&code, &its_letter(&code), 0, 9).await.unwrap());
    let uses = (0..10).map(|_| store.record_used(code.id, 2_000));
    let first =
        futures::future::join_all(uses).await.into_iter().filter(|used| *used.as_ref().unwrap());
    assert_eq!(first.count(), 1);
    assert!(store.record_try(code.id, 0, 5).await.unwrap().is_none());
}

async fn codes_are_counted_by_contact_and_time(portal: &TestPortal) {
    let store = portal.store();
    for (contact, at, since, stored) in [
        (b"one", 10, 0, true),
        (b"one", 20, 0, true),
        (b"one", 30, 0, false),
        (b"two", 30, 0, true),
        (b"one", 40, 10, true),
        (b"one", 50, 10, false),
    ] {
        let code = a_code(portal, contact, at);
        assert_eq!(
            store.insert_code(&code, &its_letter(&code), since, 2).await.unwrap(),
            stored,
            "at {at}"
        );
        assert_eq!(store.record_try(code.id, 0, 5).await.unwrap().is_some(), stored);
    }
}

async fn a_replaced_link_is_found_while_its_window_lasts(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let digest = token_digest(&customer.token).unwrap();
    let store = portal.store();
    assert_eq!(store.find_link(&digest, i64::MAX).await.unwrap(), Some(customer.person.0));
    store.record_rotation(customer.person.0, 5_000).await.unwrap();
    assert_eq!(store.find_link(&digest, 4_999).await.unwrap(), Some(customer.person.0));
    assert_eq!(store.find_link(&digest, 5_000).await.unwrap(), None);
    let epoch = store.find_person(customer.person.0).await.unwrap().unwrap().link_epoch;
    assert_eq!(epoch, 1);
}

async fn minting_a_link_again_does_not_revive_it(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    portal.store().record_rotation(customer.person.0, 5_000).await.unwrap();
    portal.mints(customer.person, 0).await;
    let digest = token_digest(&customer.token).unwrap();
    assert_eq!(portal.store().find_link(&digest, 5_000).await.unwrap(), None);
}

async fn people_are_found_by_any_of_their_digests(portal: &TestPortal) {
    let first = portal.customer("family@example.com").await;
    portal.clock.moves(1);
    let second = portal.customer("family@example.com").await;
    let contact = portal_contact(portal, "family@example.com");
    let found = portal.store().list_people_by_digest(&contact).await.unwrap();
    assert_eq!(found, [first.person.0, second.person.0], "the newest record is last");
    let rows = portal.store().list_identifiers(&found).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert!(portal.store().list_identifiers(&[]).await.unwrap().is_empty());
}

fn portal_contact(portal: &TestPortal, email: &str) -> Vec<Vec<u8>> {
    let kind = domain::contact::IdentifierKind::Email;
    portal.service.vault.lookup(kind, email).into_iter().map(|known| known.digest).collect()
}

/// A transaction that nobody ends would swallow what its connection writes next.
async fn whoever_goes_away_while_a_transaction_opens_leaves_none_behind(portal: &TestPortal) {
    let store = portal.store();
    let mut kept = 0;
    // Where an opening stands after so many looks differs from time to time.
    for polls in (0..60).map(|round| 1 + round % 4) {
        let mut opening = Box::pin(store.begin_group());
        for _ in 0..polls {
            if poll!(&mut opening).is_ready() {
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
        drop(opening);
        for _ in 0..4 {
            kept += 1;
            store.record_session(format!("{kept}").as_bytes(), b"x", i64::MAX).await.unwrap();
            assert_eq!(portal.place.counts("select 1 from session").await, kept, "{polls} polls");
        }
    }
    store.begin_group().await.unwrap().commit().await.unwrap();
}
