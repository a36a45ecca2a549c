//! How often a key may be used.

use std::num::NonZeroU32;
use std::sync::Arc;

use server::api::problem::Kind;
use server::api::scope::Scope;
use server::api::{Options, paths};
use server::web::{Web, router};

use crate::support::portal::BASE_URL;
use crate::support::{TestPortal, on_sqlite};

on_sqlite![
    a_key_that_asks_too_often_waits_and_others_do_not,
    open_figures_need_no_key,
    open_figures_are_there_while_the_database_is_away,
];

async fn a_key_that_asks_too_often_waits_and_others_do_not(portal: &TestPortal) {
    let options = Options { rate: NonZeroU32::new(2), ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let (one, other) =
        (portal.client(&[Scope::Metrics]).await, portal.client(&[Scope::Metrics]).await);
    let (one, other) = (one.moved_to(node.clone()), other.moved_to(node));
    for _ in 0..4 {
        assert_eq!(one.gets(paths::METRICS).await.status, 200);
    }
    let refused = one.gets(paths::METRICS).await;
    refused.is_problem(Kind::TooMany);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(other.gets(paths::METRICS).await.status, 200);
    portal.clock.moves(1_000);
    assert_eq!(one.gets(paths::METRICS).await.status, 200);
}

async fn open_figures_need_no_key(portal: &TestPortal) {
    let options = Options { metrics_open: true, ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let answer = portal.stranger().moved_to(node).gets(paths::METRICS).await;
    assert_eq!(answer.status, 200);
}

async fn open_figures_are_there_while_the_database_is_away(portal: &TestPortal) {
    let options = Options { metrics_open: true, ..Options::default() };
    let node = router(Web::new(Arc::clone(&portal.service), BASE_URL).with_api(options));
    let stranger = portal.stranger().moved_to(node);
    let requests = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("sayso_requests_open{"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = requests(&stranger.gets(paths::METRICS).await.text());
    assert!(!before.is_empty());
    portal.breaks().await;
    let answer = stranger.gets(paths::METRICS).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("sayso_index_lag_milliseconds "), "{}", answer.text());
    assert_eq!(requests(&answer.text()), before);
}
