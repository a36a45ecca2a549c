//! The change feed: in order, without gaps, to be resumed.

use std::time::Duration;

use app::portal::{By, Portal, Who};
use axum::http::{Method, Request, StatusCode, header};
use domain::change::Assurance;
use domain::{Language, Source, Wish};
use serde_json::{Value, json};
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::ports::Clock;
use server::store::DeliveryFilter;

use crate::support::client::{Client, Key};
use crate::support::{Customer, TestPortal, on_both_engines};

on_both_engines![
    whoever_was_away_catches_up_without_loss_or_doubles,
    a_waiting_reader_hears_of_a_choice_at_once,
    nobody_waits_longer_than_they_asked_to,
    what_the_document_does_not_allow_is_a_problem,
    the_cursor_confirms_what_it_has_passed,
    events_are_streamed_and_resumed,
    a_key_without_a_system_has_no_feed,
    a_connected_system_confirms_as_it_goes,
    what_is_told_again_comes_again_behind_all_that_was_read,
    a_cursor_of_another_feed_is_refused,
];

const BY: By = By { assurance: Assurance::Link, source: Source::Page, language: Language::English };
/// The example's system that follows the feed.
pub const SYSTEM: &str = "warehouse";

pub async fn turns_off(portal: &TestPortal, customer: &Customer, text: &str) {
    let wish = Wish::TurnOff(text.parse().unwrap());
    portal.service.record(Who::Person(customer.person), wish, BY).await.unwrap();
}

pub async fn reader(portal: &TestPortal) -> Client {
    let scopes = [Scope::Changes];
    portal.client_with(Key { scopes: &scopes, system: Some(SYSTEM), ..Key::default() }).await
}

async fn fetches(client: &Client, query: &str) -> (Vec<Value>, i64) {
    let answer = client.gets(&format!("/api/v1/changes?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let answer = answer.json();
    (answer["changes"].as_array().unwrap().clone(), answer["next"].as_i64().unwrap())
}

async fn whoever_was_away_catches_up_without_loss_or_doubles(portal: &TestPortal) {
    let client = reader(portal).await;
    let mut written = Vec::new();
    for number in 0..30 {
        let customer = portal.customer(&format!("c{number}@example.com")).await;
        for target in ["everything", "sharing", "marketing"] {
            turns_off(portal, &customer, target).await;
            written.push(portal.ledger().await.len());
        }
    }
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let (changes, next) = fetches(&client, &format!("after={after}&limit=7")).await;
        if changes.is_empty() {
            assert_eq!(next, after);
            break;
        }
        seen.extend(changes.iter().map(|change| change["position"].as_i64().unwrap()));
        after = next;
    }
    let filter = DeliveryFilter { system: Some(SYSTEM.into()), ..DeliveryFilter::default() };
    let owed = portal.store().list_deliveries(&filter, (0, ""), 1_000).await.unwrap();
    let owed: Vec<i64> = owed.iter().map(|row| row.position).collect();
    assert_eq!(seen, owed);
    assert!(seen.is_sorted());
    assert!(seen.len() >= 30);
}

async fn a_waiting_reader_hears_of_a_choice_at_once(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    portal.is_indexed().await;
    let asked = fetches(&client, "wait=30");
    let acts = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        turns_off(portal, &customer, "everything").await;
    };
    let both = async { tokio::join!(asked, acts) };
    let ((changes, next), ()) =
        tokio::time::timeout(Duration::from_secs(5), both).await.expect("long before it is over");
    assert_eq!((changes.len(), next), (1, 1));
    assert_eq!(changes[0]["target"], "everything");
    assert_eq!(changes[0]["act"], "withdrawn");
    assert!(!changes[0].to_string().contains("mira"));
}

async fn nobody_waits_longer_than_they_asked_to(portal: &TestPortal) {
    let client = reader(portal).await;
    let started = tokio::time::Instant::now();
    let (changes, next) = fetches(&client, "wait=1").await;
    assert!(changes.is_empty() && next == 0);
    assert!(started.elapsed() >= Duration::from_secs(1));
}

async fn what_the_document_does_not_allow_is_a_problem(portal: &TestPortal) {
    let client = reader(portal).await;
    for (query, kind) in [
        ("limit=0", Kind::Invalid),
        ("limit=501", Kind::Invalid),
        ("wait=61", Kind::Invalid),
        ("after=-1", Kind::Malformed),
        ("after=9223372036854775808", Kind::Malformed),
    ] {
        client.gets(&format!("{}?{query}", paths::CHANGES)).await.is_problem(kind);
    }
}

async fn the_cursor_confirms_what_it_has_passed(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, "sharing").await;
    turns_off(portal, &customer, "marketing").await;
    let open = DeliveryFilter {
        system: Some(SYSTEM.into()),
        unconfirmed: true,
        ..DeliveryFilter::default()
    };
    let count = async || portal.store().list_deliveries(&open, (0, ""), 10).await.unwrap().len();
    let before = count().await;
    let (changes, next) = fetches(&client, "limit=1").await;
    assert_eq!(changes.len(), 1);
    assert_eq!(count().await, before, "fetching alone confirms nothing");
    fetches(&client, &format!("after={next}")).await;
    assert_eq!(count().await, before - 1);
}

async fn events_are_streamed_and_resumed(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, "sharing").await;
    turns_off(portal, &customer, "everything").await;
    for (last, events) in [("0", 2), ("1", 1)] {
        let request = Request::builder().method(Method::GET).uri("/api/v1/changes");
        let request =
            request.header(header::ACCEPT, "text/event-stream").header("last-event-id", last);
        let request = request.body(axum::body::Body::empty()).unwrap();
        let piece = client.streams(request).await;
        assert_eq!(piece.matches("event: choice.changed\n").count(), events, "{piece}");
        assert!(piece.contains("id: 2\n"));
    }
}

pub async fn unconfirmed(portal: &TestPortal) -> Vec<i64> {
    let open = DeliveryFilter {
        system: Some(SYSTEM.into()),
        unconfirmed: true,
        ..DeliveryFilter::default()
    };
    let rows = portal.store().list_deliveries(&open, (0, ""), 100).await.unwrap();
    rows.iter().map(|row| row.position).collect()
}

async fn confirms(client: &Client, cursor: i64) -> i64 {
    let answer = client.posts(paths::CHANGES_ACKNOWLEDGEMENT, &json!({ "cursor": cursor })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["confirmed"].as_i64().unwrap()
}

async fn a_connected_system_confirms_as_it_goes(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    for target in ["sharing", "everything", "marketing"] {
        turns_off(portal, &customer, target).await;
    }
    let events = Request::get("/api/v1/changes").header(header::ACCEPT, "text/event-stream");
    let piece = client.streams(events.body(axum::body::Body::empty()).unwrap()).await;
    let ids = piece.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok());
    let ids: Vec<i64> = ids.collect();
    let data = piece.lines().filter_map(|line| line.strip_prefix("data: "));
    let cursors = data.map(|data| serde_json::from_str::<Value>(data).unwrap()["cursor"].as_i64());
    assert_eq!(cursors.collect::<Option<Vec<i64>>>().unwrap(), ids);
    let owed = unconfirmed(portal).await;
    assert_eq!(owed.len(), ids.len(), "being told is not obeying");
    assert_eq!(confirms(&client, ids[0]).await, 1);
    assert_eq!(unconfirmed(portal).await, owed[1..]);
    assert_eq!(confirms(&client, ids[0]).await, 0, "a second time changes nothing");
    assert_eq!(
        confirms(&client, *ids.last().unwrap()).await,
        i64::try_from(ids.len() - 1).unwrap()
    );
    assert!(unconfirmed(portal).await.is_empty());
    let key = Key { scopes: &[Scope::Changes], system: Some("mailer"), ..Key::default() };
    let mailer = DeliveryFilter { system: Some("mailer".into()), ..DeliveryFilter::default() };
    let states = async || {
        let rows = portal.store().list_deliveries(&mailer, (0, ""), 100).await.unwrap();
        rows.iter().filter(|row| row.acknowledged_at.is_some()).count()
    };
    assert_eq!(states().await, 0, "one system confirms nothing for another");
    assert!(confirms(&portal.client_with(key).await, ids[0]).await <= 1);
    for (body, kind) in [
        (json!({}), Kind::Malformed),
        (json!({ "cursor": -1 }), Kind::Malformed),
        (json!({ "cursor": "1" }), Kind::Malformed),
        (json!({ "cursor": 99 }), Kind::Invalid),
    ] {
        client.posts(paths::CHANGES_ACKNOWLEDGEMENT, &body).await.is_problem(kind);
    }
    let other = portal.client(&[Scope::Decide]).await;
    let answer = other.posts(paths::CHANGES_ACKNOWLEDGEMENT, &json!({ "cursor": 1 })).await;
    answer.is_problem(Kind::MissingScope);
}

async fn what_is_told_again_comes_again_behind_all_that_was_read(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, "sharing").await;
    turns_off(portal, &customer, "everything").await;
    let (changes, next) = fetches(&client, "").await;
    let first = changes[0]["position"].as_i64().unwrap();
    let (nothing, _) = fetches(&client, &format!("after={next}")).await;
    assert!(nothing.is_empty() && unconfirmed(portal).await.is_empty());
    let one = DeliveryFilter {
        system: Some(SYSTEM.into()),
        to: Some(first),
        ..DeliveryFilter::default()
    };
    assert_eq!(portal.store().record_replay(&one, portal.clock.now().0).await.unwrap(), 1);
    confirms(&client, next).await;
    assert_eq!(unconfirmed(portal).await, [first], "what was not read again is not confirmed");
    let (again, after) = fetches(&client, &format!("after={next}")).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0]["position"].as_i64(), Some(first));
    assert_eq!(again[0]["delivery"], changes[0]["delivery"]);
    turns_off(portal, &customer, "purpose:advertising").await;
    turns_off(portal, &customer, "marketing").await;
    let (later, _) = fetches(&client, &format!("after={after}")).await;
    assert!(unconfirmed(portal).await.iter().all(|position| *position > first));
    let later: Vec<_> = later.iter().map(|change| change["position"].as_i64().unwrap()).collect();
    assert_eq!(later, unconfirmed(portal).await);
}

async fn a_cursor_of_another_feed_is_refused(portal: &TestPortal) {
    let client = reader(portal).await;
    client.gets(&format!("{}?after=5", paths::CHANGES)).await.is_problem(Kind::Invalid);
    let request = Request::get(paths::CHANGES).header(header::ACCEPT, "text/event-stream");
    let request = request.header("last-event-id", "5").body(axum::body::Body::empty()).unwrap();
    client.sends(request).await.is_problem(Kind::Invalid);
    let request = Request::get(paths::CHANGES).header(header::ACCEPT, "text/event-stream");
    let request = request.header("last-event-id", "-5").body(axum::body::Body::empty()).unwrap();
    client.sends(request).await.is_problem(Kind::Malformed);
}

async fn a_key_without_a_system_has_no_feed(portal: &TestPortal) {
    let client = portal.client(&[Scope::Changes]).await;
    let answer = client.gets("/api/v1/changes").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let other = portal.client(&[Scope::Decide]).await;
    assert_eq!(other.gets("/api/v1/changes").await.status, StatusCode::FORBIDDEN);
}
