//! What Postfix hands to the program through the pipe of the handbook.

use std::os::unix::fs::PermissionsExt;

use crate::place::{MAILBOX, Place};
use crate::postfix::with_postfix;
use crate::soon;

const QUESTION: &str = include_str!("../portal/mails/question.eml");
const ABSENCE: &str = include_str!("../portal/mails/rfc3834_vacation.eml");
const FULL_MAILBOX: &str = include_str!("../portal/mails/full_mailbox.eml");
const MAILTO: &str = include_str!("../portal/mails/mailto.eml");
const REPLIES: &str = "news@in.example.com";

/// A mail client's unsubscribe, to the address in the header field.
fn unsubscribe(tagged: &str, id: &str) -> String {
    MAILTO.replace("TAGGED", tagged).replace("mailto.1", id)
}

/// Waits until so many messages were read; says what became of them.
async fn becomes(place: &Place, count: usize) -> Vec<String> {
    let read = async || Some(place.outcomes().await).filter(|came| came.len() >= count);
    soon("the message to be read", read).await
}

#[tokio::test]
async fn what_arrives_is_recognised_and_only_an_unsubscribe_opts_out() {
    let Some((place, postfix)) = with_postfix("pipe").await else { return };
    let tagged = place.tagged("mira@example.com");
    assert!(place.lets_offers_go_to("mira@example.com"));
    let messages = [
        ("mira@example.com", REPLIES, QUESTION, "filed"),
        ("", REPLIES, ABSENCE, "ignored"),
        ("", "bounces@in.example.com", FULL_MAILBOX, "ignored"),
    ];
    for (at, (from, to, raw, outcome)) in messages.into_iter().enumerate() {
        postfix.gets(from, &[to], raw).await;
        assert_eq!(becomes(&place, at + 1).await[at], outcome, "{raw}");
    }
    assert!(place.lets_offers_go_to("mira@example.com"), "none of these was a no");
    let listed = place.does(&["requests", "list"]);
    let number = listed.split_whitespace().next().unwrap().to_owned();
    let shown = place.does(&["requests", "show", &number]);
    assert!(shown.contains("what do you know about me") && shown.contains(REPLIES), "{shown}");
    postfix.gets("somebody@example.com", &[&tagged], &unsubscribe(&tagged, "a")).await;
    assert_eq!(becomes(&place, 4).await[3], "opted_out");
    assert!(!place.lets_offers_go_to("mira@example.com"));
    assert!(place.lets_offers_go_to("lin@example.com"));
    assert!(place.marked().await.is_empty());
}

#[tokio::test]
async fn one_message_to_several_addresses_is_kept() {
    let Some((place, postfix)) = with_postfix("several").await else { return };
    let tagged = place.tagged("mira@example.com");
    let raw = unsubscribe(&tagged, "several");
    postfix.gets("mira@example.com", &[REPLIES, &tagged, MAILBOX], &raw).await;
    assert!(becomes(&place, 1).await.contains(&"opted_out".to_owned()), "{}", postfix.log());
    assert!(!place.lets_offers_go_to("mira@example.com"));
    let kept = async || postfix.log().contains(": removed").then_some(());
    soon("the end of the delivery", kept).await;
    assert!(!postfix.log().contains("status=bounced"), "{}", postfix.log());
}

#[tokio::test]
async fn a_message_waits_where_the_database_is_away() {
    let Some((place, postfix)) = with_postfix("away").await else { return };
    let tagged = place.tagged("mira@example.com");
    let lock = |mode: u32| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.data(), mode).unwrap();
    };
    lock(0o000);
    postfix.gets("mira@example.com", &[&tagged], &unsubscribe(&tagged, "b")).await;
    let deferred = async || postfix.log().contains("status=deferred").then_some(());
    soon("a deferral", deferred).await;
    lock(0o700);
    assert_eq!(becomes(&place, 1).await, ["opted_out"]);
    assert!(!place.lets_offers_go_to("mira@example.com"));
    assert!(!postfix.log().contains("status=bounced"), "{}", postfix.log());
}
