use proptest::prelude::*;
use uuid::Uuid;

use super::sample::NOW;
use crate::choice::{Actor, Entry};
use crate::ledger::{Fault, GENESIS, Link, Verifier, link};
use crate::{Act, Choice, Language, NoticeNumber, PersonId, Position, Reference, Source, Target};

fn chain(length: u8) -> Vec<(Choice, Link)> {
    let mut before = GENESIS;
    (1..=length)
        .map(|number| {
            let entry = Entry {
                person: PersonId(Uuid::from_u128(u128::from(number))),
                target: Target::Marketing,
                act: Act::Withdrawn,
                source: Source::Page,
                actor: Actor::Person,
                notice: NoticeNumber(1),
                language: Language::Arabic,
                at: NOW,
                reference: Reference::from_random([number; 5]),
            };
            let choice = Choice { position: Position(i64::from(number)), entry };
            before = link(&before, &choice);
            (choice, before)
        })
        .collect()
}

fn verify(chain: &[(Choice, Link)], head: (Position, Link)) -> Result<Position, Fault> {
    let mut verifier = Verifier::default();
    for (choice, link) in chain {
        verifier.take(choice, link)?;
    }
    verifier.finish(head.0, &head.1)
}

fn head(chain: &[(Choice, Link)]) -> (Position, Link) {
    chain.last().map_or((Position(0), GENESIS), |(choice, link)| (choice.position, *link))
}

#[test]
fn an_untouched_ledger_is_whole() {
    let chain = chain(20);
    assert_eq!(verify(&chain, head(&chain)), Ok(Position(20)));
    assert_eq!(verify(&[], (Position(0), GENESIS)), Ok(Position(0)));
}

proptest! {
    #[test]
    fn any_edit_is_named_at_its_entry(at in 0_usize..20, field in 0_u8..8) {
        let mut chain = chain(20);
        let head = head(&chain);
        let entry = &mut chain[at].0.entry;
        match field {
            0 => entry.person = PersonId(Uuid::from_u128(999)),
            1 => entry.target = Target::Everything,
            2 => entry.act = Act::Granted,
            3 => entry.source = Source::Form,
            4 => entry.actor = Actor::Staff,
            5 => entry.notice = NoticeNumber(2),
            6 => entry.language = Language::German,
            _ => entry.at = entry.at.plus(1),
        }
        let named = Position(i64::try_from(at).unwrap() + 1);
        prop_assert_eq!(verify(&chain, head), Err(Fault::Altered { at: named }));
    }

    #[test]
    fn a_removed_or_swapped_entry_is_named(at in 0_usize..19) {
        let whole = chain(20);
        let expected = Position(i64::try_from(at).unwrap() + 1);
        let mut removed = whole.clone();
        removed.remove(at);
        prop_assert_eq!(verify(&removed, head(&whole)), Err(Fault::Missing { expected }));
        let mut swapped = whole.clone();
        swapped.swap(at, at + 1);
        prop_assert_eq!(verify(&swapped, head(&whole)), Err(Fault::Missing { expected }));
    }

    #[test]
    fn a_ledger_cut_at_its_end_is_named(left in 0_usize..20) {
        let whole = chain(20);
        let last = Position(i64::try_from(left).unwrap());
        let fault = Fault::Truncated { last, head: Position(20) };
        prop_assert_eq!(verify(&whole[..left], head(&whole)), Err(fault));
    }
}
