//! The gate: what systems are answered, one at a time and by the list.

use std::fmt::Write;

use app::portal::{By, Portal, Who};
use domain::change::Assurance;
use domain::contact::IdentifierKind;
use domain::{Language, Reason, Source, Target, Wish};
use server::gate::{Filter, FilterError, Subject, Summary, Verdict};

use crate::support::{Newcomer, TestPortal, on_both_engines};

on_both_engines![
    the_gate_answers_what_the_page_shows,
    an_unknown_person_may_be_reached_only_where_no_yes_is_needed,
    a_no_of_anyone_who_shares_an_address_holds,
    an_opt_out_is_obeyed_by_the_very_next_question,
    with_and_without_the_index_the_answer_is_the_same,
    without_database_and_index_nothing_is_allowed,
    a_list_is_filtered_row_by_row,
    a_row_that_names_two_passes_only_if_both_may,
    what_can_not_be_read_is_held_back,
    a_list_that_names_nobody_is_refused,
    a_wide_list_is_read_to_its_last_column_or_refused,
];

const BY: By = By { assurance: Assurance::Link, source: Source::Page, language: Language::English };

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn email(text: &str) -> Subject {
    Subject::read(IdentifierKind::Email, text, "GB").unwrap()
}

async fn turns_off(portal: &TestPortal, who: Who, text: &str) {
    portal.service.record(who, Wish::TurnOff(target(text)), BY).await.unwrap();
}

async fn asks(portal: &TestPortal, who: &str, text: &str) -> (bool, Reason) {
    let verdict = portal.service.decide(&email(who), &target(text)).await.unwrap();
    (verdict.decision.allowed, verdict.decision.reason)
}

async fn filters(portal: &TestPortal, text: &str, list: &str) -> (Summary, String) {
    let mut out = Vec::new();
    let filter = Filter { service: &portal.service, target: &target(text) };
    let summary = filter.run(list.as_bytes(), &mut out, |_| {}).await.unwrap();
    (summary, String::from_utf8(out).unwrap())
}

async fn the_gate_answers_what_the_page_shows(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, Who::Person(customer.person), "topic:offers").await;
    turns_off(portal, Who::Person(customer.person), "share:advertising/adlane").await;
    portal.is_indexed().await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.opens(app::routes::CHOICES).await;
    for leaf in portal.service.notice().catalogue.leaves() {
        let verdict = portal.service.decide(&email("mira@example.com"), &leaf).await.unwrap();
        assert_eq!(page.is_on(&leaf.to_string()), verdict.decision.allowed, "{leaf}");
    }
}

async fn an_unknown_person_may_be_reached_only_where_no_yes_is_needed(portal: &TestPortal) {
    for indexed in [false, true] {
        if indexed {
            portal.is_indexed().await;
        }
        let who = "nobody@example.com";
        assert_eq!(asks(portal, who, "message:trips/email").await, (false, Reason::NeverOptedIn));
        assert_eq!(asks(portal, who, "message:offers/email").await, (true, Reason::NoObjection));
        assert_eq!(asks(portal, who, "message:gone/email").await, (false, Reason::NotInCatalogue));
        assert_eq!(asks(portal, who, "exception:tax").await, (true, Reason::RequiredByLaw));
        assert_eq!(asks(portal, who, "everything").await, (false, Reason::NotInCatalogue));
    }
}

async fn a_no_of_anyone_who_shares_an_address_holds(portal: &TestPortal) {
    portal.customer("home@example.com").await;
    let second = portal.customer("home@example.com").await;
    turns_off(portal, Who::Person(second.person), "message:offers/email").await;
    let no = (false, Reason::OptedOut);
    assert_eq!(asks(portal, "home@example.com", "message:offers/email").await, no);
    portal.is_indexed().await;
    assert_eq!(asks(portal, "HOME@example.com ", "message:offers/email").await, no);
}

async fn an_opt_out_is_obeyed_by_the_very_next_question(portal: &TestPortal) {
    portal.is_indexed().await;
    let target = "message:offers/email";
    for number in 0..200 {
        let address = format!("customer-{number}@example.com");
        assert!(asks(portal, &address, target).await.0);
        let contact = portal.service.read_contact(&address).unwrap();
        turns_off(portal, Who::Handle(portal.service.handle(&contact)), target).await;
        assert_eq!(asks(portal, &address, target).await, (false, Reason::OptedOut));
    }
}

async fn with_and_without_the_index_the_answer_is_the_same(portal: &TestPortal) {
    let child =
        Newcomer { email: Some("kid@example.com"), birth_year: Some(2015), ..<_>::default() };
    portal.knows(child).await;
    let paused = portal.customer("paused@example.com").await;
    portal.service.record(Who::Person(paused.person), Wish::Pause(30), BY).await.unwrap();
    let out = portal.customer("out@example.com").await;
    turns_off(portal, Who::Person(out.person), "everything").await;
    let people = ["kid@example.com", "paused@example.com", "out@example.com", "x@example.com"];
    let leaves: Vec<Target> = portal.service.notice().catalogue.leaves().collect();
    let mut answers = Vec::new();
    for indexed in [false, true] {
        if indexed {
            portal.is_indexed().await;
        }
        let mut all = Vec::new();
        for who in people {
            for leaf in &leaves {
                let Verdict { decision, notice, person, .. } =
                    portal.service.decide(&email(who), leaf).await.unwrap();
                all.push((decision, notice, person));
            }
        }
        answers.push(all);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].iter().any(|(decision, ..)| decision.reason == Reason::Minor));
    assert!(answers[0].iter().any(|(decision, ..)| decision.reason == Reason::Paused));
}

async fn without_database_and_index_nothing_is_allowed(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    portal.is_indexed().await;
    portal.breaks().await;
    let (who, offers) = (email("mira@example.com"), target("message:offers/email"));
    assert!(portal.service.decide(&who, &offers).await.is_err());
    let list = "email\nmira@example.com\n";
    let filter = Filter { service: &portal.service, target: &target("message:offers/email") };
    let mut out = Vec::new();
    assert!(filter.run(list.as_bytes(), &mut out, |_| {}).await.is_err());
    assert!(!String::from_utf8(out).unwrap().contains("mira"));
}

async fn a_list_is_filtered_row_by_row(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, Who::Person(customer.person), "message:offers/email").await;
    let mut list = "name,email\n".to_owned();
    for number in 0..2_500 {
        writeln!(list, "\"Customer, {number}\",customer-{number}@example.com").unwrap();
    }
    list.push_str("Mira,Mira@Example.com\n");
    let (summary, out) = filters(portal, "message:offers/email", &list).await;
    assert_eq!(summary.to_string(), "2,501 in, 2,500 allowed, 1 held back: 1 opted_out");
    assert_eq!(out.lines().count(), 2_501);
    assert!(out.contains("\"Customer, 7\",customer-7@example.com"));
    assert!(!out.contains("Mira"));
}

async fn a_row_that_names_two_passes_only_if_both_may(portal: &TestPortal) {
    let phone = Newcomer { phone: Some("+44 20 7946 0018"), ..Newcomer::default() };
    let customer = portal.knows(phone).await;
    turns_off(portal, Who::Person(customer.person), "message:offers/email").await;
    let list = "email,phone\na@example.com,020 7946 0018\nb@example.com,\n,+442079460019\n";
    let (summary, out) = filters(portal, "message:offers/email", list).await;
    assert_eq!((summary.read, summary.allowed), (3, 2));
    assert!(!out.contains("a@example.com"));
}

async fn what_can_not_be_read_is_held_back(portal: &TestPortal) {
    // Two addresses below one name: the second was asked about by nobody.
    let list = "email\nann@example.com,mira@example.com\nno address\n\u{202e}x@example.com\n,\n\
                \"open@example.com\nrest@example.com\n";
    let (summary, out) = filters(portal, "message:offers/email", list).await;
    assert_eq!((summary.read, summary.allowed), (5, 0));
    assert_eq!(summary.held.get("unreadable"), Some(&5));
    assert_eq!(out, "email\n");
}

async fn a_list_that_names_nobody_is_refused(portal: &TestPortal) {
    for list in ["", "name,street\nMira,Harbour Row\n", "mira@example.com\n"] {
        let filter = Filter { service: &portal.service, target: &target("message:offers/email") };
        let mut out = Vec::new();
        let outcome = filter.run(list.as_bytes(), &mut out, |_| {}).await;
        assert!(matches!(outcome, Err(FilterError::Columns)), "{list}");
        assert!(out.is_empty());
    }
}

async fn a_wide_list_is_read_to_its_last_column_or_refused(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    turns_off(portal, Who::Person(customer.person), "message:offers/email").await;
    portal.knows(Newcomer { phone: Some("+44 20 7946 0018"), ..Newcomer::default() }).await;
    // The limit is a thousand columns; a list of customers often has a hundred.
    let wide = |more: usize| {
        let (names, cells) = (",name".repeat(more), ",x".repeat(more));
        let phone = "020 7946 0018";
        format!(
            "phone{names},email\n{phone}{cells},mira@example.com\n{phone}{cells},jo@example.com\n"
        )
    };
    for more in [98, 998] {
        let (summary, out) = filters(portal, "message:offers/email", &wide(more)).await;
        assert_eq!((summary.read, summary.allowed), (2, 1), "{more}");
        assert!(!out.contains("mira") && out.ends_with(",x,jo@example.com\n"), "{out}");
    }
    let filter = Filter { service: &portal.service, target: &target("message:offers/email") };
    let mut out = Vec::new();
    let outcome = filter.run(wide(999).as_bytes(), &mut out, |_| {}).await;
    assert!(matches!(outcome, Err(FilterError::TooWide)));
    assert!(out.is_empty());
    let row = format!("email\njo@example.com{}\nann@example.com\n", ",x".repeat(1_000));
    let (summary, out) = filters(portal, "message:offers/email", &row).await;
    assert_eq!((summary.allowed, summary.held.get("unreadable")), (1, Some(&1)));
    assert_eq!(out, "email\nann@example.com\n");
}
