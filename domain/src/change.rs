//! From a wish to ledger entries: what is recorded, what is refused, what needs proof.

use crate::catalogue::Catalogue;
use crate::choice::{Act, Choice, Position};
use crate::decision::{Reason, Standpoint, decide};
use crate::moment::{DAY, MINUTE, Moment};
use crate::preference::{Preferences, Standings, undone};
use crate::reference::Reference;
use crate::report::{self, Report};
use crate::target::Target;
use crate::voice::Voice;

/// How long a change may be taken back by the session that made it, and how long a request to
/// turn something on waits for its confirmation.
pub const WINDOW: i64 = 10 * MINUTE;

/// Lengths of a pause on offer, in days.
pub const PAUSE_DAYS: [u16; 3] = [30, 90, 180];

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Opt out. At once, from anyone who holds a link, however stale their page.
    TurnOff(Target),
    /// Opt out of all that the register counts as sale or sharing, by signal or agent; once.
    StopSale(Voice),
    /// Pause all marketing for one of [`PAUSE_DAYS`].
    Pause(u16),
    /// First step of opting in, or of ending a pause of all marketing.
    AskOn(Target),
    /// Second step of the same, by someone whose page was at `seen`.
    ConfirmOn {
        /// What to turn on.
        target: Target,
        /// The newest entry that the confirming page had shown.
        seen: Position,
    },
    /// Take back what one click of this session did.
    Undo(Reference),
    /// Take back what a letter told of, by the link in it.
    UndoByLetter {
        /// The entry to take back.
        entry: Position,
        /// Until when the link works.
        until: Moment,
    },
    /// Count what another system told of.
    Report(Report),
}

impl Wish {
    /// When the customer did what an act of this wish says.
    #[must_use]
    pub const fn made_at(&self, act: Act, now: Moment) -> Moment {
        match self {
            Self::Report(report) => report.made_at(act),
            _ => now,
        }
    }

    /// Whether somebody is remembered for it of whom nothing else is known.
    #[must_use]
    pub const fn makes_a_record(&self) -> bool {
        matches!(self, Self::TurnOff(_) | Self::StopSale(_))
            || matches!(self, Self::Report(report) if report.is_protective())
    }
}

/// How sure we are who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// Came by a long-lived link, or only named an identifier: may restrict.
    Link,
    /// Answered a fresh code: may loosen and see.
    Verified,
}

/// An expected no, told to the customer with the current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The register has no such switch.
    #[error("no such switch")]
    UnknownTarget,
    /// A law requires it; there is nothing to turn.
    #[error("required by law")]
    RequiredByLaw,
    /// Turning on needs a fresh code first.
    #[error("needs a fresh code")]
    NeedsCode,
    /// Yes is given switch by switch (LGPD Art. 8 §4; PIPL Art. 23).
    #[error("a yes covers one switch at a time")]
    OneAtATime,
    /// Something changed since the page was shown, or the request is too old.
    #[error("the page is out of date")]
    Stale,
    /// Too late to take back, or not this session's to take back.
    #[error("cannot be undone any more")]
    NotUndoable,
    /// Not one of the lengths on offer.
    #[error("no such length of pause")]
    NotAPause,
    /// The person said no; a yes from elsewhere needs evidence of two steps.
    #[error("needs evidence of two steps")]
    NeedsEvidence,
    /// A person under 16 can't be opted in to sale or sharing here.
    #[error("not available under 16")]
    Minor,
}

/// What a wish is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The notice in force.
    pub catalogue: &'a Catalogue,
    /// The person's entries so far, in ledger order.
    pub history: &'a [Choice],
    /// What else is known of the person.
    pub person: Standpoint,
    /// Who is there.
    pub assurance: Assurance,
    /// The clock.
    pub now: Moment,
}

/// The entries that a wish adds. An empty list says that all is already as wished.
///
/// # Errors
/// A [`Refusal`]; protective wishes meet only [`Refusal::UnknownTarget`], [`Refusal::RequiredByLaw`]
/// and [`Refusal::NotAPause`].
pub fn resolve(wish: &Wish, setting: &Setting<'_>) -> Result<Vec<(Target, Act)>, Refusal> {
    let preferences = Preferences::fold(setting.history);
    match wish {
        Wish::TurnOff(target) => turn_off(target, setting, &preferences),
        Wish::StopSale(voice) => Ok(stop_sale(*voice, setting.catalogue, &preferences)),
        Wish::Pause(days) => pause(*days, setting, &preferences),
        Wish::AskOn(target) => ask_on(target, setting, &preferences),
        Wish::ConfirmOn { target, seen } => confirm_on(target, *seen, setting, &preferences),
        Wish::Undo(reference) => undo(reference, setting),
        Wish::UndoByLetter { .. } if setting.assurance < Assurance::Verified => {
            Err(Refusal::NeedsCode)
        }
        Wish::UndoByLetter { until, .. } if setting.now > *until => Err(Refusal::NotUndoable),
        Wish::UndoByLetter { entry, .. } => undo_entry(*entry, setting),
        Wish::Report(report) => report::resolve(report, setting, &preferences),
    }
}

type Added = Result<Vec<(Target, Act)>, Refusal>;

fn turn_off(target: &Target, setting: &Setting<'_>, preferences: &Preferences) -> Added {
    if matches!(target, Target::Exception(_)) {
        return Err(Refusal::RequiredByLaw);
    }
    let remembered = setting.history.iter().any(|choice| choice.entry.target == *target);
    if !remembered && !setting.catalogue.knows(target) {
        return Err(Refusal::UnknownTarget);
    }
    if preferences.is_withdrawn(target) {
        return Ok(Vec::new());
    }
    Ok(vec![(target.clone(), Act::Withdrawn)])
}

/// Every purpose of sale or sharing that the voice has not refused yet. A signal that goes on
/// being sent says nothing new: what the customer allowed after it was first heard stays allowed
/// (11 CCR 7025(c)(3)–(4)). An agent asks each time.
#[must_use]
pub fn stop_sale(
    voice: Voice,
    catalogue: &Catalogue,
    preferences: &Preferences,
) -> Vec<(Target, Act)> {
    let refused = |target: &Target| {
        let heard = preferences.own(target).is_some_and(|no| !no.granted && no.voice >= voice);
        heard && (voice == Voice::Signal || preferences.is_withdrawn(target))
    };
    let purposes = catalogue.purposes.iter().filter(|purpose| purpose.sale_or_sharing);
    purposes
        .map(|purpose| Target::Purpose(purpose.key.clone()))
        .filter(|target| !refused(target))
        .map(|target| (target, Act::Withdrawn))
        .collect()
}

fn pause(days: u16, setting: &Setting<'_>, preferences: &Preferences) -> Added {
    if !PAUSE_DAYS.contains(&days) {
        return Err(Refusal::NotAPause);
    }
    let until = setting.now.plus(i64::from(days) * DAY);
    let longer = preferences.pause(&Target::Marketing, setting.now);
    // A double click comes with the same length a moment later: it is the same pause.
    if longer.is_some_and(|pause| until.since(pause.until) < MINUTE) {
        return Ok(Vec::new());
    }
    Ok(vec![(Target::Marketing, Act::Paused { until })])
}

fn may_turn_on(
    target: &Target,
    setting: &Setting<'_>,
    preferences: &Preferences,
) -> Result<bool, Refusal> {
    if matches!(target, Target::Exception(_)) {
        return Err(Refusal::RequiredByLaw);
    }
    if *target == Target::Marketing {
        let paused = preferences.pause(target, setting.now).is_some();
        return if setting.assurance < Assurance::Verified {
            Err(Refusal::NeedsCode)
        } else {
            Ok(paused)
        };
    }
    if !target.is_leaf() {
        return Err(Refusal::OneAtATime);
    }
    if !setting.catalogue.knows(target) {
        return Err(Refusal::UnknownTarget);
    }
    if setting.assurance < Assurance::Verified {
        return Err(Refusal::NeedsCode);
    }
    let decision = decide(setting.catalogue, preferences, setting.person, target, setting.now);
    match decision.reason {
        Reason::Minor => Err(Refusal::Minor),
        _ => Ok(!decision.allowed),
    }
}

fn ask_on(target: &Target, setting: &Setting<'_>, preferences: &Preferences) -> Added {
    if !may_turn_on(target, setting, preferences)? {
        return Ok(Vec::new());
    }
    let fresh = |(at, _): &(Moment, Position)| setting.now.since(*at) < MINUTE;
    if preferences.requested(target).as_ref().is_some_and(fresh) {
        return Ok(Vec::new());
    }
    Ok(vec![(target.clone(), Act::Requested)])
}

fn confirm_on(
    target: &Target,
    seen: Position,
    setting: &Setting<'_>,
    preferences: &Preferences,
) -> Added {
    if !may_turn_on(target, setting, preferences)? {
        return Ok(Vec::new());
    }
    let (at, _) = preferences.requested(target).ok_or(Refusal::Stale)?;
    let changed = setting.history.iter().any(|choice| {
        choice.position > seen
            && choice.entry.act.is_protective()
            && choice.entry.target.covers(target)
    });
    if changed || setting.now.since(at) > WINDOW {
        return Err(Refusal::Stale);
    }
    let mut added = Vec::new();
    if preferences.pause(target, setting.now).is_some() {
        added.push((target.clone(), Act::Resumed));
    }
    if target.is_leaf() {
        added.push((target.clone(), Act::Granted));
    }
    Ok(added)
}

fn undo(reference: &Reference, setting: &Setting<'_>) -> Added {
    let taken_back = undone(setting.history);
    let mine = setting.history.iter().filter(|choice| choice.entry.reference == *reference);
    let mut added = Vec::new();
    let mut found = false;
    for choice in mine {
        let entry = &choice.entry;
        if !entry.act.is_protective() || setting.now.since(entry.at) > WINDOW {
            return Err(Refusal::NotUndoable);
        }
        found = true;
        if !taken_back.contains(&choice.position) {
            added.push((entry.target.clone(), Act::Undone { entry: choice.position }));
        }
    }
    if found { Ok(added) } else { Err(Refusal::NotUndoable) }
}

fn undo_entry(position: Position, setting: &Setting<'_>) -> Added {
    let choice = setting.history.iter().find(|choice| choice.position == position);
    let choice = choice.filter(|choice| choice.entry.act.is_protective());
    let entry = &choice.ok_or(Refusal::NotUndoable)?.entry;
    if undone(setting.history).contains(&position) {
        return Ok(Vec::new());
    }
    Ok(vec![(entry.target.clone(), Act::Undone { entry: position })])
}
