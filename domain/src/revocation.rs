//! How far a "stop" reaches (47 CFR 64.1200(a)(10)).

use jiff::civil::date;
use jiff::tz::TimeZone;

use crate::channel::Channel;
use crate::moment::Moment;
use crate::target::Target;

/// Whether a "stop" to one text ends calls as well. The rule applies from 31 January 2027
/// (FCC DA 26-12), by the clocks of Washington.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevokeAll {
    /// As the rule's date says.
    #[default]
    Dated,
    /// Already, or still.
    On,
    /// Not yet.
    Off,
}

impl RevokeAll {
    /// Whether it reaches so far at a moment, and whether that differs from what the date says.
    #[must_use]
    pub fn at(self, now: Moment) -> (bool, bool) {
        let due = now >= applies_from();
        match self {
            Self::Dated => (due, false),
            Self::On => (true, !due),
            Self::Off => (false, due),
        }
    }

    /// What a "stop" that came by text turns off.
    #[must_use]
    pub fn targets(self, now: Moment) -> Vec<Target> {
        let text = Target::Channel(Channel::Text);
        if self.at(now).0 { vec![text, Target::Channel(Channel::Phone)] } else { vec![text] }
    }
}

/// The first moment of the rule.
#[must_use]
pub fn applies_from() -> Moment {
    let zone = TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC);
    let start = date(2027, 1, 31).to_zoned_datetime(zone);
    start.map_or(Moment(i64::MAX), |start| Moment(start.timestamp().as_millisecond()))
}
