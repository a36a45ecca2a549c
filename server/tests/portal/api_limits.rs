//! How often a key may be used.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::api::{Options, paths};
use server::web::{Web, router};

use crate::support::client::Client;
use crate::support::portal::BASE_URL;
use crate::support::{Answer, TestPortal, on_both_engines, on_sqlite};

on_sqlite![
    a_key_that_asks_too_often_waits_and_others_do_not,
    open_figures_need_no_key,
    open_figures_are_there_while_the_database_is_away,
];

on_both_engines![
    no_limit_stands_before_a_customer_who_brings_an_opt_out_or_is_a_minor,
    no_limit_stands_before_an_erasure_a_signal_or_an_opt_out_among_many,
];

async fn a_key_that_asks_too_often_waits_and_others_do_not(portal: &TestPortal) {
    let options = Options { rate: NonZeroU32::new(2), ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let (one, other) =
        (portal.client(&[Scope::Metrics]).await, portal.client(&[Scope::Metrics]).await);
    let (one, other) = (one.moved_to(node.clone()), other.moved_to(node));
    for _ in 0..4 {
        assert_eq!(one.gets(paths::METRICS).await.status, 200);
    }
    let refused = one.gets(paths::METRICS).await;
    refused.is_problem(Kind::TooMany);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(other.gets(paths::METRICS).await.status, 200);
    portal.clock.moves(1_000);
    assert_eq!(one.gets(paths::METRICS).await.status, 200);
}

async fn open_figures_need_no_key(portal: &TestPortal) {
    let options = Options { metrics_open: true, ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let answer = portal.stranger().moved_to(node).gets(paths::METRICS).await;
    assert_eq!(answer.status, 200);
}

async fn open_figures_are_there_while_the_database_is_away(portal: &TestPortal) {
    let options = Options { metrics_open: true, ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let stranger = portal.stranger().moved_to(node);
    let requests = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("sayso_requests_open{"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = requests(&stranger.gets(paths::METRICS).await.text());
    assert!(!before.is_empty());
    portal.breaks().await;
    let answer = stranger.gets(paths::METRICS).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("sayso_index_lag_milliseconds "), "{}", answer.text());
    assert_eq!(requests(&answer.text()), before);
}

async fn puts(client: &Client, number: &str, body: &Value) -> Answer {
    let path = paths::PERSON.replace("{customer_number}", number);
    client.sends_json(Method::PUT, &path, body).await
}

async fn merges(client: &Client, from: &str, into: &str) -> Answer {
    client.posts(&paths::MERGE.replace("{customer_number}", into), &json!({ "from": from })).await
}

fn says_no(number: &str) -> Value {
    let person = json!({ "customer_number": number });
    json!({ "person": person, "target": "marketing", "act": "opt_out" })
}

/// A system that may do all that protects, knows five customers, the first of whom said no to
/// marketing, and has nothing left of its allowance.
async fn exhausted(portal: &TestPortal) -> Client {
    let scopes = [Scope::People, Scope::Choices, Scope::Signals];
    let client = portal.client(&scopes).await;
    for number in ["1", "2", "3", "4", "5"] {
        let email = format!("c{number}@example.com");
        assert_eq!(puts(&client, number, &json!({ "email": email })).await.status, 201);
    }
    assert_eq!(client.posts(paths::CHOICES, &says_no("1")).await.status, 200);
    let options = Options { rate: NonZeroU32::new(1), ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let client = client.moved_to(node);
    for _ in 0..2 {
        assert_eq!(puts(&client, "2", &json!({ "name": "Jo" })).await.status, 200);
    }
    puts(&client, "2", &json!({ "name": "Jo" })).await.is_problem(Kind::TooMany);
    client
}

async fn no_limit_stands_before_a_customer_who_brings_an_opt_out_or_is_a_minor(
    portal: &TestPortal,
) {
    let client = exhausted(portal).await;
    let brings = puts(&client, "6", &json!({ "email": "c1@example.com" })).await;
    assert_eq!((brings.status.as_u16(), brings.json()["carried"].as_u64()), (201, Some(1)));
    let gains = puts(&client, "1", &json!({ "email": "new@example.com" })).await;
    assert_eq!(gains.status, 200, "the no holds for the new address too");
    assert_eq!(puts(&client, "3", &json!({ "birth_year": 2012 })).await.status, 200);
    puts(&client, "2", &json!({ "birth_year": 1980 })).await.is_problem(Kind::TooMany);
    merges(&client, "4", "2").await.is_problem(Kind::TooMany);
    assert_eq!(merges(&client, "3", "2").await.status, 200, "a minor");
    let carried = merges(&client, "1", "4").await;
    assert_eq!((carried.status.as_u16(), carried.json()["carried"].as_u64()), (200, Some(1)));
}

async fn no_limit_stands_before_an_erasure_a_signal_or_an_opt_out_among_many(portal: &TestPortal) {
    let client = exhausted(portal).await;
    let path = paths::PERSON.replace("{customer_number}", "5");
    assert_eq!(client.asks(Method::DELETE, &path).await.status, 204);
    let signal = json!({ "sec_gpc": "1", "person": { "customer_number": "2" } });
    let heard = client.posts(paths::SIGNALS, &signal).await;
    assert_eq!((heard.status.as_u16(), heard.json()["honored"].as_bool()), (200, Some(true)));
    let mut yes = says_no("4");
    (yes["target"], yes["act"]) = (json!("message:offers/text"), json!("opt_in"));
    let mut pause = says_no("4");
    (pause["act"], pause["days"]) = (json!("pause"), json!(30));
    let many = client.posts(paths::CHOICES_BULK, &json!([says_no("3"), yes, pause])).await;
    let lines = many.text();
    let statuses = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].as_u64().unwrap());
    assert_eq!(statuses.collect::<Vec<_>>(), [200, 429, 200], "{lines}");
}
