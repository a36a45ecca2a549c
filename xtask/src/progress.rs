//! Named, numbered, timed steps on standard error.

use crate::outcome::Outcome;
use std::{fmt, io::Write, time::Duration, time::Instant};

/// The one place that looks at the machine's clock.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "times are what this command shows")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Counts the steps of one command.
pub struct Progress {
    done: usize,
    total: usize,
}

impl Progress {
    /// A command of `total` steps.
    pub fn new(total: usize) -> Self {
        Self { done: 0, total }
    }

    /// Runs a step that prints nothing of its own: name and time share one line.
    pub fn quiet<T>(&mut self, name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let label = self.next(name);
        eprint!("{label} … ");
        // Without the flush the name would appear only together with its time.
        std::io::stderr().flush().ok();
        let (outcome, time) = timed(work);
        eprintln!("{}{time}", if outcome.is_ok() { "" } else { "failed after " });
        outcome
    }

    /// Runs a step whose own output is worth seeing: the name stands before and after it.
    pub fn loud<T>(&mut self, name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let label = self.next(name);
        eprintln!("{label} …");
        let (outcome, time) = timed(work);
        eprintln!("{label} … {}{time}", if outcome.is_ok() { "" } else { "failed after " });
        outcome
    }

    fn next(&mut self, name: &str) -> String {
        self.done += 1;
        format!("[{}/{}] {name}", self.done, self.total)
    }
}

/// A duration as people say it: tenths below ten seconds, whole seconds above.
pub struct Seconds(pub Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        let places = usize::from(seconds < 10.0);
        write!(f, "{seconds:.places$} s")
    }
}

fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> (Outcome<T>, Seconds) {
    let watch = Stopwatch::start();
    let outcome = work();
    (outcome, Seconds(watch.elapsed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_times_show_tenths_and_long_ones_do_not() {
        assert_eq!(Seconds(Duration::from_millis(340)).to_string(), "0.3 s");
        assert_eq!(Seconds(Duration::from_millis(71_400)).to_string(), "71 s");
    }

    #[test]
    fn steps_are_numbered_in_the_order_they_run() {
        let mut progress = Progress::new(2);
        assert_eq!(progress.next("Building"), "[1/2] Building");
        assert_eq!(progress.next("Testing"), "[2/2] Testing");
    }
}
