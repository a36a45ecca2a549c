//! A register made ready for many decisions.

use std::collections::HashMap;

use crate::catalogue::Catalogue;
use crate::decision::{Decision, NOT_IN_CATALOGUE, Rule, Standpoint, judge, required, rule};
use crate::key::Key;
use crate::moment::Moment;
use crate::preference::Standings;
use crate::target::Target;

/// What a register says of one target, looked up once for many decisions.
#[derive(Clone, Copy, Debug)]
pub struct Matter<'a>(Case<'a>);

#[derive(Clone, Copy, Debug)]
enum Case<'a> {
    /// A switch with its rule.
    Switch(&'a Target, &'a Rule),
    /// An exception, with the day from which it needs a new review where the register has it.
    Exception(Option<Moment>),
    /// Neither.
    Unknown,
}

impl Matter<'_> {
    /// Decides. What is not a single switch or exception of the register is denied.
    #[must_use]
    pub fn decide(&self, standings: &impl Standings, person: Standpoint, now: Moment) -> Decision {
        match self.0 {
            Case::Switch(target, rule) => judge(rule, standings, person, target, now),
            Case::Exception(review_on) => required(review_on, now),
            Case::Unknown => NOT_IN_CATALOGUE,
        }
    }
}

/// Every switch of a register with its rule, looked up once. It decides as
/// [`crate::decision::decide`] does, for both ask the same function of the same rules.
#[derive(Clone, Debug)]
pub struct Rulebook {
    leaves: Vec<(Target, Rule)>,
    places: HashMap<Target, usize>,
    exceptions: HashMap<Key, Moment>,
}

impl Rulebook {
    /// The rules of a register.
    #[must_use]
    pub fn new(catalogue: &Catalogue) -> Self {
        let leaves: Vec<_> = catalogue
            .leaves()
            .filter_map(|leaf| rule(catalogue, &leaf).map(|rule| (leaf, rule)))
            .collect();
        let places = leaves.iter().enumerate().map(|(place, (leaf, _))| (leaf.clone(), place));
        let exceptions = catalogue.exceptions.iter();
        Self {
            places: places.collect(),
            exceptions: exceptions.map(|known| (known.key.clone(), known.review_on)).collect(),
            leaves,
        }
    }

    /// Decides for one target. What is not a single switch or exception of the register is denied.
    #[must_use]
    pub fn decide(
        &self,
        standings: &impl Standings,
        person: Standpoint,
        target: &Target,
        now: Moment,
    ) -> Decision {
        self.find(target).decide(standings, person, now)
    }

    /// What the register says of a target.
    #[must_use]
    pub fn find(&self, target: &Target) -> Matter<'_> {
        if let Target::Exception(key) = target {
            return Matter(Case::Exception(self.exceptions.get(key).copied()));
        }
        let leaf = self.places.get(target).map(|place| &self.leaves[*place]);
        Matter(leaf.map_or(Case::Unknown, |(target, rule)| Case::Switch(target, rule)))
    }

    /// Decides for every switch, in the register's order.
    pub fn decide_all<'a>(
        &'a self,
        standings: &'a impl Standings,
        person: Standpoint,
        now: Moment,
    ) -> impl Iterator<Item = (&'a Target, Decision)> {
        let judged = move |(target, rule): &'a (Target, Rule)| {
            (target, judge(rule, standings, person, target, now))
        };
        self.leaves.iter().map(judged)
    }
}
