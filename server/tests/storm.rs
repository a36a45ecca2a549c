//! Killed in the middle of a storm of saves, fifty times: every choice that was answered is there.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stdout, reason = "the figure is worth reading")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use domain::Moment;
use server::keys::Keys;
use server::notices::publish;
use server::ports::SystemRandom;
use server::store::{NewPerson, Store};
use server::vault::{Vault, token_digest};
use uuid::Uuid;

const KILLS: u64 = 50;
const CLIENTS: usize = 16;
const PEOPLE: u128 = 40_000;

/// A store with people whose links are known.
async fn furnish(folder: &Path) -> Vec<(Uuid, String)> {
    let keys = Keys::generate(&SystemRandom);
    keys.write_new(&folder.join("keys.toml")).unwrap();
    let vault = Vault::new(&keys);
    let store = Store::open(&url(folder)).await.unwrap();
    let source = include_str!("../../example/catalogue.toml");
    publish(&store, source, Moment(1)).await.unwrap();
    let ids: Vec<Uuid> = (1..=PEOPLE).map(Uuid::from_u128).collect();
    let people: Vec<_> = ids.iter().map(|id| NewPerson::unknown(*id, Moment(1))).collect();
    let mut group = store.begin_group().await.unwrap();
    group.insert_people(&people).await.unwrap();
    group.commit().await.unwrap();
    let tokens: Vec<_> = ids.iter().map(|id| (*id, vault.link_token(*id, 0))).collect();
    let links: Vec<_> =
        tokens.iter().map(|(id, token)| (token_digest(token).unwrap(), *id, 0)).collect();
    store.insert_links(&links).await.unwrap();
    store.close().await;
    tokens
}

fn url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("sayso.db").display())
}

/// Starts the real program and waits until it listens.
fn start(folder: &Path) -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(["serve", "--port", "0", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line =
        lines.find_map(|line| line.ok()?.strip_prefix("Listening on http://").map(str::to_owned));
    (server, line.expect("the server says where it listens"))
}

/// One client's one-click posts until the server is gone. Each answered person is noted.
fn storm(
    address: &str,
    people: &[(Uuid, String)],
    next: &AtomicUsize,
    over: &AtomicBool,
    answered: &Mutex<BTreeSet<Uuid>>,
) {
    let Ok(mut stream) = TcpStream::connect(address) else { return };
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let body = "List-Unsubscribe=One-Click";
    while !over.load(Ordering::Relaxed) {
        let Some((person, token)) = people.get(next.fetch_add(1, Ordering::Relaxed)) else {
            return;
        };
        let request = format!(
            "POST /u/{token}/offers/email HTTP/1.1\r\nhost: {address}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(request.as_bytes()).is_err() || !is_ok(&mut stream) {
            return;
        }
        answered.lock().unwrap().insert(*person);
    }
}

/// Whether a whole answer came and said 200.
fn is_ok(stream: &mut TcpStream) -> bool {
    let mut answer = Vec::new();
    let mut part = [0; 2048];
    loop {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return false,
            Ok(count) => answer.extend_from_slice(&part[..count]),
        }
        if answer.ends_with(b"\r\n\r\nDone.\n") {
            return answer.starts_with(b"HTTP/1.1 200");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answered_choice_survives_fifty_kills_and_the_chain_verifies() {
    let folder = std::env::temp_dir().join(format!("sayso-storm-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let people = furnish(&folder).await;
    let (next, answered) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
    for round in 0..KILLS {
        let (mut server, address) = start(&folder);
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| storm(&address, &people, &next, &over, &answered));
            }
            // A different moment of the storm each time.
            thread::sleep(Duration::from_millis(20 + round * 37 % 230));
            server.kill().unwrap();
            over.store(true, Ordering::Relaxed);
        });
        server.wait().unwrap();
    }
    let answered = answered.into_inner().unwrap();
    println!("{KILLS} kills, {} answered choices", answered.len());
    assert!(answered.len() > 500, "the storm was a breeze: {}", answered.len());
    let store = Store::open(&url(&folder)).await.unwrap();
    for person in &answered {
        let choices = store.list_choices(domain::PersonId(*person)).await.unwrap();
        assert_eq!(choices.len(), 1, "an answered choice is missing or was made twice");
    }
    store.close().await;
    let verified = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(["ledger", "verify", "--data"])
        .arg(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.starts_with("The ledger is whole"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}
