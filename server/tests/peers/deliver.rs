//! Letters by way of Postfix: into a maildir, over STARTTLS.

use std::time::Duration;

use domain::contact::Contact;
use domain::{Language, Moment};
use lettre::transport::smtp::client::Certificate;
use mail_parser::{Message, MessageParser};
use server::outbox::{Security, Smtp};
use server::ports::{Letter, Mail, NotSent, Sender};
use uuid::Uuid;

use crate::portal::Portal;
use crate::postfix::{Postfix, with_postfix};
use crate::soon;

fn letter(to: &str) -> Letter {
    Letter {
        id: Uuid::from_u128(7),
        at: Moment(1_781_515_800_000),
        from: Sender {
            name: "Nörd & “Wind”".into(),
            email: "privacy@northwind.example".parse().unwrap(),
        },
        to: Contact::Email(to.parse().unwrap()),
        language: Language::German,
        subject: "Grüße, 你好, مرحبا: gespeichert, und dies ist eine längere Zeile".into(),
        body: format!("Grüße.\n.\n..\n你好\n{}\nFrom hier\nEnde \n", "lang ".repeat(300)),
        html: Some(format!("<p>Grüße &amp; مرحبا</p>\n<p>{}</p>\n", "ü".repeat(2_000))),
    }
}

fn client(postfix: &Postfix) -> Smtp {
    let root = Certificate::from_pem(postfix.authority.as_bytes()).unwrap();
    Smtp::trusting("localhost", postfix.strict, &Security::StartTls, vec![root])
        .unwrap()
        .called("privacy.northwind.example")
        .with_patience(Duration::from_secs(10))
}

async fn only_mail(postfix: &Postfix, name: &str) -> Vec<u8> {
    let mut found =
        soon("a message", async || Some(postfix.delivered(name)).filter(|m| !m.is_empty())).await;
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn read(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

/// Lines of mail end in CR LF, lines of a maildir in LF.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[tokio::test]
async fn a_letter_arrives_over_starttls_as_it_was_written() {
    let Some((_place, postfix)) = with_postfix("letter").await else { return };
    let written = letter("mira@example.com");
    client(&postfix).send(written.clone()).await.unwrap();
    let raw = only_mail(&postfix, "mira").await;
    let message = read(&raw);
    assert_eq!(message.subject(), Some(written.subject.as_str()));
    assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Nörd & “Wind”"));
    assert_eq!(plain(&message.body_text(0).unwrap()), written.body);
    assert_eq!(plain(&message.body_html(0).unwrap()), written.html.unwrap());
    assert_eq!(message.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    let received = message.header_raw("Received").unwrap();
    assert!(received.contains("using TLS") && received.contains("ESMTPS"), "{received}");
    assert!(raw.is_ascii());
}

#[tokio::test]
async fn a_server_that_an_unknown_authority_vouches_for_gets_nothing() {
    let Some((_place, postfix)) = with_postfix("stranger").await else { return };
    let stranger = Smtp::new("localhost", postfix.strict, &Security::StartTls).unwrap();
    let error = stranger.send(letter("mira@example.com")).await.unwrap_err();
    assert_eq!(error, NotSent::Later("no TLS at STARTTLS".into()));
    assert!(!postfix.log().contains("to=<mira@example.com>"), "{}", postfix.log());
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_told_apart() {
    let Some((_place, postfix)) = with_postfix("refused").await else { return };
    let server = client(&postfix);
    let long = Letter { body: "long\n".repeat(50_000), ..letter("mira@example.com") };
    for (letter, expected) in [
        (letter("gone@example.com"), NotSent::NoSuchAddress("550 5.1.1 to RCPT".into())),
        (letter("mira@elsewhere.example"), NotSent::Refused("554 5.7.1 to RCPT".into())),
        (long, NotSent::Refused("552 5.3.4 to the message".into())),
    ] {
        assert_eq!(server.send(letter).await, Err(expected), "{}", postfix.log());
    }
    server.send(letter("mira@example.com")).await.unwrap();
    only_mail(&postfix, "mira").await;
}

#[tokio::test]
async fn a_confirmation_of_the_program_arrives_in_the_customer_s_language() {
    let Some((place, postfix)) = with_postfix("confirmation").await else { return };
    let path = place.one_click("lin@example.com");
    let url = format!("smtp://localhost:{}", postfix.strict);
    let words = ["--confirmation-minutes", "0", "--mail-url", &url];
    let portal = Portal::starts(&place, &words, Some(&postfix.authority_file()));
    assert_eq!(portal.posts(&path, "List-Unsubscribe=One-Click"), "200");
    let raw = only_mail(&postfix, "lin").await;
    let message = read(&raw);
    assert_eq!(message.header_raw("Content-Language").map(str::trim), Some("zh-Hans"));
    let offers = "优惠与新品";
    let text = message.body_text(0).unwrap().into_owned();
    assert!(message.subject().unwrap().contains("Northwind Outdoor"), "{text}");
    assert!(!message.subject().unwrap().is_ascii());
    assert!(text.contains(offers), "{text}");
    assert!(message.body_html(0).unwrap().contains(offers));
    assert!(message.header_raw("Received").unwrap().contains("using TLS"));
}
