//! May we? One pure function that the page and every gate ask.

use serde::Serialize;

use crate::catalogue::{Basis, Catalogue, Regime};
use crate::choice::Position;
use crate::moment::{DAY, Moment};
use crate::preference::{Standing, Standings};
use crate::target::Target;
use crate::voice::Voice;

/// Why a decision is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Allowed: the person said yes.
    OptedIn,
    /// Allowed: no yes is needed and the person has not said no.
    NoObjection,
    /// Allowed: a law requires it.
    RequiredByLaw,
    /// Denied: the person said no.
    OptedOut,
    /// Denied: the person's browser asks not to sell or share (Global Privacy Control).
    PreferenceSignal,
    /// Denied: the person asked for a pause.
    Paused,
    /// Denied: a yes is needed and there is none.
    NeverOptedIn,
    /// Denied: the yes is older than it may be.
    ConsentExpired,
    /// Denied: the register does not have it.
    NotInCatalogue,
    /// Denied: nobody renewed its review in time.
    ReviewOverdue,
    /// Denied: sale or sharing for someone known to be under 16 (Cal. Civ. Code 1798.120(c)).
    Minor,
}

impl Reason {
    /// The word that systems read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptedIn => "opted_in",
            Self::NoObjection => "no_objection",
            Self::RequiredByLaw => "required_by_law",
            Self::OptedOut => "opted_out",
            Self::PreferenceSignal => "preference_signal",
            Self::Paused => "paused",
            Self::NeverOptedIn => "never_opted_in",
            Self::ConsentExpired => "consent_expired",
            Self::NotInCatalogue => "not_in_catalogue",
            Self::ReviewOverdue => "review_overdue",
            Self::Minor => "minor",
        }
    }
}

/// The answer for one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether it may be.
    pub allowed: bool,
    /// Why.
    pub reason: Reason,
    /// The lawful basis, where the register names one.
    pub basis: Option<Basis>,
    /// Since when, where an entry decided.
    pub since: Option<Moment>,
    /// Until when, for a pause.
    pub until: Option<Moment>,
    /// The entry that decided, if one did.
    pub position: Option<Position>,
}

/// What is known of a person beside the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standpoint {
    /// Year of birth, if known.
    pub birth_year: Option<u16>,
}

impl Standpoint {
    /// Whether somebody may be under 16 (Cal. Civ. Code 1798.120(c)): they may have turned 16 only
    /// when 17 years lie between the years; the day is not known, so the doubt protects.
    #[must_use]
    pub fn is_minor(self, now: Moment) -> bool {
        let year = 1970 + now.0.div_euclid(31_556_952_000);
        self.birth_year.is_some_and(|born| year - i64::from(born) <= 16)
    }
}

/// What the register says of one switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    regime: Regime,
    basis: Basis,
    valid_days: Option<u16>,
    review_on: Option<Moment>,
    sale_or_sharing: bool,
}

/// Decides for one target. What is not a single switch or exception of the register is denied.
#[must_use]
pub fn decide(
    catalogue: &Catalogue,
    standings: &impl Standings,
    person: Standpoint,
    target: &Target,
    now: Moment,
) -> Decision {
    if let Target::Exception(key) = target {
        return required(catalogue.exception(key).map(|known| known.review_on), now);
    }
    match rule(catalogue, target) {
        None => NOT_IN_CATALOGUE,
        Some(rule) => judge(&rule, standings, person, target, now),
    }
}

/// What is in no register may not be.
pub(crate) const NOT_IN_CATALOGUE: Decision = plain(false, Reason::NotInCatalogue, None);

/// Decides for a switch by its rule.
pub(crate) fn judge(
    rule: &Rule,
    standings: &impl Standings,
    person: Standpoint,
    target: &Target,
    now: Moment,
) -> Decision {
    let basis = Some(rule.basis);
    let standing = standings.standing(target);
    if let Some(no) = standing.filter(|standing| !standing.granted) {
        return refused(no, basis);
    }
    // What the register has come to count as sale since then is refused with it.
    let refusal = if rule.sale_or_sharing { standings.sale_refusal() } else { None };
    if let Some(no) = refusal.filter(|no| standing.is_none_or(|yes| yes.position < no.position)) {
        return refused(no, basis);
    }
    if let Some(pause) = standings.pause(target, now) {
        return Decision {
            since: Some(pause.at),
            until: Some(pause.until),
            position: Some(pause.position),
            ..plain(false, Reason::Paused, basis)
        };
    }
    if rule.sale_or_sharing && person.is_minor(now) {
        return plain(false, Reason::Minor, basis);
    }
    if rule.review_on.is_some_and(|day| day <= now) {
        return plain(false, Reason::ReviewOverdue, basis);
    }
    let Some(yes) = standing else {
        return match rule.regime {
            Regime::OptIn => plain(false, Reason::NeverOptedIn, basis),
            Regime::OptOut => plain(true, Reason::NoObjection, basis),
        };
    };
    let age = now.since(yes.at);
    let expired = rule.valid_days.is_some_and(|days| age >= i64::from(days) * DAY);
    let (allowed, reason) =
        if expired { (false, Reason::ConsentExpired) } else { (true, Reason::OptedIn) };
    Decision { since: Some(yes.at), position: Some(yes.position), ..plain(allowed, reason, basis) }
}

fn refused(no: Standing, basis: Option<Basis>) -> Decision {
    let reason = match no.voice {
        Voice::Signal => Reason::PreferenceSignal,
        Voice::Own | Voice::Agent => Reason::OptedOut,
    };
    Decision { since: Some(no.at), position: Some(no.position), ..plain(false, reason, basis) }
}

/// Decides for sharing that a law requires, by the day from which it needs a new review; none
/// when no register has it.
pub(crate) const fn required(review_on: Option<Moment>, now: Moment) -> Decision {
    let basis = Some(Basis::LegalObligation);
    match review_on {
        None => NOT_IN_CATALOGUE,
        Some(day) if day.0 <= now.0 => plain(false, Reason::ReviewOverdue, basis),
        Some(_) => plain(true, Reason::RequiredByLaw, basis),
    }
}

const fn plain(allowed: bool, reason: Reason, basis: Option<Basis>) -> Decision {
    Decision { allowed, reason, basis, since: None, until: None, position: None }
}

pub(crate) fn rule(catalogue: &Catalogue, target: &Target) -> Option<Rule> {
    match target {
        Target::Message(topic, channel) => {
            let (_, rule) = catalogue.message(topic, *channel)?;
            Some(Rule {
                regime: rule.regime,
                basis: rule.basis,
                valid_days: rule.valid_days,
                review_on: None,
                sale_or_sharing: false,
            })
        }
        Target::Profiling(key) => {
            let known = catalogue.profiling(key)?;
            Some(Rule {
                regime: known.regime,
                basis: known.basis,
                valid_days: None,
                review_on: None,
                sale_or_sharing: false,
            })
        }
        Target::Share(purpose, recipient) => {
            let (purpose, _) = catalogue.share(purpose, recipient)?;
            Some(Rule {
                regime: purpose.regime,
                basis: purpose.basis,
                valid_days: None,
                review_on: Some(purpose.review_on),
                sale_or_sharing: purpose.sale_or_sharing,
            })
        }
        _ => None,
    }
}
