//! Loading customers: a file tightens, never loosens, and loses nothing when it is bad.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::contact::IdentifierKind;
use domain::decision::{Standpoint, decide};
use domain::{PersonId, Position, Preferences, Source};
use server::cli::Premises;
use server::keys::Keys;
use server::people::{Import, Report, import};
use server::vault::Vault;

use crate::support::TestPortal;
use crate::support::on_both_engines;
use crate::support::ports::SeededRandom;

on_both_engines![
    customers_are_added_with_their_permissions,
    who_opted_out_stays_out_whatever_the_file_says,
    somebody_who_opted_out_before_we_knew_them_is_adopted_and_stays_out,
    a_second_record_with_the_same_address_takes_the_opt_outs_over,
    a_changed_address_keeps_the_choices_of_the_person,
    systems_hear_again_of_whoever_has_a_new_address,
    a_dry_run_writes_nothing_and_predicts_what_the_run_does,
    a_bad_row_is_listed_by_its_number_without_personal_data_and_the_rest_goes_on,
    a_file_that_was_imported_is_not_imported_again,
    an_import_goes_on_behind_the_last_block_that_was_written,
];

const HEADER: &str = "customer_number,name,email,phone,language,region,birth_year,permissions\n";

/// A file that goes away with the test.
struct Paper(PathBuf);

impl Paper {
    fn new(rows: &[u8]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (process, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("sayso-import-{process}-{next}.csv"));
        std::fs::write(&path, [HEADER.as_bytes(), rows].concat()).unwrap();
        Self(path)
    }

    fn rejects(&self) -> String {
        std::fs::read_to_string(self.0.with_extension("rejects.csv")).unwrap_or_default()
    }
}

impl Drop for Paper {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0.with_extension("rejects.csv"));
        let _ = std::fs::remove_file(&self.0);
    }
}

fn premises(portal: &TestPortal) -> Premises {
    Premises {
        store: portal.store().clone(),
        // The seed that the portal's own keys came from.
        vault: Vault::new(&Keys::generate(&SeededRandom::new(7))),
        clock: portal.clock.clone(),
        random: Arc::clone(&portal.service.random),
    }
}

async fn load(portal: &TestPortal, paper: &Paper) -> Report {
    import(&premises(portal), &Import::quiet(paper.0.clone())).await.unwrap()
}

pub async fn loads(portal: &TestPortal, rows: &str) -> Report {
    load(portal, &Paper::new(rows.as_bytes())).await
}

/// Who is known by a customer number.
async fn person(portal: &TestPortal, number: &str) -> PersonId {
    let digests = portal.service.vault.lookup(IdentifierKind::Customer, number);
    let digests: Vec<_> = digests.into_iter().map(|known| known.digest).collect();
    let found = portal.store().list_people_by_digest(&digests).await.unwrap();
    assert_eq!(found.len(), 1, "{number} is one person");
    PersonId(found[0])
}

async fn allows(portal: &TestPortal, number: &str, target: &str) -> bool {
    let history = portal.store().list_choices(person(portal, number).await).await.unwrap();
    let notice = portal.service.notices.current();
    let now = portal.service.clock.now();
    let preferences = Preferences::fold(&history);
    let person = Standpoint::default();
    decide(&notice.catalogue, &preferences, person, &target.parse().unwrap(), now).allowed
}

async fn customers_are_added_with_their_permissions(portal: &TestPortal) {
    let report = loads(
        portal,
        "A-1,Ann Lee,ann@example.com,+44 20 7946 0101,en,GB-ENG,1984,message:trips/email=yes\n\
         A-2,\"Bo, Jr\",BO@example.com,,de,DE-BY,,message:offers/email=no share:advertising/adlane=no\n\
         A-3,,,,,,,\n",
    )
    .await;
    assert_eq!((report.read, report.added, report.recorded, report.rejected), (3, 3, 3, 0));
    assert!(allows(portal, "A-1", "message:trips/email").await);
    assert!(!allows(portal, "A-2", "message:trips/email").await);
    assert!(!allows(portal, "A-2", "message:offers/email").await);
    assert!(!allows(portal, "A-2", "share:advertising/adlane").await);
    let choices = portal.store().list_choices(person(portal, "A-2").await).await.unwrap();
    assert!(choices.iter().all(|choice| choice.entry.source == Source::Import));
    assert_eq!(portal.verifies().await, Ok(Position(3)));
}

async fn who_opted_out_stays_out_whatever_the_file_says(portal: &TestPortal) {
    loads(portal, "A-1,Ann,ann@example.com,,en,,,message:offers/email=no\n").await;
    let report = loads(
        portal,
        "A-1,Ann,ann@example.com,,en,,,message:offers/email=yes message:trips/email=yes\n",
    )
    .await;
    assert_eq!((report.kept_out, report.recorded), (1, 1));
    assert!(!allows(portal, "A-1", "message:offers/email").await);
    assert!(allows(portal, "A-1", "message:trips/email").await);
    let both = "A-9,,nine@example.com,,en,,,message:care/text=yes message:care/text=no\n";
    loads(portal, both).await;
    assert!(!allows(portal, "A-9", "message:care/text").await, "a no beside a yes wins");
}

async fn somebody_who_opted_out_before_we_knew_them_is_adopted_and_stays_out(portal: &TestPortal) {
    portal.browser().opts_out_by_form("new@example.com", "everything").await;
    let report = loads(portal, "N-1,New One,New@Example.com,,en,,,message:trips/email=yes\n").await;
    assert_eq!((report.added, report.updated, report.kept_out), (0, 1, 1));
    for target in ["message:offers/email", "message:trips/email", "share:advertising/adlane"] {
        assert!(!allows(portal, "N-1", target).await, "{target}");
    }
}

async fn a_second_record_with_the_same_address_takes_the_opt_outs_over(portal: &TestPortal) {
    loads(portal, "A-1,Ann,ann@example.com,,en,,,marketing=no\n").await;
    let report = loads(portal, "A-2,Ann,ANN@example.com,,en,,,message:trips/email=yes\n").await;
    assert_eq!((report.added, report.carried), (1, 1));
    assert!(!allows(portal, "A-2", "message:offers/post").await);
    assert!(!allows(portal, "A-2", "message:trips/email").await);
    let within = loads(
        portal,
        "B-1,,b@example.com,,en,,,message:offers/email=no\nB-2,,b@example.com,,en,,,\n",
    )
    .await;
    assert_eq!(within.carried, 1, "also from an earlier row of the same file");
    assert!(!allows(portal, "B-2", "message:offers/email").await);
}

async fn a_changed_address_keeps_the_choices_of_the_person(portal: &TestPortal) {
    loads(portal, "A-1,Ann,ann@example.com,,en,,,message:offers/email=no\n").await;
    let report = loads(portal, "A-1,Ann,other@example.com,,en,,,\n").await;
    assert_eq!((report.added, report.updated), (0, 1));
    assert!(!allows(portal, "A-1", "message:offers/email").await);
    portal.browser().opts_out_by_form("other@example.com", "everything").await;
    assert!(!allows(portal, "A-1", "message:offers/post").await);
}

async fn a_dry_run_writes_nothing_and_predicts_what_the_run_does(portal: &TestPortal) {
    let rows = "A-1,Ann,ann@example.com,,en,,,message:trips/email=yes\n\
                A-1,Ann,ann@example.com,,en,,,message:trips/email=no\n\
                A-2,,not an address,,en,,,\n";
    let paper = Paper::new(rows.as_bytes());
    let dry = Import { dry_run: true, ..Import::quiet(paper.0.clone()) };
    let predicted = import(&premises(portal), &dry).await.unwrap();
    assert_eq!(portal.store().count_people().await.unwrap(), 0);
    assert_eq!(portal.verifies().await, Ok(Position(0)));
    assert_eq!(paper.rejects(), "");
    let done = load(portal, &paper).await;
    let same = |report: Report| Report { millis: 0, ..report };
    assert_eq!(same(predicted), same(done));
}

async fn a_bad_row_is_listed_by_its_number_without_personal_data_and_the_rest_goes_on(
    portal: &TestPortal,
) {
    let long = "x".repeat(20_000);
    let bad: Vec<Vec<u8>> = vec![
        b",No Number,a@example.com,,en,,,".to_vec(),
        b"R-2,Canary,canary-at-nowhere,,en,,,".to_vec(),
        b"R-3,Canary,,0000canary,en,,,".to_vec(),
        b"R-4,Canary,,,tlh,,,".to_vec(),
        b"R-5,Canary,,,en,Atlantis,,".to_vec(),
        b"R-6,Canary,,,en,,1066,".to_vec(),
        b"R-7,Canary,,,en,,,message:nothing/email=yes".to_vec(),
        b"R-8,Canary,,,en,,,everything=yes".to_vec(),
        b"R-9,Canary,,,en,,,message:offers/email=maybe".to_vec(),
        b"R-10,Canary\xff\xfe,,,en,,,".to_vec(),
        "R-11,Canary\u{202e}yranac,,,en,,,".as_bytes().to_vec(),
        b"R-12,Canary\0,,,en,,,".to_vec(),
        format!("R-13,{long},,,en,,,").into_bytes(),
        b"R-14,Canary,too,few".to_vec(),
        b"R-15,Canary,,,en,,,,,too,many".to_vec(),
    ];
    let mut rows = bad.join(&b'\n');
    rows.extend_from_slice(b"\nG-1,<script>alert(1)</script>,good@example.com,,en,,,\n");
    let paper = Paper::new(&rows);
    let report = load(portal, &paper).await;
    let rejects = paper.rejects();
    assert_eq!((report.rejected, report.added), (15, 1), "{rejects}");
    assert_eq!(rejects.lines().count(), 16, "one line of names and one a row: {rejects}");
    for number in 2..=16 {
        let lines = rejects.lines().filter(|line| line.starts_with(&format!("{number},")));
        assert_eq!(lines.count(), 1, "row {number}: {rejects}");
    }
    assert!(!rejects.to_lowercase().contains("canary"), "{rejects}");
    person(portal, "G-1").await;
}

async fn a_file_that_was_imported_is_not_imported_again(portal: &TestPortal) {
    let paper = Paper::new(b"A-1,Ann,ann@example.com,,en,,,\n");
    assert!(!load(portal, &paper).await.already);
    let again = load(portal, &paper).await;
    assert!(again.already && again.read == 0);
    let forced = Import { again: true, ..Import::quiet(paper.0.clone()) };
    let forced = import(&premises(portal), &forced).await.unwrap();
    assert_eq!((forced.read, forced.unchanged), (1, 1));
}

async fn an_import_goes_on_behind_the_last_block_that_was_written(portal: &TestPortal) {
    let rows: Vec<String> = (0..20_000)
        .map(|n| format!("C-{n},,c{n}@example.com,,en,,,message:trips/email=yes\n"))
        .collect();
    let rows = rows.concat();
    let paper = Paper::new(rows.as_bytes());
    let (premises, quiet) = (premises(portal), Import::quiet(paper.0.clone()));
    {
        // Stopped somewhere in the middle, as by a crash: whatever was not committed is gone.
        let running = import(&premises, &quiet);
        tokio::pin!(running);
        loop {
            let pause = std::time::Duration::from_millis(1);
            let ended = tokio::time::timeout(pause, &mut running).await;
            assert!(ended.is_err(), "it was over before it could be stopped");
            if portal.store().count_people().await.unwrap() > 0 {
                break;
            }
        }
    }
    let before = portal.store().count_people().await.unwrap();
    assert!(before < 20_000, "{before}");
    let report = load(portal, &paper).await;
    assert!(report.resumed_after > 0);
    assert_eq!(portal.store().count_people().await.unwrap(), 20_000);
    assert_eq!(portal.verifies().await, Ok(Position(20_000)));
}

async fn systems_hear_again_of_whoever_has_a_new_address(portal: &TestPortal) {
    const SYSTEM: &str = "mailer";
    loads(portal, "A-1,Ann,ann@example.com,,en,,,message:offers/email=no\n").await;
    let feed = async |after| portal.store().list_feed(SYSTEM, after, 10).await.unwrap();
    let told = feed(0).await;
    let [first] = told.as_slice() else { panic!("one choice is told") };
    loads(portal, "A-1,Anna,ann@example.com,,en,,,\n").await;
    assert!(feed(first.turn.unwrap()).await.is_empty(), "a new name is nothing to obey");
    let report = loads(portal, "A-1,Anna,anna@example.com,,en,,,\n").await;
    assert_eq!((report.updated, report.rejected), (1, 0));
    let again = feed(first.turn.unwrap()).await;
    assert_eq!(again.iter().map(|due| due.id).collect::<Vec<_>>(), [first.id]);
}
