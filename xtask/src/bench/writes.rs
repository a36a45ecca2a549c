//! Durable choices: many clients opt out at once by one-click unsubscribe, each request another
//! person's or another switch, against the same server with a commit for every request.

use super::{
    business::Business,
    crowd::SWITCHES,
    figure::Figure,
    load::{Contender, Plan, Summary, alternate},
};
use crate::outcome::{OrStop, Outcome, Stop};
use std::{io::Write, time::Duration};

const CLIENTS: u32 = 64;
const TIME: Duration = Duration::from_secs(1);

/// Budget: so many times the rate of one commit for every request …
const RATIO_BUDGET: f64 = 10.0;

/// … or so much processor time for a choice, in microseconds.
const PROCESSOR_BUDGET: f64 = 150.0;

/// A prime above any number of people: its multiples visit everybody before anybody twice.
const STRIDE: u64 = 1_000_003;

/// Measures a business and its copy, and checks that both ledgers hold what was answered.
pub fn measure(business: &Business, copy: &Business, tokens: &[String]) -> Outcome<Vec<Figure>> {
    let people = u32::try_from(tokens.len()).or_stop("count the links")?;
    let switches = u32::try_from(SWITCHES.len()).or_stop("count the switches")?;
    let before = [business.entries()?, copy.entries()?];
    let request = |number, bytes: &mut Vec<u8>| write(tokens, people, number, bytes);
    let [grouped, single] = {
        let (grouped, single) = (business.serve(&[])?, copy.serve(&["--group", "1"])?);
        let contenders = [
            Contender { server: &grouped, request: &request },
            Contender { server: &single, request: &request },
        ];
        let plan = Plan { clients: CLIENTS, time: TIME, numbers: people * switches, rounds: 5 };
        alternate(&contenders, &plan)?
    };
    recorded(business, before[0], &grouped)?;
    recorded(copy, before[1], &single)?;
    Ok(figures(&grouped, &single))
}

/// The server was killed without warning, so this also shows that an answered choice outlives it.
fn recorded(business: &Business, before: u32, summary: &Summary) -> Outcome {
    let added = business.entries()?.saturating_sub(before);
    if added == summary.answered {
        return Ok(());
    }
    let answered = summary.answered;
    Err(Stop::new(format!("{answered} choices were answered, {added} are in the ledger.")))
}

fn write(tokens: &[String], people: u32, number: u32, bytes: &mut Vec<u8>) {
    let (round, place) = (number / people, u64::from(number % people));
    let token = usize::try_from(place * STRIDE % u64::from(people)).unwrap_or_default();
    let switch = usize::try_from(round).unwrap_or_default() % SWITCHES.len();
    // Writing to a Vec can't fail.
    let _ = write!(
        bytes,
        "POST /u/{}/{} HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 26\r\n\r\n\
         List-Unsubscribe=One-Click",
        tokens[token], SWITCHES[switch]
    );
}

fn figures(grouped: &Summary, single: &Summary) -> Vec<Figure> {
    let ratio = grouped.times(single);
    let cheap = grouped.processor.is_some_and(|each| each <= PROCESSOR_BUDGET);
    let budget = format!("≥ {RATIO_BUDGET} ×, or ≤ {PROCESSOR_BUDGET} µs CPU each");
    let mut figures = vec![
        Figure::new("durable choices, 64 clients", grouped.rate(), "/s"),
        Figure::new("durable choices, one commit each", single.rate(), "/s"),
    ];
    let processor = [
        ("durable choices, 64 clients: CPU", grouped),
        ("durable choices, one commit each: CPU", single),
    ];
    figures.extend(
        processor
            .into_iter()
            .filter_map(|(name, summary)| Some(Figure::new(name, summary.processor?, "µs"))),
    );
    let verdict = Figure::new("durable choices, times one commit each", ratio, "×");
    figures.push(verdict.judged(budget, ratio >= RATIO_BUDGET || cheap));
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_numbers_ask_for_the_same() {
        let tokens: Vec<String> = (0..100).map(|number| format!("token{number}")).collect();
        let requests: BTreeSet<Vec<u8>> = (0..800)
            .map(|number| {
                let mut bytes = Vec::new();
                write(&tokens, 100, number, &mut bytes);
                bytes
            })
            .collect();
        assert_eq!(requests.len(), 800);
        assert!(
            requests.iter().all(|bytes| bytes.ends_with(b"\r\n\r\nList-Unsubscribe=One-Click"))
        );
    }

    #[test]
    fn either_half_of_the_budget_is_enough() {
        let summary =
            |rate, processor| Summary { rates: vec![rate], processor, answered: 1, slowest: 0.0 };
        let holds = |rate, processor| {
            let figures = figures(&summary(rate, processor), &summary(100.0, None));
            figures.last().and_then(|figure| figure.holds)
        };
        assert_eq!(holds(1_000.0, Some(9.0)), Some(true));
        assert_eq!(holds(200.0, Some(150.0)), Some(true));
        assert_eq!(holds(200.0, Some(151.0)), Some(false));
        assert_eq!(holds(200.0, None), Some(false));
    }
}
