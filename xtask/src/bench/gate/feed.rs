//! The change feed.

use super::super::{
    business::{Business, Folder},
    crowd,
    figure::Figure,
    http::{Connection, get},
    running::{Running, timed},
};
use crate::{
    outcome::{OrStop, Outcome, Stop},
    repository::Repository,
};
use std::fs;

/// Customers whose choices go through the feed.
const FOLLOWED: u32 = 20_000;
/// Who follows the feed in the example's register.
const SYSTEM: &str = "warehouse";

/// Budget for a reader's speed with a million people, in percent of that with few.
const STEADY: f64 = 60.0;

/// What a reader got.
struct Pace {
    changes: f64,
    acknowledged: f64,
    seconds: f64,
}

impl Pace {
    fn speed(&self) -> f64 {
        self.changes / self.seconds
    }
}

/// A reader that was away follows the feed from its beginning. Says how many changes a second it
/// got, too.
pub fn follow(repository: &Repository, folder: &Folder) -> Outcome<(Vec<Figure>, f64)> {
    let business = Business::found(repository, folder.path("followed"))?;
    let file = folder.path("followed.csv");
    fs::write(&file, crowd::file(FOLLOWED)).or_stop_at("write", &file)?;
    business.import(&file)?;
    let server = business.serve(&[])?;
    let pace = read(&business, &server)?;
    let (acknowledged, speed) = (pace.acknowledged, pace.speed());
    let figures = vec![
        Figure::new("feed: deliveries acknowledged by reading on", acknowledged, "deliveries"),
        Figure::new("feed: deliveries acknowledged", acknowledged / pace.seconds, "/s"),
        Figure::new("feed: changes read", pace.changes, "changes"),
        Figure::new("feed: throughput, one reader", speed, "/s"),
    ];
    Ok((figures, speed))
}

/// The same with a million people, against the speed with few: what lies behind a reader may not
/// make it slower.
pub fn follow_many(business: &Business, server: &Running, few: f64) -> Outcome<Vec<Figure>> {
    let pace = read(business, server)?;
    let share = 100.0 * pace.speed() / few;
    Ok(vec![
        Figure::new("feed of 1 million people: changes read", pace.changes, "changes"),
        Figure::new("feed of 1 million people: throughput", pace.speed(), "/s"),
        Figure::new("feed of 1 million people: of the speed with few", share, "%").at_least(STEADY),
    ])
}

fn read(business: &Business, server: &Running) -> Outcome<Pace> {
    let key = business.key(&["--scope", "changes", "--system", SYSTEM])?;
    let waiting = business.waiting(SYSTEM)?;
    let mut connection = server.connect()?;
    let (changes, seconds) = timed(|| read_all(&mut connection, &key))?;
    let acknowledged = f64::from(waiting.saturating_sub(business.waiting(SYSTEM)?));
    Ok(Pace { changes: f64::from(changes), acknowledged, seconds })
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
