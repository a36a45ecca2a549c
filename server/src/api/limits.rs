//! How often a key may be used.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::Quota;

use crate::ports::Clock;
use crate::ticks::{Allowances, Instant};

/// An allowance for each key.
pub(super) struct Limits {
    limiter: Option<Allowances<String>>,
    clock: Arc<dyn Clock>,
}

impl Limits {
    /// So many requests a second, twice as many at once; none for no limit.
    pub fn new(rate: Option<NonZeroU32>, clock: Arc<dyn Clock>) -> Self {
        let limiter = rate.map(|rate| {
            let quota = Quota::per_second(rate).allow_burst(rate.saturating_mul(TWO));
            Allowances::new(quota, &clock)
        });
        Self { limiter, clock }
    }

    /// Takes one from a key's allowance, or says after how many seconds there will be one.
    pub fn spend(&self, id: &String) -> Result<(), u32> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.take(id).map_err(|not_until| {
            let wait = not_until.wait_time_from(Instant::of(self.clock.now()));
            u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
        })
    }
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
