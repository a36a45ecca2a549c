//! Authorized agents by the Data Rights Protocol 1.0 (D-01 to D-12, S-05).

use axum::http::Method;
use domain::choice::Actor;
use domain::contact::IdentifierKind;
use domain::moment::DAY;
use domain::request::{Manner, Nature, Response as Answered};
use domain::{Act, Reason, Source};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use server::agent::Courier;
use server::gate::Subject;
use server::inbound::open_text;
use server::store::Closing;
use server::tell::HttpPost;
use std::sync::Arc;
use std::time::Duration;

use crate::support::agent::{Agent, BUSINESS, signed, signed_bytes};
use crate::support::portal::BASE_URL;
use crate::support::receiver::Receiver;
use crate::support::{Answer, TestPortal, on_both_engines, on_sqlite};

on_both_engines!(
    a_sale_opt_out_is_in_force_before_the_agent_is_answered,
    a_message_with_one_broken_rule_does_nothing,
    a_token_is_given_to_whom_the_directory_has,
    the_oldest_of_many_tokens_end,
    only_the_agent_that_made_a_request_may_look_at_it_or_revoke_it,
    deletion_and_access_wait_for_staff_and_an_opt_in_for_the_customer,
    the_same_message_twice_is_one_request,
    a_revoked_opt_out_stays_in_force,
    agents_are_told_of_changes,
    an_opt_out_is_done_once_what_held_before_is_confirmed_too,
    who_is_named_by_neither_address_nor_number_is_looked_for_by_staff,
);
on_sqlite!(
    errors_are_json_of_the_protocol,
    a_callback_into_a_private_network_is_not_called,
    unknown_people_are_remembered,
    without_a_directory_there_is_nothing,
);

const AD: &str = "share:advertising/adlane";
const REQUESTS: &str = "/v1/data-rights-request";

async fn reason(portal: &TestPortal, email: &str) -> Reason {
    let subject = Subject::read(IdentifierKind::Email, email, "GB").unwrap();
    portal.service.decide(&subject, &AD.parse().unwrap()).await.unwrap().decision.reason
}

/// Makes sure that a status object is as the protocol has it (D-07).
pub fn is_status(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let status = answer.json();
    let fields = status.as_object().unwrap();
    let known = [
        "request_id",
        "received_at",
        "expected_by",
        "agent_request_id",
        "processing_details",
        "status",
        "reason",
        "user_verification_url",
    ];
    assert!(fields.keys().all(|name| known.contains(&name.as_str())), "{status}");
    let id = status["request_id"].as_str().unwrap();
    assert!(id.parse::<uuid::Uuid>().is_ok());
    for name in ["received_at", "expected_by"] {
        let Some(time) = fields.get(name) else { continue };
        let time = time.as_str().unwrap();
        assert!(time.ends_with("+00:00") && time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    }
    let reasons: &[Option<&str>] = match status["status"].as_str().unwrap() {
        "in_progress" => &[None, Some("need_user_verification")],
        "denied" => &[Some("no_match"), Some("insuf_verification")],
        "open" | "fulfilled" | "revoked" | "expired" => &[None],
        other => panic!("no status: {other}"),
    };
    assert!(reasons.contains(&status["reason"].as_str()), "{status}");
    status
}

/// Makes sure that an answer is an error of the protocol (D-06, D-09).
fn is_fault(answer: &Answer, code: u16, fatal: bool) {
    assert_eq!(answer.status, code, "{}", answer.text());
    let fault = answer.json();
    assert_eq!(fault["code"], code.to_string());
    assert!(fault["message"].as_str().is_some_and(|message| message.ends_with('.')));
    assert_eq!(fault["fatal"].as_bool().unwrap_or(false), fatal, "{fault}");
}

async fn a_sale_opt_out_is_in_force_before_the_agent_is_answered(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    assert_eq!(reason(portal, "mira@example.com").await, Reason::NoObjection);
    let agent = portal.known_agent(0).await;
    for path in [REQUESTS, "/v1/data-rights-request/"] {
        let request = agent.request(portal, "sale:opt-out", "mira@example.com");
        let body = signed(&agent.key, &request.to_string());
        let status = is_status(&agent.sends(Method::POST, path, body).await);
        assert_eq!(status["status"], "in_progress");
        assert_eq!(status["agent_request_id"], "a-1");
        // Monday 15 June 2026: fifteen business days on is Monday 6 July, in London.
        assert_eq!(status["expected_by"], "2026-07-06T22:59:59+00:00");
        portal.clock.moves(1000);
    }
    assert_eq!(reason(portal, "mira@example.com").await, Reason::OptedOut);
    let entries = portal.entries_of(&mira).await;
    let notice = portal.service.notices.current();
    let sold = notice.catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
    assert_eq!(entries.len(), sold.count(), "and once");
    for choice in entries {
        let entry = choice.entry;
        assert_eq!(
            (entry.source, entry.actor, entry.act),
            (Source::Agent, Actor::Agent, Act::Withdrawn)
        );
    }
    assert_eq!(portal.mailbox.unread(), 0, "nobody is asked to verify or confirm (S-05)");
}

/// Breaks one rule of a message.
type Breaks = fn(&mut Value);
/// A rule, how to break it, and what the answer is then.
type Broken = (&'static str, Breaks, u16, bool);

const BROKEN: [Broken; 14] = [
    ("another agent", |message| message["agent-id"] = json!("OTHER_AGENT"), 403, false),
    ("another business", |message| message["business-id"] = json!("ELSEWHERE"), 403, false),
    ("from the future", |m| m["issued-at"] = json!("2026-06-15T09:31:00+00:00"), 400, false),
    ("expired", |message| message["expires-at"] = json!("2026-06-15T09:30:00+00:00"), 400, true),
    ("valid for a day", |m| m["expires-at"] = json!("2026-06-16T09:30:00+00:00"), 400, false),
    ("no time", |message| message["issued-at"] = json!("yesterday"), 400, false),
    ("no end", |message| message["expires-at"] = Value::Null, 400, false),
    ("another version", |message| message["drp.version"] = json!("0.9"), 400, false),
    ("no right", |message| message["exercise"] = json!("sale:everything"), 400, false),
    ("two rights", |message| message["exercise"] = json!(["sale:opt-out"]), 400, false),
    ("another regime", |message| message["regime"] = json!("gdpr"), 400, false),
    ("a long id", |message| message["agent-request-id"] = json!("x".repeat(501)), 400, false),
    ("no agent", |message| drop(message.as_object_mut().unwrap().remove("agent-id")), 400, false),
    ("an address that is none", |message| message["email"] = json!(7), 400, false),
];

async fn a_message_with_one_broken_rule_does_nothing(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let agent = portal.known_agent(0).await;
    for (rule, breaks, code, fatal) in BROKEN {
        let mut request = agent.request(portal, "sale:opt-out", "mira@example.com");
        breaks(&mut request);
        let answer = agent.exercises(&request).await;
        assert_eq!(answer.status, code, "{rule}: {}", answer.text());
        is_fault(&answer, code, fatal);
    }
    let good = agent.request(portal, "sale:opt-out", "mira@example.com").to_string();
    let other = SigningKey::from_bytes(&[2; 32]);
    let changed = signed(&agent.key, &good).replace("IjE", "IjA").replace("bWly", "bWls");
    for (rule, body, code) in [
        ("not base64", "not base64 at all!".to_owned(), 400),
        ("base64 of nothing", "AAAA".to_owned(), 400),
        ("nothing", String::new(), 400),
        ("by another agent's key", signed(&other, &good), 403),
        ("a letter changed", changed, 403),
        ("not signed", base64_of(&good), 403),
        ("no JSON", signed(&agent.key, "sale:opt-out"), 400),
        ("nested without end", signed(&agent.key, &"[".repeat(40_000)), 400),
        ("bytes that are no text", signed_bytes(&agent.key, &[0xff; 300]), 400),
        ("too large", "A".repeat(70_000), 400),
    ] {
        let answer = agent.sends(Method::POST, REQUESTS, body).await;
        assert_eq!(answer.status, code, "{rule}: {}", answer.text());
        is_fault(&answer, code, false);
    }
    for (rule, token, code) in [("no token", "", 401), ("a token that was never given", "x", 403)] {
        let stranger = Agent { token: token.into(), ..agent.clone() };
        let request = agent.request(portal, "sale:opt-out", "mira@example.com");
        let answer = stranger.exercises(&request).await;
        assert_eq!(answer.status, code, "{rule}");
        is_fault(&answer, code, false);
    }
    assert!(portal.ledger().await.is_empty());
    assert_eq!(reason(portal, "mira@example.com").await, Reason::NoObjection);
    assert!(
        portal.store().list_open_agent_requests(uuid::Uuid::nil(), 10).await.unwrap().is_empty()
    );
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

async fn the_oldest_of_many_tokens_end(portal: &TestPortal) {
    let (other, mut known) = (portal.known_agent(1).await, Vec::new());
    for _ in 0..13 {
        portal.clock.moves(DAY + 1);
        known.push(portal.known_agent(0).await);
    }
    let works = async |agent: &Agent| {
        let path = format!("/v1/agent/{}", agent.id);
        agent.sends(Method::GET, &path, String::new()).await.status == 200
    };
    // The newest ten, and those of the last day.
    for (place, agent) in known.iter().enumerate() {
        assert_eq!(works(agent).await, place >= 3, "token {place}");
    }
    assert!(works(&other).await, "another agent's token stays");
}

async fn a_token_is_given_to_whom_the_directory_has(portal: &TestPortal) {
    let agent = portal.agent(0);
    let broken: [(&str, Breaks); 6] = [
        ("another agent", |message| message["agent-id"] = json!("OTHER_AGENT")),
        ("another business", |message| message["business-id"] = json!("ELSEWHERE")),
        ("from the future", |m| m["issued-at"] = json!("2026-06-15T09:31:00+00:00")),
        ("expired", |message| message["expires-at"] = json!("2026-06-15T09:29:59+00:00")),
        ("another version", |message| message["drp.version"] = json!("0.9")),
        ("no business", |m| drop(m.as_object_mut().unwrap().remove("business-id"))),
    ];
    let mut refused = Vec::new();
    for (rule, breaks) in broken {
        let mut envelope = agent.envelope(portal);
        breaks(&mut envelope);
        refused.push((rule, agent.sets_up(&envelope).await));
    }
    let good = agent.envelope(portal);
    let stranger = Agent { id: "UNKNOWN".into(), ..agent.clone() };
    refused.push(("not in the directory", stranger.sets_up(&stranger.envelope(portal)).await));
    let thief = Agent { key: SigningKey::from_bytes(&[2; 32]), ..agent.clone() };
    refused.push(("another key", thief.sets_up(&good).await));
    let path = format!("/v1/agent/{}", agent.id);
    refused.push(("not base64", agent.sends(Method::POST, &path, "%%%".into()).await));
    let large = agent.sends(Method::POST, &path, "A".repeat(70_000)).await;
    refused.push(("too large", large));
    for (rule, answer) in refused {
        assert_eq!(answer.status, 403, "{rule}");
        assert!(answer.body.is_empty(), "{rule}: {}", answer.text());
    }
    // D-02, and D-05: a quarter of an hour is not too long.
    let agent = portal.known_agent(0).await;
    let answer = agent.sends(Method::GET, &path, String::new()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    // The same message again, by whoever overheard it, makes no second token.
    let again = agent.sets_up(&agent.envelope(portal)).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (403, 0));
    // Nor in other padding.
    let mut envelope = agent.envelope(portal).to_string();
    while (64 + envelope.len()) % 3 != 1 {
        envelope.push(' ');
    }
    let padded = signed(&agent.key, &envelope);
    assert!(padded.ends_with("=="));
    for (body, status) in [(padded.trim_end_matches('='), 200), (&padded, 403)] {
        let answer = agent.sends(Method::POST, &path, body.to_owned()).await;
        assert_eq!(answer.status, status);
    }
    let other = portal.known_agent(1).await;
    is_fault(&other.sends(Method::GET, &path, String::new()).await, 403, false);
}

async fn only_the_agent_that_made_a_request_may_look_at_it_or_revoke_it(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let other = portal.known_agent(1).await;
    let request = agent.request(portal, "deletion", "mira@example.com");
    let made = is_status(&agent.exercises(&request).await);
    let id = made["request_id"].as_str().unwrap();
    assert_eq!(is_status(&agent.asks_after(id).await), made);
    for answer in [
        other.asks_after(id).await,
        other.revokes(id).await,
        agent.asks_after("0190b3c4-0000-7000-8000-000000000000").await,
        agent.asks_after("1").await,
    ] {
        is_fault(&answer, 403, false);
    }
    let thief = Agent { key: SigningKey::from_bytes(&[9; 32]), ..agent.clone() };
    is_fault(&thief.revokes(id).await, 403, false);
    for _ in 0..2 {
        assert_eq!(is_status(&agent.revokes(id).await)["status"], "revoked");
    }
    assert!(
        portal.store().list_open_agent_requests(uuid::Uuid::nil(), 10).await.unwrap().is_empty()
    );
}

async fn deletion_and_access_wait_for_staff_and_an_opt_in_for_the_customer(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let agent = portal.known_agent(0).await;
    let kinds = ["deletion", "access", "access:categories", "access:specific", "sale:opt-in"];
    for kind in kinds {
        let status =
            is_status(&agent.exercises(&agent.request(portal, kind, "mira@example.com")).await);
        assert_eq!(status["status"], "in_progress", "{kind}");
        if kind == "sale:opt-in" {
            assert_eq!(status["reason"], "need_user_verification");
            assert_eq!(status["user_verification_url"], format!("{BASE_URL}/choices"));
        } else {
            assert_eq!(status["expected_by"], "2026-07-30T09:30:00+00:00");
        }
    }
    let waiting = portal.store().list_open_agent_requests(uuid::Uuid::nil(), 10).await.unwrap();
    assert_eq!(waiting.len(), kinds.len());
    assert!(portal.entries_of(&mira).await.is_empty(), "an agent loosens nothing");
    let dump = portal.place.dump().await;
    assert!(!dump.windows(4).any(|part| part == b"mira"), "who it is lies sealed");
}

async fn the_same_message_twice_is_one_request(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let request = agent.request(portal, "sale:opt-out", "mira@example.com");
    let both = futures::future::join(agent.exercises(&request), agent.exercises(&request)).await;
    let (one, two) = (is_status(&both.0), is_status(&both.1));
    assert_eq!(one, two);
    assert_eq!(is_status(&agent.exercises(&request).await), one);
}

async fn a_revoked_opt_out_stays_in_force(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let request = agent.request(portal, "sale:opt-out", "mira@example.com");
    let made = is_status(&agent.exercises(&request).await);
    let status = is_status(&agent.revokes(made["request_id"].as_str().unwrap()).await);
    assert_eq!(status["status"], "revoked");
    assert!(status["processing_details"].as_str().unwrap().contains("stays so"));
    assert_eq!(reason(portal, "mira@example.com").await, Reason::OptedOut);
}

/// What looks after requests, and may call this machine.
fn courier(portal: &TestPortal) -> Courier {
    let networks = "127.0.0.0/8".parse().unwrap();
    let post = Arc::new(HttpPost::new(networks, Duration::from_secs(5)));
    Courier::new(portal.service.clone(), post, BASE_URL)
}

/// Every system confirms all; says how many deliveries waited.
async fn confirms(portal: &TestPortal) -> u64 {
    let statement = "update delivery set state = 'acknowledged' where state <> 'acknowledged'";
    portal.place.runs(statement).await.unwrap()
}

async fn agents_are_told_of_changes(portal: &TestPortal) {
    let ear = Receiver::opens().await;
    let agent = portal.known_agent(0).await;
    let mut request = agent.request(portal, "sale:opt-out", "mira@example.com");
    request["status_callback"] = json!(ear.url);
    let made = is_status(&agent.exercises(&request).await);
    let id = made["request_id"].as_str().unwrap();
    let courier = courier(portal);
    courier.round().await.unwrap();
    assert!(ear.heard().is_empty(), "not yet: systems have not confirmed");
    assert!(confirms(portal).await > 0);
    courier.round().await.unwrap();
    let heard = ear.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].json()["status"], "fulfilled");
    assert_eq!(heard[0].json(), is_status(&agent.asks_after(id).await));
    courier.round().await.unwrap();
    assert!(ear.heard().is_empty(), "told once");
    is_fault(&agent.revokes(id).await, 409, false);
}

async fn a_callback_into_a_private_network_is_not_called(portal: &TestPortal) {
    let ear = Receiver::opens().await;
    let agent = portal.known_agent(0).await;
    let mut request = agent.request(portal, "deletion", "mira@example.com");
    request["status_callback"] = json!(ear.url);
    let made = is_status(&agent.exercises(&request).await);
    agent.revokes(made["request_id"].as_str().unwrap()).await;
    let post = Arc::new(HttpPost::new("".parse().unwrap(), Duration::from_secs(5)));
    let courier = Courier::new(portal.service.clone(), post, BASE_URL);
    courier.round().await.unwrap();
    assert!(ear.heard().is_empty());
    let later = portal.clock.as_ref();
    later.moves(61_000);
    let now = server::ports::Clock::now(later).0;
    let due = portal.store().claim_due_callbacks(now, now + 60_000, 5).await;
    assert_eq!(due.unwrap().len(), 1, "it is tried again");
    let taken = portal.store().claim_due_callbacks(now, now + 60_000, 5).await;
    assert!(taken.unwrap().is_empty(), "by one node");
}

/// Makes sure that an opt-out by an agent is done only when every system has confirmed.
async fn is_done_once_confirmed(portal: &TestPortal, agent: &Agent, email: &str) {
    portal.clock.moves(1000);
    let made = is_status(&agent.exercises(&agent.request(portal, "sale:opt-out", email)).await);
    let id = made["request_id"].as_str().unwrap();
    courier(portal).round().await.unwrap();
    assert_eq!(is_status(&agent.asks_after(id).await)["status"], "in_progress", "{email}");
    assert!(confirms(portal).await > 0);
    courier(portal).round().await.unwrap();
    assert_eq!(is_status(&agent.asks_after(id).await)["status"], "fulfilled", "{email}");
}

async fn an_opt_out_is_done_once_what_held_before_is_confirmed_too(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let mira = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&mira).await;
    browser.turns_off("sharing").await;
    is_done_once_confirmed(portal, &agent, "mira@example.com").await;
    // By the browser's signal and by an earlier agent all is refused, and nothing is added.
    let omar = portal.customer("omar@example.com").await;
    portal.browser().asking(&["1"]).opens_link(&omar).await;
    let before = portal.ledger().await.len();
    is_done_once_confirmed(portal, &agent, "omar@example.com").await;
    assert_eq!(portal.ledger().await.len(), before);
    let first = agent.request(portal, "sale:opt-out", "lena@example.com");
    is_status(&agent.exercises(&first).await);
    let before = portal.ledger().await.len();
    let other = portal.known_agent(1).await;
    is_done_once_confirmed(portal, &other, "lena@example.com").await;
    assert_eq!(portal.ledger().await.len(), before);
}

async fn who_is_named_by_neither_address_nor_number_is_looked_for_by_staff(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let mut request = agent.request(portal, "sale:opt-out", "not an address");
    request["name"] = json!("Mira Moran");
    let made = is_status(&agent.exercises(&request).await);
    assert_eq!((&made["status"], &made["reason"]), (&json!("in_progress"), &Value::Null));
    assert_eq!(made["expected_by"], "2026-07-06T22:59:59+00:00");
    let id = made["request_id"].as_str().unwrap();
    courier(portal).round().await.unwrap();
    assert_eq!(is_status(&agent.asks_after(id).await), made, "nobody has answered yet");
    let case = portal.store().find_request_by_id(id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((case.manner, case.nature, case.person_id), (Manner::Agent, Nature::OptOut, None));
    let said = open_text(&portal.service.vault, case.sealed.as_deref().unwrap()).unwrap();
    assert!(said.text.contains("Mira Moran"));
    let (nature, response, denial_basis) = (case.nature, Answered::Granted, None);
    let responded_at = server::ports::Clock::now(portal.clock.as_ref()).0;
    let closing = Closing { nature, response, denial_basis, responded_at };
    assert!(portal.store().record_closing(&case.reference, &closing).await.unwrap());
    courier(portal).round().await.unwrap();
    assert_eq!(is_status(&agent.asks_after(id).await)["status"], "fulfilled");
}

async fn unknown_people_are_remembered(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let mut request = agent.request(portal, "sale:opt-out", "new@example.com");
    request["phone_number"] = json!("+442079460018");
    assert_eq!(is_status(&agent.exercises(&request).await)["status"], "in_progress");
    assert_eq!(reason(portal, "new@example.com").await, Reason::OptedOut);
    let phone = Subject::read(IdentifierKind::Phone, "+442079460018", "GB").unwrap();
    let verdict = portal.service.decide(&phone, &AD.parse().unwrap()).await.unwrap();
    assert_eq!(verdict.decision.reason, Reason::OptedOut);
}

async fn errors_are_json_of_the_protocol(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    is_fault(&agent.sends(Method::GET, "/v1/nothing", String::new()).await, 404, false);
    is_fault(&agent.sends(Method::PUT, REQUESTS, String::new()).await, 404, false);
    assert_eq!(BUSINESS, "NORTHWIND_OUTDOOR");
}

async fn without_a_directory_there_is_nothing(portal: &TestPortal) {
    let answer = portal.browser().asks(Method::POST, REQUESTS).await;
    assert_eq!(answer.status, 404);
}
