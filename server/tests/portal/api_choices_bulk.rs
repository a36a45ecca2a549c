//! Many choices in one request.

use axum::body::Body;
use axum::http::{Request, header};
use domain::Act;
use serde_json::{Value, json};
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;

use crate::support::client::Client;
use crate::support::{Answer, TestPortal, on_both_engines};

on_both_engines![
    each_choice_stands_for_itself_in_both_forms,
    choices_of_one_person_keep_their_order,
    a_thousand_are_all_answered_and_all_there,
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

async fn a_body_of_no_form_is_a_problem(portal: &TestPortal) {
    let client = portal.client(&[Scope::Choices]).await;
    sends(&client, "text/csv", "a,b".into()).await.is_problem(Kind::UnsupportedMediaType);
    sends(&client, "application/json", "{}".into()).await.is_problem(Kind::Malformed);
    let large = " ".repeat(8 * 1024 * 1024 + 1);
    sends(&client, "application/x-ndjson", large).await.is_problem(Kind::TooLarge);
    assert!(lines(&sends(&client, "application/x-ndjson", String::new()).await).is_empty());
}
