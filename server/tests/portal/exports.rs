//! Records for authorities (R-07, S-10, S-11, S-16).

use std::process::Command;

use domain::moment::DAY;
use domain::request::{Basis, Nature, Response};
use domain::{Act, Language, Moment, Target};
use serde_json::json;
use server::people::{erase, merge};
use server::ports::Clock;
use server::proof::article30::record;
use server::proof::export::{Span, to_csv, totals};
use server::store::{Closing, StoreError};

use crate::import::loads;
use crate::ledger::entry;
use crate::replies::{hands_over, requests};
use crate::support::life::{notice, notice_of};
use crate::support::portal::CATALOGUE;
use crate::support::ports::BEGINNING;
use crate::support::{TestPortal, on_both_engines};

on_both_engines![
    every_choice_of_a_span_is_a_record_and_no_other,
    a_year_is_counted_by_right,
    a_choice_told_later_was_answered_when_it_was_told,
    a_case_is_a_record_with_its_answer,
    one_signal_or_one_message_of_an_agent_is_one_request,
    what_the_business_records_of_its_own_accord_is_no_request,
    the_commands_write_them,
];

/// The span of the last 24 months.
fn lately(portal: &TestPortal) -> Span {
    let now = portal.clock.now();
    Span { from: now.plus(-731 * DAY), to: now.plus(DAY) }
}

async fn records(portal: &TestPortal, span: Span) -> Vec<Vec<String>> {
    let mut bytes = Vec::new();
    let keys = portal.service.vault.proof();
    let count = to_csv(portal.store(), keys, span, &mut bytes).await.unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    assert_eq!(reader.headers().unwrap().len(), 14);
    let read = |row: Result<csv::StringRecord, _>| -> Vec<String> {
        row.unwrap().iter().map(ToOwned::to_owned).collect()
    };
    let rows: Vec<_> = reader.records().map(read).collect();
    assert_eq!(rows.len() as u64, count);
    rows
}

async fn every_choice_of_a_span_is_a_record_and_no_other(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("sharing").await;
    portal.clock.moves(2 * DAY);
    browser.opens_link(&customer).await;
    browser.pauses("30").await;
    browser.undoes().await;
    let rows = records(portal, lately(portal)).await;
    let seen: Vec<_> =
        rows.iter().map(|row| [&row[0], &row[2], &row[3], &row[4], &row[5], &row[8]]).collect();
    assert_eq!(
        seen,
        [
            ["choice-1", "opt_out_of_sale_or_sharing", "withdrawn", "sharing", "page", "complied"],
            ["choice-2", "opt_out_of_marketing", "paused", "marketing", "page", "complied"],
            ["choice-3", "take_back", "undone", "marketing", "page", "complied"],
        ]
    );
    assert_eq!(rows[0][1], "2026-06-15T09:30:00.000Z");
    assert_eq!(rows[0][1], rows[0][7], "answered at once");
    assert_eq!(rows[0][12], rows[2][12], "one person, one pseudonym");
    let first = Span { from: BEGINNING, to: BEGINNING.plus(DAY) };
    assert_eq!(records(portal, first).await.len(), 1);
    let none = Span { from: Moment(0), to: BEGINNING };
    assert_eq!(records(portal, none).await.len(), 0, "the end does not belong to it");
    let text = rows.concat().concat();
    assert!(!text.contains("mira") && !text.contains("example.com"));
}

async fn a_year_is_counted_by_right(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut group = portal.store().begin_group().await.unwrap();
    let targets =
        ["sharing", "share:advertising/adlane", "marketing", "everything", "message:offers/text"];
    let acts = [Act::Withdrawn, Act::Withdrawn, Act::Withdrawn, Act::Withdrawn, Act::Granted];
    let entries = targets.iter().zip(acts).map(|(target, act)| domain::choice::Entry {
        target: target.parse::<Target>().unwrap(),
        act,
        ..entry(portal, customer.person)
    });
    group.append(entries.collect()).await.unwrap();
    group.commit().await.unwrap();
    let keys = portal.service.vault.proof();
    let year = totals(portal.store(), keys, lately(portal)).await.unwrap();
    let right = |right: &str, received: u64| {
        json!({
            "right": right, "received": received, "complied": received, "denied": 0,
            "median_days": 0, "mean_days": "0.00",
        })
    };
    assert_eq!(
        year.to_json(),
        json!([
            right("opt_out_of_sale_or_sharing", 2),
            right("opt_out_of_marketing", 1),
            right("opt_out_of_everything", 1),
            right("opt_in", 1),
        ])
    );
    assert!(year.to_csv().contains("opt_out_of_sale_or_sharing,2,2,0,0,0.00\n"));
}

async fn a_choice_told_later_was_answered_when_it_was_told(portal: &TestPortal) {
    let customer = portal.customer("mira@example.com").await;
    let mut group = portal.store().begin_group().await.unwrap();
    group.append((0..3).map(|_| entry(portal, customer.person)).collect()).await.unwrap();
    group.commit().await.unwrap();
    let now = portal.clock.now();
    portal
        .place
        .runs(
            "insert into api_key (id, name, digest, scopes, targets, created_at)
         select 'k', 'shop', hash, '', '', 0 from choice where position = 1",
        )
        .await
        .unwrap();
    // Two and a half days, and ten.
    for (position, took) in [(2, DAY * 5 / 2), (3, DAY * 10)] {
        let told = now.0 + took;
        let statement = format!(
            "insert into origin (position, api_key, told_at) values ({position}, 'k', {told})"
        );
        portal.place.runs(&statement).await.unwrap();
    }
    let rows = records(portal, lately(portal)).await;
    assert_eq!(rows[1][7], "2026-06-17T21:30:00.000Z");
    let year = totals(portal.store(), portal.service.vault.proof(), lately(portal)).await.unwrap();
    assert_eq!(year.to_json()[0]["median_days"], 3, "begun days count whole");
    assert_eq!(year.to_json()[0]["mean_days"], "4.33");
}

/// What is counted in the span of the last 24 months.
async fn counted(portal: &TestPortal) -> serde_json::Value {
    let keys = portal.service.vault.proof();
    totals(portal.store(), keys, lately(portal)).await.unwrap().to_json()
}

async fn a_case_is_a_record_with_its_answer(portal: &TestPortal) {
    portal.customer("mira@example.com").await;
    let question = include_str!("mails/question.eml");
    let answers = [
        (Nature::Access, Response::Denied, Some(Basis::Unverified)),
        (Nature::Access, Response::Partly, Some(Basis::Law)),
        (Nature::Complaint, Response::Granted, None),
        (Nature::Unclear, Response::Nothing, None),
    ];
    for (number, (nature, response, denial_basis)) in answers.into_iter().enumerate() {
        hands_over(portal, &question.replace("question.1", &format!("question.{number}"))).await;
        let open = requests(portal).await.remove(0);
        portal.clock.moves(2 * DAY);
        let responded_at = portal.clock.now().0;
        let closing = Closing { nature, response, denial_basis, responded_at };
        assert!(portal.store().record_closing(&open.reference, &closing).await.unwrap());
    }
    hands_over(portal, include_str!("mails/start.eml")).await;
    let rows = records(portal, lately(portal)).await;
    let seen: Vec<_> =
        rows.iter().map(|row| [&row[2], &row[3], &row[5], &row[8], &row[9]]).collect();
    assert_eq!(
        seen,
        [
            ["access", "access", "email", "denied", "unverified"],
            ["access", "access", "email", "complied_in_part", "required_by_law"],
            ["complaint", "complaint", "email", "complied", ""],
            ["unclear", "unclear", "email", "nothing", ""],
            ["opt_in", "opt_in", "email", "", ""],
        ]
    );
    assert_eq!(rows[0][1], "2026-06-15T09:30:00.000Z");
    assert_eq!(rows[0][7], "2026-06-17T09:30:00.000Z");
    assert_eq!(rows[0][0], format!("request-{}", rows[0][13]));
    let year = counted(portal).await;
    let [opt_in, access, complaint] = &year.as_array().unwrap()[..] else { panic!("{year}") };
    assert_eq!((&opt_in["received"], &opt_in["median_days"]), (&json!(1), &json!(null)));
    let expected = json!({
        "right": "access", "received": 2, "complied": 1, "denied": 1,
        "median_days": 2, "mean_days": "2.00",
    });
    assert_eq!(access, &expected);
    assert_eq!(complaint["complied"], 1);
    let text = rows.concat().concat();
    assert!(!text.contains("mira") && !text.contains("example.com"));
    let none = Span { from: Moment(0), to: BEGINNING };
    assert_eq!(records(portal, none).await.len(), 0, "the end does not belong to it");
}

async fn one_signal_or_one_message_of_an_agent_is_one_request(portal: &TestPortal) {
    let mira = portal.customer("mira@example.com").await;
    portal.browser().asking(&["1"]).opens_link(&mira).await;
    assert_eq!(portal.ledger().await.len(), 2, "two purposes are sold");
    let rows = records(portal, lately(portal)).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0][4], "purpose:advertising purpose:postal-partners");
    let agent = portal.known_agent(0).await;
    let mut request = agent.request(portal, "sale:opt-out", "new@example.com");
    request["phone_number"] = json!("+442079460018");
    assert_eq!(agent.exercises(&request).await.status, 200);
    assert_eq!(portal.ledger().await.len(), 6, "an address and a number, each of a stranger");
    let year = counted(portal).await;
    assert_eq!(year.as_array().unwrap().len(), 1);
    assert_eq!((&year[0]["received"], &year[0]["complied"]), (&json!(2), &json!(2)));
}

async fn what_the_business_records_of_its_own_accord_is_no_request(portal: &TestPortal) {
    let rows = "N-1,Mira,mira@example.com,,en,,,message:offers/email=no\n\
                N-2,Mira,mira@example.org,,en,,,message:offers/text=yes\n";
    loads(portal, rows).await;
    let freely = || Ok::<_, StoreError>(());
    merge(&portal.service, "N-1", "N-2", freely).await.unwrap().unwrap();
    erase(&portal.service, "N-2").await.unwrap();
    assert!(portal.ledger().await.len() > 2, "all of it is in the ledger");
    assert_eq!(records(portal, lately(portal)).await.len(), 0);
    assert_eq!(counted(portal).await, json!([]));
}

async fn the_commands_write_them(portal: &TestPortal) {
    let folder = std::env::temp_dir().join(format!(
        "sayso-exports-{}-{:?}",
        std::process::id(),
        portal.place.engine()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let customer = portal.customer("mira@example.com").await;
    let mut browser = portal.browser();
    browser.opens_link(&customer).await;
    browser.turns_off("sharing").await;
    let out = folder.join("requests.csv");
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.arg("export").args(words).arg("--data").arg(&folder);
        command.args(["--database-url", portal.place.url()]);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let file = out.to_str().unwrap();
    let span = ["--from", "2026-06-15", "--to", "2026-06-16"];
    let asked = [&["requests"][..], &span, &["--out", file]].concat();
    assert_eq!(run(&asked), (Some(0), format!("1 requests written to {file}.\n")));
    assert!(std::fs::read_to_string(&out).unwrap().contains("choice-1,2026-06-15T09:30:00.000Z"));
    assert_eq!(run(&asked).0, Some(1), "never over a file that is there");
    assert_eq!(run(&["requests", "--from", "2026-02-30"]).0, Some(2));
    let (status, said) = run(&["totals", "--year", "2026"]);
    assert_eq!(status, Some(0));
    assert!(said.contains("opt_out_of_sale_or_sharing,1,1,0,0,0.00"), "{said}");
    for format in ["csv", "json", "html"] {
        let (status, said) = run(&["article30", "--format", format, "--language", "de"]);
        assert_eq!(status, Some(0));
        assert!(said.contains("Reachwell Inc. (Vereinigte Staaten)"), "{said}");
    }
    assert_eq!(run(&["article30", "--notice", "9"]).0, Some(1));
    assert_eq!(run(&["article30", "--language", "tlh"]).0, Some(2));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_record_of_processing_says_all_that_the_register_knows() {
    let record = record(notice(), Language::English, BEGINNING);
    let catalogue = &notice().catalogue;
    let expected = catalogue.topics.len()
        + catalogue.profilings.len()
        + catalogue.purposes.len()
        + catalogue.exceptions.len();
    assert_eq!(record.activities.len(), expected);
    let of = |key: &str| record.activities.iter().find(|known| known.key == key).unwrap();
    let ads = of("purpose:advertising");
    assert_eq!(
        ads.recipients,
        "Adlane GmbH (Germany), Reachwell Inc. (United States) and Brightquay Pte. Ltd. (Singapore)"
    );
    assert!(
        ads.transfers
            .contains("Singapore (Brightquay Pte. Ltd.): The United Kingdom’s international")
    );
    assert_eq!(ads.term, "dpv:PersonalisedAdvertising");
    let offers = of("topic:offers");
    assert_eq!(offers.recipients, "None");
    assert!(offers.basis.contains("Email: our legitimate interest; Text message: your consent"));
    assert_eq!(of("exception:tax").retention, "Six years, as tax law requires.");
    assert!(record.controller.contains("12 Harbour Row"));
    assert_eq!(record.officer, "officer@northwind.example");
    for activity in &record.activities {
        for said in [&activity.people, &activity.data, &activity.retention, &activity.security] {
            assert!(!said.is_empty(), "{activity:?}");
        }
    }
}

#[test]
fn the_record_is_whole_in_every_language_and_form_and_says_what_is_not_known() {
    let (bare, _) = CATALOGUE.split_once("[inventory]").unwrap();
    let bare = notice_of(bare);
    for language in Language::ALL {
        let record = record(&bare, language, BEGINNING);
        let unsaid = app::texts::ProofTexts::of(language).article30_unsaid;
        assert_eq!(record.activities[0].retention, unsaid);
        let html = record.to_html();
        assert!(html.contains(&format!("<html lang=\"{language}\"")));
        assert!(html.contains(unsaid));
        let text = String::from_utf8(record.to_csv().unwrap()).unwrap();
        let rows = csv::Reader::from_reader(text.as_bytes()).into_records();
        let rows: Vec<_> = rows.map(Result::unwrap).collect();
        assert_eq!(rows.len(), record.activities.len());
        assert!(rows.iter().all(|row| row.len() == 13 && row.iter().all(|cell| !cell.is_empty())));
    }
}

#[test]
fn a_cell_that_a_spreadsheet_would_run_is_neutralised() {
    let evil = CATALOGUE.replacen("name = \"Adlane GmbH\"", "name = \"=cmd|' /C calc'!A0\"", 1);
    let text = record(&notice_of(&evil), Language::English, BEGINNING).to_csv().unwrap();
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let starts = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
    for row in reader.records() {
        assert!(!row.unwrap().iter().any(starts));
    }
    let page = record(
        &notice_of(&CATALOGUE.replacen("Adlane GmbH", "A & B", 1)),
        Language::English,
        BEGINNING,
    );
    assert!(page.to_html().contains("A &amp; B"));
}
