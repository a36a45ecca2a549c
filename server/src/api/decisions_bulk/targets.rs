//! The targets of a bulk, in bounded memory.

use std::collections::HashMap;
use std::sync::Arc;

use domain::Target;

/// Most bytes of a target, all of them ASCII.
const LONGEST_TARGET: usize = 120;
/// Most targets that are remembered; no register holds as many.
const TARGETS_KEPT: usize = 10_000;

/// Targets by their text, so that each is read once.
#[derive(Default)]
pub(super) struct Targets(HashMap<String, Arc<Target>>);

impl Targets {
    /// A target; nothing where the text is none. Only targets are remembered, and no more than fit.
    pub fn read(&mut self, text: &str) -> Option<Arc<Target>> {
        if text.len() > LONGEST_TARGET {
            return None;
        }
        if let Some(known) = self.0.get(text) {
            return Some(Arc::clone(known));
        }
        let target = Arc::new(text.parse::<Target>().ok()?);
        if self.0.len() >= TARGETS_KEPT {
            self.0.clear();
        }
        self.0.insert(text.to_owned(), Arc::clone(&target));
        Some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_targets_are_remembered_and_no_more_of_them_than_fit() {
        let mut targets = Targets::default();
        let long = format!("message:offers/email{}", "x".repeat(60_000));
        for text in ["nonsense", "", "message:offers/email ", &long] {
            assert_eq!(targets.read(text), None);
            assert!(targets.0.is_empty());
        }
        for n in 0..=TARGETS_KEPT {
            assert!(targets.read(&format!("topic:t{n}")).is_some());
            assert!(targets.0.len() <= TARGETS_KEPT);
        }
        let longest = format!("share:{key}/{key}", key = "k".repeat(40));
        assert_eq!(targets.read(&longest), longest.parse().ok().map(Arc::new));
        assert!(longest.len() <= LONGEST_TARGET);
    }
}
