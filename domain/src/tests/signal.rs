use super::sample::{self, NOW};
use crate::catalogue::Catalogue;
use crate::change::stop_sale;
use crate::choice::Act;
use crate::decision::{Reason, Standpoint, decide};
use crate::moment::Moment;
use crate::preference::{Preferences, Step};
use crate::ratchet::carry_over;
use crate::signal::{JURISDICTIONS, Policy, asks};
use crate::{Position, Target, Voice};

/// What somebody's entries leave them with: target, act and whose words, one after the other.
fn fold(entries: &[(&str, Act, Voice)]) -> Preferences {
    let targets: Vec<Target> = entries.iter().map(|(text, ..)| text.parse().unwrap()).collect();
    Preferences::fold_steps(entries.iter().zip(&targets).enumerate().map(
        |(place, ((_, act, voice), target))| {
            let position = Position(i64::try_from(place).unwrap() + 1);
            Step { position, target, act: *act, at: NOW, voice: *voice }
        },
    ))
}

fn reason(catalogue: &Catalogue, preferences: &Preferences, target: &str) -> Reason {
    let target = target.parse().unwrap();
    decide(catalogue, preferences, Standpoint::default(), &target, NOW).reason
}

fn stops(voice: Voice, preferences: &Preferences) -> Vec<String> {
    let stopped = stop_sale(voice, &sample::catalogue(), preferences);
    stopped.into_iter().map(|(target, _)| target.to_string()).collect()
}

const NO: Act = Act::Withdrawn;
const AD: &str = "share:advertising/adlane";

#[test]
fn only_a_one_asks_and_one_of_several_is_enough() {
    let table: [(&[&str], bool); 18] = [
        (&["1"], true),
        (&[" 1 "], true),
        (&["0"], false),
        (&["true"], false),
        (&["01"], false),
        (&["11"], false),
        (&["1.0"], false),
        (&["+1"], false),
        (&["\"1\""], false),
        (&["?1"], false),
        (&["yes"], false),
        (&[""], false),
        (&[], false),
        (&["0", "1"], true),
        (&["0", "0"], false),
        (&["0, 1"], true),
        (&["1,1"], true),
        (&["0;1"], false),
    ];
    for (fields, asked) in table {
        assert_eq!(asks(fields.iter().map(|field| field.as_bytes())), asked, "{fields:?}");
    }
}

#[test]
fn the_signal_stops_what_counts_as_sale_or_sharing_and_nothing_else() {
    let catalogue = sample::catalogue();
    let sold = stops(Voice::Signal, &Preferences::default());
    assert_eq!(sold.len(), catalogue.purposes.iter().filter(|one| one.sale_or_sharing).count());
    let entries: Vec<_> = sold.iter().map(|text| (text.as_str(), NO, Voice::Signal)).collect();
    let preferences = fold(&entries);
    for leaf in catalogue.leaves() {
        let before = decide(&catalogue, &Preferences::default(), Standpoint::default(), &leaf, NOW);
        let after = decide(&catalogue, &preferences, Standpoint::default(), &leaf, NOW);
        let sale = matches!(&leaf, Target::Share(purpose, _)
            if catalogue.purposes.iter().any(|one| one.key == *purpose && one.sale_or_sharing));
        if sale {
            assert_eq!((after.allowed, after.reason), (false, Reason::PreferenceSignal), "{leaf}");
        } else {
            assert_eq!(before, after, "{leaf}");
        }
    }
    assert!(stops(Voice::Signal, &preferences).is_empty(), "said once, it says nothing new");
}

#[test]
fn a_signal_beats_an_earlier_yes_and_a_later_yes_beats_the_signal() {
    let catalogue = sample::catalogue();
    let yes = (AD, Act::Granted, Voice::Own);
    assert!(stops(Voice::Signal, &fold(&[yes])).contains(&"purpose:advertising".to_owned()));
    let no = ("purpose:advertising", NO, Voice::Signal);
    assert_eq!(reason(&catalogue, &fold(&[yes, no]), AD), Reason::PreferenceSignal);
    let later = fold(&[no, yes]);
    assert_eq!(reason(&catalogue, &later, AD), Reason::OptedIn);
    assert!(!stops(Voice::Signal, &later).contains(&"purpose:advertising".to_owned()));
    assert!(stops(Voice::Agent, &later).contains(&"purpose:advertising".to_owned()));
}

#[test]
fn a_no_of_ones_own_does_not_hide_that_the_browser_asks_too() {
    let own = ("purpose:advertising", NO, Voice::Own);
    assert!(stops(Voice::Signal, &fold(&[own])).contains(&"purpose:advertising".to_owned()));
    let both = fold(&[own, ("purpose:advertising", NO, Voice::Signal)]);
    assert!(!stops(Voice::Signal, &both).contains(&"purpose:advertising".to_owned()));
}

#[test]
fn whoever_refused_sale_has_refused_what_comes_to_count_as_sale() {
    let mut catalogue = sample::catalogue();
    let place = catalogue.purposes.iter().position(|one| !one.sale_or_sharing).unwrap();
    let purpose = &mut catalogue.purposes[place];
    purpose.regime = crate::catalogue::Regime::OptOut;
    let share = format!("share:{}/{}", purpose.key, purpose.recipients[0].key);
    for (voice, now) in [
        (Voice::Own, Reason::NoObjection),
        (Voice::Agent, Reason::OptedOut),
        (Voice::Signal, Reason::PreferenceSignal),
    ] {
        let preferences = fold(&[("purpose:advertising", NO, voice)]);
        catalogue.purposes[place].sale_or_sharing = false;
        assert_eq!(reason(&catalogue, &preferences, &share), Reason::NoObjection);
        catalogue.purposes[place].sale_or_sharing = true;
        assert_eq!(reason(&catalogue, &preferences, &share), now, "{voice:?}");
    }
}

#[test]
fn everyone_is_honoured_unless_the_business_says_otherwise() {
    assert_eq!(JURISDICTIONS.len(), 12);
    let long_ago = Moment(1_600_000_000_000);
    for (policy, region, at, honoured) in [
        (Policy::default(), None, NOW, true),
        (Policy::Everyone, Some("DE-BE"), NOW, true),
        (Policy::Required, None, NOW, true),
        (Policy::Required, Some("US-CA"), NOW, true),
        (Policy::Required, Some("us-tx"), NOW, true),
        (Policy::Required, Some("US-CA"), long_ago, false),
        (Policy::Required, Some("US-NY"), NOW, false),
        (Policy::Nobody, Some("US-CA"), NOW, false),
        (Policy::Nobody, None, NOW, false),
    ] {
        assert_eq!(policy.honours(region, at), honoured, "{policy:?} {region:?}");
    }
    for known in JURISDICTIONS {
        assert!(Policy::Required.honours(Some(known.region), NOW), "{}", known.region);
    }
}

#[test]
fn a_refusal_of_sale_is_carried_over_a_yes_of_the_other_record() {
    let catalogue = sample::catalogue();
    let giver = [("purpose:measuring", NO, Voice::Signal)];
    let mut receiver = vec![
        ("purpose:measuring", NO, Voice::Signal),
        ("purpose:advertising", NO, Voice::Signal),
        (AD, Act::Granted, Voice::Own),
    ];
    assert_eq!(reason(&catalogue, &fold(&giver), AD), Reason::PreferenceSignal);
    assert_eq!(reason(&catalogue, &fold(&receiver), AD), Reason::OptedIn);
    let taken = carry_over(&fold(&giver), &fold(&receiver), NOW);
    let texts: Vec<_> = taken.iter().map(|(target, ..)| target.to_string()).collect();
    receiver
        .extend(texts.iter().zip(&taken).map(|(text, (_, act, voice))| (&**text, *act, *voice)));
    assert_eq!(reason(&catalogue, &fold(&receiver), AD), Reason::PreferenceSignal);
    assert!(carry_over(&fold(&giver), &fold(&receiver), NOW).is_empty(), "once is enough");
}
