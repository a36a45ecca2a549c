//! The program itself, killed while the mail server is away: what it owed is sent by the next one.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "portal/support/sink.rs"]
#[expect(dead_code, reason = "this test's server behaves well")]
mod sink;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::Duration;

use server::ports::{Random, SystemRandom};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use sink::{Offer, Sink};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../example");

/// A running program, ended with the test.
struct Node {
    child: Child,
    out: BufReader<ChildStdout>,
    complaints: BufReader<ChildStderr>,
    address: String,
    token: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Node {
    fn starts(data: &Path, mail: u16) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .args(["serve", "--port", "0", "--example", EXAMPLE, "--data"])
            .arg(data)
            .args(["--confirmation-minutes", "0", "--mail-url"])
            .arg(format!("smtp://127.0.0.1:{mail}?tls=none"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let complaints = BufReader::new(child.stderr.take().unwrap());
        let (address, token) = (String::new(), String::new());
        let mut node = Self { child, out, complaints, address, token };
        while node.address.is_empty() {
            let mut line = String::new();
            assert_ne!(node.out.read_line(&mut line).unwrap(), 0, "it ended");
            let line = line.trim();
            if let Some((_, token)) = line.split_once("/c/") {
                token.clone_into(&mut node.token);
            }
            if let Some(address) = line.strip_prefix("Listening on http://") {
                address.clone_into(&mut node.address);
            }
        }
        node
    }

    /// Posts a form; says how it was answered.
    async fn posts(&self, path: &str, form: &str) -> String {
        let mut wire = TcpStream::connect(&self.address).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        wire.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        wire.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Waits until it has said something so often.
    fn complains(&mut self, of: &str, times: usize) {
        let mut heard = 0;
        while heard < times {
            let mut line = String::new();
            assert_ne!(self.complaints.read_line(&mut line).unwrap(), 0, "it ended");
            assert!(!line.contains('@'), "L-17: {line}");
            heard += usize::from(line.contains(of));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_program_owed_is_sent_by_the_next() {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes);
    let folder =
        std::env::temp_dir().join(format!("sayso-mail-{:016x}", u64::from_be_bytes(bytes)));
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut node = Node::starts(&folder, port);
    let first = first_customer();
    let one_click = format!("/u/{}/offers/email", node.token);
    assert_eq!(node.posts(&one_click, "List-Unsubscribe=One-Click").await, "200");
    let form = format!("contact={}", first.replace('@', "%40").replace('+', "%2B"));
    assert_eq!(node.posts("/do/send-code", &form).await, "303");
    // Both were tried in vain; then the program is killed.
    let mut node = tokio::task::spawn_blocking(move || {
        node.complains("sent again", 2);
        node
    })
    .await
    .unwrap();
    node.child.kill().unwrap();
    node.child.wait().unwrap();
    let sink = Sink::opens_at(port, Offer::Nothing).await;
    let _next = Node::starts(&folder, port);
    let mut subjects = BTreeSet::new();
    for _ in 0..600 {
        for message in sink.received() {
            assert_eq!(message.to, first);
            assert!(subjects.insert(message.field("Subject").unwrap()), "sent twice");
        }
        if subjects.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let expected = ["Northwind Outdoor: your choices are saved", "Your code for Northwind Outdoor"];
    assert_eq!(subjects, expected.map(ToOwned::to_owned).into());
    drop(std::fs::remove_dir_all(&folder));
}

/// The example's first customer, whose link the program prints.
fn first_customer() -> String {
    let mut rows = csv::Reader::from_path(format!("{EXAMPLE}/customers.csv")).unwrap();
    let column = rows.headers().unwrap().iter().position(|name| name == "email").unwrap();
    rows.records().next().unwrap().unwrap()[column].to_lowercase()
}
