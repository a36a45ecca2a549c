//! Mail by SMTP, against a server that behaves well and badly.

use std::time::Duration;

use domain::Language;
use domain::contact::{Contact, Phone};
use lettre::transport::smtp::client::Certificate;
use server::outbox::{Security, Sendmail, Smtp};
use server::ports::{Letter, Mail, NotSent, Sender};
use uuid::Uuid;

use crate::support::place::{Engine, Place};
use crate::support::ports::BEGINNING;
use crate::support::sink::{Mood, Offer, Sink, Stage};

fn letter(to: &str) -> Letter {
    Letter {
        id: Uuid::from_u128(7),
        at: BEGINNING,
        from: Sender {
            name: "Nörd & “Wind”".into(),
            email: "privacy@northwind.example".parse().unwrap(),
        },
        to: Contact::Email(to.parse().unwrap()),
        language: Language::German,
        subject: "Grüße: gespeichert".into(),
        body: "Grüße.\n.\nEnde\n".into(),
        html: Some("<p>Grüße</p>".into()),
    }
}

fn plain(sink: &Sink) -> Smtp {
    let server = Smtp::new("127.0.0.1", sink.port, &Security::Plain).unwrap();
    server.called("privacy.northwind.example").with_patience(Duration::from_secs(1))
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written() {
    let sink = Sink::opens(Offer::Nothing).await;
    let server = plain(&sink);
    server.send(letter("mira@example.com")).await.unwrap();
    let message = sink.received().remove(0);
    assert_eq!(message.from, "privacy@northwind.example");
    assert_eq!(message.to, "mira@example.com");
    for (name, value) in [
        ("To", "mira@example.com"),
        ("Auto-Submitted", "auto-generated"),
        ("Message-ID", "<00000000-0000-0000-0000-000000000007@northwind.example>"),
        ("Content-Language", "de"),
        ("MIME-Version", "1.0"),
        ("Date", "Mon, 15 Jun 2026 09:30:00 +0000"),
        ("Subject", "=?utf-8?b?R3LDvMOfZTo=?= gespeichert"),
    ] {
        assert_eq!(message.field(name).as_deref(), Some(value), "{name}: {}", message.text);
    }
    assert!(message.field("Content-Type").unwrap().starts_with("multipart/alternative"));
    assert!(message.field("From").unwrap().ends_with("<privacy@northwind.example>"));
    for name in ["List-Unsubscribe", "List-Id", "Bcc", "Precedence"] {
        assert_eq!(message.field(name), None, "{name}");
    }
    let (text, html) = (message.text.find("text/plain"), message.text.find("text/html"));
    assert!(text.unwrap() < html.unwrap(), "the best one comes last (RFC 2046 §5.1.4)");
    assert!(message.text.is_ascii());
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let sink = Sink::opens(Offer::Nothing).await;
    let server = plain(&sink);
    for _ in 0..5 {
        server.send(letter("mira@example.com")).await.unwrap();
    }
    assert_eq!(sink.received().len(), 5);
    assert_eq!(sink.connections(), 1);
}

#[tokio::test]
async fn tls_is_spoken_and_the_password_comes_after_it() {
    for (offer, security) in
        [(Offer::Wrapped, Security::Wrapped), (Offer::StartTls, Security::StartTls)]
    {
        let sink = Sink::opens(offer).await;
        let root = Certificate::from_pem(sink.certificate.as_bytes()).unwrap();
        let server = Smtp::trusting("localhost", sink.port, &security, vec![root]).unwrap();
        let server = server.logging_in("ann".into(), "secret".into());
        server.send(letter("mira@example.com")).await.unwrap();
        let message = sink.received().remove(0);
        assert!(message.encrypted, "{offer:?}");
        assert!(message.user.unwrap().starts_with("AUTH PLAIN "), "{offer:?}");
    }
}

#[tokio::test]
async fn a_stranger_s_certificate_is_not_trusted() {
    for (offer, security) in
        [(Offer::Wrapped, Security::Wrapped), (Offer::StartTls, Security::StartTls)]
    {
        let sink = Sink::opens(offer).await;
        let server = Smtp::new("localhost", sink.port, &security).unwrap();
        let server = server.logging_in("ann".into(), "secret".into());
        let error = server.send(letter("mira@example.com")).await.unwrap_err();
        assert!(matches!(error, NotSent::Later(_)), "{error:?}");
        assert!(sink.received().is_empty());
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let sink = Sink::opens(Offer::Nothing).await;
    let server = Smtp::new("localhost", sink.port, &Security::StartTls).unwrap();
    let server = server.logging_in("ann".into(), "secret".into());
    let error = server.send(letter("mira@example.com")).await.unwrap_err();
    assert_eq!(error, NotSent::Later("STARTTLS is not on offer".into()));
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn what_a_server_says_decides_what_becomes_of_a_letter() {
    let later = |said: &str| NotSent::Later(said.into());
    let nobody = |said: &str| NotSent::NoSuchAddress(said.into());
    let refused = |said: &str| NotSent::Refused(said.into());
    for (stage, said, expected) in [
        (Stage::Greeting, "421 4.3.2 not now", later("421 4.3.2 to connecting")),
        (Stage::Greeting, "554 5.3.2 never", later("554 5.3.2 to connecting")),
        (Stage::From, "451 4.7.1 grey", later("451 4.7.1 to MAIL")),
        (Stage::From, "550 5.7.1 not you", later("550 5.7.1 to MAIL")),
        (Stage::To, "450 4.2.1 grey <mira@example.com>", later("450 4.2.1 to RCPT")),
        (Stage::To, "452 full", later("452 to RCPT")),
        (Stage::To, "550 5.1.1 <mira@example.com> is nobody", nobody("550 5.1.1 to RCPT")),
        (Stage::To, "550 <mira@example.com> is nobody", nobody("550 to RCPT")),
        (Stage::To, "550 5.2.1 closed", nobody("550 5.2.1 to RCPT")),
        (Stage::To, "554 5.7.1 relaying denied", refused("554 5.7.1 to RCPT")),
        (Stage::To, "554 your address is blocked", refused("554 to RCPT")),
        (Stage::To, "550 #5.7.1 blocked", refused("550 5.7.1 to RCPT")),
        (Stage::To, "550 5.2.2 full", refused("550 5.2.2 to RCPT")),
        (Stage::To, "550 5.3.4 too large", refused("550 5.3.4 to RCPT")),
        (Stage::To, "550 5.4.1 no route", refused("550 5.4.1 to RCPT")),
        (Stage::To, "550 5.1.8 bad sender", refused("550 5.1.8 to RCPT")),
        (Stage::To, "556 5.1.10 no mail here", nobody("556 5.1.10 to RCPT")),
        (Stage::Data, "451 4.3.0 not now", later("451 4.3.0 to DATA")),
        (Stage::End, "451 4.3.0 not now", later("451 4.3.0 to the message")),
        (Stage::End, "554 5.7.1 spam", refused("554 5.7.1 to the message")),
        (Stage::End, "550 5.1.1 nobody", refused("550 5.1.1 to the message")),
    ] {
        let sink = Sink::opens(Offer::Nothing).await;
        sink.feels([(stage, Mood::Says(said))]);
        let server = plain(&sink);
        let error = server.send(letter("mira@example.com")).await.unwrap_err();
        assert_eq!(error, expected, "{said}");
        assert!(!error.to_string().contains("mira"), "L-17: {error}");
        server.send(letter("mira@example.com")).await.unwrap();
        assert_eq!(sink.received().len(), 1, "the next one is taken after {said}");
    }
}

#[tokio::test]
async fn one_that_hangs_holds_nobody_up_for_long_and_answers_nobody_else() {
    for stage in [Stage::Greeting, Stage::From, Stage::To, Stage::Data, Stage::End] {
        let sink = Sink::opens(Offer::Nothing).await;
        let server = plain(&sink).with_patience(Duration::from_millis(200));
        sink.feels([(stage, Mood::Hangs)]);
        let error = server.send(letter("mira@example.com")).await.unwrap_err();
        assert_eq!(error, NotSent::Later("no answer in time".into()), "{stage:?}");
        server.send(letter("ann@example.com")).await.unwrap();
        let received = sink.received();
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].to, "ann@example.com");
        assert_eq!(sink.connections(), 2, "a connection in doubt is never used again");
    }
}

#[tokio::test]
async fn one_that_hangs_up_is_called_again() {
    for stage in [Stage::From, Stage::To, Stage::Data, Stage::End] {
        let sink = Sink::opens(Offer::Nothing).await;
        let server = plain(&sink);
        server.send(letter("mira@example.com")).await.unwrap();
        sink.feels([(stage, Mood::HangsUp)]);
        let error = server.send(letter("mira@example.com")).await.unwrap_err();
        assert!(matches!(error, NotSent::Later(_)), "{stage:?}: {error}");
        server.send(letter("ann@example.com")).await.unwrap();
        assert_eq!((sink.received().len(), sink.connections()), (2, 2), "{stage:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_is_no_reason_to_lose_a_letter() {
    let mut sink = Sink::opens(Offer::Nothing).await;
    let server = plain(&sink);
    sink.closes().await;
    let error = server.send(letter("mira@example.com")).await.unwrap_err();
    assert_eq!(error, NotSent::Later("no connection at connecting".into()));
}

#[tokio::test]
async fn a_phone_number_gets_no_mail() {
    let sink = Sink::opens(Offer::Nothing).await;
    let to = Contact::Phone(Phone::from_e164("+442079460018").unwrap());
    let error = plain(&sink).send(Letter { to, ..letter("mira@example.com") }).await.unwrap_err();
    assert!(matches!(error, NotSent::Refused(_)));
    assert_eq!(sink.connections(), 0);
}

/// A mail program that keeps what it is given, or complains.
fn program(folder: &std::path::Path, script: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("sendmail");
    std::fs::write(&path, format!("#!/bin/sh\ncd {}\n{script}\n", folder.display())).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn the_machine_s_own_mail_program_gets_the_message_or_is_asked_again() {
    let place = Place::make(Engine::Sqlite).await.unwrap();
    let Place::Folder { folder, .. } = &place else { unreachable!() };
    let path = program(folder, "echo \"$@\" >arguments; cat >message");
    let bounces_to = Some("bounces@northwind.example".parse().unwrap());
    Sendmail::new(path, bounces_to).send(letter("mira@example.com")).await.unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("message").contains("\nTo: mira@example.com\r\n"));
    let arguments = read("arguments");
    assert!(arguments.contains("-f bounces@northwind.example"), "{arguments}");
    assert!(arguments.trim_end().ends_with("mira@example.com"), "{arguments}");
    let path = program(folder, "cat >/dev/null; echo \"mira@example.com?\" >&2; exit 75");
    let error = Sendmail::new(path, None).send(letter("mira@example.com")).await.unwrap_err();
    assert_eq!(error, NotSent::Later("the mail program failed".into()), "L-17");
    let error = Sendmail::new("/nowhere/sendmail", None).send(letter("mira@example.com")).await;
    assert!(matches!(error, Err(NotSent::Later(_))));
    place.clear().await;
}
