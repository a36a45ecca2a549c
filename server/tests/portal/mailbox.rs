//! Fetching mail over IMAP: from a real server where one is installed, and from one that misbehaves.

use std::time::Duration;

use server::inbound::imap::{ImapError, Mailbox, look};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use super::replies::{doors, requests};
use crate::support::dovecot::Dovecot;
use crate::support::{TestPortal, on_sqlite};

const MIRA: &str = "mira@example.com";

fn mailbox(port: u16, done: Option<&str>) -> Mailbox {
    Mailbox {
        server: ("127.0.0.1".into(), port),
        user: "replies".into(),
        password: Zeroizing::new("wonder".into()),
        folder: "INBOX".into(),
        done: done.map(ToOwned::to_owned),
        every: Duration::from_mins(1),
        encrypted: false,
    }
}

async fn a_real_server_gives_up_its_mail_once(portal: &TestPortal) {
    let Some(dovecot) = Dovecot::starts(None).await else { return };
    portal.customer(MIRA).await;
    dovecot.gets("1", include_str!("mails/apple_reply.eml"));
    dovecot.gets("2", include_str!("mails/question.eml"));
    dovecot.gets("3", include_str!("mails/outlook_absence.eml"));
    let plain = mailbox(dovecot.port, None);
    assert_eq!(look(&portal.service, &doors(), &plain).await.unwrap(), 3);
    assert_eq!(portal.ledger().await.len(), 1);
    assert_eq!(requests(portal).await.len(), 1);
    assert_eq!(look(&portal.service, &doors(), &plain).await.unwrap(), 0, "they are marked");
    // The same message again is fetched, marked, and counts for nothing.
    dovecot.gets("4", include_str!("mails/apple_reply.eml"));
    assert_eq!(look(&portal.service, &doors(), &plain).await.unwrap(), 1);
    assert_eq!(portal.ledger().await.len(), 1);
    let moving = Mailbox { folder: "INBOX".into(), ..mailbox(dovecot.port, Some("Done")) };
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(dovecot.folder.join("mail/.Done").join(part)).unwrap();
    }
    dovecot.gets("5", include_str!("mails/start.eml"));
    assert_eq!(look(&portal.service, &doors(), &moving).await.unwrap(), 1);
    let moved = std::fs::read_dir(dovecot.folder.join("mail/.Done/cur")).unwrap().count()
        + std::fs::read_dir(dovecot.folder.join("mail/.Done/new")).unwrap().count();
    assert_eq!(moved, 1);
    let wrong = Mailbox { password: Zeroizing::new("guess".into()), ..plain };
    assert!(matches!(look(&portal.service, &doors(), &wrong).await, Err(ImapError::Login)));
    dovecot.stops().await;
}

/// A server with one message that keeps what it is told; it may hang up after a command.
async fn plays_server(
    hangs_up_after: Option<&'static str>,
) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let played = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut heard = String::new();
        writer.write_all(b"* OK ready\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            if hangs_up_after.is_some_and(|word| command.starts_with(word)) {
                return heard;
            }
            let mail = include_str!("mails/apple_reply.eml");
            let data = match command.split(' ').take(2).collect::<Vec<_>>()[..] {
                ["SELECT", _] => "* 1 EXISTS\r\n".to_owned(),
                ["CAPABILITY"] => "* CAPABILITY IMAP4rev1\r\n".to_owned(),
                ["UID", "SEARCH"] => "* SEARCH 7\r\n".to_owned(),
                ["UID", "FETCH"] => {
                    format!("* 1 FETCH (UID 7 BODY[]<0> {{{}}}\r\n{mail})\r\n", mail.len())
                }
                _ => String::new(),
            };
            let answer = format!("{data}{tag} OK done\r\n");
            if writer.write_all(answer.as_bytes()).await.is_err() {
                break;
            }
        }
        heard
    });
    (port, played)
}

async fn a_message_is_marked_only_after_it_is_kept(portal: &TestPortal) {
    portal.customer(MIRA).await;
    portal.breaks().await;
    let (port, played) = plays_server(None).await;
    let looked = look(&portal.service, &doors(), &mailbox(port, None)).await;
    assert!(matches!(looked, Err(ImapError::NotKept(_))), "{looked:?}");
    let heard = played.await.unwrap();
    assert!(heard.contains("BODY.PEEK[]<0.") && !heard.contains("STORE"), "{heard}");
}

async fn a_server_that_hangs_up_is_survived(portal: &TestPortal) {
    portal.customer(MIRA).await;
    for word in ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"] {
        let (port, played) = plays_server(Some(word)).await;
        assert!(look(&portal.service, &doors(), &mailbox(port, None)).await.is_err(), "{word}");
        played.await.unwrap();
    }
    let (port, played) = plays_server(None).await;
    assert_eq!(look(&portal.service, &doors(), &mailbox(port, None)).await.unwrap(), 1);
    assert!(played.await.unwrap().contains("UID STORE 7 +FLAGS.SILENT (\\Seen)"));
    assert_eq!(portal.ledger().await.len(), 1, "it came twice and counted once");
}

async fn nonsense_and_silence_are_no_mail_server(portal: &TestPortal) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let played = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let mut rest = Vec::new();
        drop(stream.shutdown().await);
        drop(stream.read_to_end(&mut rest).await);
    });
    assert!(look(&portal.service, &doors(), &mailbox(port, None)).await.is_err());
    played.await.unwrap();
    assert!(look(&portal.service, &doors(), &mailbox(1, None)).await.is_err(), "nobody listens");
}

on_sqlite!(
    a_real_server_gives_up_its_mail_once,
    a_message_is_marked_only_after_it_is_kept,
    a_server_that_hangs_up_is_survived,
    nonsense_and_silence_are_no_mail_server,
);
