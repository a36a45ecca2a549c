//! The link kit: there when asked for, true about the portal, and nobody's secret.

use std::collections::BTreeSet;

use app::routes;
use app::texts::letters::Letters;
use axum::http::Method;
use domain::Language;
use server::letters::Letterbox;
use server::web::{Web, router};

use crate::support::portal::BASE_URL;
use crate::support::{Browser, TestPortal, on_sqlite};

on_sqlite![
    the_kit_is_there_only_where_it_was_asked_for,
    every_link_of_the_kit_answers,
    a_link_that_fails_is_told,
    the_kit_says_which_address_it_copies_and_warns_of_one_that_nobody_can_use,
    the_headers_are_what_rfc_8058_asks_for,
    the_kit_speaks_every_language_of_the_business,
    what_california_asks_for_is_word_for_word,
];

fn desk(portal: &TestPortal) -> Browser {
    let doors = Letterbox { kit: true, ..Letterbox::default() };
    let web = Web::new(portal.service.clone(), BASE_URL).with_letterbox(doors);
    portal.browser().moved_to(router(web))
}

async fn the_kit_is_there_only_where_it_was_asked_for(portal: &TestPortal) {
    for path in [routes::KIT, routes::SCRIPT] {
        assert_eq!(portal.browser().asks(Method::GET, path).await.status, 404);
        let answer = desk(portal).asks(Method::GET, path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.cookies().is_empty());
        let page = answer.page();
        assert_eq!(page.one("name", "robots").get("content"), Some("noindex"));
        page.runs_no_script_but_ours();
        assert_eq!(desk(portal).asks(Method::POST, path).await.status, 404);
    }
    // All else is where it was.
    let customer = portal.customer("mira@example.com").await;
    let mut browser = desk(portal);
    assert!(!browser.opens_link(&customer).await.switches().is_empty());
    assert_eq!(browser.asks(Method::GET, "/nowhere").await.status, 404);
    assert_eq!(browser.asks(Method::GET, "/healthz").await.status, 200);
}

async fn every_link_of_the_kit_answers(portal: &TestPortal) {
    let mut browser = desk(portal);
    let page = browser.opens(routes::KIT).await;
    page.sees("Every link answers.");
    let rows = page.all("tr").filter(|row| row.text.contains("✓ answers")).count();
    assert_eq!(rows + 1, page.all("tr").count(), "all but the head");
    assert!(rows > 8);
    assert!(portal.ledger().await.is_empty());
    // Whatever the kit tells somebody to copy leads somewhere in this portal.
    let snippets: BTreeSet<_> = page.all("pre").map(|snippet| snippet.text.clone()).collect();
    let inside = snippets.iter().flat_map(|text| text.split('"'));
    let links: BTreeSet<_> = inside.filter_map(|part| part.strip_prefix(BASE_URL)).collect();
    assert!(links.len() >= 6, "{links:?}");
    for link in links {
        assert_eq!(browser.asks(Method::GET, link).await.status, 200, "{link}");
    }
}

async fn a_link_that_fails_is_told(portal: &TestPortal) {
    let mut browser = desk(portal);
    portal.store().close().await;
    let page = browser.opens(routes::KIT).await;
    page.sees("Some links don’t answer as they should.");
    page.sees("✗ wrong (503)");
}

async fn the_kit_says_which_address_it_copies_and_warns_of_one_that_nobody_can_use(
    portal: &TestPortal,
) {
    const WARNING: &str = "No customer can use this address";
    let page = desk(portal).opens(routes::KIT).await;
    page.sees("What is copied below begins with");
    page.sees(BASE_URL);
    assert!(!page.source.contains(WARNING));
    for base_url in ["http://privacy.northwind.example", "https://localhost", "https://127.0.0.1"] {
        let doors = Letterbox { kit: true, ..Letterbox::default() };
        let web = Web::new(portal.service.clone(), base_url).with_letterbox(doors);
        let page = portal.browser().moved_to(router(web)).opens(routes::KIT).await;
        page.sees(WARNING);
        page.sees(base_url);
    }
}

async fn the_headers_are_what_rfc_8058_asks_for(portal: &TestPortal) {
    let page = desk(portal).opens(routes::KIT).await;
    let fields: Vec<_> = page.all("pre").filter(|pre| pre.text.starts_with("List-")).collect();
    let notice = portal.service.notices.current();
    let by_email = |topic: &&domain::catalogue::Topic| {
        topic.channels.iter().any(|rule| rule.channel == domain::Channel::Email)
    };
    assert_eq!(fields.len(), notice.catalogue.topics.iter().filter(by_email).count());
    for pre in fields {
        // A reader of pages takes the end of a line for a space.
        let (first, second) = pre.text.split_once("> ").unwrap();
        assert!(page.source.contains("&gt;\nList-Unsubscribe-Post"), "two lines");
        let url = first.strip_prefix("List-Unsubscribe: <").unwrap();
        assert!(url.starts_with("https://") && !url.contains(['<', '>', ',', ' ']), "M-01: {url}");
        assert_eq!(second, "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "M-01");
        // With somebody's token it is their link.
        let customer = portal.customer("mira@example.com").await;
        let path = url.strip_prefix(BASE_URL).unwrap().replace("TOKEN", &customer.token);
        let mut mailer = portal.browser();
        let answer = mailer.posts(&path, &[("List-Unsubscribe", "One-Click")]).await;
        assert_eq!(answer.status, 200);
    }
}

async fn the_kit_speaks_every_language_of_the_business(portal: &TestPortal) {
    let page = desk(portal).opens(routes::KIT).await;
    for language in Language::ALL {
        let words = Letters::of(language);
        for text in [words.kit_choices, words.kit_policy, words.kit_unsubscribe] {
            page.sees(text); // P-14
        }
    }
    for mailer in ["Mailchimp", "Brevo", "HubSpot", "Klaviyo", "Mautic", "listmonk", "SendGrid"] {
        page.sees(mailer);
    }
    page.sees("Salesforce Marketing Cloud");
}

async fn what_california_asks_for_is_word_for_word(portal: &TestPortal) {
    let page = desk(portal).opens(routes::KIT).await;
    let snippet = page.all("pre").find(|pre| pre.text.contains("<svg")).unwrap();
    assert!(snippet.text.ends_with("</svg> Your Privacy Choices</a>"), "P-13: {}", snippet.text);
    assert!(snippet.text.contains("width=\"30\" height=\"15\""));
    assert!(!snippet.text.contains("style=") && !snippet.text.contains("script"));
}
