//! Closing requests: an opt-out is granted once it is in the ledger.

use domain::moment::HOUR;
use domain::request::{Basis, Nature, Response};
use serde_json::json;
use server::api::paths;
use server::api::scope::Scope;
use server::inbound::{Finding, NotClosed, close};
use server::people::{erase, merge};
use server::ports::{Clock, Random};
use server::store::{Closing, RequestFilter, RequestRow, StoreError};

use crate::import::loads;
use crate::replies::{hands_over, requests};
use crate::support::{TestPortal, on_both_engines};

on_both_engines![
    an_opt_out_is_granted_only_once_it_is_recorded,
    an_opt_out_of_before_the_request_is_named_as_such,
    a_request_from_an_address_that_nobody_has_is_closed_by_the_customer_s_number,
    erasing_a_customer_takes_the_words_of_their_requests_away,
];

/// What a case is filed for.
async fn files(portal: &TestPortal) -> RequestRow {
    hands_over(portal, include_str!("mails/question.eml")).await;
    requests(portal).await.remove(0)
}

async fn closes(
    portal: &TestPortal,
    row: &RequestRow,
    (nature, response, denial_basis): (Nature, Response, Option<Basis>),
    finding: Finding<'_>,
) -> Result<(), NotClosed> {
    let closing = Closing { nature, response, denial_basis, responded_at: portal.clock.now().0 };
    let random: &dyn Random = portal.random.as_ref();
    let at = (portal.store(), &portal.service.vault, random);
    close(at, row, &closing, finding, None).await
}

const GRANTED: (Nature, Response, Option<Basis>) = (Nature::OptOut, Response::Granted, None);
const PARTLY: (Nature, Response, Option<Basis>) =
    (Nature::OptOut, Response::Partly, Some(Basis::Law));

async fn opts_out(portal: &TestPortal, person: serde_json::Value) {
    let client = portal.client(&[Scope::Choices]).await;
    let body = json!({ "person": person, "target": "everything", "act": "opt_out" });
    assert_eq!(client.posts(paths::CHOICES, &body).await.status, 200);
}

async fn an_opt_out_is_granted_only_once_it_is_recorded(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let row = files(portal).await;
    portal.clock.moves(HOUR);
    for answer in [GRANTED, PARTLY] {
        let closed = closes(portal, &row, answer, Finding::default()).await;
        assert!(matches!(closed, Err(NotClosed::NothingStopped)), "{closed:?}");
        let before = Finding { held_before: true, ..Finding::default() };
        let closed = closes(portal, &row, answer, before).await;
        assert!(matches!(closed, Err(NotClosed::NothingStopped)), "{closed:?}");
    }
    assert_eq!(requests(portal).await, std::slice::from_ref(&row), "nothing of it is lost");
    opts_out(portal, json!({ "email": "mira@example.com" })).await;
    closes(portal, &row, GRANTED, Finding::default()).await.unwrap();
    assert!(requests(portal).await.is_empty());
    let row = portal.store().find_request(&row.reference).await.unwrap().unwrap();
    let again = closes(portal, &row, GRANTED, Finding::default()).await;
    assert!(matches!(again, Err(NotClosed::Before)), "{again:?}");
}

async fn an_opt_out_of_before_the_request_is_named_as_such(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    opts_out(portal, json!({ "email": "mira@example.com" })).await;
    portal.clock.moves(HOUR);
    let row = files(portal).await;
    let closed = closes(portal, &row, GRANTED, Finding::default()).await;
    assert!(matches!(closed, Err(NotClosed::NothingStopped)), "{closed:?}");
    let before = Finding { held_before: true, ..Finding::default() };
    closes(portal, &row, GRANTED, before).await.unwrap();
}

async fn a_request_from_an_address_that_nobody_has_is_closed_by_the_customer_s_number(
    portal: &TestPortal,
) {
    loads(portal, "N-1,Mira,mira@example.org,,en,,,\n").await;
    let row = files(portal).await;
    opts_out(portal, json!({ "email": "mira@example.org" })).await;
    let closed = closes(portal, &row, GRANTED, Finding::default()).await;
    assert!(matches!(closed, Err(NotClosed::NothingStopped)), "{closed:?}");
    let nobody = Finding { customer: Some("N-2"), ..Finding::default() };
    let closed = closes(portal, &row, GRANTED, nobody).await;
    assert!(matches!(closed, Err(NotClosed::Nobody)), "{closed:?}");
    let theirs = Finding { customer: Some("N-1"), ..Finding::default() };
    closes(portal, &row, GRANTED, theirs).await.unwrap();
}

async fn erasing_a_customer_takes_the_words_of_their_requests_away(portal: &TestPortal) {
    let rows = "N-1,Mira,mira@example.com,,en,,,\n\
                N-2,Omar,omar@example.com,,en,,,\n\
                N-3,Mira,mira@example.org,,en,,,\n";
    loads(portal, rows).await;
    let question = include_str!("mails/question.eml");
    let answered = files(portal).await;
    let denied = (Nature::Access, Response::Denied, Some(Basis::Unverified));
    closes(portal, &answered, denied, Finding::default()).await.unwrap();
    hands_over(portal, include_str!("mails/start.eml")).await;
    hands_over(portal, &question.replace("mira@", "omar@")).await;
    let freely = || Ok::<_, StoreError>(());
    merge(&portal.service, "N-1", "N-3", freely).await.unwrap().unwrap();
    assert!(erase(&portal.service, "N-3").await.unwrap());
    let all = portal.store().list_requests(&RequestFilter::default(), 10).await.unwrap();
    let words: Vec<_> = all.iter().map(|row| (row.nature, row.sealed.is_some())).collect();
    assert_eq!(words.len(), 3, "that they were made stays");
    for nature in [Nature::Access, Nature::OptIn] {
        assert!(words.contains(&(nature, false)), "{words:?}");
    }
    assert!(words.contains(&(Nature::Unclear, true)), "another customer's are theirs: {words:?}");
}
