//! Codes from letters: as good as a link for whoever has one, and no use for guessing.

use app::routes;
use app::texts::Texts;
use app::texts::letters::Letters as Words;
use axum::body::Body;
use axum::http::{Method, Request, header};
use domain::moment::{DAY, MINUTE};
use domain::outbox::Kind;
use domain::{Language, PersonId, ShortCode, Source, Target};
use server::letters::{Letterbox, address};
use server::ports::Random;
use server::web::{Web, router};

use crate::support::letters::{from, other, premises, prints};
use crate::support::place::holds;
use crate::support::portal::BASE_URL;
use crate::support::ports::SeededRandom;
use crate::support::{Answer, Browser, ENGLISH, TestPortal, on_both_engines, on_sqlite};

on_both_engines![
    a_code_opens_what_a_link_opens_however_it_is_typed,
    a_scanned_code_opens_the_same_in_capitals_or_not,
    a_code_restricts_and_nothing_else,
    a_code_works_for_its_days_and_no_longer,
    unknown_and_expired_codes_are_answered_alike,
    a_code_that_opens_nothing_leads_to_a_form_that_works,
    looking_at_a_letter_s_addresses_changes_nothing,
    a_stolen_database_gives_no_code_away,
    a_code_goes_along_when_two_records_become_one,
    a_code_is_taken_once_and_forgotten_when_it_has_expired,
];
on_sqlite![
    a_slip_of_the_finger_is_told_and_costs_nothing,
    wrong_codes_from_one_range_are_limited_and_a_right_one_never,
    wrong_codes_from_everywhere_are_limited_together,
    somebody_behind_a_flood_answers_a_code_before_anything_is_shown,
    a_form_of_another_website_opens_nothing,
    every_language_has_its_own_page,
];

const WORDS: &Words = Words::of(Language::English);

async fn types(browser: &mut Browser, typed: &str) -> Answer {
    browser.posts(routes::ENTER, &[("code", typed)]).await
}

async fn a_code_opens_what_a_link_opens_however_it_is_typed(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let linked = portal.browser().opens_link(&customer).await;
    let plain = code.as_str().to_lowercase();
    for typed in [code.to_string(), format!(" {} – {} ", &plain[..4], &plain[4..])] {
        let mut browser = portal.browser();
        let page = browser.opens(routes::GO).await;
        assert_eq!(page.form(routes::ENTER).names(), ["code"]);
        let opened = browser.submits(page.form(routes::ENTER).with("code", &typed)).await;
        assert_eq!((opened.status, opened.path.as_str()), (200, routes::CHOICES));
        assert_eq!(opened.switches(), linked.switches());
        opened.sees("m•••a@example.com");
        opened.sees_nothing_of(code.as_str());
    }
    assert!(portal.ledger().await.is_empty(), "opening records nothing");
}

async fn a_scanned_code_opens_the_same_in_capitals_or_not(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let printed = address(BASE_URL, &code);
    assert_eq!(printed, printed.to_uppercase());
    let capitals = &printed[BASE_URL.len()..];
    for path in [capitals.to_owned(), routes::go(code.as_str()), routes::go(&code.to_string())] {
        let mut browser = portal.browser();
        let answer = browser.asks(Method::GET, &path).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, routes::CHOICES), "{path}");
        assert!(!browser.opens(routes::CHOICES).await.switches().is_empty());
        assert!(browser.jar.values().all(|value| !value.contains(code.as_str())));
    }
    assert_eq!(portal.browser().opens("/GO").await.status, 200);
}

async fn a_code_restricts_and_nothing_else(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let mut friend = portal.browser();
    types(&mut friend, code.as_str()).await;
    friend.turns_off("message:offers/email").await;
    assert_eq!(friend.asks_on("message:trips/email").await.path, routes::CODE, "L-14");
    assert_eq!(friend.asks(Method::GET, routes::RECORD).await.location(), routes::CODE);
    friend.opens(routes::CHOICES).await.sees(ENGLISH.history_locked);
    let entries = portal.entries_of(&customer).await;
    assert!(entries.iter().all(|choice| choice.entry.source == Source::Page));
    assert_eq!(entries[0].entry.target.to_string(), "message:offers/email");
    // A second letter reader comes by the same code, as with a link.
    let mut other = portal.browser();
    types(&mut other, code.as_str()).await;
    assert!(!other.opens(routes::CHOICES).await.is_on("message:offers/email"));
    assert_ne!(friend.session(), other.session());
}

async fn a_code_works_for_its_days_and_no_longer(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let doors = Letterbox { short_code_days: 60, ..Letterbox::default() };
    let web = Web::new(portal.service.clone(), BASE_URL).with_letterbox(doors);
    let mut browser = portal.browser().moved_to(router(web));
    portal.clock.moves(59 * DAY);
    assert_eq!(types(&mut browser, code.as_str()).await.location(), routes::CHOICES, "L-12");
    portal.clock.moves(DAY);
    let mut browser = browser.moved_to(portal.router.clone());
    assert_eq!(types(&mut browser, code.as_str()).await.location(), routes::CHOICES);
    portal.clock.moves(340 * DAY);
    assert_eq!(types(&mut browser, code.as_str()).await.location(), "/go?code=unknown");
}

async fn unknown_and_expired_codes_are_answered_alike(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let expired = prints(portal, customer.person).await;
    portal.clock.moves(401 * DAY);
    let known = prints(portal, customer.person).await;
    let mut seen = Vec::new();
    for code in [expired, other(portal)] {
        let mut browser = portal.browser();
        let answer = types(&mut browser, code.as_str()).await;
        let scanned = browser.asks(Method::GET, &routes::go(code.as_str())).await;
        assert_eq!(scanned.location(), answer.location());
        let page = browser.opens(answer.location()).await;
        assert!(browser.jar.is_empty(), "no visit begins");
        seen.push((answer.status, answer.location().to_owned(), answer.body, page.source));
    }
    assert_eq!(seen[0], seen[1], "L-19");
    assert_eq!(types(&mut portal.browser(), known.as_str()).await.location(), routes::CHOICES);
}

async fn a_code_that_opens_nothing_leads_to_a_form_that_works(portal: &TestPortal) {
    let mut browser = portal.browser();
    let answer = types(&mut browser, other(portal).as_str()).await;
    let page = browser.opens(answer.location()).await;
    assert_eq!(page.status, 200, "L-13");
    page.sees(WORDS.go_unknown_title);
    let form = page.form(routes::OPT_OUT).with("contact", "guest@example.com");
    browser
        .submits(form)
        .await
        .sees("From now on this holds for the address or number you entered");
    let ledger = portal.ledger().await;
    assert_eq!(ledger[0].choice.entry.target, Target::Everything);
}

async fn looking_at_a_letter_s_addresses_changes_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let doors = Letterbox { kit: true, ..Letterbox::default() };
    let web = Web::new(portal.service.clone(), BASE_URL).with_letterbox(doors);
    let router = router(web);
    let pages = [
        routes::GO,
        "/GO",
        &routes::go(code.as_str()),
        &format!("/GO/{}", code.as_str()),
        "/go?code=unknown",
        "/do/go?code=x",
        routes::FORM,
        routes::KIT,
        routes::SCRIPT,
    ];
    for page in pages {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for _ in 0..20 {
                let mut scanner = portal.browser().moved_to(router.clone());
                let answer = scanner.asks(method.clone(), page).await;
                assert!(method == Method::GET || answer.cookies().is_empty(), "{method} {page}");
            }
        }
    }
    assert!(portal.ledger().await.is_empty(), "L-01");
    assert_eq!(types(&mut portal.browser(), code.as_str()).await.location(), routes::CHOICES);
}

async fn a_stolen_database_gives_no_code_away(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    types(&mut portal.browser(), code.as_str()).await;
    let dump = portal.place.dump().await;
    for secret in [code.as_str(), &code.to_string(), &code.as_str().to_lowercase()] {
        assert!(!holds(&dump, secret.as_bytes()), "L-11");
    }
}

async fn a_code_goes_along_when_two_records_become_one(portal: &TestPortal) {
    let went = portal.customer("one@example.com").await;
    let stays = portal.customer("two@example.com").await;
    let code = prints(portal, went.person).await;
    let mut group = portal.store().begin_group().await.unwrap();
    let (giver, receiver) = (went.person.0, stays.person.0);
    group.record_merge(giver, receiver, 0).await.unwrap();
    group.commit().await.unwrap();
    let mut browser = portal.browser();
    types(&mut browser, code.as_str()).await;
    browser.turns_off("everything").await;
    assert_eq!(portal.entries_of(&stays).await.len(), 1);
}

async fn a_code_is_taken_once_and_forgotten_when_it_has_expired(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let (store, person) = (portal.store(), customer.person.0);
    let rows = [([1; 32], person), ([2; 32], person)];
    assert_eq!(store.insert_short_codes(&rows, "spring", 1_000).await.unwrap().len(), 2);
    let rows = [([2; 32], person), ([3; 32], person)];
    let taken = store.insert_short_codes(&rows, "autumn", 2_000).await.unwrap();
    assert_eq!(taken.into_iter().collect::<Vec<_>>(), [vec![3; 32]]);
    assert_eq!(store.find_short_code(&[2; 32], 999).await.unwrap(), Some(person));
    assert_eq!(store.find_short_code(&[2; 32], 1_000).await.unwrap(), None);
    assert_eq!(store.delete_short_codes(1_000).await.unwrap(), 2);
    assert_eq!(store.find_short_code(&[2; 32], 0).await.unwrap(), None);
    assert_eq!(store.find_short_code(&[3; 32], 0).await.unwrap(), Some(person));
    // Each mailing has codes of its own.
    let two = [person, person];
    let codes = server::letters::mint(&premises(portal), &two, "winter").await.unwrap();
    assert_ne!(codes[0], codes[1]);
}

async fn a_slip_of_the_finger_is_told_and_costs_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let mut slipped: Vec<char> = code.as_str().chars().collect();
    let at = (0..7).find(|at| slipped[*at] != slipped[*at + 1]).unwrap();
    slipped.swap(at, at + 1);
    let slipped: String = slipped.into_iter().collect();
    let cases = [
        ("", WORDS.go_empty),
        (" - ", WORDS.go_empty),
        ("1234", WORDS.go_length),
        ("ABCD-EF?H", WORDS.go_character),
        (&*slipped, WORDS.go_checksum),
        ("<script>\"&", WORDS.go_length),
    ];
    for (typed, said) in cases {
        for _ in 0..20 {
            let mut browser = portal.browser();
            let answer = types(&mut browser, typed).await;
            assert_eq!(answer.status, 422);
            assert!(answer.cookies().is_empty(), "a slip is written nowhere");
            let page = answer.page();
            page.sees(said);
            let field = page.one("id", "code");
            assert_eq!(field.get("aria-invalid"), Some("true"));
            assert_eq!(field.get("value").unwrap_or_default(), typed, "nothing typed is lost");
            assert_eq!(field.get("autocomplete"), Some("off"));
            page.one("href", "#code");
        }
    }
    let long = "7".repeat(9_000);
    assert_eq!(types(&mut portal.browser(), &long).await.status, 422);
    assert_eq!(portal.browser().asks(Method::GET, "/go/%F0%9F%A6%8A").await.status, 422);
    assert_eq!(types(&mut portal.browser(), code.as_str()).await.location(), routes::CHOICES);
}

/// A browser whose proxy says where it is.
fn behind_a_proxy(portal: &TestPortal) -> Browser {
    let doors = Letterbox { client_field: Some(header::FORWARDED), ..Letterbox::default() };
    let web = Web::new(portal.service.clone(), BASE_URL).with_letterbox(doors);
    portal.browser().moved_to(router(web))
}

async fn wrong_codes_from_one_range_are_limited_and_a_right_one_never(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let mut guesser = behind_a_proxy(portal);
    for number in 0..10 {
        let answer = from(&mut guesser, &format!("203.0.113.{number}"), &other(portal)).await;
        assert_eq!(answer.status, 303, "{number}");
    }
    for _ in 0..3 {
        let answer = from(&mut guesser, "203.0.113.77", &other(portal)).await;
        assert_eq!(answer.status, 429, "L-20");
        let wait: u32 = answer.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(answer.cookies().is_empty());
        let page = answer.page();
        page.sees(WORDS.go_many);
        assert_eq!(page.form(routes::OPT_OUT).names(), ["contact", "what"]);
    }
    let answer = from(&mut guesser, "203.0.113.77", &code).await;
    assert_eq!(answer.location(), routes::CHOICES, "L-20: a right code is never refused");
    let veiled = guesser.opens(routes::CHOICES).await;
    assert!(!veiled.switches().is_empty());
    veiled.sees_nothing_of("example.com");
    assert_eq!(guesser.turns_off("everything").await.status, 200, "and opts out");

    let mut neighbour = guesser.clone();
    neighbour.jar.clear();
    from(&mut neighbour, "198.51.100.7", &code).await;
    neighbour.opens(routes::CHOICES).await.sees("m•••a@example.com");
    portal.clock.moves(2 * MINUTE);
    let answer = from(&mut guesser, "203.0.113.77", &other(portal)).await;
    assert_eq!(answer.status, 303, "a minute later there is room for one more");
}

async fn wrong_codes_from_everywhere_are_limited_together(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let mut crowd = behind_a_proxy(portal);
    for number in 0..100 {
        let answer = from(&mut crowd, &format!("2001:db8:{number:x}::1"), &other(portal)).await;
        assert_eq!(answer.status, 303, "{number}");
    }
    let answer = from(&mut crowd, "2001:db8:ffff::1", &other(portal)).await;
    assert_eq!(answer.status, 429, "L-20");
    assert!(!answer.header("retry-after").is_empty());
    let answer = from(&mut crowd, "2001:db8:fffe::1", &code).await;
    assert_eq!(answer.location(), routes::CHOICES);
    crowd.opens(routes::CHOICES).await.sees_nothing_of("example.com");
    portal.clock.moves(2 * MINUTE);
    let mut later = crowd.clone();
    later.jar.clear();
    from(&mut later, "2001:db8:fffe::1", &code).await;
    later.opens(routes::CHOICES).await.sees("m•••a@example.com");
}

async fn somebody_behind_a_flood_answers_a_code_before_anything_is_shown(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let mut browser = behind_a_proxy(portal);
    for _ in 0..11 {
        from(&mut browser, "203.0.113.7", &other(portal)).await;
    }
    from(&mut browser, "203.0.113.7", &code).await;
    // Asking for a code tells no address: it must be typed.
    let asked = browser.opens(routes::CODE).await;
    assert_eq!(asked.form(routes::SEND_CODE).names(), ["contact"]);
    let again = browser.submits(asked.form(routes::SEND_CODE)).await;
    assert_eq!(again.status, 422);
    again.sees_nothing_of("m•••a");
    assert_eq!(portal.mailbox.unread(), 0);
    browser.asks_for_a_code(Some("mira@example.com")).await;
    assert_eq!(portal.postman.post(Kind::Code).await.unwrap(), 1);
    let answered = portal.mailbox.reads_code();
    browser.enters_code(&answered).await.sees("m•••a@example.com");
}

async fn a_form_of_another_website_opens_nothing(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let code = prints(portal, customer.person).await;
    let mut browser = portal.browser();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post(routes::ENTER)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from(format!("code={}", code.as_str())));
        assert_eq!(browser.sends(request.unwrap()).await.status, 403, "C-02");
    }
    assert!(browser.jar.is_empty());
}

async fn every_language_has_its_own_page(portal: &TestPortal) {
    for language in Language::ALL {
        let mut browser = portal.browser();
        let page = browser.opens(&routes::in_language(routes::GO, language)).await;
        let words = Words::of(language);
        page.sees(words.go_title);
        page.runs_no_script_but_ours();
        let typed = page.form(routes::ENTER).with("code", "7");
        let page = browser.submits(typed).await;
        page.sees(words.go_length);
        page.sees(Texts::of(language).error_heading);
        let html = page.all("html").next().unwrap();
        assert_eq!(html.get("lang"), Some(language.tag()));
    }
}

#[test]
fn ten_thousand_codes_are_unlike_and_hold_nothing_of_the_person() {
    let random = SeededRandom::new(5);
    let mut draw = || {
        let mut byte = [0];
        random.fill(&mut byte);
        byte[0]
    };
    let codes: std::collections::HashSet<ShortCode> =
        (0..10_000).map(|_| ShortCode::draw(&mut draw)).collect();
    assert!(codes.len() > 9_995);
    let person = PersonId(uuid::Uuid::from_u128(7));
    assert!(codes.iter().all(|code| !person.0.simple().to_string().contains(code.as_str())));
}
