//! How many browsers that nobody knows may leave something behind.
//!
//! The signal of such a browser makes a record and entries in the ledger, and nothing is ever
//! taken out of that. A robot or a cache that keeps no cookie would make new ones with each look,
//! and whoever wants to, a million. So each range of addresses has an allowance of new ones.
//! Browsers that bring a cookie which is in no record have one of their own: robots without
//! cookies can't use it up. A browser that is known needs none.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::letters::Network;
use crate::ports::Clock;
use crate::ticks::{Instant, Ticks};

/// New records from one range of addresses at once; then one more each minute.
const FROM_ONE: NonZeroU32 = NonZeroU32::new(60).expect("more than none");
/// Ranges that are remembered before those that have their whole allowance again are forgotten.
const RANGES: usize = 4_096;

/// Where a browser comes from, and whether it brings a cookie.
type Door = (Network, bool);
type Doors = RateLimiter<Door, HashMapStateStore<Door>, Ticks, NoOpMiddleware<Instant>>;

/// The allowances.
pub(super) struct Strangers(Doors);

impl Strangers {
    /// Whole allowances.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let quota = Quota::per_hour(FROM_ONE);
        let ticks = Ticks(Arc::clone(clock));
        Self(RateLimiter::new(quota, HashMapStateStore::default(), ticks))
    }

    /// Whether one more may leave something behind; counts it if so. A range of one's own network
    /// is a proxy that does not say who is behind it: everyone may be, so it has no limit.
    pub fn admit(&self, from: Network, brings_cookie: bool) -> bool {
        if from.is_own() {
            return true;
        }
        if self.0.len() > RANGES {
            self.0.retain_recent();
        }
        self.0.check_key(&(from, brings_cookie)).is_ok()
    }
}
