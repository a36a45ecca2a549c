//! Every error of the API is a problem, and no other website may call it.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;

use crate::support::{TestPortal, on_sqlite};

on_sqlite![
    what_is_not_there_is_a_problem,
    a_wrong_method_is_a_problem_that_names_the_right_ones,
    nobody_is_redirected_and_no_cookie_is_set,
    another_website_is_told_nothing,
    every_answer_has_a_number_of_its_own,
    slugs_are_words_and_differ,
];

async fn what_is_not_there_is_a_problem(portal: &TestPortal) {
    let client = portal.client(Scope::ALL).await;
    for path in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/key", "/api/v1/key/"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            client.asks(method, path).await.is_problem(Kind::NotFound);
            portal.stranger().gets(path).await.is_problem(Kind::NotFound);
        }
    }
}

async fn a_wrong_method_is_a_problem_that_names_the_right_ones(portal: &TestPortal) {
    let answer = portal.client(Scope::ALL).await.asks(Method::PATCH, paths::KEY).await;
    answer.is_problem(Kind::MethodNotAllowed);
    assert_eq!(answer.header("allow"), "GET,HEAD");
    let client = portal.client(Scope::ALL).await;
    client.posts(paths::KEY, &json!({})).await.is_problem(Kind::MethodNotAllowed);
}

async fn nobody_is_redirected_and_no_cookie_is_set(portal: &TestPortal) {
    for path in [paths::KEY, "/api", "/api/v1/nothing"] {
        let request = Request::get(path)
            .header("x-forwarded-proto", "http")
            .header("x-forwarded-host", "evil.example")
            .header(header::COOKIE, "__Host-visit=AAAAAAAAAAAAAAAAAAAAAA");
        let answer = portal.stranger().sends(request.body(Body::empty()).unwrap()).await;
        assert!(answer.status.is_client_error(), "C-06");
        assert_eq!(answer.location(), "");
        assert!(answer.cookies().is_empty());
    }
}

async fn another_website_is_told_nothing(portal: &TestPortal) {
    let client = portal.client(Scope::ALL).await;
    for method in [Method::GET, Method::OPTIONS] {
        let request = Request::builder()
            .method(method)
            .uri(paths::KEY)
            .header(header::ORIGIN, "https://evil.example")
            .header("access-control-request-method", "GET");
        let answer = client.sends(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

async fn every_answer_has_a_number_of_its_own(portal: &TestPortal) {
    let client = portal.client(Scope::ALL).await;
    let mut seen = std::collections::BTreeSet::new();
    for path in [paths::KEY, "/api/v1/nothing", "/choices", "/nothing"] {
        let answer = client.gets(path).await;
        assert_eq!(answer.header("x-request-id").len(), 12, "{path}");
        assert!(seen.insert(answer.header("x-request-id").to_owned()));
    }
}

async fn slugs_are_words_and_differ(_: &TestPortal) {
    let slugs: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
    assert_eq!(slugs.len(), Kind::ALL.len());
    assert!(slugs.iter().all(|slug| slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
}
