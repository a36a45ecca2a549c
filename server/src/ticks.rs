//! Limiters by the installation's clock, so that tests can move it.

use std::hash::Hash;
use std::ops::Add;
use std::sync::Arc;

use domain::Moment;
use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};

use crate::ports::Clock;

/// A time as a limiter counts it, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// A moment as a limiter counts it.
    #[must_use]
    pub fn of(moment: Moment) -> Self {
        Self(u64::try_from(moment.0).unwrap_or(0).saturating_mul(1_000_000))
    }
}

impl Add<Nanos> for Instant {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.as_u64()))
    }
}

impl Reference for Instant {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.as_u64()).unwrap_or(self.0))
    }
}

/// The clock of an installation.
#[derive(Clone)]
pub struct Ticks(pub Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = Instant;

    fn now(&self) -> Instant {
        Instant::of(self.0.now())
    }
}

/// Keys that are remembered before those that have their whole allowance again are forgotten.
pub const KEPT: usize = 4_096;

/// An allowance for each key, in bounded memory.
pub struct Allowances<K: Clone + Eq + Hash>(
    RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Instant>>,
);

impl<K: Clone + Eq + Hash> Allowances<K> {
    /// Whole allowances.
    #[must_use]
    pub fn new(quota: Quota, clock: &Arc<dyn Clock>) -> Self {
        let ticks = Ticks(Arc::clone(clock));
        Self(RateLimiter::new(quota, HashMapStateStore::default(), ticks))
    }

    /// Takes one from the allowance of a key.
    ///
    /// # Errors
    /// Until when there is none.
    pub fn take(&self, key: &K) -> Result<(), NotUntil<Instant>> {
        if self.0.len() > KEPT {
            self.0.retain_recent();
        }
        self.0.check_key(key)
    }
}
