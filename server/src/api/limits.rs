//! How often a key may be used.

use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::Arc;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::ports::Clock;

/// A time as the limiter counts it, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Instant(u64);

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

/// The installation's clock, so that tests can move it.
struct Time(Arc<dyn Clock>);

impl GovernorClock for Time {
    type Instant = Instant;

    fn now(&self) -> Instant {
        Instant(u64::try_from(self.0.now().0).unwrap_or(0).saturating_mul(1_000_000))
    }
}

type Limiter = RateLimiter<String, HashMapStateStore<String>, Time, NoOpMiddleware<Instant>>;

/// An allowance for each key.
pub(super) struct Limits {
    limiter: Option<Limiter>,
    clock: Arc<dyn Clock>,
}

impl Limits {
    /// So many requests a second, twice as many at once; none for no limit.
    pub fn new(rate: Option<NonZeroU32>, clock: Arc<dyn Clock>) -> Self {
        let limiter = rate.map(|rate| {
            let quota = Quota::per_second(rate).allow_burst(rate.saturating_mul(TWO));
            RateLimiter::new(quota, HashMapStateStore::default(), Time(Arc::clone(&clock)))
        });
        Self { limiter, clock }
    }

    /// Takes one from a key's allowance, or says after how many seconds there will be one.
    pub fn spend(&self, id: &String) -> Result<(), u32> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.check_key(id).map_err(|not_until| {
            let wait = not_until.wait_time_from(Time(Arc::clone(&self.clock)).now());
            u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
        })
    }
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
