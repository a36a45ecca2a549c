//! The current state of every target for a person, folded from the ledger.

use std::collections::{BTreeMap, BTreeSet};

use crate::choice::{Act, Choice, Position};
use crate::moment::Moment;
use crate::target::Target;
use crate::voice::Voice;

/// A standing yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Yes (granted) or no (withdrawn).
    pub granted: bool,
    /// When it was said.
    pub at: Moment,
    /// The entry that said it.
    pub position: Position,
    /// Whose words it was.
    pub voice: Voice,
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

/// One thing that a person holds on a target. All of a person's, with their targets, are their
/// [`Preferences`] in another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// A standing yes or no.
    Standing(Standing),
    /// A pause.
    Pause(Pause),
    /// The entry that ended every pause before it.
    Resumed(Position),
    /// A request to turn the target on.
    Requested {
        /// When it was made.
        at: Moment,
        /// The entry that made it.
        position: Position,
    },
}

/// What a decision asks of a person's choices, in whatever form they are kept.
pub trait Standings {
    /// What is held on a target and on everything that holds it.
    fn over<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = Hold> + 'a;

    /// Everything that is held, on whatever target.
    fn every(&self) -> impl Iterator<Item = Hold>;

    /// The newest yes or no on a target or on anything that holds it.
    fn standing(&self, target: &Target) -> Option<Standing> {
        let standing =
            |hold| if let Hold::Standing(standing) = hold { Some(standing) } else { None };
        self.over(target).filter_map(standing).max_by_key(|standing| standing.position)
    }

    /// The pause that reaches a target and lasts longest, unless it was ended early.
    fn pause(&self, target: &Target, now: Moment) -> Option<Pause> {
        let resumed = |hold| if let Hold::Resumed(position) = hold { Some(position) } else { None };
        let pause = |hold| if let Hold::Pause(pause) = hold { Some(pause) } else { None };
        let resumed = self.over(target).filter_map(resumed).max();
        self.over(target)
            .filter_map(pause)
            .filter(|pause| pause.until > now && resumed.is_none_or(|end| end < pause.position))
            .max_by_key(|pause| pause.until)
    }

    /// The newest no to sale and sharing as a whole, by signal or agent.
    fn sale_refusal(&self) -> Option<Standing> {
        let refusal = |hold| match hold {
            Hold::Standing(no) if !no.granted && no.voice != Voice::Own => Some(no),
            _ => None,
        };
        self.every().filter_map(refusal).max_by_key(|no| no.position)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    standing: Option<Standing>,
    pause: Option<Pause>,
    resumed: Option<Position>,
    requested: Option<Standing>,
}

impl Node {
    fn holds(&self) -> impl Iterator<Item = Hold> + use<> {
        let requested = |said: Standing| Hold::Requested { at: said.at, position: said.position };
        [
            self.standing.map(Hold::Standing),
            self.pause.map(Hold::Pause),
            self.resumed.map(Hold::Resumed),
            self.requested.map(requested),
        ]
        .into_iter()
        .flatten()
    }

    const fn hold(&mut self, hold: Hold) {
        match hold {
            Hold::Standing(standing) => self.standing = Some(standing),
            Hold::Pause(pause) => self.pause = Some(pause),
            Hold::Resumed(position) => self.resumed = Some(position),
            Hold::Requested { at, position } => {
                self.requested = Some(request(at, position));
            }
        }
    }
}

const fn request(at: Moment, position: Position) -> Standing {
    Standing { granted: true, at, position, voice: Voice::Own }
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
        Self::fold_steps(history.iter().map(Step::from))
    }

    /// Folds what matters of one person's entries, given in ledger order.
    #[must_use]
    pub fn fold_steps<'a>(steps: impl Iterator<Item = Step<'a>> + Clone) -> Self {
        let undone = taken_back(steps.clone());
        let mut preferences = Self::default();
        for step in steps {
            preferences.version = step.position;
            if !undone.contains(&step.position) {
                preferences.apply(step);
            }
        }
        preferences
    }

    fn apply(&mut self, step: Step<'_>) {
        let Step { position, target, act, at, voice } = step;
        if matches!(act, Act::Undone { .. }) {
            return;
        }
        let node = self.nodes.entry(target.clone()).or_default();
        match act {
            Act::Granted | Act::Withdrawn => {
                let granted = act == Act::Granted;
                // A no to sale as a whole does not shrink to a no to this alone.
                let earlier = node.standing.filter(|earlier| !earlier.granted && !granted);
                let voice = if granted { Voice::Own } else { voice };
                let voice = earlier.map_or(voice, |earlier| earlier.voice.max(voice));
                node.standing = Some(Standing { granted, at, position, voice });
            }
            Act::Paused { until } => {
                let earlier = node.pause.filter(|_| node.resumed.is_none());
                let until = earlier.map_or(until, |pause| pause.until.max(until));
                node.pause = Some(Pause { until, at, position });
                node.resumed = None;
            }
            Act::Resumed => node.resumed = Some(position),
            Act::Requested => node.requested = Some(request(at, position)),
            Act::Undone { .. } => {}
        }
    }

    /// Place of the newest entry folded in; what a form says it has seen.
    #[must_use]
    pub const fn version(&self) -> Position {
        self.version
    }

    /// Everything held, target by target; [`Preferences::from_holds`] makes the same of it again.
    pub fn holds(&self) -> impl Iterator<Item = (&Target, Hold)> {
        self.nodes.iter().flat_map(|(target, node)| node.holds().map(move |hold| (target, hold)))
    }

    /// The preferences that hold just this, folded up to the entry at `version`.
    #[must_use]
    pub fn from_holds(version: Position, holds: impl IntoIterator<Item = (Target, Hold)>) -> Self {
        let mut nodes: BTreeMap<Target, Node> = BTreeMap::new();
        for (target, hold) in holds {
            nodes.entry(target).or_default().hold(hold);
        }
        Self { nodes, version }
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

    /// The own yes or no of a target, whatever holds it.
    #[must_use]
    pub fn own(&self, target: &Target) -> Option<Standing> {
        self.nodes.get(target)?.standing
    }

    /// Every target with an own no or a pause still in force, for carrying them to another record.
    pub fn protections(&self, now: Moment) -> impl Iterator<Item = (&Target, Act, Voice)> {
        self.nodes.keys().flat_map(move |target| {
            let node = &self.nodes[target];
            let no = node.standing.filter(|standing| !standing.granted);
            let pause = node.pause.filter(|pause| pause.until > now && node.resumed.is_none());
            let pause = pause.map(|pause| (Act::Paused { until: pause.until }, Voice::Own));
            let no = no.map(|no| (Act::Withdrawn, no.voice));
            no.into_iter().chain(pause).map(move |(act, voice)| (target, act, voice))
        })
    }
}

impl Standings for Preferences {
    /// A person has few nodes, so asking each is cheaper than building the target's lineage.
    fn over<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = Hold> + 'a {
        let wider = self.nodes.iter().filter(move |(wider, _)| wider.covers(target));
        wider.flat_map(|(_, node)| node.holds())
    }

    fn every(&self) -> impl Iterator<Item = Hold> {
        self.nodes.values().flat_map(Node::holds)
    }
}

/// What the fold reads of an entry.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Its place.
    pub position: Position,
    /// About what.
    pub target: &'a Target,
    /// What was chosen.
    pub act: Act,
    /// When.
    pub at: Moment,
    /// Whose words.
    pub voice: Voice,
}

impl<'a> From<&'a Choice> for Step<'a> {
    fn from(choice: &'a Choice) -> Self {
        let Choice { position, entry } = choice;
        Self {
            position: *position,
            target: &entry.target,
            act: entry.act,
            at: entry.at,
            voice: entry.source.into(),
        }
    }
}

/// The entries of a history that were taken back. Only what came before can be.
#[must_use]
pub fn undone(history: &[Choice]) -> BTreeSet<Position> {
    taken_back(history.iter().map(Step::from))
}

fn taken_back<'a>(steps: impl Iterator<Item = Step<'a>>) -> BTreeSet<Position> {
    let taken_back = steps.filter_map(|step| match step.act {
        Act::Undone { entry } if entry < step.position => Some(entry),
        _ => None,
    });
    taken_back.collect()
}
