//! The change feed of whoever stays connected: for as long as the key and the register let them.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, header};
use futures::StreamExt;
use server::api::keyring::REMEMBERED;
use server::api::paths;
use server::api::problem::Kind;
use server::notices::publish;
use server::ports::Clock;

use crate::api_changes::{reader, turns_off, unconfirmed};
use crate::support::client::Client;
use crate::support::portal::CATALOGUE;
use crate::support::{TestPortal, on_both_engines};

on_both_engines![
    a_stream_ends_with_its_key_and_tells_nothing_more,
    a_long_poll_ends_with_its_key,
    a_stream_follows_the_register_in_force,
    what_was_received_is_not_confirmed_by_coming_back,
];

/// Longer than a stream that has something to say is silent.
const SOON: Duration = Duration::from_secs(5);

async fn opens(client: &Client) -> BodyDataStream {
    comes_back(client, "", 0).await
}

async fn comes_back(client: &Client, query: &str, last: i64) -> BodyDataStream {
    let request = Request::get(format!("{}{query}", paths::CHANGES));
    let request = request.header(header::ACCEPT, "text/event-stream").header("last-event-id", last);
    client.pieces(request.body(Body::empty()).unwrap()).await
}

/// What a stream says next; nothing when it has ended.
async fn says(stream: &mut BodyDataStream) -> Option<String> {
    let piece = tokio::time::timeout(SOON, stream.next()).await.expect("something happens");
    piece.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap())
}

async fn is_revoked(portal: &TestPortal, client: &Client) {
    let now = portal.clock.now().0;
    assert!(portal.store().record_api_key_revoked(client.id(), now).await.unwrap());
    portal.clock.moves(REMEMBERED);
}

async fn a_stream_ends_with_its_key_and_tells_nothing_more(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, "sharing").await;
    let mut stream = opens(&client).await;
    assert!(says(&mut stream).await.unwrap().contains("\"target\":\"sharing\""));
    is_revoked(portal, &client).await;
    turns_off(portal, &customer, "everything").await;
    assert_eq!(says(&mut stream).await, None);
}

async fn a_long_poll_ends_with_its_key(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    let path = format!("{}?wait=30", paths::CHANGES);
    let acts = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        is_revoked(portal, &client).await;
        turns_off(portal, &customer, "everything").await;
    };
    let both = async { tokio::join!(client.gets(&path), acts) };
    let (answer, ()) = tokio::time::timeout(SOON, both).await.expect("long before it is over");
    answer.is_problem(Kind::Unauthorized);
}

async fn a_stream_follows_the_register_in_force(portal: &TestPortal) {
    let follows = async |source: &str| {
        publish(portal.store(), source, portal.clock.now()).await.unwrap();
        portal.service.notices.refresh().await.unwrap();
    };
    let feed = "tell = { feed = true }";
    follows(&CATALOGUE.replace(feed, &format!("{feed}\nclear = [\"email\"]"))).await;
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, "sharing").await;
    let mut stream = opens(&client).await;
    assert!(says(&mut stream).await.unwrap().contains("mira@example.com"));
    follows(&format!("{CATALOGUE}\n# Without addresses.\n")).await;
    turns_off(portal, &customer, "everything").await;
    let told = says(&mut stream).await.unwrap();
    assert!(told.contains("\"target\":\"everything\"") && !told.contains("mira"), "{told}");
}

async fn what_was_received_is_not_confirmed_by_coming_back(portal: &TestPortal) {
    let client = reader(portal).await;
    let customer = portal.customer("mira@example.com").await;
    for target in ["sharing", "everything", "marketing"] {
        turns_off(portal, &customer, target).await;
    }
    let owed = unconfirmed(portal).await;
    let received = says(&mut opens(&client).await).await.unwrap();
    let ids: Vec<i64> =
        received.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect();
    assert_eq!(ids.len(), owed.len());
    let told = says(&mut comes_back(&client, "", ids[0]).await).await.unwrap();
    assert_eq!(told.matches("event: ").count(), ids.len() - 1, "it goes on where it was");
    assert_eq!(unconfirmed(portal).await, owed, "received is not obeyed");
    let own = format!("?after={}", ids[0]);
    drop(comes_back(&client, &own, ids[1]).await);
    assert_eq!(unconfirmed(portal).await, owed[1..], "a cursor that the client chose confirms");
}
