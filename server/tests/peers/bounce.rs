//! Mail that does not arrive: refused by Postfix at once, or taken and sent back by it later.

use crate::place::Place;
use crate::portal::Portal;
use crate::postfix::{Postfix, with_postfix};
use crate::soon;

/// Whom what comes back goes to: an address that Postfix hands to the program.
const BOUNCES_TO: &str = "bounces@in.example.com";

/// Has a confirmation sent to somebody who takes no mail.
fn confirms_to_nobody(place: &Place, postfix: &Postfix, port: u16) -> Portal {
    let path = place.one_click("gone@example.com");
    let url = format!("smtp://localhost:{port}");
    let words =
        ["--confirmation-minutes", "0", "--mail-bounces-to", BOUNCES_TO, "--mail-url", &url];
    let portal = Portal::starts(place, &words, Some(&postfix.authority_file()));
    assert_eq!(portal.posts(&path, "List-Unsubscribe=One-Click"), "200");
    portal
}

async fn is_marked(place: &Place) {
    let marked = async || Some(place.marked().await).filter(|marked| !marked.is_empty());
    assert_eq!(soon("a mark on the address", marked).await, ["email"]);
}

#[tokio::test]
async fn an_address_that_the_server_does_not_know_is_marked_at_once() {
    let Some((place, postfix)) = with_postfix("unknown").await else { return };
    let portal = confirms_to_nobody(&place, &postfix, postfix.strict);
    is_marked(&place).await;
    portal.complains("550 5.1.1 to RCPT").await;
    assert!(place.outcomes().await.is_empty(), "nothing came back");
}

#[tokio::test]
async fn a_message_that_the_server_sends_back_marks_the_address() {
    let Some((place, postfix)) = with_postfix("bounce").await else { return };
    let _portal = confirms_to_nobody(&place, &postfix, postfix.trusting);
    is_marked(&place).await;
    let came = async || Some(place.outcomes().await).filter(|came| !came.is_empty());
    assert_eq!(soon("the report", came).await, ["bounced"]);
    assert!(postfix.log().contains("sender non-delivery notification"), "{}", postfix.log());
}
