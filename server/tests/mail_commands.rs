//! Mail on the command line: header fields, the check before a campaign, the pipe from a mail
//! server, requests.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use domain::choice::Actor;
use domain::{Choice, Position, Source};
use list_unsubscribe::{UnsubscribeMethod, parse_with_post};
use server::store::Store;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../example");
const REPLY: &str = include_str!("portal/mails/apple_reply.eml");
const QUESTION: &str = include_str!("portal/mails/question.eml");

/// An installation in a folder of its own, gone when the test ends.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sayso-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let place = Self(folder);
        place.does(&["catalogue", "publish", &format!("{EXAMPLE}/catalogue.toml")]);
        let customers = place.0.join("customers.csv");
        let rows = "customer_number,name,email,phone,language,region,birth_year,permissions\n\
                    N-1,Mira,mira@example.com,,en,,,\n";
        std::fs::write(&customers, rows).unwrap();
        place.does(&["people", "import", customers.to_str().unwrap()]);
        place
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(arguments).arg("--data").arg(&self.0);
        command
    }

    fn runs(&self, arguments: &[&str]) -> (Option<i32>, String) {
        read(&self.command(arguments).output().unwrap())
    }

    fn does(&self, arguments: &[&str]) -> String {
        let (status, said) = self.runs(arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
        said
    }

    async fn store(&self) -> Store {
        let url = format!("sqlite:{}", self.0.join("sayso.db").display());
        Store::open(&url).await.unwrap()
    }

    /// Letters on their way: kind and how many.
    async fn letters(&self) -> Vec<(String, i64)> {
        let rows = self.store().await.count_open_letters().await.unwrap();
        rows.into_iter().map(|row| (row.kind, row.count)).collect()
    }

    /// Everything in the ledger.
    async fn choices(&self) -> Vec<Choice> {
        let rows = self.store().await.list_ledger(Position(0), i64::MAX).await.unwrap();
        rows.into_iter().map(|row| row.unwrap().choice).collect()
    }

    fn receives(&self, more: &[&str], message: &[u8]) -> (Option<i32>, String) {
        self.pipes(&[&["mail", "receive"], more].concat(), message)
    }

    fn pipes(&self, arguments: &[&str], message: &[u8]) -> (Option<i32>, String) {
        let mut command = self.command(arguments);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        child.stdin.take().unwrap().write_all(message).unwrap();
        read(&child.wait_with_output().unwrap())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn read(output: &Output) -> (Option<i32>, String) {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8_lossy(&both).into_owned())
}

const BASE: [&str; 2] = ["--base-url", "https://privacy.northwind.example"];

#[test]
fn the_printed_fields_are_a_one_click_unsubscribe() {
    let place = Place::new("headers");
    let said = place.does(&["headers", "mira@example.com", "--topic", "offers", BASE[0], BASE[1]]);
    let lines: Vec<&str> = said.lines().collect();
    let field = lines[0].strip_prefix("List-Unsubscribe: ").unwrap();
    let post = lines[1].strip_prefix("List-Unsubscribe-Post: ").unwrap();
    let read = parse_with_post(field, Some(post));
    assert!(matches!(read, UnsubscribeMethod::OneClick { .. }), "{said}");
    for (arguments, status) in [
        (["headers", "nobody@example.com", "--topic", "offers"], 1),
        (["headers", "mira@example.com", "--topic", "parties"], 2),
        (["headers", "no address", "--topic", "offers"], 2),
    ] {
        let (ended, said) = place.runs(&[&arguments[..], &BASE].concat());
        assert_eq!(ended, Some(status), "{said}");
    }
}

#[test]
fn a_pipe_keeps_a_reply_and_asks_again_when_it_cannot() {
    let place = Place::new("receive");
    assert_eq!(place.receives(&[], REPLY.as_bytes()).0, Some(0));
    assert_eq!(place.receives(&[], REPLY.as_bytes()).0, Some(0), "twice");
    let verified = place.does(&["ledger", "verify"]);
    assert!(verified.contains('1'), "{verified}");
    assert_eq!(place.receives(&[], b" \r\n").0, Some(65));
    let large = [REPLY.as_bytes(), &vec![b'x'; 5_000_000]].concat();
    assert_eq!(place.receives(&[], &large).0, Some(0), "read to its end");
    let away = ["--database-url", "postgres://nobody@127.0.0.1:1/away"];
    let (status, said) = place.receives(&away, REPLY.as_bytes());
    assert_eq!(status, Some(75), "{said}");
    let locked = ["--database-url", "sqlite:/nowhere/sayso.db"];
    assert_eq!(place.receives(&locked, REPLY.as_bytes()).0, Some(75));
}

#[tokio::test]
async fn a_reply_that_stops_something_is_confirmed_by_the_portal_that_serves() {
    let place = Place::new("confirmed");
    assert_eq!(place.receives(&[], REPLY.as_bytes()).0, Some(0));
    assert_eq!(place.letters().await, [("confirmation".to_owned(), 1)]);
}

#[tokio::test]
async fn what_staff_write_down_stops_at_once_and_is_confirmed() {
    let place = Place::new("opt-out");
    let list = place.0.join("list.csv");
    std::fs::write(&list, "email\nmira@example.com\n").unwrap();
    let may = |target: &str| {
        let filter = ["gate", "filter", list.to_str().unwrap(), "--target", target];
        let said = place.does(&filter);
        assert!(said.contains("1 in"), "{said}");
        said.contains("mira@example.com")
    };
    let (email, post) = ("message:offers/email", "message:offers/post");
    assert!(may(email) && may(post));
    let said = place.does(&[
        "opt-out",
        "Mira@Example.com",
        "--by",
        "post",
        "--at",
        "2026-01-05T09:00:00Z",
        "--target",
        email,
        "--target",
        "purpose:advertising",
    ]);
    assert!(said.contains("Offers and new products by email: stopped."), "{said}");
    let number = said.lines().last().unwrap().rsplit_once(' ').unwrap().1.to_owned();
    assert!(!may(email) && may(post));
    let choices = place.choices().await;
    let told = |choice: &Choice| {
        let entry = &choice.entry;
        (entry.target.to_string(), entry.source, entry.actor, entry.reference.to_string())
    };
    let row = |target: &str| (target.to_owned(), Source::StaffPost, Actor::Staff, number.clone());
    assert_eq!(
        choices.iter().map(told).collect::<Vec<_>>(),
        [row(email), row("purpose:advertising")]
    );
    assert_eq!(choices[0].entry.at.0, 1_767_603_600_000, "when it was posted");
    assert_eq!(place.letters().await, [("confirmation".to_owned(), 1)]);
    let again = place.does(&["opt-out", "mira@example.com", "--by", "phone", "--target", email]);
    assert_eq!(again, "Offers and new products by email: it was so already.\n");
    place.does(&["opt-out", "--customer", "N-1", "--by", "phone", "--pause", "90"]);
    assert!(!may(post));
    place.does(&["opt-out", "+44 20 7946 0018", "--by", "in-person", "--target", "everything"]);
    assert_eq!(place.choices().await.len(), 4);
    assert!(place.does(&["ledger", "verify"]).starts_with("The ledger is whole"));
}

#[test]
fn what_staff_can_t_stop_is_told_and_holds_back_nothing_else() {
    let place = Place::new("opt-out-bad");
    let mira = ["opt-out", "mira@example.com", "--by", "phone"];
    let stop = |more: &[&str]| place.runs(&[&mira[..], more].concat());
    let (status, said) =
        stop(&["--target", "message:horoscopes/email", "--target", "message:offers/email"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("horoscopes/email (it is not in the register)"), "{said}");
    assert!(said.contains("Offers and new products by email: stopped."), "{said}");
    assert_eq!(stop(&["--pause", "367"]).0, Some(1));
    assert_eq!(stop(&["--pause", "0"]).0, Some(2));
    for (arguments, word) in [
        (&["opt-out", "mira", "--by", "phone", "--target", "marketing"][..], "person"),
        (&["opt-out", "--by", "phone", "--target", "marketing"], "CONTACT"),
        (&["opt-out", "mira@example.com", "--target", "marketing"], "--by"),
        (&["opt-out", "mira@example.com", "--by", "fax", "--target", "marketing"], "fax"),
        (&["opt-out", "mira@example.com", "--by", "phone"], "--target"),
        (&["opt-out", "mira@example.com", "--by", "phone", "--target", "x"], "x"),
        (
            &[
                "opt-out",
                "mira@example.com",
                "--by",
                "phone",
                "--target",
                "marketing",
                "--at",
                "2199-01-01T00:00:00Z",
            ],
            "future",
        ),
        (
            &[
                "opt-out",
                "mira@example.com",
                "--by",
                "post",
                "--pause",
                "30",
                "--at",
                "2026-01-05T09:00:00Z",
            ],
            "over already",
        ),
    ] {
        let (status, said) = place.runs(arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(word) && said.trim().lines().count() == 1, "{said}");
    }
}

#[test]
fn a_request_is_listed_shown_and_closed() {
    let place = Place::new("requests");
    assert_eq!(place.does(&["requests", "list"]), "No request waits for an answer.\n");
    assert_eq!(place.receives(&[], QUESTION.as_bytes()).0, Some(0));
    let listed = place.does(&["requests", "list"]);
    assert!(listed.contains("green") && !listed.contains("mira"), "{listed}");
    let number = listed.split_whitespace().next().unwrap().to_owned();
    let shown = place.does(&["requests", "show", &number]);
    assert!(shown.contains("mira@example.com") && shown.contains("about me"), "{shown}");
    let close =
        |more: &[&str]| place.runs(&[&["requests", "close", number.as_str()], more].concat());
    let denied = ["--nature", "access", "--response", "denied"];
    assert_eq!(close(&denied).0, Some(2), "without a basis");
    assert_eq!(close(&["--nature", "unclear", "--response", "granted"]).0, Some(2));
    assert_eq!(close(&["--nature", "access"]).0, Some(2), "without an answer");
    let (status, said) = close(&["--nature", "opt_out", "--response", "granted"]);
    assert_eq!(status, Some(1), "nothing was stopped");
    assert!(said.contains("/api/v1/choices") && said.contains("--customer"), "{said}");
    assert_eq!(close(&[&denied[..], &["--basis", "unverified"]].concat()).0, Some(0));
    assert_eq!(close(&[&denied[..], &["--basis", "unverified"]].concat()).0, Some(1), "once");
    assert_eq!(place.does(&["requests", "list"]), "No request waits for an answer.\n");
    assert!(place.does(&["requests", "list", "--all"]).contains("closed"));
    assert_eq!(place.runs(&["requests", "show", "0000-0000"]).0, Some(1));
    assert_eq!(place.runs(&["requests", "show", "x"]).0, Some(2));
}

#[tokio::test]
async fn a_request_is_closed_with_an_answer_or_stays_open() {
    let place = Place::new("answers");
    assert_eq!(place.receives(&[], QUESTION.as_bytes()).0, Some(0));
    let number = place.does(&["requests", "list"]).split_whitespace().next().unwrap().to_owned();
    let file = place.0.join("answer.txt");
    let granted = ["--nature", "access", "--response", "granted", "--answer"];
    let head = [&["requests", "close", number.as_str()][..], &granted].concat();
    let close = |answer: &[u8]| {
        std::fs::write(&file, answer).unwrap();
        place.runs(&[&head[..], &[file.to_str().unwrap()]].concat())
    };
    for (answer, word) in [
        (&b" \n"[..], "empty"),
        (&b"Gr\xfc\xdfe"[..], "UTF-8"),
        (&b"a\x1b[2Jb"[..], "control"),
        (&"x".repeat(8_001).into_bytes()[..], "8000"),
        (&"x".repeat(100_000).into_bytes()[..], "8000"),
    ] {
        let (status, said) = close(answer);
        assert_eq!(status, Some(65), "{said}");
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(place.runs(&[&head[..], &["/nowhere/answer"]].concat()).0, Some(2), "no file");
    assert!(place.does(&["requests", "list"]).contains(&number), "it is still open");
    assert!(place.letters().await.is_empty());
    let piped = place.pipes(&[&head[..], &["-"]].concat(), "Your address.\r\n".as_bytes());
    assert_eq!(piped.0, Some(0), "{}", piped.1);
    assert!(piped.1.contains("waits to be sent"), "{}", piped.1);
    assert_eq!(close(b"Your name.").0, Some(1), "once");
    assert_eq!(place.letters().await, [("answer".to_owned(), 1)]);
}

#[test]
fn a_check_tells_every_problem_and_ends_with_3() {
    let place = Place::new("check");
    let file = place.0.join("message.eml");
    std::fs::write(&file, REPLY).unwrap();
    let check = ["mail", "check", file.to_str().unwrap(), "--offline", BASE[0], BASE[1]];
    let (status, said) = place.runs(&check);
    assert_eq!(status, Some(3), "{said}");
    for word in ["header: ", "dkim: ", "link: ", "list: "] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(said.ends_with("problems\n"), "{said}");
    std::fs::write(&file, "").unwrap();
    assert_eq!(place.runs(&check).0, Some(2), "no message");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(place.runs(&check).0, Some(2), "no file");
    std::fs::write(&file, REPLY).unwrap();
    let key = [&check[..], &["--dkim-key-file", file.to_str().unwrap()]].concat();
    assert_eq!(place.runs(&key).0, Some(2), "no key");
}

#[test]
fn a_portal_with_doors_half_configured_does_not_start() {
    let place = Place::new("doors");
    for arguments in [
        &["serve", "--imap-server", "mail.example.com"][..],
        &["serve", "--imap-server", "mail.example.com", "--imap-user", "replies"],
        &["serve", "--imap-server", "host:port", "--imap-user", "u", "--imap-password", "p"],
        &["serve", "--unsubscribe-mailbox", "no address"],
        &["serve", "--unsubscribe-mailbox", "a+b@example.com"],
        &["serve", "--revoke-all", "perhaps"],
        &["serve", "--imap-seconds", "1"],
    ] {
        let (status, said) = place.runs(arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
    let (status, said) = place.runs(&["serve", "--text-token-file", "/nowhere/token"]);
    assert_eq!(status, Some(1), "{said}");
}
