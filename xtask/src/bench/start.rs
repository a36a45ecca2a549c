//! Starting, and resting.

use super::{
    business::Business, figure::Figure, http, load::median, pages::CHOICES, running::Running,
};
use crate::{
    outcome::{Outcome, Stop},
    progress::Stopwatch,
};
use std::{thread::sleep, time::Duration};

const STARTS: u32 = 5;

/// Long enough for what a server does every few seconds.
const REST: Duration = Duration::from_secs(3);

/// Budget for the time until the first page is answered, in seconds.
const START_BUDGET: f64 = 0.5;

/// Budget for resident memory, in megabytes.
const MEMORY_BUDGET: f64 = 64.0;

/// Starts the server several times over, and leaves the last one alone for a while.
pub fn measure(business: &Business) -> Outcome<Vec<Figure>> {
    let mut times = Vec::new();
    for _ in 1..STARTS {
        times.push(first_page(business)?.1);
    }
    let (server, seconds) = first_page(business)?;
    times.push(seconds);
    let mut figures =
        vec![Figure::new("start to first page", median(times), "s").at_most(START_BUDGET)];
    sleep(REST);
    figures.extend(memory("resident memory, idle", &server).map(|f| f.at_most(MEMORY_BUDGET)));
    Ok(figures)
}

/// A server's memory now; nothing where it can't be known.
pub fn memory(name: &str, server: &Running) -> Option<Figure> {
    Some(Figure::new(name, server.resident_memory()?, "MB"))
}

/// From the start of the process to the whole of the first page.
fn first_page(business: &Business) -> Outcome<(Running, f64)> {
    let watch = Stopwatch::start();
    let server = business.serve(&[])?;
    let status = server.connect()?.status(&http::get(CHOICES, ""))?;
    let seconds = watch.elapsed().as_secs_f64();
    if status == 200 {
        Ok((server, seconds))
    } else {
        Err(Stop::new(format!("The first page was answered with {status}.")))
    }
}
