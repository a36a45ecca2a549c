//! The installation's clock as limiters read it, so that tests can move it.

use std::ops::Add;
use std::sync::Arc;

use domain::Moment;
use governor::clock::{Clock as GovernorClock, Reference};
use governor::nanos::Nanos;

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
