//! Choices that were made elsewhere: protecting always counts, loosening needs evidence.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::{Method, header};
use domain::choice::Actor;
use domain::moment::{DAY, HOUR, MINUTE};
use domain::outbox::GATHER;
use domain::{Act, Moment, Source};
use serde_json::{Value, json};
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::api::{Options, paths};
use server::ports::Clock;
use server::tell::rfc3339;
use server::web::{Web, router};

use crate::support::client::{Client, json as request};
use crate::support::portal::BASE_URL;
use crate::support::{Answer, Key, Newcomer, TestPortal, on_both_engines};

on_both_engines![
    an_opt_out_told_by_a_system_is_in_the_ledger_and_on_the_page,
    what_staff_heard_says_so_and_is_confirmed,
    an_opt_out_makes_a_record_of_somebody_unknown,
    a_yes_counts_where_no_was_never_said,
    after_a_no_a_yes_needs_evidence_that_is_newer,
    nobody_unknown_is_opted_in,
    a_pause_runs_from_when_it_was_made,
    a_request_of_the_same_name_is_done_once,
    a_name_whose_request_never_ended_is_free_after_a_minute,
    a_request_of_the_same_name_that_is_on_its_way_is_not_done_beside_it,
    a_limited_key_records_only_its_targets,
    no_limit_stands_in_the_way_of_an_opt_out,
    what_can_t_be_taken_changes_nothing_and_is_not_repeated,
];

fn opt_out(email: &str, target: &str) -> Value {
    json!({ "person": { "email": email }, "target": target, "act": "opt_out" })
}

fn opt_in(email: &str, target: &str) -> Value {
    json!({ "person": { "email": email }, "target": target, "act": "opt_in" })
}

async fn tells(client: &Client, body: &Value) -> Answer {
    client.posts(paths::CHOICES, body).await
}

async fn client(portal: &TestPortal) -> Client {
    portal.client(&[Scope::Choices]).await
}

async fn an_opt_out_told_by_a_system_is_in_the_ledger_and_on_the_page(portal: &TestPortal) {
    let (mira, client) = (portal.customer("mira@example.com").await, client(portal).await);
    let made = Moment(portal.clock.now().0 - HOUR);
    let mut body = opt_out("Mira@Example.com ", "message:offers/email");
    body["at"] = json!(rfc3339(made));
    body["detail"] = json!("checkout");
    body["language"] = json!("de-AT");
    let answer = tells(&client, &body).await.json();
    let entries = portal.entries_of(&mira).await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0].entry;
    assert_eq!(
        (entry.act, entry.source, entry.actor),
        (Act::Withdrawn, Source::Api, Actor::System)
    );
    assert_eq!((entry.at, entry.language.tag()), (made, "de"));
    let expected = json!({ "reference": entry.reference, "entries": 1, "position": 1 });
    assert_eq!(answer, expected);
    let page = portal.browser().opens_link(&mira).await;
    assert!(!page.is_on("message:offers/email"));
    assert_eq!(tells(&client, &body).await.json()["entries"], 0, "told twice, there once");
    assert!(portal.verifies().await.is_ok());
}

async fn what_staff_heard_says_so_and_is_confirmed(portal: &TestPortal) {
    let (mira, client) = (portal.customer("mira@example.com").await, client(portal).await);
    let mut body = opt_out("mira@example.com", "message:offers/email");
    body["manner"] = json!("phone");
    assert_eq!(tells(&client, &body).await.json()["entries"], 1);
    let entry = portal.entries_of(&mira).await.remove(0).entry;
    assert_eq!((entry.source, entry.actor), (Source::StaffPhone, Actor::Staff));
    portal.clock.moves(GATHER);
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    let letter = portal.mailbox.reads();
    assert!(letter.body.contains("Offers and new products by email: turned off"), "M-11");
    assert!(letter.body.contains(entry.reference.as_str()));
}

async fn an_opt_out_makes_a_record_of_somebody_unknown(portal: &TestPortal) {
    let client = client(portal).await;
    for person in [
        json!({ "email": "new@example.com" }),
        json!({ "phone": "020 7946 0018" }),
        json!({ "customer_number": " N-1 " }),
    ] {
        let body = json!({ "person": person, "target": "everything", "act": "opt_out" });
        assert_eq!(tells(&client, &body).await.json()["entries"], 1);
        assert_eq!(tells(&client, &body).await.json()["entries"], 0);
    }
    assert_eq!(portal.store().count_people().await.unwrap(), 3);
    assert!(!crate::support::place::holds(&portal.place.dump().await, b"new@example.com"));
}

async fn a_yes_counts_where_no_was_never_said(portal: &TestPortal) {
    let (mira, client) = (portal.customer("mira@example.com").await, client(portal).await);
    let answer = tells(&client, &opt_in("mira@example.com", "message:offers/text")).await;
    assert_eq!(answer.json()["entries"], 1);
    assert_eq!(portal.entries_of(&mira).await[0].entry.act, Act::Granted);
    assert!(portal.browser().opens_link(&mira).await.is_on("message:offers/text"));
    let again = tells(&client, &opt_in("mira@example.com", "message:offers/text")).await;
    assert_eq!(again.json()["entries"], 0);
}

async fn after_a_no_a_yes_needs_evidence_that_is_newer(portal: &TestPortal) {
    let (mira, client) = (portal.customer("mira@example.com").await, client(portal).await);
    let before = portal.clock.now();
    portal.clock.moves(HOUR);
    tells(&client, &opt_out("mira@example.com", "everything")).await.json();
    let mut yes = opt_in("mira@example.com", "message:offers/email");
    tells(&client, &yes).await.is_problem(Kind::NeedsEvidence);
    let steps = |from: Moment| {
        json!({
            "requested_at": rfc3339(from),
            "confirmed_at": rfc3339(from.plus(MINUTE)),
            "reference": "double-opt-in/7",
        })
    };
    yes["evidence"] = steps(before);
    tells(&client, &yes).await.is_problem(Kind::Conflict);
    portal.clock.moves(HOUR);
    let after = portal.clock.now().plus(-MINUTE * 2);
    yes["evidence"] = steps(after);
    assert_eq!(tells(&client, &yes).await.json()["entries"], 2);
    let entries = portal.entries_of(&mira).await;
    let acts: Vec<_> = entries.iter().map(|choice| (choice.entry.act, choice.entry.at)).collect();
    assert_eq!(acts[1..], [(Act::Requested, after), (Act::Granted, after.plus(MINUTE))]);
    let page = portal.browser().opens_link(&mira).await;
    assert!(page.is_on("message:offers/email"));
    assert!(!page.is_on("share:advertising/adlane"), "nothing else was turned on");
    yes["target"] = json!("marketing");
    tells(&client, &yes).await.is_problem(Kind::Invalid);
}

async fn nobody_unknown_is_opted_in(portal: &TestPortal) {
    let client = client(portal).await;
    let answer = tells(&client, &opt_in("who@example.com", "message:offers/email")).await;
    answer.is_problem(Kind::UnknownPerson);
    assert_eq!(portal.store().count_people().await.unwrap(), 0);
}

async fn a_pause_runs_from_when_it_was_made(portal: &TestPortal) {
    let (mira, client) = (portal.customer("mira@example.com").await, client(portal).await);
    let made = Moment(portal.clock.now().0 - DAY);
    let mut body = json!({
        "person": { "email": "mira@example.com" }, "target": "marketing", "act": "pause",
        "days": 10, "at": rfc3339(made),
    });
    assert_eq!(tells(&client, &body).await.json()["entries"], 1);
    let until = made.plus(10 * DAY);
    assert_eq!(portal.entries_of(&mira).await[0].entry.act, Act::Paused { until });
    body["days"] = json!(9);
    assert_eq!(tells(&client, &body).await.json()["entries"], 0, "a shorter one changes nothing");
    body["days"] = json!(1);
    assert_eq!(tells(&client, &body).await.json()["entries"], 0, "nor one that is over");
}

fn named(name: &str, body: &Value) -> axum::http::Request<axum::body::Body> {
    let mut request = request(Method::POST, paths::CHOICES, body);
    request.headers_mut().insert("idempotency-key", name.parse().unwrap());
    request
}

async fn a_request_of_the_same_name_is_done_once(portal: &TestPortal) {
    let (one, other) = (client(portal).await, client(portal).await);
    let (stop, more) = (opt_out("a@example.com", "marketing"), opt_out("b@example.com", "sharing"));
    let first = one.sends(named("n-1", &stop)).await.json();
    assert_eq!(first["entries"], 1);
    assert_eq!(one.sends(named("n-1", &stop)).await.json(), first, "A-14: the same answer");
    one.sends(named("n-1", &more)).await.is_problem(Kind::KeyReused);
    assert_eq!(portal.ledger().await.len(), 1);
    assert_eq!(other.sends(named("n-1", &more)).await.json()["entries"], 1, "another's name");
    let bad = opt_out("no address", "marketing");
    one.sends(named("n-2", &bad)).await.is_problem(Kind::Invalid);
    assert_eq!(one.sends(named("n-2", &more)).await.status, 200, "a failure keeps no name");
    for name in [&*"x".repeat(256), "two words"] {
        one.sends(named(name, &stop)).await.is_problem(Kind::Malformed);
    }
    portal.clock.moves(DAY);
    portal.store().delete_expired(portal.clock.now().0).await.unwrap();
    assert_eq!(one.sends(named("n-1", &more)).await.json()["entries"], 0, "kept for a day");
}

async fn a_name_whose_request_never_ended_is_free_after_a_minute(portal: &TestPortal) {
    let client = client(portal).await;
    let now = portal.clock.now().0;
    let stop = opt_out("a@example.com", "marketing");
    let held = client.sends(named("n-1", &stop)).await.json();
    assert_eq!(held["entries"], 1);
    let claim = portal.store().insert_claim(client.id(), "n-2", b"", now, now - MINUTE).await;
    assert_eq!(claim.unwrap(), None);
    client.sends(named("n-2", &stop)).await.is_problem(Kind::KeyReused);
    portal.clock.moves(MINUTE);
    assert_eq!(client.sends(named("n-2", &stop)).await.status, 200);
}

async fn a_request_of_the_same_name_that_is_on_its_way_is_not_done_beside_it(portal: &TestPortal) {
    let client = client(portal).await;
    let now = portal.clock.now().0;
    let stop = opt_out("a@example.com", "marketing");
    client.sends(named("n-1", &stop)).await.json();
    let claim = async |name: &'static str, request: &[u8]| {
        let claim = portal.store().insert_claim(client.id(), name, request, now, now - MINUTE);
        claim.await.unwrap()
    };
    // What the request is known by again, from one that has its answer.
    let digest = claim("n-1", b"").await.unwrap().request;
    assert_eq!(claim("n-2", &digest).await, None, "another node has it");
    let answer = client.sends(named("n-2", &stop)).await;
    answer.is_problem(Kind::InFlight);
    assert_eq!(answer.header("retry-after"), "1");
    portal.store().record_answer(client.id(), "n-2", 200, b"{}").await.unwrap();
    assert_eq!(client.sends(named("n-2", &stop)).await.json(), json!({}));
}

async fn a_limited_key_records_only_its_targets(portal: &TestPortal) {
    let key = Key { scopes: &[Scope::Choices], targets: &["topic:offers"], system: None };
    let client = portal.client_with(key).await;
    let told = tells(&client, &opt_out("a@example.com", "message:offers/email")).await;
    assert_eq!(told.status, 200);
    for target in ["marketing", "everything", "message:trips/email", "share:advertising/adlane"] {
        tells(&client, &opt_out("a@example.com", target)).await.is_problem(Kind::TargetNotAllowed);
    }
    assert_eq!(portal.ledger().await.len(), 1);
}

async fn no_limit_stands_in_the_way_of_an_opt_out(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let options = Options { rate: NonZeroU32::new(1), ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let client = client(portal).await.moved_to(node);
    let yes = opt_in("mira@example.com", "message:offers/text");
    for _ in 0..2 {
        assert_eq!(tells(&client, &yes).await.status, 200);
    }
    tells(&client, &yes).await.is_problem(Kind::TooMany);
    for turn in 0..20 {
        let answer = tells(&client, &opt_out(&format!("c{turn}@example.com"), "marketing")).await;
        assert_eq!(answer.status, 200);
    }
}

async fn what_can_t_be_taken_changes_nothing_and_is_not_repeated(portal: &TestPortal) {
    let newcomer = Newcomer {
        email: Some("young@example.com"),
        birth_year: Some(2015),
        ..Newcomer::default()
    };
    portal.knows(newcomer).await;
    let client = client(portal).await;
    let soon = rfc3339(portal.clock.now().plus(2 * MINUTE));
    let person = json!({ "email": "canary@example.com" });
    let with = |more: Value| {
        let mut body = json!({ "person": person, "target": "marketing", "act": "opt_out" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, kind) in [
        (json!({ "person": { "email": "canary" } }), Kind::Invalid),
        (json!({ "person": {} }), Kind::Invalid),
        (json!({ "person": { "email": "canary@example.com", "phone": "1" } }), Kind::Invalid),
        (json!({ "person": { "phone": "canary" } }), Kind::Invalid),
        (json!({ "person": { "customer_number": " " } }), Kind::Invalid),
        (json!({ "person": "canary@example.com" }), Kind::Malformed),
        (json!({ "person": ["canary@example.com", null, null] }), Kind::Malformed),
        (json!({ "target": "canary@example.com" }), Kind::Invalid),
        (json!({ "target": "message:horoscopes/email" }), Kind::Invalid),
        (json!({ "target": "exception:tax" }), Kind::Invalid),
        (json!({ "act": "canary@example.com" }), Kind::Malformed),
        (json!({ "canary@example.com": 1 }), Kind::Malformed),
        (json!({ "at": soon }), Kind::Invalid),
        (json!({ "at": "canary@example.com" }), Kind::Malformed),
        (json!({ "days": 30 }), Kind::Invalid),
        (json!({ "act": "pause" }), Kind::Invalid),
        (json!({ "act": "pause", "days": 0 }), Kind::Invalid),
        (json!({ "act": "pause", "days": 30.5 }), Kind::Malformed),
        (json!({ "act": "pause", "days": 30.0, "target": "sharing" }), Kind::Invalid),
        (json!({ "act": "pause", "days": 30, "target": "sharing" }), Kind::Invalid),
        (json!({ "detail": "" }), Kind::Invalid),
        (json!({ "detail": "x".repeat(201) }), Kind::Invalid),
        (json!({ "language": "tlh" }), Kind::Invalid),
        (json!({ "manner": "canary@example.com" }), Kind::Malformed),
        (json!({ "manner": "phone", "act": "opt_in" }), Kind::Invalid),
        (json!({ "act": "opt_in" }), Kind::UnknownPerson),
        (json!({ "act": "opt_in", "target": "message:offers/email" }), Kind::UnknownPerson),
        (
            json!({ "person": { "email": "young@example.com" }, "act": "opt_in",
                 "target": "share:advertising/adlane" }),
            Kind::Conflict,
        ),
    ] {
        let answer = tells(&client, &with(more.clone())).await;
        let document = answer.is_problem(kind);
        assert!(!answer.text().contains("canary"), "{more}: {document}");
    }
    let mut form = request(Method::POST, paths::CHOICES, &with(json!({})));
    form.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    client.sends(form).await.is_problem(Kind::UnsupportedMediaType);
    let large = with(json!({ "detail": "x".repeat(70_000) }));
    tells(&client, &large).await.is_problem(Kind::TooLarge);
    assert!(portal.ledger().await.is_empty());
}
