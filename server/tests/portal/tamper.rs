//! Somebody with the database's password can't change the past unseen.

use std::process::Command;

use domain::Position;
use domain::ledger::Fault;

use server::notices::publish;
use server::ports::Clock;

use crate::ledger::entry;
use crate::support::portal::CATALOGUE;
use crate::support::{Engine, TestPortal, on_both_engines};

on_both_engines![
    the_database_itself_refuses_to_change_or_remove_a_choice,
    a_change_of_any_column_is_named,
    a_removed_entry_is_named,
    a_removed_tail_is_noticed,
    entries_that_changed_places_are_named,
    an_entry_written_over_another_is_named,
    a_moved_head_is_noticed,
    the_command_names_the_entry_too,
];

/// Five entries of one customer.
async fn a_ledger_of_five(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut group = portal.store().begin_group().await.unwrap();
    group.append((0..5).map(|_| entry(portal, customer.person)).collect()).await.unwrap();
    group.commit().await.unwrap();
    assert_eq!(portal.verifies().await, Ok(Position(5)));
}

async fn the_database_itself_refuses_to_change_or_remove_a_choice(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    let mut attempts = vec![
        "update choice set act = 'granted'",
        "update choice set at = at + 1 where position = 3",
        "delete from choice where position = 5",
        "delete from choice",
    ];
    if portal.place.engine() == Engine::Postgres {
        attempts.push("truncate choice");
    }
    for attempt in attempts {
        let refused = portal.place.runs(attempt).await.expect_err(attempt);
        assert!(refused.to_string().contains("the ledger is append-only"), "{refused}");
    }
    assert_eq!(portal.verifies().await, Ok(Position(5)));
}

async fn a_change_of_any_column_is_named(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    portal.customer("tom@example.com").await;
    let other = CATALOGUE.replacen("Northwind", "Southwind", 1);
    publish(portal.store(), &other, portal.clock.now()).await.unwrap();
    portal.place.disarms().await;
    let mine = "(select person_id from choice where position = 2)";
    let other = format!("(select id from person where id <> {mine})");
    let there_and_back = [
        ("person_id", other.as_str(), mine),
        ("target", "'marketing'", "'everything'"),
        ("act", "'granted'", "'withdrawn'"),
        ("act", "'no act at all'", "'withdrawn'"),
        ("number", "1", "0"),
        ("source", "'staff_phone'", "'page'"),
        ("actor", "'staff'", "'person'"),
        ("notice", "2", "1"),
        ("language", "'de'", "'en'"),
        ("at", "at + 1", "at - 1"),
        ("reference", "'0000-0000'", "reference"),
    ];
    for (column, there, back) in there_and_back {
        let set = |value: &str| format!("update choice set {column} = {value} where position = 3");
        portal.place.runs(&set(there)).await.unwrap();
        assert_eq!(portal.verifies().await, Err(Fault::Altered { at: Position(3) }), "{column}");
        portal.place.runs(&set(back)).await.unwrap();
        if column != "reference" {
            assert_eq!(portal.verifies().await, Ok(Position(5)), "{column} is back");
        }
    }
}

async fn a_removed_entry_is_named(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    portal.place.disarms().await;
    portal.place.runs("delete from choice where position = 2").await.unwrap();
    assert_eq!(portal.verifies().await, Err(Fault::Missing { expected: Position(2) }));
}

async fn a_removed_tail_is_noticed(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    portal.place.disarms().await;
    portal.place.runs("delete from choice where position > 3").await.unwrap();
    let truncated = Fault::Truncated { last: Position(3), head: Position(5) };
    assert_eq!(portal.verifies().await, Err(truncated));
}

async fn entries_that_changed_places_are_named(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    portal.place.disarms().await;
    for (from, to) in [(4, 99), (2, 4), (99, 2)] {
        let statement = format!("update choice set position = {to} where position = {from}");
        portal.place.runs(&statement).await.unwrap();
    }
    assert_eq!(portal.verifies().await, Err(Fault::Altered { at: Position(2) }));
}

async fn an_entry_written_over_another_is_named(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    let columns = "person_id, target, act, number, source, actor, notice, language, at, reference";
    let copy = format!(
        "into choice (position, {columns}, hash) select 3, {columns}, hash from choice where position = 1"
    );
    let statement = match portal.place.engine() {
        Engine::Sqlite => format!("insert or replace {copy}"),
        Engine::Postgres => {
            format!("insert {copy} on conflict (position) do update set hash = excluded.hash")
        }
    };
    let refused = portal.place.runs(&statement).await.expect_err("a trigger sees it");
    assert!(refused.to_string().contains("the ledger is append-only"), "{refused}");
    portal.place.disarms().await;
    portal.place.runs(&statement).await.unwrap();
    assert_eq!(portal.verifies().await, Err(Fault::Altered { at: Position(3) }));
}

async fn a_moved_head_is_noticed(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    portal.place.runs("update ledger_head set position = 4").await.unwrap();
    assert!(portal.verifies().await.is_err());
}

async fn the_command_names_the_entry_too(portal: &TestPortal) {
    a_ledger_of_five(portal).await;
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(["ledger", "verify", "--database-url", portal.place.url()]);
        command.output().unwrap()
    };
    let whole = verify();
    assert!(whole.status.success());
    assert_eq!(String::from_utf8(whole.stdout).unwrap(), "The ledger is whole: 5 entries.\n");
    portal.place.disarms().await;
    portal.place.runs("update choice set act = 'granted' where position = 3").await.unwrap();
    let broken = verify();
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8(broken.stderr).unwrap().contains("entry 3 is not what was written"));
}
