//! The mailbox that the portal reads over TLS, and whom it trusts there.

use std::path::Path;

use crate::authority::Papers;
use crate::dovecot::Dovecot;
use crate::place::{MAILBOX, Place};
use crate::portal::Portal;
use crate::soon;

const REPLY: &str = include_str!("../portal/mails/apple_reply.eml");
const MIRA: &str = "mira@example.com";

/// A portal that reads the mailbox, and trusts this authority alone.
fn reads(place: &Place, port: u16, authority: &Path) -> Portal {
    let password = place.folder.join("password");
    std::fs::write(&password, "wonder\n").unwrap();
    let server = format!("localhost:{port}");
    let words = ["--imap-server", &server, "--imap-user", "replies", "--imap-seconds", "5"];
    let more =
        ["--imap-password-file", password.to_str().unwrap(), "--unsubscribe-mailbox", MAILBOX];
    Portal::starts(place, &[&words[..], &more].concat(), Some(authority))
}

#[tokio::test]
async fn a_reply_is_fetched_over_tls_and_opts_out() {
    let place = Place::new("imap");
    Papers::of("localhost").lay(&place.folder);
    let Some(dovecot) = Dovecot::starts(Some(&place.folder)).await else { return };
    dovecot.gets("1", REPLY);
    assert!(place.lets_offers_go_to(MIRA));
    let _portal = reads(&place, dovecot.port, &place.folder.join("authority.pem"));
    let came = async || Some(place.outcomes().await).filter(|came| !came.is_empty());
    assert_eq!(soon("the reply", came).await, ["opted_out"]);
    assert!(!place.lets_offers_go_to(MIRA));
    assert!(dovecot.log().contains("TLS, session="), "{}", dovecot.log());
    dovecot.stops().await;
}

#[tokio::test]
async fn a_server_that_is_not_whom_it_should_be_is_told_no_password() {
    for (name, trusts_it, why) in [
        ("localhost", false, "UnknownIssuer"),
        ("mail.example.com", true, "certificate not valid for name"),
    ] {
        let place = Place::new(&format!("imap-{trusts_it}"));
        Papers::of(name).lay(&place.folder);
        let Some(dovecot) = Dovecot::starts(Some(&place.folder)).await else { return };
        dovecot.gets("1", REPLY);
        let other = place.folder.join("other.pem");
        std::fs::write(&other, Papers::of(name).authority).unwrap();
        let own = place.folder.join("authority.pem");
        let portal = reads(&place, dovecot.port, if trusts_it { &own } else { &other });
        portal.complains(why).await;
        assert!(!dovecot.log().contains("Login"), "{}", dovecot.log());
        assert!(place.outcomes().await.is_empty());
        assert!(dovecot.folder.join("mail/new/1").exists());
        dovecot.stops().await;
    }
}
