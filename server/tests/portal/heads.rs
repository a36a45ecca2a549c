//! The ledger's head, published day by day: nobody rewrites the past unnoticed.

use std::process::Command;

use app::routes;
use axum::http::{Method, StatusCode};
use domain::Position;
use domain::ledger::{Link, link};
use domain::moment::DAY;
use futures::future::join_all;
use serde_json::Value;
use server::proof::{HeadFault, Milestones, Rewritten, SignedHead, publish_heads, signed_head};
use server::store::Store;

use crate::ledger::entry;
use crate::support::{Engine, TestPortal, on_both_engines};

on_both_engines![
    a_head_is_published_once_a_day_and_leads_to_the_one_before,
    missed_days_are_caught_up_and_say_so,
    many_nodes_make_one,
    published_heads_are_listed_and_never_change,
    a_kept_head_proves_the_ledger_and_names_where_the_past_was_rewritten,
    a_head_that_somebody_changed_or_another_signed_is_refused,
    the_command_compares_with_a_kept_head,
    without_a_key_nothing_is_published,
];

async fn publishes(portal: &TestPortal) -> usize {
    publish_heads(portal.store(), portal.service.vault.proof(), portal.clock.as_ref())
        .await
        .unwrap()
}

/// So many entries more.
async fn grows(portal: &TestPortal, by: usize) {
    let customer = portal.customer("mira@example.com").await;
    let mut group = portal.store().begin_group().await.unwrap();
    group.append((0..by).map(|_| entry(portal, customer.person)).collect()).await.unwrap();
    group.commit().await.unwrap();
}

async fn heads(portal: &TestPortal) -> Vec<SignedHead> {
    let rows = portal.store().list_published_heads(domain::Moment(0), 1_000).await.unwrap();
    rows.iter().map(signed_head).collect()
}

async fn a_head_is_published_once_a_day_and_leads_to_the_one_before(portal: &TestPortal) {
    assert_eq!(publishes(portal).await, 1);
    grows(portal, 3).await;
    assert_eq!(publishes(portal).await, 0, "once a day");
    portal.clock.moves(DAY);
    assert_eq!(publishes(portal).await, 1);
    let heads = heads(portal).await;
    assert_eq!(heads[0].date, "2026-06-15");
    assert_eq!((heads[0].position, heads[0].previous.as_deref()), (0, None));
    assert_eq!(heads[1].date, "2026-06-16");
    assert_eq!((heads[1].position, heads[1].previous.clone()), (3, Some(heads[0].digest())));
    for head in &heads {
        head.check(portal.service.vault.proof().published()).unwrap();
    }
    assert_eq!(portal.verifies().await, Ok(Position(3)));
}

async fn missed_days_are_caught_up_and_say_so(portal: &TestPortal) {
    publishes(portal).await;
    grows(portal, 2).await;
    portal.clock.moves(4 * DAY);
    assert_eq!(publishes(portal).await, 4);
    let heads = heads(portal).await;
    let days: Vec<_> = heads.iter().map(|head| head.date.as_str()).collect();
    assert_eq!(days, ["2026-06-15", "2026-06-16", "2026-06-17", "2026-06-18", "2026-06-19"]);
    for (before, head) in heads.iter().zip(&heads[1..]) {
        assert_eq!(head.previous, Some(before.digest()));
        assert!(head.signed_at.starts_with("2026-06-19T"), "{}", head.signed_at);
    }
    // A clock that runs backwards makes none twice.
    portal.clock.moves(-2 * DAY);
    assert_eq!(publishes(portal).await, 0);
}

async fn many_nodes_make_one(portal: &TestPortal) {
    let mut nodes = vec![portal.store().clone()];
    for _ in 0..3 {
        nodes.push(Store::open(portal.place.url()).await.unwrap());
    }
    let keys = portal.service.vault.proof();
    let each = nodes.iter().map(|node| publish_heads(node, keys, portal.clock.as_ref()));
    let made: usize = join_all(each).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(made, 1);
    assert_eq!(heads(portal).await.len(), 1);
    for node in &nodes[1..] {
        node.close().await;
    }
}

async fn published_heads_are_listed_and_never_change(portal: &TestPortal) {
    let mut browser = portal.browser();
    let none = browser.asks(Method::GET, routes::HEAD).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    publishes(portal).await;
    portal.clock.moves(2 * DAY);
    publishes(portal).await;
    let newest = browser.asks(Method::GET, routes::HEAD).await.json();
    assert_eq!(newest["date"], "2026-06-17");
    let all = browser.asks(Method::GET, routes::HEADS).await.json();
    assert_eq!(all["heads"].as_array().unwrap().len(), 3);
    assert_eq!(all["heads"][2], newest);
    let later = format!("{}?from=2026-06-16", routes::HEADS);
    let later = browser.asks(Method::GET, &later).await.json();
    assert_eq!(later["heads"].as_array().unwrap().len(), 2);
    let wrong = browser.asks(Method::GET, &format!("{}?from=soon", routes::HEADS)).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let mut attempts = vec!["update published_head set position = 7", "delete from published_head"];
    if portal.place.engine() == Engine::Postgres {
        attempts.push("truncate published_head");
    } else {
        attempts.push(
            "insert or replace into published_head
             select day_at, 9, hash, previous, signed_at, signer, signature from published_head",
        );
    }
    for attempt in attempts {
        let refused = portal.place.runs(attempt).await.expect_err(attempt);
        assert!(refused.to_string().contains("published heads are append-only"), "{refused}");
    }
}

/// Rewrites an entry and the chain behind it, so that the ledger fits itself again.
async fn rewrites(portal: &TestPortal, from: i64) {
    portal.place.disarms().await;
    let statement = format!("update choice set at = at + 1 where position = {from}");
    portal.place.runs(&statement).await.unwrap();
    let mut before: Link = [0; 32];
    for row in portal.ledger().await {
        let hash = link(&before, &row.choice);
        let hex = hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        let bytes = match portal.place.engine() {
            Engine::Sqlite => format!("x'{hex}'"),
            Engine::Postgres => format!("decode('{hex}', 'hex')"),
        };
        let place = row.choice.position.0;
        let entry = format!("update choice set hash = {bytes} where position = {place}");
        portal.place.runs(&entry).await.unwrap();
        portal.place.runs(&format!("update ledger_head set hash = {bytes}")).await.unwrap();
        before = hash;
    }
    assert!(portal.verifies().await.is_ok(), "the chain alone notices nothing");
}

/// Walks the ledger with a kept head.
async fn compares(portal: &TestPortal, head: &SignedHead) -> Result<(), Rewritten> {
    let mut milestones = Milestones::up_to(portal.store(), head).await.unwrap();
    let mut last = Position(0);
    for row in portal.ledger().await {
        last = row.choice.position;
        milestones.pass(last, &row.hash.try_into().unwrap());
    }
    milestones.finish(last)
}

async fn a_kept_head_proves_the_ledger_and_names_where_the_past_was_rewritten(portal: &TestPortal) {
    for _ in 0..4 {
        publishes(portal).await;
        grows(portal, 3).await;
        portal.clock.moves(DAY);
    }
    publishes(portal).await;
    let kept = heads(portal).await.pop().unwrap();
    assert_eq!(kept.position, 12);
    grows(portal, 1).await;
    assert_eq!(compares(portal, &kept).await, Ok(()));
    rewrites(portal, 8).await;
    let rewritten = compares(portal, &kept).await.unwrap_err();
    let expected = Rewritten::Other { date: "2026-06-18".into(), after: 6, until: 9 };
    assert_eq!(rewritten, expected);
    assert!(rewritten.to_string().ends_with("one of the entries 7 to 9"), "{rewritten}");
    // Heads in the database that were rewritten too no longer lead to the one that was kept.
    let forged = SignedHead { previous: Some("x".into()), ..kept.clone() };
    let rewritten = compares(portal, &forged).await.unwrap_err();
    let expected = Rewritten::Other { date: "2026-06-19".into(), after: 0, until: 12 };
    assert_eq!(rewritten, expected, "so that only the kept one counts");
    portal.place.runs("delete from choice where position > 10").await.unwrap();
    let short = SignedHead { date: "2026-06-17".into(), ..heads(portal).await.swap_remove(2) };
    assert_eq!(compares(portal, &short).await, Ok(()), "what lies before is as it was");
}

async fn a_head_that_somebody_changed_or_another_signed_is_refused(portal: &TestPortal) {
    grows(portal, 1).await;
    publishes(portal).await;
    let head = heads(portal).await.pop().unwrap();
    let published = portal.service.vault.proof().published();
    let text = serde_json::to_vec(&head).unwrap();
    for at in 0..text.len() {
        let mut forged = text.clone();
        forged[at] ^= 1;
        let refused = SignedHead::read(&forged).and_then(|forged| forged.check(published));
        assert!(refused.is_err(), "byte {at}");
    }
    let others = server::proof::ProofKeys::new(&crate::support::life::keys(99));
    let signed = head.sign(&others).unwrap();
    assert_eq!(signed.check(published), Err(HeadFault::UnknownKey("2026-06-15".into())));
    assert_eq!(SignedHead::read(b"[]"), Err(HeadFault::Unreadable));
    assert_eq!(SignedHead::read(b"{\"heads\":[]}"), Err(HeadFault::Unreadable));
}

async fn the_command_compares_with_a_kept_head(portal: &TestPortal) {
    grows(portal, 2).await;
    publishes(portal).await;
    grows(portal, 2).await;
    let folder = std::env::temp_dir().join(format!(
        "sayso-head-{}-{:?}",
        std::process::id(),
        portal.place.engine()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let (head, keys) = (folder.join("head.json"), folder.join("keys.json"));
    let mut browser = portal.browser();
    std::fs::write(&head, browser.asks(Method::GET, routes::HEADS).await.body).unwrap();
    std::fs::write(&keys, browser.asks(Method::GET, routes::KEYS).await.body).unwrap();
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(["ledger", "verify", "--database-url", portal.place.url()]);
        command.arg("--head").arg(&head).arg("--public-keys").arg(&keys);
        command.output().unwrap()
    };
    let whole = verify();
    let said = String::from_utf8(whole.stdout).unwrap();
    assert_eq!(
        said,
        "The ledger is whole: 4 entries. It leads to the head of 2026-06-15, entry 2.\n"
    );
    rewrites(portal, 1).await;
    let broken = verify();
    assert_eq!(broken.status.code(), Some(3));
    let said = String::from_utf8(broken.stderr).unwrap();
    assert!(said.contains("the past was rewritten") && said.contains("entries 1 to 2"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

async fn without_a_key_nothing_is_published(portal: &TestPortal) {
    let mut keys = crate::support::life::keys(3);
    keys.receipt.clear();
    let none = server::proof::ProofKeys::new(&keys);
    assert_eq!(publish_heads(portal.store(), &none, portal.clock.as_ref()).await.unwrap(), 0);
    let published: Value = serde_json::from_str(&none.published().to_json()).unwrap();
    assert_eq!(published["keys"].as_array().unwrap().len(), 0);
}
