//! What a file, a merge or another system may change: it can tighten, never loosen.

use crate::choice::Act;
use crate::moment::Moment;
use crate::preference::{Hold, Preferences, Standings};
use crate::target::Target;
use crate::voice::Voice;

/// Whether an act that came without the customer's own proof may be recorded.
/// A yes counts only where the customer never said no; a request or an undo never does.
#[must_use]
pub fn admits(preferences: &Preferences, target: &Target, act: Act) -> bool {
    match act {
        // Which shares count as sale is the register's to say: whoever refused sale is asked.
        Act::Granted if matches!(target, Target::Share(..)) => {
            preferences.standing(target).is_none() && preferences.sale_refusal().is_none()
        }
        Act::Granted => target.is_leaf() && preferences.standing(target).is_none(),
        Act::Withdrawn => !preferences.is_withdrawn(target),
        Act::Paused { .. } => true,
        Act::Resumed | Act::Requested | Act::Undone { .. } => false,
    }
}

/// What `receiver` must take over so that it is as protected as `giver`, with whose words it was.
#[must_use]
pub fn carry_over(
    giver: &Preferences,
    receiver: &Preferences,
    now: Moment,
) -> Vec<(Target, Act, Voice)> {
    let refusal = receiver.sale_refusal();
    let heard = refusal.map(|no| no.voice).unwrap_or_default();
    // A yes that came after the receiver's refusal of sale was not given against the giver's.
    let loosened = refusal.is_some_and(|no| {
        let later =
            |hold| matches!(hold, Hold::Standing(yes) if yes.granted && yes.position > no.position);
        receiver.every().any(later)
    });
    let missing = |target: &Target, act: Act, voice: Voice| match act {
        Act::Paused { until } => receiver.pause(target, now).is_none_or(|own| own.until < until),
        _ if voice > heard || (voice != Voice::Own && loosened) => true,
        _ => !receiver.is_withdrawn(target),
    };
    giver
        .protections(now)
        .filter(|(target, act, voice)| missing(target, *act, *voice))
        .map(|(target, act, voice)| (target.clone(), act, voice))
        .collect()
}
