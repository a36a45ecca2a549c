//! Answers to requests: mailed once, to whoever asked, with the closing or not at all.

use std::sync::Arc;
use std::time::Duration;

use domain::Language;
use domain::moment::HOUR;
use domain::request::{Basis, Nature, Response};
use domain::revocation::RevokeAll;
use serde_json::json;
use server::agent::Courier;
use server::inbound::{Answer, Finding, NotClosed, close};
use server::ports::{Clock, Random};
use server::store::{Closing, RequestRow};
use server::tell::HttpPost;

use crate::agents::is_status;
use crate::replies::{hands_over, requests};
use crate::support::portal::BASE_URL;
use crate::support::{Newcomer, TestPortal, on_both_engines};
use crate::texts::{Gateway, NUMBER};

on_both_engines![
    an_answer_is_mailed_once_to_whoever_asked,
    an_answer_is_in_the_language_of_the_request,
    an_answer_s_text_is_no_markup,
    a_closing_that_is_refused_sends_no_answer,
    a_text_message_is_answered_at_a_known_address_or_not_at_all,
    an_agent_s_request_is_answered_to_the_customer_and_the_agent_hears_so,
];

const QUESTION: &str = include_str!("mails/question.eml");
const TEXT: &str = "We hold your address.\n\nNothing <b>else</b>.";
const ACCESS: (Nature, Response, Option<Basis>) = (Nature::Access, Response::Granted, None);
const DENIED: (Nature, Response, Option<Basis>) =
    (Nature::Access, Response::Denied, Some(Basis::Unverified));

async fn answers(
    portal: &TestPortal,
    row: &RequestRow,
    (nature, response, denial_basis): (Nature, Response, Option<Basis>),
    text: &str,
) -> Result<(), NotClosed> {
    let closing = Closing { nature, response, denial_basis, responded_at: portal.clock.now().0 };
    let random: &dyn Random = portal.random.as_ref();
    let at = (portal.store(), &portal.service.vault, random);
    let answer = Answer::read(text.as_bytes()).unwrap();
    close(at, row, &closing, Finding::default(), Some(&answer)).await
}

async fn letters(portal: &TestPortal) -> usize {
    portal.place.counts("select 1 from letter").await
}

async fn an_answer_is_mailed_once_to_whoever_asked(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    hands_over(portal, QUESTION).await;
    let row = requests(portal).await.remove(0);
    answers(portal, &row, ACCESS, TEXT).await.unwrap();
    assert!(requests(portal).await.is_empty());
    // Whoever read the request before it was closed sends nothing more.
    let again = answers(portal, &row, ACCESS, TEXT).await;
    assert!(matches!(again, Err(NotClosed::Before)), "{again:?}");
    let row = portal.store().find_request(&row.reference).await.unwrap().unwrap();
    let again = answers(portal, &row, ACCESS, TEXT).await;
    assert!(matches!(again, Err(NotClosed::Before)), "{again:?}");
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    let letter = portal.mailbox.reads();
    assert_eq!((letter.to.as_str(), letter.language), ("mira@example.com", Language::English));
    assert_eq!(letter.subject, format!("Your request {}", row.reference));
    assert!(letter.body.starts_with(&format!("{TEXT}\n\n-- \n")), "{}", letter.body);
    assert_eq!(portal.postman.round().await.unwrap(), 0);
}

async fn an_answer_is_in_the_language_of_the_request(portal: &TestPortal) {
    let from = "mira@example.com";
    portal.knows(Newcomer { email: Some(from), language: Some("de"), ..Newcomer::default() }).await;
    hands_over(portal, QUESTION).await;
    let row = requests(portal).await.remove(0);
    assert_eq!(row.language, Language::German);
    answers(portal, &row, DENIED, "Wer sind Sie?").await.unwrap();
    portal.postman.round().await.unwrap();
    let letter = portal.mailbox.reads();
    assert_eq!(letter.subject, format!("Ihre Anfrage {}", row.reference));
    assert!(letter.body.contains("weil Sie uns etwas gefragt haben"), "{}", letter.body);
}

async fn an_answer_s_text_is_no_markup(portal: &TestPortal) {
    hands_over(portal, QUESTION).await;
    let row = requests(portal).await.remove(0);
    let text = "See <img src=x>\nhttps://northwind.example/a\nMira & Co.";
    answers(portal, &row, ACCESS, text).await.unwrap();
    portal.postman.round().await.unwrap();
    let html = portal.mailbox.reads().html.unwrap();
    assert!(html.contains("&lt;img src=x&gt;<br>") && !html.contains("<img"), "{html}");
    assert!(html.contains("href=\"https://northwind.example/a\""), "{html}");
    assert!(html.contains("<br>\nMira &amp; Co.</p>"), "{html}");
}

async fn a_closing_that_is_refused_sends_no_answer(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    hands_over(portal, QUESTION).await;
    let row = requests(portal).await.remove(0);
    portal.clock.moves(HOUR);
    let granted = (Nature::OptOut, Response::Granted, None);
    let closed = answers(portal, &row, granted, TEXT).await;
    assert!(matches!(closed, Err(NotClosed::NothingStopped)), "{closed:?}");
    // The schema itself refuses a denial without a basis, with the letter beside it.
    let closed = answers(portal, &row, (Nature::Access, Response::Denied, None), TEXT).await;
    assert!(matches!(closed, Err(NotClosed::Store(_))), "{closed:?}");
    assert_eq!(requests(portal).await, [row], "it is as it was");
    assert_eq!(letters(portal).await, 0);
}

async fn a_text_message_is_answered_at_a_known_address_or_not_at_all(portal: &TestPortal) {
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    gateway.posts("SM1", "Who are you?").await;
    let row = requests(portal).await.remove(0);
    let closed = answers(portal, &row, ACCESS, TEXT).await;
    assert!(matches!(closed, Err(NotClosed::ByText)), "{closed:?}");
    assert_eq!((requests(portal).await.len(), letters(portal).await), (1, 0));
    let known =
        Newcomer { email: Some("mira@example.com"), phone: Some(NUMBER), ..Newcomer::default() };
    portal.knows(known).await;
    gateway.posts("SM2", "And what do you know of me?").await;
    let row = requests(portal).await.into_iter().find(|row| row.person_id.is_some()).unwrap();
    answers(portal, &row, ACCESS, TEXT).await.unwrap();
    portal.postman.round().await.unwrap();
    assert_eq!(portal.mailbox.reads().to.as_str(), "mira@example.com");
}

async fn an_agent_s_request_is_answered_to_the_customer_and_the_agent_hears_so(
    portal: &TestPortal,
) {
    portal.customer("mira@example.com").await;
    let agent = portal.known_agent(0).await;
    let networks = "127.0.0.0/8".parse().unwrap();
    let post = Arc::new(HttpPost::new(networks, Duration::from_secs(5)));
    let courier = Courier::new(portal.service.clone(), post, BASE_URL);
    for (sent, details) in
        [(true, "The customer was told why."), (false, "The reason is on record.")]
    {
        // Another moment, so that it is another message.
        portal.clock.moves(1_000);
        let request = agent.request(portal, "access", "mira@example.com");
        let made = is_status(&agent.exercises(&request).await);
        let row = requests(portal).await.remove(0);
        answers(portal, &row, DENIED, TEXT).await.unwrap();
        if sent {
            portal.postman.round().await.unwrap();
        }
        courier.round().await.unwrap();
        let now = is_status(&agent.asks_after(made["request_id"].as_str().unwrap()).await);
        assert_eq!(now["processing_details"], json!(details));
    }
    assert_eq!(portal.mailbox.reads().to.as_str(), "mira@example.com");
}
