//! Receipts of invented lives, without a portal.

use std::sync::LazyLock;

use app::portal::Notice;
use domain::choice::{Actor, Choice, Entry};
use domain::event::events;
use domain::{
    Act, Language, Moment, NoticeNumber, PersonId, Position, Reference, Rulebook, Source, Target,
};
use proptest::prelude::*;
use serde_json::Value;
use server::keys::Keys;
use server::proof::{Anchor, Making, ProofKeys, document};
use uuid::Uuid;

use super::portal::{BASE_URL, CATALOGUE};
use super::ports::{BEGINNING, SeededRandom};

/// The example's notice.
pub fn notice() -> &'static Notice {
    static NOTICE: LazyLock<Notice> = LazyLock::new(|| notice_of(CATALOGUE));
    &NOTICE
}

/// A notice of a register.
pub fn notice_of(source: &str) -> Notice {
    let catalogue = domain::catalogue::parse(source).expect("a good register");
    let rules = Rulebook::new(&catalogue);
    Notice { number: NoticeNumber(1), catalogue, rules, published_at: BEGINNING }
}

/// Keys of a seed.
pub fn keys(seed: u64) -> Keys {
    Keys::generate(&SeededRandom::new(seed))
}

/// Somebody's entries.
pub fn history(acts: &[(Target, Act, i64)], language: Language) -> Vec<Choice> {
    let choice = |(place, (target, act, at)): (usize, &(Target, Act, i64))| Choice {
        position: Position(i64::try_from(place).expect("few") + 1),
        entry: Entry {
            person: PersonId(Uuid::from_u128(7)),
            target: target.clone(),
            act: *act,
            source: Source::ALL[place % Source::ALL.len()],
            actor: Actor::ALL[place % Actor::ALL.len()],
            notice: NoticeNumber(1),
            language,
            at: Moment(BEGINNING.0 + at),
            reference: Reference::from_random([
                1,
                2,
                3,
                4,
                u8::try_from(place % 200).expect("small"),
            ]),
        },
    };
    acts.iter().enumerate().map(choice).collect()
}

/// The receipt of the newest entry.
pub fn receipt_under(notice: &Notice, history: &[Choice], keys: &ProofKeys) -> Value {
    let choice = history.last().expect("an entry");
    let anchor = Anchor::Entry { position: choice.position, link: [9; 32] };
    let events = events(&notice.catalogue, history);
    let making = Making {
        base_url: BASE_URL,
        notice,
        notice_hash: &[3; 32],
        entry: &choice.entry,
        events: &events,
        anchor: &anchor,
        principal: &keys.principal("person", choice.entry.person.0.as_bytes()),
    };
    document(&making, keys).expect("there is a key")
}

/// The same under the example's register.
pub fn receipt(history: &[Choice], keys: &ProofKeys) -> Value {
    receipt_under(notice(), history, keys)
}

/// Any target of the register, wide or narrow, or one that it has no longer.
fn a_target() -> impl Strategy<Value = Target> {
    let leaves: Vec<Target> = notice().catalogue.leaves().collect();
    let mut all: Vec<Target> = leaves.iter().flat_map(Target::lineage).collect();
    all.push("topic:gone".parse().expect("a target"));
    all.push("share:gone/gone".parse().expect("a target"));
    prop::sample::select(all)
}

fn an_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Withdrawn),
        3 => Just(Act::Granted),
        1 => Just(Act::Requested),
        1 => Just(Act::Resumed),
        1 => (1..400_i64).prop_map(|days| Act::Paused {
            until: BEGINNING.plus(days * domain::moment::DAY)
        }),
        1 => (1..8_i64).prop_map(|entry| Act::Undone { entry: Position(entry) }),
    ]
}

/// Somebody's entries, in any language.
pub fn a_life() -> impl Strategy<Value = Vec<Choice>> {
    let acts = prop::collection::vec((a_target(), an_act(), 0..40_000_000_000_i64), 1..8);
    let language = prop::sample::select(Language::ALL.to_vec());
    (acts, language).prop_map(|(acts, language)| history(&acts, language))
}
