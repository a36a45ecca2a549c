//! The change feed.

use super::super::{
    business::{Business, Folder},
    crowd,
    figure::Figure,
    http::{Connection, get},
    running::timed,
};
use crate::{
    outcome::{OrStop, Outcome, Stop},
    repository::Repository,
};
use std::fs;

/// Customers whose choices go through the feed.
const FOLLOWED: u32 = 20_000;

/// A reader that was away follows the feed from its beginning.
pub fn follow(repository: &Repository, folder: &Folder) -> Outcome<Vec<Figure>> {
    let business = Business::found(repository, folder.path("followed"))?;
    let file = folder.path("followed.csv");
    fs::write(&file, crowd::file(FOLLOWED)).or_stop_at("write", &file)?;
    business.import(&file)?;
    let key = business.key(&["--scope", "changes", "--system", "warehouse"])?;
    let waiting = business.waiting("warehouse")?;
    let server = business.serve(&[])?;
    let mut connection = server.connect()?;
    let (changes, seconds) = timed(|| read_all(&mut connection, &key))?;
    let acknowledged = f64::from(waiting.saturating_sub(business.waiting("warehouse")?));
    Ok(vec![
        Figure::new("feed: deliveries acknowledged by reading on", acknowledged, "deliveries"),
        Figure::new("feed: deliveries acknowledged", acknowledged / seconds, "/s"),
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
