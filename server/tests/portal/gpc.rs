//! Global Privacy Control on the portal's own pages (G-01 to G-13).

use app::routes;
use app::texts::signal::{HONORED, Texts};
use axum::body::Body;
use axum::http::{Method, Request};
use domain::contact::IdentifierKind;
use domain::moment::HOUR;
use domain::outbox::GATHER;
use domain::{Act, Choice, Language, Reason, Source, Target, Voice};
use server::gate::Subject;
use server::web::{Signals, Web, router};

use crate::support::portal::BASE_URL;
use crate::support::{Browser, ENGLISH, TestPortal, on_both_engines, on_sqlite};

on_both_engines!(
    a_known_customer_is_opted_out_of_sale_and_sharing_and_of_nothing_else,
    an_unknown_visitor_s_browser_is_opted_out_and_joins_the_account,
    with_a_fresh_code_the_browser_becomes_the_customer_s,
    a_hundred_requests_are_one_event,
    the_signal_beats_an_earlier_yes_and_a_later_yes_beats_the_signal,
    a_hundred_requests_at_once_are_one_event,
    a_thousand_looks_without_a_cookie_leave_no_more_than_a_range_s_allowance,
);
on_sqlite!(
    only_the_value_one_asks,
    every_method_and_every_page_hears_it,
    without_the_header_a_fetched_link_leaves_nothing_behind,
    each_language_says_that_it_is_honored,
    the_page_behind_a_message_s_link_says_so_too,
    the_support_resource_tells_the_truth,
    where_only_the_law_counts_a_region_decides,
    answers_differ_by_the_signal,
    what_can_not_be_recorded_is_not_called_honored,
    looking_for_headers_alone_makes_no_profile,
    pages_that_are_read_without_a_visit_hear_who_is_known_and_make_nobody_known,
);

const AD: &str = "share:advertising/adlane";
const SIGNAL: Source = Source::PreferenceSignal;

/// The entries that the signal makes: one for each purpose that counts as sale or sharing.
fn sold(portal: &TestPortal) -> Vec<Target> {
    let notice = portal.service.notices.current();
    let sold = notice.catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
    sold.map(|purpose| Target::Purpose(purpose.key.clone())).collect()
}

/// Makes sure that these are the entries of one event of the signal.
fn is_one_event(portal: &TestPortal, entries: &[Choice]) {
    let targets: Vec<_> = entries.iter().map(|choice| choice.entry.target.clone()).collect();
    assert_eq!(targets, sold(portal));
    for choice in entries {
        assert_eq!((choice.entry.source, choice.entry.act), (SIGNAL, Act::Withdrawn));
        assert_eq!(choice.entry.reference, entries[0].entry.reference, "one number for it");
    }
}

async fn decides(portal: &TestPortal, kind: IdentifierKind, id: &str, target: &str) -> Reason {
    let subject = Subject::read(kind, id, "GB").unwrap();
    let verdict = portal.service.decide(&subject, &target.parse().unwrap()).await.unwrap();
    verdict.decision.reason
}

/// Answers a fresh code.
async fn proves(portal: &TestPortal, browser: &mut Browser) {
    browser.asks_for_a_code(None).await;
    browser.enters_code(&portal.mailbox.reads_code()).await;
}

fn browser_id(browser: &Browser) -> String {
    browser.jar.get("__Host-browser").cloned().unwrap_or_default()
}

async fn a_known_customer_is_opted_out_of_sale_and_sharing_and_of_nothing_else(
    portal: &TestPortal,
) {
    let mira = portal.customer("mira@example.com").await;
    let mut plain = portal.browser();
    let before = plain.opens_link(&mira).await.switches();
    let mut browser = portal.browser().asking(&["1"]);
    let page = browser.opens_link(&mira).await;
    page.sees(HONORED);
    page.sees(Texts::of(Language::English).account);
    assert_eq!(
        page.one("id", "signal-control").text,
        format!("{}: {}", Texts::of(Language::English).control, ENGLISH.off)
    );
    let after = page.switches();
    let sold = sold(portal);
    for (target, on) in before {
        let sale = sold.iter().any(|wide| wide.covers(&target.parse().unwrap()));
        match after.get(&target) {
            Some(now) => assert_eq!(*now, on && !sale, "{target}"),
            None => assert!(sale, "{target} is gone"),
        }
    }
    assert!(browser_id(&browser).is_empty(), "a customer needs no profile");
    is_one_event(portal, &portal.entries_of(&mira).await);
    let reason = decides(portal, IdentifierKind::Email, "mira@example.com", AD).await;
    assert_eq!(reason, Reason::PreferenceSignal);
    // Gone again, it loosens nothing, and the page no longer says that it is there (G-06).
    let mut later = portal.browser();
    let page = later.opens_link(&mira).await;
    assert!(!page.is_on(AD));
    assert!(!page.text().contains(HONORED));
    is_one_event(portal, &portal.entries_of(&mira).await);
}

async fn an_unknown_visitor_s_browser_is_opted_out_and_joins_the_account(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let mut browser = portal.browser().asking(&["1"]);
    let page = browser.opens(routes::CHOICES).await;
    page.sees(HONORED);
    page.sees(Texts::of(Language::English).browser);
    let id = browser_id(&browser);
    assert_eq!(id.len(), 22);
    let reason = decides(portal, IdentifierKind::Browser, &id, AD).await;
    assert_eq!(reason, Reason::PreferenceSignal);
    let mail = decides(portal, IdentifierKind::Browser, &id, "message:offers/email").await;
    assert_ne!(mail, Reason::PreferenceSignal);
    assert!(portal.entries_of(&mira).await.is_empty());
    // The signal is gone, but what this browser asked for holds for who turns out to use it.
    let mut browser = browser.asking(&[]);
    let page = browser.opens_link(&mira).await;
    assert!(!page.is_on(AD));
    is_one_event(portal, &portal.entries_of(&mira).await);
    browser.opens(routes::CHOICES).await;
    is_one_event(portal, &portal.entries_of(&mira).await);
}

async fn with_a_fresh_code_the_browser_becomes_the_customer_s(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let mut browser = portal.browser().asking(&["1"]);
    browser.opens(routes::CHOICES).await;
    let id = browser_id(&browser);
    let mut browser = browser.asking(&[]);
    browser.opens_link(&mira).await;
    let handle = portal.service.browser_handle(&id);
    let digests: Vec<_> = handle.digests.into_iter().map(|(_, digest)| digest).collect();
    let owners = portal.store().list_people_by_digest(&digests).await.unwrap();
    assert!(!owners.contains(&mira.person.0), "a link proves too little");
    proves(portal, &mut browser).await;
    browser.opens(routes::CHOICES).await;
    let owners = portal.store().list_people_by_digest(&digests).await.unwrap();
    assert_eq!(owners, [mira.person.0]);
    portal.is_indexed().await;
    let reason = decides(portal, IdentifierKind::Browser, &id, AD).await;
    assert_eq!(reason, Reason::PreferenceSignal);
    portal.verifies().await.unwrap();
}

async fn a_hundred_requests_are_one_event(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let mut known = portal.browser().asking(&["1"]);
    known.opens_link(&mira).await;
    let mut unknown = portal.browser().asking(&["1"]);
    unknown.opens(routes::CHOICES).await;
    let written = portal.ledger().await.len();
    assert_eq!(written, 2 * sold(portal).len());
    for _ in 0..100 {
        known.asks(Method::GET, routes::CHOICES).await;
        unknown.asks(Method::GET, routes::CHOICES).await;
    }
    assert_eq!(portal.ledger().await.len(), written);
}

async fn a_hundred_requests_at_once_are_one_event(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let mut known = portal.browser();
    known.opens_link(&mira).await;
    let known = known.asking(&["1"]);
    let all = (0..100).map(|_| {
        let mut tab = known.clone();
        async move { tab.asks(Method::GET, routes::CHOICES).await.status }
    });
    for status in futures::future::join_all(all).await {
        assert_eq!(status, 200);
    }
    is_one_event(portal, &portal.entries_of(&mira).await);
}

async fn the_signal_beats_an_earlier_yes_and_a_later_yes_beats_the_signal(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&mira).await;
    browser.turns_off(AD).await;
    proves(portal, &mut browser).await;
    let page = browser.asks_on(AD).await;
    let page = browser.submits(page.form(routes::DO_CONFIRM)).await;
    assert!(page.is_on(AD));
    let mut browser = browser.asking(&["1"]);
    let page = browser.opens(routes::CHOICES).await;
    assert!(!page.is_on(AD), "the signal beats an earlier yes");
    page.sees(HONORED);
    // In two steps the customer may allow it all the same, and is told what the browser asks.
    let page = browser.asks_on(AD).await;
    page.sees(Texts::of(Language::English).asks_otherwise);
    let page = browser.submits(page.form(routes::DO_CONFIRM)).await;
    assert!(page.is_on(AD));
    assert!(page.one("id", "signal-conflict").text.contains("still asks for the opposite"));
    for _ in 0..3 {
        assert!(browser.opens(routes::CHOICES).await.is_on(AD), "and that choice holds");
    }
    let page = browser.turns_off(AD).await;
    assert!(!page.is_on(AD));
}

async fn people(portal: &TestPortal) -> i64 {
    portal.store().count_people().await.unwrap()
}

async fn a_thousand_looks_without_a_cookie_leave_no_more_than_a_range_s_allowance(
    portal: &TestPortal,
) {
    let mira = portal.customer("mira@example.com").await;
    let mut robot = portal.browser().asking(&["1"]);
    for look in 0..1_000 {
        robot.jar.clear();
        let page = robot.opens(routes::CHOICES).await;
        if look < 60 {
            page.sees(HONORED);
        } else {
            page.sees_nothing_of(HONORED);
        }
    }
    assert_eq!(people(portal).await, 1 + 60);
    assert_eq!(portal.ledger().await.len(), 60 * sold(portal).len());
    // The last answer brought a cookie that nothing was stored for; it comes back in time.
    let mut returned = robot.clone();
    returned.opens(routes::CHOICES).await.sees(HONORED);
    assert_eq!(people(portal).await, 1 + 61);
    let id = browser_id(&returned);
    let reason = decides(portal, IdentifierKind::Browser, &id, AD).await;
    assert_eq!(reason, Reason::PreferenceSignal);
    // Cookies that were made up have an end as well.
    for look in 0..100 {
        robot.jar.insert("__Host-browser".into(), format!("made-up-by-a-robot-{look}"));
        robot.asks(Method::GET, routes::CHOICES).await;
    }
    assert_eq!(people(portal).await, 1 + 120);
    // Who is known is heard all the same, and so is a stranger when an hour has passed.
    let mut known = portal.browser().asking(&["1"]);
    known.opens_link(&mira).await.sees(HONORED);
    is_one_event(portal, &portal.entries_of(&mira).await);
    portal.clock.moves(HOUR);
    robot.jar.clear();
    robot.opens(routes::CHOICES).await;
    assert_eq!(people(portal).await, 1 + 121);
}

async fn looking_for_headers_alone_makes_no_profile(portal: &TestPortal) {
    for method in [Method::HEAD, Method::OPTIONS] {
        let mut scanner = portal.browser().asking(&["1"]);
        scanner.asks(method.clone(), routes::CHOICES).await;
        scanner.jar.insert("__Host-browser".into(), "made-up-by-a-scanner".into());
        scanner.asks(method, routes::CHOICES).await;
    }
    assert!(portal.ledger().await.is_empty());
    assert_eq!(people(portal).await, 0);
}

async fn pages_that_are_read_without_a_visit_hear_who_is_known_and_make_nobody_known(
    portal: &TestPortal,
) {
    let pages = ["/notices/1", routes::GO, "/GO", routes::FORM, routes::VERIFY];
    for (place, path) in pages.into_iter().enumerate() {
        let mira = portal.customer(&format!("mira{place}@example.com")).await;
        let mut browser = portal.browser();
        browser.opens_link(&mira).await;
        let mut browser = browser.asking(&["1"]);
        assert_eq!(browser.asks(Method::GET, path).await.status, 200, "{path}");
        is_one_event(portal, &portal.entries_of(&mira).await);
        assert!(!browser.opens(routes::CHOICES).await.is_on(AD), "{path}");
    }
    let before = (people(portal).await, portal.ledger().await.len());
    for path in pages {
        let mut stranger = portal.browser().asking(&["1"]);
        assert!(stranger.asks(Method::GET, path).await.cookies().is_empty(), "{path}");
        stranger.jar.insert("__Host-browser".into(), "made-up-by-a-robot".into());
        assert!(stranger.asks(Method::GET, path).await.cookies().is_empty(), "{path}");
    }
    assert_eq!((people(portal).await, portal.ledger().await.len()), before);
}

async fn only_the_value_one_asks(portal: &TestPortal) {
    for (fields, asked) in [
        (&["1"][..], true),
        (&["0"], false),
        (&["true"], false),
        (&["01"], false),
        (&[""], false),
        (&[], false),
        (&["0", "1"], true),
        (&["0, 1"], true),
    ] {
        let mut browser = portal.browser().asking(fields);
        let page = browser.opens(routes::CHOICES).await;
        assert_eq!(page.text().contains(HONORED), asked, "{fields:?}");
        assert_eq!(browser_id(&browser).is_empty(), !asked, "{fields:?}");
    }
}

async fn every_method_and_every_page_hears_it(portal: &TestPortal) {
    for (place, (method, path)) in [
        (Method::GET, routes::CHOICES),
        (Method::HEAD, routes::CHOICES),
        (Method::OPTIONS, routes::CHOICES),
        (Method::GET, routes::CODE),
        (Method::GET, routes::CONFIRM),
        (Method::GET, routes::RECORD),
        (Method::POST, routes::LEAVE),
        (Method::POST, routes::OPT_OUT),
    ]
    .into_iter()
    .enumerate()
    {
        let mira = portal.customer(&format!("mira{place}@example.com")).await;
        let mut browser = portal.browser();
        browser.opens_link(&mira).await;
        let mut browser = browser.asking(&["1"]);
        if method == Method::POST {
            browser.posts(path, &[]).await;
        } else {
            browser.asks(method.clone(), path).await;
        }
        is_one_event(portal, &portal.entries_of(&mira).await);
    }
    // Whoever opens a confirmation's link is known by it, and their browser is no stranger's.
    let ann = portal.customer("ann@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&ann).await;
    browser.turns_off("message:offers/post").await;
    portal.clock.moves(GATHER);
    portal.postman.round().await.unwrap();
    let letter = portal.mailbox.reads();
    let mut paths = letter.body.lines().filter_map(|line| line.strip_prefix(BASE_URL));
    let link = paths.find(|path| path.starts_with("/undo/")).unwrap();
    let mut browser = portal.browser().asking(&["1"]);
    browser.asks(Method::GET, link).await;
    assert!(browser_id(&browser).is_empty());
    let heard = portal.entries_of(&ann).await.into_iter();
    let heard: Vec<_> = heard.filter(|choice| choice.entry.source == SIGNAL).collect();
    is_one_event(portal, &heard);
    for method in [Method::GET, Method::HEAD, Method::POST] {
        let sam = portal.customer(&format!("sam{method}@example.com")).await;
        let path = format!("/u/{}/offers/email", sam.token);
        let mut browser = portal.browser().asking(&["1"]);
        if method == Method::POST {
            browser.posts(&path, &[("List-Unsubscribe", "One-Click")]).await;
        } else {
            browser.asks(method, &path).await;
        }
        let entries = portal.entries_of(&sam).await;
        let heard = entries.iter().filter(|choice| choice.entry.source == SIGNAL).cloned();
        is_one_event(portal, &heard.collect::<Vec<_>>());
    }
}

async fn without_the_header_a_fetched_link_leaves_nothing_behind(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let paths = [routes::link(&mira.token), format!("/u/{}/offers/email", mira.token)];
    for path in paths {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for value in ["", "0", "null"] {
                let request = Request::builder().method(method.clone()).uri(&path);
                let request = request.header("sec-gpc", value).header("sec-purpose", "prefetch");
                portal.browser().sends(request.body(Body::empty()).unwrap()).await;
            }
        }
    }
    assert!(portal.ledger().await.is_empty());
}

async fn each_language_says_that_it_is_honored(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    for language in Language::ALL {
        let texts = Texts::of(language);
        let mut browser = portal.browser().asking(&["1"]).reading(language.tag());
        let page = browser.opens(&routes::in_language(routes::CHOICES, language)).await;
        page.sees(texts.honored);
        page.sees(texts.how);
        page.sees(texts.how_conflicts);
        if language != Language::English {
            page.sees(&format!("({HONORED})"));
        }
        browser.opens_link(&mira).await;
        let page = browser.opens(&routes::in_language(routes::CHOICES, language)).await;
        page.sees(texts.honored);
        page.sees(texts.account);
    }
}

async fn the_page_behind_a_message_s_link_says_so_too(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    let path = format!("/u/{}/offers/email", mira.token);
    for language in Language::ALL {
        let path = routes::in_language(&path, language);
        let mut browser = portal.browser().asking(&["1"]).reading(language.tag());
        for _ in 0..2 {
            let page = browser.opens(&path).await;
            let texts = Texts::of(language);
            page.sees(texts.honored);
            page.sees(texts.account);
            assert!(page.one("id", "signal-control").text.starts_with(texts.control));
            page.form(routes::DO_UNSUBSCRIBE);
        }
        let mut silent = portal.browser().reading(language.tag());
        assert!(!silent.opens(&path).await.source.contains("signal-h"), "{language:?}");
    }
    is_one_event(portal, &portal.entries_of(&mira).await);
    let sam = portal.customer("sam@example.com").await;
    let path = format!("/u/{}/offers/email", sam.token);
    portal.breaks().await;
    let answer = portal.browser().asking(&["1"]).asks(Method::GET, &path).await;
    assert!(!answer.text().contains("signal-h"), "what can't be recorded is not called honored");
}

async fn the_support_resource_tells_the_truth(portal: &TestPortal) {
    use domain::signal::Policy;
    let mira = portal.customer("mira@example.com").await;
    for (policy, told) in
        [(Policy::Everyone, true), (Policy::Required, true), (Policy::Nobody, false)]
    {
        let web = Web::new(portal.service.clone(), BASE_URL);
        let router = router(web.with_signals(Signals { policy, origins: Vec::new() }));
        let mut browser = portal.browser().moved_to(router).asking(&["1"]);
        let answer = browser.asks(Method::GET, routes::GPC).await;
        let json = answer.json();
        assert_eq!(json["gpc"], told);
        let date = json["lastUpdate"].as_str().unwrap();
        assert!(date.parse::<jiff::civil::Date>().is_ok(), "{date}");
        assert_eq!(json.as_object().unwrap().len(), 2);
        if policy == Policy::Nobody {
            let page = browser.opens_link(&mira).await;
            assert!(!page.text().contains(HONORED));
            assert!(!page.source.contains(Texts::of(Language::English).how_heading));
            assert!(portal.entries_of(&mira).await.is_empty());
        }
    }
}

async fn where_only_the_law_counts_a_region_decides(portal: &TestPortal) {
    use domain::signal::Policy;
    let web = Web::new(portal.service.clone(), BASE_URL);
    let signals = Signals { policy: Policy::Required, origins: Vec::new() };
    let router = router(web.with_signals(signals));
    for (region, honoured) in [(Some("US-CA"), true), (Some("US-NY"), false), (None, true)] {
        let name = region.unwrap_or("nowhere").to_lowercase();
        let customer = portal.customer(&format!("{name}@example.com")).await;
        if let Some(region) = region {
            let id = customer.person.0.simple().to_string();
            let id = if portal.place.engine() == crate::support::Engine::Sqlite {
                format!("x'{id}'")
            } else {
                format!("'{id}'")
            };
            let set = format!("update person set region = '{region}' where id = {id}");
            assert_eq!(portal.place.runs(&set).await.unwrap(), 1);
        }
        let mut browser = portal.browser().moved_to(router.clone()).asking(&["1"]);
        let page = browser.opens_link(&customer).await;
        assert_eq!(page.text().contains(HONORED), honoured, "{region:?}");
        assert_eq!(!portal.entries_of(&customer).await.is_empty(), honoured, "{region:?}");
    }
}

async fn answers_differ_by_the_signal(portal: &TestPortal) {
    for fields in [&["1"][..], &[]] {
        let answer = portal.browser().asking(fields).asks(Method::GET, routes::CHOICES).await;
        let vary = answer.headers.get_all("vary").iter();
        assert!(vary.filter_map(|field| field.to_str().ok()).any(|field| field == "sec-gpc"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

async fn what_can_not_be_recorded_is_not_called_honored(portal: &TestPortal) {
    let mut browser = portal.browser().asking(&["1"]);
    portal.breaks().await;
    let page = browser.opens(routes::CHOICES).await;
    assert!(!page.text().contains(HONORED));
    assert!(browser_id(&browser).is_empty());
    assert_eq!(Voice::from(SIGNAL), Voice::Signal);
}
