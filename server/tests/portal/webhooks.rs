//! Choices told by webhook to a system that behaves well, badly or not at all (W-01 to W-08).

use std::collections::{BTreeMap, BTreeSet};

use domain::delivery::State;
use domain::moment::{DAY, HOUR, MINUTE};
use domain::outbox::Kind;
use server::ports::{Clock, Random};
use server::store::DeliveryFilter;
use server::tell::{ROTATION, enable};
use server::vault::system_digest;

use crate::support::portal::CATALOGUE;
use crate::support::receiver::{Manner, Receiver};
use crate::support::scene::{
    deliveries, gives_secret, leads_to, only, opts_out, scene, scene_with, teller,
};
use crate::support::{TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    a_choice_is_told_signed_thin_and_once,
    a_system_that_comes_back_after_three_days_has_missed_nothing,
    two_nodes_share_the_work_and_tell_nothing_twice,
    a_failed_delivery_is_listed_and_told_again_when_replayed,
    whatever_a_receiver_does_each_choice_arrives_under_one_id,
];
on_sqlite![
    every_kind_of_bad_answer_leads_to_another_try_with_the_same_id,
    a_receivers_wish_to_wait_is_heeded,
    a_system_that_is_gone_is_disabled_until_somebody_enables_it,
    only_a_clear_word_confirms,
    without_a_secret_nothing_is_told_and_nothing_is_lost,
    after_a_rotation_old_and_new_secret_both_verify,
    a_late_yes_does_not_overtake_a_no,
    a_stranger_is_told_by_a_hash_that_is_forgotten_once_confirmed,
    clear_identifiers_go_only_to_whom_the_register_names,
    a_private_address_is_refused_when_it_is_called,
    whoever_answers_for_a_late_system_hears_of_it_once_a_day,
];

async fn a_choice_is_told_signed_thin_and_once(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira.canary@example.com").await;
    opts_out(portal, &customer).await;
    assert_eq!(only(portal).await.state, State::Queued);
    assert_eq!(scene.teller.round().await.unwrap(), 1);
    assert_eq!(scene.teller.round().await.unwrap(), 0);
    let heard = scene.receiver.heard();
    assert_eq!(heard.len(), 1);
    let delivery = only(portal).await;
    assert_eq!(delivery.state, State::Sent);
    assert_eq!(heard[0].id(), delivery.id.to_string());
    assert!(!heard[0].id().contains('.'));
    let seconds = portal.clock.now().0 / 1000;
    assert_eq!(heard[0].header("webhook-timestamp"), seconds.to_string());
    assert_eq!(heard[0].header("content-type"), "application/json");
    assert!(heard[0].verifies(&scene.secret));
    assert!(!heard[0].body.contains("canary"), "no address in {}", heard[0].body);
    let told = heard[0].json();
    assert_eq!(told["type"], "choice.changed");
    assert_eq!(told["timestamp"], "2026-06-15T09:30:00.000Z");
    let data = &told["data"];
    assert_eq!(data["target"], "message:offers/email");
    assert_eq!(data["act"], "withdrawn");
    assert_eq!((&data["position"], &data["as_of"]), (&1.into(), &1.into()));
    assert_eq!(data["switches"], serde_json::json!({ "message:offers/email": false }));
    let key = portal.service.vault.system_key("mailer");
    let kind = domain::contact::IdentifierKind::Email;
    let hash = system_digest(&key, kind, "mira.canary@example.com");
    assert_eq!(data["person"]["hashes"]["email"], serde_json::json!([hash]));
    assert!(data["person"].get("clear").is_none());
    let other = portal.service.vault.system_key("ad-platform");
    assert_ne!(system_digest(&other, kind, "mira.canary@example.com"), hash);
}

async fn a_system_that_comes_back_after_three_days_has_missed_nothing(portal: &TestPortal) {
    let mut scene = scene(portal).await;
    let mut expected = BTreeSet::new();
    for name in ["a@example.com", "b@example.com", "c@example.com"] {
        let customer = portal.customer(name).await;
        opts_out(portal, &customer).await;
    }
    for row in deliveries(portal).await {
        expected.insert(row.id.to_string());
    }
    scene.receiver.closes().await;
    let mut tries = 0;
    let back = portal.clock.now().plus(3 * DAY);
    while portal.clock.now() < back {
        tries += scene.teller.round().await.unwrap();
        portal.clock.moves(10 * MINUTE);
    }
    assert!((3 * 8..=3 * 10).contains(&tries), "{tries} tries in three days");
    let rows = deliveries(portal).await;
    assert!(rows.iter().all(|row| row.state == State::Queued), "{rows:?}");
    assert!(rows.iter().all(|row| row.failure.as_deref() == Some("no connection")), "{rows:?}");
    let receiver = Receiver::opens().await;
    leads_to(portal, CATALOGUE, &receiver).await;
    portal.clock.moves(DAY + 3 * HOUR);
    scene.teller.round().await.unwrap();
    let heard = receiver.heard();
    let ids: BTreeSet<String> = heard.iter().map(|heard| heard.id().to_owned()).collect();
    assert_eq!((heard.len(), ids), (3, expected));
    assert!(deliveries(portal).await.iter().all(|row| row.state == State::Sent));
}

async fn two_nodes_share_the_work_and_tell_nothing_twice(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    for target in ["offers", "reviews", "care"] {
        browser.turns_off(&format!("message:{target}/email")).await;
    }
    let other = teller(portal, "127.0.0.0/8");
    let nodes = (0..6).map(|n| if n % 2 == 0 { scene.teller.round() } else { other.round() });
    let taken: usize = futures::future::join_all(nodes).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(taken, 3);
    let ids: BTreeSet<String> =
        scene.receiver.heard().iter().map(|heard| heard.id().to_owned()).collect();
    assert_eq!(ids.len(), 3);
}

async fn a_failed_delivery_is_listed_and_told_again_when_replayed(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    scene.receiver.answers((0..10).map(|_| Manner::Says(500, "oh")));
    for _ in 0..20 {
        scene.teller.round().await.unwrap();
        portal.clock.moves(DAY + 3 * HOUR);
    }
    let heard = scene.receiver.heard();
    assert_eq!(heard.len(), 10, "ten tries and no more");
    let times: BTreeMap<&str, &str> =
        heard.iter().map(|heard| (heard.header("webhook-timestamp"), heard.id())).collect();
    assert_eq!(times.len(), 10, "each try has its own time");
    assert!(heard.iter().all(|one| one.id() == heard[0].id() && one.verifies(&scene.secret)));
    let failed = DeliveryFilter { state: Some(State::Failed), ..DeliveryFilter::default() };
    let listed = portal.store().list_deliveries(&failed, (0, ""), 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].failure.as_deref(), Some("answered 500"));
    let late =
        DeliveryFilter { overdue_at: Some(portal.clock.now().0), ..DeliveryFilter::default() };
    assert_eq!(portal.store().list_deliveries(&late, (0, ""), 10).await.unwrap(), listed);
    let now = portal.clock.now().0;
    assert_eq!(portal.store().record_replay(&failed, now).await.unwrap(), 1);
    scene.teller.round().await.unwrap();
    let again = scene.receiver.heard();
    assert_eq!(again[0].id(), heard[0].id());
    assert_eq!(only(portal).await.state, State::Sent);
}

async fn every_kind_of_bad_answer_leads_to_another_try_with_the_same_id(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    let elsewhere = Receiver::opens().await;
    let bad = [
        (Manner::Says(500, "<html>"), "answered 500"),
        (Manner::Adds(301, "location", elsewhere.url.clone()), "answered 301"),
        (Manner::Adds(307, "location", elsewhere.url.clone()), "answered 307"),
        (Manner::Says(404, "{\"acknowledged\": true}"), "answered 404"),
        (Manner::Says(400, ""), "answered 400"),
        (Manner::Hangs, "no answer in time"),
    ];
    scene.receiver.answers(bad.iter().map(|(manner, _)| manner.clone()));
    for (manner, failure) in bad {
        assert_eq!(scene.teller.round().await.unwrap(), 1, "{manner:?}");
        let row = only(portal).await;
        assert_eq!(row.state, State::Queued, "{manner:?}");
        assert_eq!(row.failure.as_deref(), Some(failure), "{manner:?}");
        assert!(row.next_at > portal.clock.now().0);
        portal.clock.moves(DAY);
    }
    scene.receiver.answers([Manner::Floods]);
    scene.teller.round().await.unwrap();
    assert_eq!(only(portal).await.state, State::Sent, "a 200 counts, however it goes on");
    let heard = scene.receiver.heard();
    assert_eq!(heard.len(), 7);
    assert!(heard.iter().all(|one| one.id() == heard[0].id()));
    assert!(elsewhere.heard().is_empty(), "a redirect is not followed");
}

async fn a_receivers_wish_to_wait_is_heeded(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    for (status, heeded) in [(429, true), (503, true), (502, true), (504, true), (500, false)] {
        scene.receiver.answers([Manner::Adds(status, "retry-after", "86400".into())]);
        let now = portal.clock.now();
        assert_eq!(scene.teller.round().await.unwrap(), 1);
        let wait = only(portal).await.next_at - now.0;
        assert_eq!(wait == DAY, heeded, "{status}: {wait}");
        portal.clock.moves(DAY);
    }
}

async fn a_system_that_is_gone_is_disabled_until_somebody_enables_it(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    scene.receiver.answers([Manner::Says(410, "")]);
    scene.teller.round().await.unwrap();
    assert_eq!(only(portal).await.state, State::Failed);
    let other = portal.customer("nils@example.com").await;
    opts_out(portal, &other).await;
    portal.clock.moves(DAY);
    assert_eq!(scene.teller.round().await.unwrap(), 0);
    assert_eq!(scene.receiver.heard().len(), 1);
    assert_eq!(enable(portal.store(), "mailer", portal.clock.now()).await.unwrap(), 1);
    assert_eq!(scene.teller.round().await.unwrap(), 2, "what waited is told, and what met the 410");
    let heard: BTreeSet<String> =
        scene.receiver.heard().iter().map(|heard| heard.id().to_owned()).collect();
    let rows = deliveries(portal).await;
    assert_eq!(heard, rows.iter().map(|row| row.id.to_string()).collect::<BTreeSet<_>>());
    assert!(rows.iter().all(|row| row.state == State::Sent), "{rows:?}");
}

async fn only_a_clear_word_confirms(portal: &TestPortal) {
    let scene = scene(portal).await;
    scene.receiver.answers([
        Manner::Says(200, "{\"acknowledged\": true}"),
        Manner::Says(200, "{\"acknowledged\": \"yes\"}"),
    ]);
    for (email, state) in [("a@example.com", State::Acknowledged), ("b@example.com", State::Sent)] {
        let customer = portal.customer(email).await;
        opts_out(portal, &customer).await;
        portal.clock.moves(3 * MINUTE);
        scene.teller.round().await.unwrap();
        assert_eq!(deliveries(portal).await.pop().unwrap().state, state);
    }
    let paces = portal.store().list_paces("mailer", 0).await.unwrap();
    assert_eq!(paces, [(3, 1)]);
}

async fn without_a_secret_nothing_is_told_and_nothing_is_lost(portal: &TestPortal) {
    let receiver = Receiver::opens().await;
    leads_to(portal, CATALOGUE, &receiver).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    let teller = teller(portal, "127.0.0.0/8");
    assert_eq!(teller.round().await.unwrap(), 0);
    assert_eq!(only(portal).await.attempts, 0);
    gives_secret(portal, false).await;
    assert_eq!(teller.round().await.unwrap(), 1);
    assert_eq!(receiver.heard().len(), 1);
}

async fn after_a_rotation_old_and_new_secret_both_verify(portal: &TestPortal) {
    let scene = scene(portal).await;
    let old = &scene.secret;
    let new = gives_secret(portal, true).await;
    assert_ne!(*old, new);
    for (email, moves, old_works) in
        [("a@example.com", 0, true), ("b@example.com", ROTATION, false)]
    {
        portal.clock.moves(moves);
        let customer = portal.customer(email).await;
        opts_out(portal, &customer).await;
        scene.teller.round().await.unwrap();
        let heard = scene.receiver.heard().pop().unwrap();
        assert!(heard.verifies(&new));
        assert_eq!(heard.verifies(old), old_works);
    }
}

async fn a_late_yes_does_not_overtake_a_no(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    scene.receiver.answers([Manner::Says(500, "")]);
    scene.teller.round().await.unwrap();
    browser.undoes().await;
    browser.turns_off("message:offers/email").await;
    portal.clock.moves(DAY);
    scene.teller.round().await.unwrap();
    let heard = scene.receiver.heard();
    assert_eq!(heard.len(), 4, "one failed, three told");
    for told in &heard[1..] {
        let data = &told.json()["data"];
        assert_eq!(data["as_of"], 3);
        assert_eq!(data["switches"]["message:offers/email"], false);
    }
}

async fn a_stranger_is_told_by_a_hash_that_is_forgotten_once_confirmed(portal: &TestPortal) {
    let scene = scene(portal).await;
    portal.browser().opts_out_by_form("Canary@Example.com", "everything").await;
    let key = portal.service.vault.system_key("mailer");
    let kind = domain::contact::IdentifierKind::Email;
    scene.receiver.answers([Manner::Says(200, "{\"acknowledged\": true}")]);
    scene.teller.round().await.unwrap();
    let told = scene.receiver.heard().pop().unwrap();
    let hash = system_digest(&key, kind, "canary@example.com");
    assert_eq!(told.json()["data"]["person"]["hashes"]["email"], serde_json::json!([hash]));
    assert!(!told.body.to_lowercase().contains("canary"));
    let filter = DeliveryFilter { system: Some("mailer".into()), ..DeliveryFilter::default() };
    portal.store().record_replay(&filter, portal.clock.now().0).await.unwrap();
    scene.teller.round().await.unwrap();
    let again = scene.receiver.heard().pop().unwrap().json();
    assert_eq!(again["data"]["person"]["hashes"], serde_json::json!({}));
    assert_eq!(only(portal).await.state, State::Acknowledged, "once confirmed, always");
}

async fn clear_identifiers_go_only_to_whom_the_register_names(portal: &TestPortal) {
    let hook = "tell = { webhook = \"https://hooks.mailer.example/sayso\" }";
    let source = CATALOGUE.replace(hook, &format!("{hook}\nclear = [\"email\"]"));
    let scene = scene_with(portal, &source).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    scene.teller.round().await.unwrap();
    let told = scene.receiver.heard().pop().unwrap().json();
    let clear = serde_json::json!({ "email": ["mira@example.com"] });
    assert_eq!(told["data"]["person"]["clear"], clear);
}

async fn a_private_address_is_refused_when_it_is_called(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    let strict = teller(portal, "");
    assert_eq!(strict.round().await.unwrap(), 1);
    let row = only(portal).await;
    assert_eq!(row.failure.as_deref(), Some("the address leads into a private network"));
    assert!(scene.receiver.heard().is_empty());
}

async fn whoever_answers_for_a_late_system_hears_of_it_once_a_day(portal: &TestPortal) {
    let scene = scene(portal).await;
    let customer = portal.customer("mira@example.com").await;
    opts_out(portal, &customer).await;
    scene.teller.escalate().await.unwrap();
    assert_eq!(portal.postman.post(Kind::Alert).await.unwrap(), 0, "it is not late yet");
    portal.clock.moves(3 * DAY);
    for _ in 0..3 {
        scene.teller.escalate().await.unwrap();
        portal.postman.post(Kind::Alert).await.unwrap();
    }
    let letter = portal.mailbox.reads();
    assert_eq!(letter.to.as_str(), "crm@northwind.example");
    assert!(letter.subject.contains("mailer is late with 1"), "{}", letter.subject);
    assert!(!letter.body.contains("mira"));
    portal.clock.moves(DAY);
    scene.teller.escalate().await.unwrap();
    portal.postman.post(Kind::Alert).await.unwrap();
    portal.mailbox.reads();
}

/// Manners drawn by chance, and a node that dies in the middle of its work.
async fn whatever_a_receiver_does_each_choice_arrives_under_one_id(portal: &TestPortal) {
    let scene = scene(portal).await;
    let mut chance = [0; 30];
    portal.random.fill(&mut chance);
    scene.receiver.answers(chance.map(|byte| match byte % 8 {
        0 => Manner::Says(500, ""),
        1 => Manner::Adds(429, "retry-after", "7200".into()),
        2 => Manner::Adds(302, "location", "http://127.0.0.1:1/".into()),
        3 => Manner::Says(200, "garbage \u{0}"),
        4 => Manner::Says(200, "{\"acknowledged\": true}"),
        5 => Manner::Says(404, "{\"acknowledged\": true}"),
        _ => Manner::Says(503, "later"),
    }));
    let mut made = BTreeSet::new();
    for number in 0..12 {
        let customer = portal.customer(&format!("customer{number}@example.com")).await;
        opts_out(portal, &customer).await;
        scene.teller.round().await.unwrap();
        portal.clock.moves(MINUTE);
    }
    // A node takes what is due and is never heard of again.
    let now = portal.clock.now().0;
    portal.store().take_deliveries("mailer", now, now + 5 * MINUTE, 100).await.unwrap();
    for _ in 0..(5 * 24) {
        scene.teller.round().await.unwrap();
        portal.clock.moves(HOUR);
    }
    let failed = DeliveryFilter { state: Some(State::Failed), ..DeliveryFilter::default() };
    portal.store().record_replay(&failed, portal.clock.now().0).await.unwrap();
    scene.teller.round().await.unwrap();
    for row in deliveries(portal).await {
        assert!(matches!(row.state, State::Sent | State::Acknowledged), "{row:?}");
        made.insert((row.id.to_string(), row.position));
    }
    let heard = scene.receiver.heard();
    assert!(heard.len() > 20, "there was something to survive: {}", heard.len());
    let told: BTreeSet<_> = heard
        .iter()
        .map(|one| (one.id().to_owned(), one.json()["data"]["position"].as_i64().unwrap()))
        .collect();
    assert_eq!(told, made, "each choice under one id");
    assert!(heard.iter().all(|one| one.verifies(&scene.secret)));
}
