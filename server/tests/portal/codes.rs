//! One-time codes.

use app::routes;
use app::texts::Texts;
use domain::Language;
use domain::change::WINDOW;
use futures::future::join_all;

use crate::support::{Browser, ENGLISH, Newcomer, TestPortal, on_both_engines};

on_both_engines![
    a_code_lets_somebody_in_without_a_link,
    a_code_works_once,
    a_code_works_for_ten_minutes,
    five_wrong_tries_use_a_code_up,
    wrong_tries_at_once_count_each,
    a_code_is_read_as_people_paste_it,
    a_typed_code_is_never_shown_again,
    only_the_session_that_asked_can_answer,
    a_new_code_replaces_the_one_before,
    a_letter_is_in_the_language_of_the_page,
    somebody_who_reads_mail_on_the_phone_gets_a_text,
    too_many_codes_are_refused_but_never_an_opt_out,
    many_at_once_get_no_more_codes_than_one_after_the_other,
];

async fn a_code_lets_somebody_in_without_a_link(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let sent = browser.asks_for_a_code(Some("Mira@Example.com")).await;
    sent.sees("m•••a@example.com");
    let letter = portal.mailbox.reads();
    assert_eq!(letter.to.as_str(), "mira@example.com");
    assert_eq!(letter.subject, "Your code for Northwind Outdoor");
    let code =
        letter.body.split_whitespace().find(|word| word.len() == 8 && word.parse::<u32>().is_ok());
    let page = browser.enters_code(code.unwrap()).await;
    assert_eq!((page.status, page.path.as_str()), (200, routes::CHOICES));
    assert!(!page.switches().is_empty());
    assert!(portal.ledger().await.is_empty(), "a code alone records nothing");
}

/// A browser that waits for a code, and the code.
async fn waiting(portal: &TestPortal) -> (Browser, String) {
    portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.asks_for_a_code(Some("mira@example.com")).await;
    let code = portal.mailbox.reads_code();
    (browser, code)
}

async fn a_code_works_once(portal: &TestPortal) {
    let (mut browser, code) = waiting(portal).await;
    let mut other_tab = browser.clone();
    assert!(!browser.enters_code(&code).await.switches().is_empty());
    let answer = other_tab.posts(routes::CHECK_CODE, &[("code", &code)]).await;
    let page = other_tab.opens(answer.location()).await;
    assert_eq!(page.status, 422);
}

async fn a_code_works_for_ten_minutes(portal: &TestPortal) {
    let (mut browser, code) = waiting(portal).await;
    portal.clock.moves(WINDOW);
    let page = browser.enters_code(&code).await;
    assert_eq!(page.status, 422);
    page.sees(ENGLISH.error_code);
    let again = browser.submits(page.form(routes::SEND_CODE)).await;
    assert_eq!(again.path, routes::CODE);
    let code = portal.mailbox.reads_code();
    portal.clock.moves(WINDOW - 1);
    assert_eq!(browser.enters_code(&code).await.path, routes::CHOICES);
}

/// A code of the right form that is another one.
fn other_than(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:08}", (number + 1) % 100_000_000)
}

async fn five_wrong_tries_use_a_code_up(portal: &TestPortal) {
    let (mut browser, code) = waiting(portal).await;
    for _ in 0..5 {
        let page = browser.enters_code(&other_than(&code)).await;
        assert_eq!(page.status, 422);
        page.sees(ENGLISH.error_code);
    }
    assert_eq!(browser.enters_code(&code).await.status, 422, "the right one comes too late");
}

async fn wrong_tries_at_once_count_each(portal: &TestPortal) {
    let (mut browser, code) = waiting(portal).await;
    let wrong = other_than(&code);
    let tries = (0..5).map(|_| {
        let (mut tab, wrong) = (browser.clone(), wrong.clone());
        async move { tab.posts(routes::CHECK_CODE, &[("code", &wrong)]).await }
    });
    join_all(tries).await;
    assert_eq!(browser.enters_code(&code).await.status, 422);
}

async fn a_code_is_read_as_people_paste_it(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let arabic = |code: &str| {
        let digit = |c: char| char::from_u32(0x0660 + c.to_digit(10).expect("a digit"));
        code.chars().filter_map(digit).collect::<String>()
    };
    let ways: [&dyn Fn(&str) -> String; 4] = [
        &|code| format!("  {} {}\n", &code[..4], &code[4..]),
        &|code| format!("{}-{}", &code[..4], &code[4..]),
        &arabic,
        &|code| format!("{}\u{a0}{}", &code[..4], &code[4..]),
    ];
    for way in ways {
        let mut browser = portal.browser();
        browser.asks_for_a_code(Some("mira@example.com")).await;
        let typed = way(&portal.mailbox.reads_code());
        assert_eq!(browser.enters_code(&typed).await.path, routes::CHOICES, "{typed:?}");
        portal.clock.moves(WINDOW);
    }
}

async fn a_typed_code_is_never_shown_again(portal: &TestPortal) {
    let (mut browser, code) = waiting(portal).await;
    let wrong = other_than(&code);
    let page = browser.enters_code(&wrong).await;
    page.sees_nothing_of(&wrong);
    let field = page.one("id", "code");
    assert_eq!(field.get("value"), None);
    assert_eq!(field.get("autocomplete"), Some("one-time-code"), "X-07");
    assert_eq!(field.get("aria-invalid"), Some("true"));
    let empty = browser.enters_code(" ").await;
    empty.sees(ENGLISH.error_code_empty);
    assert_eq!(empty.status, 422);
    assert_eq!(browser.opens(routes::CODE).await.status, 200, "a mistake is told once");
}

async fn only_the_session_that_asked_can_answer(portal: &TestPortal) {
    let (_, code) = waiting(portal).await;
    let mut thief = portal.browser();
    let answer = thief.posts(routes::CHECK_CODE, &[("code", &code)]).await;
    let page = thief.opens(answer.location()).await;
    assert_eq!(page.status, 422);
    page.sees(ENGLISH.error_session);
}

async fn a_new_code_replaces_the_one_before(portal: &TestPortal) {
    let (mut browser, first) = waiting(portal).await;
    let page = browser.opens(routes::CODE).await;
    browser.submits(page.form(routes::SEND_CODE)).await;
    let second = portal.mailbox.reads_code();
    assert_ne!(first, second);
    assert_eq!(browser.enters_code(&first).await.status, 422);
    assert_eq!(browser.enters_code(&second).await.path, routes::CHOICES);
}

async fn a_letter_is_in_the_language_of_the_page(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let texts = Texts::of(Language::Arabic);
    let mut browser = portal.browser().reading("ar");
    browser.asks_for_a_code(Some("mira@example.com")).await;
    let letter = portal.mailbox.reads();
    assert_eq!(letter.subject, texts.code_mail_subject.replace("{brand}", "Northwind Outdoor"));
}

async fn somebody_who_reads_mail_on_the_phone_gets_a_text(portal: &TestPortal) {
    let newcomer = Newcomer { phone: Some("+44 20 7946 0018"), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    let mut browser = portal.browser();
    let page = browser.opens_link(&customer).await;
    page.sees("+44•••018");
    browser.asks_for_a_code(None).await.sees("+44•••018");
    let letter = portal.mailbox.reads();
    assert_eq!(letter.to.as_str(), "+442079460018");
}

async fn too_many_codes_are_refused_but_never_an_opt_out(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    for _ in 0..3 {
        browser.posts(routes::SEND_CODE, &[("contact", "mira@example.com")]).await;
        portal.mailbox.reads();
    }
    for contact in ["mira@example.com", "MIRA@example.com"] {
        let answer = browser.posts(routes::SEND_CODE, &[("contact", contact)]).await;
        let shown = browser.asks(axum::http::Method::GET, answer.location()).await;
        assert_eq!(shown.status, 429, "L-20");
        assert_eq!(shown.header("retry-after"), "600");
        shown.page().sees(ENGLISH.error_many);
    }
    let one_click =
        routes::unsubscribe(&customer.token, &"offers".parse().unwrap(), domain::Channel::Email);
    let answer = browser.posts(&one_click, &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(answer.status, 200, "L-20: a valid opt-out is never limited");
    let page = browser.opts_out_by_form("mira@example.com", "everything").await;
    assert_eq!(page.status, 200);
    assert_eq!(portal.entries_of(&customer).await.len(), 2);
    portal.clock.moves(WINDOW);
    browser.asks_for_a_code(None).await;
    portal.mailbox.reads();
}

async fn many_at_once_get_no_more_codes_than_one_after_the_other(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let requests = (0..20).map(|_| {
        let mut browser = portal.browser();
        async move { browser.posts(routes::SEND_CODE, &[("contact", "mira@example.com")]).await }
    });
    join_all(requests).await;
    assert_eq!(portal.mailbox.unread(), 3);
    (0..3).for_each(|_| drop(portal.mailbox.reads()));
}
