//! The gate: what a decision costs, alone and by the million, with few people and with many.

use super::{
    business::{Business, Folder},
    crowd,
    figure::Figure,
    http::{Connection, get},
    load::{Contender, Plan, Summary, alternate},
    pages::CHOICES,
    running::{Running, timed},
};
use crate::{
    outcome::{OrStop, Outcome, Stop},
    process::{ask, run},
    progress::Progress,
    repository::Repository,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The steps of [`measure`].
pub const STEPS: usize = 6;

/// Few people, and many.
const FEW: u32 = 10_000;
const MILLION: u32 = 1_000_000;
const MANY: u32 = 10_000_000;

const PLAN: Plan = Plan { clients: 16, time: Duration::from_secs(1), numbers: u32::MAX };

/// Questions of one request in bulk.
const BULK: u32 = 2_000;

/// Customers whose choices go through the feed.
const FOLLOWED: u32 = 20_000;

/// Budget for the rate of a decision, in percent of the bare handler's.
const RATE_BUDGET: f64 = 60.0;
/// Budget for decisions a second on one core, in the process.
const CORE_BUDGET: f64 = 1_000_000.0;
/// Budget for the slowest hundredth with many people, in times of that with few.
const SLOWER_BUDGET: f64 = 1.5;

/// Measures everything.
pub fn measure(repository: &Repository, progress: &mut Progress) -> Outcome<Vec<Figure>> {
    let gate = progress.loud("Building the crowd", || compile(repository, "gate"))?;
    let bare = progress.loud("Building the bare handler", || compile(repository, "bare"))?;
    let folder = Folder::create(repository)?;
    let mut figures = progress.quiet("Deciding in the process", || decide(&gate))?;
    let crowds = progress.quiet("Filling the servers", || {
        Ok([Crowd::start(&gate, FEW)?, Crowd::start(&gate, MANY)?])
    })?;
    figures.extend(progress.quiet("Asking over HTTP", || race(&crowds, &bare, &folder))?);
    drop(crowds);
    figures.extend(progress.quiet("Following the feed", || follow(repository, &folder))?);
    Ok(figures)
}

fn compile(repository: &Repository, example: &str) -> Outcome<PathBuf> {
    let mut cargo = repository.cargo("build");
    cargo.args(["--package", "sayso", "--locked", "--release", "--example", example]);
    run(&mut cargo, "An example does not compile: the compiler says why, above.")?;
    let name = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    Ok(repository.target("release").join("examples").join(name))
}

/// Decisions in the process itself, and what the index takes.
fn decide(gate: &Path) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    for (people, called) in [(MILLION, "1 million"), (MANY, "10 million")] {
        let mut command = Command::new(gate);
        command.args(["measure", &people.to_string()]);
        let told = ask(&mut command, "measure the gate")?;
        let value = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|rest| rest.trim().parse::<f64>().ok());
            value.ok_or_else(|| Stop::new(format!("The gate says no `{name}`.")))
        };
        let memory = value("memory MB")? / (f64::from(people) / f64::from(MILLION));
        figures.extend([
            Figure::new(format!("{called} people: index filled"), value("fill seconds")?, "s"),
            Figure::new(format!("{called} people: memory per million"), memory, "MB"),
            Figure::new(
                format!("{called} people: decisions on one core"),
                value("decisions /s")?,
                "/s",
            )
            .at_least(CORE_BUDGET),
        ]);
    }
    Ok(figures)
}

/// A server with a crowd in memory.
struct Crowd {
    server: Running,
    people: u32,
    key: String,
    cookies: Vec<String>,
}

impl Crowd {
    fn start(gate: &Path, people: u32) -> Outcome<Self> {
        let server = Running::start(Command::new(gate).args(["serve", &people.to_string()]))?;
        let said = |word: &str| -> Vec<String> {
            let lines = server.said().iter();
            lines.filter_map(|line| line.strip_prefix(word)).map(str::to_owned).collect()
        };
        let key = said("key ").pop().ok_or_else(|| Stop::new("The crowd has no key."))?;
        let mut connection = server.connect()?;
        let mut cookies = Vec::new();
        for token in said("link ") {
            let answer = connection.ask(&get(&format!("/c/{token}"), ""))?;
            cookies.push(answer.cookie.ok_or_else(|| Stop::new("A link has opened no visit."))?);
        }
        Ok(Self { server, people, key, cookies })
    }

    fn question(&self, number: u32) -> String {
        let number = number.wrapping_mul(2_654_435_761) % self.people;
        format!(
            "{{\"person\":{{\"email\":\"customer-{number}@example.com\"}},\"target\":\"message:offers/email\"}}"
        )
    }

    fn post(&self, path: &str, kind: &str, body: &str, bytes: &mut Vec<u8>) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(body.as_bytes());
    }

    fn decision(&self, number: u32, bytes: &mut Vec<u8>) {
        self.post("/api/v1/decisions", "application/json", &self.question(number), bytes);
    }

    fn bulk(&self, number: u32, bytes: &mut Vec<u8>) {
        let lines: Vec<String> =
            (0..BULK).map(|line| self.question(number.wrapping_mul(BULK) + line)).collect();
        self.post("/api/v1/decisions/bulk", "application/x-ndjson", &lines.join("\n"), bytes);
    }

    fn page(&self, number: u32, bytes: &mut Vec<u8>) {
        let place = usize::try_from(number).unwrap_or_default() % self.cookies.len().max(1);
        let cookie = self.cookies.get(place).map_or("", String::as_str);
        bytes.extend_from_slice(&get(CHOICES, &format!("cookie: {cookie}\r\n")));
    }
}

fn race(crowds: &[Crowd; 2], bare: &Path, folder: &Folder) -> Outcome<Vec<Figure>> {
    let [few, many] = crowds;
    let mut bytes = Vec::new();
    few.decision(1, &mut bytes);
    let answer = few.server.connect()?.ask(&bytes)?;
    let file = folder.path("decision.json");
    fs::write(&file, &answer.body).or_stop_at("write", &file)?;
    let bare = Running::start(Command::new(bare).arg(&file))?;
    let ask_few = |number, bytes: &mut Vec<u8>| few.decision(number, bytes);
    let ask_many = |number, bytes: &mut Vec<u8>| many.decision(number, bytes);
    let see_few = |number, bytes: &mut Vec<u8>| few.page(number, bytes);
    let see_many = |number, bytes: &mut Vec<u8>| many.page(number, bytes);
    let bulk = |number, bytes: &mut Vec<u8>| many.bulk(number, bytes);
    let contenders = [
        Contender { server: &few.server, request: &ask_few },
        Contender { server: &many.server, request: &ask_many },
        Contender { server: &bare, request: &ask_few },
        Contender { server: &few.server, request: &see_few },
        Contender { server: &many.server, request: &see_many },
    ];
    let [few_asked, many_asked, bare_asked, few_seen, many_seen] = alternate(&contenders, &PLAN)?;
    let plan = Plan { clients: 2, ..PLAN };
    let [bulk] = alternate(&[Contender { server: &many.server, request: &bulk }], &plan)?;
    let mut figures = compare(&few_asked, &bare_asked);
    figures.extend(slower("decision", &few_asked, &many_asked));
    figures.extend(slower("page", &few_seen, &many_seen));
    let name = "decisions in bulk over HTTP, 10 million people";
    figures.push(Figure::new(name, bulk.rate * f64::from(BULK), "/s"));
    Ok(figures)
}

fn compare(decision: &Summary, bare: &Summary) -> Vec<Figure> {
    let share = 100.0 * decision.rate / bare.rate.max(1.0);
    let processor =
        decision.processor.map(|each| Figure::new("decision: server's CPU", each, "µs"));
    let figures = [
        Figure::new("decision: requests", decision.rate, "/s"),
        Figure::new("decision: bare handler", bare.rate, "/s"),
        Figure::new("decision: of the bare rate", share, "%").at_least(RATE_BUDGET),
    ];
    figures.into_iter().chain(processor).collect()
}

/// How much slower the slowest hundredth is with many people.
fn slower(name: &str, few: &Summary, many: &Summary) -> [Figure; 3] {
    let times = many.slowest / few.slowest.max(f64::MIN_POSITIVE);
    [
        Figure::new(format!("{name}: p99 with 10 thousand people"), few.slowest, "µs"),
        Figure::new(format!("{name}: p99 with 10 million people"), many.slowest, "µs"),
        Figure::new(format!("{name}: p99, many to few"), times, "×").at_most(SLOWER_BUDGET),
    ]
}

/// A reader that was away follows the feed from its beginning.
fn follow(repository: &Repository, folder: &Folder) -> Outcome<Vec<Figure>> {
    let business = Business::found(repository, folder.path("followed"))?;
    let file = folder.path("followed.csv");
    fs::write(&file, crowd::file(FOLLOWED)).or_stop_at("write", &file)?;
    business.import(&file)?;
    let key = business.key(&["--scope", "changes", "--system", "warehouse"])?;
    let server = business.serve(&[])?;
    let mut connection = server.connect()?;
    let (changes, seconds) = timed(|| read_all(&mut connection, &key))?;
    Ok(vec![
        Figure::new("feed: changes read", f64::from(changes), "changes"),
        Figure::new("feed: throughput, one reader", f64::from(changes) / seconds, "/s"),
    ])
}

fn read_all(connection: &mut Connection, key: &str) -> Outcome<u32> {
    let (mut after, mut count) = ("0".to_owned(), 0);
    loop {
        let path = format!("/api/v1/changes?limit=500&after={after}");
        let answer = connection.ask(&get(&path, &format!("authorization: Bearer {key}\r\n")))?;
        let text = String::from_utf8_lossy(&answer.body);
        let here = text.matches("\"delivery\":").count();
        if answer.status != 200 {
            return Err(Stop::new(format!("The feed was answered with {}.", answer.status)));
        }
        if here == 0 {
            return Ok(count);
        }
        count += u32::try_from(here).or_stop("count the changes")?;
        let next = text.rsplit_once("\"next\":").map(|(_, next)| next.trim_end_matches('}').trim());
        next.ok_or_else(|| Stop::new("The feed says not where to go on."))?.clone_into(&mut after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(rate: f64, slowest: f64) -> Summary {
        Summary { rate, processor: None, answered: 1, slowest }
    }

    #[test]
    fn a_decision_is_held_against_the_bare_handler() {
        let holds = |rate| compare(&summary(rate, 1.0), &summary(100.0, 1.0))[2].holds;
        assert_eq!((holds(60.0), holds(59.0)), (Some(true), Some(false)));
    }

    #[test]
    fn many_people_may_cost_half_as_much_again() {
        let holds = |slowest| slower("page", &summary(1.0, 100.0), &summary(1.0, slowest))[2].holds;
        assert_eq!((holds(150.0), holds(151.0)), (Some(true), Some(false)));
    }
}
