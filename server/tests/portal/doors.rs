//! Every door leads to the same state: whichever way a wish comes in, the page, the gate, every
//! answer of the API and the receipt say the same, and what the page would have said by itself.

use std::collections::{BTreeMap, BTreeSet};

use app::routes;
use domain::Source;
use domain::contact::IdentifierKind;
use domain::moment::HOUR;
use domain::revocation::RevokeAll;
use serde_json::json;
use server::api::paths;
use server::api::scope::Scope;
use server::gate::Subject;
use server::inbound::Outcome;

use crate::import::loads;
use crate::one_click::{FORM, link, posts};
use crate::receipts::{receipt, verifies};
use crate::replies::{doors, hands_over};
use crate::support::letters::prints;
use crate::support::{Customer, Engine, Newcomer, Page, TestPortal};
use crate::texts::{Gateway, NUMBER};

const OFFERS: &str = "message:offers/email";
const EMAIL: &str = "mira@example.com";
const TWIN: &str = "twin@example.com";

/// A way in, what its entries say they came by, and what one presses on the page for the same.
struct Door {
    name: &'static str,
    source: Source,
    pressed: &'static [&'static str],
}

const fn door(name: &'static str, source: Source, pressed: &'static [&'static str]) -> Door {
    Door { name, source, pressed }
}

const SOLD: &[&str] = &["purpose:advertising", "purpose:postal-partners"];

const DOORS: &[Door] = &[
    door("page", Source::Page, &[OFFERS]),
    door("unsubscribe page", Source::Page, &[OFFERS]),
    door("unsubscribe page, all marketing", Source::Page, &["marketing"]),
    door("letter", Source::Page, &["everything"]),
    door("one click", Source::OneClick, &[OFFERS]),
    door("mailto", Source::Reply, &[OFFERS]),
    door("reply", Source::Reply, &["channel:email"]),
    door("text message", Source::Reply, &["channel:text"]),
    door("form, by email", Source::Form, &["everything"]),
    door("form, by phone", Source::Form, &["marketing"]),
    door("signal", Source::PreferenceSignal, SOLD),
    door("signal, told by a site", Source::PreferenceSignal, SOLD),
    door("agent", Source::Agent, SOLD),
    door("system", Source::Api, &[OFFERS]),
    door("system, in bulk", Source::Api, &["sharing"]),
    door("staff, on the phone", Source::StaffPhone, &["marketing"]),
    door("staff, by post", Source::StaffPost, &[OFFERS]),
    door("staff, in person", Source::StaffPerson, &["everything"]),
    door("staff, by email", Source::StaffEmail, &["sharing"]),
    door("import", Source::Import, &[OFFERS]),
];

/// Comes in and says no.
async fn enters(portal: &TestPortal, door: &Door, mira: &Customer) {
    let mut browser = portal.browser();
    match door.name {
        "page" => {
            browser.opens_link(mira).await;
            browser.turns_off(OFFERS).await;
        }
        "unsubscribe page" => {
            let page = browser.opens(&link(mira)).await;
            browser.submits(page.form(routes::DO_UNSUBSCRIBE)).await;
        }
        "unsubscribe page, all marketing" => {
            let page = browser.opens(&link(mira)).await;
            browser.submits(page.press("all", "1")).await;
        }
        "letter" => {
            let code = prints(portal, mira.person).await;
            let page = browser.opens(routes::GO).await;
            browser.submits(page.form(routes::ENTER).with("code", &code.to_string())).await;
            browser.turns_off("everything").await;
        }
        "one click" => {
            let answer = posts(portal, &link(mira), FORM, "List-Unsubscribe=One-Click").await;
            assert_eq!(answer.status, 200);
        }
        "mailto" => {
            let address = doors().mailbox.unwrap().tagged(&mira.token).unwrap();
            let raw = include_str!("mails/mailto.eml").replace("TAGGED", &address);
            assert_eq!(hands_over(portal, &raw).await, Outcome::OptedOut);
        }
        "reply" => {
            let raw = include_str!("mails/apple_reply.eml");
            assert_eq!(hands_over(portal, raw).await, Outcome::OptedOut);
        }
        "text message" => {
            let (status, _) = Gateway::opens(portal, RevokeAll::Dated).posts("SM1", "STOP").await;
            assert_eq!(status, 200);
        }
        "form, by email" => drop(browser.opts_out_by_form(EMAIL, "everything").await),
        "form, by phone" => drop(browser.opts_out_by_form(NUMBER, "marketing").await),
        "signal" => drop(browser.asking(&["1"]).opens_link(mira).await),
        "signal, told by a site" => {
            let site = portal.client(&[Scope::Signals]).await;
            let told = json!({ "sec_gpc": "1", "person": { "email": EMAIL } });
            assert_eq!(site.posts(paths::SIGNALS, &told).await.json()["honored"], true);
        }
        "agent" => {
            let agent = portal.known_agent(0).await;
            let answer = agent.exercises(&agent.request(portal, "sale:opt-out", EMAIL)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        name if name.starts_with("system") || name.starts_with("staff") => {
            let system = portal.client(&[Scope::Choices]).await;
            let [target] = door.pressed else { panic!("one") };
            let mut choice =
                json!({ "person": { "email": EMAIL }, "target": target, "act": "opt_out" });
            match door.source {
                Source::StaffPhone => choice["manner"] = json!("phone"),
                Source::StaffPost => choice["manner"] = json!("post"),
                Source::StaffPerson => choice["manner"] = json!("in_person"),
                Source::StaffEmail => choice["manner"] = json!("email"),
                _ => {}
            }
            let answer = if matches!(door.name, "system, in bulk" | "staff, by email") {
                system.posts(paths::CHOICES_BULK, &json!([choice])).await
            } else {
                system.posts(paths::CHOICES, &choice).await
            };
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        "import" => {
            let report = loads(portal, &format!("A-1,,{EMAIL},,en,,,{OFFERS}=no\n")).await;
            assert_eq!((report.updated, report.recorded), (1, 1));
            // It is written beside the server, as the program does, which follows within a second.
            portal.has_followed().await;
        }
        unknown => panic!("no door is called {unknown}"),
    }
}

/// What the gate answers about every switch of the page: whether, and why.
async fn gate(portal: &TestPortal, kind: IdentifierKind, id: &str) -> Answers {
    let subject = Subject::read(kind, id, "GB").unwrap();
    let mut answers = Answers::new();
    for leaf in portal.service.notices.current().catalogue.leaves() {
        let decision = portal.service.decide(&subject, &leaf).await.unwrap().decision;
        answers.insert(leaf.to_string(), (decision.allowed, decision.reason.as_str()));
    }
    answers
}

type Answers = BTreeMap<String, (bool, &'static str)>;

fn allowed(answers: &Answers) -> BTreeMap<String, bool> {
    answers.iter().map(|(leaf, (allowed, _))| (leaf.clone(), *allowed)).collect()
}

/// The page's switches, without those that stand for several.
fn shown(page: &Page, answers: &Answers) -> BTreeMap<String, bool> {
    let mut switches = page.switches();
    switches.retain(|target, _| !target.starts_with("purpose:") || answers.contains_key(target));
    switches
}

/// Makes sure that the page, the gate in the process and over HTTP, and every receipt say one
/// thing; says what the gate said.
async fn agree(portal: &TestPortal, door: &str, mira: &Customer) -> Answers {
    let mut browser = portal.browser();
    let page = browser.opens_link(mira).await;
    let answers = gate(portal, IdentifierKind::Email, EMAIL).await;
    assert_eq!(gate(portal, IdentifierKind::Phone, NUMBER).await, answers, "{door}: by phone");
    assert_eq!(shown(&page, &answers), allowed(&answers), "{door}: page and gate");
    let sender = portal.client(&[Scope::Decide]).await;
    for (leaf, (allowed, reason)) in &answers {
        let question = json!({ "person": { "email": EMAIL }, "target": leaf });
        let answer = sender.posts(paths::DECISIONS, &question).await.json();
        assert_eq!(answer["decision"], if *allowed { "allow" } else { "deny" }, "{door}: {leaf}");
        assert_eq!(answer["reason"], *reason, "{door}: {leaf}");
    }
    let page = verifies(portal, &mut browser).await;
    assert_eq!(shown(&page, &answers), allowed(&answers), "{door}: after a code");
    for choice in portal.entries_of(mira).await {
        let place = choice.position.0.to_string();
        let record = receipt(portal, &mut browser, &place).await["record"].take();
        assert_eq!(record["source"], choice.entry.source.as_str(), "{door}");
        assert_eq!(record["target"], choice.entry.target.to_string(), "{door}");
        assert_eq!(record["act"], choice.entry.act.as_str(), "{door}");
        assert_eq!(record["reference"], choice.entry.reference.to_string(), "{door}");
    }
    portal.verifies().await.unwrap();
    answers
}

/// Goes through one door, and sends a twin to the page for the same.
async fn leads_where_the_page_does(portal: &TestPortal, door: &Door) {
    let known = Newcomer { email: Some(EMAIL), phone: Some(NUMBER), ..Newcomer::default() };
    let mira = portal.knows(known).await;
    let twin = portal.customer(TWIN).await;
    let before = gate(portal, IdentifierKind::Email, TWIN).await;
    enters(portal, door, &mira).await;
    let entries = portal.entries_of(&mira).await;
    let made = entries.iter().map(|choice| (choice.entry.source, choice.entry.target.to_string()));
    let expected = door.pressed.iter().map(|target| (door.source, (*target).to_owned()));
    assert_eq!(made.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{}", door.name);
    let mut browser = portal.browser();
    browser.opens_link(&twin).await;
    for target in door.pressed {
        let answer = browser.posts(routes::CHOOSE, &[("off", target)]).await;
        assert_eq!(answer.status, 303, "{target}");
    }
    let mut pressed = gate(portal, IdentifierKind::Email, TWIN).await;
    assert_ne!(pressed, before, "{}: there was something to stop", door.name);
    if door.source == Source::PreferenceSignal {
        for (leaf, answer) in &mut pressed {
            if *answer != before[leaf] {
                answer.1 = "preference_signal";
            }
        }
    }
    assert_eq!(agree(portal, door.name, &mira).await, pressed, "{}", door.name);
}

async fn every_door_on(engine: Engine) {
    for door in DOORS {
        TestPortal::run(engine, async |portal| leads_where_the_page_does(portal, door).await).await;
    }
}

#[tokio::test]
async fn whichever_door_a_no_comes_through_page_gate_and_receipt_agree() {
    every_door_on(Engine::Sqlite).await;
}

#[tokio::test]
async fn on_postgres_too() {
    every_door_on(Engine::Postgres).await;
}

/// A yes has one door only: two steps behind a code (11 CCR 7028(a)).
#[tokio::test]
async fn a_confirmed_yes_is_one_on_the_page_in_the_gate_and_by_receipt() {
    TestPortal::run(Engine::Sqlite, async |portal| {
        let known = Newcomer { email: Some(EMAIL), phone: Some(NUMBER), ..Newcomer::default() };
        let mira = portal.knows(known).await;
        let mut browser = portal.browser();
        browser.opens_link(&mira).await;
        browser.turns_off(OFFERS).await;
        portal.clock.moves(HOUR / 4);
        verifies(portal, &mut browser).await;
        let page = browser.asks_on(OFFERS).await;
        browser.submits(page.form(routes::DO_CONFIRM)).await;
        let entries = portal.entries_of(&mira).await;
        assert_eq!(entries.last().unwrap().entry.source, Source::Code);
        assert_eq!(agree(portal, "code", &mira).await[OFFERS], (true, "opted_in"));
    })
    .await;
}

/// Whoever adds a source adds its door here.
#[test]
fn every_source_is_a_door_of_the_table() {
    let doors: BTreeSet<&str> = DOORS.iter().map(|door| door.source.as_str()).collect();
    for source in Source::ALL {
        // What stands behind a code is a yes, and stands below the table.
        let apart = *source == Source::Code;
        assert_ne!(doors.contains(source.as_str()), apart, "{source:?}");
    }
}
