//! What a link may do and what only a fresh code may: out is instant, in is proven.

use app::routes;
use axum::http::Method;
use domain::change::WINDOW;
use domain::{Act, Source, Target};

use crate::support::{Browser, Customer, ENGLISH, Newcomer, TestPortal, on_both_engines};

on_both_engines![
    a_link_may_do_all_that_protects,
    a_link_may_neither_turn_on_nor_end_a_pause,
    a_link_shows_neither_history_nor_record,
    a_code_opens_history_and_record_for_ten_minutes,
    turning_on_takes_two_steps_and_two_entries,
    the_first_step_alone_changes_nothing,
    a_confirmation_without_a_first_step_is_refused,
    a_confirmation_comes_too_late_after_ten_minutes,
    an_opt_out_in_another_tab_makes_the_confirmation_stale,
    a_form_that_does_not_say_what_it_has_seen_confirms_nothing,
    ending_a_pause_takes_two_steps_too,
    one_yes_for_many_switches_is_refused,
    what_a_law_requires_can_be_turned_neither_off_nor_on,
    nobody_under_16_is_opted_in_to_sale_or_sharing,
    a_code_for_one_person_does_not_prove_another,
    a_person_without_an_address_is_asked_for_one,
];

const TRIPS: &str = "message:trips/email";

/// A customer whose browser has answered a code.
async fn verified(portal: &TestPortal) -> (Customer, Browser) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    proves(portal, &mut browser).await;
    (customer, browser)
}

/// Answers a fresh code.
async fn proves(portal: &TestPortal, browser: &mut Browser) {
    browser.asks_for_a_code(None).await;
    browser.enters_code(&portal.mailbox.reads_code()).await;
}

fn acts(entries: &[domain::Choice]) -> Vec<&'static str> {
    entries.iter().map(|choice| choice.entry.act.as_str()).collect()
}

async fn a_link_may_do_all_that_protects(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let targets = [
        "message:offers/email",
        "profiling:recommendations",
        "share:measuring/tallyhouse",
        "purpose:advertising",
    ];
    for (count, target) in targets.into_iter().enumerate() {
        assert_eq!(browser.turns_off(target).await.status, 200, "{target}");
        assert_eq!(portal.entries_of(&customer).await.len(), count + 1, "{target}");
    }
    browser.pauses("90").await;
    browser.undoes().await;
    for wide in ["marketing", "sharing"] {
        browser.turns_off(wide).await;
    }
    let entries = portal.entries_of(&customer).await;
    let protective = |choice: &domain::Choice| {
        choice.entry.act.is_protective() || matches!(choice.entry.act, Act::Undone { .. })
    };
    assert_eq!(entries.len(), 8);
    assert!(entries.iter().all(protective));
    assert!(entries.iter().all(|choice| choice.entry.source == Source::Page));
}

async fn a_link_may_neither_turn_on_nor_end_a_pause(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    browser.pauses("30").await;
    let before = portal.ledger().await;
    for target in [TRIPS, "message:offers/email", "share:safety-research/sichtfels", "marketing"] {
        let asked = browser.posts(routes::CHOOSE, &[("on", target)]).await;
        assert_eq!((asked.status.as_u16(), asked.location()), (303, routes::CODE), "{target}");
        let confirmed =
            browser.posts(routes::DO_CONFIRM, &[("target", target), ("seen", "9")]).await;
        assert_eq!((confirmed.status.as_u16(), confirmed.location()), (303, routes::CODE));
    }
    assert_eq!(portal.ledger().await, before, "L-14: not even a request is recorded");
}

async fn a_link_shows_neither_history_nor_record(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.turns_off("message:offers/email").await;
    page.sees(ENGLISH.history_locked);
    page.sees_nothing_of("class=\"trail\"");
    for path in [routes::RECORD, routes::RECORD_JSON] {
        let answer = browser.asks(Method::GET, path).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, routes::CODE), "{path}");
        assert!(answer.body.is_empty());
        let stranger = portal.browser().asks(Method::GET, path).await;
        assert_eq!((stranger.status.as_u16(), stranger.location()), (303, routes::CODE));
    }
}

async fn a_code_opens_history_and_record_for_ten_minutes(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    let page = browser.turns_off("message:offers/email").await;
    let trail: Vec<_> = page.within("history").into_iter().filter(|e| e.tag == "li").collect();
    assert_eq!(trail.len(), 1);
    assert!(trail[0].text.contains("Offers and new products by email: turned off"));
    assert_eq!(browser.opens(routes::RECORD).await.status, 200);
    let json = browser.asks(Method::GET, routes::RECORD_JSON).await;
    let record: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    let entry = &portal.entries_of(&customer).await[0].entry;
    assert_eq!(record["choices"][0]["target"], "message:offers/email");
    assert_eq!(record["choices"][0]["reference"], entry.reference.as_str());
    assert_eq!(record["customer"], "m•••a@example.com");
    portal.clock.moves(WINDOW);
    browser.opens(routes::CHOICES).await.sees(ENGLISH.history_locked);
    assert_eq!(browser.asks(Method::GET, routes::RECORD).await.location(), routes::CODE);
}

async fn turning_on_takes_two_steps_and_two_entries(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.asks_on(TRIPS).await;
    page.sees(ENGLISH.code_why_on);
    browser.asks_for_a_code(None).await;
    let confirm = browser.enters_code(&portal.mailbox.reads_code()).await;
    assert_eq!(confirm.path, routes::CONFIRM, "the code leads on to what it was for");
    confirm.sees("Turn on Trip ideas newsletter by email?");
    assert!(!browser.opens(routes::CHOICES).await.is_on(TRIPS));
    let done = browser.submits(confirm.form(routes::DO_CONFIRM)).await;
    done.sees("Saved. Trip ideas newsletter by email is on.");
    assert!(done.is_on(TRIPS));
    let entries = portal.entries_of(&customer).await;
    assert_eq!(acts(&entries), ["requested", "granted"], "P-21");
    assert!(entries.iter().all(|choice| choice.entry.source == Source::Code));
}

async fn the_first_step_alone_changes_nothing(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    let before = browser.opens(routes::CHOICES).await.switches();
    let confirm = browser.asks_on(TRIPS).await;
    assert_eq!(confirm.path, routes::CONFIRM);
    // Pressed twice, it is still one request.
    let again = browser.asks_on(TRIPS).await;
    assert_eq!(again.path, routes::CONFIRM);
    assert_eq!(browser.opens(routes::CHOICES).await.switches(), before);
    assert_eq!(acts(&portal.entries_of(&customer).await), ["requested"]);
}

async fn a_confirmation_without_a_first_step_is_refused(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    let answer = browser.posts(routes::DO_CONFIRM, &[("target", TRIPS), ("seen", "0")]).await;
    let page = browser.opens(answer.location()).await;
    assert_eq!(page.status, 422);
    page.sees(ENGLISH.error_stale);
    assert!(portal.entries_of(&customer).await.is_empty());
}

async fn a_confirmation_comes_too_late_after_ten_minutes(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    browser.asks_on(TRIPS).await;
    portal.clock.moves(WINDOW + 1);
    // A proof that is fresh does not make the first step so.
    let mut other = portal.browser();
    other.opens_link(&customer).await;
    proves(portal, &mut other).await;
    let answer = other.posts(routes::DO_CONFIRM, &[("target", TRIPS), ("seen", "1")]).await;
    let page = other.opens(answer.location()).await;
    assert_eq!(page.status, 422);
    page.sees(ENGLISH.error_stale);
    assert_eq!(acts(&portal.entries_of(&customer).await), ["requested"]);
}

async fn an_opt_out_in_another_tab_makes_the_confirmation_stale(portal: &TestPortal) {
    for (number, press) in
        [("off", "everything"), ("off", "marketing"), ("off", TRIPS), ("pause", "30")]
            .into_iter()
            .enumerate()
    {
        let customer = portal.customer(&format!("mira{number}@example.com")).await;
        let mut tab = portal.browser();
        tab.opens_link(&customer).await;
        proves(portal, &mut tab).await;
        let confirm = tab.asks_on(TRIPS).await;
        let mut other = portal.browser();
        other.opens_link(&customer).await;
        other.posts(routes::CHOOSE, &[press]).await;
        let page = tab.submits(confirm.form(routes::DO_CONFIRM)).await;
        assert_eq!(page.status, 422, "{press:?}");
        page.sees(ENGLISH.error_stale);
        assert!(!page.is_on(TRIPS), "it shows how things stand");
        assert!(!acts(&portal.entries_of(&customer).await).contains(&"granted"));
    }
}

async fn a_form_that_does_not_say_what_it_has_seen_confirms_nothing(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    browser.asks_on(TRIPS).await;
    for fields in [&[("target", TRIPS)][..], &[("target", TRIPS), ("seen", "yesterday")]] {
        let answer = browser.posts(routes::DO_CONFIRM, fields).await;
        let page = browser.opens(answer.location()).await;
        assert_eq!(page.status, 422);
        assert!(!page.is_on(TRIPS));
    }
    assert_eq!(acts(&portal.entries_of(&customer).await), ["requested"]);
}

async fn ending_a_pause_takes_two_steps_too(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    let before = browser.opens(routes::CHOICES).await.switches();
    browser.pauses("30").await;
    let confirm = browser.asks_on("marketing").await;
    confirm.sees(ENGLISH.confirm_resume_title);
    let done = browser.submits(confirm.form(routes::DO_CONFIRM)).await;
    done.sees(ENGLISH.saved_resume);
    assert_eq!(done.switches(), before);
    assert_eq!(acts(&portal.entries_of(&customer).await), ["paused", "requested", "resumed"]);
}

async fn one_yes_for_many_switches_is_refused(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    browser.turns_off("everything").await;
    let before = portal.entries_of(&customer).await;
    let wide = ["everything", "sharing", "purpose:advertising", "topic:offers", "channel:email"];
    for target in wide {
        for action in [routes::CHOOSE, routes::DO_CONFIRM] {
            let fields = [("on", target), ("target", target), ("seen", "1")];
            let answer = browser.posts(action, &fields).await;
            let page = browser.opens(answer.location()).await;
            assert_eq!(page.status, 422, "P-20: {target}");
            page.sees(ENGLISH.error_one);
        }
    }
    assert_eq!(portal.entries_of(&customer).await, before);
}

async fn what_a_law_requires_can_be_turned_neither_off_nor_on(portal: &TestPortal) {
    let (customer, mut browser) = verified(portal).await;
    for name in ["off", "on"] {
        let answer = browser.posts(routes::CHOOSE, &[(name, "exception:tax")]).await;
        let page = browser.opens(answer.location()).await;
        assert_eq!(page.status, 422, "P-16");
        page.sees(ENGLISH.error_law);
    }
    assert!(portal.entries_of(&customer).await.is_empty());
}

async fn nobody_under_16_is_opted_in_to_sale_or_sharing(portal: &TestPortal) {
    let newcomer =
        Newcomer { email: Some("kid@example.com"), birth_year: Some(2012), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    let mut browser = portal.browser();
    let page = browser.opens_link(&customer).await;
    for sale in ["share:advertising/adlane", "share:postal-partners/lettermoor"] {
        assert!(!page.is_on(sale), "P-24: off by default");
    }
    assert!(page.is_on("share:measuring/tallyhouse"), "which is neither sale nor sharing");
    page.sees(ENGLISH.minor);
    browser.asks_on("share:advertising/adlane").await;
    browser.asks_for_a_code(None).await;
    let refused = browser.enters_code(&portal.mailbox.reads_code()).await;
    assert_eq!(refused.status, 422);
    refused.sees(ENGLISH.error_minor);
    let fields = [("target", "share:advertising/adlane"), ("seen", "0")];
    let answer = browser.posts(routes::DO_CONFIRM, &fields).await;
    browser.opens(answer.location()).await.sees(ENGLISH.error_minor);
    assert!(portal.entries_of(&customer).await.is_empty());
}

async fn a_code_for_one_person_does_not_prove_another(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    portal.customer("tom@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&mira).await;
    browser.turns_off("everything").await;
    // Tom, holding Mira's forwarded link, proves that he is Tom.
    browser.posts(routes::SEND_CODE, &[("contact", "tom@example.com")]).await;
    let page = browser.enters_code(&portal.mailbox.reads_code()).await;
    page.sees("t•••@example.com");
    assert!(page.is_on("message:offers/email"), "these are Tom's own switches");
    page.sees(ENGLISH.history_empty);
    assert_eq!(portal.entries_of(&mira).await.len(), 1);
    assert_eq!(portal.entries_of(&mira).await[0].entry.target, Target::Everything);
}

async fn a_person_without_an_address_is_asked_for_one(portal: &TestPortal) {
    let customer = portal.knows(Newcomer::default()).await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.asks_for_a_code(None).await;
    assert_eq!(page.status, 422);
    page.sees(ENGLISH.error_contact_empty);
    assert!(page.form(routes::SEND_CODE).names().contains(&"contact"), "there is a field for it");
}
