//! What an authorized agent asks of staff (D-06, D-07, D-10): a case like any other.

use std::sync::Arc;
use std::time::Duration;

use domain::moment::DAY;
use domain::request::{Basis, Manner, Nature, Response, State};
use serde_json::{Value, json};
use server::agent::Courier;
use server::inbound::{forget_old, open_text};
use server::store::{Closing, RequestFilter, RequestRow};
use server::tell::HttpPost;

use crate::agents::is_status;
use crate::support::portal::BASE_URL;
use crate::support::receiver::Receiver;
use crate::support::{TestPortal, on_both_engines};

on_both_engines!(
    a_deletion_is_a_case_and_its_answer_is_the_agent_s,
    a_revoked_request_leaves_staff_nothing_to_do,
    the_same_message_at_once_is_one_case,
    an_answered_request_is_forgotten_after_two_years,
);

const AT: i64 = 1_781_600_000_000;

async fn cases(portal: &TestPortal) -> Vec<RequestRow> {
    portal.store().list_requests(&RequestFilter::default(), 10).await.unwrap()
}

async fn closes(portal: &TestPortal, case: &RequestRow, response: Response, basis: Option<Basis>) {
    let (nature, denial_basis) = (case.nature, basis);
    let closing = Closing { nature, response, denial_basis, responded_at: AT };
    assert!(portal.store().record_closing(&case.reference, &closing).await.unwrap());
}

async fn a_deletion_is_a_case_and_its_answer_is_the_agent_s(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let agent = portal.known_agent(0).await;
    let ear = Receiver::opens().await;
    let networks = "127.0.0.0/8".parse().unwrap();
    let post = Arc::new(HttpPost::new(networks, Duration::from_secs(5)));
    let courier = Courier::new(portal.service.clone(), post, BASE_URL);
    for (exercise, nature, response, basis, status, reason) in [
        ("deletion", Nature::Deletion, Response::Granted, None, "fulfilled", Value::Null),
        ("access", Nature::Access, Response::Partly, Some(Basis::Law), "fulfilled", Value::Null),
        (
            "access:specific",
            Nature::Access,
            Response::Denied,
            Some(Basis::NoData),
            "denied",
            json!("no_match"),
        ),
    ] {
        let mut request = agent.request(portal, exercise, "mira@example.com");
        request["status_callback"] = json!(ear.url);
        let made = is_status(&agent.exercises(&request).await);
        courier.round().await.unwrap();
        assert!(ear.heard().is_empty(), "{exercise}: nobody has answered yet");
        let open: Vec<_> =
            cases(portal).await.into_iter().filter(|case| case.state == State::Open).collect();
        let [case] = &open[..] else { panic!("{} cases", open.len()) };
        assert_eq!((case.manner, case.nature), (Manner::Agent, nature));
        assert_eq!(case.person_id, Some(mira.person.0));
        let said = open_text(&portal.service.vault, case.sealed.as_deref().unwrap()).unwrap();
        assert_eq!((said.from, said.subject), (agent.id.clone(), exercise.to_owned()));
        assert_eq!(serde_json::from_str::<Value>(&said.text).unwrap(), request);
        closes(portal, case, response, basis).await;
        courier.round().await.unwrap();
        let heard = ear.heard();
        assert_eq!(heard.len(), 1, "{exercise}");
        let now = is_status(&agent.asks_after(made["request_id"].as_str().unwrap()).await);
        assert_eq!(heard[0].json(), now);
        assert_eq!((&now["status"], &now["reason"]), (&json!(status), &reason), "{exercise}");
    }
}

async fn a_revoked_request_leaves_staff_nothing_to_do(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let request = agent.request(portal, "deletion", "mira@example.com");
    let made = is_status(&agent.exercises(&request).await);
    assert_eq!(cases(portal).await[0].state, State::Open);
    agent.revokes(made["request_id"].as_str().unwrap()).await;
    let case = &cases(portal).await[0];
    assert_eq!((case.state, case.response), (State::Closed, Some(Response::Nothing)));
}

async fn the_same_message_at_once_is_one_case(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let request = agent.request(portal, "access", "mira@example.com");
    let all = (0..8).map(|_| agent.exercises(&request));
    let answers = futures::future::join_all(all).await;
    let first = is_status(&answers[0]);
    assert!(answers.iter().all(|answer| is_status(answer) == first));
    assert_eq!(cases(portal).await.len(), 1);
}

async fn an_answered_request_is_forgotten_after_two_years(portal: &TestPortal) {
    let agent = portal.known_agent(0).await;
    let mut ids = Vec::new();
    for exercise in ["deletion", "access"] {
        let request = agent.request(portal, exercise, "mira@example.com");
        let made = is_status(&agent.exercises(&request).await);
        ids.push(made["request_id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap());
    }
    let store = portal.store();
    let case = store.find_request_by_id(ids[0]).await.unwrap().unwrap();
    closes(portal, &case, Response::Granted, None).await;
    let networks = "127.0.0.0/8".parse().unwrap();
    let post = Arc::new(HttpPost::new(networks, Duration::from_secs(5)));
    Courier::new(portal.service.clone(), post, BASE_URL).round().await.unwrap();
    portal.clock.moves(700 * DAY);
    assert_eq!(forget_old(&portal.service).await.unwrap(), 0, "23 months");
    portal.clock.moves(40 * DAY);
    assert_eq!(forget_old(&portal.service).await.unwrap(), 2, "the case and the agent's request");
    assert!(store.find_agent_request(ids[0]).await.unwrap().is_none());
    assert!(store.find_agent_request(ids[1]).await.unwrap().is_some(), "what is open stays");
}
