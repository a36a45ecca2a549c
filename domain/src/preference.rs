//! The current state of every target for a person, folded from the ledger.

use std::collections::{BTreeMap, BTreeSet};

use crate::choice::{Act, Choice, Position};
use crate::moment::Moment;
use crate::target::Target;

/// A standing yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Yes (granted) or no (withdrawn).
    pub granted: bool,
    /// When it was said.
    pub at: Moment,
    /// The entry that said it.
    pub position: Position,
}

/// A pause in force or behind us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it ends.
    pub until: Moment,
    /// When it was asked for.
    pub at: Moment,
    /// The entry that asked.
    pub position: Position,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    standing: Option<Standing>,
    pause: Option<Pause>,
    resumed: Option<Position>,
    requested: Option<Standing>,
}

/// What one person has chosen so far. Two ledgers that differ only in entries that were undone
/// fold to equal preferences.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    nodes: BTreeMap<Target, Node>,
    version: Position,
}

/// Equal when they say the same, whatever number of entries it took.
impl PartialEq for Preferences {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes
    }
}

impl Preferences {
    /// Folds one person's entries, given in ledger order.
    #[must_use]
    pub fn fold(history: &[Choice]) -> Self {
        let undone = undone(history);
        let mut preferences = Self::default();
        for choice in history {
            preferences.version = choice.position;
            if !undone.contains(&choice.position) {
                preferences.apply(choice);
            }
        }
        preferences
    }

    fn apply(&mut self, choice: &Choice) {
        let (at, position) = (choice.entry.at, choice.position);
        if matches!(choice.entry.act, Act::Undone { .. }) {
            return;
        }
        let node = self.nodes.entry(choice.entry.target.clone()).or_default();
        match choice.entry.act {
            Act::Granted | Act::Withdrawn => {
                let granted = choice.entry.act == Act::Granted;
                node.standing = Some(Standing { granted, at, position });
            }
            Act::Paused { until } => {
                let earlier = node.pause.filter(|_| node.resumed.is_none());
                let until = earlier.map_or(until, |pause| pause.until.max(until));
                node.pause = Some(Pause { until, at, position });
                node.resumed = None;
            }
            Act::Resumed => node.resumed = Some(position),
            Act::Requested => node.requested = Some(Standing { granted: true, at, position }),
            Act::Undone { .. } => {}
        }
    }

    /// Place of the newest entry folded in; what a form says it has seen.
    #[must_use]
    pub const fn version(&self) -> Position {
        self.version
    }

    /// The newest yes or no on a target or on anything that holds it.
    #[must_use]
    pub fn standing(&self, target: &Target) -> Option<Standing> {
        self.over(target).filter_map(|node| node.standing).max_by_key(|standing| standing.position)
    }

    /// The pause that reaches a target and lasts longest, unless it was ended early.
    #[must_use]
    pub fn pause(&self, target: &Target, now: Moment) -> Option<Pause> {
        let resumed = self.over(target).filter_map(|node| node.resumed).max();
        self.over(target)
            .filter_map(|node| node.pause)
            .filter(|pause| pause.until > now && resumed.is_none_or(|end| end < pause.position))
            .max_by_key(|pause| pause.until)
    }

    /// The newest unanswered request to turn a target on.
    #[must_use]
    pub fn requested(&self, target: &Target) -> Option<(Moment, Position)> {
        let request = self.nodes.get(target)?.requested?;
        let newest = |place: Option<Position>| place.is_some_and(|place| place > request.position);
        let answered = newest(self.standing(target).map(|known| known.position))
            || newest(self.nodes.get(target)?.resumed);
        (!answered).then_some((request.at, request.position))
    }

    /// Whether a no holds for the target and for everything it holds.
    #[must_use]
    pub fn is_withdrawn(&self, target: &Target) -> bool {
        let Some(standing) = self.standing(target).filter(|standing| !standing.granted) else {
            return false;
        };
        !self.nodes.iter().any(|(below, node)| {
            target.covers(below)
                && node.standing.is_some_and(|s| s.granted && s.position > standing.position)
        })
    }

    /// Every target with an own no or a pause still in force, for carrying them to another record.
    pub fn protections(&self, now: Moment) -> impl Iterator<Item = (&Target, Act)> {
        self.nodes.keys().flat_map(move |target| {
            let node = &self.nodes[target];
            let no = node.standing.filter(|standing| !standing.granted);
            let pause = node.pause.filter(|pause| pause.until > now && node.resumed.is_none());
            let pause = pause.map(|pause| Act::Paused { until: pause.until });
            no.map(|_| Act::Withdrawn).into_iter().chain(pause).map(move |act| (target, act))
        })
    }

    /// A person has few nodes, so asking each is cheaper than building the target's lineage.
    fn over(&self, target: &Target) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |(wider, _)| wider.covers(target)).map(|(_, node)| node)
    }
}

/// The entries of a history that were taken back. Only what came before can be.
#[must_use]
pub fn undone(history: &[Choice]) -> BTreeSet<Position> {
    history
        .iter()
        .filter_map(|choice| match choice.entry.act {
            Act::Undone { entry } if entry < choice.position => Some(entry),
            _ => None,
        })
        .collect()
}
