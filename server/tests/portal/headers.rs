//! What every answer carries, and the files at fixed places.

use std::collections::BTreeMap;

use app::routes;
use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use server::ports::Clock;
use sha2::{Digest, Sha256};

use crate::support::{Answer, Customer, TestPortal, on_both_engines, on_sqlite};

on_both_engines![the_session_cookie_is_for_this_host_alone];
on_sqlite![
    every_answer_is_hardened,
    the_policy_lets_nothing_in_from_elsewhere,
    pages_load_nothing_from_elsewhere,
    pages_with_a_token_or_a_choice_are_never_stored,
    the_contact_for_researchers_is_well_formed_and_never_out_of_date,
    robots_and_icon_are_at_their_places,
];

/// One answer of every kind, with its path.
async fn answers(portal: &TestPortal, customer: &Customer) -> Vec<(String, Answer)> {
    let mut browser = portal.browser();
    let link = routes::link(&customer.token);
    let message = format!("/u/{}/offers/email", customer.token);
    let mut answers = Vec::new();
    for path in [
        "/",
        routes::CHOICES,
        &link,
        routes::CHOICES,
        &message,
        routes::CODE,
        routes::GO,
        "/GO/0000-0001",
        routes::FORM,
        routes::CONFIRM,
        routes::UNDO,
        routes::RECORD,
        routes::RECORD_JSON,
        "/notices/1",
        "/notices/9",
        "/nowhere",
        "/c/unknown",
        "/undo/unknown",
        "/u/unknown/offers/email",
        routes::SECURITY,
        "/favicon.svg",
        "/robots.txt",
        "/assets/none",
        "/assets/../Cargo.toml",
        "/do/choose",
    ] {
        answers.push((format!("GET {path}"), browser.asks(Method::GET, path).await));
        answers.push((format!("HEAD {path}"), browser.asks(Method::HEAD, path).await));
        answers.push((format!("OPTIONS {path}"), browser.asks(Method::OPTIONS, path).await));
    }
    for (path, body) in [
        (routes::CHOOSE, "off=everything"),
        (routes::CHOOSE, "off=nonsense"),
        (routes::OPT_OUT, ""),
        (&message, "List-Unsubscribe=One-Click"),
        (&message, "x"),
        ("/do/nothing", ""),
        (routes::OPT_OUT, "contact=%FF"),
        (routes::ENTER, "code=7"),
        (routes::ENTER, "code=00000000"),
        (routes::LEAVE, ""),
    ] {
        let answer = browser.posts_raw(path, body.as_bytes().to_vec()).await;
        answers.push((format!("POST {path} {body}"), answer));
    }
    let large = browser.posts_raw(routes::OPT_OUT, vec![b'x'; 1_000_000]).await;
    answers.push(("POST too much".into(), large));
    portal.store().close().await;
    answers.push(("GET without a store".into(), browser.asks(Method::GET, &link).await));
    answers
}

async fn every_answer_is_hardened(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    for (what, answer) in answers(portal, &customer).await {
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "L-15, C-04: {name} of {what}");
        }
        let hsts = answer.header("strict-transport-security");
        let seconds = hsts.split(';').find_map(|part| part.trim().strip_prefix("max-age="));
        assert!(seconds.unwrap().parse::<u64>().unwrap() >= 31_536_000, "C-04: {what}");
        assert!(hsts.contains("includeSubDomains"));
        assert!(!answer.header("content-security-policy").is_empty(), "{what}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "A-18: {what}");
        assert_eq!(answer.header("server"), "", "{what}");
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{what}");
    }
}

fn policy(answer: &Answer) -> BTreeMap<String, Vec<String>> {
    let parts = answer.header("content-security-policy").split(';').map(str::trim);
    let words = |part: &str| {
        let mut words = part.split_whitespace().map(ToOwned::to_owned);
        (words.next().expect("a directive has a name"), words.collect())
    };
    parts.filter(|part| !part.is_empty()).map(words).collect()
}

async fn the_policy_lets_nothing_in_from_elsewhere(portal: &TestPortal) {
    let answer = portal.browser().asks(Method::GET, routes::CHOICES).await;
    let policy = policy(&answer);
    for (name, words) in [
        ("default-src", &["'none'"][..]),
        ("script-src", &["'self'", "'wasm-unsafe-eval'"]),
        ("object-src", &["'none'"]),
        ("base-uri", &["'none'"]),
        ("frame-ancestors", &["'none'"]),
        ("form-action", &["'self'"]),
        ("connect-src", &["'self'"]),
        ("img-src", &["'self'"]),
    ] {
        assert_eq!(policy[name], words, "C-03: {name}");
    }
    // The stylesheet in the page is the very one that the policy lets in.
    let text = answer.text();
    let css = text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = format!("'sha256-{}'", STANDARD.encode(Sha256::digest(css)));
    assert_eq!(policy["style-src"], [hash]);
    assert!(!text.contains(" style=\""), "no style in an attribute");
    assert!(!text.contains(" onclick"), "no script in an attribute");
}

async fn pages_load_nothing_from_elsewhere(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    for (what, answer) in answers(portal, &customer).await {
        if !answer.header("content-type").starts_with("text/html") || answer.body.is_empty() {
            continue;
        }
        for element in &answer.page().elements {
            for attribute in ["src", "srcset", "action", "data", "poster"] {
                let to = element.get(attribute).unwrap_or("/");
                assert!(to.starts_with('/') && !to.starts_with("//"), "L-15: {to} in {what}");
            }
            if element.tag == "link" {
                assert!(element.get("href").unwrap().starts_with('/'), "L-15: {what}");
            }
            assert!(!element.is("http-equiv", "refresh"), "L-02: {what}");
        }
    }
}

async fn pages_with_a_token_or_a_choice_are_never_stored(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    for (what, answer) in answers(portal, &customer).await {
        let public = what.contains("favicon") || what.contains("robots");
        if !(public && answer.status.is_success()) {
            assert_eq!(answer.header("cache-control"), "no-store", "L-18: {what}");
        }
    }
}

async fn the_session_cookie_is_for_this_host_alone(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let answer = browser.asks(Method::GET, &routes::link(&customer.token)).await;
    let language = browser.asks(Method::GET, "/choices?language=de").await;
    let cookies = [answer.cookies(), language.cookies()].concat();
    assert_eq!(cookies.len(), 2);
    for cookie in &cookies {
        let parts: Vec<_> = cookie.split(';').map(str::trim).collect();
        assert!(parts[0].starts_with("__Host-"), "C-01: {cookie}");
        for needed in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(parts.contains(&needed), "C-01: {needed} in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "C-01: {cookie}");
    }
}

async fn the_contact_for_researchers_is_well_formed_and_never_out_of_date(portal: &TestPortal) {
    for days in [0, 400] {
        portal.clock.moves(days * domain::moment::DAY);
        let answer = portal.browser().asks(Method::GET, routes::SECURITY).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "C-09");
        let text = answer.text();
        let fields: Vec<_> = text.lines().map(|line| line.split_once(": ").unwrap()).collect();
        let of = |name: &str| -> Vec<&str> {
            fields.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value).collect()
        };
        assert_eq!(of("Contact"), ["mailto:privacy@northwind.example"]);
        let expires: Vec<Timestamp> = of("Expires").iter().map(|at| at.parse().unwrap()).collect();
        assert_eq!(expires.len(), 1);
        let left = expires[0].as_millisecond() - portal.clock.now().0;
        assert!(left > 30 * domain::moment::DAY && left < 366 * domain::moment::DAY);
        assert_eq!(of("Canonical"), ["https://privacy.northwind.example/.well-known/security.txt"]);
    }
}

async fn robots_and_icon_are_at_their_places(portal: &TestPortal) {
    // Without a built site there are none; then they are missing and not a failure.
    for path in ["/favicon.svg", "/robots.txt", "/favicon.ico"] {
        let answer = portal.browser().asks(Method::GET, path).await;
        assert!(answer.status == 200 || answer.status == 404, "{path}");
    }
}
