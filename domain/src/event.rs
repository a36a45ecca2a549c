//! What an entry of the ledger says in the words of the Data Privacy Vocabulary, switch by switch:
//! the event of ISO/IEC TS 27560:2023 §6.3.7.
//!
//! Only what rested on consent can be consent that was withdrawn. A no to what never had a yes is a
//! refusal, a no to a legitimate interest an objection (GDPR 21), and a no to sale or sharing an
//! opt-out.

use std::collections::BTreeSet;

use crate::catalogue::{Basis, Catalogue};
use crate::choice::{Act, Choice, Position};
use crate::moment::{DAY, Moment};
use crate::preference::undone;
use crate::target::Target;

/// How things stand with one switch after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// There is a yes.
    ConsentGiven,
    /// There was a yes, and it was given again.
    RenewedConsentGiven,
    /// A no to what had no valid yes.
    ConsentRefused,
    /// A no to what had a yes.
    ConsentWithdrawn,
    /// The yes is older than it may be.
    ConsentExpired,
    /// Asked to turn on; the second step is missing.
    ConsentRequested,
    /// Neither yes nor no.
    ConsentUnknown,
    /// The person objected.
    LegitimateInterestObjected,
    /// The person did not object.
    LegitimateInterestNotObjected,
}

impl Status {
    /// The DPV 2.3 term.
    #[must_use]
    pub const fn term(self) -> &'static str {
        match self {
            Self::ConsentGiven => "dpv:ConsentGiven",
            Self::RenewedConsentGiven => "dpv:RenewedConsentGiven",
            Self::ConsentRefused => "dpv:ConsentRefused",
            Self::ConsentWithdrawn => "dpv:ConsentWithdrawn",
            Self::ConsentExpired => "dpv:ConsentExpired",
            Self::ConsentRequested => "dpv:ConsentRequested",
            Self::ConsentUnknown => "dpv:ConsentUnknown",
            Self::LegitimateInterestObjected => "dpv:LegitimateInterestObjected",
            Self::LegitimateInterestNotObjected => "dpv:LegitimateInterestNotObjected",
        }
    }
}

/// What the person did to one switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Opted in.
    OptedIn,
    /// Opted out.
    OptedOut,
    /// Objected (GDPR 21(1) and (2)).
    Objected,
    /// Withdrew a consent (GDPR 7(3)).
    Withdrew,
}

impl Deed {
    /// The DPV 2.3 term.
    #[must_use]
    pub const fn term(self) -> &'static str {
        match self {
            Self::OptedIn => "dpv:OptingInToProcess",
            Self::OptedOut => "dpv:OptingOutFromProcess",
            Self::Objected => "dpv:ObjectingToProcess",
            Self::Withdrew => "dpv:WithdrawingFromProcess",
        }
    }
}

/// How long an event holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Until the person chooses otherwise.
    UntilChanged,
    /// So many days.
    Days(u16),
    /// Until a moment.
    Until(Moment),
}

/// An entry's event for one switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The switch; the entry's own target where the register of the time has none below it.
    pub switch: Target,
    /// The lawful basis, where the register names one.
    pub basis: Option<Basis>,
    /// How it stands after the entry; none where the basis has no statuses.
    pub status: Option<Status>,
    /// What was done; none for a request that still waits.
    pub deed: Option<Deed>,
    /// How long it holds.
    pub validity: Validity,
}

impl Event {
    /// The terms of its state, at least one.
    #[must_use]
    pub fn terms(&self) -> Vec<&'static str> {
        self.status.map(Status::term).into_iter().chain(self.deed.map(Deed::term)).collect()
    }
}

/// The events of a person's newest entry, given their entries in ledger order; none of an empty
/// history.
#[must_use]
pub fn events(catalogue: &Catalogue, history: &[Choice]) -> Vec<Event> {
    let Some(newest) = history.last() else { return Vec::new() };
    let gone = undone(history);
    let target = &newest.entry.target;
    let switches: Vec<Target> = catalogue.leaves().filter(|leaf| target.covers(leaf)).collect();
    if switches.is_empty() {
        return vec![event(&Rule::unknown(), target.clone(), newest, history, &gone)];
    }
    let of = |switch: Target| {
        let rule = Rule::of(catalogue, &switch).unwrap_or_else(Rule::unknown);
        event(&rule, switch, newest, history, &gone)
    };
    switches.into_iter().map(of).collect()
}

/// What a request said by whoever is not known: the same for everyone, so that it tells nothing of
/// what was there before.
#[must_use]
pub fn unknown_past(catalogue: &Catalogue, target: &Target) -> Vec<Event> {
    let switches = catalogue.leaves().filter(|leaf| target.covers(leaf));
    let event = |switch: Target| Event {
        basis: Rule::of(catalogue, &switch).and_then(|rule| rule.basis),
        switch,
        status: None,
        deed: Some(Deed::OptedOut),
        validity: Validity::UntilChanged,
    };
    switches.map(event).collect()
}

/// What the register says of one switch.
struct Rule {
    basis: Option<Basis>,
    valid_days: Option<u16>,
    sale_or_sharing: bool,
}

impl Rule {
    const fn unknown() -> Self {
        Self { basis: None, valid_days: None, sale_or_sharing: false }
    }

    fn of(catalogue: &Catalogue, switch: &Target) -> Option<Self> {
        let plain = |basis| Self { basis: Some(basis), valid_days: None, sale_or_sharing: false };
        match switch {
            Target::Message(topic, channel) => {
                let (_, rule) = catalogue.message(topic, *channel)?;
                Some(Self { valid_days: rule.valid_days, ..plain(rule.basis) })
            }
            Target::Profiling(key) => Some(plain(catalogue.profiling(key)?.basis)),
            Target::Share(purpose, recipient) => {
                let (purpose, _) = catalogue.share(purpose, recipient)?;
                let sale_or_sharing = purpose.sale_or_sharing;
                Some(Self { sale_or_sharing, ..plain(purpose.basis) })
            }
            _ => None,
        }
    }
}

/// What was last said of a switch.
#[derive(Clone, Copy)]
enum Said {
    Nothing,
    Yes { at: Moment, renewed: bool },
    No { had_consent: bool },
}

fn event(
    rule: &Rule,
    switch: Target,
    newest: &Choice,
    history: &[Choice],
    gone: &BTreeSet<Position>,
) -> Event {
    let is_valid = |at: Moment, now: Moment| {
        rule.valid_days.is_none_or(|days| now.since(at) < i64::from(days) * DAY)
    };
    let mut said = Said::Nothing;
    for choice in history {
        let entry = &choice.entry;
        if gone.contains(&choice.position) || !entry.target.covers(&switch) {
            continue;
        }
        said = match (entry.act, said) {
            (Act::Granted, Said::Yes { at, .. }) => {
                Said::Yes { at: entry.at, renewed: is_valid(at, entry.at) }
            }
            (Act::Granted, _) => Said::Yes { at: entry.at, renewed: false },
            (Act::Withdrawn, Said::Yes { at, .. }) => {
                Said::No { had_consent: is_valid(at, entry.at) }
            }
            (Act::Withdrawn, Said::Nothing) => Said::No { had_consent: false },
            (_, before) => before,
        };
    }
    let (act, now) = (newest.entry.act, newest.entry.at);
    let expired = matches!(said, Said::Yes { at, .. } if !is_valid(at, now));
    let status = status(rule.basis, said, expired, act);
    let (deed, validity) = (deed(rule, status, said, act), validity(rule, said, act));
    Event { switch, basis: rule.basis, status, deed, validity }
}

fn status(basis: Option<Basis>, said: Said, expired: bool, act: Act) -> Option<Status> {
    match basis? {
        Basis::Consent => Some(match said {
            _ if act == Act::Requested => Status::ConsentRequested,
            Said::Yes { .. } if expired => Status::ConsentExpired,
            Said::Yes { renewed: true, .. } => Status::RenewedConsentGiven,
            Said::Yes { renewed: false, .. } => Status::ConsentGiven,
            Said::No { had_consent: true } => Status::ConsentWithdrawn,
            Said::No { had_consent: false } => Status::ConsentRefused,
            Said::Nothing => Status::ConsentUnknown,
        }),
        Basis::LegitimateInterest => Some(match said {
            Said::No { .. } => Status::LegitimateInterestObjected,
            _ => Status::LegitimateInterestNotObjected,
        }),
        Basis::Contract | Basis::LegalObligation => None,
    }
}

fn deed(rule: &Rule, status: Option<Status>, said: Said, act: Act) -> Option<Deed> {
    let no = match (status, rule.basis) {
        (Some(Status::ConsentWithdrawn), _) => Deed::Withdrew,
        (_, Some(Basis::LegitimateInterest)) if !rule.sale_or_sharing => Deed::Objected,
        _ => Deed::OptedOut,
    };
    match act {
        Act::Granted | Act::Resumed => Some(Deed::OptedIn),
        Act::Withdrawn => Some(no),
        Act::Requested if status.is_some() => None,
        Act::Paused { .. } | Act::Requested => Some(Deed::OptedOut),
        // What stands once the entry is taken back.
        Act::Undone { .. } => Some(match said {
            Said::No { .. } => no,
            Said::Nothing if status.is_some() => return None,
            Said::Yes { .. } | Said::Nothing => Deed::OptedIn,
        }),
    }
}

fn validity(rule: &Rule, said: Said, act: Act) -> Validity {
    match (act, said, rule.valid_days) {
        (Act::Paused { until }, ..) => Validity::Until(until),
        (Act::Granted, _, Some(days)) => Validity::Days(days),
        (Act::Undone { .. } | Act::Resumed, Said::Yes { at, .. }, Some(days)) => {
            Validity::Until(at.plus(i64::from(days) * DAY))
        }
        _ => Validity::UntilChanged,
    }
}
