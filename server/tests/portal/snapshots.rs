//! Snapshots as a sender fetches and uses them.

use std::io::BufReader;

use app::portal::{Portal, Who};
use axum::http::Method;
use domain::contact::IdentifierKind;
use domain::moment::{HOUR, MINUTE};
use domain::{Target, Wish};
use serde_json::{Value, json};
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::gate::{Filter, FilterError, Subject};
use server::keys::Keys;
use server::notices::publish;
use server::ports::Clock;
use server::snapshot::{Credentials, Offline, Snapshot, SnapshotError};

use crate::ledger::BY_LINK;
use crate::support::client::Client;
use crate::support::portal::CATALOGUE;
use crate::support::ports::SeededRandom;
use crate::support::{Customer, Key, Newcomer, TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    a_snapshot_says_what_the_gate_says,
    a_delta_follows_on_a_snapshot,
    a_delta_follows_what_becomes_of_people,
    what_can_not_be_followed_is_given_whole,
];

on_sqlite![
    every_flipped_byte_is_refused,
    a_file_that_is_cut_or_grown_is_refused,
    what_is_stale_or_from_the_future_is_refused,
    a_file_is_for_one_client_and_one_set_of_keys,
    two_clients_files_have_no_hash_in_common,
    a_list_is_filtered_by_a_snapshot,
    a_snapshot_is_asked_for_rightly_and_by_whoever_may,
    while_the_index_vouches_for_nothing_there_is_none,
];

const OFFERS: &str = "message:offers/email";
const EVERY: &[&str] =
    &[OFFERS, "message:trips/email", "share:advertising/adlane", "exception:tax"];

fn email(text: &str) -> Subject {
    Subject::read(IdentifierKind::Email, text, "GB").unwrap()
}

async fn turns(portal: &TestPortal, customer: &Customer, wish: Wish) {
    portal.service.record(Who::Person(customer.person), wish, BY_LINK).await.unwrap();
}

fn off(text: &str) -> Wish {
    Wish::TurnOff(text.parse().unwrap())
}

async fn sender(portal: &TestPortal) -> Client {
    portal.is_indexed().await;
    portal.has_followed().await;
    portal.client(&[Scope::Snapshot]).await
}

/// The same keys as the portal's, which are the first that its chance gave.
fn credentials(client: &Client) -> Credentials {
    Credentials::of(&Keys::generate(&SeededRandom::new(7)), client.id()).unwrap()
}

fn query(targets: &[&str], after: Option<&Snapshot>) -> String {
    let targets: Vec<String> = targets.iter().map(|target| format!("target={target}")).collect();
    let after = after.map(|known| format!("&after={}", known.header.cursor)).unwrap_or_default();
    format!("{}?{}{after}", paths::SNAPSHOT, targets.join("&"))
}

/// Fetches a snapshot of some targets.
pub async fn fetches(client: &Client, targets: &[&str], after: Option<&Snapshot>) -> Vec<u8> {
    let answer = client.gets(&query(targets, after)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/vnd.sayso.snapshot");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    answer.body
}

/// Reads what was fetched, as its client.
pub fn reads(file: &[u8], client: &Client) -> Result<Snapshot, SnapshotError> {
    Snapshot::read(BufReader::new(file), &credentials(client))
}

/// Puts a snapshot to use.
pub fn uses(
    portal: &TestPortal,
    snapshot: Snapshot,
    client: &Client,
) -> Result<Offline, SnapshotError> {
    Offline::new(snapshot, credentials(client), HOUR, portal.clock.clone())
}

async fn a_snapshot_says_what_the_gate_says(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    turns(portal, &mira, off("topic:offers")).await;
    let twin = portal.customer("home@example.com").await;
    portal.customer("home@example.com").await;
    turns(portal, &twin, off("everything")).await;
    let paused = portal.customer("paused@example.com").await;
    turns(portal, &paused, Wish::Pause(30)).await;
    let child =
        Newcomer { email: Some("kid@example.com"), birth_year: Some(2015), ..<_>::default() };
    portal.knows(child).await;
    let stranger = portal.service.read_contact("stranger@example.com").unwrap();
    let handle = Who::Handle(portal.service.handle(&stranger));
    portal.service.record(handle, off("marketing"), BY_LINK).await.unwrap();
    let client = sender(portal).await;
    let leaves: Vec<String> =
        portal.service.notice().catalogue.leaves().map(|leaf| leaf.to_string()).collect();
    let leaves: Vec<&str> = leaves.iter().map(String::as_str).collect();
    let snapshot = reads(&fetches(&client, &leaves, None).await, &client).unwrap();
    assert_eq!(snapshot.header.position.0, i64::try_from(portal.ledger().await.len()).unwrap());
    let offline = uses(portal, snapshot, &client).unwrap();
    for who in ["mira", "home", "paused", "kid", "stranger", "nobody", "MIRA"] {
        let who = email(&format!("{who}@example.com"));
        for leaf in &leaves {
            let target: Target = leaf.parse().unwrap();
            let gate = portal.service.decide(&who, &target).await.unwrap();
            let allowed = offline.allows(&who, &target).unwrap();
            assert_eq!(allowed, gate.decision.allowed, "{} {leaf}", who.normal());
        }
    }
}

async fn a_delta_follows_on_a_snapshot(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let paused = portal.customer("paused@example.com").await;
    turns(portal, &paused, Wish::Pause(30)).await;
    let client = sender(portal).await;
    let mut known = reads(&fetches(&client, EVERY, None).await, &client).unwrap();
    assert!(known.header.full);
    for step in 0..4 {
        match step {
            0 => turns(portal, &mira, off(OFFERS)).await,
            1 => {
                let new = portal.customer("mira@example.com").await;
                turns(portal, &new, off("sharing")).await;
            }
            // The pause ends without anybody doing anything.
            2 => portal.clock.moves(40 * 24 * HOUR),
            _ => {}
        }
        portal.has_followed().await;
        let delta = reads(&fetches(&client, EVERY, Some(&known)).await, &client).unwrap();
        assert!(!delta.header.full, "step {step}");
        assert_eq!(delta.header.after.as_ref(), Some(&known.header.cursor));
        let changes: u64 =
            delta.header.targets.iter().map(|one| one.denied + one.allowed + one.removed).sum();
        assert_eq!(changes > 0, step < 3, "step {step}");
        let whole = reads(&fetches(&client, EVERY, None).await, &client).unwrap();
        assert!(matches!(uses(portal, delta.clone(), &client), Err(SnapshotError::Gap)));
        let followed = known.followed_by(delta.clone()).unwrap();
        assert_eq!(followed, whole, "step {step}");
        assert!(step == 3 || matches!(followed.followed_by(delta), Err(SnapshotError::Gap)));
        known = whole;
    }
    let one = reads(&fetches(&client, &[OFFERS], Some(&known)).await, &client).unwrap();
    assert!(matches!(known.followed_by(one), Err(SnapshotError::Gap)), "of other targets");
}

async fn a_delta_follows_what_becomes_of_people(portal: &TestPortal) {
    let client = sender(portal).await;
    let shop = portal.client(&[Scope::People, Scope::Choices]).await;
    let mut known = reads(&fetches(&client, EVERY, None).await, &client).unwrap();
    let person = |number: &str| paths::PERSON.replace("{customer_number}", number);
    let merge = paths::MERGE.replace("{customer_number}", "C-1");
    let yes = json!({ "customer_number": "C-2" });
    let yes = json!({ "person": yes, "target": "message:trips/email", "act": "opt_in" });
    let no =
        json!({ "person": { "email": "one@example.com" }, "target": OFFERS, "act": "opt_out" });
    for (method, path, body) in [
        (Method::PUT, person("C-1"), json!({ "email": "one@example.com" })),
        (Method::PUT, person("C-2"), json!({ "email": "two@example.com" })),
        (Method::POST, paths::CHOICES.to_owned(), yes),
        (Method::POST, paths::CHOICES.to_owned(), no),
        (Method::PUT, person("C-1"), json!({ "email": "new@example.com", "birth_year": 2012 })),
        (Method::PUT, person("C-1"), json!({ "birth_year": 1980 })),
        (Method::POST, merge, json!({ "into": "C-2" })),
        (Method::DELETE, person("C-2"), json!({})),
    ] {
        let answer = shop.sends_json(method.clone(), &path, &body).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text());
        portal.has_followed().await;
        let delta = reads(&fetches(&client, EVERY, Some(&known)).await, &client).unwrap();
        assert!(!delta.header.full);
        let whole = reads(&fetches(&client, EVERY, None).await, &client).unwrap();
        assert_eq!(known.followed_by(delta).unwrap(), whole, "{method} {path} {body}");
        known = whole.clone();
        let offline = uses(portal, whole, &client).unwrap();
        for (who, target) in
            ["one", "two", "new"].iter().flat_map(|who| EVERY.iter().map(move |to| (who, to)))
        {
            let who = email(&format!("{who}@example.com"));
            let target: Target = target.parse().unwrap();
            let gate = portal.service.decide(&who, &target).await.unwrap().decision.allowed;
            assert_eq!(offline.allows(&who, &target).unwrap(), gate, "{} {target}", who.normal());
        }
    }
}

async fn what_can_not_be_followed_is_given_whole(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let client = sender(portal).await;
    let known = reads(&fetches(&client, EVERY, None).await, &client).unwrap();
    let mut wrong = [known.clone(), known.clone(), known.clone(), known.clone()];
    wrong[0].header.cursor.reached.position.0 += 1;
    wrong[1].header.cursor.reached.revision += 1;
    wrong[2].header.cursor.keys.push('x');
    wrong[3].header.cursor.made_at.0 += 1;
    for cursor in &wrong {
        let file = reads(&fetches(&client, EVERY, Some(cursor)).await, &client).unwrap();
        assert!(file.header.full, "{}", cursor.header.cursor);
    }
    let other = sender(portal).await;
    let theirs = reads(&fetches(&other, EVERY, Some(&known)).await, &other).unwrap();
    assert!(theirs.header.full, "of another client");
    publish(portal.store(), &format!("{CATALOGUE}\n# changed\n"), portal.clock.now())
        .await
        .unwrap();
    portal.service.notices.refresh().await.unwrap();
    let file = reads(&fetches(&client, EVERY, Some(&known)).await, &client).unwrap();
    assert!(file.header.full);
    assert_eq!(known.followed_by(file.clone()).unwrap(), file);
}

/// A small file that holds something.
async fn small(portal: &TestPortal, client: &Client) -> Vec<u8> {
    let mira = portal.customer("mira@example.com").await;
    turns(portal, &mira, off("everything")).await;
    portal.has_followed().await;
    fetches(client, &[OFFERS, "share:advertising/adlane"], None).await
}

async fn every_flipped_byte_is_refused(portal: &TestPortal) {
    let client = sender(portal).await;
    let file = small(portal, &client).await;
    assert!(reads(&file, &client).is_ok());
    for at in 0..file.len() {
        for bit in [0, 3, 7] {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert!(reads(&changed, &client).is_err(), "byte {at}, bit {bit}");
        }
    }
}

async fn a_file_that_is_cut_or_grown_is_refused(portal: &TestPortal) {
    let client = sender(portal).await;
    let mut file = small(portal, &client).await;
    for length in 0..file.len() {
        assert!(reads(&file[..length], &client).is_err(), "{length} bytes");
    }
    let end = file.len() - 1;
    assert!(matches!(reads(&file[..end], &client), Err(SnapshotError::Length)));
    file.push(0);
    assert!(matches!(reads(&file, &client), Err(SnapshotError::Length)));
    assert!(matches!(reads(b"{}\n", &client), Err(SnapshotError::Form)));
}

async fn what_is_stale_or_from_the_future_is_refused(portal: &TestPortal) {
    let client = sender(portal).await;
    let file = small(portal, &client).await;
    let read = || reads(&file, &client).unwrap();
    let offline = uses(portal, read(), &client).unwrap();
    let (who, offers) = (email("nobody@example.com"), OFFERS.parse().unwrap());
    portal.clock.moves(HOUR);
    assert!(offline.allows(&who, &offers).unwrap());
    portal.clock.moves(1);
    assert!(matches!(offline.allows(&who, &offers), Err(SnapshotError::Stale)), "while in use");
    assert!(matches!(uses(portal, read(), &client), Err(SnapshotError::Stale)));
    portal.clock.moves(23 * HOUR);
    let longer = Offline::new(read(), credentials(&client), i64::MAX, portal.clock.clone());
    assert!(matches!(longer, Err(SnapshotError::Stale)), "whoever asks for more than a day");
    portal.clock.moves(-24 * HOUR - 1 - MINUTE);
    assert!(uses(portal, read(), &client).is_ok(), "clocks differ a little");
    portal.clock.moves(-1);
    assert!(matches!(uses(portal, read(), &client), Err(SnapshotError::Future)));
}

async fn a_file_is_for_one_client_and_one_set_of_keys(portal: &TestPortal) {
    let (client, other) = (sender(portal).await, sender(portal).await);
    let file = small(portal, &client).await;
    assert!(matches!(reads(&file, &other), Err(SnapshotError::Client)));
    let mut keys = Keys::generate(&SeededRandom::new(7));
    let newer = Keys::generate(&SeededRandom::new(8));
    let refused = |keys: &Keys| {
        let credentials = Credentials::of(keys, client.id()).unwrap();
        Snapshot::read(BufReader::new(&*file), &credentials).unwrap_err()
    };
    assert!(matches!(refused(&newer), SnapshotError::Signature));
    keys.lookup.insert(2, newer.lookup[&1].clone());
    assert!(matches!(refused(&keys), SnapshotError::Keys));
}

async fn two_clients_files_have_no_hash_in_common(portal: &TestPortal) {
    let (client, other) = (sender(portal).await, sender(portal).await);
    for number in 0..50 {
        let customer = portal.customer(&format!("customer-{number}@example.com")).await;
        turns(portal, &customer, off(OFFERS)).await;
    }
    portal.has_followed().await;
    let mut denied = Vec::new();
    for one in [&client, &other] {
        let file = fetches(one, &[OFFERS], None).await;
        assert!(!String::from_utf8_lossy(&file).contains("customer-"));
        denied.extend(reads(&file, one).unwrap().lists.remove(0).denied);
    }
    denied.sort_unstable();
    denied.dedup();
    assert_eq!(denied.len(), 100);
}

async fn a_list_is_filtered_by_a_snapshot(portal: &TestPortal) {
    let client = sender(portal).await;
    let file = small(portal, &client).await;
    let offline = uses(portal, reads(&file, &client).unwrap(), &client).unwrap();
    let target = OFFERS.parse().unwrap();
    let filter = Filter { service: &offline, target: &target };
    let list = "email\nMira@Example.com\nnobody@example.com\nno address\n";
    let mut out = Vec::new();
    let summary = filter.run(list.as_bytes(), &mut out, |_| {}).await.unwrap();
    assert_eq!(summary.to_string(), "3 in, 1 allowed, 2 held back: 1 denied, 1 unreadable");
    assert_eq!(out, b"email\nnobody@example.com\n");
    let missing = "message:trips/email".parse().unwrap();
    assert!(matches!(offline.holds(&missing), Err(SnapshotError::Target(_))));
    for (target, moved) in [(&missing, 0), (&target, 2 * HOUR)] {
        portal.clock.moves(moved);
        let (filter, mut out) = (Filter { service: &offline, target }, Vec::new());
        let outcome = filter.run(list.as_bytes(), &mut out, |_| {}).await;
        assert!(matches!(outcome, Err(FilterError::Snapshot(_))), "{target}");
        assert!(!String::from_utf8(out).unwrap().contains('@'));
    }
}

async fn a_snapshot_is_asked_for_rightly_and_by_whoever_may(portal: &TestPortal) {
    let client = sender(portal).await;
    for (query, kind) in [
        ("", Kind::Invalid),
        ("?target=nonsense", Kind::Invalid),
        ("?target=marketing", Kind::Invalid),
        ("?target=message:gone/email", Kind::Invalid),
        ("?target=message:offers/email&after=yesterday", Kind::Invalid),
        ("?target=message:offers/email&limit=1", Kind::Malformed),
    ] {
        client.gets(&format!("{}{query}", paths::SNAPSHOT)).await.is_problem(kind);
    }
    let limited = Key { scopes: &[Scope::Snapshot], targets: &["marketing"], ..<_>::default() };
    let limited = portal.client_with(limited).await;
    fetches(&limited, &[OFFERS, OFFERS], None).await;
    let both = query(&[OFFERS, "share:advertising/adlane"], None);
    limited.gets(&both).await.is_problem(Kind::TargetNotAllowed);
    let header: Value = {
        let file = fetches(&client, &[OFFERS, OFFERS], None).await;
        serde_json::from_slice(file.split(|byte| *byte == b'\n').next().unwrap()).unwrap()
    };
    assert_eq!(header["made_at"], "2026-06-15T09:30:00.000Z");
    assert_eq!(header["valid_until"], "2026-06-16T09:30:00.000Z");
    assert_eq!(header["client"], client.id());
    assert_eq!(header["targets"].as_array().unwrap().len(), 1);
    assert_eq!(header["targets"][0]["default"], "allow");
}

async fn while_the_index_vouches_for_nothing_there_is_none(portal: &TestPortal) {
    let client = sender(portal).await;
    fetches(&client, &[OFFERS], None).await;
    portal.breaks().await;
    let made = portal.service.make_snapshot(client.id(), vec![OFFERS.parse().unwrap()], None).await;
    assert!(matches!(made, Err(server::snapshot::NotMade::NotVouched)));
    client.gets(&query(&[OFFERS], None)).await.is_problem(Kind::Unavailable);
}
