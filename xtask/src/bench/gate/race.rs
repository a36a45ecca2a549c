//! Decisions and pages over HTTP, against a bare handler and with few people and many.

use super::{
    super::{
        business::Folder,
        figure::Figure,
        load::{Contender, Plan, Summary, alternate},
        running::Running,
    },
    crowd::{BULK, Crowd},
};
use crate::outcome::{OrStop, Outcome};
use std::{fs, path::Path, process::Command, time::Duration};

const PLAN: Plan =
    Plan { clients: 16, time: Duration::from_secs(1), numbers: u32::MAX, rounds: 11 };

/// Budget for the rate of a decision, in percent of the bare handler's.
const RATE_BUDGET: f64 = 60.0;
/// Budget for the slowest hundredth with many people, in times of that with few.
const SLOWER_BUDGET: f64 = 1.5;

/// Asks both servers and the bare handler in turn.
pub fn run(crowds: &[Crowd; 2], bare: &Path, folder: &Folder) -> Outcome<Vec<Figure>> {
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
        Contender { server: &bare, request: &ask_few },
        Contender { server: &many.server, request: &ask_many },
        Contender { server: &few.server, request: &see_few },
        Contender { server: &many.server, request: &see_many },
    ];
    let [few_asked, bare_asked, many_asked, few_seen, many_seen] = alternate(&contenders, &PLAN)?;
    let plan = Plan { clients: 2, rounds: 5, ..PLAN };
    let [bulk] = alternate(&[Contender { server: &many.server, request: &bulk }], &plan)?;
    let mut figures = compare(&few_asked, &bare_asked);
    figures.extend(slower("decision", &few_asked, &many_asked));
    figures.extend(slower("page", &few_seen, &many_seen));
    let name = "decisions in bulk over HTTP, 10 million people";
    figures.push(Figure::new(name, bulk.rate() * f64::from(BULK), "/s"));
    Ok(figures)
}

fn compare(decision: &Summary, bare: &Summary) -> Vec<Figure> {
    let share = 100.0 * decision.times(bare);
    let processor =
        |name: &str, of: &Summary| of.processor.map(|each| Figure::new(name, each, "µs"));
    let processors = [
        processor("decision: server's CPU", decision),
        processor("decision: bare handler's CPU", bare),
    ];
    let figures = [
        Figure::new("decision: requests", decision.rate(), "/s"),
        Figure::new("decision: bare handler", bare.rate(), "/s"),
        Figure::new("decision: of the bare rate", share, "%").at_least(RATE_BUDGET),
    ];
    figures.into_iter().chain(processors.into_iter().flatten()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(rate: f64, slowest: f64) -> Summary {
        Summary { rates: vec![rate], processor: None, answered: 1, slowest }
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
