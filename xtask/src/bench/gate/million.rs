//! Millions of people in a database: how the server starts with them, and what a snapshot costs.

use super::{
    super::{
        business::{Business, Folder},
        crowd,
        figure::Figure,
        http::get,
        running::{Running, timed},
        start::memory,
    },
    MANY, MILLION,
};
use crate::{
    outcome::{OrStop, Outcome, Stop},
    progress::Stopwatch,
    repository::Repository,
};
use std::{fmt::Write, fs, io::BufWriter, thread::sleep, time::Duration};

/// What is asked about.
const TARGET: &str = "message:offers/email";
/// Budget for the time until the first answer, in seconds.
const START_BUDGET: f64 = 0.5;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// Longer than this for each million is no figure.
const PATIENCE: Duration = Duration::from_mins(2);

/// How many there are.
#[derive(Clone, Copy)]
pub enum Crowd {
    One,
    Ten,
}

impl Crowd {
    const fn people(self) -> u32 {
        match self {
            Self::One => MILLION,
            Self::Ten => MANY,
        }
    }

    const fn called(self) -> &'static str {
        match self {
            Self::One => "1 million",
            Self::Ten => "10 million",
        }
    }

    const fn folder(self) -> &'static str {
        match self {
            Self::One => "million",
            Self::Ten => "ten-million",
        }
    }
}

/// Loads them. That takes minutes, so what was loaded is kept for the next run.
pub fn load(repository: &Repository, folder: &Folder, crowd: Crowd) -> Outcome<Business> {
    let kept = repository.target("bench").join(crowd.folder());
    let complete = kept.join("complete");
    if complete.exists() {
        return Ok(Business::open(repository, kept));
    }
    if kept.exists() {
        fs::remove_dir_all(&kept).or_stop_at("remove", &kept)?;
    }
    let business = Business::found(repository, kept)?;
    let file = folder.path("people.csv");
    let out = fs::File::create(&file).or_stop_at("create", &file)?;
    crowd::write(crowd.people(), &mut BufWriter::new(out)).or_stop_at("write", &file)?;
    business.import(&file)?;
    fs::remove_file(&file).or_stop_at("remove", &file)?;
    fs::write(&complete, "").or_stop_at("write", &complete)?;
    Ok(business)
}

/// Starts the server, asks it at once, and waits until its index is whole.
pub fn start(business: &Business, crowd: Crowd) -> Outcome<(Running, Vec<Figure>)> {
    let patience = PATIENCE * (crowd.people() / MILLION);
    let key = business.key(&["--scope", "decide"])?;
    let question =
        format!("{{\"person\":{{\"email\":\"customer-77@example.com\"}},\"target\":\"{TARGET}\"}}");
    let request = format!(
        "POST /api/v1/decisions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{question}",
        question.len()
    );
    let watch = Stopwatch::start();
    let server = business.serve(&["--metrics-open"])?;
    let status = server.connect()?.status(request.as_bytes())?;
    let first = watch.elapsed().as_secs_f64();
    if status != 200 {
        return Err(Stop::new(format!("The first decision was answered with {status}.")));
    }
    let mut connection = server.connect()?;
    loop {
        let answer = connection.ask(&get("/metrics", ""))?;
        if String::from_utf8_lossy(&answer.body).lines().any(|line| line == "sayso_index_whole 1") {
            break;
        }
        if watch.elapsed() > patience {
            return Err(Stop::new("The index is not whole in time."));
        }
        sleep(LOOK);
    }
    let whole = watch.elapsed().as_secs_f64();
    let name = format!("{} people in a database", crowd.called());
    let mut figures = vec![
        Figure::new(format!("{name}: start to first decision"), first, "s").at_most(START_BUDGET),
        Figure::new(format!("{name}: start to whole index"), whole, "s"),
    ];
    figures.extend(memory(&format!("{name}: resident memory"), &server));
    let (_, counted) = timed(|| business.waiting("mailer"))?;
    figures.push(Figure::new(format!("{name}: what is on its way, counted"), counted, "s"));
    Ok((server, figures))
}

/// Makes a snapshot of everyone and filters a list of everyone by it.
pub fn snapshot(business: &Business, server: &Running, folder: &Folder) -> Outcome<Vec<Figure>> {
    let key = business.key(&["--scope", "snapshot"])?;
    let mut connection = server.connect()?;
    let field = format!("authorization: Bearer {key}\r\n");
    let request = get(&format!("/api/v1/snapshot?target={TARGET}"), &field);
    let (answer, made) = timed(|| connection.ask(&request))?;
    if answer.status != 200 {
        return Err(Stop::new(format!("The snapshot was answered with {}.", answer.status)));
    }
    let size = u32::try_from(answer.body.len()).or_stop("weigh the snapshot")?;
    let file = folder.path("offers.snapshot");
    fs::write(&file, &answer.body).or_stop_at("write", &file)?;
    let credentials = business.credentials(&key, &folder.path("credentials.toml"))?;
    let list = folder.path("audience.csv");
    fs::write(&list, audience(MILLION)).or_stop_at("write", &list)?;
    let out = folder.path("may-be-sent.csv");
    let (summary, checked) = timed(|| business.filter(TARGET, &list, &out, &file, &credentials))?;
    if !summary.starts_with("1,000,000 in,") {
        return Err(Stop::new(format!("The filter says: {summary}")));
    }
    let people = f64::from(MILLION);
    Ok(vec![
        Figure::kilobytes("snapshot of 1 million people", size),
        Figure::new("snapshot: people taken in, while the server runs", people / made, "/s"),
        Figure::new("snapshot: rows filtered by it", people / checked, "/s"),
    ])
}

/// A list of everyone.
fn audience(people: u32) -> String {
    let mut text = "email\n".to_owned();
    for number in 0..people {
        // Writing to a String can't fail.
        let _ = writeln!(text, "customer-{number}@example.com");
    }
    text
}
