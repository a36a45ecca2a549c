//! The index in memory: it says what the database says, or nothing.

use std::time::Duration;

use app::portal::{By, Portal, Who};
use domain::change::Assurance;
use domain::choice::{Actor, Entry};
use domain::contact::IdentifierKind;
use domain::{
    Act, Language, NoticeNumber, PersonId, Position, Preferences, Reference, Source, Standings,
    Target, Wish,
};
use server::index::Index;
use server::store::Store;
use tokio::time::{sleep, timeout};

use crate::support::{Customer, Newcomer, TestPortal, on_both_engines};

on_both_engines![
    a_choice_is_in_it_before_the_customer_is_told,
    somebody_new_is_found_by_their_hash_before_they_are_told,
    what_another_node_writes_is_followed_within_a_second,
    somebody_taken_in_elsewhere_is_followed_within_a_second,
    it_holds_what_the_database_holds,
    it_vouches_for_nothing_once_the_database_is_gone,
    it_is_not_asked_for_more_than_it_has_seen,
    what_is_written_while_it_fills_is_not_lost,
    it_vouches_for_nobody_until_it_knows_whom_it_wrote_of,
];

const BY: By = By { assurance: Assurance::Link, source: Source::Page, language: Language::English };

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn says_no(index: &Index, person: PersonId, text: &str) -> bool {
    let table = index.everyone().expect("the index vouches");
    let held = table.find(person.0).expect("the person is there");
    held.standing(&target(text)).is_some_and(|standing| !standing.granted)
}

/// Writes as another process would: past the portal, into the same store.
async fn elsewhere(store: &Store, customer: &Customer, text: &str, act: Act) {
    let mut group = store.begin_group().await.unwrap();
    let entry = Entry {
        person: customer.person,
        target: target(text),
        act,
        source: Source::Api,
        actor: Actor::System,
        notice: NoticeNumber(1),
        language: Language::English,
        at: domain::Moment(1_800_000_000_000),
        reference: Reference::from_random([1; 5]),
    };
    group.append(vec![entry]).await.unwrap();
    group.commit().await.unwrap();
}

async fn a_choice_is_in_it_before_the_customer_is_told(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    portal.is_indexed().await;
    let switches = ["message:offers/email", "topic:care", "sharing", "everything"];
    for text in switches {
        let wish = Wish::TurnOff(target(text));
        portal.service.record(Who::Person(customer.person), wish, BY).await.unwrap();
        assert!(says_no(&portal.service.index, customer.person, text), "{text}");
    }
}

async fn somebody_new_is_found_by_their_hash_before_they_are_told(portal: &TestPortal) {
    portal.is_indexed().await;
    let contact = portal.service.read_contact("stranger@example.com").unwrap();
    let handle = portal.service.handle(&contact);
    let wish = Wish::TurnOff(Target::Everything);
    portal.service.record(Who::Handle(handle.clone()), wish, BY).await.unwrap();
    let table = portal.service.index.everyone().unwrap();
    let found: Vec<_> = table.known_by(&handle.digests[0].1).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].standing(&target("message:offers/email")).is_some_and(|no| !no.granted));
}

async fn what_another_node_writes_is_followed_within_a_second(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    portal.is_indexed().await;
    elsewhere(portal.store(), &customer, "sharing", Act::Withdrawn).await;
    let followed = async {
        while !says_no(&portal.service.index, customer.person, "sharing") {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(1), followed).await.expect("within a second");
}

async fn somebody_taken_in_elsewhere_is_followed_within_a_second(portal: &TestPortal) {
    portal.is_indexed().await;
    let newcomer = Newcomer { email: Some("new@example.com"), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    let digest = portal.service.vault.lookup(IdentifierKind::Email, "new@example.com").remove(0);
    let known = || {
        let table = portal.service.index.everyone()?;
        table.known_by(&digest.digest).next()?.person()
    };
    let followed = async {
        while known().is_none() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(1), followed).await.expect("within a second");
    assert_eq!(known(), Some(customer.person));
}

async fn it_holds_what_the_database_holds(portal: &TestPortal) {
    let mut customers = Vec::new();
    for number in 0..20 {
        let email = format!("customer-{number}@example.com");
        customers.push(portal.customer(&email).await);
    }
    let acts = [
        ("message:offers/email", Act::Withdrawn),
        ("marketing", Act::Paused { until: domain::Moment(1_900_000_000_000) }),
        ("message:trips/email", Act::Requested),
        ("message:trips/email", Act::Granted),
        ("marketing", Act::Resumed),
        ("sharing", Act::Withdrawn),
        ("sharing", Act::Undone { entry: Position(3) }),
    ];
    for (number, customer) in customers.iter().enumerate() {
        for (text, act) in acts.iter().cycle().skip(number).take(number % 9) {
            elsewhere(portal.store(), customer, text, *act).await;
        }
    }
    let index = Index::start(portal.store().clone());
    while index.everyone().is_none() {
        sleep(Duration::from_millis(5)).await;
    }
    for customer in &customers {
        let stored = Preferences::fold(&portal.entries_of(customer).await);
        let found = index.find(customer.person, Position(0)).expect("found");
        assert_eq!(found.preferences.version(), stored.version());
        assert_eq!(found.preferences, stored);
    }
}

async fn it_vouches_for_nothing_once_the_database_is_gone(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    portal.is_indexed().await;
    let index = &portal.service.index;
    assert!(index.find(customer.person, Position(0)).is_some());
    portal.store().close().await;
    sleep(server::index::FRESH + Duration::from_millis(50)).await;
    assert!(!index.is_fresh());
    assert!(index.everyone().is_none());
    assert!(index.find(customer.person, Position(0)).is_none());
}

async fn it_is_not_asked_for_more_than_it_has_seen(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    portal.is_indexed().await;
    assert!(portal.service.index.find(customer.person, Position(1)).is_none());
    let wish = Wish::TurnOff(Target::Everything);
    portal.service.record(Who::Person(customer.person), wish, BY).await.unwrap();
    assert!(portal.service.index.find(customer.person, Position(1)).is_some());
}

async fn what_is_written_while_it_fills_is_not_lost(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    // No turn of the follower has run yet, so the table is empty when the portal writes.
    let wish = Wish::TurnOff(Target::Sharing);
    portal.service.record(Who::Person(customer.person), wish, BY).await.unwrap();
    portal.is_indexed().await;
    assert!(says_no(&portal.service.index, customer.person, "sharing"));
}

async fn it_vouches_for_nobody_until_it_knows_whom_it_wrote_of(portal: &TestPortal) {
    portal.is_indexed().await;
    // Made by another node a moment ago, so the index does not have them yet.
    let customer = portal.customer("mira@example.com").await;
    let wish = Wish::TurnOff(Target::Sharing);
    portal.service.record(Who::Person(customer.person), wish, BY).await.unwrap();
    let known = |table: &server::index::Table| table.find(customer.person.0).is_some();
    assert!(portal.service.index.everyone().is_none_or(|table| known(&table)));
    portal.is_indexed().await;
    assert!(says_no(&portal.service.index, customer.person, "sharing"));
}
