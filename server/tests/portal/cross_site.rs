//! Forms of other websites change nothing (C-02).

use std::collections::BTreeSet;

use app::routes;
use app::texts::Texts;
use axum::body::Body;
use axum::http::{Method, Request, header};
use domain::Language;
use leptos::server_fn::axum::server_fn_paths;

use crate::support::portal::{BASE_URL, HOST};
use crate::support::{Answer, Browser, TestPortal, on_both_engines, on_sqlite};

on_both_engines![a_form_of_another_website_changes_nothing];
on_sqlite![
    every_post_is_in_exactly_one_class,
    a_page_that_takes_no_form_takes_none_from_anybody,
    an_older_browser_is_judged_by_its_origin,
    headers_of_a_proxy_from_outside_change_nothing,
];

/// Every form of the pages.
const FORMS: [&str; 8] = [
    routes::DO_UNDO,
    routes::CHOOSE,
    routes::DO_CONFIRM,
    routes::OPT_OUT,
    routes::DO_UNSUBSCRIBE,
    routes::SEND_CODE,
    routes::CHECK_CODE,
    routes::LEAVE,
];

/// Fields that would do something, whatever the form.
const FIELDS: &str =
    "off=everything&contact=mira%40example.com&what=everything&all=1&code=12345678&choice=1";

async fn posts(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> Answer {
    let kind = "application/x-www-form-urlencoded";
    let mut request = Request::post(path).header(header::CONTENT_TYPE, kind);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.sends(request.body(Body::from(FIELDS)).expect("a request")).await
}

async fn a_form_of_another_website_changes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let before = browser.jar.clone();
    let foreign: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", BASE_URL)],
        &[("sec-fetch-site", "same-site"), ("origin", "https://shop.northwind.example")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "SAME-ORIGIN"), ("origin", "https://evil.example")],
    ];
    for form in FORMS {
        for headers in foreign {
            for (tag, language) in
                [("en", Language::English), ("de", Language::German), ("ar", Language::Arabic)]
            {
                let path = routes::in_language(form, tag.parse().unwrap());
                let answer = posts(&mut browser, &path, headers).await;
                assert_eq!(answer.status, 403, "{form} {headers:?}");
                answer.page().sees(Texts::of(language).error_cross_site);
            }
        }
    }
    assert!(portal.ledger().await.is_empty());
    assert_eq!(browser.jar, before);
    assert!(!browser.opens(routes::CHOICES).await.switches().is_empty(), "nor is the visit over");
}

async fn every_post_is_in_exactly_one_class(_: &TestPortal) {
    let there: BTreeSet<(&str, Method)> = server_fn_paths().collect();
    let known: BTreeSet<(&str, Method)> = FORMS.map(|path| (path, Method::POST)).into();
    assert_eq!(there.len(), known.len(), "{there:?}");
    for (path, method) in there {
        // Leptos adds no suffix, so that a form without JavaScript finds its way too.
        assert!(known.contains(&(path, method)), "{path} is not guarded here");
    }
}

async fn a_page_that_takes_no_form_takes_none_from_anybody(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let link = routes::link(&customer.token);
    let pages = [
        routes::CHOICES,
        routes::CODE,
        routes::CONFIRM,
        routes::UNDO,
        routes::RECORD,
        routes::RECORD_JSON,
        "/notices/1",
        "/",
        routes::SECURITY,
        &link,
        "/do",
        "/do/",
        "/do/everything",
        "/do/choose/",
    ];
    for page in pages {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let request = Request::builder().method(method.clone()).uri(page);
            let request = request.header("sec-fetch-site", "same-origin");
            let answer = browser.sends(request.body(Body::from(FIELDS)).unwrap()).await;
            assert!(answer.status.is_client_error(), "{method} {page}: {}", answer.status);
            answer.page();
        }
    }
    assert!(portal.ledger().await.is_empty());
}

async fn an_older_browser_is_judged_by_its_origin(portal: &TestPortal) {
    for (number, headers) in [&[("origin", BASE_URL)][..], &[]].into_iter().enumerate() {
        let answer = posts(&mut portal.browser(), routes::OPT_OUT, headers).await;
        assert_eq!(answer.status, 303, "{number}");
    }
    assert_eq!(portal.ledger().await.len(), 1);
}

async fn headers_of_a_proxy_from_outside_change_nothing(portal: &TestPortal) {
    let spoofed = [
        ("origin", "https://evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("x-original-url", routes::RECORD),
        ("x-http-method-override", "GET"),
    ];
    let answer = posts(&mut portal.browser(), routes::OPT_OUT, &spoofed).await;
    assert_eq!(answer.status, 403, "C-05");
    let request = Request::get(routes::SECURITY).header("x-forwarded-host", "evil.example");
    let answer = portal.browser().sends(request.body(Body::empty()).unwrap()).await;
    assert!(answer.text().contains(HOST) && !answer.text().contains("evil"));
}
