//! How many browsers that nobody knows may leave something behind.
//!
//! The signal of such a browser makes a record and entries in the ledger, and nothing is ever
//! taken out of that. A robot or a cache that keeps no cookie would make new ones with each look,
//! and whoever wants to, a million. So each range of addresses has an allowance of new ones.
//! Browsers that bring a cookie which is in no record have one of their own: robots without
//! cookies can't use it up. A browser that is known needs none.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::Quota;

use crate::letters::Network;
use crate::ports::Clock;
use crate::ticks::Allowances;

/// New records from one range of addresses at once; then one more each minute.
const FROM_ONE: NonZeroU32 = NonZeroU32::new(60).expect("more than none");

/// The allowances: of where a browser comes from, and whether it brings a cookie.
pub(super) struct Strangers(Allowances<(Network, bool)>);

impl Strangers {
    /// Whole allowances.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        Self(Allowances::new(Quota::per_hour(FROM_ONE), clock))
    }

    /// Whether one more may leave something behind; counts it if so. A range of one's own network
    /// is a proxy that does not say who is behind it: everyone may be, so it has no limit.
    pub fn admit(&self, from: Network, brings_cookie: bool) -> bool {
        from.is_own() || self.0.take(&(from, brings_cookie)).is_ok()
    }
}
