//! Writing the ledger: groups, order, many at once.

use std::collections::HashSet;
use std::sync::Arc;

use app::portal::{By, Portal, PortalError, Who};
use domain::change::Assurance;
use domain::choice::{Actor, Entry};
use domain::{Act, Language, NoticeNumber, PersonId, Position, Reference, Source, Target, Wish};
use futures::future::{join, join_all};
use server::ports::{Clock, new_uuid};
use server::store::Store;

use crate::support::place::Place;
use crate::support::{Customer, TestPortal, on_both_engines};

on_both_engines![
    an_empty_ledger_is_whole,
    a_group_dropped_before_its_commit_leaves_nothing,
    fifty_writers_at_once_leave_no_gap_and_a_reader_skips_nothing,
    two_nodes_at_once_leave_one_whole_chain,
    two_nodes_may_open_a_new_store_at_the_same_moment,
    opening_a_store_again_keeps_what_is_in_it,
    three_hundred_wishes_at_once_are_all_answered_and_all_there,
    one_bad_row_harms_no_other_of_its_group,
    a_stranger_named_by_many_at_once_becomes_one_record,
    an_answer_means_that_another_reader_sees_it,
];

pub fn entry(portal: &TestPortal, person: PersonId) -> Entry {
    let at = portal.clock.now();
    Entry {
        person,
        target: Target::Everything,
        act: Act::Withdrawn,
        source: Source::Page,
        actor: Actor::Person,
        notice: NoticeNumber(1),
        language: Language::English,
        at,
        reference: portal.service.new_reference(),
    }
}

/// Appends one entry in a group of its own.
async fn append(store: &Store, entry: Entry) -> Position {
    let mut group = store.begin_group().await.unwrap();
    let placed = group.append(vec![entry]).await.unwrap();
    group.commit().await.unwrap();
    placed[0].position
}

pub const BY_LINK: By =
    By { assurance: Assurance::Link, source: Source::Page, language: Language::English };

async fn an_empty_ledger_is_whole(portal: &TestPortal) {
    assert_eq!(portal.verifies().await, Ok(Position(0)));
}

async fn a_group_dropped_before_its_commit_leaves_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut group = portal.store().begin_group().await.unwrap();
    group.append(vec![entry(portal, customer.person)]).await.unwrap();
    assert_eq!(group.head().position, Position(1));
    drop(group);
    assert_eq!(portal.verifies().await, Ok(Position(0)));
    assert_eq!(append(portal.store(), entry(portal, customer.person)).await, Position(1));
}

async fn fifty_writers_at_once_leave_no_gap_and_a_reader_skips_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let writers = join_all((0..50).map(|_| append(portal.store(), entry(portal, customer.person))));
    let reader = async {
        let mut seen: Vec<i64> = Vec::new();
        while seen.len() < 50 {
            let last = Position(seen.last().copied().unwrap_or(0));
            let rows = portal.store().list_ledger(last, 1_000).await.unwrap();
            seen.extend(rows.into_iter().map(|row| row.unwrap().choice.position.0));
            tokio::task::yield_now().await;
        }
        seen
    };
    let (mut written, seen) = join(writers, reader).await;
    written.sort_unstable();
    assert_eq!(written, (1..=50).map(Position).collect::<Vec<_>>(), "gapless");
    assert_eq!(seen, (1..=50).collect::<Vec<_>>(), "in the order of commits");
    assert_eq!(portal.verifies().await, Ok(Position(50)));
}

async fn two_nodes_at_once_leave_one_whole_chain(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let other = Store::open(portal.place.url()).await.unwrap();
    let here = join_all((0..25).map(|_| append(portal.store(), entry(portal, customer.person))));
    let there = join_all((0..25).map(|_| append(&other, entry(portal, customer.person))));
    join(here, there).await;
    assert_eq!(portal.verifies().await, Ok(Position(50)));
    other.close().await;
}

async fn two_nodes_may_open_a_new_store_at_the_same_moment(portal: &TestPortal) {
    let place = Place::make(portal.place.engine()).await.unwrap();
    let url = place.url().to_owned();
    let opened = join_all((0..4).map(|_| tokio::spawn(open(url.clone())))).await;
    for store in opened {
        let store = store.unwrap();
        store.find_head().await.unwrap();
        store.close().await;
    }
    place.clear().await;
}

async fn open(url: String) -> Store {
    Store::open(&url).await.unwrap()
}

async fn opening_a_store_again_keeps_what_is_in_it(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    append(portal.store(), entry(portal, customer.person)).await;
    let again = Store::open(portal.place.url()).await.unwrap();
    assert_eq!(again.find_head().await.unwrap().0, Position(1));
    assert_eq!(again.count_people().await.unwrap(), 1);
    again.close().await;
    assert!(Store::open("mysql://localhost/x").await.is_err());
}

async fn three_hundred_wishes_at_once_are_all_answered_and_all_there(portal: &TestPortal) {
    let mut customers: Vec<Customer> = Vec::new();
    for number in 0..100 {
        customers.push(portal.customer(&format!("c{number}@example.com")).await);
    }
    // Each wishes three times at once: two are the same, one is another.
    let wishes = customers.iter().flat_map(|customer| {
        [Target::Marketing, Target::Sharing, Target::Marketing]
            .map(|target| (Who::Person(customer.person), Wish::TurnOff(target)))
    });
    let answers = wishes.map(|(who, wish)| portal.service.record(who, wish, BY_LINK));
    let answers: Vec<_> = join_all(answers).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.len(), 300);
    assert_eq!(answers.iter().map(|answer| answer.added).sum::<usize>(), 200);
    let ledger = portal.ledger().await;
    assert_eq!(ledger.len(), 200);
    let stored: HashSet<Reference> =
        ledger.into_iter().map(|row| row.choice.entry.reference).collect();
    let told = answers.iter().filter(|answer| answer.added > 0);
    assert!(told.into_iter().all(|answer| stored.contains(&answer.reference)));
    assert_eq!(portal.verifies().await, Ok(Position(200)));
}

async fn one_bad_row_harms_no_other_of_its_group(portal: &TestPortal) {
    let good = portal.customer("mira@example.com").await;
    // The database knows no such person, so their row can't be written.
    let nobody = PersonId(new_uuid(portal.clock.now(), portal.random.as_ref()));
    let off = |person| {
        portal.service.record(Who::Person(person), Wish::TurnOff(Target::Everything), BY_LINK)
    };
    let (kept, refused) = join(off(good.person), off(nobody)).await;
    assert_eq!(kept.unwrap().added, 1);
    assert_eq!(refused, Err(PortalError::Unavailable));
    assert_eq!(portal.entries_of(&good).await.len(), 1);
    assert_eq!(portal.verifies().await, Ok(Position(1)));
}

async fn a_stranger_named_by_many_at_once_becomes_one_record(portal: &TestPortal) {
    let contact = portal.service.read_contact("nobody@example.com").unwrap();
    let who = Who::Handle(portal.service.handle(&contact));
    let off = (0..20)
        .map(|_| portal.service.record(who.clone(), Wish::TurnOff(Target::Everything), BY_LINK));
    let added: usize = join_all(off).await.into_iter().map(|done| done.unwrap().added).sum();
    assert_eq!(added, 1);
    assert_eq!(portal.store().count_people().await.unwrap(), 1);
    assert_eq!(portal.ledger().await.len(), 1);
}

async fn an_answer_means_that_another_reader_sees_it(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let other = Store::open(portal.place.url()).await.unwrap();
    let service = Arc::clone(&portal.service);
    for (count, target) in [Target::Sharing, Target::Marketing].into_iter().enumerate() {
        let who = Who::Person(customer.person);
        service.record(who, Wish::TurnOff(target), BY_LINK).await.unwrap();
        let seen = other.list_choices(customer.person).await.unwrap();
        assert_eq!(seen.len(), count + 1, "read your writes, on every node (A-03)");
    }
    other.close().await;
}
