//! Receipts as people get them: what they just did at once, all that happened after a code.

use app::routes;
use app::texts::ProofTexts;
use axum::http::{Method, StatusCode};
use domain::change::WINDOW;
use domain::{Language, Position};
use jsonschema::Validator;
use serde_json::Value;
use server::proof::{check, publish_heads};

use crate::support::page::Page;
use crate::support::{Browser, ENGLISH, TestPortal, on_both_engines};

on_both_engines![
    whoever_came_by_a_link_gets_the_receipt_of_what_they_just_did_and_no_other,
    after_a_code_every_entry_has_its_receipt_and_says_what_the_ledger_says,
    asked_for_twice_a_receipt_is_the_same,
    every_act_of_a_visit_has_its_honest_state,
    an_acknowledgement_tells_nothing_of_whoever_is_or_is_not_known,
    nobody_gets_the_receipt_of_somebody_else,
    a_receipt_holds_no_address_and_no_number,
    where_nothing_had_to_change_there_is_no_receipt,
    a_receipt_speaks_the_language_of_its_entry_and_its_page_any,
    the_context_and_the_keys_are_there_for_everyone,
];

const PROOF: &ProofTexts = ProofTexts::of(Language::English);
const OFF: &str = "message:offers/email";

/// Whether a document is a receipt with all its fields.
fn is_whole(receipt: &Value) {
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/receipt.schema.json")).unwrap();
    let validator: Validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<_> = validator.iter_errors(receipt).map(|e| e.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}");
}

/// The receipt behind a number, whole and genuine.
pub async fn receipt(portal: &TestPortal, browser: &mut Browser, number: &str) -> Value {
    let answer = browser.asks(Method::GET, &routes::receipt_json(number)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/ld+json");
    let file = answer.header("content-disposition");
    assert!(file.starts_with("attachment; filename=\"receipt-") && file.ends_with(".json\""));
    let genuine = check(&answer.body, portal.service.vault.proof().published()).unwrap();
    is_whole(&genuine.receipt);
    genuine.receipt
}

/// The number in the address of the receipt that the status line offers.
fn offered(page: &Page) -> String {
    let links: Vec<_> = page.within("toast");
    let link = links.into_iter().find(|element| element.text == PROOF.receipt).expect("a receipt");
    link.get("href").unwrap().rsplit('/').next().unwrap().to_owned()
}

/// Answers a code.
pub async fn verifies(portal: &TestPortal, browser: &mut Browser) -> Page {
    browser.asks_for_a_code(None).await;
    browser.enters_code(&portal.mailbox.reads_code()).await
}

async fn whoever_came_by_a_link_gets_the_receipt_of_what_they_just_did_and_no_other(
    portal: &TestPortal,
) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("sharing").await;
    let page = browser.turns_off(OFF).await;
    let number = offered(&page);
    let shown = browser.opens(&routes::receipt(&number)).await;
    assert_eq!(shown.status, 200);
    shown.sees(PROOF.receipt_title);
    shown.sees("Offers and new products by email: turned off");
    shown.sees(PROOF.state_objected);
    shown.sees(&number);
    assert!(shown.source.contains("<svg"), "a code to scan");
    let document = receipt(portal, &mut browser, &number).await;
    assert_eq!(document["record"]["target"], OFF);
    assert_eq!(document["record"]["ledger"]["position"], 2);
    let by_place = receipt(portal, &mut browser, "2").await;
    assert_eq!(by_place, document);
    // The one before is only for whoever answers a code.
    for other in ["1", "3", "0", "-1"] {
        let answer = browser.asks(Method::GET, &routes::receipt(other)).await;
        assert_eq!(answer.location(), routes::CODE, "{other}");
        let answer = browser.asks(Method::GET, &routes::receipt_json(other)).await;
        assert_eq!(answer.location(), routes::CODE, "{other}");
    }
    for nonsense in ["x", "K7QD", "99999999999999999999"] {
        let answer = browser.asks(Method::GET, &routes::receipt(nonsense)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nonsense}");
    }
}

async fn after_a_code_every_entry_has_its_receipt_and_says_what_the_ledger_says(
    portal: &TestPortal,
) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("sharing").await;
    browser.pauses("90").await;
    browser.undoes().await;
    let page = verifies(portal, &mut browser).await;
    let entries = portal.entries_of(&customer).await;
    assert_eq!(entries.len(), 3);
    let links: Vec<_> = page.all("a").filter_map(|link| link.get("href")).collect();
    for (row, choice) in portal.ledger().await.iter().zip(&entries) {
        let number = choice.position.0.to_string();
        assert!(links.contains(&routes::receipt(&number).as_str()), "{links:?}");
        assert_eq!(browser.opens(&routes::receipt(&number)).await.status, 200);
        let document = receipt(portal, &mut browser, &number).await;
        let record = &document["record"];
        let hash = {
            use base64::Engine;
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&row.hash)
        };
        assert_eq!(record["ledger"]["hash"], hash.as_str());
        assert_eq!(record["target"], choice.entry.target.to_string());
        assert_eq!(record["act"], choice.entry.act.as_str());
        assert_eq!(record["source"], choice.entry.source.as_str());
        assert_eq!(record["reference"], choice.entry.reference.as_str());
    }
    // The record for machines and the receipts tell of the same entries.
    let log = browser.asks(Method::GET, routes::RECORD_JSON).await.json();
    assert_eq!(log["choices"].as_array().unwrap().len(), entries.len());
    let answer = browser.asks(Method::GET, &routes::receipt("4")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

async fn asked_for_twice_a_receipt_is_the_same(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let number = offered(&browser.turns_off(OFF).await);
    let first = browser.asks(Method::GET, &routes::receipt_json(&number)).await;
    portal.clock.moves(WINDOW + 1);
    let again = browser.asks(Method::GET, &routes::receipt_json(&number)).await;
    assert_eq!(first.body, again.body);
}

fn states(document: &Value, switch: &str) -> Vec<String> {
    let processes = document["record"]["processes"].as_array().unwrap();
    let process = processes.iter().find(|process| process["switch"] == switch).unwrap();
    let states = process["event"]["event_state"].as_array().unwrap();
    states.iter().map(|state| state.as_str().unwrap().to_owned()).collect()
}

async fn every_act_of_a_visit_has_its_honest_state(portal: &TestPortal) {
    const CONSENT: &str = "message:offers/text";
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    verifies(portal, &mut browser).await;
    let confirm = browser.asks_on(CONSENT).await;
    browser.submits(confirm.form(routes::DO_CONFIRM)).await;
    let asked = receipt(portal, &mut browser, "1").await;
    assert_eq!(states(&asked, CONSENT), ["dpv:ConsentRequested"]);
    let given = receipt(portal, &mut browser, "2").await;
    assert_eq!(states(&given, CONSENT), ["dpv:ConsentGiven", "dpv:OptingInToProcess"]);
    browser.turns_off("everything").await;
    let all = receipt(portal, &mut browser, "3").await;
    assert_eq!(states(&all, CONSENT), ["dpv:ConsentWithdrawn", "dpv:WithdrawingFromProcess"]);
    let objected = ["dpv:LegitimateInterestObjected", "dpv:ObjectingToProcess"];
    assert_eq!(states(&all, OFF), objected);
    let sold = ["dpv:LegitimateInterestObjected", "dpv:OptingOutFromProcess"];
    assert_eq!(states(&all, "share:advertising/adlane"), sold);
    // What never had a yes was refused, not withdrawn.
    let refused = ["dpv:ConsentRefused", "dpv:OptingOutFromProcess"];
    assert_eq!(states(&all, "share:safety-research/sichtfels"), refused);
    browser.undoes().await;
    let back = receipt(portal, &mut browser, "4").await;
    assert_eq!(back["record"]["act"], "undone");
    assert_eq!(back["record"]["taken_back"], "3");
    assert_eq!(states(&back, CONSENT), ["dpv:ConsentGiven", "dpv:OptingInToProcess"]);
    browser.pauses("30").await;
    let paused = receipt(portal, &mut browser, "5").await;
    assert_eq!(states(&paused, CONSENT), ["dpv:ConsentGiven", "dpv:OptingOutFromProcess"]);
    assert_eq!(
        paused["record"]["processes"][0]["event"]["validity_duration"]["@type"],
        "UntilTimeDuration"
    );
}

async fn an_acknowledgement_tells_nothing_of_whoever_is_or_is_not_known(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let clock = portal.clock.as_ref();
    publish_heads(portal.store(), portal.service.vault.proof(), clock).await.unwrap();
    // Known, unknown, and known with nothing left to change.
    let mut told = Vec::new();
    for contact in ["mira@example.com", "nobody@example.com", "mira@example.com"] {
        let mut browser = portal.browser();
        let page = browser.opts_out_by_form(contact, "everything").await;
        page.sees(&ENGLISH.form_done[..5]);
        let number = offered(&page);
        let shown = browser.opens(&routes::receipt(&number)).await;
        shown.sees("does not say whether we know it");
        shown.sees_nothing_of("example.com");
        let mut document = receipt(portal, &mut browser, &number).await;
        let record = &mut document["record"];
        assert_eq!(record["ledger"]["@type"], "LedgerHead");
        assert_eq!(record["ledger"].get("position"), None);
        assert_eq!(states(&document, "message:offers/text"), ["dpv:OptingOutFromProcess"]);
        // Only what differs from one press to the next, or from one address to the next.
        let mut text = document["record"].to_string();
        for part in ["reference", "record_id", "pii_principal_id"] {
            text = text.replace(document["record"][part].as_str().unwrap(), "");
        }
        told.push(text);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    assert_eq!(portal.ledger().await.len(), 2);
}

async fn nobody_gets_the_receipt_of_somebody_else(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let tom = portal.customer("tom@example.com").await;
    let mut hers = portal.browser();
    hers.opens_link(&mira).await;
    let number = offered(&hers.turns_off(OFF).await);
    let mut stranger = portal.browser();
    for path in [routes::receipt(&number), routes::receipt("1"), routes::receipt_json("1")] {
        assert_eq!(stranger.asks(Method::GET, &path).await.location(), routes::CODE);
    }
    let mut his = portal.browser();
    his.opens_link(&tom).await;
    his.turns_off(OFF).await;
    assert_eq!(his.asks(Method::GET, &routes::receipt("1")).await.location(), routes::CODE);
    verifies(portal, &mut his).await;
    for path in [routes::receipt(&number), routes::receipt("1"), routes::receipt_json("1")] {
        assert_eq!(his.asks(Method::GET, &path).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(his.opens(&routes::receipt("2")).await.status, 200);
    // Whoever says "not me" on a shared computer takes the receipt along.
    let page = hers.opens(routes::CHOICES).await;
    hers.submits(page.form(routes::LEAVE)).await;
    assert_eq!(hers.asks(Method::GET, &routes::receipt(&number)).await.location(), routes::CODE);
}

async fn a_receipt_holds_no_address_and_no_number(portal: &TestPortal) {
    let customer = portal.customer("canary.bird@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let number = offered(&browser.turns_off("everything").await);
    let text = receipt(portal, &mut browser, &number).await.to_string();
    let page = browser.opens(&routes::receipt(&number)).await;
    let id = customer.person.0.to_string();
    for secret in ["canary", "•", &customer.token, &id, &id.replace('-', "")] {
        assert!(!text.contains(secret), "{secret}");
        page.sees_nothing_of(secret);
    }
}

async fn where_nothing_had_to_change_there_is_no_receipt(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("everything").await;
    portal.clock.moves(WINDOW + 1);
    let answer = browser.posts(routes::CHOOSE, &[("off", "everything")]).await;
    let page = browser.opens(answer.location()).await;
    page.sees(ENGLISH.saved_nothing);
    let links = page.within("toast");
    assert!(!links.iter().any(|element| element.text == PROOF.receipt));
}

async fn a_receipt_speaks_the_language_of_its_entry_and_its_page_any(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser().reading("de");
    browser.opens_link(&customer).await;
    browser.turns_off("everything").await;
    for language in Language::ALL {
        let path = routes::in_language(&routes::receipt("1"), language);
        let page = browser.opens(&path).await;
        assert_eq!(page.status, 200);
        page.sees(ProofTexts::of(language).receipt_title);
    }
    let document = receipt(portal, &mut browser, "1").await;
    assert_eq!(document["record"]["language"], "de");
    assert_eq!(document["record"]["subject"], "Alles");
    assert_eq!(portal.ledger().await[0].choice.position, Position(1));
}

async fn the_context_and_the_keys_are_there_for_everyone(portal: &TestPortal) {
    let mut browser = portal.browser();
    let context = browser.asks(Method::GET, routes::RECEIPT_CONTEXT).await;
    assert_eq!(context.header("content-type"), "application/ld+json");
    assert!(serde_json::from_slice::<Value>(&context.body).unwrap()["@context"].is_object());
    let keys = browser.asks(Method::GET, routes::KEYS).await;
    assert_eq!(keys.header("content-type"), "application/jwk-set+json");
    let keys: Value = serde_json::from_slice(&keys.body).unwrap();
    let current = portal.service.vault.proof().current().unwrap();
    assert_eq!(keys["keys"][0]["kid"], current);
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
    assert_eq!(keys["keys"][0].get("d"), None, "never the secret");
}
