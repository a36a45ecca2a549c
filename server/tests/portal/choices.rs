//! The choices page: what stands on it, and what each control does.

use std::collections::BTreeSet;

use app::routes;
use domain::change::WINDOW;
use domain::decision::Standpoint;
use domain::{Catalogue, Preferences, Target, decide};
use server::ports::Clock;

use crate::support::page::Page;
use crate::support::{Customer, ENGLISH, TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    one_control_stops_all_marketing_and_the_profiling_behind_it,
    one_control_stops_all_sale_and_sharing,
    one_control_stops_everything,
    a_pause_stops_marketing_until_it_ends_by_itself,
    what_was_saved_is_said_with_a_number_and_still_there_on_the_next_visit,
];
on_sqlite![
    every_switch_of_the_register_is_there_and_says_on_or_off,
    no_switch_that_needs_a_yes_is_on_beforehand,
    what_a_law_requires_stands_there_with_its_law_and_without_a_control,
    a_law_whose_review_is_overdue_is_no_longer_told_as_in_force,
    what_was_on_its_way_is_told_until_it_has_arrived,
    the_right_to_object_stands_before_everything_else,
    every_company_is_told_with_its_contact_country_and_data,
    no_link_leads_nowhere,
    every_control_has_a_name_and_every_id_is_one_of_a_kind,
];

fn catalogue(portal: &TestPortal) -> Catalogue {
    portal.service.notices.current().catalogue.clone()
}

async fn one_control_stops_all_marketing_and_the_profiling_behind_it(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let before = browser.opens_link(&customer).await;
    let controls =
        before.all("button").filter(|b| b.is("name", "off") && b.is("value", "marketing"));
    assert_eq!(controls.count(), 1, "P-02");
    let page = browser.turns_off("marketing").await;
    for (target, on) in page.switches() {
        let marketing = target.starts_with("message:") || target.starts_with("profiling:");
        let expected = before.is_on(&target) && !marketing;
        assert_eq!(on, expected, "{target}");
    }
    let catalogue = catalogue(portal);
    let preferences = Preferences::fold(&portal.entries_of(&customer).await);
    for profiling in &catalogue.profilings {
        let target = Target::Profiling(profiling.key.clone());
        let now = portal.clock.now();
        let decision = decide(&catalogue, &preferences, Standpoint::default(), &target, now);
        assert!(!decision.allowed, "P-18 (GDPR 21(2))");
    }
    page.sees(ENGLISH.now_sends_nothing);
    page.sees(ENGLISH.now_profiles_nothing);
}

async fn one_control_stops_all_sale_and_sharing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let before = browser.opens_link(&customer).await;
    let controls = before.all("button").filter(|b| b.is("name", "off") && b.is("value", "sharing"));
    assert_eq!(controls.count(), 1, "P-03");
    let page = browser.turns_off("sharing").await;
    for (target, on) in page.switches() {
        let expected = before.is_on(&target) && !target.starts_with("share:");
        assert_eq!(on, expected, "{target}");
    }
    page.sees(ENGLISH.now_shares_nothing);
}

async fn one_control_stops_everything(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let page = browser.turns_off("everything").await;
    assert!(page.switches().values().all(|on| !on));
    page.sees(ENGLISH.all_off_done);
    assert_eq!(portal.entries_of(&customer).await.len(), 1, "one press, one entry");
}

async fn a_pause_stops_marketing_until_it_ends_by_itself(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let before = browser.opens_link(&customer).await.switches();
    let page = browser.pauses("30").await;
    assert!(!page.is_on("message:offers/email"));
    assert!(page.is_on("share:advertising/adlane"), "sharing is not marketing");
    page.sees("Marketing is paused until 15 July 2026.");
    portal.clock.moves(30 * domain::moment::DAY);
    let after = browser.opens_link(&customer).await;
    assert_eq!(after.switches(), before);
    after.sees_nothing_of("paused until");
}

async fn what_was_saved_is_said_with_a_number_and_still_there_on_the_next_visit(
    portal: &TestPortal,
) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let empty = browser.opens_link(&customer).await;
    assert_eq!(empty.one("role", "status").text, "", "it is there before anything is said in it");
    let page = browser.turns_off("message:offers/email").await;
    let said = page.one("role", "status").text.clone();
    let reference = portal.entries_of(&customer).await[0].entry.reference.to_string();
    assert!(said.starts_with("Saved. Offers and new products by email is off."), "{said}");
    assert!(said.contains(&format!("Reference {reference}")), "P-23: {said}");
    let row = &page.one("id", "message-offers-email-a").text;
    assert!(row.contains("Off since 15 June 2026"), "{row}");
    portal.clock.moves(WINDOW);
    let next = portal.browser().opens_link(&customer).await;
    assert!(next.one("id", "message-offers-email-a").text.contains("Off since 15 June 2026"));
    assert!(!next.is_on("message:offers/email"));
}

async fn every_switch_of_the_register_is_there_and_says_on_or_off(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let page = portal.browser().opens_link(&customer).await;
    let switches = page.switches();
    for leaf in catalogue(portal).leaves() {
        assert!(switches.contains_key(&leaf.to_string()), "{leaf}");
    }
    for button in page.all("button").filter(|button| button.is("role", "switch")) {
        let on = button.is("aria-checked", "true");
        assert_eq!(button.text, if on { ENGLISH.on } else { ENGLISH.off }, "P-07");
        assert_eq!(
            button.get("name"),
            Some(if on { "off" } else { "on" }),
            "it says what it will do"
        );
    }
}

async fn no_switch_that_needs_a_yes_is_on_beforehand(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let page = portal.browser().opens_link(&customer).await;
    for target in ["message:trips/email", "message:offers/text", "share:safety-research/sichtfels"]
    {
        assert!(!page.is_on(target), "P-06: {target}");
    }
    assert!(page.is_on("message:offers/email"), "which needs none");
}

async fn what_a_law_requires_stands_there_with_its_law_and_without_a_control(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    for page in [portal.browser().opens(routes::CHOICES).await, browser.opens_link(&customer).await]
    {
        let law = page.within("law");
        let rows: Vec<_> = law.iter().filter(|element| element.tag == "li").collect();
        let exceptions = &catalogue(portal).exceptions;
        assert_eq!(rows.len(), exceptions.len());
        for (row, known) in rows.iter().zip(exceptions) {
            assert!(row.text.contains(&known.citation), "P-16: {}", row.text);
            assert!(row.text.contains(known.about.get(domain::Language::English)));
        }
        let control = |tag: &str| ["button", "input", "select", "form"].contains(&tag);
        assert!(law.iter().all(|element| !control(&element.tag)));
    }
}

async fn a_law_whose_review_is_overdue_is_no_longer_told_as_in_force(portal: &TestPortal) {
    let catalogue = catalogue(portal);
    let told = async || portal.browser().opens(routes::CHOICES).await.text().to_owned();
    for known in &catalogue.exceptions {
        assert!(told().await.contains(&known.citation));
    }
    let first = catalogue.exceptions.iter().min_by_key(|known| known.review_on).unwrap();
    portal.clock.moves(first.review_on.since(portal.clock.now()) - 1);
    assert!(told().await.contains(&first.citation));
    portal.clock.moves(1);
    assert!(!told().await.contains(&first.citation), "A-12: the gate denies it from this day on");
}

async fn what_was_on_its_way_is_told_until_it_has_arrived(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("message:offers/email").await;
    let row = async || {
        let page = portal.browser().opens_link(&customer).await;
        page.one("id", "message-offers-email-a").text.clone()
    };
    assert!(row().await.contains("17 June 2026"));
    portal.clock.moves(3 * domain::moment::DAY);
    assert!(!row().await.contains("17 June 2026"));
}

async fn the_right_to_object_stands_before_everything_else(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let pages = [
        portal.browser().opens(routes::CHOICES).await,
        portal.browser().opens_link(&customer).await,
    ];
    for page in pages {
        let main = page.within("main");
        let first = main.iter().find(|element| element.tag == "h2").unwrap();
        assert_eq!(first.text, ENGLISH.object_heading, "P-17");
        let section = main.iter().find(|element| element.tag == "section").unwrap();
        assert_eq!(section.text, format!("{}{}", ENGLISH.object_heading, ENGLISH.object));
    }
}

async fn every_company_is_told_with_its_contact_country_and_data(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let page = portal.browser().opens_link(&customer).await;
    for purpose in &catalogue(portal).purposes {
        for to in &purpose.recipients {
            let id = format!("share-{}-{}-a", purpose.key, to.key);
            let told = &page.one("id", &id).text;
            assert!(told.contains(&to.contact), "P-15: {told}");
            assert!(told.contains(to.data.get(domain::Language::English)), "{told}");
            page.sees(&to.name);
        }
        page.sees(purpose.about.get(domain::Language::English));
    }
}

/// The pages that anybody can reach, as one customer sees them.
async fn every_page(portal: &TestPortal, customer: &Customer) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut stranger = portal.browser();
    for path in [routes::CHOICES, routes::CODE, "/notices/1", "/nowhere", "/choices?link=unknown"] {
        pages.push(stranger.opens(path).await);
    }
    pages.push(stranger.opens(&format!("/u/{}/offers/email", customer.token)).await);
    pages.push(stranger.opts_out_by_form("", "everything").await);
    let mut browser = portal.browser();
    pages.push(browser.opens_link(customer).await);
    pages.push(browser.pauses("30").await);
    pages.push(browser.asks_for_a_code(None).await);
    pages.push(browser.enters_code(&portal.mailbox.reads_code()).await);
    pages.push(browser.asks_on("message:trips/email").await);
    pages.push(browser.opens(routes::RECORD).await);
    let foreign = browser.posts_raw("/do/choose?language=de", vec![b'x'; 20_000]).await;
    pages.push(foreign.page());
    pages
}

async fn no_link_leads_nowhere(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    let mut followed = BTreeSet::new();
    for page in every_page(portal, &customer).await {
        for link in page.all("a") {
            let href = link.get("href").expect("a link leads somewhere");
            assert!(!link.text.is_empty(), "a link has words: {href}");
            if let Some(id) = href.strip_prefix('#') {
                assert!(
                    page.elements.iter().any(|e| e.is("id", id)),
                    "P-11: {href} on {}",
                    page.path
                );
            } else if href.starts_with('/') && followed.insert(href.to_owned()) {
                if href == routes::RECORD_JSON {
                    continue;
                }
                let there = browser.opens(href).await;
                assert_eq!(there.status, 200, "P-11: {href} on {}", page.path);
            } else {
                let outside = ["https://", "mailto:", "tel:", "/"];
                assert!(outside.iter().any(|start| href.starts_with(start)), "{href}");
            }
        }
    }
}

async fn every_control_has_a_name_and_every_id_is_one_of_a_kind(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    for page in every_page(portal, &customer).await {
        let ids: Vec<_> = page.elements.iter().filter_map(|element| element.get("id")).collect();
        let mut distinct = BTreeSet::new();
        let twice: Vec<_> = ids.iter().filter(|id| !distinct.insert(**id)).collect();
        assert!(twice.is_empty(), "{twice:?} on {}", page.path);
        for attribute in ["aria-labelledby", "aria-describedby", "for", "form"] {
            let values = page.elements.iter().filter_map(|element| element.get(attribute));
            for id in values.flat_map(str::split_whitespace) {
                assert!(distinct.contains(id), "{attribute}={id} on {}", page.path);
            }
        }
        for button in page.all("button") {
            assert!(!button.text.is_empty(), "a button has words on {}", page.path);
        }
        for input in page.all("input").filter(|input| !input.is("type", "hidden")) {
            let id = input.get("id").expect("an input has an id");
            assert!(page.all("label").any(|label| label.is("for", id)), "X-09: {id}");
        }
        assert_eq!(page.all("h1").count(), 1, "on {}", page.path);
    }
}
