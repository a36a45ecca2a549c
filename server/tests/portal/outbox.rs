//! Letters on their way out: nothing is lost, nothing is sent twice in normal running, and what a
//! letter said is forgotten with it.

use std::sync::Arc;
use std::time::Duration;

use app::routes;
use domain::Language;
use domain::change::WINDOW;
use domain::contact::{Contact, Phone};
use domain::moment::{DAY, HOUR, MINUTE};
use domain::outbox::{Kind, lifetime};
use futures::future::join_all;
use server::outbox::{Content, Says, Security, Smtp, sealed};
use server::ports::{Clock, NotSent, new_uuid};
use server::store::{Fate, NewLetter};

use crate::support::sink::{Mood, Offer, Sink, Stage};
use crate::support::{TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    a_letter_is_sent_once_however_many_send,
    a_letter_whose_sender_died_is_sent_again,
    who_lost_a_letter_to_another_node_notes_nothing,
    what_is_not_taken_is_tried_again_for_three_days,
    a_code_is_given_up_when_it_is_worth_nothing,
    what_a_letter_said_is_forgotten_when_it_is_sent,
    a_letter_of_one_cause_is_made_once,
    nothing_is_sent_to_somebody_who_was_erased,
    a_code_for_a_stranger_makes_the_same_rows_and_no_letter,
    what_ended_long_ago_is_forgotten,
    figures_say_what_waits,
];

on_sqlite![an_outage_of_the_mail_server_loses_nothing];

/// An answer to somebody.
fn answer(portal: &TestPortal, to: &str, dedup: Option<&str>) -> NewLetter {
    let (vault, random, now) = (&portal.service.vault, portal.random.as_ref(), portal.clock.now());
    let says = Says::Words { subject: "Your question".into(), body: "Yes.\n\nReally.".into() };
    let to = Contact::Email(to.parse().unwrap());
    let content = Content { to, language: Language::English, says };
    NewLetter {
        id: new_uuid(now, random),
        kind: Kind::Answer,
        person: None,
        dedup: dedup.map(ToOwned::to_owned),
        sealed: Some(sealed(&content, vault, random)),
        next_at: now.0,
        give_up_at: now.plus(lifetime(Kind::Answer)).0,
        created_at: now.0,
    }
}

async fn waits(portal: &TestPortal, count: usize) {
    for number in 0..count {
        let letter = answer(portal, &format!("m{number}@example.com"), None);
        assert!(portal.store().insert_letter(&letter).await.unwrap());
    }
}

/// How many letters are not sent yet.
async fn open(portal: &TestPortal) -> i64 {
    portal.store().count_open_letters().await.unwrap().iter().map(|row| row.count).sum()
}

async fn a_letter_is_sent_once_however_many_send(portal: &TestPortal) {
    waits(portal, 60).await;
    let rounds = (0..4).map(|_| portal.postman.round());
    let taken: usize = join_all(rounds).await.into_iter().map(Result::unwrap).sum();
    assert_eq!((taken, portal.mailbox.unread(), open(portal).await), (60, 60, 0));
    let mut to: Vec<_> = (0..60).map(|_| portal.mailbox.reads().to.as_str().to_owned()).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 60, "each once");
    assert_eq!(portal.postman.round().await.unwrap(), 0);
}

async fn a_letter_whose_sender_died_is_sent_again(portal: &TestPortal) {
    waits(portal, 1).await;
    let now = portal.clock.now().0;
    let taken = portal.store().take_letters(Kind::Answer, now, now + MINUTE, 9).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(portal.postman.round().await.unwrap(), 0, "it is under its lease");
    portal.clock.moves(MINUTE);
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    let letter = portal.mailbox.reads();
    assert_eq!(letter.id, taken[0].id, "a mailbox can tell that it is the same");
    assert_eq!(letter.at.0, now);
}

async fn who_lost_a_letter_to_another_node_notes_nothing(portal: &TestPortal) {
    waits(portal, 1).await;
    let (store, now) = (portal.store(), portal.clock.now().0);
    let slow = store.take_letters(Kind::Answer, now, now + 1, 9).await.unwrap().remove(0);
    let fast = store.take_letters(Kind::Answer, now + 1, now + MINUTE, 9).await.unwrap().remove(0);
    assert_eq!((slow.tries, fast.tries), (1, 2));
    let late = Fate::Failed("answered 550".into());
    assert!(!store.record_fate(&slow, &late, now + 2).await.unwrap());
    assert!(store.record_fate(&fast, &Fate::Sent, now + 2).await.unwrap());
    assert!(!store.record_fate(&slow, &late, now + 3).await.unwrap());
}

async fn what_is_not_taken_is_tried_again_for_three_days(portal: &TestPortal) {
    waits(portal, 1).await;
    portal.mailbox.answers(NotSent::Later("451 to RCPT".into()));
    let mut tries = 0;
    for _ in 0..(3 * 24 * 60) {
        tries += portal.postman.round().await.unwrap();
        portal.clock.moves(MINUTE);
    }
    assert!((25..50).contains(&tries), "{tries}");
    portal.mailbox.recovers();
    portal.clock.moves(DAY);
    assert_eq!((portal.postman.round().await.unwrap(), open(portal).await), (0, 0), "given up");
    waits(portal, 1).await;
    portal.mailbox.breaks();
    portal.postman.round().await.unwrap();
    portal.mailbox.recovers();
    assert_eq!(portal.postman.round().await.unwrap(), 0, "not at once");
    portal.clock.moves(MINUTE);
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    portal.mailbox.reads();
}

async fn a_code_is_given_up_when_it_is_worth_nothing(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    portal.mailbox.breaks();
    portal.browser().asks_for_a_code(Some("mira@example.com")).await;
    assert_eq!(open(portal).await, 1);
    portal.clock.moves(WINDOW);
    portal.mailbox.recovers();
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    assert_eq!((portal.mailbox.unread(), open(portal).await), (0, 0));
}

async fn what_a_letter_said_is_forgotten_when_it_is_sent(portal: &TestPortal) {
    waits(portal, 1).await;
    assert_eq!(portal.place.counts("select 1 from letter where sealed is not null").await, 1);
    portal.postman.round().await.unwrap();
    assert_eq!(portal.place.counts("select 1 from letter where sealed is not null").await, 0);
    assert_eq!(portal.place.counts("select 1 from letter where state = 'sent'").await, 1);
    let letter = portal.mailbox.reads();
    assert_eq!(letter.subject, "Your question");
    assert!(letter.body.starts_with("Yes.\n\nReally.\n\n-- \n"), "{}", letter.body);
    let html = letter.html.unwrap();
    assert!(html.contains(">Really.</p>"));
    waits(portal, 1).await;
    portal.mailbox.answers(NotSent::Refused("554 to DATA".into()));
    portal.postman.round().await.unwrap();
    assert_eq!(portal.place.counts("select 1 from letter where sealed is not null").await, 0);
}

async fn a_letter_of_one_cause_is_made_once(portal: &TestPortal) {
    let store = portal.store();
    for (cause, made) in [("request 1", true), ("request 1", false), ("request 2", true)] {
        let letter = answer(portal, "mira@example.com", Some(cause));
        assert_eq!(store.insert_letter(&letter).await.unwrap(), made, "{cause}");
    }
    let mut group = store.begin_group().await.unwrap();
    let letter = answer(portal, "mira@example.com", Some("request 3"));
    assert!(group.insert_letter(&letter).await.unwrap());
    group.rollback().await.unwrap();
    assert_eq!(portal.postman.round().await.unwrap(), 2, "no cause, no letter");
    portal.mailbox.reads();
    portal.mailbox.reads();
}

async fn nothing_is_sent_to_somebody_who_was_erased(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let letter =
        NewLetter { person: Some(customer.person.0), ..answer(portal, "mira@example.com", None) };
    let store = portal.store();
    assert!(store.insert_letter(&letter).await.unwrap());
    let mut group = store.begin_group().await.unwrap();
    let now = portal.clock.now().0;
    group.record_erasure(customer.person.0, b"sealed", now).await.unwrap();
    group.commit().await.unwrap();
    assert_eq!((portal.postman.round().await.unwrap(), open(portal).await), (0, 0));
    assert_eq!(portal.place.counts("select 1 from letter where sealed is not null").await, 0);
}

async fn a_code_for_a_stranger_makes_the_same_rows_and_no_letter(portal: &TestPortal) {
    portal.customer("known@example.com").await;
    for contact in ["known@example.com", "other@example.com"] {
        portal.browser_alone().posts(routes::SEND_CODE, &[("contact", contact)]).await;
    }
    assert_eq!(portal.place.counts("select 1 from letter").await, 2, "L-19");
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    assert_eq!(portal.mailbox.reads().to.as_str(), "known@example.com");
}

async fn what_ended_long_ago_is_forgotten(portal: &TestPortal) {
    waits(portal, 2).await;
    portal.postman.round().await.unwrap();
    portal.mailbox.reads();
    portal.mailbox.reads();
    waits(portal, 1).await;
    portal.clock.moves(90 * DAY - 1);
    portal.postman.clear().await.unwrap();
    assert_eq!(portal.place.counts("select 1 from letter").await, 3);
    portal.clock.moves(1);
    portal.postman.clear().await.unwrap();
    assert_eq!(portal.place.counts("select 1 from letter").await, 1, "what waits stays");
}

async fn figures_say_what_waits(portal: &TestPortal) {
    waits(portal, 3).await;
    portal.clock.moves(HOUR);
    portal.mailbox.breaks();
    portal.postman.round().await.unwrap();
    portal.postman.count().await.unwrap();
    let text = portal.service.metrics.write().unwrap();
    for line in [
        "sayso_letters{kind=\"answer\",state=\"queued\"} 3",
        "sayso_letters{kind=\"code\",state=\"queued\"} 0",
        "sayso_letter_oldest_seconds{kind=\"answer\"} 3600.0",
        "sayso_letters_posted_total{kind=\"answer\",state=\"again\"} 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let phone = Contact::Phone(Phone::from_e164("+442079460018").unwrap());
    assert!(!text.contains("example.com") && !text.contains(phone.as_str()), "L-17");
}

async fn an_outage_of_the_mail_server_loses_nothing(portal: &TestPortal) {
    let mut sink = Sink::opens(Offer::Nothing).await;
    let port = sink.port;
    let server = Smtp::new("127.0.0.1", port, &Security::Plain).unwrap();
    portal.mailbox.forwards(Arc::new(server.with_patience(Duration::from_millis(300))));
    let postman = &portal.postman;
    sink.feels([
        (Stage::To, Mood::Says("451 4.7.1 grey")),
        (Stage::End, Mood::HangsUp),
        (Stage::Data, Mood::Hangs),
        (Stage::To, Mood::Says("452 4.2.2 full")),
    ]);
    waits(portal, 12).await;
    postman.round().await.unwrap();
    let before = sink.received();
    assert_eq!(before.len(), 8, "one bad answer holds up no other letter");
    sink.closes().await;
    drop(sink);
    portal.clock.moves(MINUTE);
    postman.round().await.unwrap();
    waits(portal, 3).await;
    postman.round().await.unwrap();
    assert_eq!(open(portal).await, 7);
    // A node takes what is due and is never heard of again.
    let now = portal.clock.now().0;
    portal.store().take_letters(Kind::Answer, now, now + 5 * MINUTE, 2).await.unwrap();
    let sink = Sink::opens_at(port, Offer::Nothing).await;
    for _ in 0..30 {
        portal.clock.moves(MINUTE);
        postman.round().await.unwrap();
    }
    let after = sink.received();
    assert_eq!((open(portal).await, after.len()), (0, 7));
    let mut ids: Vec<_> =
        before.iter().chain(&after).map(|message| message.field("Message-ID").unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 15, "each arrived once");
}
