//! Letters that confirm: waiting for one, and reading it.

use domain::outbox::{GATHER, Kind};
use html_escape::decode_html_entities;
use server::ports::Letter;

use super::{Browser, Customer, TestPortal};

/// A browser in which a customer has opened their link.
pub async fn visits(portal: &TestPortal, customer: &Customer) -> Browser {
    let mut browser = portal.browser();
    browser.opens_link(customer).await;
    browser
}

/// Waits until the letter closes, and has it sent.
pub async fn after_a_while(portal: &TestPortal) -> usize {
    portal.clock.moves(GATHER);
    portal.postman.post(Kind::Confirmation).await.unwrap()
}

/// The references of all that somebody chose, the oldest first.
pub async fn references(portal: &TestPortal, customer: &Customer) -> Vec<String> {
    let entries = portal.entries_of(customer).await;
    entries.into_iter().map(|choice| choice.entry.reference.to_string()).collect()
}

/// Both forms of a letter hold these words.
#[track_caller]
pub fn tells(letter: &Letter, words: &str) {
    assert!(letter.body.contains(words), "{words}\n{}", letter.body);
    let html = letter.html.as_deref().unwrap();
    assert!(decode_html_entities(html).contains(words), "{words}\n{html}");
}

/// Neither form of a letter holds these words.
#[track_caller]
pub fn tells_nothing_of(letter: &Letter, words: &str) {
    assert!(!letter.body.contains(words), "{words}\n{}", letter.body);
    assert!(!letter.html.as_deref().unwrap().contains(words), "{words}");
}
