//! The letter that confirms what somebody chose: one, whole, true, and nothing beside it.

use std::sync::atomic::{AtomicBool, Ordering};

use app::routes;
use domain::moment::{DAY, MINUTE};
use domain::outbox::{GATHER, Kind};
use domain::{Channel, Language};
use serde_json::json;
use server::api::paths;
use server::api::scope::Scope;
use server::ports::{Clock, Letter};

use crate::support::confirmation::{after_a_while, references, tells, tells_nothing_of, visits};
use crate::support::portal::BASE_URL;
use crate::support::{Newcomer, TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    everything_changed_within_minutes_is_in_one_letter,
    what_was_taken_back_in_time_is_in_none,
    what_is_taken_back_later_is_told_in_a_letter_of_its_own,
    after_a_letter_the_next_change_begins_another,
    a_letter_held_back_by_an_outage_takes_in_the_next_one,
    choices_at_once_make_one_letter,
    a_choice_made_while_a_letter_closes_is_in_exactly_one,
    somebody_known_by_a_hash_alone_gets_none,
    a_household_gets_one_letter_for_one_opt_out,
    one_click_is_confirmed_once_however_often_it_comes,
    what_another_system_told_is_not_confirmed,
];

on_sqlite![
    a_letter_says_it_all_and_nothing_personal_in_its_subject,
    the_link_restricts_and_never_loosens,
    a_replaced_link_still_opts_out_for_sixty_days,
    every_language_reads_well_in_its_direction,
    a_letter_is_in_the_person_s_language,
];

async fn everything_changed_within_minutes_is_in_one_letter(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    browser.turns_off("message:offers/email").await;
    portal.clock.moves(2 * MINUTE);
    browser.turns_off("message:offers/post").await;
    browser.pauses("30").await;
    assert_eq!(portal.postman.round().await.unwrap(), 0, "it still gathers");
    portal.clock.moves(3 * MINUTE - 1);
    assert_eq!(portal.postman.round().await.unwrap(), 0);
    portal.clock.moves(1);
    assert_eq!(portal.postman.round().await.unwrap(), 1);
    let letter = portal.mailbox.reads();
    assert_eq!(letter.to.as_str(), "mira@example.com");
    for reference in references(portal, &customer).await {
        tells(&letter, &reference);
    }
    tells(&letter, "Offers and new products by email: turned off");
    tells(&letter, "Offers and new products by post: turned off");
    tells(&letter, "All marketing: paused until 15 July 2026");
    portal.clock.moves(DAY);
    assert_eq!(portal.postman.round().await.unwrap(), 0, "M-11: one and no more");
}

async fn what_was_taken_back_in_time_is_in_none(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    browser.turns_off("message:offers/email").await;
    browser.undoes().await;
    assert_eq!(after_a_while(portal).await, 1, "it was looked at");
    assert_eq!(portal.mailbox.unread(), 0, "and there was nothing to say");
    browser.turns_off("message:offers/email").await;
    browser.undoes().await;
    browser.turns_off("message:offers/post").await;
    after_a_while(portal).await;
    let letter = portal.mailbox.reads();
    tells(&letter, "Offers and new products by post");
    tells_nothing_of(&letter, "Offers and new products by email");
}

async fn what_is_taken_back_later_is_told_in_a_letter_of_its_own(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    browser.turns_off("message:offers/email").await;
    let reference = references(portal, &customer).await.remove(0);
    after_a_while(portal).await;
    portal.mailbox.reads();
    browser.undoes().await;
    after_a_while(portal).await;
    let letter = portal.mailbox.reads();
    tells(&letter, &format!("change taken back ({reference})"));
}

async fn after_a_letter_the_next_change_begins_another(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    for target in ["offers/email", "offers/post"] {
        browser.turns_off(&format!("message:{target}")).await;
        assert_eq!(after_a_while(portal).await, 1);
    }
    let (first, second) = (portal.mailbox.reads(), portal.mailbox.reads());
    tells_nothing_of(&first, "by post");
    tells_nothing_of(&second, "by email: turned off");
    tells(&second, "by post: turned off");
    assert_ne!(first.id, second.id);
}

async fn a_letter_held_back_by_an_outage_takes_in_the_next_one(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = visits(portal, &customer).await;
    portal.mailbox.breaks();
    browser.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    browser.turns_off("message:offers/post").await;
    portal.mailbox.recovers();
    // Both are due; the later one has everything.
    portal.clock.moves(GATHER);
    let mut sent = 0;
    for _ in 0..3 {
        sent += portal.postman.post(Kind::Confirmation).await.unwrap();
        portal.clock.moves(GATHER);
    }
    assert_eq!((sent, portal.mailbox.unread()), (1, 1));
    let letter = portal.mailbox.reads();
    tells(&letter, "by email: turned off");
    tells(&letter, "by post: turned off");
}

async fn choices_at_once_make_one_letter(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let topics = ["offers/email", "offers/post", "trips/email", "reviews/email"];
    let posts = topics.into_iter().map(|message| {
        let path = format!("/u/{}/{message}", customer.token);
        let mut browser = portal.browser();
        async move { browser.posts(&path, &[("List-Unsubscribe", "One-Click")]).await }
    });
    futures::future::join_all(posts).await;
    portal.clock.moves(GATHER);
    let rounds = (0..4).map(|_| portal.postman.round());
    let taken: Vec<_> = futures::future::join_all(rounds).await;
    let taken: usize = taken.into_iter().map(Result::unwrap).sum();
    assert_eq!((taken, portal.mailbox.unread()), (1, 1));
    let letter = portal.mailbox.reads();
    for reference in references(portal, &customer).await {
        tells(&letter, &reference);
    }
}

async fn a_choice_made_while_a_letter_closes_is_in_exactly_one(portal: &TestPortal) {
    let topics = ["offers/email", "offers/post", "trips/email", "reviews/email", "care/text"];
    let mut customers = Vec::new();
    for number in 0..6 {
        customers.push(portal.customer(&format!("customer{number}@example.com")).await);
    }
    let chosen = AtomicBool::new(false);
    let closing = async {
        while !chosen.load(Ordering::SeqCst) {
            after_a_while(portal).await;
            tokio::task::yield_now().await;
        }
    };
    let choosing = customers.iter().map(|customer| async move {
        for message in topics {
            let path = format!("/u/{}/{message}", customer.token);
            let fields = [("List-Unsubscribe", "One-Click")];
            let answer = portal.browser_alone().posts(&path, &fields).await;
            assert_eq!(answer.status, 200);
        }
    });
    let choosing = async {
        futures::future::join_all(choosing).await;
        chosen.store(true, Ordering::SeqCst);
    };
    futures::future::join(closing, choosing).await;
    after_a_while(portal).await;
    let letters: Vec<_> = (0..portal.mailbox.unread()).map(|_| portal.mailbox.reads()).collect();
    for customer in &customers {
        for reference in references(portal, customer).await {
            let count = letters.iter().filter(|letter| letter.body.contains(&reference)).count();
            assert_eq!(count, 1, "{reference}");
        }
    }
    assert!(letters.len() > customers.len(), "some closed meanwhile: {}", letters.len());
}

async fn somebody_known_by_a_hash_alone_gets_none(portal: &TestPortal) {
    portal.browser().opts_out_by_form("stranger@example.com", "everything").await;
    assert_eq!(after_a_while(portal).await, 0);
    let phone = Newcomer { phone: Some("+44 20 7946 0018"), ..Newcomer::default() };
    let customer = portal.knows(phone).await;
    visits(portal, &customer).await.turns_off("message:offers/email").await;
    assert_eq!(after_a_while(portal).await, 0, "there is no address");
}

async fn a_household_gets_one_letter_for_one_opt_out(portal: &TestPortal) {
    portal.customer("family@example.com").await;
    portal.clock.moves(1);
    portal.customer("family@example.com").await;
    portal.browser().opts_out_by_form("family@example.com", "marketing").await;
    assert_eq!(portal.ledger().await.len(), 2);
    assert_eq!(after_a_while(portal).await, 1, "M-11");
    tells(&portal.mailbox.reads(), "All marketing: turned off");
}

async fn one_click_is_confirmed_once_however_often_it_comes(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let path = routes::unsubscribe(&customer.token, &"offers".parse().unwrap(), Channel::Email);
    for _ in 0..5 {
        portal.browser().posts(&path, &[("List-Unsubscribe", "One-Click")]).await;
        portal.clock.moves(MINUTE);
        portal.postman.round().await.unwrap();
    }
    after_a_while(portal).await;
    assert_eq!(portal.mailbox.unread(), 1, "M-11");
    tells(&portal.mailbox.reads(), "Offers and new products by email: turned off");
}

async fn what_another_system_told_is_not_confirmed(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let client = portal.client(&[Scope::Choices]).await;
    let person = json!({ "email": "mira@example.com" });
    let body = json!({ "person": person, "target": "message:offers/email", "act": "opt_out" });
    assert_eq!(client.posts(paths::CHOICES, &body).await.json()["entries"], 1);
    assert_eq!(after_a_while(portal).await, 0);
}

async fn a_letter_says_it_all_and_nothing_personal_in_its_subject(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    visits(portal, &customer).await.turns_off("message:offers/post").await;
    after_a_while(portal).await;
    let letter = portal.mailbox.reads();
    assert_eq!(letter.subject, "Northwind Outdoor: your choices are saved");
    assert_eq!(letter.from.email.as_str(), "privacy@northwind.example");
    assert_eq!(letter.from.name, "Northwind Outdoor");
    tells(&letter, "Since 15 June 2026 at 10:30");
    tells(&letter, "Something already on its way may still reach you until");
    tells(&letter, "It is not advertising.");
    tells(&letter, &format!("{BASE_URL}/c/{}", customer.token));
    tells(&letter, &format!("{BASE_URL}/choices?language=en"));
    tells(&letter, "privacy@northwind.example");
    tells(&letter, "12 Harbour Row, Bristol BS1 4QA, United Kingdom");
}

/// Nothing is loaded, nothing is counted, and every link leads back.
#[track_caller]
fn is_quiet(html: &str) {
    for word in
        ["<img", "<script", "<link", "url(", "@import", "@font-face", "<iframe", "<form", "src="]
    {
        assert!(!html.contains(word), "{word}");
    }
    for link in html.split("href=\"").skip(1) {
        let link = link.split('"').next().unwrap();
        let ours = link.starts_with(BASE_URL) || link == "mailto:privacy@northwind.example";
        assert!(ours && !link.contains("utm_"), "{link}");
    }
}

async fn every_language_reads_well_in_its_direction(portal: &TestPortal) {
    for language in Language::ALL {
        let email = format!("{}@example.com", language.tag().to_lowercase());
        let tag = Some(language.tag());
        let newcomer = Newcomer { email: Some(&email), language: tag, ..Newcomer::default() };
        let customer = portal.knows(newcomer).await;
        let mut browser = portal.browser().reading(language.tag());
        browser.opens_link(&customer).await;
        browser.turns_off("everything").await;
        browser.asks_for_a_code(None).await;
        let code = portal.mailbox.reads();
        after_a_while(portal).await;
        let letter = portal.mailbox.reads();
        for letter in [code, letter] {
            assert_eq!(letter.language, language);
            let html = letter.html.as_deref().unwrap();
            let (tag, dir) = (language.tag(), language.direction());
            assert!(
                html.starts_with(&format!("<!doctype html>\n<html lang=\"{tag}\" dir=\"{dir}\">"))
            );
            assert!(html.contains("prefers-color-scheme: dark"));
            assert!(!letter.body.contains(['{', '}']), "{}", letter.body);
            is_quiet(html);
            let long = letter.body.lines().filter(|line| line.len() > 990).count();
            assert_eq!(long, 0, "a line has 998 bytes at most (RFC 5322 §2.1.1)");
            // To look at: a folder for them all.
            if let Ok(folder) = std::env::var("SAYSO_LETTERS_TO") {
                let kind = if letter.body.contains("/c/") { "confirmation" } else { "code" };
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(format!("{folder}/{kind}-{tag}.html"), html).unwrap();
                std::fs::write(format!("{folder}/{kind}-{tag}.txt"), &letter.body).unwrap();
            }
        }
    }
}

fn link_in(letter: &Letter) -> String {
    let line = letter.body.lines().find(|line| line.contains("/c/")).unwrap();
    line.strip_prefix(BASE_URL).unwrap().to_owned()
}

async fn the_link_restricts_and_never_loosens(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    visits(portal, &customer).await.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    let link = link_in(&portal.mailbox.reads());
    let mut reader = portal.browser();
    let page = reader.opens(&link).await;
    assert!(!page.is_on("message:offers/email"));
    let page = reader.turns_off("message:offers/post").await;
    assert!(!page.is_on("message:offers/post"));
    let page = reader.asks_on("message:offers/email").await;
    assert_eq!(page.path, routes::CODE, "turning on takes a code");
    after_a_while(portal).await;
    portal.mailbox.reads();
}

async fn a_replaced_link_still_opts_out_for_sixty_days(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    visits(portal, &customer).await.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    let link = link_in(&portal.mailbox.reads());
    let now = portal.clock.now().0;
    portal.store().record_rotation(customer.person.0, now).await.unwrap();
    portal.clock.moves(59 * DAY);
    let mut reader = portal.browser();
    reader.opens(&link).await;
    assert!(!reader.turns_off("message:offers/post").await.is_on("message:offers/post"), "L-12");
    portal.clock.moves(2 * DAY);
    let page = portal.browser().opens(&link).await;
    assert_eq!(page.status, 200, "L-13");
    page.form(routes::OPT_OUT);
    portal.postman.round().await.unwrap();
    portal.mailbox.reads();
}

async fn a_letter_is_in_the_person_s_language(portal: &TestPortal) {
    let newcomer =
        Newcomer { email: Some("jo@example.com"), language: Some("de"), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    let mut browser = portal.browser().reading("fr");
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    assert_eq!(portal.mailbox.reads().language, Language::German);
    let customer = portal.customer("ann@example.com").await;
    let mut browser = portal.browser().reading("fr");
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    after_a_while(portal).await;
    assert_eq!(portal.mailbox.reads().language, Language::French, "as the page was");
}
