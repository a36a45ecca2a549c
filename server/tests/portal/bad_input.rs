//! Whatever is put into a field: a page in the reader's language, and nothing recorded.

use app::routes;
use app::texts::Texts;
use axum::body::Body;
use axum::http::{Request, header};
use domain::{Language, Target};

use crate::support::browser::encode;
use crate::support::page::Page;
use crate::support::{Browser, Customer, TestPortal, on_both_engines, on_sqlite};

on_both_engines![bad_values_in_any_field_are_told_in_the_reader_s_language_and_change_nothing];
on_sqlite![
    what_was_typed_is_there_again_and_harmless,
    a_flood_of_bytes_is_refused_before_it_is_read,
    a_body_that_is_no_form_is_no_wish,
    each_mistake_in_a_contact_is_told_beside_its_field,
    a_chosen_radio_button_stays_chosen,
    an_opt_out_that_names_nothing_is_one_of_everything,
    paths_full_of_rubbish_are_pages_too,
];

const LANGUAGES: [Language; 2] = [Language::German, Language::Arabic];
const SCRIPT: &str = "<script>alert(1)</script>";

/// Values as they stand in a body, already encoded.
fn bad_values() -> [String; 8] {
    [
        String::new(),
        "a".repeat(300),
        "a%00b".into(),
        "%FF%FE%00%01%80".into(),
        "%C3%28".into(),
        "%E2%80%AEmoc.elpmaxe%40arim".into(),
        encode(SCRIPT),
        "%ZZ%2".into(),
    ]
}

/// Where a field can be filled in: action, field, and what else the form would send.
fn fields(customer: &Customer) -> Vec<(&'static str, &'static str, String)> {
    let token = &customer.token;
    vec![
        (routes::CHOOSE, "off", String::new()),
        (routes::CHOOSE, "on", String::new()),
        (routes::CHOOSE, "pause", String::new()),
        (routes::CHOOSE, "undo", String::new()),
        (routes::DO_CONFIRM, "target", "&seen=1".into()),
        (routes::DO_CONFIRM, "seen", "&target=message:trips/email".into()),
        (routes::OPT_OUT, "contact", "&what=everything".into()),
        (routes::OPT_OUT, "what", "x&contact=tom%40example.com".into()),
        (routes::SEND_CODE, "contact", String::new()),
        (routes::CHECK_CODE, "code", String::new()),
        (routes::DO_UNSUBSCRIBE, "token", "&topic=offers&channel=email".into()),
        (routes::DO_UNSUBSCRIBE, "topic", format!("&token={token}&channel=email")),
        (routes::DO_UNSUBSCRIBE, "channel", format!("&token={token}&topic=offers")),
    ]
}

/// A browser of somebody who has proved who they are, has asked to turn something on, and waits
/// for another code: every form could succeed.
async fn ready(portal: &TestPortal, language: Language) -> (Customer, Browser) {
    let customer = portal.customer(&format!("{language}@example.com")).await;
    let mut browser = portal.browser().reading(language.tag());
    browser.opens_link(&customer).await;
    browser.asks_for_a_code(None).await;
    browser.enters_code(&portal.mailbox.reads_code()).await;
    browser.asks_on("message:trips/email").await;
    browser.posts(routes::SEND_CODE, &[]).await;
    portal.mailbox.reads();
    (customer, browser)
}

async fn shown(browser: &mut Browser, action: &str, body: String) -> Page {
    let answer = browser.posts_raw(action, body.into_bytes()).await;
    if answer.status.is_redirection() {
        let to = answer.location().to_owned();
        assert!(!to.contains("__err") && !to.contains('%'), "nothing typed is in {to}");
        return browser.opens(&to).await;
    }
    answer.page()
}

async fn bad_values_in_any_field_are_told_in_the_reader_s_language_and_change_nothing(
    portal: &TestPortal,
) {
    for language in LANGUAGES {
        let (customer, browser) = ready(portal, language).await;
        let before = portal.ledger().await;
        let people = portal.store().count_people().await.unwrap();
        for (action, field, rest) in fields(&customer) {
            for value in bad_values() {
                let what = format!("{action} {field}={value:.40}");
                let action = routes::in_language(action, language);
                let body = format!("{field}={value}{rest}");
                // A link tells where a code goes, so only a stranger types it.
                let mut visitor = if action.starts_with(routes::SEND_CODE) {
                    portal.browser().reading(language.tag())
                } else {
                    browser.clone()
                };
                let page = shown(&mut visitor, &action, body).await;
                assert!((400..500).contains(&page.status), "{what}: {}", page.status);
                let html = page.all("html").next().unwrap();
                assert_eq!(html.get("lang"), Some(language.tag()), "{what}");
                page.sees(Texts::of(language).error_heading);
                page.sees_nothing_of(SCRIPT);
                page.sees_nothing_of("\0");
            }
        }
        assert_eq!(portal.ledger().await, before);
        assert_eq!(portal.store().count_people().await.unwrap(), people);
    }
}

async fn what_was_typed_is_there_again_and_harmless(portal: &TestPortal) {
    let long = "x".repeat(300);
    for typed in
        [SCRIPT, "\" onfocus=\"alert(1)", "mira(at)example.com", "\u{202E}moc", "&amp;", &long]
    {
        for action in [routes::OPT_OUT, routes::SEND_CODE] {
            let mut browser = portal.browser();
            let answer = browser.posts(action, &[("contact", typed), ("what", "marketing")]).await;
            let page = browser.opens(answer.location()).await;
            assert_eq!(page.status, 422);
            let field = page.one("id", "contact");
            assert_eq!(field.get("value"), Some(typed), "nothing typed is lost");
            assert_eq!(field.get("onfocus"), None);
            assert_eq!(field.get("aria-invalid"), Some("true"));
            page.sees_nothing_of(SCRIPT);
            page.runs_no_script_but_ours();
        }
    }
}

async fn a_flood_of_bytes_is_refused_before_it_is_read(portal: &TestPortal) {
    for language in LANGUAGES {
        for action in [routes::CHOOSE, routes::OPT_OUT, routes::SEND_CODE, routes::CHECK_CODE] {
            let action = routes::in_language(action, language);
            let body = format!("contact={}", "a".repeat(1_000_000)).into_bytes();
            let answer = portal.browser().posts_raw(&action, body).await;
            assert_eq!(answer.status, 413);
            answer.page().sees(Texts::of(language).error_large);
        }
    }
    // Without a length beforehand it is cut off while it is read.
    let chunk = Ok::<_, std::convert::Infallible>(vec![b'a'; 10_000]);
    let stream = futures::stream::iter(std::iter::repeat_n(chunk, 10));
    let request = Request::post(routes::OPT_OUT).header("sec-fetch-site", "same-origin");
    let answer = portal.browser().sends(request.body(Body::from_stream(stream)).unwrap()).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    let customer = portal.customer("mira@example.com").await;
    let path = format!("/u/{}/offers/email", customer.token);
    let answer = portal.browser().posts_raw(&path, vec![b'a'; 1_000_000]).await;
    assert_eq!(answer.status, 413);
    assert!(portal.ledger().await.is_empty());
}

async fn a_body_that_is_no_form_is_no_wish(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    let garbage = vec![0_u8, 159, 146, 150, 255, 254];
    for (kind, body) in [
        ("application/json", br#"{"off":"everything"}"#.to_vec()),
        ("text/plain", b"everything".to_vec()),
        ("application/octet-stream", garbage.clone()),
        ("application/x-www-form-urlencoded", garbage),
        (
            "application/x-www-form-urlencoded",
            b"off[]=everything&off[a][b][c][d][e][f][g]=1".to_vec(),
        ),
        ("application/x-www-form-urlencoded", b"off=everything&off=marketing".to_vec()),
        ("application/x-www-form-urlencoded", b"=&&==&%3D".to_vec()),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--".to_vec()),
    ] {
        let request = Request::post(routes::CHOOSE)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, kind);
        let answer = browser.sends(request.body(Body::from(body.clone())).unwrap()).await;
        let page = if answer.status.is_redirection() {
            browser.opens(answer.location()).await
        } else {
            answer.page()
        };
        let said = String::from_utf8_lossy(&body).into_owned();
        assert!((400..500).contains(&page.status), "{kind} {said}: {}", page.status);
    }
    assert!(portal.ledger().await.is_empty());
}

async fn each_mistake_in_a_contact_is_told_beside_its_field(portal: &TestPortal) {
    for language in Language::ALL {
        let texts = Texts::of(language);
        for (typed, said) in [
            ("", texts.error_contact_empty),
            ("   ", texts.error_contact_empty),
            ("nobody", texts.error_contact_form),
            ("a@b", texts.error_contact_form),
            ("12", texts.error_contact_form),
            (&format!("{}@example.com", "a".repeat(260)), texts.error_contact_long),
            ("mira\u{202E}@example.com", texts.error_contact_control),
        ] {
            let mut browser = portal.browser().reading(language.tag());
            let page = browser.opts_out_by_form(typed, "sharing").await;
            assert_eq!(page.one("id", "contact-error").text, said, "X-09");
            let summary = page.within("mistake").into_iter().find(|e| e.tag == "a").unwrap();
            assert_eq!((summary.get("href"), summary.text.as_str()), (Some("#contact"), said));
            let described = page.one("id", "contact").get("aria-describedby").unwrap();
            assert!(described.contains("contact-error"));
            assert_eq!(page.one("id", "mistake").get("role"), Some("alert"));
            assert_eq!(browser.opens(routes::CHOICES).await.status, 200, "and it is told once");
        }
    }
}

async fn a_chosen_radio_button_stays_chosen(portal: &TestPortal) {
    let page = portal.browser().opts_out_by_form("nobody", "sharing").await;
    let chosen = page.form(routes::OPT_OUT).fields.into_iter().find(|(name, _)| name == "what");
    assert_eq!(chosen.unwrap().1, "sharing");
}

async fn an_opt_out_that_names_nothing_is_one_of_everything(portal: &TestPortal) {
    for (number, rest) in ["", "&what="].into_iter().enumerate() {
        let body = format!("contact=tom{number}%40example.com{rest}");
        portal.browser().posts_raw(routes::OPT_OUT, body.into_bytes()).await;
        let ledger = portal.ledger().await;
        assert_eq!(ledger.len(), number + 1);
        assert_eq!(ledger[number].choice.entry.target, Target::Everything);
    }
}

async fn paths_full_of_rubbish_are_pages_too(portal: &TestPortal) {
    let long = format!("/{}", "a".repeat(3_000));
    let rubbish = [
        "/%00",
        "/%FF",
        "/c/%FF",
        "/c/%00",
        "/c/",
        "/u/a/b",
        "/u/%FF/%FF/%FF",
        "/u/a/b/c/d/e",
        "/notices/%FF",
        "/notices/99999999999999999999",
        "/choices/%2e%2e",
        "//choices",
        "/choices?%FF=%00",
        "/choices?language=%FF&language=de",
        "/.env",
        "/assets/%2e%2e%2fkeys.toml",
        &long,
    ];
    for path in rubbish {
        let page = portal.browser().opens(path).await;
        assert!(page.status < 500, "{path}: {}", page.status);
        page.sees_nothing_of(&"a".repeat(2_000));
    }
}
