//! The gate with a crowd that exists in memory alone, for `cargo xtask bench gate`.
//!
//! `gate measure PEOPLE` fills an index, decides on one core, and prints a line for each figure.
//! `gate serve PEOPLE` serves such an index: pages and decisions are answered from it, and the
//! database behind it is empty but for those who have a link. It prints a key, some links, and
//! the address that it listens on.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;

use domain::choice::Act;
use domain::contact::IdentifierKind;
use domain::decision::Standpoint;
use domain::preference::Step;
use domain::{Moment, Position, Preferences, Target};
use mimalloc::MiMalloc;
use server::api::Options;
use server::api::keyring::{Grant, make};
use server::api::scope::Scope;
use server::cli::{Failure, Premises, say};
use server::gate::{Judge, Subject};
use server::index::{Entered, Index, Prefix, Table, prefix};
use server::keys::Keys;
use server::notices::{Notices, publish};
use server::ports::{Clock, SystemClock, SystemRandom};
use server::store::{NewPerson, Store};
use server::telemetry::{LogForm, start_logging};
use server::vault::{Vault, token_digest};
use server::web::{Web, router};
use tokio::net::TcpListener;
use tokio::time::Instant;
use uuid::Uuid;

/// As `sayso` itself allocates.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const CATALOGUE: &str = include_str!("../../../example/catalogue.toml");
/// What is asked about.
const TARGET: &str = "message:offers/email";
/// Links that are made: as many customers look at their page in turn.
const LINKS: u32 = 64;
/// Decisions that are timed.
const DECISIONS: u32 = 3_000_000;
/// Random subjects among which the timed decisions go round.
const SUBJECTS: u32 = 200_000;

fn main() -> ExitCode {
    // As `sayso` itself does: what a request is noted by is part of its price.
    start_logging(LogForm::Text, None);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let people = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let outcome = match arguments.first().map(String::as_str) {
        Some("measure") => runtime.block_on(measure(people)),
        Some("serve") => runtime.block_on(serve(people)),
        _ => Err(Failure::usage("say `measure` or `serve`, and how many people")),
    };
    if let Err(failure) = outcome {
        say(failure);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn id(number: u32) -> Uuid {
    // The last bytes of an id are random: spread them like chance would.
    let mixed = u64::from(number).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Uuid::from_u64_pair(0x0190_0000_0000_7000 + u64::from(number), mixed | 1 << 63)
}

fn email(number: u32) -> String {
    format!("customer-{number}@example.com")
}

/// Half of the people chose nothing, the others one thing or two.
fn preferences(number: u32, targets: &[Target; 3]) -> Preferences {
    let acts: &[(usize, Act)] = match number % 4 {
        0 => &[(0, Act::Withdrawn)],
        1 => &[(1, Act::Granted), (2, Act::Withdrawn)],
        _ => &[],
    };
    Preferences::fold_steps(acts.iter().enumerate().map(|(place, (target, act))| Step {
        position: Position(i64::from(number) * 2 + i64::try_from(place).unwrap_or(0) + 1),
        target: &targets[*target],
        act: *act,
        at: Moment(1_750_000_000_000),
        voice: domain::Voice::Own,
    }))
}

/// A table of invented people, each known by an email address and a customer number.
fn table(people: u32, vault: &Vault) -> Result<Table, Failure> {
    let target = |text: &str| text.parse::<Target>().map_err(Failure::new);
    let targets = [target(TARGET)?, target("message:trips/email")?, target("sharing")?];
    let mut table = Table::default();
    table.begin(2 * usize::try_from(people).map_err(Failure::new)?);
    for number in 0..people {
        let (email, customer) = (email(number), format!("B-{number:08}"));
        let digests: Vec<Prefix> = vault
            .digests(IdentifierKind::Email, &email)
            .chain(vault.digests(IdentifierKind::Customer, &customer))
            .map(|digest| prefix(&digest))
            .collect();
        table.read(&Entered {
            id: id(number),
            preferences: &preferences(number, &targets),
            revision: 1,
            standpoint: Standpoint { birth_year: Some(1980) },
            language: None,
            digests: &digests,
        });
    }
    table.end();
    Ok(table)
}

/// Resident memory in megabytes; 0 where it can't be known.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1.024 / 1000.0
}

async fn measure(people: u32) -> Result<(), Failure> {
    let store = Store::open("sqlite::memory:").await.map_err(Failure::new)?;
    publish(&store, CATALOGUE, SystemClock.now()).await.map_err(Failure::new)?;
    let notices = Notices::load(store).await.map_err(Failure::new)?;
    let vault = Vault::new(&Keys::generate(&SystemRandom));
    let before = resident();
    let started = Instant::now();
    let table = table(people, &vault)?;
    say(format_args!("fill seconds {}", started.elapsed().as_secs_f64()));
    say(format_args!("memory MB {}", resident() - before));
    let judge = Judge::new(notices.current(), &vault, SystemClock.now(), Position(1));
    let target: Target = TARGET.parse().map_err(Failure::new)?;
    let stride = (people / SUBJECTS.min(people)).max(1);
    let subject = |number: u32| {
        let number = number.wrapping_mul(2_654_435_761) % SUBJECTS.min(people) * stride;
        Subject::read(IdentifierKind::Email, &email(number), "GB").map_err(Failure::new)
    };
    let subjects: Vec<Subject> = (0..SUBJECTS).map(subject).collect::<Result<_, _>>()?;
    let asked: Vec<(&Subject, &Target)> = subjects.iter().map(|who| (who, &target)).collect();
    let mut left = DECISIONS as usize;
    let started = Instant::now();
    while left > 0 {
        // As a list is filtered: a thousand rows at a time.
        for block in asked.chunks(1_000).take(left.div_ceil(1_000)) {
            black_box(judge.decide_all(&table, black_box(block)));
            left = left.saturating_sub(block.len());
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    say(format_args!("decisions /s {}", f64::from(DECISIONS) / seconds));
    Ok(())
}

async fn serve(people: u32) -> Result<(), Failure> {
    let data = std::env::temp_dir().join(format!("sayso-gate-{}", std::process::id()));
    std::fs::create_dir_all(&data).map_err(Failure::new)?;
    let url = format!("sqlite:{}", data.join("sayso.db").display());
    let store = Store::open(&url).await.map_err(Failure::new)?;
    let clock = Arc::new(SystemClock);
    publish(&store, CATALOGUE, clock.now()).await.map_err(Failure::new)?;
    let vault = Vault::new(&Keys::generate(&SystemRandom));
    let table = table(people, &vault)?;
    link(&store, &vault, people).await?;
    let grant = Grant {
        name: "bench".into(),
        scopes: vec![Scope::Decide],
        targets: Vec::new(),
        system: None,
    };
    let (key, row) = make(&grant, clock.now(), &SystemRandom);
    store.insert_api_key(&row).await.map_err(Failure::new)?;
    say(format_args!("key {key}"));
    let premises = Premises { store, vault, clock, random: Arc::new(SystemRandom) };
    let index = Arc::new(Index::of(table));
    let service = premises.assemble(&data, index, NonZeroUsize::MIN).await?;
    let service = Arc::new(server::service::Service { is_sole: true, ..service });
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::new)?;
    let address = listener.local_addr().map_err(Failure::new)?;
    say(format_args!("Listening on http://{address}"));
    let web = Web::new(service, &format!("http://{address}")).with_api(Options::default());
    axum::serve(listener, router(web)).await.map_err(Failure::new)
}

/// Gives some people a link.
async fn link(store: &Store, vault: &Vault, people: u32) -> Result<(), Failure> {
    let now = SystemClock.now();
    let some: Vec<u32> = (0..LINKS).map(|place| people / LINKS * place).collect();
    let mut group = store.begin_group().await.map_err(Failure::new)?;
    let rows: Vec<_> = some.iter().map(|n| NewPerson::unknown(id(*n), now)).collect();
    group.insert_people(&rows).await.map_err(Failure::new)?;
    group.commit().await.map_err(Failure::new)?;
    for number in some {
        let token = vault.link_token(id(number), 0);
        let digest = token_digest(&token).ok_or_else(|| Failure::new("a token has no digest"))?;
        store.insert_links(&[(digest, id(number), 0)]).await.map_err(Failure::new)?;
        say(format_args!("link {token}"));
    }
    Ok(())
}
