use proptest::prelude::*;
use uuid::Uuid;

use super::sample::{self, NOW};
use crate::catalogue::Catalogue;
use crate::change::{Assurance, Refusal, Setting, WINDOW, Wish, resolve};
use crate::choice::{Actor, Entry};
use crate::decision::{Reason, Standpoint, decide};
use crate::moment::{DAY, Moment};
use crate::preference::Preferences;
use crate::ratchet;
use crate::{Act, Choice, Language, NoticeNumber, PersonId, Position, Reference, Source, Target};

/// A person whose wishes are resolved one after another, as the ledger would.
struct Life<'a> {
    catalogue: &'a Catalogue,
    history: Vec<Choice>,
    now: Moment,
    clicks: u8,
    source: Source,
}

impl<'a> Life<'a> {
    fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, history: Vec::new(), now: NOW, clicks: 0, source: Source::Page }
    }

    fn wish(&mut self, wish: &Wish, assurance: Assurance) -> Result<Option<Reference>, Refusal> {
        let setting = Setting {
            catalogue: self.catalogue,
            history: &self.history,
            person: Standpoint::default(),
            assurance,
            now: self.now,
        };
        let added = resolve(wish, &setting)?;
        self.clicks += 1;
        let reference = Reference::from_random([0, 0, 0, 0, self.clicks]);
        let any = !added.is_empty();
        for (target, act) in added {
            self.append(target, act, &reference);
        }
        self.now = self.now.plus(1000);
        Ok(any.then_some(reference))
    }

    fn append(&mut self, target: Target, act: Act, reference: &Reference) {
        let position = Position(i64::try_from(self.history.len()).unwrap() + 1);
        let entry = Entry {
            person: PersonId(Uuid::nil()),
            target,
            act,
            source: self.source,
            actor: Actor::Person,
            notice: NoticeNumber(1),
            language: Language::English,
            at: self.now,
            reference: reference.clone(),
        };
        self.history.push(Choice { position, entry });
    }

    fn off(&mut self, target: &str) -> Option<Reference> {
        self.wish(&Wish::TurnOff(target.parse().unwrap()), Assurance::Link).unwrap()
    }

    fn turn_on(&mut self, target: &str) {
        let target: Target = target.parse().unwrap();
        self.wish(&Wish::AskOn(target.clone()), Assurance::Verified).unwrap();
        let seen = Preferences::fold(&self.history).version();
        self.wish(&Wish::ConfirmOn { target, seen }, Assurance::Verified).unwrap();
    }

    fn decides(&self, target: &Target) -> crate::Decision {
        let preferences = Preferences::fold(&self.history);
        decide(self.catalogue, &preferences, Standpoint::default(), target, self.now)
    }

    fn allows(&self, target: &str) -> bool {
        self.decides(&target.parse().unwrap()).allowed
    }
}

fn targets() -> impl Strategy<Value = Target> {
    let catalogue = sample::catalogue();
    let mut all: Vec<Target> = catalogue.leaves().flat_map(|leaf| leaf.lineage()).collect();
    all.sort();
    all.dedup();
    proptest::sample::select(all)
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Granted),
        Just(Act::Withdrawn),
        (0_i64..200).prop_map(|days| Act::Paused { until: NOW.plus(days * DAY) }),
        Just(Act::Resumed),
        Just(Act::Requested),
        (1_i64..12).prop_map(|entry| Act::Undone { entry: Position(entry) }),
    ]
}

fn sources() -> impl Strategy<Value = Source> {
    proptest::sample::select(vec![
        Source::Page,
        Source::Page,
        Source::Agent,
        Source::PreferenceSignal,
    ])
}

fn histories() -> impl Strategy<Value = Vec<(Target, Act, Source)>> {
    proptest::collection::vec((targets(), acts(), sources()), 0..12)
}

fn live<'a>(catalogue: &'a Catalogue, entries: &[(Target, Act, Source)]) -> Life<'a> {
    let mut life = Life::new(catalogue);
    for (target, act, source) in entries {
        life.source = *source;
        // A yes covers one switch: wider ones can't come about.
        let act = if *act == Act::Granted && !target.is_leaf() { Act::Withdrawn } else { *act };
        life.append(target.clone(), act, &Reference::from_random([9; 5]));
    }
    life.now = NOW.plus(1000);
    life.source = Source::Page;
    life
}

proptest! {
    #[test]
    fn adding_an_opt_out_never_turns_deny_into_allow(entries in histories(), target in targets()) {
        let catalogue = sample::catalogue();
        let mut life = live(&catalogue, &entries);
        let before: Vec<_> = catalogue.leaves().map(|leaf| (life.decides(&leaf), leaf)).collect();
        life.append(target.clone(), Act::Withdrawn, &Reference::from_random([8; 5]));
        for (decision, leaf) in before {
            let after = life.decides(&leaf);
            prop_assert!(decision.allowed || !after.allowed, "{leaf}");
            if target.covers(&leaf) {
                prop_assert!(!after.allowed, "{leaf} is still allowed after {target} was turned off");
            }
        }
    }

    #[test]
    fn adding_a_pause_never_turns_deny_into_allow(entries in histories(), target in targets(), days in 1_i64..200) {
        let catalogue = sample::catalogue();
        let mut life = live(&catalogue, &entries);
        let before: Vec<_> = catalogue.leaves().map(|leaf| (life.decides(&leaf).allowed, leaf)).collect();
        life.append(target, Act::Paused { until: life.now.plus(days * DAY) }, &Reference::from_random([8; 5]));
        for (allowed, leaf) in before {
            prop_assert!(allowed || !life.decides(&leaf).allowed, "{leaf}");
        }
    }

    #[test]
    fn undo_restores_exactly_what_was_before(entries in histories(), target in targets()) {
        let catalogue = sample::catalogue();
        let mut life = live(&catalogue, &entries);
        let before = Preferences::fold(&life.history);
        let Ok(Some(reference)) = life.wish(&Wish::TurnOff(target), Assurance::Link) else { return Ok(()) };
        life.wish(&Wish::Undo(reference), Assurance::Link).unwrap();
        let after = Preferences::fold(&life.history);
        for leaf in catalogue.leaves() {
            let person = Standpoint::default();
            prop_assert_eq!(
                decide(&catalogue, &before, person, &leaf, life.now),
                decide(&catalogue, &after, person, &leaf, life.now)
            );
        }
    }

    #[test]
    fn replaying_the_ledger_gives_the_current_state(entries in histories()) {
        let catalogue = sample::catalogue();
        let life = live(&catalogue, &entries);
        let whole = Preferences::fold(&life.history);
        let again = Preferences::fold(&life.history.clone());
        prop_assert_eq!(&whole, &again);
        let undone = crate::preference::undone(&life.history);
        let kept: Vec<Choice> = life
            .history
            .iter()
            .filter(|choice| !undone.contains(&choice.position))
            .filter(|choice| !matches!(choice.entry.act, Act::Undone { .. }))
            .cloned()
            .collect();
        prop_assert_eq!(whole, Preferences::fold(&kept));
    }

    #[test]
    fn a_rulebook_decides_as_the_register_does(entries in histories(), target in targets(), born in 1990_u16..2026) {
        let catalogue = sample::catalogue();
        let life = live(&catalogue, &entries);
        let rules = crate::Rulebook::new(&catalogue);
        let preferences = Preferences::fold(&life.history);
        let person = Standpoint { birth_year: Some(born) };
        let exceptions = catalogue.exceptions.iter().map(|known| Target::Exception(known.key.clone()));
        for asked in catalogue.leaves().chain(exceptions).chain([target]) {
            prop_assert_eq!(
                rules.decide(&preferences, person, &asked, life.now),
                decide(&catalogue, &preferences, person, &asked, life.now)
            );
        }
        let all: Vec<_> = rules.decide_all(&preferences, person, life.now).collect();
        prop_assert_eq!(all.len(), catalogue.leaves().count());
        for (leaf, decision) in all {
            prop_assert_eq!(decision, decide(&catalogue, &preferences, person, leaf, life.now));
        }
    }

    #[test]
    fn preferences_survive_being_taken_apart(entries in histories()) {
        let catalogue = sample::catalogue();
        let life = live(&catalogue, &entries);
        let preferences = Preferences::fold(&life.history);
        let holds: Vec<_> = preferences.holds().map(|(target, hold)| (target.clone(), hold)).collect();
        let again = Preferences::from_holds(preferences.version(), holds);
        prop_assert_eq!(again.version(), preferences.version());
        prop_assert_eq!(again, preferences);
    }

    #[test]
    fn a_file_can_tighten_but_never_loosen(entries in histories(), target in targets(), act in acts()) {
        let catalogue = sample::catalogue();
        let mut life = live(&catalogue, &entries);
        let preferences = Preferences::fold(&life.history);
        let before: Vec<_> = catalogue.leaves().map(|leaf| (life.decides(&leaf), leaf)).collect();
        if ratchet::admits(&preferences, &target, act) {
            life.append(target, act, &Reference::from_random([8; 5]));
        }
        for (decision, leaf) in before {
            let refused = matches!(
                decision.reason,
                Reason::OptedOut | Reason::PreferenceSignal | Reason::Paused
            );
            prop_assert!(!refused || !life.decides(&leaf).allowed, "{leaf}");
        }
    }

    #[test]
    fn whoever_takes_over_protections_is_protected_at_least_as_much(
        giver in histories(),
        receiver in histories(),
    ) {
        let catalogue = sample::catalogue();
        let giver = live(&catalogue, &giver);
        let mut receiver = live(&catalogue, &receiver);
        let taken = ratchet::carry_over(
            &Preferences::fold(&giver.history),
            &Preferences::fold(&receiver.history),
            receiver.now,
        );
        for (target, act, voice) in taken {
            receiver.source = voice.carried(Source::Import);
            receiver.append(target, act, &Reference::from_random([8; 5]));
        }
        for leaf in catalogue.leaves() {
            if matches!(giver.decides(&leaf).reason, Reason::OptedOut | Reason::PreferenceSignal) {
                prop_assert!(!receiver.decides(&leaf).allowed, "{leaf}");
            }
        }
    }

    #[test]
    fn whoever_came_by_a_link_can_only_restrict(entries in histories(), target in targets()) {
        let catalogue = sample::catalogue();
        let life = live(&catalogue, &entries);
        for wish in [
            Wish::AskOn(target.clone()),
            Wish::ConfirmOn { target: target.clone(), seen: Position(99) },
        ] {
            let setting = Setting {
                catalogue: &catalogue,
                history: &life.history,
                person: Standpoint::default(),
                assurance: Assurance::Link,
                now: life.now,
            };
            prop_assert!(resolve(&wish, &setting).is_err());
        }
    }

    #[test]
    fn targets_are_written_and_read_alike(target in targets()) {
        prop_assert_eq!(target.to_string().parse::<Target>(), Ok(target));
    }

    #[test]
    fn a_target_covers_another_exactly_when_it_stands_in_its_lineage(one in targets(), other in targets()) {
        prop_assert_eq!(one.covers(&other), other.lineage().contains(&one));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,200}") {
        let _ = text.parse::<Target>();
        let _ = text.parse::<Reference>();
        let _ = text.parse::<crate::contact::Email>();
        let _ = Language::for_header(&text, &Language::ALL);
    }
}

#[test]
fn turning_on_takes_two_steps_and_the_first_changes_nothing() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    life.off("message:offers/email");
    let target: Target = "message:offers/email".parse().unwrap();
    life.wish(&Wish::AskOn(target.clone()), Assurance::Verified).unwrap();
    assert!(!life.allows("message:offers/email"));
    let seen = Preferences::fold(&life.history).version();
    life.wish(&Wish::ConfirmOn { target, seen }, Assurance::Verified).unwrap();
    assert!(life.allows("message:offers/email"));
}

#[test]
fn a_confirmation_from_a_stale_page_is_refused() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    life.off("message:offers/email");
    let target: Target = "message:offers/email".parse().unwrap();
    life.wish(&Wish::AskOn(target.clone()), Assurance::Verified).unwrap();
    let seen = Preferences::fold(&life.history).version();
    life.off("everything");
    let late = life.wish(&Wish::ConfirmOn { target: target.clone(), seen }, Assurance::Verified);
    assert_eq!(late, Err(Refusal::Stale));
    life.wish(&Wish::AskOn(target.clone()), Assurance::Verified).unwrap();
    life.now = life.now.plus(WINDOW + 1);
    let seen = Preferences::fold(&life.history).version();
    let old = life.wish(&Wish::ConfirmOn { target, seen }, Assurance::Verified);
    assert_eq!(old, Err(Refusal::Stale));
}

#[test]
fn a_yes_covers_one_switch_at_a_time() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    for wide in ["everything", "sharing", "purpose:advertising", "topic:offers", "channel:email"] {
        let wish = Wish::AskOn(wide.parse().unwrap());
        assert_eq!(life.wish(&wish, Assurance::Verified), Err(Refusal::OneAtATime), "{wide}");
    }
}

#[test]
fn what_a_law_requires_can_not_be_turned() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    let target = Target::Exception(catalogue.exceptions[0].key.clone());
    for wish in [Wish::TurnOff(target.clone()), Wish::AskOn(target.clone())] {
        assert_eq!(life.wish(&wish, Assurance::Verified), Err(Refusal::RequiredByLaw));
    }
    assert_eq!(life.decides(&target).reason, Reason::RequiredByLaw);
    life.now = catalogue.exceptions[0].review_on;
    assert_eq!(life.decides(&target).reason, Reason::ReviewOverdue);
}

#[test]
fn a_pause_ends_by_itself_and_what_was_chosen_before_holds_again() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    life.wish(&Wish::Pause(30), Assurance::Link).unwrap();
    assert_eq!(life.decides(&"message:offers/email".parse().unwrap()).reason, Reason::Paused);
    assert!(life.wish(&Wish::Pause(30), Assurance::Link).unwrap().is_none(), "a double click");
    life.now = NOW.plus(31 * DAY);
    assert!(life.allows("message:offers/email"));
    assert_eq!(life.wish(&Wish::Pause(31), Assurance::Link), Err(Refusal::NotAPause));
}

#[test]
fn ending_a_pause_early_takes_the_same_two_steps() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    life.wish(&Wish::Pause(90), Assurance::Link).unwrap();
    life.turn_on("marketing");
    assert!(life.allows("message:offers/email"));
    life.wish(&Wish::Pause(30), Assurance::Link).unwrap();
    assert!(!life.allows("message:offers/email"));
}

#[test]
fn opting_out_of_marketing_stops_profiling_for_it() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    life.off("marketing");
    for known in &catalogue.profilings {
        assert!(!life.decides(&Target::Profiling(known.key.clone())).allowed);
    }
}

#[test]
fn somebody_who_may_be_under_sixteen_is_not_sold() {
    let catalogue = sample::catalogue();
    let target: Target = "share:advertising/adlane".parse().unwrap();
    let preferences = Preferences::default();
    for (born, minor) in [(2011, true), (2010, true), (2009, false), (1980, false)] {
        let person = Standpoint { birth_year: Some(born) };
        let decision = decide(&catalogue, &preferences, person, &target, NOW);
        assert_eq!(decision.reason == Reason::Minor, minor, "born {born}");
    }
}

#[test]
fn a_removed_target_stays_denied_and_can_still_be_turned_off_by_those_who_had_it() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    life.off("message:offers/email");
    let mut smaller = catalogue.clone();
    smaller.topics.retain(|topic| topic.key.as_str() != "offers");
    life.catalogue = &smaller;
    let decision = life.decides(&"message:offers/email".parse().unwrap());
    assert_eq!((decision.allowed, decision.reason), (false, Reason::NotInCatalogue));
    assert_eq!(life.off("message:offers/email"), None);
}

#[test]
fn an_undo_comes_too_late_after_ten_minutes_and_never_takes_back_a_yes() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    let reference = life.off("marketing").unwrap();
    life.now = life.now.plus(WINDOW);
    let late = life.wish(&Wish::Undo(reference), Assurance::Link);
    assert_eq!(late, Err(Refusal::NotUndoable));
    let unknown = Wish::Undo(Reference::from_random([7; 5]));
    assert_eq!(life.wish(&unknown, Assurance::Link), Err(Refusal::NotUndoable));
}

#[test]
fn a_letter_s_link_takes_back_until_it_ends_and_only_for_who_reads_their_mail() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    life.off("marketing").unwrap();
    life.now = life.now.plus(10 * WINDOW);
    let entry = Position(1);
    let back = Wish::UndoByLetter { entry, until: life.now };
    assert_eq!(life.wish(&back, Assurance::Link), Err(Refusal::NeedsCode));
    let ended = life.now.plus(-1);
    let late = Wish::UndoByLetter { entry, until: ended };
    assert_eq!(life.wish(&late, Assurance::Verified), Err(Refusal::NotUndoable));
    assert!(!life.allows("message:offers/email"));
    for other in [Position(0), Position(2)] {
        let other = Wish::UndoByLetter { entry: other, until: life.now };
        assert_eq!(life.wish(&other, Assurance::Verified), Err(Refusal::NotUndoable));
    }
    life.wish(&back, Assurance::Verified).unwrap();
    assert!(life.allows("message:offers/email"));
}

#[test]
fn an_undo_can_only_take_back_what_came_before_it() {
    let catalogue = sample::catalogue();
    let mut life = Life::new(&catalogue);
    let reference = Reference::from_random([1; 5]);
    life.append(Target::Marketing, Act::Undone { entry: Position(2) }, &reference);
    life.append(Target::Marketing, Act::Withdrawn, &reference);
    assert!(!life.allows("message:offers/email"));
}
