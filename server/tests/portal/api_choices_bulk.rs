//! Many choices in one request.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use domain::Act;
use domain::moment::{HOUR, MINUTE};
use serde_json::{Value, json};
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::api::{Options, paths};
use server::ports::Clock;
use server::tell::rfc3339;
use server::web::{Web, router};

use crate::support::client::Client;
use crate::support::portal::BASE_URL;
use crate::support::{Answer, TestPortal, on_both_engines};

on_both_engines![
    each_choice_stands_for_itself_in_both_forms,
    choices_of_one_person_keep_their_order,
    a_thousand_are_all_answered_and_all_there,
    a_name_keeps_only_an_answer_of_which_every_line_was_recorded,
    a_body_of_no_form_is_a_problem,
];

async fn sends(client: &Client, kind: &str, body: String) -> Answer {
    let request = Request::post(paths::CHOICES_BULK).header(header::CONTENT_TYPE, kind);
    client.sends(request.body(Body::from(body)).unwrap()).await
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), "application/x-ndjson", "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn choice(email: &str, target: &str, act: &str) -> Value {
    json!({ "person": { "email": email }, "target": target, "act": act })
}

async fn each_choice_stands_for_itself_in_both_forms(portal: &TestPortal) {
    let client = portal.client(&[Scope::Choices]).await;
    let good = |n: u8| choice(&format!("c{n}@example.com"), "marketing", "opt_out");
    let bad = choice("no address", "marketing", "opt_out");
    let text = format!("{}\r\n\n{bad}\nnot json\n{}", good(1), good(2));
    let answered = lines(&sends(&client, "application/x-ndjson", text).await);
    let statuses: Vec<_> = answered.iter().map(|line| line["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 422, 400, 200]);
    assert_eq!(answered[1]["type"], "/problems/invalid-value");
    assert_eq!(answered[3]["line"], 4);
    assert_eq!(answered[3]["entries"], 1);
    let list = json!([good(3), 7, good(4)]);
    let answered = lines(&sends(&client, "application/json", list.to_string()).await);
    let statuses: Vec<_> = answered.iter().map(|line| line["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 400, 200]);
    assert_eq!(portal.ledger().await.len(), 4);
}

async fn choices_of_one_person_keep_their_order(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let client = portal.client(&[Scope::Choices]).await;
    let target = "message:offers/text";
    let all: Vec<_> =
        ["opt_in", "opt_out", "opt_in"].map(|act| choice("mira@example.com", target, act)).to_vec();
    let answered = lines(&sends(&client, "application/json", json!(all).to_string()).await);
    assert_eq!(answered[2]["type"], "/problems/needs-evidence");
    let entries = portal.entries_of(&mira).await;
    let acts: Vec<_> = entries.iter().map(|choice| choice.entry.act).collect();
    assert_eq!(acts, [Act::Granted, Act::Withdrawn]);
}

async fn a_thousand_are_all_answered_and_all_there(portal: &TestPortal) {
    let client = portal.client(&[Scope::Choices]).await;
    let line = |n| choice(&format!("c{n}@example.com"), "sharing", "opt_out").to_string();
    let text = (0..1_000).map(line).collect::<Vec<_>>().join("\n");
    let answered = lines(&sends(&client, "application/x-ndjson", text).await);
    assert_eq!(answered.len(), 1_000);
    assert!(answered.iter().all(|line| line["entries"] == 1));
    assert_eq!(portal.ledger().await.len(), 1_000);
    assert!(portal.verifies().await.is_ok());
}

async fn sends_named(client: &Client, name: &str, choices: &[Value]) -> Vec<Value> {
    let request = Request::post(paths::CHOICES_BULK)
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", name);
    lines(&client.sends(request.body(Body::from(json!(choices).to_string())).unwrap()).await)
}

fn statuses(answered: &[Value]) -> Vec<u64> {
    answered.iter().map(|line| line["status"].as_u64().unwrap()).collect()
}

async fn a_name_keeps_only_an_answer_of_which_every_line_was_recorded(portal: &TestPortal) {
    let options = Options { rate: NonZeroU32::new(1), ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let client = portal.client(&[Scope::Choices]).await.moved_to(node);
    let mut yes = Vec::new();
    for n in 1..4 {
        let email = format!("c{n}@example.com");
        portal.customer(&email).await;
        yes.push(choice(&email, "message:offers/text", "opt_in"));
    }
    // All that may come at once.
    assert_eq!(statuses(&sends_named(&client, "n-1", &yes[..2]).await), [200, 200]);
    let choices = [choice("c0@example.com", "marketing", "opt_out"), yes[2].clone()];
    assert_eq!(statuses(&sends_named(&client, "n-2", &choices).await), [200, 429]);
    portal.clock.moves(MINUTE);
    let passed = sends_named(&client, "n-2", &choices).await;
    assert_eq!(statuses(&passed), [200, 200]);
    assert_eq!((&passed[0]["entries"], &passed[1]["entries"]), (&json!(0), &json!(1)));
    assert_eq!(sends_named(&client, "n-2", &choices).await, passed, "as it was answered before");
    // Somebody unknown may be put meanwhile, what lies ahead of the clock will have been.
    let stranger = choice("c9@example.com", "message:offers/text", "opt_in");
    let mut early = choice("c8@example.com", "sharing", "opt_out");
    early["at"] = json!(rfc3339(portal.clock.now().plus(HOUR)));
    let choices = [stranger, early];
    assert_eq!(statuses(&sends_named(&client, "n-3", &choices).await), [404, 422]);
    portal.customer("c9@example.com").await;
    portal.clock.moves(HOUR);
    assert_eq!(statuses(&sends_named(&client, "n-3", &choices).await), [200, 200]);
}

async fn a_body_of_no_form_is_a_problem(portal: &TestPortal) {
    let client = portal.client(&[Scope::Choices]).await;
    sends(&client, "text/csv", "a,b".into()).await.is_problem(Kind::UnsupportedMediaType);
    sends(&client, "application/json", "{}".into()).await.is_problem(Kind::Malformed);
    let large = " ".repeat(8 * 1024 * 1024 + 1);
    sends(&client, "application/x-ndjson", large).await.is_problem(Kind::TooLarge);
    assert!(lines(&sends(&client, "application/x-ndjson", String::new()).await).is_empty());
}
