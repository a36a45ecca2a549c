//! Systems that come into the register later: nobody's no stays unknown to them.

use std::collections::BTreeSet;
use std::time::Duration;

use app::portal::{By, Handle, HandleKind, Portal, Who};
use domain::change::Assurance;
use domain::choice::{Actor, Entry};
use domain::contact::IdentifierKind;
use domain::moment::{DAY, MINUTE};
use domain::{Act, Language, PersonId, Source, Wish};
use server::api::scope::Scope;
use server::ledger::Command;
use server::notices::publish;
use server::ports::{Clock, new_uuid};
use server::store::{DeliveryFilter, DeliveryRow};
use server::tell::{Teller, seal_contact};
use server::vault::system_digest;

use crate::support::portal::CATALOGUE;
use crate::support::scene::teller;
use crate::support::{Customer, Key, TestPortal, on_both_engines};

on_both_engines![
    a_system_that_is_added_hears_once_of_every_no_that_stands,
    what_stops_in_the_middle_goes_on_and_doubles_nothing,
    a_choice_of_a_node_that_does_not_know_the_system_yet_is_not_lost,
    a_system_that_serves_more_hears_of_what_it_did_not_serve,
    a_system_that_was_there_from_the_start_is_told_nothing_twice,
    a_feed_that_serves_more_gets_it_behind_its_cursor,
];

const BY: By = By { assurance: Assurance::Link, source: Source::Page, language: Language::English };
const NEWCOMER: &str = r#"
[[system]]
key = "newcomer"
label = { en = "New", "zh-Hans" = "New", es = "New", de = "New", fr = "New", ar = "New" }
serves = ["channel:email"]
tell = { feed = true }
lead_business_days = 2
escalation = "Head of data"
"#;

async fn turns_off(portal: &TestPortal, customer: &Customer, text: &str) {
    let wish = Wish::TurnOff(text.parse().unwrap());
    portal.service.record(Who::Person(customer.person), wish, BY).await.unwrap();
}

/// Publishes a register, which this node takes up.
async fn publishes(portal: &TestPortal, source: &str) {
    publish(portal.store(), source, portal.clock.now()).await.unwrap();
    portal.service.notices.refresh().await.unwrap();
}

/// Makes what is owed, until there is nothing left.
async fn welcomes(portal: &TestPortal, teller: &Teller) -> u64 {
    let made = teller.welcome().await.unwrap();
    portal.clock.moves(MINUTE);
    let later = teller.welcome().await.unwrap();
    assert!(portal.store().list_open_newcomers().await.unwrap().is_empty());
    made + later
}

async fn deliveries(portal: &TestPortal, system: &str) -> Vec<DeliveryRow> {
    let filter = DeliveryFilter { system: Some(system.into()), ..DeliveryFilter::default() };
    portal.store().list_deliveries(&filter, (0, ""), 10_000).await.unwrap()
}

async fn positions(portal: &TestPortal, system: &str) -> Vec<i64> {
    deliveries(portal, system).await.iter().map(|row| row.position).collect()
}

async fn a_system_that_is_added_hears_once_of_every_no_that_stands(portal: &TestPortal) {
    let [mira, ola, wen, ada] =
        ["mira", "ola", "wen", "ada"].map(|name| format!("{name}@example.com"));
    let mira = portal.customer(&mira).await;
    let (ola, wen, ada) =
        (portal.customer(&ola).await, portal.customer(&wen).await, portal.customer(&ada).await);
    turns_off(portal, &mira, "message:offers/email").await; // 1: overtaken by 2
    turns_off(portal, &mira, "everything").await; // 2
    turns_off(portal, &ola, "message:care/text").await; // 3: of no concern
    let pause = Wish::Pause(30);
    portal.service.record(Who::Person(wen.person), pause, BY).await.unwrap(); // 4
    turns_off(portal, &ada, "message:offers/email").await; // 5: taken back by 6
    let last = portal.entries_of(&ada).await.last().unwrap().entry.reference.clone();
    portal.service.record(Who::Person(ada.person), Wish::Undo(last), BY).await.unwrap(); // 6
    // Somebody whom nobody knows can be named only while their delivery is on its way.
    let stranger = "stranger@example.com";
    let vault = &portal.service.vault;
    let digests = vault.lookup(IdentifierKind::Email, stranger);
    let handle = Handle {
        kind: HandleKind::Email,
        digests: digests.into_iter().map(|one| (one.key_id, one.digest)).collect(),
        sealed: seal_contact(vault, portal.random.as_ref(), &[(IdentifierKind::Email, stranger)]),
    };
    let off = Wish::TurnOff("message:offers/email".parse().unwrap());
    portal.service.record(Who::Handle(handle), off, BY).await.unwrap(); // 7
    portal.clock.moves(DAY);
    publishes(portal, &format!("{CATALOGUE}{NEWCOMER}")).await;
    let others = positions(portal, "mailer").await;
    let first = teller(portal, "127.0.0.0/8");
    assert_eq!(welcomes(portal, &first).await, 4);
    assert_eq!(positions(portal, "newcomer").await, [1, 2, 4, 7]);
    assert_eq!(positions(portal, "mailer").await, others, "others have heard of it");
    let row = deliveries(portal, "newcomer").await.remove(0);
    assert!(row.due_at > portal.clock.now().0, "its time begins when it can know");
    for again in [&first, &teller(portal, "127.0.0.0/8")] {
        assert_eq!(welcomes(portal, again).await, 0);
    }
    turns_off(portal, &ola, "marketing").await;
    assert_eq!(positions(portal, "newcomer").await, [1, 2, 4, 7, 8]);
    let key = Key { scopes: &[Scope::Changes], system: Some("newcomer"), ..Key::default() };
    let feed = portal.client_with(key).await.gets("/api/v1/changes").await.json();
    let changes = feed["changes"].as_array().unwrap();
    let told: BTreeSet<&str> =
        changes.iter().map(|one| one["person"]["hashes"]["email"][0].as_str().unwrap()).collect();
    let key = vault.system_key("newcomer");
    let hash = |email: &str| system_digest(&key, IdentifierKind::Email, email);
    let expected = ["mira@example.com", "wen@example.com", stranger, "ola@example.com"].map(hash);
    assert_eq!(told, expected.iter().map(String::as_str).collect());
    let no = |change: &serde_json::Value| change["switches"]["message:offers/email"] == false;
    assert!(changes.iter().all(no), "{feed}");
}

/// Opts a crowd out of everything, without any system.
async fn crowd(portal: &TestPortal, count: usize) {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(portal.customer(&format!("c{number}@example.com")).await.person);
    }
    let entry = |person: PersonId| Entry {
        person,
        target: "marketing".parse().unwrap(),
        act: Act::Withdrawn,
        source: Source::Page,
        actor: Actor::Person,
        notice: portal.service.notices.current().number,
        language: Language::English,
        at: portal.clock.now(),
        reference: portal.service.new_reference(),
    };
    let mut group = portal.store().begin_group().await.unwrap();
    group.append(people.into_iter().map(entry).collect()).await.unwrap();
    group.commit().await.unwrap();
}

async fn what_stops_in_the_middle_goes_on_and_doubles_nothing(portal: &TestPortal) {
    const CROWD: usize = 1_700;
    crowd(portal, CROWD).await;
    publishes(portal, &format!("{CATALOGUE}{NEWCOMER}")).await;
    let mut stopped = 0;
    for _ in 0..100 {
        let node = teller(portal, "127.0.0.0/8");
        let work = tokio::time::timeout(Duration::from_millis(15), node.welcome());
        stopped += usize::from(work.await.is_err());
        if positions(portal, "newcomer").await.len() >= 500 {
            break;
        }
    }
    let (one, other) = (teller(portal, "127.0.0.0/8"), teller(portal, "127.0.0.0/8"));
    let both = tokio::join!(one.welcome(), other.welcome());
    both.0.unwrap();
    both.1.unwrap();
    welcomes(portal, &one).await;
    let made = positions(portal, "newcomer").await;
    let all: Vec<i64> = (1..=i64::try_from(CROWD).unwrap()).collect();
    assert_eq!(made, all, "{stopped} times stopped");
    let key = Key { scopes: &[Scope::Changes], system: Some("newcomer"), ..Key::default() };
    let client = portal.client_with(key).await;
    let (mut seen, mut after) = (BTreeSet::new(), 0);
    loop {
        let page = client.gets(&format!("/api/v1/changes?limit=500&after={after}")).await.json();
        let changes = page["changes"].as_array().unwrap();
        if changes.is_empty() {
            break;
        }
        for change in changes {
            assert!(seen.insert(change["position"].as_i64().unwrap()), "read twice");
        }
        after = page["next"].as_i64().unwrap();
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}

async fn a_choice_of_a_node_that_does_not_know_the_system_yet_is_not_lost(portal: &TestPortal) {
    let (mira, ola) =
        (portal.customer("mira@example.com").await, portal.customer("ola@example.com").await);
    turns_off(portal, &mira, "everything").await;
    let behind = portal.service.notices.current();
    publishes(portal, &format!("{CATALOGUE}{NEWCOMER}")).await;
    let teller = teller(portal, "127.0.0.0/8");
    assert_eq!(teller.welcome().await.unwrap(), 1);
    let now = portal.clock.now();
    let command = Command {
        who: Who::Person(ola.person),
        wish: Wish::TurnOff("everything".parse().unwrap()),
        by: BY,
        notice: behind,
        at: now,
        reference: portal.service.new_reference(),
        stranger: new_uuid(now, portal.random.as_ref()),
        origin: None,
        is_answered: false,
    };
    portal.service.ledger.record(command).await.unwrap();
    assert_eq!(positions(portal, "newcomer").await, [1], "the other node did not know");
    assert_eq!(welcomes(portal, &teller).await, 1);
    assert_eq!(positions(portal, "newcomer").await, [1, 2]);
}

async fn a_system_that_serves_more_hears_of_what_it_did_not_serve(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "message:care/text").await;
    turns_off(portal, &mira, "message:offers/email").await;
    let teller = teller(portal, "127.0.0.0/8");
    let narrow = format!("{CATALOGUE}{NEWCOMER}");
    publishes(portal, &narrow).await;
    welcomes(portal, &teller).await;
    assert_eq!(positions(portal, "newcomer").await, [2]);
    let serves = "serves = [\"channel:email\"]";
    publishes(portal, &narrow.replace(serves, "serves = [\"channel:email\", \"channel:text\"]"))
        .await;
    assert_eq!(welcomes(portal, &teller).await, 1);
    assert_eq!(positions(portal, "newcomer").await, [1, 2]);
    // Away and back again, it may have forgotten what came between.
    publishes(portal, &format!("{CATALOGUE}\n# without it\n")).await;
    welcomes(portal, &teller).await;
    turns_off(portal, &mira, "message:trips/email").await;
    publishes(portal, &format!("{narrow}\n# again\n")).await;
    assert_eq!(welcomes(portal, &teller).await, 1);
    assert_eq!(positions(portal, "newcomer").await, [1, 2, 3]);
}

async fn a_system_that_was_there_from_the_start_is_told_nothing_twice(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "everything").await;
    // As in an installation that is older than the record of who was told.
    crowd(portal, 3).await;
    publishes(portal, &format!("{CATALOGUE}\n# the same systems\n")).await;
    let teller = teller(portal, "127.0.0.0/8");
    assert_eq!(welcomes(portal, &teller).await, 0);
    assert_eq!(positions(portal, "mailer").await, [1]);
}

async fn a_feed_that_serves_more_gets_it_behind_its_cursor(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, "message:care/text").await;
    turns_off(portal, &mira, "profiling:recommendations").await;
    let key = Key { scopes: &[Scope::Changes], system: Some("warehouse"), ..Key::default() };
    let client = portal.client_with(key).await;
    let read = async |after: i64| {
        let page = client.gets(&format!("/api/v1/changes?after={after}")).await.json();
        let changes = page["changes"].as_array().unwrap().iter();
        let positions: Vec<_> = changes.map(|one| one["position"].as_i64().unwrap()).collect();
        (positions, page["next"].as_i64().unwrap())
    };
    let (seen, next) = read(0).await;
    assert_eq!(seen, [2]);
    assert_eq!(read(next).await, (vec![], next));
    let serves = "serves = [\"profiling:recommendations\", ";
    assert!(CATALOGUE.contains(serves));
    publishes(portal, &CATALOGUE.replace(serves, &format!("{serves}\"channel:text\", "))).await;
    assert_eq!(welcomes(portal, &teller(portal, "127.0.0.0/8")).await, 1);
    let (more, after) = read(next).await;
    assert_eq!(more, [1], "what it has not read is told, though it is older");
    let open = DeliveryFilter {
        system: Some("warehouse".into()),
        unconfirmed: true,
        ..DeliveryFilter::default()
    };
    let rows = portal.store().list_deliveries(&open, (0, ""), 10).await.unwrap();
    assert_eq!(rows.len(), 1, "and not confirmed before it is read");
    assert_eq!(read(after).await, (vec![], after));
    assert!(portal.store().list_deliveries(&open, (0, ""), 10).await.unwrap().is_empty());
}
