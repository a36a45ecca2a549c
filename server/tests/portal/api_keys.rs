//! Keys: who may call, and for how long.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use domain::moment::MINUTE;
use serde_json::json;
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::ports::Clock;

use crate::support::place::holds;
use crate::support::{Key, TestPortal, on_both_engines};

on_both_engines![
    a_client_sees_what_its_key_may_do,
    without_a_good_key_nobody_is_let_in,
    two_keys_at_once_are_none,
    a_revoked_key_is_refused_within_a_second,
    a_remembered_key_needs_no_database_and_an_unknown_one_fails_closed,
    the_last_use_is_noted_once_a_minute,
    the_store_holds_no_key_that_works,
];

async fn a_client_sees_what_its_key_may_do(portal: &TestPortal) {
    let key = Key {
        scopes: &[Scope::Decide, Scope::Choices],
        targets: &["marketing", "share:advertising/adlane"],
        system: Some("mailer"),
    };
    let client = portal.client_with(key).await;
    let answer = client.gets(paths::KEY).await;
    assert_eq!(answer.status, 200);
    let expected = json!({
        "id": client.id(),
        "name": "test",
        "scopes": ["decide", "choices"],
        "targets": ["marketing", "share:advertising/adlane"],
        "system": "mailer",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control"), "no-store");
}

async fn without_a_good_key_nobody_is_let_in(portal: &TestPortal) {
    let good = portal.client(Scope::ALL).await;
    let other = portal.client(Scope::ALL).await;
    let swapped = format!("sayso_{}_{}", good.id(), other.key.rsplit('_').next().unwrap());
    let mut cut = good.key.clone();
    cut.pop();
    for key in ["", "sayso", "sayso__", "sayso_a_b", &cut, &swapped, &format!("{}0", good.key)] {
        let answer = good.with_key(key).gets(paths::KEY).await;
        answer.is_problem(Kind::Unauthorized);
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"sayso\"");
    }
    for field in ["Basic dTpw", "Bearer", &good.key, &format!("Basic {}", good.key)] {
        let request = Request::get(paths::KEY).header(header::AUTHORIZATION, field);
        let answer = portal.stranger().sends(request.body(Body::empty()).unwrap()).await;
        answer.is_problem(Kind::Unauthorized);
    }
    assert_eq!(good.gets(paths::KEY).await.status, 200);
}

async fn two_keys_at_once_are_none(portal: &TestPortal) {
    let client = portal.client(Scope::ALL).await;
    let field = format!("Bearer {}", client.key);
    let request = Request::get(paths::KEY)
        .header(header::AUTHORIZATION, "Bearer other")
        .header(header::AUTHORIZATION, field);
    let answer = portal.stranger().sends(request.body(Body::empty()).unwrap()).await;
    answer.is_problem(Kind::Unauthorized);
}

async fn a_revoked_key_is_refused_within_a_second(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    assert_eq!(client.gets(paths::KEY).await.status, 200);
    let now = portal.clock.now().0;
    assert!(portal.store().record_api_key_revoked(client.id(), now).await.unwrap());
    assert!(!portal.store().record_api_key_revoked(client.id(), now).await.unwrap());
    portal.clock.moves(1_000);
    client.gets(paths::KEY).await.is_problem(Kind::Unauthorized);
}

async fn a_remembered_key_needs_no_database_and_an_unknown_one_fails_closed(portal: &TestPortal) {
    let (client, fresh) = (portal.client(Scope::ALL).await, portal.client(Scope::ALL).await);
    assert_eq!(client.gets(paths::KEY).await.status, 200);
    portal.clock.moves(999);
    portal.store().close().await;
    assert_eq!(client.gets(paths::KEY).await.status, 200);
    fresh.gets(paths::KEY).await.is_problem(Kind::Unavailable);
    portal.clock.moves(1);
    client.gets(paths::KEY).await.is_problem(Kind::Unavailable);
}

async fn the_last_use_is_noted_once_a_minute(portal: &TestPortal) {
    let client = portal.client(&[Scope::Decide]).await;
    let first = portal.clock.now().0;
    client.gets(paths::KEY).await;
    comes_to_be_used_at(portal, client.id(), first).await;
    portal.clock.moves(MINUTE - 1);
    client.gets(paths::KEY).await;
    portal.clock.moves(1);
    client.gets(paths::KEY).await;
    comes_to_be_used_at(portal, client.id(), first + MINUTE).await;
}

/// Noting makes nobody wait, so the test does.
async fn comes_to_be_used_at(portal: &TestPortal, id: &str, at: i64) {
    for _ in 0..200 {
        let used = portal.store().find_api_key(id).await.unwrap().unwrap().used_at;
        if used == Some(at) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the use was not noted");
}

async fn the_store_holds_no_key_that_works(portal: &TestPortal) {
    let client = portal.client(Scope::ALL).await;
    client.gets(paths::KEY).await;
    let secret = client.key.rsplit('_').next().unwrap();
    let dump = portal.place.dump().await;
    assert!(holds(&dump, client.id().as_bytes()));
    assert!(!holds(&dump, secret.as_bytes()));
}
