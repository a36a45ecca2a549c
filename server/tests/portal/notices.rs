//! Published registers.

use domain::NoticeNumber;
use domain::moment::DAY;
use server::notices::{NoticeError, Notices, publish};
use server::ports::Clock;

use crate::support::portal::CATALOGUE;
use crate::support::{TestPortal, on_both_engines};

on_both_engines![
    notices_are_numbered_from_one_and_the_text_in_force_keeps_its_number,
    many_notices_at_once_get_a_number_each,
    a_published_notice_is_taken_up_and_those_before_stay_readable,
    a_register_with_problems_is_not_published,
    the_words_of_an_entry_can_be_read_for_good,
];

/// The example with another name of the business.
fn another(brand: &str) -> String {
    CATALOGUE.replacen("brand = \"Northwind Outdoor\"", &format!("brand = \"{brand}\""), 1)
}

async fn notices_are_numbered_from_one_and_the_text_in_force_keeps_its_number(portal: &TestPortal) {
    let store = portal.store();
    assert_eq!(store.find_latest_notice_number().await.unwrap(), Some(1));
    let before = store.find_notice(1).await.unwrap().unwrap();
    portal.clock.moves(DAY);
    let now = portal.clock.now();
    assert_eq!(publish(store, CATALOGUE, now).await.unwrap(), 1);
    assert_eq!(publish(store, &another("Southwind"), now).await.unwrap(), 2);
    let back = publish(store, CATALOGUE, now).await;
    assert!(matches!(back, Err(NoticeError::Replaced(1))), "it would not come into force");
    assert_eq!(publish(store, &another("Southwind"), now).await.unwrap(), 2);
    let again = format!("{CATALOGUE}\n# As before.\n");
    assert_eq!(publish(store, &again, now).await.unwrap(), 3);
    let after = store.find_notice(1).await.unwrap().unwrap();
    assert_eq!(before, after, "a published notice never changes");
    assert_eq!(before.source, CATALOGUE);
    assert_eq!(store.find_notice(4).await.unwrap(), None);
}

async fn many_notices_at_once_get_a_number_each(portal: &TestPortal) {
    let texts: Vec<_> = (0..8).map(|number| another(&format!("Shop {number}"))).collect();
    let now = portal.clock.now();
    let published = texts.iter().map(|text| publish(portal.store(), text, now));
    let published = futures::future::join_all(published).await;
    let mut numbers: Vec<_> = published.into_iter().map(Result::unwrap).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=9).collect::<Vec<_>>());
}

async fn a_published_notice_is_taken_up_and_those_before_stay_readable(portal: &TestPortal) {
    publish(portal.store(), &another("Southwind"), portal.clock.now()).await.unwrap();
    let notices = &portal.service.notices;
    assert_eq!(notices.current().number, NoticeNumber(1));
    notices.refresh().await.unwrap();
    assert_eq!(notices.current().number, NoticeNumber(2));
    let mut browser = portal.browser();
    let page = browser.opens("/notices/1").await;
    assert_eq!(page.status, 200);
    page.sees("Northwind Outdoor");
    page.sees_nothing_of("Southwind");
    browser.opens("/notices/2").await.sees("Southwind");
    for missing in ["/notices/3", "/notices/0", "/notices/-1", "/notices/one"] {
        assert_eq!(browser.opens(missing).await.status, 404, "{missing}");
    }
    let fresh = Notices::load(portal.store().clone()).await.unwrap();
    assert_eq!(fresh.current().number, NoticeNumber(2));
}

async fn a_register_with_problems_is_not_published(portal: &TestPortal) {
    let broken = CATALOGUE.replacen("regime = \"opt_out\"", "regime = \"perhaps\"", 1);
    let refused = publish(portal.store(), &broken, portal.clock.now()).await;
    assert!(matches!(refused, Err(NoticeError::Problems(_))));
    let nowhere = CATALOGUE.replacen("Europe/London", "Europe/Atlantis", 1);
    let refused = publish(portal.store(), &nowhere, portal.clock.now()).await;
    assert!(matches!(refused, Err(NoticeError::Problems(_))));
    assert_eq!(portal.store().find_latest_notice_number().await.unwrap(), Some(1));
}

async fn the_words_of_an_entry_can_be_read_for_good(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    publish(portal.store(), &another("Southwind"), portal.clock.now()).await.unwrap();
    portal.service.notices.refresh().await.unwrap();
    browser.turns_off("message:offers/post").await;
    let entries = portal.entries_of(&customer).await;
    let notices: Vec<_> = entries.iter().map(|choice| choice.entry.notice.0).collect();
    assert_eq!(notices, [1, 2], "each entry names the notice that was shown (R-02)");
}
