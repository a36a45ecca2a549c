//! Opting out without a link, and what it gives away: nothing.

use app::portal::Portal;
use app::routes;
use domain::{PersonId, Source, Target};

use crate::support::{Browser, Customer, ENGLISH, Newcomer, Page, TestPortal, on_both_engines};

on_both_engines![
    the_form_asks_for_a_contact_and_what_should_stop_and_for_nothing_else,
    it_counts_at_once_for_somebody_we_know,
    it_counts_for_somebody_we_have_never_heard_of,
    a_phone_number_is_read_as_people_write_it,
    each_of_the_three_wishes_is_recorded_as_it_is,
    an_address_shared_by_two_stops_for_both,
    known_and_unknown_get_the_same_answer,
    asking_for_a_code_gives_the_same_answer_too,
    a_broken_mailbox_gives_nobody_away,
    taking_it_back_gives_nobody_away,
    taking_it_back_for_a_shared_address_restores_what_it_changed,
    an_address_typed_once_is_not_asked_for_again,
];

async fn the_form_asks_for_a_contact_and_what_should_stop_and_for_nothing_else(
    portal: &TestPortal,
) {
    let page = portal.browser().opens(routes::CHOICES).await;
    let form = page.form(routes::OPT_OUT);
    let mut names = form.names();
    names.sort_unstable();
    assert_eq!(names, ["contact", "what"], "L-08 (16 CFR 316.5)");
    assert_eq!(form.fields.iter().find(|(name, _)| name == "contact").unwrap().1, "");
    page.runs_no_script_but_ours();
    assert_eq!(page.all("textarea").count() + page.all("select").count(), 0);
}

/// Everyone known by an address or number.
async fn known_by(portal: &TestPortal, contact: &str) -> Vec<PersonId> {
    let contact = portal.service.read_contact(contact).unwrap();
    let digests = portal.service.handle(&contact).digests.into_iter().map(|(_, digest)| digest);
    let digests: Vec<_> = digests.collect();
    let people = portal.store().list_people_by_digest(&digests).await.unwrap();
    people.into_iter().map(PersonId).collect()
}

async fn it_counts_at_once_for_somebody_we_know(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let page = portal.browser().opts_out_by_form("  Mira@Example.COM ", "everything").await;
    assert_eq!(page.status, 200);
    assert!(page.one("role", "status").text.contains("Everything is off"));
    let entries = portal.entries_of(&customer).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (&entries[0].entry.target, entries[0].entry.source),
        (&Target::Everything, Source::Form)
    );
    let seen = portal.browser().opens_link(&customer).await;
    assert!(seen.switches().values().all(|on| !on));
    assert!(page.switches().is_empty(), "the form shows nobody's switches");
}

async fn it_counts_for_somebody_we_have_never_heard_of(portal: &TestPortal) {
    portal.browser().opts_out_by_form("nobody@example.com", "marketing").await;
    let people = known_by(portal, "nobody@example.com").await;
    assert_eq!(people.len(), 1);
    let entries = portal.store().list_choices(people[0]).await.unwrap();
    assert_eq!(entries[0].entry.target, Target::Marketing);
    // Only a keyed hash is kept: the address can't be read again.
    let rows = portal.store().list_identifiers(&[people[0].0]).await.unwrap();
    assert!(rows.iter().all(|row| row.cipher.is_none()));
}

async fn a_phone_number_is_read_as_people_write_it(portal: &TestPortal) {
    let newcomer = Newcomer { phone: Some("+44 20 7946 0018"), ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    for (count, written) in
        ["020 7946 0018", "+44 (20) 7946-0018", "0044 20 7946 0018"].into_iter().enumerate()
    {
        let page = portal.browser().opts_out_by_form(written, "everything").await;
        assert_eq!(page.status, 200, "{written}");
        assert_eq!(portal.entries_of(&customer).await.len(), 1, "{written} is try {count}");
    }
    assert_eq!(portal.store().count_people().await.unwrap(), 1);
}

async fn each_of_the_three_wishes_is_recorded_as_it_is(portal: &TestPortal) {
    for target in [Target::Everything, Target::Marketing, Target::Sharing] {
        let email = format!("{target}@example.com");
        let customer = portal.customer(&email).await;
        portal.browser().opts_out_by_form(&email, &target.to_string()).await;
        assert_eq!(portal.entries_of(&customer).await[0].entry.target, target);
    }
}

async fn an_address_shared_by_two_stops_for_both(portal: &TestPortal) {
    let one = portal.customer("family@example.com").await;
    let two = portal.customer("family@example.com").await;
    portal.browser().opts_out_by_form("family@example.com", "everything").await;
    for customer in [one, two] {
        assert_eq!(portal.entries_of(&customer).await.len(), 1);
    }
}

/// A page without what differs from one honest answer to the next: the number and the address.
fn without(page: &Page, contact: &str) -> String {
    let mut source = page.source.replace(contact, "CONTACT");
    if let Some(reference) = page.undo() {
        source = source.replace(reference, "REFERENCE");
    }
    source
}

async fn known_and_unknown_get_the_same_answer(portal: &TestPortal) {
    portal.customer("known@example.com").await;
    portal.customer("gone@example.com").await;
    portal.browser().opts_out_by_form("gone@example.com", "everything").await;
    let mut seen = Vec::new();
    for contact in ["known@example.com", "other@example.com", "gone@example.com"] {
        let mut browser = portal.browser();
        let fields = [("contact", contact), ("what", "everything")];
        let answer = browser.posts(routes::OPT_OUT, &fields).await;
        let page = browser.opens(answer.location()).await;
        let length = page.source.len() - contact.len() * page.source.matches(contact).count();
        seen.push((answer.status, answer.location().to_owned(), length, without(&page, contact)));
    }
    assert_eq!(seen[0], seen[1], "L-19: known and unknown");
    assert_eq!(seen[0], seen[2], "L-19: known and already out");
}

async fn asking_for_a_code_gives_the_same_answer_too(portal: &TestPortal) {
    portal.customer("known@example.com").await;
    let mut seen = Vec::new();
    for contact in ["known@example.com", "knots@example.com"] {
        let mut browser = portal.browser();
        let answer = browser.posts(routes::SEND_CODE, &[("contact", contact)]).await;
        let page = browser.opens(answer.location()).await;
        let wrong = browser.enters_code("00000000").await;
        let mut said = vec![without(&page, contact), without(&wrong, contact)];
        for text in &mut said {
            *text =
                text.replace("k•••n@example.com", "MASKED").replace("k•••s@example.com", "MASKED");
        }
        seen.push((answer.status, answer.location().to_owned(), page.status, wrong.status, said));
    }
    assert_eq!(seen[0], seen[1], "L-19");
    assert_eq!(portal.mailbox.reads().to.as_str(), "known@example.com");
}

async fn a_broken_mailbox_gives_nobody_away(portal: &TestPortal) {
    portal.customer("known@example.com").await;
    portal.mailbox.breaks();
    let mut seen = Vec::new();
    for contact in ["known@example.com", "other@example.com"] {
        let answer = portal.browser().posts(routes::SEND_CODE, &[("contact", contact)]).await;
        seen.push((answer.status, answer.location().to_owned()));
    }
    assert_eq!(seen[0], seen[1], "L-19");
}

async fn taking_it_back_gives_nobody_away(portal: &TestPortal) {
    portal.customer("known@example.com").await;
    portal.customer("still@example.com").await;
    portal.browser().opts_out_by_form("still@example.com", "everything").await;
    let mut seen = Vec::new();
    for contact in ["known@example.com", "other@example.com", "still@example.com"] {
        let mut browser = portal.browser();
        let page = browser.opts_out_by_form(contact, "everything").await;
        let told = reference_of(&page);
        let undone = browser.undoes().await;
        undone.sees(ENGLISH.saved_undo);
        let same = reference_of(&undone) == told;
        let source = without(&undone, contact).replace(&reference_of(&undone), "REFERENCE");
        seen.push((undone.status, same, source));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2], "nobody learns that somebody was out already");
}

/// The number on the page.
fn reference_of(page: &Page) -> String {
    let small = page.within("toast").into_iter().find(|element| element.tag == "small");
    let text = &small.expect("the page tells a number").text;
    text.rsplit(' ').next().expect("its last word").to_owned()
}

async fn taking_it_back_for_a_shared_address_restores_what_it_changed(portal: &TestPortal) {
    let out = portal.customer("family@example.com").await;
    let with_us = portal.customer("family@example.com").await;
    let mut link = portal.browser();
    link.opens_link(&out).await;
    link.turns_off("everything").await;
    let before = states(portal, [&out, &with_us]).await;
    let mut browser = portal.browser();
    browser.opts_out_by_form("family@example.com", "everything").await;
    browser.undoes().await.sees(ENGLISH.saved_undo);
    assert_eq!(states(portal, [&out, &with_us]).await, before, "what it says is so");
}

async fn states(portal: &TestPortal, people: [&Customer; 2]) -> Vec<Vec<bool>> {
    let mut states = Vec::new();
    for customer in people {
        let page = Browser::opens_link(&mut portal.browser(), customer).await;
        states.push(page.switches().into_values().collect());
    }
    states
}

async fn an_address_typed_once_is_not_asked_for_again(portal: &TestPortal) {
    let mut browser = portal.browser();
    let page = browser.opts_out_by_form("nobody@example.com", "everything").await;
    let code = page.form(routes::SEND_CODE);
    assert_eq!(code.fields, [("contact".to_owned(), "nobody@example.com".to_owned())], "X-06");
    let sent = browser.submits(code).await;
    assert_eq!(sent.path, routes::CODE);
    // Now that the address is known, if only to be left alone, it gets its code.
    assert_eq!(portal.mailbox.reads().to.as_str(), "nobody@example.com");
}
