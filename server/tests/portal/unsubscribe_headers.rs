//! The header fields of a mailer (M-01), read by the library that mail clients use.

use axum::http::Method;
use domain::Channel;
use list_unsubscribe::{UnsubscribeMethod, parse, parse_with_post};
use server::api::scope::Scope;
use server::unsubscribe::{Mailbox, NoHeaders, headers, token_of};

use crate::support::portal::BASE_URL;
use crate::support::{Key, TestPortal, on_both_engines};

const FIELDS: &str = "/api/v1/people/N-1/unsubscribe-headers";

async fn a_mailer_fetches_the_fields_and_they_unsubscribe(portal: &TestPortal) {
    let keeper = portal.client(&[Scope::People]).await;
    let mira = serde_json::json!({ "email": "mira@example.com" });
    assert_eq!(keeper.sends_json(Method::PUT, "/api/v1/people/N-1", &mira).await.status, 201);
    let mailer = portal.client(&[Scope::Headers]).await;
    let answer = mailer.gets(&format!("{FIELDS}?topic=offers&channel=email")).await;
    assert_eq!(answer.status, 200);
    let fields = answer.json();
    let field = fields["list_unsubscribe"].as_str().unwrap();
    let post = fields["list_unsubscribe_post"].as_str().unwrap();
    let UnsubscribeMethod::OneClick { url } = parse_with_post(field, Some(post)) else {
        panic!("one click: {field}");
    };
    assert!(!url.as_str().contains(','));
    let path = url.as_str().strip_prefix(BASE_URL).unwrap();
    let answer = portal.browser().posts_raw(path, b"List-Unsubscribe=One-Click".to_vec()).await;
    assert_eq!(answer.status, 200);
    let made = portal.ledger().await;
    assert_eq!(made[0].choice.entry.target.to_string(), "message:offers/email");
}

async fn a_fetch_needs_scope_target_person_and_topic(portal: &TestPortal) {
    let keeper = portal.client(&[Scope::People]).await;
    let mira = serde_json::json!({ "email": "mira@example.com" });
    keeper.sends_json(Method::PUT, "/api/v1/people/N-1", &mira).await;
    let fields = format!("{FIELDS}?topic=offers&channel=email");
    assert_eq!(keeper.gets(&fields).await.status, 403);
    let scopes = &[Scope::Headers];
    let narrow = portal
        .client_with(Key { scopes, targets: &["message:trips/email"], ..Key::default() })
        .await;
    assert_eq!(narrow.gets(&fields).await.status, 403);
    let mailer = portal.client(scopes).await;
    for (query, status) in [
        ("topic=offers&channel=text", 422),
        ("topic=parties&channel=email", 422),
        ("topic=Offers&channel=email", 422),
        ("topic=offers", 400),
        ("topic=offers&channel=email&more=1", 400),
    ] {
        assert_eq!(mailer.gets(&format!("{FIELDS}?{query}")).await.status, status, "{query}");
    }
    let nobody = fields.replace("N-1", "N-2");
    assert_eq!(mailer.gets(&nobody).await.status, 404);
}

on_both_engines!(
    a_mailer_fetches_the_fields_and_they_unsubscribe,
    a_fetch_needs_scope_target_person_and_topic,
);

#[test]
fn there_is_one_https_address_and_a_mailto_where_there_is_a_mailbox() {
    let catalogue = domain::catalogue::parse(crate::support::portal::CATALOGUE).unwrap();
    let (topic, token) = ("offers".parse().unwrap(), "AAECAwQFBgcICQoLDA0ODw");
    let mailbox: Mailbox = "unsubscribe@in.northwind.example".parse().unwrap();
    let email = Channel::Email;
    let fields = headers(&catalogue, BASE_URL, Some(&mailbox), token, (&topic, email)).unwrap();
    assert_eq!(fields.list_unsubscribe.matches("<https://").count(), 1);
    assert_eq!(fields.list_unsubscribe.matches(',').count(), 1, "between the two");
    let UnsubscribeMethod::Mailto { address, subject } = parse(&fields.list_unsubscribe) else {
        panic!("{fields:?}");
    };
    assert_eq!(token_of(&address).as_deref(), Some(token));
    assert_eq!(subject.as_deref(), Some("unsubscribe offers/email"));
    let plain = headers(&catalogue, BASE_URL, None, token, (&topic, email)).unwrap();
    assert!(!plain.list_unsubscribe.contains(','));
    for (url, why) in
        [("http://127.0.0.1:3000", NoHeaders::BaseUrl), ("https://a,b.example", NoHeaders::BaseUrl)]
    {
        assert_eq!(headers(&catalogue, url, None, token, (&topic, email)), Err(why));
    }
    let text = headers(&catalogue, BASE_URL, None, token, (&topic, Channel::Text));
    assert_eq!(text, Err(NoHeaders::NotMail));
}
