//! The page and the gate cannot disagree (P-01): random wishes through HTTP, then every switch is
//! what `domain::decide` answers.

use std::sync::Arc;

use app::routes;
use domain::decision::Standpoint;
use domain::moment::{DAY, HOUR};
use domain::{Preferences, decide};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use server::ports::Clock;
use server::web::{Web, router};

use crate::support::portal::BASE_URL;
use crate::support::{Browser, Customer, Engine, Newcomer, Page, TestPortal};

#[derive(Clone, Debug)]
enum Step {
    Off(&'static str),
    On(&'static str),
    AskOnly(&'static str),
    Pause(&'static str),
    Undo,
    Form(&'static str),
    Wait(i64),
}

const LEAVES: [&str; 10] = [
    "message:offers/email",
    "message:offers/text",
    "message:trips/email",
    "message:care/push",
    "profiling:recommendations",
    "profiling:interests",
    "share:advertising/adlane",
    "share:advertising/reachwell",
    "share:measuring/tallyhouse",
    "share:safety-research/sichtfels",
];
const WIDE: [&str; 6] =
    ["everything", "marketing", "sharing", "purpose:advertising", "topic:offers", "channel:email"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => select(LEAVES.to_vec()).prop_map(Step::Off),
        2 => select(WIDE.to_vec()).prop_map(Step::Off),
        4 => select(LEAVES.to_vec()).prop_map(Step::On),
        1 => select(LEAVES.to_vec()).prop_map(Step::AskOnly),
        1 => Just(Step::On("marketing")),
        1 => select(vec!["30", "90", "180"]).prop_map(Step::Pause),
        2 => Just(Step::Undo),
        1 => select(WIDE[..3].to_vec()).prop_map(Step::Form),
        1 => (1..500_i64).prop_map(|days| Step::Wait(days * DAY)),
    ]
}

async fn takes(portal: &TestPortal, customer: &Customer, step: &Step) {
    let mut browser = portal.browser();
    if let Step::Wait(time) = step {
        portal.clock.moves(*time);
    }
    browser.opens_link(customer).await;
    match step {
        Step::Off(target) => drop(browser.posts(routes::CHOOSE, &[("off", target)]).await),
        Step::Pause(days) => drop(browser.posts(routes::CHOOSE, &[("pause", days)]).await),
        Step::Undo => {
            let everything = [("off", "everything")];
            browser.posts(routes::CHOOSE, &everything).await;
            if browser.opens(routes::CHOICES).await.undo().is_some() {
                browser.undoes().await;
            }
        }
        Step::Form(what) => {
            let fields = [("contact", "mira@example.com"), ("what", what)];
            browser.posts(routes::OPT_OUT, &fields).await;
        }
        Step::On(target) | Step::AskOnly(target) => {
            portal.clock.moves(HOUR / 4);
            browser.asks_for_a_code(None).await;
            browser.enters_code(&portal.mailbox.reads_code()).await;
            let answer = browser.posts(routes::CHOOSE, &[("on", target)]).await;
            if matches!(step, Step::On(_)) && answer.location() == routes::CONFIRM {
                let page = browser.opens(routes::CONFIRM).await;
                browser.submits(page.form(routes::DO_CONFIRM)).await;
            }
        }
        Step::Wait(_) => {}
    }
}

async fn agree(portal: &TestPortal, customer: &Customer, born: Option<i64>, page: &Page) {
    let notice = portal.service.notices.current();
    let preferences = Preferences::fold(&portal.entries_of(customer).await);
    let standpoint = Standpoint { birth_year: born.map(|year| u16::try_from(year).unwrap()) };
    for leaf in notice.catalogue.leaves() {
        let now = portal.clock.now();
        let decision = decide(&notice.catalogue, &preferences, standpoint, &leaf, now);
        assert_eq!(page.is_on(&leaf.to_string()), decision.allowed, "{leaf}: {decision:?}");
    }
}

/// What was kept from rendering before is what is rendered anew.
async fn keeps_nothing_stale(portal: &TestPortal, browser: &Browser, page: &Page) {
    let fresh = router(Web::new(Arc::clone(&portal.service), BASE_URL));
    let anew = browser.clone().moved_to(fresh).opens(routes::CHOICES).await;
    assert_eq!(page.source, anew.source);
}

async fn lives_through(portal: &TestPortal, born: Option<i64>, steps: &[Step]) {
    let newcomer =
        Newcomer { email: Some("mira@example.com"), birth_year: born, ..Newcomer::default() };
    let customer = portal.knows(newcomer).await;
    for step in steps {
        takes(portal, &customer, step).await;
        let mut browser = portal.browser();
        let page = browser.opens_link(&customer).await;
        agree(portal, &customer, born, &page).await;
        keeps_nothing_stale(portal, &browser, &page).await;
    }
    portal.verifies().await.unwrap();
}

fn runs(engine: Engine, born: Option<i64>, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(TestPortal::run(engine, async |portal: &TestPortal| {
        lives_through(portal, born, steps).await;
    }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_wished_the_page_shows_what_the_gate_decides(
        born in proptest::option::of(1950..2020_i64),
        steps in vec(step(), 1..8),
    ) {
        runs(Engine::Sqlite, born, &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_postgres_too(born in proptest::option::of(1950..2020_i64), steps in vec(step(), 1..8)) {
        runs(Engine::Postgres, born, &steps);
    }
}
