//! Bad input where the browser's signal comes in: refused clearly or taken for none, nothing lost.

use app::routes;
use app::texts::signal::HONORED;
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;

use crate::support::{Answer, TestPortal, on_sqlite};

on_sqlite!(
    huge_and_odd_fields_are_no_signal_and_hide_none,
    a_cookie_that_is_no_profile_is_replaced,
    a_body_that_can_not_be_read_is_a_problem,
    a_script_s_body_that_is_no_id_is_refused,
);

const ID: &str = "5f0c9d5e-7a61-4b0e-9a51-0c4f2a6f1f11";

async fn huge_and_odd_fields_are_no_signal_and_hide_none(portal: &TestPortal) {
    let huge = "0,".repeat(100_000);
    let ones = "11,".repeat(10_000);
    for field in [huge.as_str(), &ones, "\"1\"", "1;q=1", "+1", "1 1"] {
        let page = portal.browser().asking(&[field]).opens(routes::CHOICES).await;
        assert!(!page.text().contains(HONORED), "{field:.20}");
    }
    assert!(portal.ledger().await.is_empty());
    let many: Vec<_> = std::iter::repeat_n("0", 500).chain(["1"]).collect();
    for fields in [&many[..], &[huge.as_str(), "1"]] {
        portal.browser().asking(fields).opens(routes::CHOICES).await.sees(HONORED);
    }
}

async fn a_cookie_that_is_no_profile_is_replaced(portal: &TestPortal) {
    for value in ["", "short", &"x".repeat(65), &"y".repeat(50_000), "a b c d e f g h i j k"] {
        let mut browser = portal.browser().asking(&["1"]);
        browser.jar.insert("__Host-browser".into(), value.into());
        browser.opens(routes::CHOICES).await.sees(HONORED);
        let id = &browser.jar["__Host-browser"];
        assert_eq!(id.len(), 22, "{value:.20}");
        assert_ne!(id, value);
    }
}

async fn a_body_that_can_not_be_read_is_a_problem(portal: &TestPortal) {
    let shop = portal.client(&[Scope::Signals]).await;
    let asks = async |body: Vec<u8>| -> Answer {
        let request =
            Request::post(paths::SIGNALS).header(header::CONTENT_TYPE, "application/json");
        shop.sends(request.body(Body::from(body)).unwrap()).await
    };
    let nested = "[".repeat(20_000);
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"1\"",
        &nested,
        "{\"sec_gpc\": null}",
        "{\"sec_gpc\": 1}",
        "{\"gpc\": \"1\"}",
    ] {
        let answer = asks(body.as_bytes().to_vec()).await;
        assert!(answer.status.is_client_error(), "{body:.20}: {}", answer.status);
        let kind = answer.header("content-type");
        assert_eq!(kind, "application/problem+json", "{body:.20}");
    }
    assert_eq!(asks(vec![0xff; 64]).await.header("content-type"), "application/problem+json");
    asks(vec![b' '; 8 << 20]).await.is_problem(Kind::TooLarge);
    for person in
        [json!({}), json!({"email": "no"}), json!({"email": "a@example.com", "phone": "1"})]
    {
        let answer = shop.posts(paths::SIGNALS, &json!({"sec_gpc": "1", "person": person})).await;
        answer.is_problem(Kind::Invalid);
    }
    // One part that can't be read loses nothing of the other: the site may send it again.
    let half = json!({"sec_gpc": "1", "browser": "a b", "person": {"email": "mira@example.com"}});
    shop.posts(paths::SIGNALS, &half).await.is_problem(Kind::Invalid);
    assert!(portal.ledger().await.is_empty());
    let whole = json!({"sec_gpc": "1", "browser": ID, "person": {"email": "mira@example.com"}});
    assert_eq!(shop.posts(paths::SIGNALS, &whole).await.json()["honored"], true);
}

async fn a_script_s_body_that_is_no_id_is_refused(portal: &TestPortal) {
    let origin = crate::support::portal::BASE_URL;
    let mut browser = portal.browser();
    for (body, status) in [(vec![0xff; 22], 400), (vec![b'x'; 17 * 1024], 413)] {
        let request = Request::builder().method(Method::POST).uri(routes::SIGNAL);
        let request = request.header(header::ORIGIN, origin).body(Body::from(body)).unwrap();
        assert_eq!(browser.sends(request).await.status, status);
    }
    assert!(portal.ledger().await.is_empty());
}
