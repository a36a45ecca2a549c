//! Page, single question, bulk and snapshot say the same, whatever the register and whatever
//! people chose: random registers follow on each other while the same people live on.

use std::collections::BTreeMap;

use app::portal::{By, Portal, Who};
use axum::body::Body;
use axum::http::{Method, Request, header};
use domain::change::{Assurance, PAUSE_DAYS};
use domain::contact::IdentifierKind;
use domain::decision::Standpoint;
use domain::moment::DAY;
use domain::{Language, Preferences, Source, Target, Voice, Wish, decide};
use serde_json::{Value as Json, json};
use server::api::paths;
use server::api::scope::Scope;
use server::gate::Subject;
use server::notices::publish;
use server::ports::{Clock, Random};
use server::snapshot::LIFETIME;
use toml::{Table, Value};

use crate::ledger::BY_LINK;
use crate::snapshots::{fetches, reads, uses};
use crate::support::client::Client;
use crate::support::portal::CATALOGUE;
use crate::support::ports::SeededRandom;
use crate::support::{Customer, Newcomer, TestPortal, on_both_engines};

on_both_engines![page_question_bulk_and_snapshot_say_the_same_of_random_registers_and_lives];

/// Registers that follow on each other; the number of each is its seed.
const REGISTERS: u64 = 6;
/// What happens under each.
const EVENTS: usize = 16;
/// Who lives, with the year of birth; the last stays unknown.
const PEOPLE: [(&str, Option<i64>); 5] = [
    ("one@example.com", None),
    ("two@example.com", Some(1980)),
    ("kid@example.com", Some(2012)),
    ("four@example.com", None),
    ("nobody@example.com", None),
];
const BY_CODE: By =
    By { assurance: Assurance::Verified, source: Source::Page, language: Language::English };
const BY_SIGNAL: By = By {
    assurance: Assurance::Link,
    source: Source::PreferenceSignal,
    language: Language::English,
};

/// Chance that repeats itself.
struct Dice(SeededRandom);

impl Dice {
    fn below(&self, sides: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        usize::try_from(u32::from_le_bytes(bytes)).unwrap() % sides
    }

    fn one_of<'a, T>(&self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Takes some of a list away, never all.
    fn thins(&self, list: &mut Vec<Value>) {
        let (kept, mut place) = (self.below(list.len()), 0);
        list.retain(|_| {
            place += 1;
            place - 1 == kept || self.below(3) > 0
        });
    }

    /// Whether a yes is needed, with the basis that goes with it.
    fn rules(&self, rule: &mut Table) {
        let both = [("opt_in", "consent"), ("opt_out", "legitimate_interest")];
        let (regime, basis) = *self.one_of(&both);
        rule.insert("regime".into(), regime.into());
        rule.insert("basis".into(), basis.into());
    }

    /// A day of the next three years; some are behind us before the last register.
    fn day(&self) -> Value {
        let (year, month, day) = (2026 + self.below(3), 7 + self.below(6), 1 + self.below(28));
        Value::Datetime(format!("{year}-{month:02}-{day:02}").parse().unwrap())
    }
}

fn list<'a>(of: &'a mut Table, key: &str) -> &'a mut Vec<Value> {
    of.get_mut(key).unwrap().as_array_mut().unwrap()
}

fn tables<'a>(of: &'a mut Table, key: &str) -> impl Iterator<Item = &'a mut Table> {
    list(of, key).iter_mut().map(|one| one.as_table_mut().unwrap())
}

/// A register with some of the example's switches under other rules.
fn register(dice: &Dice, seed: u64) -> String {
    let mut register: Table = CATALOGUE.parse().unwrap();
    // Both speak of switches that may be left out.
    register.remove("system");
    register.remove("inventory");
    for switches in ["topic", "profiling", "purpose"] {
        dice.thins(list(&mut register, switches));
    }
    for topic in tables(&mut register, "topic") {
        dice.thins(list(topic, "channel"));
        for rule in tables(topic, "channel") {
            dice.rules(rule);
            rule.remove("valid_days");
            if dice.below(2) == 0 {
                let days = i64::try_from(1 + dice.below(300)).unwrap();
                rule.insert("valid_days".into(), days.into());
            }
        }
    }
    for profiling in tables(&mut register, "profiling") {
        dice.rules(profiling);
    }
    for purpose in tables(&mut register, "purpose") {
        dice.rules(purpose);
        purpose.insert("sale_or_sharing".into(), (dice.below(2) == 0).into());
        purpose.insert("review_on".into(), dice.day());
        dice.thins(list(purpose, "recipient"));
    }
    format!("# {seed}\n{register}")
}

fn leaves(portal: &TestPortal) -> Vec<Target> {
    portal.service.notice().catalogue.leaves().collect()
}

/// Something happens to somebody. A yes may be refused; what protects never is.
async fn happens(portal: &TestPortal, dice: &Dice, people: &[Customer]) {
    let who = Who::Person(dice.one_of(people).person);
    let leaves = leaves(portal);
    let leaf = dice.one_of(&leaves).clone();
    let service = &portal.service;
    match dice.below(10) {
        0..=2 => {
            let target = dice.one_of(&leaf.lineage()).clone();
            service.record(who, Wish::TurnOff(target), BY_LINK).await.unwrap();
        }
        3..=6 => {
            let Ok(asked) = service.record(who.clone(), Wish::AskOn(leaf.clone()), BY_CODE).await
            else {
                return;
            };
            let confirm = Wish::ConfirmOn { target: leaf, seen: asked.version };
            drop(service.record(who, confirm, BY_CODE).await);
        }
        7 => {
            let pause = Wish::Pause(*dice.one_of(&PAUSE_DAYS));
            service.record(who, pause, BY_LINK).await.unwrap();
        }
        8 => {
            service.record(who, Wish::StopSale(Voice::Signal), BY_SIGNAL).await.unwrap();
        }
        _ => portal.clock.moves(i64::try_from(1 + dice.below(60)).unwrap() * DAY),
    }
}

/// What the gate answers in bulk, by person and target.
async fn bulk(client: &Client, leaves: &[Target]) -> BTreeMap<(String, String), Json> {
    let all = PEOPLE.iter().flat_map(|(email, _)| leaves.iter().map(move |leaf| (email, leaf)));
    let asked: Vec<_> = all.map(|(email, leaf)| ((*email).to_owned(), leaf.to_string())).collect();
    let line = |(email, target): &(String, String)| {
        json!({ "person": { "email": email }, "target": target }).to_string()
    };
    let text: Vec<String> = asked.iter().map(line).collect();
    let request = Request::builder().method(Method::POST).uri(paths::DECISIONS_BULK);
    let request = request.header(header::CONTENT_TYPE, "application/x-ndjson");
    let answer = client.sends(request.body(Body::from(text.join("\n"))).unwrap()).await;
    let lines: Vec<Json> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), asked.len());
    asked.into_iter().zip(lines).collect()
}

/// Whether the passing of a snapshot's life leaves somebody allowed.
async fn lasts(portal: &TestPortal, person: (Option<&Customer>, Option<i64>), on: &Target) -> bool {
    let (customer, born) = person;
    let history = match customer {
        Some(customer) => portal.entries_of(customer).await,
        None => Vec::new(),
    };
    let standpoint = Standpoint { birth_year: born.map(|year| u16::try_from(year).unwrap()) };
    let (notice, preferences) = (portal.service.notice(), Preferences::fold(&history));
    let end = portal.clock.now().plus(LIFETIME);
    decide(&notice.catalogue, &preferences, standpoint, on, end).allowed
}

async fn agree(portal: &TestPortal, client: &Client, people: &[Customer], seed: u64) {
    portal.has_followed().await;
    let leaves = leaves(portal);
    let names: Vec<String> = leaves.iter().map(ToString::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let in_bulk = bulk(client, &leaves).await;
    let snapshot = reads(&fetches(client, &names, None).await, client).unwrap();
    let offline = uses(portal, snapshot, client).unwrap();
    for (place, (email, born)) in PEOPLE.into_iter().enumerate() {
        let customer = people.get(place);
        let page = match customer {
            Some(customer) => Some(portal.browser().opens_link(customer).await),
            None => None,
        };
        let who = Subject::read(IdentifierKind::Email, email, "GB").unwrap();
        for leaf in &leaves {
            let asked = json!({ "person": { "email": email }, "target": leaf.to_string() });
            let single = client.posts(paths::DECISIONS, &asked).await.json();
            let told = format!("register {seed}: {email} {leaf}: {single}");
            let allowed = single["decision"] == "allow";
            let many = &in_bulk[&(email.to_owned(), leaf.to_string())];
            // What single answers say with null, bulk leaves out.
            for field in ["decision", "reason", "basis", "notice", "since", "position"] {
                assert_eq!(many[field], single[field], "in bulk, {field}; {told}");
            }
            if let Some(page) = &page {
                assert_eq!(page.is_on(&leaf.to_string()), allowed, "on the page; {told}");
            }
            let lasts = lasts(portal, (customer, born), leaf).await;
            let offline = offline.allows(&who, leaf).unwrap();
            assert_eq!(offline, allowed && lasts, "in the snapshot; {told}");
        }
    }
}

async fn page_question_bulk_and_snapshot_say_the_same_of_random_registers_and_lives(
    portal: &TestPortal,
) {
    let mut people = Vec::new();
    for (email, birth_year) in &PEOPLE[..4] {
        let newcomer =
            Newcomer { email: Some(email), birth_year: *birth_year, ..Newcomer::default() };
        people.push(portal.knows(newcomer).await);
    }
    portal.is_indexed().await;
    let client = portal.client(&[Scope::Decide, Scope::Snapshot]).await;
    for seed in 1..=REGISTERS {
        let dice = Dice(SeededRandom::new(seed));
        let source = register(&dice, seed);
        publish(portal.store(), &source, portal.clock.now()).await.unwrap();
        portal.service.notices.refresh().await.unwrap();
        agree(portal, &client, &people, seed).await;
        for _ in 0..EVENTS {
            happens(portal, &dice, &people).await;
        }
        agree(portal, &client, &people, seed).await;
    }
    portal.verifies().await.unwrap();
}
