//! Mail that nobody should be able to send: it is filed or ignored, in bounded memory and time.

use std::time::{Duration, Instant};

use domain::reply::{Said, hear};
use proptest::prelude::*;
use server::inbound::text::{Text, read_form, twiml};
use server::inbound::{Envelope, MOST, Mail, Outcome, receive};
use server::unsubscribe::token_of;

use super::replies::{doors, hands_over, requests};
use crate::support::{TestPortal, on_both_engines};

/// Reading must not take longer than this, unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn read(raw: &[u8]) -> Option<Mail> {
    let start = Instant::now();
    let mail = Mail::read(raw);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    if let Some(mail) = &mail {
        assert!(mail.text.chars().count() <= 8_000);
        assert!(mail.subject.chars().count() <= 300);
        assert!(mail.recipients.len() <= 50);
        assert!(!mail.text.contains(['\u{1b}', '\u{202e}', '\0']));
    }
    mail
}

const HEAD: &str = "From: mira@example.com\r\nTo: news@in.northwind.example\r\n";

fn bad_mails() -> Vec<(&'static str, Vec<u8>)> {
    let nested = (0..5_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect::<Vec<_>>()
        .concat();
    let rfc822: String = (0..5_000).map(|_| "Content-Type: message/rfc822\r\n\r\n").collect();
    let bomb = "UEsDBBQAAAAIAA".repeat(200_000);
    vec![
        ("nothing but noise", vec![0xFF; 4_096]),
        ("nul bytes", format!("{HEAD}Subject: a\0b\r\n\r\nhi\0there friend\r\n").into_bytes()),
        ("a head without end", format!("{HEAD}X-Long: {}", "a".repeat(3 * MOST)).into_bytes()),
        ("a hundred thousand fields", format!("{}{HEAD}\r\nhi\r\n", "X-A: b\r\n".repeat(100_000)).into_bytes()),
        ("a subject of a megabyte", format!("{HEAD}Subject: {}\r\n\r\nhi\r\n", "é".repeat(400_000)).into_bytes()),
        ("ten thousand recipients", format!("{HEAD}Cc: {}\r\n\r\nhi\r\n", "a@example.com, ".repeat(10_000)).into_bytes()),
        ("deep multiparts", format!("{HEAD}{nested}hi\r\n").into_bytes()),
        ("deep messages", format!("{HEAD}{rfc822}hi\r\n").into_bytes()),
        ("a boundary that never comes", format!("{HEAD}Content-Type: multipart/mixed; boundary=zz\r\n\r\nhi\r\n").into_bytes()),
        ("a wrong charset", [HEAD.as_bytes(), b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xC3\x28\xA0\xA1\r\n"].concat()),
        ("an unknown charset", format!("{HEAD}Content-Type: text/plain; charset=klingon\r\n\r\nhi\r\n").into_bytes()),
        ("broken base64", format!("{HEAD}Content-Transfer-Encoding: base64\r\n\r\n!!!!====\r\n").into_bytes()),
        ("broken quoted-printable", format!("{HEAD}Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=\r\n").into_bytes()),
        ("a broken encoded word", format!("{HEAD}Subject: =?utf-8?B?////?= =?x?Q?=zz?=\r\n\r\nhi\r\n").into_bytes()),
        ("a packed attachment", format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n{bomb}\r\n--b--\r\n").into_bytes()),
        ("controls and directions", format!("{HEAD}\r\n\u{1b}[2Jhi\u{202e}evil\u{0}\r\n").into_bytes()),
        ("two authors", format!("From: a@example.com, b@example.com\r\n{}\r\nhello there you\r\n", "To: x@y.example\r\n").into_bytes()),
        ("two From fields", format!("From: a@example.com\r\n{HEAD}\r\nhello there you\r\n").into_bytes()),
        ("html without end", format!("{HEAD}Content-Type: text/html\r\n\r\n{}", "<div><a href='".repeat(20_000)).into_bytes()),
    ]
}

async fn whatever_comes_is_filed_and_nothing_is_chosen(portal: &TestPortal) {
    let mails = bad_mails();
    for (at, (name, raw)) in mails.iter().enumerate() {
        let doors = doors();
        let envelope = Envelope::default();
        let outcome = receive(&portal.service, &doors, raw, &envelope);
        assert_eq!(outcome.await.unwrap(), Outcome::Filed, "{name}");
        assert_eq!(requests(portal).await.len(), at + 1, "{name}");
    }
    assert!(portal.ledger().await.is_empty());
}

async fn a_stop_before_a_large_attachment_still_counts(portal: &TestPortal) {
    let raw = format!(
        "{HEAD}Message-ID: <large.1@example.com>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSTOP\r\n--b\r\nContent-Type: image/png\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        "iVBORw0KGgo".repeat(300_000)
    );
    assert_eq!(hands_over(portal, &raw).await, Outcome::OptedOut);
}

async fn forging_somebodys_address_can_only_restrict_them(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    for (at, body) in ["START", "yes", "subscribe", "opt in", "unstop"].iter().enumerate() {
        let raw = format!("{HEAD}Message-ID: <forged.{at}@evil.example>\r\n\r\n{body}\r\n");
        assert_eq!(hands_over(portal, &raw).await, Outcome::Filed, "{body}");
    }
    assert!(portal.entries_of(&mira).await.is_empty());
}

on_both_engines!(
    whatever_comes_is_filed_and_nothing_is_chosen,
    a_stop_before_a_large_attachment_still_counts,
    forging_somebodys_address_can_only_restrict_them,
);

#[test]
fn bad_mails_are_read_in_bounded_time_and_space() {
    for (name, raw) in bad_mails() {
        let mail = read(&raw);
        assert!(mail.is_none_or(|mail| !mail.recipients.iter().any(|to| to.len() > 320)), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_break_the_reader_of_mails(raw in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read(&raw);
    }

    #[test]
    fn no_changed_byte_of_a_real_mail_breaks_it(
        which in 0_usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..30),
    ) {
        let mails: [&[u8]; 4] = [
            include_bytes!("mails/gmail_reply.eml"),
            include_bytes!("mails/postfix_bounce.eml"),
            include_bytes!("mails/chinese_base64.eml"),
            include_bytes!("mails/outlook_reply.eml"),
        ];
        let mut raw = mails[which].to_vec();
        for (at, byte) in changes {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        let _ = read(&raw);
    }

    #[test]
    fn no_form_breaks_the_reader_of_texts(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
        if let Some(form) = read_form(&body) {
            let _ = Text::of(&form).map(|text| hear(&text.body));
        }
    }

    #[test]
    fn an_answer_is_always_one_message(sentence in "\\PC{0,200}") {
        let xml = twiml(Some(&sentence));
        prop_assert_eq!(xml.matches("<Message>").count(), 1);
        prop_assert_eq!(xml.matches('<').count(), 5);
    }

    #[test]
    fn only_a_whole_tag_names_a_token(address in "[a-z+-]{0,20}[0-9a-f]{0,40}@[a-z.]{1,12}") {
        if let Some(token) = token_of(&address) {
            prop_assert_eq!(token.len(), 22);
        }
    }

    #[test]
    fn words_and_noise_never_turn_anything_on(text in "[a-zA-Z ]{0,30}") {
        // There is no outcome of a text that loosens: the reader has none to give.
        let said = hear(&text).said;
        prop_assert!(matches!(said, Said::Stop | Said::Start | Said::Help | Said::Unclear));
    }
}
