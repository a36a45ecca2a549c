//! A register made ready for many decisions.

use std::collections::HashMap;

use crate::catalogue::Catalogue;
use crate::decision::{Decision, NOT_IN_CATALOGUE, Rule, Standpoint, judge, required, rule};
use crate::key::Key;
use crate::moment::Moment;
use crate::preference::Standings;
use crate::target::Target;

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
        if let Target::Exception(key) = target {
            return required(self.exceptions.get(key).copied(), now);
        }
        let Some(place) = self.places.get(target) else { return NOT_IN_CATALOGUE };
        let (target, rule) = &self.leaves[*place];
        judge(rule, standings, person, target, now)
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
