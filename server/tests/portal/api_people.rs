//! People: choices follow them, the most protective of two wins, an erased one does not come back
//! unprotected.

use std::sync::Arc;
use std::time::Duration;

use app::portal::Portal;
use axum::http::Method;
use domain::contact::IdentifierKind;
use domain::decision::{Reason, Standpoint};
use domain::moment::DAY;
use domain::{PersonId, Preferences, Target, decide};
use serde_json::{Value, json};
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::ports::{Clock, SystemRandom, new_uuid};
use server::tell::{HttpPost, Networks, Teller};
use server::vault::token_digest;

use crate::support::client::Client;
use crate::support::place::holds;
use crate::support::{Answer, Customer, TestPortal, on_both_engines};

on_both_engines![
    a_customer_is_created_once_and_changed_after,
    a_new_address_brings_the_opt_outs_of_whoever_had_it,
    after_a_change_of_address_the_old_one_still_stands_for_them,
    of_two_customers_the_most_protective_wins_both_ways,
    after_a_merge_every_address_stands_for_the_one,
    somebody_still_here_as_the_one_who_went_chooses_for_the_one_who_stays,
    merging_twice_or_with_oneself_changes_nothing,
    an_erased_customer_leaves_only_hashes_and_an_opt_out,
    an_erased_customer_does_not_come_back_unprotected,
    an_erased_customer_s_link_only_restricts,
    systems_hear_of_the_one_by_every_address_and_of_an_erased_one,
    what_can_t_be_taken_changes_nothing_and_is_not_repeated,
];

fn path(number: &str) -> String {
    paths::PERSON.replace("{customer_number}", number)
}

async fn puts(client: &Client, number: &str, body: &Value) -> Answer {
    client.sends_json(Method::PUT, &path(number), body).await
}

async fn merges(client: &Client, number: &str, body: &Value) -> Answer {
    client.posts(&paths::MERGE.replace("{customer_number}", number), body).await
}

async fn opts_out(client: &Client, person: Value, target: &str) {
    let body = json!({ "person": person, "target": target, "act": "opt_out" });
    assert_eq!(client.posts(paths::CHOICES, &body).await.status, 200);
}

async fn client(portal: &TestPortal) -> Client {
    portal.client(&[Scope::People, Scope::Choices]).await
}

async fn people(portal: &TestPortal, kind: IdentifierKind, normal: &str) -> Vec<PersonId> {
    let digests = portal.service.vault.lookup(kind, normal);
    let digests: Vec<_> = digests.into_iter().map(|known| known.digest).collect();
    let people = portal.store().list_people_by_digest(&digests).await.unwrap();
    people.into_iter().map(PersonId).collect()
}

/// The one person of an address.
async fn person(portal: &TestPortal, email: &str) -> PersonId {
    let people = people(portal, IdentifierKind::Email, email).await;
    assert_eq!(people.len(), 1, "{email}");
    people[0]
}

async fn reason(portal: &TestPortal, email: &str, target: &str) -> Reason {
    let id = person(portal, email).await;
    let history = portal.store().list_choices(id).await.unwrap();
    let preferences = Preferences::fold(&history);
    let catalogue = &portal.service.notice().catalogue;
    let target: Target = target.parse().unwrap();
    let now = portal.clock.now();
    decide(catalogue, &preferences, Standpoint::default(), &target, now).reason
}

async fn a_customer_is_created_once_and_changed_after(portal: &TestPortal) {
    let client = client(portal).await;
    let body = json!({
        "name": "Mira Novak", "email": "Mira@Example.com", "phone": "020 7946 0018",
        "language": "de-AT", "region": "GB-ENG", "birth_year": 1990,
    });
    let first = puts(&client, "C-1", &body).await;
    assert_eq!((first.status.as_u16(), first.json()["created"].as_bool()), (201, Some(true)));
    let again = puts(&client, "C-1", &body).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json(), json!({ "created": false, "carried": 0 }));
    puts(&client, "C-1", &json!({ "language": "fr" })).await.json();
    assert_eq!(portal.store().count_people().await.unwrap(), 1);
    let row = portal.store().find_person(person(portal, "mira@example.com").await.0).await;
    let row = row.unwrap().unwrap();
    assert_eq!((row.language.as_deref(), row.birth_year), (Some("fr"), Some(1990)));
    let phone = people(portal, IdentifierKind::Phone, "+442079460018").await;
    assert_eq!(phone, [PersonId(row.id)]);
    let dump = portal.place.dump().await;
    assert!(!holds(&dump, b"Novak") && !holds(&dump, b"mira@example.com"), "R-08");
}

async fn a_new_address_brings_the_opt_outs_of_whoever_had_it(portal: &TestPortal) {
    let client = client(portal).await;
    puts(&client, "C-1", &json!({ "email": "one@example.com" })).await.json();
    opts_out(&client, json!({ "email": "shared@example.com" }), "sharing").await;
    puts(&client, "C-2", &json!({ "email": "two@example.com" })).await.json();
    opts_out(&client, json!({ "customer_number": "C-2" }), "message:offers/email").await;
    let moved = puts(&client, "C-1", &json!({ "email": "two@example.com" })).await.json();
    assert_eq!(moved["carried"], 1);
    let moved = puts(&client, "C-1", &json!({ "email": "shared@example.com" })).await.json();
    assert_eq!(moved["carried"], 1);
    let denied = reason(portal, "one@example.com", "share:advertising/adlane").await;
    assert_eq!(denied, Reason::OptedOut);
    let denied = reason(portal, "one@example.com", "message:offers/email").await;
    assert_eq!(denied, Reason::OptedOut);
    assert!(portal.verifies().await.is_ok());
}

async fn after_a_change_of_address_the_old_one_still_stands_for_them(portal: &TestPortal) {
    let client = client(portal).await;
    puts(&client, "C-1", &json!({ "email": "old@example.com" })).await.json();
    opts_out(&client, json!({ "email": "old@example.com" }), "message:offers/email").await;
    puts(&client, "C-1", &json!({ "email": "new@example.com" })).await.json();
    assert_eq!(reason(portal, "new@example.com", "message:offers/email").await, Reason::OptedOut);
    opts_out(&client, json!({ "email": "old@example.com" }), "sharing").await;
    let denied = reason(portal, "new@example.com", "share:advertising/adlane").await;
    assert_eq!(denied, Reason::OptedOut);
}

/// Two customers, each with an opt-out of their own, and one with a yes.
async fn two(portal: &TestPortal) -> Client {
    let client = client(portal).await;
    puts(&client, "C-1", &json!({ "email": "one@example.com", "birth_year": 1990 })).await.json();
    puts(&client, "C-2", &json!({ "email": "two@example.com", "birth_year": 1991 })).await.json();
    let yes = json!({ "person": { "customer_number": "C-1" }, "target": "message:offers/text", "act": "opt_in" });
    assert_eq!(client.posts(paths::CHOICES, &yes).await.json()["entries"], 1);
    opts_out(&client, json!({ "customer_number": "C-1" }), "sharing").await;
    opts_out(&client, json!({ "customer_number": "C-2" }), "message:offers/email").await;
    client
}

async fn of_two_customers_the_most_protective_wins_both_ways(portal: &TestPortal) {
    let client = two(portal).await;
    let done = merges(&client, "C-1", &json!({ "into": "C-2" })).await.json();
    assert_eq!(done, json!({ "carried": 1 }));
    for email in ["one@example.com", "two@example.com"] {
        for target in ["share:advertising/adlane", "message:offers/email"] {
            assert_eq!(reason(portal, email, target).await, Reason::OptedOut, "{email} {target}");
        }
        let yes = reason(portal, email, "message:offers/text").await;
        assert_eq!(yes, Reason::NeverOptedIn, "a yes of the one who goes is not taken over");
    }
    let row = portal.store().find_person(person(portal, "one@example.com").await.0).await;
    assert_eq!(row.unwrap().unwrap().birth_year, Some(1991));
    assert!(portal.verifies().await.is_ok());
}

async fn after_a_merge_every_address_stands_for_the_one(portal: &TestPortal) {
    let client = two(portal).await;
    merges(&client, "C-2", &json!({ "from": "C-1" })).await.json();
    assert_eq!(person(portal, "one@example.com").await, person(portal, "two@example.com").await);
    let by_number = people(portal, IdentifierKind::Customer, "C-1").await;
    assert_eq!(by_number, people(portal, IdentifierKind::Customer, "C-2").await);
    assert_eq!(puts(&client, "C-1", &json!({ "name": "Mira" })).await.status, 200);
    opts_out(&client, json!({ "customer_number": "C-1" }), "everything").await;
    let denied = reason(portal, "two@example.com", "message:trips/email").await;
    assert_eq!(denied, Reason::OptedOut);
}

async fn somebody_still_here_as_the_one_who_went_chooses_for_the_one_who_stays(
    portal: &TestPortal,
) {
    let client = two(portal).await;
    let went = person(portal, "one@example.com").await;
    let customer = Customer { person: went, token: portal.mints(went, 0).await };
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    merges(&client, "C-1", &json!({ "into": "C-2" })).await.json();
    let page = browser.turns_off("message:care/email").await;
    assert!(!page.is_on("message:care/email"));
    assert!(!page.is_on("message:offers/email"), "they see what the one has chosen");
    let denied = reason(portal, "two@example.com", "message:care/email").await;
    assert_eq!(denied, Reason::OptedOut);
    let later = portal.browser().opens_link(&customer).await;
    assert!(!later.is_on("message:care/email"), "the link went along");
}

async fn merging_twice_or_with_oneself_changes_nothing(portal: &TestPortal) {
    let client = two(portal).await;
    merges(&client, "C-1", &json!({ "into": "C-2" })).await.json();
    let entries = portal.ledger().await.len();
    for (number, into) in [("C-1", "C-2"), ("C-2", "C-1"), ("C-2", "C-2")] {
        let again = merges(&client, number, &json!({ "into": into })).await.json();
        assert_eq!(again["carried"], 0);
    }
    assert_eq!(portal.ledger().await.len(), entries);
    assert_eq!(reason(portal, "one@example.com", "message:offers/email").await, Reason::OptedOut);
    for (number, into) in [("C-1", "C-9"), ("C-9", "C-1")] {
        let answer = merges(&client, number, &json!({ "into": into })).await;
        answer.is_problem(Kind::UnknownPerson);
    }
}

async fn erases(client: &Client, number: &str) -> Answer {
    client.asks(Method::DELETE, &path(number)).await
}

async fn an_erased_customer_leaves_only_hashes_and_an_opt_out(portal: &TestPortal) {
    let client = two(portal).await;
    let id = person(portal, "one@example.com").await;
    let mut stop =
        json!({ "person": { "customer_number": "C-1" }, "target": "marketing", "act": "opt_out" });
    stop["detail"] = json!("told Canary on the phone");
    client.posts(paths::CHOICES, &stop).await.json();
    let answer = erases(&client, "C-1").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    let rows = portal.store().list_identifiers(&[id.0]).await.unwrap();
    assert_eq!(rows.len(), 2, "the hashes of address and number");
    assert!(rows.iter().all(|row| row.cipher.is_none()), "A-05");
    let row = portal.store().find_person(id.0).await.unwrap().unwrap();
    assert_eq!((row.language, row.birth_year), (None, None));
    let last = portal.store().list_choices(id).await.unwrap().pop().unwrap();
    assert_eq!(last.entry.target, Target::Everything);
    let entries = portal.ledger().await.len();
    assert_eq!(erases(&client, "C-1").await.status, 204);
    assert_eq!(portal.ledger().await.len(), entries, "erased twice, opted out once");
    assert!(portal.verifies().await.is_ok());
    erases(&client, "C-9").await.is_problem(Kind::UnknownPerson);
    let two = reason(portal, "two@example.com", "message:trips/email").await;
    assert_ne!(two, Reason::OptedOut, "nobody else is touched");
}

async fn an_erased_customer_does_not_come_back_unprotected(portal: &TestPortal) {
    let client = two(portal).await;
    erases(&client, "C-2").await;
    let again = puts(&client, "C-7", &json!({ "email": "two@example.com" })).await;
    assert_eq!((again.status.as_u16(), again.json()["carried"].as_u64()), (201, Some(2)));
    for id in people(portal, IdentifierKind::Email, "two@example.com").await {
        let history = portal.store().list_choices(id).await.unwrap();
        assert!(Preferences::fold(&history).is_withdrawn(&Target::Everything), "A-06");
    }
    assert_eq!(puts(&client, "C-2", &json!({ "email": "two@example.com" })).await.status, 200);
    let yes = json!({ "person": { "email": "two@example.com" }, "target": "message:offers/email", "act": "opt_in" });
    client.posts(paths::CHOICES, &yes).await.is_problem(Kind::NeedsEvidence);
}

async fn an_erased_customer_s_link_only_restricts(portal: &TestPortal) {
    let client = two(portal).await;
    let id = person(portal, "one@example.com").await;
    let token = portal.mints(id, 0).await;
    erases(&client, "C-1").await;
    assert_eq!(portal.service.open_link(&token).await.unwrap(), Some(id));
    assert_eq!(portal.service.find_mask(id).await.unwrap(), None, "nothing to show");
    portal.clock.moves(61 * DAY);
    assert_eq!(portal.service.open_link(&token).await.unwrap(), None);
    assert!(token_digest(&token).is_some());
}

/// The hashes of addresses in the file of the last night, row by row.
async fn told_by_night(portal: &TestPortal, teller: &Teller) -> Vec<Vec<String>> {
    let folder = teller.drops.join("print-house");
    drop(std::fs::remove_dir_all(&folder));
    portal.clock.moves(DAY);
    teller.round().await.unwrap();
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let file = files.filter(|path| path.is_file()).max().expect("a file");
    let mut rows = csv::Reader::from_path(file).unwrap();
    let hashes = |row: csv::StringRecord| row[6].split_whitespace().map(str::to_owned).collect();
    rows.records().map(|row| hashes(row.unwrap())).collect()
}

async fn systems_hear_of_the_one_by_every_address_and_of_an_erased_one(portal: &TestPortal) {
    let client = client(portal).await;
    let name = new_uuid(portal.clock.now(), &SystemRandom);
    let drops = std::env::temp_dir().join(format!("sayso-drops-{name}"));
    let post = HttpPost::new(Networks::default(), Duration::from_secs(1));
    let teller = Teller::new(Arc::clone(&portal.service), Arc::new(post), drops);
    puts(&client, "C-1", &json!({ "email": "one@example.com" })).await.json();
    puts(&client, "C-2", &json!({ "email": "two@example.com" })).await.json();
    opts_out(&client, json!({ "customer_number": "C-1" }), "message:catalogue/post").await;
    let alone = told_by_night(portal, &teller).await;
    assert_eq!(alone.iter().map(Vec::len).collect::<Vec<_>>(), [1]);
    merges(&client, "C-1", &json!({ "from": "C-2" })).await.json();
    let both = told_by_night(portal, &teller).await;
    assert_eq!(both.iter().map(Vec::len).collect::<Vec<_>>(), [2], "told again, by both");
    puts(&client, "C-2", &json!({ "email": "three@example.com" })).await.json();
    let all = told_by_night(portal, &teller).await;
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [3]);
    erases(&client, "C-1").await;
    let erased = told_by_night(portal, &teller).await;
    assert!(erased.len() > 1, "everything is off");
    assert!(erased.iter().all(|hashes| *hashes == all[0]), "and the system hears of whom");
    std::fs::remove_dir_all(&teller.drops).unwrap();
}

async fn what_can_t_be_taken_changes_nothing_and_is_not_repeated(portal: &TestPortal) {
    let client = client(portal).await;
    for (body, kind) in [
        (json!({ "email": "canary" }), Kind::Invalid),
        (json!({ "phone": "canary" }), Kind::Invalid),
        (json!({ "language": "canary" }), Kind::Invalid),
        (json!({ "region": "canary" }), Kind::Invalid),
        (json!({ "birth_year": 1066 }), Kind::Invalid),
        (json!({ "birth_year": 2100 }), Kind::Invalid),
        (json!({ "birth_year": "canary" }), Kind::Malformed),
        (json!({ "name": "canary".repeat(40) }), Kind::Invalid),
        (json!({ "name": "canary\u{202e}" }), Kind::Invalid),
        (json!({ "canary": 1 }), Kind::Malformed),
        (json!([]), Kind::Malformed),
    ] {
        let answer = puts(&client, "C-1", &body).await;
        answer.is_problem(kind);
        assert!(!answer.text().contains("canary"), "{body}");
    }
    puts(&client, &"9".repeat(65), &json!({})).await.is_problem(Kind::Invalid);
    puts(&client, "%20", &json!({})).await.is_problem(Kind::Invalid);
    puts(&client, "%FF", &json!({})).await.is_problem(Kind::Malformed);
    for body in [json!({}), json!({ "into": "C-1", "from": "C-2" }), json!({ "into": " " })] {
        merges(&client, "C-1", &body).await.is_problem(Kind::Invalid);
    }
    assert_eq!(portal.store().count_people().await.unwrap(), 0);
}
