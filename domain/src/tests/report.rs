use proptest::prelude::*;
use uuid::Uuid;

use super::sample::{self, NOW};
use crate::change::{Assurance, Refusal, Setting, Wish, resolve};
use crate::choice::{Actor, Entry};
use crate::decision::{Reason, Standpoint, decide};
use crate::moment::{DAY, Moment};
use crate::preference::Preferences;
use crate::report::{Evidence, Report, Told};
use crate::{
    Catalogue, Choice, Language, NoticeNumber, PersonId, Position, Reference, Source, Target,
};

fn setting<'a>(catalogue: &'a Catalogue, history: &'a [Choice], now: Moment) -> Setting<'a> {
    let (person, assurance) = (Standpoint::default(), Assurance::Link);
    Setting { catalogue, history, person, assurance, now }
}

/// Applies a report as the ledger would.
fn apply(
    catalogue: &Catalogue,
    history: &mut Vec<Choice>,
    report: Report,
    now: Moment,
) -> Result<usize, Refusal> {
    let wish = Wish::Report(report);
    let acts = resolve(&wish, &setting(catalogue, history, now))?;
    let count = acts.len();
    for (target, act) in acts {
        let position = Position(i64::try_from(history.len()).unwrap() + 1);
        let entry = Entry {
            person: PersonId(Uuid::nil()),
            target,
            act,
            source: Source::Api,
            actor: Actor::System,
            notice: NoticeNumber(1),
            language: Language::English,
            at: wish.made_at(act, now),
            reference: Reference::from_random([0; 5]),
        };
        history.push(Choice { position, entry });
    }
    Ok(count)
}

fn targets(catalogue: &Catalogue) -> Vec<Target> {
    let mut all: Vec<_> = catalogue.leaves().flat_map(|leaf| leaf.lineage()).collect();
    all.sort();
    all.dedup();
    all
}

fn told() -> impl Strategy<Value = (usize, Told, i64)> {
    let steps = (0_i64..1_000, 0_i64..1_000).prop_map(|(before, after)| {
        let requested_at = NOW.plus(-before * 1_000);
        Evidence { requested_at, confirmed_at: requested_at.plus(after) }
    });
    let what = prop_oneof![
        3 => Just(Told::OptedOut),
        1 => (0_u16..400).prop_map(Told::Paused),
        2 => Just(Told::OptedIn(None)),
        2 => steps.prop_map(|steps| Told::OptedIn(Some(steps))),
    ];
    (any::<usize>(), what, 0_i64..DAY)
}

proptest! {
    #[test]
    fn without_evidence_no_report_turns_a_no_or_a_pause_into_a_yes(
        reports in prop::collection::vec(told(), 1..24)
    ) {
        let catalogue = sample::catalogue();
        let targets = targets(&catalogue);
        let mut history = Vec::new();
        for (turn, (place, what, before)) in reports.into_iter().enumerate() {
            let now = NOW.plus(i64::try_from(turn).unwrap() * 1_000);
            let target = targets[place % targets.len()].clone();
            let report = Report { target, told: what, at: now.plus(-before) };
            let shut = |history: &[Choice]| -> Vec<Target> {
                let preferences = Preferences::fold(history);
                let leaves = catalogue.leaves().filter(|leaf| {
                    let of = Standpoint::default();
                    let decision = decide(&catalogue, &preferences, of, leaf, now);
                    matches!(decision.reason, Reason::OptedOut | Reason::Paused)
                });
                leaves.collect()
            };
            let before = shut(&history);
            let proven = matches!(what, Told::OptedIn(Some(_)));
            let protective = report.is_protective();
            let known = match what {
                Told::Paused(days) => {
                    (1..=366).contains(&days) && report.target == Target::Marketing
                }
                _ => true,
            };
            let result = apply(&catalogue, &mut history, report, now);
            if protective && known {
                prop_assert!(result.is_ok(), "what protects is never refused");
            }
            if !proven {
                let after = shut(&history);
                prop_assert!(before.iter().all(|leaf| after.contains(leaf)));
            }
        }
    }

    #[test]
    fn a_report_told_twice_adds_nothing(place in any::<usize>(), pause in 1_u16..366) {
        let catalogue = sample::catalogue();
        let targets = targets(&catalogue);
        for what in [Told::OptedOut, Told::Paused(pause)] {
            let target = match what {
                Told::Paused(_) => Target::Marketing,
                _ => targets[place % targets.len()].clone(),
            };
            let mut history = Vec::new();
            let report = Report { target, told: what, at: NOW };
            prop_assert_eq!(apply(&catalogue, &mut history, report.clone(), NOW), Ok(1));
            prop_assert_eq!(apply(&catalogue, &mut history, report, NOW), Ok(0));
        }
    }
}

#[test]
fn evidence_older_than_a_no_proves_nothing() {
    let catalogue = sample::catalogue();
    let leaf: Target = "message:offers/email".parse().unwrap();
    let mut history = Vec::new();
    let no = Report { target: Target::Everything, told: Told::OptedOut, at: NOW };
    apply(&catalogue, &mut history, no, NOW).unwrap();
    let yes = |requested_at: Moment, now: Moment| {
        let steps = Evidence { requested_at, confirmed_at: requested_at.plus(1) };
        let told = Told::OptedIn(Some(steps));
        (Report { target: leaf.clone(), told, at: now }, now)
    };
    for (from, refused) in [(-1, true), (0, true), (1, false)] {
        let (report, now) = yes(NOW.plus(from), NOW.plus(DAY));
        let result = apply(&catalogue, &mut history.clone(), report, now);
        assert_eq!(result, if refused { Err(Refusal::Stale) } else { Ok(2) });
    }
    let (ahead, _) = yes(NOW.plus(DAY), NOW);
    assert_eq!(apply(&catalogue, &mut history, ahead, NOW), Err(Refusal::Stale));
}
