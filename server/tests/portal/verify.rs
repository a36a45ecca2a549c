//! Checking a receipt on the page.

use app::routes;
use app::texts::ProofTexts;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::Language;
use serde_json::Value;
use server::proof::{LARGEST, Summary};

use crate::support::page::Page;
use crate::support::portal::BASE_URL;
use crate::support::{Answer, Browser, TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    a_receipt_is_genuine_pasted_or_uploaded,
    what_was_changed_is_named_on_the_page,
    the_address_behind_the_code_is_enough,
    a_receipt_of_a_rewritten_ledger_is_told_apart,
    checking_changes_and_keeps_nothing,
];
on_sqlite![
    what_is_no_receipt_is_answered_with_what_to_do,
    what_is_too_large_is_refused,
    the_page_speaks_every_language,
];

const PROOF: &ProofTexts = ProofTexts::of(Language::English);

/// Posts the form as a browser does, with a text and a file.
async fn posts(browser: &mut Browser, text: &[u8], file: &[u8]) -> Answer {
    const EDGE: &str = "----edge7MA4YWxkTrZu0gW";
    let part = |name: &str, more: &str, bytes: &[u8]| {
        let head =
            format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        [head.as_bytes(), bytes, b"\r\n"].concat()
    };
    let body = [
        part("receipt", "", text),
        part("file", "; filename=\"receipt.json\"\r\nContent-Type: application/json", file),
        format!("--{EDGE}--\r\n").into_bytes(),
    ];
    let body = body.concat();
    let request = Request::post(routes::VERIFY)
        .header("sec-fetch-site", "same-origin")
        .header(header::ORIGIN, BASE_URL)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
        .header(header::CONTENT_LENGTH, body.len());
    browser.sends(request.body(Body::from(body)).unwrap()).await
}

async fn pastes(browser: &mut Browser, text: impl AsRef<[u8]>) -> Page {
    posts(browser, text.as_ref(), b"").await.page()
}

/// Somebody turns offers off, and has the receipt.
async fn a_receipt(portal: &TestPortal) -> Value {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    crate::receipts::receipt(portal, &mut browser, "1").await
}

async fn a_receipt_is_genuine_pasted_or_uploaded(portal: &TestPortal) {
    let receipt = a_receipt(portal).await.to_string();
    let mut browser = portal.browser();
    let empty = browser.opens(routes::VERIFY).await;
    assert_eq!(empty.status, 200);
    empty.sees(PROOF.verify_lede);
    for (text, file) in [(receipt.as_str(), ""), ("", &receipt), (" \n", &receipt), (&receipt, "x")]
    {
        let page = posts(&mut browser, text.as_bytes(), file.as_bytes()).await.page();
        assert_eq!(page.status, 200, "{}", page.text());
        page.sees(PROOF.verify_genuine);
        page.sees("Offers and new products by email: turned off");
        page.sees("Entry 1 of our ledger is this choice.");
    }
}

async fn what_was_changed_is_named_on_the_page(portal: &TestPortal) {
    let receipt = a_receipt(portal).await;
    let mut browser = portal.browser();
    let mut forged = receipt.clone();
    forged["record"]["event_time"] = "2020-01-01T00:00:00.000Z".into();
    let page = pastes(&mut browser, forged.to_string()).await;
    assert_eq!(page.status, 422);
    page.sees(PROOF.verify_not_genuine);
    page.sees("/record/event_time says something else now");
    let mut forged = receipt.clone();
    forged["proof"]["signature"] = "A".repeat(86).into();
    pastes(&mut browser, forged.to_string()).await.sees(PROOF.verify_signature);
    let mut forged = receipt;
    forged["record"]["<script>alert(1)</script>"] = 1.into();
    let page = pastes(&mut browser, forged.to_string()).await;
    page.sees_nothing_of("<script>alert");
    page.sees("was added");
}

async fn the_address_behind_the_code_is_enough(portal: &TestPortal) {
    let receipt = a_receipt(portal).await;
    let signature = receipt["proof"]["signature"].as_str().unwrap();
    let query = Summary::of(&receipt).unwrap().to_query(signature);
    let mut browser = portal.browser();
    let page = browser.opens(&format!("{}?{query}", routes::VERIFY)).await;
    assert_eq!(page.status, 200, "{}", page.text());
    page.sees(PROOF.verify_genuine);
    page.sees("Offers and new products by email: turned off");
    page.sees(PROOF.verify_code_lede);
    for (from, to, told) in [
        ("a=withdrawn", "a=granted", PROOF.verify_signature),
        ("n=1", "n=2", PROOF.verify_signature),
        ("t=", "u=", PROOF.verify_no_code),
        ("n=1", "n=one", PROOF.verify_no_code),
        ("k=", "k=x", &PROOF.verify_unknown_key[..20]),
    ] {
        let path = format!("{}?{}", routes::VERIFY, query.replacen(from, to, 1));
        let page = browser.opens(&path).await;
        assert_eq!(page.status, 422, "{path}");
        page.sees(told);
    }
    let answer = browser.asks(Method::HEAD, &format!("{}?{query}", routes::VERIFY)).await;
    assert_eq!(answer.status, StatusCode::OK);
}

async fn a_receipt_of_a_rewritten_ledger_is_told_apart(portal: &TestPortal) {
    let receipt = a_receipt(portal).await.to_string();
    portal.place.disarms().await;
    let hash = match portal.place.engine() {
        crate::support::Engine::Sqlite => "zeroblob(32)",
        crate::support::Engine::Postgres => "decode(repeat('00', 32), 'hex')",
    };
    portal
        .place
        .runs(&format!("update choice set hash = {hash} where position = 1"))
        .await
        .unwrap();
    let page = pastes(&mut portal.browser(), receipt).await;
    assert_eq!(page.status, 422);
    page.sees("entry 1 of our ledger says something else");
}

async fn checking_changes_and_keeps_nothing(portal: &TestPortal) {
    let receipt = a_receipt(portal).await;
    let mut canary = receipt.clone();
    canary["record"]["note"] = "canary in a receipt".into();
    let mut browser = portal.browser();
    pastes(&mut browser, canary.to_string()).await;
    assert!(browser.jar.is_empty(), "no cookie: {:?}", browser.jar);
    assert_eq!(portal.ledger().await.len(), 1);
    let dump = portal.place.dump().await;
    assert!(!crate::support::place::holds(&dump, b"canary in a receipt"));
}

async fn what_is_no_receipt_is_answered_with_what_to_do(portal: &TestPortal) {
    let mut browser = portal.browser();
    for (text, told) in [
        ("", PROOF.verify_empty),
        ("{}", "the part /proof is missing"),
        ("{\n  \"a\": }", "line 2, column 8"),
        ("{\"a\":1,\"a\":2}", "“a” twice"),
        ("\u{202e}", "line 1"),
        ("{\"proof\":{\"digests\":{},\"signature\":\"\"}}", PROOF.verify_not_genuine),
    ] {
        let page = pastes(&mut browser, text).await;
        assert_eq!(page.status, 422, "{text}");
        page.sees(told);
        page.form(routes::VERIFY);
    }
    // Forms of another kind, and half a form.
    let answer = browser.posts(routes::VERIFY, &[("receipt", "{}")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let request = Request::post(routes::VERIFY)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header(header::CONTENT_LENGTH, 9);
    let answer = browser.sends(request.body(Body::from("--x\r\nCont")).unwrap()).await;
    assert_eq!(answer.page().status, 422);
}

async fn what_is_too_large_is_refused(portal: &TestPortal) {
    let mut browser = portal.browser();
    let page = pastes(&mut browser, vec![b'{'; LARGEST + 1]).await;
    assert_eq!(page.status, 413);
    page.sees(PROOF.verify_large);
    let answer = posts(&mut browser, &vec![b'x'; 2 * LARGEST], b"").await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

async fn the_page_speaks_every_language(portal: &TestPortal) {
    for language in Language::ALL {
        let mut browser = portal.browser();
        let page = browser.opens(&routes::in_language(routes::VERIFY, language)).await;
        page.sees(ProofTexts::of(language).verify_title);
        let page = pastes(&mut browser, "").await;
        page.sees(ProofTexts::of(language).verify_empty);
    }
}
