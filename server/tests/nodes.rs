//! Two nodes on one PostgreSQL, one of them killed now and then: what either answered is obeyed
//! by the other within a second, and nothing is lost, doubled or out of order.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stdout, reason = "the figure is worth reading")]

#[path = "portal/support/place.rs"]
#[expect(dead_code, reason = "this test needs a database and nothing else of it")]
mod place;
#[path = "portal/support/receiver.rs"]
#[expect(dead_code, reason = "this test needs fewer manners")]
mod receiver;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use domain::contact::IdentifierKind;
use domain::delivery::State;
use domain::{Moment, PersonId, Position};
use receiver::{Heard, Manner, Receiver};
use serde_json::{Value, json};
use server::api::keyring::{Grant, make};
use server::api::scope::Scope;
use server::keys::Keys;
use server::notices::publish;
use server::ports::{Clock, Random, SystemClock, SystemRandom};
use server::store::{DeliveryFilter, LedgerRow, NewIdentifier, NewPerson, Store};
use server::tell::new_secret;
use server::vault::{Vault, token_digest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

const KILLS: usize = 5;
const CLIENTS: usize = 6;
const PEOPLE: u128 = 4_000;
/// Within this, a choice that one node answered is obeyed by the other (requirement A-03).
const OBEYED: Duration = Duration::from_secs(1);
const SYSTEM: &str = "warehouse";
/// The system that is told by webhooks, of every choice about email.
const MAILER: &str = "mailer";
/// Within this, every webhook was taken, the ones that a killed node had in its hands too.
const TOLD: Duration = Duration::from_mins(1);

/// What a person opts out of; the system with the feed is concerned by the first alone.
const CHOICES: [(&str, &str); 4] = [
    ("offers/email", "message:offers/email"),
    ("reviews/email", "message:reviews/email"),
    ("care/email", "message:care/email"),
    ("care/text", "message:care/text"),
];

struct Customer {
    id: Uuid,
    email: String,
    token: String,
    choice: (&'static str, &'static str),
}

/// Both nodes, and what they stand on.
struct Cluster {
    folder: PathBuf,
    url: String,
    key: String,
    addresses: [RwLock<String>; 2],
}

/// A node at work; it ends with the test, however that ends.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What the storm has seen.
#[derive(Default)]
struct Storm {
    next: AtomicUsize,
    over: AtomicBool,
    answered: Mutex<BTreeSet<Uuid>>,
    asked: AtomicU64,
    slowest: AtomicU64,
}

fn random(below: usize) -> usize {
    let mut bytes = [0; 4];
    SystemRandom.fill(&mut bytes);
    usize::try_from(u32::from_be_bytes(bytes)).unwrap() % below
}

/// The example's register, with a feed that a fourth of the choices concerns.
fn catalogue(hook: &str) -> String {
    let source = include_str!("../../example/catalogue.toml");
    let address = "https://hooks.mailer.example/sayso";
    assert!(source.contains(address));
    let source = source.replace(address, hook);
    let serves = "serves = [\"profiling:recommendations\", ";
    assert!(source.contains(serves));
    source.replace(serves, &format!("{serves}\"{}\", ", CHOICES[0].1))
}

/// A store with people whose links and addresses are known, a key, and the secret of the webhooks
/// that go to `hook`.
async fn furnish(folder: &Path, url: &str, hook: &str) -> (Vec<Customer>, String, String) {
    let keys = Keys::generate(&SystemRandom);
    keys.write_new(&folder.join("keys.toml")).unwrap();
    let vault = Vault::new(&keys);
    let store = Store::open(url).await.unwrap();
    publish(&store, &catalogue(hook), Moment(1)).await.unwrap();
    let customer = |number: u128| {
        let id = Uuid::from_u128(number);
        Customer {
            id,
            email: format!("c{number}@example.com"),
            token: vault.link_token(id, 0),
            choice: CHOICES[usize::try_from(number).unwrap() % CHOICES.len()],
        }
    };
    let customers: Vec<_> = (1..=PEOPLE).map(customer).collect();
    let people: Vec<_> =
        customers.iter().map(|one| NewPerson::unknown(one.id, Moment(1))).collect();
    let known = customers.iter().map(|one| {
        let current = vault.lookup(IdentifierKind::Email, &one.email).swap_remove(0);
        NewIdentifier {
            digest: current.digest,
            person_id: one.id,
            kind: IdentifierKind::Email.as_str(),
            key_id: i64::from(current.key_id),
            cipher: Some(vault.seal(IdentifierKind::Email.as_str(), &one.email, &SystemRandom)),
            created_at: 1,
        }
    });
    let mut group = store.begin_group().await.unwrap();
    group.insert_people(&people).await.unwrap();
    group.insert_identifiers(&known.collect::<Vec<_>>()).await.unwrap();
    group.commit().await.unwrap();
    let links: Vec<_> =
        customers.iter().map(|one| (token_digest(&one.token).unwrap(), one.id, 0)).collect();
    store.insert_links(&links).await.unwrap();
    let grant = Grant {
        name: "test".into(),
        scopes: vec![Scope::Decide, Scope::Changes],
        targets: Vec::new(),
        system: Some(SYSTEM.parse().unwrap()),
    };
    let (key, row) = make(&grant, Moment(1), &SystemRandom);
    store.insert_api_key(&row).await.unwrap();
    let (secret, sealed) = new_secret(MAILER, &vault, &SystemRandom);
    assert!(store.record_secret(MAILER, &sealed, false, 1).await.unwrap());
    store.close().await;
    (customers, key, secret)
}

/// The status and the body of an answer; nothing if none came whole.
async fn exchange(address: &str, request: &str) -> Option<(u16, String)> {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let answer = String::from_utf8(answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        let whole = length.parse() == Ok(body.len());
        whole.then(|| Some((head.get(9..12)?.parse().ok()?, body.to_owned())))?
    };
    timeout(Duration::from_secs(10), talk).await.ok().flatten()
}

impl Cluster {
    /// Starts the real program and waits until it listens.
    fn start(&self, node: usize) -> Node {
        let mut server = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .args(["serve", "--port", "0", "--api-rate", "0", "--database-url", &self.url])
            .args(["--allow-network", "127.0.0.0/8"])
            .arg("--data")
            .arg(&self.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| line.ok()?.strip_prefix("Listening on http://").map(str::to_owned));
        *self.addresses[node].write().unwrap() = address.expect("it says where it listens");
        Node(server)
    }

    async fn sends(&self, node: usize, first: &str, fields: &str, body: &str) -> (u16, String) {
        let address = self.addresses[node].read().unwrap().clone();
        let length = body.len();
        let request = format!(
            "{first} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{fields}\
             content-length: {length}\r\n\r\n{body}"
        );
        exchange(&address, &request).await.unwrap_or_default()
    }

    async fn opts_out(&self, node: usize, customer: &Customer) -> bool {
        let first = format!("POST /u/{}/{}", customer.token, customer.choice.0);
        let fields = "content-type: application/x-www-form-urlencoded\r\n";
        self.sends(node, &first, fields, "List-Unsubscribe=One-Click").await.0 == 200
    }

    /// What a node decides; nothing while it can't be asked.
    async fn decides(&self, node: usize, customer: &Customer) -> Option<Value> {
        let fields =
            format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", self.key);
        let body = json!({ "person": { "email": customer.email }, "target": customer.choice.1 });
        let body = body.to_string();
        let answer = self.sends(node, "POST /api/v1/decisions", &fields, &body).await;
        (answer.0 == 200).then(|| serde_json::from_str(&answer.1).unwrap())
    }

    /// The positions of the feed behind one, once a node answers.
    async fn reads_feed(&self, node: usize, after: i64) -> Option<Vec<i64>> {
        let first = format!("GET /api/v1/changes?after={after}&limit=200");
        let fields = format!("authorization: Bearer {}\r\n", self.key);
        let (status, body) = self.sends(node, &first, &fields, "").await;
        let answer: Value = (status == 200).then(|| serde_json::from_str(&body).unwrap())?;
        let changes = answer["changes"].as_array().unwrap();
        Some(changes.iter().map(|change| change["position"].as_i64().unwrap()).collect())
    }

    /// The whole feed of a node.
    async fn reads_whole_feed(&self, node: usize) -> Vec<i64> {
        let mut seen: Vec<i64> = Vec::new();
        loop {
            let more = self.reads_feed(node, seen.last().copied().unwrap_or(0)).await.unwrap();
            if more.is_empty() {
                return seen;
            }
            seen.extend(more);
        }
    }
}

impl Storm {
    /// Opts one after the other out at a random node, as often as it takes to be answered, and
    /// asks the other node about them until that denies.
    async fn blows(&self, cluster: &Cluster, customers: &[Customer]) {
        while !self.over.load(Ordering::Relaxed) {
            let Some(customer) = customers.get(self.next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            let mut node = random(2);
            while !cluster.opts_out(node, customer).await {
                // A mail client tries again; it may have been recorded the first time.
                sleep(Duration::from_millis(20)).await;
                node = random(2);
            }
            let answered = Instant::now();
            self.answered.lock().unwrap().insert(customer.id);
            self.is_obeyed(cluster, 1 - node, customer, answered).await;
        }
    }

    async fn is_obeyed(&self, cluster: &Cluster, node: usize, who: &Customer, since: Instant) {
        loop {
            let waited = since.elapsed();
            let Some(answer) = cluster.decides(node, who).await else {
                sleep(Duration::from_millis(20)).await;
                continue;
            };
            self.asked.fetch_add(1, Ordering::Relaxed);
            if answer["decision"] == "deny" {
                assert_eq!(answer["reason"], "opted_out", "{answer}");
                return;
            }
            assert!(waited < OBEYED, "still allowed {waited:?} after the opt-out: {answer}");
            let waited = u64::try_from(waited.as_millis()).unwrap();
            self.slowest.fetch_max(waited, Ordering::Relaxed);
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Follows the feed meanwhile, now here, now there.
    async fn is_followed(&self, cluster: &Cluster) -> Vec<i64> {
        let mut seen: Vec<i64> = Vec::new();
        while !self.over.load(Ordering::Relaxed) {
            let after = seen.last().copied().unwrap_or(0);
            seen.extend(cluster.reads_feed(random(2), after).await.unwrap_or_default());
            sleep(Duration::from_millis(50)).await;
        }
        seen
    }
}

/// Every answered choice is there once, and every choice has its deliveries.
async fn is_complete(url: &str, answered: &BTreeSet<Uuid>) -> Vec<i64> {
    let store = Store::open(url).await.unwrap();
    let rows = store.list_ledger(Position(0), i64::MAX).await.unwrap();
    let ledger: Vec<LedgerRow> = rows.into_iter().map(Result::unwrap).collect();
    let mut counts: BTreeMap<PersonId, usize> = BTreeMap::new();
    for row in &ledger {
        *counts.entry(row.choice.entry.person).or_default() += 1;
    }
    for person in answered {
        let count = counts.get(&PersonId(*person)).copied();
        assert_eq!(count, Some(1), "an answered choice is missing or was made twice");
    }
    let positions = |target: &'static str| {
        let of = ledger.iter().filter(move |row| row.choice.entry.target.to_string() == target);
        of.map(|row| row.choice.position.0)
    };
    let feed: Vec<i64> = positions(CHOICES[0].1).collect();
    let mut mails: Vec<i64> = CHOICES[..3].iter().flat_map(|(_, name)| positions(name)).collect();
    mails.sort_unstable();
    let texts: Vec<i64> = positions(CHOICES[3].1).collect();
    for (system, owed) in [(SYSTEM, &feed), (MAILER, &mails), ("texts-and-calls", &texts)] {
        let filter = DeliveryFilter { system: Some(system.into()), ..DeliveryFilter::default() };
        let rows = store.list_deliveries(&filter, (0, ""), i64::from(i32::MAX)).await.unwrap();
        let there: Vec<i64> = rows.iter().map(|row| row.position).collect();
        assert_eq!(&there, owed, "deliveries to {system}");
    }
    store.close().await;
    feed
}

/// Waits until every webhook was taken. What a killed node had in its hands stays with it for five
/// minutes; that those are over is said by hand, as `sayso deliveries replay` does.
async fn is_told(url: &str) {
    let store = Store::open(url).await.unwrap();
    let waits = DeliveryFilter {
        system: Some(MAILER.into()),
        state: Some(State::Queued),
        ..DeliveryFilter::default()
    };
    let since = Instant::now();
    loop {
        let rows = store.list_deliveries(&waits, (0, ""), 10).await.unwrap();
        if rows.is_empty() {
            break;
        }
        assert!(since.elapsed() < TOLD, "{rows:?} are not taken");
        sleep(Duration::from_secs(7)).await;
        store.record_replay(&waits, SystemClock.now().0).await.unwrap();
    }
    store.close().await;
}

/// What a receiver heard: each of these choices, under the one id that its delivery has.
async fn heard_each_under_one_id(url: &str, heard: &[Heard], secret: &str) -> usize {
    let mut ids: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for post in heard {
        assert!(post.verifies(secret));
        let position = post.json()["data"]["position"].as_i64().unwrap();
        ids.entry(position).or_default().insert(post.id().to_owned());
    }
    let store = Store::open(url).await.unwrap();
    let filter = DeliveryFilter { system: Some(MAILER.into()), ..DeliveryFilter::default() };
    let rows = store.list_deliveries(&filter, (0, ""), i64::from(i32::MAX)).await.unwrap();
    store.close().await;
    let owed: BTreeMap<i64, BTreeSet<String>> =
        rows.iter().map(|row| (row.position, BTreeSet::from([row.id.to_string()]))).collect();
    assert_eq!(ids, owed, "a webhook is missing or had two ids");
    owed.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_answered_the_other_obeys_within_a_second() {
    let Some(database) = place::Place::make(place::Engine::Postgres).await else { return };
    let folder = std::env::temp_dir().join(format!("sayso-nodes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let receiver = Receiver::opens().await;
    // Now and then it has troubles of its own.
    let troubles = [Manner::Says(500, "oops"), Manner::Says(204, ""), Manner::Says(503, "")];
    receiver.answers(troubles.into_iter().cycle().take(30));
    let (customers, key, secret) = furnish(&folder, database.url(), &receiver.url).await;
    let url = database.url().to_owned();
    let cluster = Arc::new(Cluster { folder, url, key, addresses: Default::default() });
    let (customers, storm) = (Arc::new(customers), Arc::new(Storm::default()));
    let mut nodes = [cluster.start(0), cluster.start(1)];
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let (storm, cluster) = (Arc::clone(&storm), Arc::clone(&cluster));
        let customers = Arc::clone(&customers);
        clients.push(tokio::spawn(async move { storm.blows(&cluster, &customers).await }));
    }
    let (also, there) = (Arc::clone(&storm), Arc::clone(&cluster));
    let follower = tokio::spawn(async move { also.is_followed(&there).await });
    for _ in 0..KILLS {
        sleep(Duration::from_millis(800 + u64::try_from(random(800)).unwrap())).await;
        let node = random(2);
        nodes[node].0.kill().unwrap();
        nodes[node].0.wait().unwrap();
        sleep(Duration::from_millis(u64::try_from(random(700)).unwrap())).await;
        nodes[node] = cluster.start(node);
    }
    sleep(Duration::from_secs(1)).await;
    storm.over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("whoever was answered is obeyed");
    }
    let told = follower.await.unwrap();
    let answered = storm.answered.lock().unwrap().clone();
    let (asked, slowest) = (&storm.asked, &storm.slowest);
    let count = answered.len();
    println!(
        "{KILLS} kills, {} answered, {asked:?} asked, last yes after {slowest:?} ms",
        answered.len()
    );
    assert!(count > 100, "the storm was a breeze: {count}");
    let feed = is_complete(&cluster.url, &answered).await;
    for node in 0..2 {
        assert_eq!(cluster.reads_whole_feed(node).await, feed, "the feed of node {node}");
    }
    assert!(feed.starts_with(&told), "a follower was told otherwise: {told:?}");
    is_told(&cluster.url).await;
    let posts = receiver.heard();
    let told = heard_each_under_one_id(&cluster.url, &posts, &secret).await;
    println!("{told} webhooks taken, of {} posted", posts.len());
    drop(nodes);
    let verified = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(["ledger", "verify", "--database-url", &cluster.url, "--data"])
        .arg(&cluster.folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.starts_with("The ledger is whole"), "{said}");
    std::fs::remove_dir_all(&cluster.folder).unwrap();
    database.clear().await;
}
