//! Load on several servers in turn, so that whatever else the machine does meets all of them.

use super::{http::Connection, running::Running};
use crate::{
    outcome::{Outcome, Stop},
    progress::Stopwatch,
};
use std::{
    ops::Range,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

/// One server with the requests it is to answer.
pub struct Contender<'a> {
    /// The server.
    pub server: &'a Running,
    /// Writes the request of a number, which no other request of the run has.
    pub request: &'a (dyn Fn(u32, &mut Vec<u8>) + Sync),
}

/// How hard to load.
pub struct Plan {
    /// Connections that are kept open, each with one request at a time.
    pub clients: u32,
    /// The longest that a round lasts.
    pub time: Duration,
    /// Numbers that may be used up, over all rounds.
    pub numbers: u32,
    /// Rounds that count. One more before them warms up.
    pub rounds: u32,
}

/// What a contender has shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Requests a second, round for round.
    pub rates: Vec<f64>,
    /// The server's processor time for one request in microseconds: the middle of all rounds.
    pub processor: Option<f64>,
    /// Requests answered, those of warming up included.
    pub answered: u32,
    /// Longest time that 99 of 100 requests took, in microseconds: the middle of all rounds.
    pub slowest: f64,
}

impl Summary {
    /// Requests a second: the middle of all rounds.
    pub fn rate(&self) -> f64 {
        median(self.rates.clone())
    }

    /// How many times as fast as another that was loaded in turn with it: the middle of what each
    /// two rounds say that lay side by side, so that a machine which grows slow or fast meanwhile
    /// changes nothing. 0 where the other did nothing.
    pub fn times(&self, other: &Self) -> f64 {
        let pairs = self.rates.iter().zip(&other.rates);
        median(pairs.map(|(own, other)| if *other > 0.0 { own / other } else { 0.0 }).collect())
    }
}

struct Round {
    answered: u32,
    seconds: f64,
    processor: Option<f64>,
    slowest: f64,
}

/// Loads each contender in turn, several times over. Any answer but 200 is an error.
pub fn alternate<const N: usize>(
    contenders: &[Contender<'_>; N],
    plan: &Plan,
) -> Outcome<[Summary; N]> {
    let mut rounds: [Vec<Round>; N] = std::array::from_fn(|_| Vec::new());
    let share = plan.numbers / (plan.rounds + 1);
    for turn in 0..=plan.rounds {
        let numbers = turn * share..(turn + 1) * share;
        for (contender, rounds) in contenders.iter().zip(&mut rounds) {
            rounds.push(round(contender, plan, numbers.clone())?);
        }
    }
    Ok(rounds.map(|rounds| summary(&rounds)))
}

fn round(contender: &Contender<'_>, plan: &Plan, numbers: Range<u32>) -> Outcome<Round> {
    let connect = |_| contender.server.connect();
    let connections: Vec<_> = (0..plan.clients).map(connect).collect::<Outcome<_>>()?;
    let next = AtomicU32::new(numbers.start);
    let before = contender.server.processor_time();
    let watch = Stopwatch::start();
    let client = |mut connection: Connection| {
        let (mut times, mut bytes) = (Vec::new(), Vec::new());
        while watch.elapsed() < plan.time {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                break;
            }
            bytes.clear();
            (contender.request)(number, &mut bytes);
            let asked = watch.elapsed();
            match connection.status(&bytes)? {
                200 => times.push(watch.elapsed().saturating_sub(asked)),
                status => return Err(Stop::new(format!("A request was answered with {status}."))),
            }
        }
        Ok(times)
    };
    let times: Outcome<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let start = |connection| scope.spawn(|| client(connection));
        let clients: Vec<_> = connections.into_iter().map(start).collect();
        let lost = |_| Err(Stop::new("A client of the load broke."));
        clients.into_iter().map(|client| client.join().unwrap_or_else(lost)).collect()
    });
    let (mut times, seconds) = (times?.concat(), watch.elapsed().as_secs_f64());
    let used = before.zip(contender.server.processor_time());
    let processor = used.map(|(before, after)| after.saturating_sub(before).as_secs_f64());
    let answered = u32::try_from(times.len()).unwrap_or(u32::MAX);
    Ok(Round { answered, seconds, processor, slowest: slowest(&mut times) })
}

/// The longest that 99 of 100 took, in microseconds.
fn slowest(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let place = times.len() * 99 / 100;
    times.get(place.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

fn summary(rounds: &[Round]) -> Summary {
    let counted = rounds.get(1..).unwrap_or_default();
    let rates = counted.iter().map(|round| f64::from(round.answered) / round.seconds);
    let each = |round: &Round| Some(round.processor? * 1e6 / f64::from(round.answered.max(1)));
    let each: Option<Vec<f64>> = counted.iter().map(each).collect();
    Summary {
        rates: rates.collect(),
        processor: each.map(median),
        answered: rounds.iter().map(|round| round.answered).sum(),
        slowest: median(counted.iter().map(|round| round.slowest).collect()),
    }
}

/// The value in the middle; of an even number, the upper of the two there. 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_mind_one_bad_round() {
        assert!((median(vec![5.0, 900.0, 4.0]) - 5.0).abs() < f64::EPSILON);
        assert!((median(vec![2.0, 1.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }

    #[test]
    fn one_in_a_hundred_may_be_slower() {
        let mut times: Vec<Duration> = (1..=200).rev().map(Duration::from_micros).collect();
        assert!((slowest(&mut times) - 199.0).abs() < 1e-6);
        assert!(slowest(&mut []).abs() < f64::EPSILON);
    }

    #[test]
    fn warming_up_counts_as_answered_and_nothing_else() {
        let round =
            |answered, seconds, processor| Round { answered, seconds, processor, slowest: 3.0 };
        let warm = round(7, 1.0, Some(7.0));
        let rounds = [warm, round(100, 1.0, Some(0.1)), round(100, 0.5, Some(0.2))];
        let rates = vec![100.0, 200.0];
        let expected = Summary { rates, processor: Some(2_000.0), answered: 207, slowest: 3.0 };
        assert_eq!(summary(&rounds), expected);
        let unknown = [round(0, 1.0, None), round(10, 1.0, None)];
        assert_eq!(summary(&unknown).processor, None);
    }

    #[test]
    fn rounds_are_compared_with_those_beside_them() {
        let of = |rates: &[f64]| {
            let rates = rates.to_vec();
            Summary { rates, processor: None, answered: 0, slowest: 0.0 }
        };
        // The machine is slow in the last two rounds, and something else runs in the third.
        let (own, other) =
            (of(&[60.0, 62.0, 10.0, 30.0, 31.0]), of(&[100.0, 100.0, 90.0, 50.0, 50.0]));
        assert!((own.times(&other) - 0.6).abs() < 1e-9);
        assert!((own.rate() - 31.0).abs() < 1e-9);
        assert!(of(&[1.0]).times(&of(&[0.0])).abs() < f64::EPSILON);
    }
}
