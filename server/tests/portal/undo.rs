//! Taking back what one press did: exactly that, for ten minutes, in the same session.

use app::routes;
use domain::Preferences;
use domain::change::WINDOW;
use futures::future::join;

use crate::support::{Browser, Customer, ENGLISH, TestPortal, on_both_engines};

on_both_engines![
    undoing_restores_exactly_what_was,
    undoing_works_for_ten_minutes,
    undoing_is_this_session_s_alone,
    only_the_last_press_can_be_taken_back,
    undoing_twice_changes_nothing_more,
    a_double_click_is_one_entry_and_keeps_its_way_back,
    two_presses_at_the_very_same_moment_are_one_entry,
    a_double_click_on_a_pause_is_one_pause,
    a_press_on_what_is_off_already_says_so,
    a_stale_tab_still_turns_off,
];

async fn arrives(portal: &TestPortal) -> (Customer, Browser) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    (customer, browser)
}

async fn undoing_restores_exactly_what_was(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    browser.turns_off("message:offers/post").await;
    browser.pauses("90").await;
    portal.clock.moves(WINDOW);
    let before = browser.opens(routes::CHOICES).await.switches();
    let folded = Preferences::fold(&portal.entries_of(&customer).await);
    for wide in ["everything", "marketing", "purpose:advertising", "message:offers/email"] {
        browser.posts(routes::CHOOSE, &[("off", wide)]).await;
        let page = browser.undoes().await;
        page.sees(ENGLISH.saved_undo);
        assert_eq!(page.switches(), before, "{wide}");
        assert_eq!(Preferences::fold(&portal.entries_of(&customer).await), folded);
    }
    browser.posts(routes::CHOOSE, &[("pause", "180")]).await;
    assert_eq!(browser.undoes().await.switches(), before);
    assert_eq!(Preferences::fold(&portal.entries_of(&customer).await), folded);
}

async fn undoing_works_for_ten_minutes(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    let page = browser.turns_off("marketing").await;
    portal.clock.moves(WINDOW - 1);
    let undo = page.press("undo", page.undo().unwrap());
    assert!(browser.opens(routes::CHOICES).await.undo().is_some());
    portal.clock.moves(1);
    assert_eq!(browser.opens(routes::CHOICES).await.undo(), None);
    let refused = browser.submits(undo).await;
    assert_eq!(refused.status, 422);
    refused.sees(ENGLISH.error_undo);
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
}

async fn undoing_is_this_session_s_alone(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    browser.turns_off("marketing").await;
    let reference = portal.entries_of(&customer).await[0].entry.reference.to_string();
    let mut forwarded = portal.browser();
    let page = forwarded.opens_link(&customer).await;
    assert_eq!(page.undo(), None);
    for mut other in [forwarded, portal.browser()] {
        let answer = other.posts(routes::CHOOSE, &[("undo", &reference)]).await;
        let page = other.opens(answer.location()).await;
        assert_eq!(page.status, 422);
        page.sees(ENGLISH.error_undo);
    }
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
}

async fn only_the_last_press_can_be_taken_back(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    browser.turns_off("message:offers/email").await;
    browser.turns_off("message:offers/post").await;
    let first = portal.entries_of(&customer).await[0].entry.reference.to_string();
    let answer = browser.posts(routes::CHOOSE, &[("undo", &first)]).await;
    assert_eq!(browser.opens(answer.location()).await.status, 422);
    let page = browser.undoes().await;
    assert!(page.is_on("message:offers/post"));
    assert!(!page.is_on("message:offers/email"));
}

async fn undoing_twice_changes_nothing_more(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    browser.turns_off("everything").await;
    let reference = portal.entries_of(&customer).await[0].entry.reference.to_string();
    browser.undoes().await;
    let answer = browser.posts(routes::CHOOSE, &[("undo", &reference)]).await;
    assert_eq!(browser.opens(answer.location()).await.status, 422);
    assert_eq!(portal.entries_of(&customer).await.len(), 2);
}

async fn a_double_click_is_one_entry_and_keeps_its_way_back(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    let page = browser.opens(routes::CHOICES).await;
    let press = page.press("off", "marketing");
    browser.submits(press.clone()).await;
    let page = browser.submits(press).await;
    page.sees("Saved. All marketing is off.");
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
    assert!(browser.undoes().await.is_on("message:offers/email"));
}

async fn two_presses_at_the_very_same_moment_are_one_entry(portal: &TestPortal) {
    let (customer, browser) = arrives(portal).await;
    let (mut one, mut two) = (browser.clone(), browser);
    let fields = [("off", "everything")];
    let (first, second) =
        join(one.posts(routes::CHOOSE, &fields), two.posts(routes::CHOOSE, &fields)).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (303, 303));
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
}

async fn a_double_click_on_a_pause_is_one_pause(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    browser.pauses("30").await;
    portal.clock.moves(400);
    browser.posts(routes::CHOOSE, &[("pause", "30")]).await;
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
    let page = browser.opens(routes::CHOICES).await;
    page.sees("Saved. Marketing is paused until 15 July 2026.");
}

async fn a_press_on_what_is_off_already_says_so(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    browser.turns_off("everything").await;
    portal.clock.moves(WINDOW);
    let answer = browser.posts(routes::CHOOSE, &[("off", "marketing")]).await;
    browser.opens(answer.location()).await.sees(ENGLISH.saved_nothing);
    assert_eq!(portal.entries_of(&customer).await.len(), 1);
}

async fn a_stale_tab_still_turns_off(portal: &TestPortal) {
    let (customer, mut browser) = arrives(portal).await;
    let stale = browser.opens(routes::CHOICES).await;
    let mut other = portal.browser();
    other.opens_link(&customer).await;
    other.turns_off("message:offers/email").await;
    // The old tab still shows it on; pressing it can't turn it on again.
    let page = browser.submits(stale.press("off", "message:offers/email")).await;
    assert!(!page.is_on("message:offers/email"));
    let page = browser.submits(stale.press("off", "sharing")).await;
    assert!(!page.is_on("share:advertising/adlane"));
    assert_eq!(portal.entries_of(&customer).await.len(), 2);
}
