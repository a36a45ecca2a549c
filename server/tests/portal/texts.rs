//! Text messages that customers send back (M-07, M-08, M-09): Twilio's webhook.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::moment::DAY;
use domain::outbox::GATHER;
use domain::request::Nature;
use domain::revocation::RevokeAll;
use domain::{Channel, Target};
use server::inbound::Doors;
use server::inbound::signature::sign;
use server::inbound::text::TextDoor;
use server::notices::publish;
use server::ports::Clock;
use server::web::{Web, router};
use std::sync::Arc;
use tower::ServiceExt;

use super::replies::requests;
use crate::support::browser::encode;
use crate::support::portal::{BASE_URL, CATALOGUE};
use crate::support::{Newcomer, TestPortal, on_both_engines};

const TOKEN: &str = "12345";
const PATH: &str = "/api/v1/texts";
pub const NUMBER: &str = "+447700900118";

/// A phone company that posts what its customers write.
pub struct Gateway {
    router: Router,
    token: &'static str,
}

impl Gateway {
    pub fn opens(portal: &TestPortal, revoke_all: RevokeAll) -> Self {
        let texts = Some(TextDoor::new(TOKEN.into()));
        let doors = Arc::new(Doors { texts, revoke_all, ..Doors::default() });
        let web = Web::new(Arc::clone(&portal.service), BASE_URL).with_doors(doors);
        Self { router: router(web), token: TOKEN }
    }

    fn form(sid: &str, body: &str) -> Vec<(String, String)> {
        [
            ("MessageSid", sid),
            ("From", NUMBER),
            ("To", "+447700900000"),
            ("Body", body),
            ("NumMedia", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    async fn posts_signed(
        &self,
        form: &[(String, String)],
        signature: &str,
    ) -> (StatusCode, String) {
        let pairs: Vec<_> =
            form.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        let request = Request::post(PATH)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .header("X-Twilio-Signature", signature);
        let request = request.body(Body::from(pairs.join("&"))).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    pub async fn posts(&self, sid: &str, body: &str) -> (StatusCode, String) {
        let form = Self::form(sid, body);
        let signature = sign(self.token, &format!("{BASE_URL}{PATH}"), &form);
        self.posts_signed(&form, &signature).await
    }
}

const NOTHING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

fn answers(xml: &str) -> usize {
    xml.matches("<Message>").count()
}

async fn a_stop_is_in_force_at_once_and_answered_once(portal: &TestPortal) {
    let newcomer = Newcomer { phone: Some(NUMBER), language: Some("de"), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    let (status, xml) = gateway.posts("SM1", " Stop! ").await;
    assert_eq!(status, 200);
    assert_eq!(answers(&xml), 1);
    assert!(xml.contains("schickt Ihnen keine Werbung mehr per SMS."), "{xml}");
    let entries = portal.entries_of(&customer).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].entry.target, Target::Channel(Channel::Text));
    assert_eq!(entries[0].entry.source.as_str(), "reply");
    assert_eq!(gateway.posts("SM1", " Stop! ").await, (StatusCode::OK, NOTHING.into()), "a replay");
    assert_eq!(
        gateway.posts("SM2", "STOP").await,
        (StatusCode::OK, NOTHING.into()),
        "stopped before"
    );
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
    assert!(requests(portal).await.is_empty());
}

async fn a_stop_is_answered_by_text_and_by_no_letter_beside_it(portal: &TestPortal) {
    let known =
        Newcomer { email: Some("mira@example.com"), phone: Some(NUMBER), ..Newcomer::default() };
    portal.knows(known).await;
    let (_, xml) = Gateway::opens(portal, RevokeAll::Dated).posts("SM1", "STOP").await;
    assert_eq!(answers(&xml), 1);
    portal.clock.moves(GATHER);
    assert_eq!(portal.postman.round().await.unwrap(), 0, "M-11: one answer and no more");
}

async fn a_replay_does_not_undo_a_later_yes(portal: &TestPortal) {
    let customer = portal.knows(Newcomer { phone: Some(NUMBER), ..Newcomer::default() }).await;
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    gateway.posts("SM1", "stop").await;
    portal.clock.moves(30 * DAY);
    gateway.posts("SM1", "stop").await;
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
}

async fn a_wrong_signature_is_refused_and_changes_nothing(portal: &TestPortal) {
    portal.knows(Newcomer { phone: Some(NUMBER), ..Newcomer::default() }).await;
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    let form = Gateway::form("SM1", "stop");
    let url = format!("{BASE_URL}{PATH}");
    let other = Gateway::form("SM1", "start");
    for signature in [
        "",
        "AAAA",
        "not base64 at all",
        &sign("54321", &url, &form),
        &sign(TOKEN, "https://elsewhere.example/api/v1/texts", &form),
        &sign(TOKEN, &url, &other),
        &sign(TOKEN, &url, &form)[..20],
    ] {
        let (status, body) = gateway.posts_signed(&form, signature).await;
        assert_eq!(status, 403, "{signature}");
        assert!(body.contains("wrong-signature"));
    }
    assert!(portal.ledger().await.is_empty());
    assert!(requests(portal).await.is_empty());
}

async fn what_is_no_word_is_a_request(portal: &TestPortal) {
    let customer = portal.knows(Newcomer { phone: Some(NUMBER), ..Newcomer::default() }).await;
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    let texts = [
        ("SM1", "please stop texting me", Nature::Unclear),
        ("SM2", "START", Nature::OptIn),
        ("SM3", "help", Nature::Help),
        ("SM4", "", Nature::Unclear),
    ];
    for (sid, body, nature) in texts {
        assert_eq!(gateway.posts(sid, body).await, (StatusCode::OK, NOTHING.into()));
        assert_eq!(gateway.posts(sid, body).await, (StatusCode::OK, NOTHING.into()), "a replay");
        let rows = requests(portal).await;
        assert_eq!(
            rows.iter().filter(|row| row.nature == nature).count(),
            if sid == "SM4" { 2 } else { 1 },
            "{body}"
        );
        assert!(rows.iter().all(|row| row.person_id == Some(customer.person.0)));
    }
    assert!(portal.ledger().await.is_empty());
}

async fn a_stop_ends_calls_from_the_day_of_the_rule(portal: &TestPortal) {
    let customer = portal.knows(Newcomer { phone: Some(NUMBER), ..Newcomer::default() }).await;
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    portal.clock.moves(300 * DAY); // April 2027
    let (_, xml) = gateway.posts("SM1", "revoke").await;
    assert_eq!(answers(&xml), 1, "one sentence for both");
    let targets: Vec<_> = portal
        .entries_of(&customer)
        .await
        .into_iter()
        .map(|c| c.entry.target.to_string())
        .collect();
    assert!(targets.contains(&"channel:text".into()), "{targets:?}");
    assert!(targets.contains(&"channel:phone".into()), "{targets:?}");
}

async fn a_stop_where_nobody_sends_texts_ends_all_marketing(portal: &TestPortal) {
    const CHANNEL: &str = "[[topic.channel]]\n";
    let channels = CATALOGUE.split(CHANNEL).filter(|rule| !rule.starts_with("kind = \"text\""));
    let without: String = channels.collect::<Vec<_>>().join(CHANNEL);
    let without = without.replace("\"channel:text\", ", "");
    publish(portal.store(), &without, portal.clock.now()).await.unwrap();
    portal.service.notices.refresh().await.unwrap();
    let customer = portal.knows(Newcomer { phone: Some(NUMBER), ..Newcomer::default() }).await;
    let (status, xml) = Gateway::opens(portal, RevokeAll::Dated).posts("SM1", "STOP").await;
    assert_eq!((status, answers(&xml)), (StatusCode::OK, 1));
    let entries = portal.entries_of(&customer).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].entry.target, Target::Marketing);
}

async fn the_page_and_the_gate_know_of_it(portal: &TestPortal) {
    let customer = portal.knows(Newcomer { phone: Some(NUMBER), ..Newcomer::default() }).await;
    Gateway::opens(portal, RevokeAll::Dated).posts("SM1", "ALTO").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.opens("/choices").await;
    assert!(!page.is_on("message:offers/text"));
}

async fn an_outage_is_told_so_that_the_text_comes_again(portal: &TestPortal) {
    portal.knows(Newcomer { phone: Some(NUMBER), ..Newcomer::default() }).await;
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    portal.breaks().await;
    assert_eq!(gateway.posts("SM1", "stop").await.0, 503);
}

async fn odd_forms_are_refused_clearly(portal: &TestPortal) {
    let gateway = Gateway::opens(portal, RevokeAll::Dated);
    let url = format!("{BASE_URL}{PATH}");
    let form = vec![("Body".to_owned(), "stop".to_owned())];
    assert_eq!(gateway.posts_signed(&form, &sign(TOKEN, &url, &form)).await.0, 400, "no id");
    let many: Vec<_> = (0..300).map(|n| (format!("F{n}"), String::new())).collect();
    assert_eq!(gateway.posts_signed(&many, &sign(TOKEN, &url, &many)).await.0, 400);
    let large = Gateway::form("SM9", &"x".repeat(100_000));
    assert_eq!(gateway.posts_signed(&large, &sign(TOKEN, &url, &large)).await.0, 413);
    let json = Request::post(PATH).header(header::CONTENT_TYPE, "application/json");
    let response =
        gateway.router.clone().oneshot(json.body(Body::from("{}")).unwrap()).await.unwrap();
    assert_eq!(response.status(), 415);
    // Without a token there is no such door.
    let closed = Gateway { router: portal.router.clone(), token: TOKEN };
    assert_eq!(closed.posts("SM1", "stop").await.0, 404);
    // A number that is none is still read by somebody.
    let mut form = Gateway::form("SM10", "stop");
    form[1].1 = "NORTHWIND".into();
    assert_eq!(gateway.posts_signed(&form, &sign(TOKEN, &url, &form)).await.0, 200);
    assert_eq!(requests(portal).await[0].nature, Nature::OptOut);
}

on_both_engines!(
    a_stop_is_in_force_at_once_and_answered_once,
    a_stop_is_answered_by_text_and_by_no_letter_beside_it,
    a_replay_does_not_undo_a_later_yes,
    a_wrong_signature_is_refused_and_changes_nothing,
    what_is_no_word_is_a_request,
    a_stop_ends_calls_from_the_day_of_the_rule,
    a_stop_where_nobody_sends_texts_ends_all_marketing,
    the_page_and_the_gate_know_of_it,
    an_outage_is_told_so_that_the_text_comes_again,
    odd_forms_are_refused_clearly,
);

#[test]
fn the_signature_is_that_of_the_references_own_example() {
    // From "Validating Signatures" in Twilio's documentation of webhooks.
    let form: Vec<_> = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675310"),
        ("Digits", "1234"),
        ("From", "+14158675310"),
        ("To", "+18005551212"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let url = "https://example.com/myapp.php?foo=1&bar=2";
    assert_eq!(sign("12345", url, &form), "L/OH5YylLD5NRKLltdqwSvS0BnU=");
}
