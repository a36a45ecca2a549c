//! How often a code may be wrong.
//!
//! A code has some 34 bits; with a million of them in letters, one guess in 17,000 meets somebody.
//! So wrong codes have an allowance for each range of addresses and one for all together. Beyond
//! it a guess is answered with 429, and a right code still opens, but shows nothing of whose it
//! is: who guesses at random learns of nobody.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Moment;
use domain::moment::{HOUR, MINUTE};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};
use moka::sync::Cache;

use super::Network;
use crate::ports::Clock;
use crate::ticks::{Allowances, Instant, KEPT, Ticks};

/// Wrong codes from one range of addresses at once; then one more each minute.
const FROM_ONE: NonZeroU32 = NonZeroU32::new(10).expect("more than none");
/// Wrong codes a minute from everywhere.
const FROM_ALL: NonZeroU32 = NonZeroU32::new(100).expect("more than none");

type Everywhere = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Instant>>;

/// The allowances, each with the moment until which it is used up.
pub struct Guard {
    clock: Arc<dyn Clock>,
    ranges: Allowances<Network>,
    shut: Cache<Network, Moment>,
    everywhere: Everywhere,
    all_shut: AtomicI64,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    /// Whole allowances.
    #[must_use]
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let ticks = Ticks(Arc::clone(clock));
        let one = Quota::per_minute(NonZeroU32::MIN).allow_burst(FROM_ONE);
        let hour = Duration::from_millis(HOUR.unsigned_abs());
        Self {
            ranges: Allowances::new(one, clock),
            shut: Cache::builder().max_capacity(KEPT as u64).time_to_live(hour).build(),
            everywhere: RateLimiter::direct_with_clock(Quota::per_minute(FROM_ALL), ticks),
            all_shut: AtomicI64::new(i64::MIN),
            clock: Arc::clone(clock),
        }
    }

    /// Whether the allowance is used up, of a range or of all.
    #[must_use]
    pub fn is_shut(&self, from: Network) -> bool {
        let now = self.clock.now();
        now.0 < self.all_shut.load(Ordering::Relaxed)
            || self.shut.get(&from).is_some_and(|until| now < until)
    }

    /// Counts a wrong code.
    ///
    /// # Errors
    /// The seconds after which there will be room for one more.
    pub fn count(&self, from: Network) -> Result<(), u32> {
        let now = self.clock.now();
        self.everywhere.check().map_err(|until| {
            let (until, seconds) = wait(&until, now);
            // For a whole minute: one place that came free says nothing of the flood's end.
            self.all_shut.fetch_max(until.max(now.plus(MINUTE)).0, Ordering::Relaxed);
            seconds
        })?;
        self.ranges.take(&from).map_err(|until| {
            let (until, seconds) = wait(&until, now);
            self.shut.insert(from, until.max(now.plus(MINUTE)));
            seconds
        })
    }
}

fn wait(until: &NotUntil<Instant>, now: Moment) -> (Moment, u32) {
    let wait = until.wait_time_from(Instant::of(now));
    let seconds = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
    (now.plus(i64::from(seconds) * 1_000), seconds)
}
