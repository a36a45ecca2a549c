//! Mail on the command line: header fields, the check before a campaign, the pipe from a mail
//! server, requests.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use list_unsubscribe::{UnsubscribeMethod, parse_with_post};

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
    let url = format!("sqlite:{}", place.0.join("sayso.db").display());
    let store = server::store::Store::open(&url).await.unwrap();
    assert!(store.count_open_letters().await.unwrap().is_empty());
    let piped = place.pipes(&[&head[..], &["-"]].concat(), "Your address.\r\n".as_bytes());
    assert_eq!(piped.0, Some(0), "{}", piped.1);
    assert!(piped.1.contains("waits to be sent"), "{}", piped.1);
    assert_eq!(close(b"Your name.").0, Some(1), "once");
    let letters = store.count_open_letters().await.unwrap();
    let kinds: Vec<_> = letters.iter().map(|row| (row.kind.as_str(), row.count)).collect();
    assert_eq!(kinds, [("answer", 1)]);
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
