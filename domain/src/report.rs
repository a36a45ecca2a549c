//! A choice that was made elsewhere, told by another system: protecting counts at once, loosening
//! needs evidence of the customer's own two steps.

use crate::change::{Refusal, Setting};
use crate::choice::Act;
use crate::decision::{Reason, decide};
use crate::moment::{DAY, Moment};
use crate::preference::{Preferences, Standings};
use crate::ratchet::admits;
use crate::target::Target;

/// Longest pause that another system may tell of, in days.
pub const LONGEST_PAUSE: u16 = 366;

/// A choice as another system tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// About what.
    pub target: Target,
    /// What was chosen.
    pub told: Told,
    /// When it was chosen; never ahead of the clock.
    pub at: Moment,
}

/// What another system may tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Opted out.
    OptedOut,
    /// Paused all marketing for so many days.
    Paused(u16),
    /// Opted in, with the evidence of two steps where there is any.
    OptedIn(Option<Evidence>),
}

/// The two steps by which somebody opted in elsewhere (11 CCR 7028(a)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// When they asked.
    pub requested_at: Moment,
    /// When they confirmed.
    pub confirmed_at: Moment,
}

impl Report {
    /// When the customer did what an act of this report says.
    #[must_use]
    pub const fn made_at(&self, act: Act) -> Moment {
        match (self.told, act) {
            (Told::OptedIn(Some(evidence)), Act::Requested) => evidence.requested_at,
            (Told::OptedIn(Some(evidence)), _) => evidence.confirmed_at,
            _ => self.at,
        }
    }

    /// Whether it can only protect.
    #[must_use]
    pub const fn is_protective(&self) -> bool {
        !matches!(self.told, Told::OptedIn(_))
    }
}

/// The entries that a report adds. An empty list says that all is already so.
pub(crate) fn resolve(
    report: &Report,
    setting: &Setting<'_>,
    preferences: &Preferences,
) -> Result<Vec<(Target, Act)>, Refusal> {
    let Report { target, told, at } = report;
    if matches!(target, Target::Exception(_)) {
        return Err(Refusal::RequiredByLaw);
    }
    let remembered = setting.history.iter().any(|choice| choice.entry.target == *target);
    let act = match told {
        Told::OptedOut if !remembered && !setting.catalogue.knows(target) => {
            return Err(Refusal::UnknownTarget);
        }
        Told::OptedOut => {
            return Ok(protect(target, Act::Withdrawn, preferences, setting.now));
        }
        Told::Paused(days) => {
            if *target != Target::Marketing || !(1..=LONGEST_PAUSE).contains(days) {
                return Err(Refusal::NotAPause);
            }
            let until = at.plus(i64::from(*days) * DAY);
            return Ok(protect(target, Act::Paused { until }, preferences, setting.now));
        }
        Told::OptedIn(_) => Act::Granted,
    };
    if !target.is_leaf() {
        return Err(Refusal::OneAtATime);
    }
    if !setting.catalogue.knows(target) {
        return Err(Refusal::UnknownTarget);
    }
    let decision = decide(setting.catalogue, preferences, setting.person, target, setting.now);
    match (decision.reason, told) {
        (Reason::Minor, _) => Err(Refusal::Minor),
        (Reason::OptedIn, _) => Ok(Vec::new()),
        (_, Told::OptedIn(Some(evidence))) => proven(target, *evidence, setting),
        _ if admits(preferences, target, act) => Ok(vec![(target.clone(), act)]),
        _ => Err(Refusal::NeedsEvidence),
    }
}

/// What protects counts unless it is already so, or over.
fn protect(
    target: &Target,
    act: Act,
    preferences: &Preferences,
    now: Moment,
) -> Vec<(Target, Act)> {
    let over = matches!(act, Act::Paused { until } if until <= now);
    let held = match act {
        Act::Paused { until } => {
            preferences.pause(target, now).is_some_and(|pause| pause.until >= until)
        }
        _ => preferences.is_withdrawn(target),
    };
    if over || held { Vec::new() } else { vec![(target.clone(), act)] }
}

/// A yes of two steps counts unless something protective came after its first.
fn proven(
    target: &Target,
    evidence: Evidence,
    setting: &Setting<'_>,
) -> Result<Vec<(Target, Act)>, Refusal> {
    let Evidence { requested_at, confirmed_at } = evidence;
    let later = setting.history.iter().any(|choice| {
        choice.entry.act.is_protective()
            && choice.entry.target.covers(target)
            && choice.entry.at >= requested_at
    });
    if later || confirmed_at < requested_at || confirmed_at > setting.now {
        return Err(Refusal::Stale);
    }
    Ok(vec![(target.clone(), Act::Requested), (target.clone(), Act::Granted)])
}
