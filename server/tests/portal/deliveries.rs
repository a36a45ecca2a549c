//! Deliveries are made with their choices, looked through, confirmed, replayed, and written into
//! files.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::portal::{Portal, Who};
use axum::http::Method;
use domain::delivery::State;
use domain::moment::{DAY, HOUR};
use domain::{Act, Target, Wish};
use serde_json::json;
use server::api::paths;
use server::api::scope::Scope;
use server::people::forget_contacts;
use server::ports::{Clock, SystemRandom, new_uuid};
use server::store::{DeliveryFilter, DeliveryRow, Told};
use server::tell::{Duties, HttpPost, Networks, Teller};
use uuid::Uuid;

use crate::ledger::{BY_LINK, entry};
use crate::support::place::holds;
use crate::support::{Customer, TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    each_concerned_system_owes_one_delivery_for_each_choice,
    a_group_that_is_not_committed_owes_nothing,
    a_wish_that_changes_nothing_owes_nothing,
    a_choice_made_elsewhere_is_told_and_due_from_the_day_it_is_heard_of,
    deliveries_are_taken_once_until_their_lease_ends,
    a_confirmation_stands_whatever_a_late_try_says,
    a_range_is_confirmed_and_replayed,
    whom_nobody_confirms_is_forgotten_ninety_days_after_they_were_erased,
    secrets_are_made_once_rotated_and_sealed,
];
on_sqlite![
    each_nights_choices_are_written_into_one_file,
    a_file_that_is_moved_to_done_confirms_what_is_in_it,
    a_row_that_can_t_be_read_confirms_nothing_and_holds_up_nothing,
    what_can_t_be_confirmed_holds_up_no_file,
    figures_say_how_much_is_on_its_way,
    a_deadline_falls_on_a_business_day_of_the_controllers_country,
];

async fn all(portal: &TestPortal) -> Vec<DeliveryRow> {
    list(portal, &DeliveryFilter::default()).await
}

async fn list(portal: &TestPortal, filter: &DeliveryFilter) -> Vec<DeliveryRow> {
    portal.store().list_deliveries(filter, (0, ""), 1_000).await.unwrap()
}

fn of(system: &str) -> DeliveryFilter {
    DeliveryFilter { system: Some(system.into()), ..DeliveryFilter::default() }
}

async fn turns_off(portal: &TestPortal, customer: &Customer, targets: &[&str]) {
    for target in targets {
        let wish = Wish::TurnOff(target.parse().unwrap());
        let recorded = portal.service.record(Who::Person(customer.person), wish, BY_LINK).await;
        recorded.unwrap();
    }
}

async fn each_concerned_system_owes_one_delivery_for_each_choice(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, &["message:offers/email", "sharing", "topic:offers"]).await;
    let rows = all(portal).await;
    let owed: Vec<(i64, &str)> =
        rows.iter().map(|row| (row.position, row.system.as_str())).collect();
    assert_eq!(
        owed,
        [
            (1, "mailer"),
            (2, "ad-platform"),
            (2, "print-house"),
            (2, "warehouse"),
            (3, "mailer"),
            (3, "print-house"),
            (3, "texts-and-calls"),
        ]
    );
    for row in &rows {
        assert_eq!((row.state, row.attempts), (State::Queued, 0));
        assert_eq!(row.created_at, portal.clock.now().0);
        assert!(row.due_at > row.created_at);
        assert_eq!(row.id.get_version_num(), 7);
    }
    let own = portal.store().list_deliveries_of(customer.person).await.unwrap();
    assert_eq!(own, rows);
    let stranger = portal.customer("nils@example.com").await;
    assert!(portal.store().list_deliveries_of(stranger.person).await.unwrap().is_empty());
}

async fn a_group_that_is_not_committed_owes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let notice = portal.service.notices.current();
    let duties = Duties::of(&notice.catalogue);
    let mut group = portal.store().begin_group().await.unwrap();
    let entries = vec![entry(portal, customer.person); 700];
    let placed = group.record(entries, |choice, link| duties.owed(choice, link, None)).await;
    assert_eq!(placed.unwrap().len(), 700);
    group.rollback().await.unwrap();
    assert!(all(portal).await.is_empty());
    let mut group = portal.store().begin_group().await.unwrap();
    let entries = vec![entry(portal, customer.person); 200];
    group.record(entries, |choice, link| duties.owed(choice, link, None)).await.unwrap();
    group.commit().await.unwrap();
    let rows = portal.store().list_deliveries(&DeliveryFilter::default(), (0, ""), 2_000).await;
    let ids: std::collections::BTreeSet<Uuid> = rows.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), 200 * 5);
}

async fn a_wish_that_changes_nothing_owes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let notice = portal.service.notices.current();
    let duties = Duties::of(&notice.catalogue);
    let mut asked = entry(portal, customer.person);
    asked.target = "message:trips/email".parse::<Target>().unwrap();
    asked.act = Act::Requested;
    let mut group = portal.store().begin_group().await.unwrap();
    group.record(vec![asked], |choice, link| duties.owed(choice, link, None)).await.unwrap();
    group.commit().await.unwrap();
    assert!(all(portal).await.is_empty());
    turns_off(portal, &customer, &["message:offers/email", "message:offers/email"]).await;
    assert_eq!(all(portal).await.len(), 1, "the second press changed nothing");
}

async fn a_choice_made_elsewhere_is_told_and_due_from_the_day_it_is_heard_of(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let client = portal.client(&[Scope::Choices]).await;
    let choice = serde_json::json!({
        "person": { "email": "mira@example.com" },
        "target": "message:offers/email",
        "act": "opt_out",
        "at": "2026-06-01T08:00:00Z",
    });
    let answer = client.posts(paths::CHOICES, &choice).await;
    assert!(answer.status.is_success(), "{answer:?}");
    let rows = all(portal).await;
    assert_eq!((rows.len(), rows[0].system.as_str()), (1, "mailer"));
    assert_eq!(rows[0].created_at, portal.clock.now().0);
    assert!(rows[0].due_at > portal.clock.now().0);
}

async fn deliveries_are_taken_once_until_their_lease_ends(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, &["message:offers/email", "message:care/email"]).await;
    let (store, now) = (portal.store(), portal.clock.now().0);
    assert!(store.has_due_delivery("mailer", now).await.unwrap());
    assert!(!store.has_due_delivery("mailer", now - 1).await.unwrap());
    let takers = (0..8).map(|_| store.take_deliveries("mailer", now, now + HOUR, 1));
    let taken: Vec<_> =
        futures::future::join_all(takers).await.into_iter().flat_map(Result::unwrap).collect();
    let mut positions: Vec<i64> = taken.iter().map(|due| due.choice.position.0).collect();
    positions.sort_unstable();
    assert_eq!(positions, [1, 2]);
    assert!(taken.iter().all(|due| due.attempts == 1));
    assert!(!store.has_due_delivery("mailer", now + HOUR - 1).await.unwrap());
    let again = store.take_deliveries("mailer", now + HOUR, now + 2 * HOUR, 9).await.unwrap();
    assert!(again.len() == 2 && again.iter().all(|due| due.attempts == 2));
}

async fn a_confirmation_stands_whatever_a_late_try_says(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, &["message:offers/email"]).await;
    let (store, now) = (portal.store(), portal.clock.now().0);
    let id = all(portal).await[0].id;
    store.take_deliveries("mailer", now, now + HOUR, 9).await.unwrap();
    let filter = DeliveryFilter { ids: Some(vec![id]), ..DeliveryFilter::default() };
    assert_eq!(store.record_acknowledged(&filter, now + 1).await.unwrap(), 1);
    assert_eq!(store.record_acknowledged(&filter, now + 2).await.unwrap(), 0);
    let failure = || "answered 500".to_owned();
    for told in [
        Told::Again { next_at: now + 5, failure: failure() },
        Told::Failed { failure: failure() },
        Told::Taken { acknowledged: false },
    ] {
        store.record_told(&[(id, told)], now + 3).await.unwrap();
        let row = &all(portal).await[0];
        assert_eq!((row.state, row.acknowledged_at), (State::Acknowledged, Some(now + 1)));
        assert_eq!(row.failure, None);
    }
}

async fn a_range_is_confirmed_and_replayed(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let targets =
        ["message:offers/email", "message:care/email", "message:reviews/email", "sharing"];
    turns_off(portal, &customer, &targets).await;
    let (store, now) = (portal.store(), portal.clock.now().0 + 1);
    let upto = DeliveryFilter { to: Some(2), ..of("mailer") };
    assert_eq!(store.record_acknowledged(&upto, now).await.unwrap(), 2);
    let rest = DeliveryFilter { unconfirmed: true, ..of("mailer") };
    assert_eq!(list(portal, &rest).await.len(), 1);
    let none = DeliveryFilter { ids: Some(Vec::new()), ..DeliveryFilter::default() };
    assert_eq!(store.record_acknowledged(&none, now).await.unwrap(), 0);
    assert_eq!(store.record_replay(&none, now).await.unwrap(), 0);
    let third = DeliveryFilter { from: Some(3), unconfirmed: true, ..of("mailer") };
    assert_eq!(store.record_replay(&third, now).await.unwrap(), 1);
    assert_eq!(list(portal, &third).await[0].next_at, now);
    let open = store.count_open_deliveries(now).await.unwrap();
    let counts: Vec<_> = open.iter().map(|row| (row.system.as_str(), row.queued)).collect();
    assert_eq!(counts, [("ad-platform", 1), ("mailer", 1), ("print-house", 1), ("warehouse", 1)]);
    assert!(open.iter().all(|row| row.overdue == 0));
    let later = store.count_open_deliveries(now + 60 * DAY).await.unwrap();
    assert!(later.iter().all(|row| row.overdue == row.queued + row.sent));
    let page = store.list_deliveries(&DeliveryFilter::default(), (4, "ad-platform"), 2).await;
    let page: Vec<_> = page.unwrap().into_iter().map(|row| row.system).collect();
    assert_eq!(page, ["print-house", "warehouse"]);
}

async fn secrets_are_made_once_rotated_and_sealed(portal: &TestPortal) {
    let store = portal.store();
    assert_eq!(store.find_system("mailer").await.unwrap().secret, None);
    store.record_disabled("mailer", Some(5)).await.unwrap();
    let make = |sealed: &'static [u8], rotate, at| async move {
        store.record_secret("mailer", sealed, rotate, at).await.unwrap()
    };
    assert!(make(b"one", true, 1).await);
    let row = store.find_system("mailer").await.unwrap();
    assert_eq!((row.rotated_at, row.disabled_at), (None, Some(5)));
    assert!(!make(b"two", false, 2).await, "one is there");
    assert!(make(b"three", true, 3).await);
    let row = store.find_system("mailer").await.unwrap();
    assert_eq!(row.secret.as_deref(), Some(b"three".as_slice()));
    assert_eq!(row.previous_secret.as_deref(), Some(b"one".as_slice()));
    assert_eq!(row.rotated_at, Some(3));
    let (vault, random) = (&portal.service.vault, portal.random.as_ref());
    let (secret, sealed) = server::tell::new_secret("mailer", vault, random);
    assert!(make(Vec::leak(sealed), true, 4).await);
    assert!(!holds(&portal.place.dump().await, secret.as_bytes()));
}

fn teller(portal: &TestPortal) -> Teller {
    let name = new_uuid(portal.clock.now(), &SystemRandom);
    let drops = std::env::temp_dir().join(format!("sayso-drops-{name}"));
    let post = HttpPost::new(Networks::default(), Duration::from_secs(1));
    Teller::new(Arc::clone(&portal.service), Arc::new(post), drops)
}

fn files(teller: &Teller) -> Vec<PathBuf> {
    let files = fs::read_dir(teller.drops.join("print-house")).into_iter().flatten().flatten();
    files.map(|file| file.path()).filter(|path| path.is_file()).collect()
}

async fn each_nights_choices_are_written_into_one_file(portal: &TestPortal) {
    let teller = teller(portal);
    let customer = portal.customer("=cmd@example.com").await;
    turns_off(portal, &customer, &["message:catalogue/post", "message:offers/email"]).await;
    let other = portal.customer("nils@example.com").await;
    turns_off(portal, &other, &["purpose:postal-partners"]).await;
    teller.round().await.unwrap();
    assert!(files(&teller).is_empty(), "the day is not over");
    portal.clock.moves(DAY);
    teller.round().await.unwrap();
    teller.round().await.unwrap();
    let written = files(&teller);
    assert_eq!(written.len(), 1);
    let name = written[0].file_name().unwrap().to_str().unwrap();
    assert_eq!(name, "no-post-2026-06-16T09-30-00-000Z.csv");
    let text = fs::read_to_string(&written[0]).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        rows.headers().unwrap().iter().take(2).collect::<Vec<_>>(),
        ["delivery", "position"]
    );
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    let told: Vec<_> = rows.iter().map(|row| (row[4].to_owned(), row[5].to_owned())).collect();
    let switch = |name: &str| (name.to_owned(), "no".to_owned());
    assert_eq!(
        told,
        [
            switch("message:catalogue/post"),
            switch("share:postal-partners/cartevoile"),
            switch("share:postal-partners/lettermoor"),
        ]
    );
    assert!(rows.iter().all(|row| row[6].len() == 64), "a hash for each");
    assert!(!text.contains("example.com"), "no address in clear");
    let state = |row: &DeliveryRow| (row.state, row.sent_at.is_some());
    let printed = list(portal, &of("print-house")).await;
    assert!(printed.iter().all(|row| state(row) == (State::Sent, true)), "{printed:?}");
    fs::remove_dir_all(&teller.drops).unwrap();
}

async fn a_file_that_is_moved_to_done_confirms_what_is_in_it(portal: &TestPortal) {
    let teller = teller(portal);
    for email in ["mira@example.com", "nils@example.com"] {
        let customer = portal.customer(email).await;
        turns_off(portal, &customer, &["message:catalogue/post"]).await;
    }
    portal.clock.moves(DAY);
    teller.round().await.unwrap();
    let written = files(&teller).remove(0);
    let done = written.parent().unwrap().join("done");
    fs::create_dir(&done).unwrap();
    fs::rename(&written, done.join("list.csv")).unwrap();
    fs::write(done.join("note.txt"), "not a list").unwrap();
    fs::write(done.join("odd.csv"), "delivery\n'=1+1\nnonsense\n").unwrap();
    teller.round().await.unwrap();
    let printed = list(portal, &of("print-house")).await;
    assert!(printed.iter().all(|row| row.state == State::Acknowledged), "{printed:?}");
    assert!(done.parent().unwrap().join("confirmed/list.csv").exists());
    assert!(done.join("note.txt").exists());
    fs::remove_dir_all(&teller.drops).unwrap();
}

async fn a_row_that_can_t_be_read_confirms_nothing_and_holds_up_nothing(portal: &TestPortal) {
    let teller = teller(portal);
    let mira = portal.customer("mira@example.com").await;
    turns_off(portal, &mira, &["message:catalogue/post"]).await;
    portal.clock.moves(DAY);
    teller.round().await.unwrap();
    let written = files(&teller).remove(0);
    let done = written.parent().unwrap().join("done");
    fs::create_dir(&done).unwrap();
    let id = list(portal, &of("print-house")).await[0].id;
    let mut odd = format!("delivery,position,as_of\n{},1\n", Uuid::nil()).into_bytes();
    odd.extend(b"Zo\xeb,1,1\n");
    odd.extend(format!("{id},1,1\n").into_bytes());
    fs::write(done.join("odd.csv"), odd).unwrap();
    let nils = portal.customer("nils@example.com").await;
    turns_off(portal, &nils, &["message:catalogue/post"]).await;
    portal.clock.moves(DAY);
    teller.round().await.unwrap();
    let states: Vec<State> =
        list(portal, &of("print-house")).await.iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Acknowledged, State::Sent]);
    assert_eq!(files(&teller).len(), 2, "the next night's file is there");
    assert!(written.with_file_name("confirmed").join("odd.csv").exists());
    fs::remove_dir_all(&teller.drops).unwrap();
}

async fn what_can_t_be_confirmed_holds_up_no_file(portal: &TestPortal) {
    let teller = teller(portal);
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, &["message:catalogue/post"]).await;
    portal.clock.moves(DAY);
    let folder = teller.drops.join("print-house");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("done"), "no folder").unwrap();
    assert_eq!(teller.round().await.unwrap(), 1);
    assert_eq!(list(portal, &of("print-house")).await[0].state, State::Sent);
    fs::remove_dir_all(&teller.drops).unwrap();
}

async fn a_deadline_falls_on_a_business_day_of_the_controllers_country(portal: &TestPortal) {
    // Christmas Eve 2026 is a Thursday: Christmas and the substitute for Boxing Day follow.
    let eve: jiff::Timestamp = "2026-12-24T22:00:00Z".parse().unwrap();
    portal.clock.moves(eve.as_millisecond() - portal.clock.now().0);
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, &["message:offers/email"]).await;
    let due: jiff::Timestamp = "2026-12-30T23:59:59.999Z".parse().unwrap();
    assert_eq!(all(portal).await[0].due_at, due.as_millisecond());
}

async fn figures_say_how_much_is_on_its_way(portal: &TestPortal) {
    let teller = teller(portal);
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, &customer, &["message:offers/email", "message:care/email"]).await;
    portal.clock.moves(5 * DAY);
    teller.count().await.unwrap();
    let text = portal.service.metrics.write().unwrap();
    for line in [
        "sayso_deliveries{system=\"mailer\",state=\"queued\"} 2",
        "sayso_deliveries{system=\"mailer\",state=\"overdue\"} 2",
        "sayso_deliveries{system=\"warehouse\",state=\"queued\"} 0",
        "sayso_delivery_oldest_seconds{system=\"mailer\"} 432000.0",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    portal.store().record_acknowledged(&of("mailer"), portal.clock.now().0).await.unwrap();
    teller.count().await.unwrap();
    let text = portal.service.metrics.write().unwrap();
    assert!(text.contains("sayso_deliveries{system=\"mailer\",state=\"queued\"} 0"), "{text}");
}

async fn whom_nobody_confirms_is_forgotten_ninety_days_after_they_were_erased(portal: &TestPortal) {
    const SEALED: &str = "select 1 from delivery where contact is not null";
    let client = portal.client(&[Scope::People, Scope::Choices]).await;
    let stranger = json!({ "person": { "email": "jo@example.com" }, "target": "channel:email",
                           "act": "opt_out" });
    assert_eq!(client.posts(paths::CHOICES, &stranger).await.status, 200);
    let strangers = portal.place.counts(SEALED).await;
    let path = paths::PERSON.replace("{customer_number}", "C-1");
    let known = json!({ "email": "mira@example.com" });
    assert_eq!(client.sends_json(Method::PUT, &path, &known).await.status, 201);
    assert_eq!(client.asks(Method::DELETE, &path).await.status, 204);
    let own = DeliveryFilter { from: Some(2), ..DeliveryFilter::default() };
    let owed = list(portal, &own).await;
    assert_eq!(portal.place.counts(SEALED).await, strangers + owed.len());
    let (taken, now) = (&owed[0], portal.clock.now().0);
    let told = [(taken.id, Told::Taken { acknowledged: false })];
    portal.store().record_told(&told, now).await.unwrap();
    portal.clock.moves(90 * DAY - 1);
    assert_eq!(forget_contacts(&portal.service).await.unwrap(), 0, "not yet");
    portal.clock.moves(1);
    assert_eq!(forget_contacts(&portal.service).await.unwrap(), owed.len() as u64);
    assert_eq!(portal.place.counts(SEALED).await, strangers, "nobody else");
    for delivery in list(portal, &own).await {
        let expected = if delivery.id == taken.id { State::Sent } else { State::Failed };
        assert_eq!(delivery.state, expected, "{delivery:?}");
        assert_eq!(delivery.failure.is_some(), expected == State::Failed);
    }
}
