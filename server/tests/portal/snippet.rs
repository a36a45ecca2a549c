//! The snippet for the business's own sites, and the address for their servers (G-02, P-13).

use std::io::Write;

use app::routes;
use axum::body::Body;
use axum::http::{Method, Request};
use domain::contact::IdentifierKind;
use domain::{Reason, Source};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use server::api::paths;
use server::api::problem::Kind;
use server::api::scope::Scope;
use server::gate::Subject;
use server::web::{Signals, Web, router};

use crate::support::portal::BASE_URL;
use crate::support::{Answer, Browser, TestPortal, on_both_engines, on_sqlite};

on_both_engines!(
    a_page_of_the_business_tells_once_and_is_obeyed,
    a_site_s_server_tells_of_browser_and_customer,
);
on_sqlite!(
    the_snippet_is_small_and_says_what_the_law_says,
    only_the_business_s_own_sites_may_tell,
    what_is_no_signal_changes_nothing,
);

pub const SITE: &str = "https://www.northwind.example";
const ID: &str = "5f0c9d5e-7a61-4b0e-9a51-0c4f2a6f1f11";
const AD: &str = "share:advertising/adlane";

pub fn visitor(portal: &TestPortal) -> Browser {
    let web = Web::new(portal.service.clone(), BASE_URL);
    let origins = vec![SITE.to_owned()];
    let router = router(web.with_signals(Signals { origins, ..Signals::default() }));
    portal.browser().moved_to(router)
}

pub async fn tells(
    browser: &mut Browser,
    method: Method,
    origin: Option<&str>,
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(routes::SIGNAL);
    if let Some(origin) = origin {
        request = request.header("origin", origin).header("sec-fetch-site", "cross-site");
    }
    browser.sends(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn reason(portal: &TestPortal, kind: IdentifierKind, id: &str) -> Reason {
    let subject = Subject::read(kind, id, "GB").unwrap();
    portal.service.decide(&subject, &AD.parse().unwrap()).await.unwrap().decision.reason
}

async fn the_snippet_is_small_and_says_what_the_law_says(portal: &TestPortal) {
    let answer = portal.browser().asks(Method::GET, routes::SNIPPET).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    let text = answer.text();
    assert!(text.len() <= 900, "{} bytes", text.len());
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap().len();
    assert!(packed <= 600, "{packed} bytes compressed");
    assert!(text.contains("'Your Privacy Choices <svg"), "the words and the icon beside them");
    assert!(text.contains("navigator.globalPrivacyControl===true"));
    assert!(text.contains("credentials:\"omit\""));
}

async fn a_page_of_the_business_tells_once_and_is_obeyed(portal: &TestPortal) {
    let mut browser = visitor(portal);
    for _ in 0..5 {
        let answer = tells(&mut browser, Method::POST, Some(SITE), ID).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), SITE);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(answer.cookies().is_empty(), "no cookie of ours on their pages");
    }
    assert_eq!(reason(portal, IdentifierKind::Browser, ID).await, Reason::PreferenceSignal);
    let ledger = portal.ledger().await;
    let references: std::collections::BTreeSet<_> =
        ledger.iter().map(|row| row.choice.entry.reference.to_string()).collect();
    assert_eq!(references.len(), 1);
    assert!(ledger.iter().all(|row| row.choice.entry.source == Source::PreferenceSignal));
}

async fn only_the_business_s_own_sites_may_tell(portal: &TestPortal) {
    let mut browser = visitor(portal);
    for origin in
        [None, Some("https://evil.example"), Some("null"), Some("http://www.northwind.example")]
    {
        for method in [Method::POST, Method::OPTIONS] {
            let answer = tells(&mut browser, method, origin, ID).await;
            assert_eq!(answer.status, 403, "{origin:?}");
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
    }
    assert!(portal.ledger().await.is_empty());
    let answer = tells(&mut browser, Method::OPTIONS, Some(SITE), "").await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-methods"), "POST");
    assert_eq!(tells(&mut browser, Method::POST, Some(BASE_URL), ID).await.status, 204);
    for bad in ["", "short", "with spaces in it, and more", &"x".repeat(65)] {
        let answer = tells(&mut browser, Method::POST, Some(SITE), bad).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.header("access-control-allow-origin"), SITE);
    }
    // No other address answers other sites.
    let request = Request::get(routes::CHOICES).header("origin", SITE);
    let answer = browser.sends(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

async fn a_site_s_server_tells_of_browser_and_customer(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let shop = portal.client(&[Scope::Signals]).await;
    let body = json!({
        "sec_gpc": "1", "browser": ID, "person": {"email": "mira@example.com"}, "detail": "shop",
    });
    let first = shop.posts(paths::SIGNALS, &body).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.json()["honored"], true);
    assert_eq!(first.json()["entries"], 2 * sold(portal));
    for (kind, id) in [(IdentifierKind::Browser, ID), (IdentifierKind::Email, "mira@example.com")] {
        assert_eq!(reason(portal, kind, id).await, Reason::PreferenceSignal);
    }
    let again = shop.posts(paths::SIGNALS, &body).await.json();
    assert_eq!((again["honored"].as_bool(), again["entries"].as_u64()), (Some(true), Some(0)));
    let without = json!({"browser": ID});
    assert_eq!(shop.posts(paths::SIGNALS, &without).await.json()["honored"], false);
    assert_eq!(reason(portal, IdentifierKind::Browser, ID).await, Reason::PreferenceSignal);
    let asks = portal.client(&[Scope::Decide]).await;
    let question = json!({"person": {"browser": ID}, "target": AD});
    let answer = asks.posts(paths::DECISIONS, &question).await.json();
    assert_eq!(answer["reason"], "preference_signal");
}

fn sold(portal: &TestPortal) -> usize {
    let notice = portal.service.notices.current();
    notice.catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing).count()
}

async fn what_is_no_signal_changes_nothing(portal: &TestPortal) {
    let shop = portal.client(&[Scope::Signals]).await;
    for value in ["0", "true", "01", ""] {
        let body = json!({"sec_gpc": value, "browser": ID});
        let answer = shop.posts(paths::SIGNALS, &body).await.json();
        assert_eq!(
            (answer["honored"].as_bool(), answer["entries"].as_u64()),
            (Some(false), Some(0))
        );
    }
    shop.posts(paths::SIGNALS, &json!({"sec_gpc": "1"})).await.is_problem(Kind::Invalid);
    let odd = json!({"sec_gpc": "1", "browser": "a b"});
    shop.posts(paths::SIGNALS, &odd).await.is_problem(Kind::Invalid);
    let other = portal.client(&[Scope::Choices]).await;
    let body = json!({"sec_gpc": "1", "browser": ID});
    other.posts(paths::SIGNALS, &body).await.is_problem(Kind::MissingScope);
    assert!(portal.ledger().await.is_empty());
}
