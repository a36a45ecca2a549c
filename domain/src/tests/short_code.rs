//! Codes for printed letters.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::short_code::{NotAShortCode, ShortCode};

const ALPHABET: &str = "0123456789ACDEFHJKMNPQRTUVWXY";

/// A code from a seed (`SplitMix64`).
fn drawn(seed: u64) -> ShortCode {
    let mut state = seed;
    ShortCode::draw(|| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed.to_be_bytes()[0]
    })
}

fn code() -> impl Strategy<Value = ShortCode> {
    any::<u64>().prop_map(drawn)
}

fn letters(code: ShortCode) -> Vec<char> {
    code.as_str().chars().collect()
}

proptest! {
    #[test]
    fn what_is_printed_is_read(code in code()) {
        let printed = code.to_string();
        prop_assert_eq!(printed.len(), 9);
        prop_assert_eq!(&printed[4..5], "-");
        prop_assert_eq!(printed.parse(), Ok(code));
        prop_assert_eq!(code.as_str().parse(), Ok(code));
    }

    #[test]
    fn every_single_wrong_character_is_caught(code in code()) {
        for at in 0..8 {
            for wrong in ALPHABET.chars().filter(|wrong| *wrong != letters(code)[at]) {
                let mut typed = letters(code);
                typed[at] = wrong;
                let typed: String = typed.into_iter().collect();
                prop_assert_eq!(typed.parse::<ShortCode>(), Err(NotAShortCode::Checksum));
            }
        }
    }

    #[test]
    fn every_swap_of_two_is_caught(code in code()) {
        for one in 0..8 {
            for other in one + 1..8 {
                let mut typed = letters(code);
                typed.swap(one, other);
                if typed == letters(code) {
                    continue;
                }
                let typed: String = typed.into_iter().collect();
                prop_assert_eq!(typed.parse::<ShortCode>(), Err(NotAShortCode::Checksum));
            }
        }
    }

    #[test]
    fn case_spaces_hyphens_and_look_alikes_do_not_matter(
        code in code(),
        gaps in prop::collection::vec(prop::sample::select(vec!["", " ", "-", "\u{2013}", "\u{a0}", "\t", "\u{200f}"]), 9),
        lower in any::<u8>(),
        misread in any::<bool>(),
    ) {
        let mut typed = String::new();
        for (at, letter) in letters(code).into_iter().enumerate() {
            let alike = match letter {
                '0' => 'O', '1' => 'l', '2' => 'Z', '5' => 'S', '6' => 'G', '8' => 'B',
                other => other,
            };
            let letter = if misread { alike } else { letter };
            typed.push_str(gaps[at]);
            typed.push(if lower >> at & 1 == 1 { letter.to_ascii_lowercase() } else { letter });
        }
        typed.push_str(gaps[8]);
        prop_assert_eq!(typed.parse(), Ok(code), "{:?}", typed);
    }

    #[test]
    fn nothing_that_can_be_typed_breaks_the_reader(text in any::<String>()) {
        if let Ok(code) = text.parse::<ShortCode>() {
            prop_assert_eq!(code.to_string().parse(), Ok(code));
        }
    }

    #[test]
    fn no_code_spells_a_word(code in code()) {
        let spells = letters(code).windows(3).any(|three| {
            three.iter().all(char::is_ascii_alphabetic) && three.iter().any(|l| "AEUY".contains(*l))
        });
        prop_assert!(!spells, "{}", code.as_str());
    }
}

#[test]
fn each_mistake_has_its_name() {
    let read = |text: &str| text.parse::<ShortCode>().expect_err("no code");
    assert_eq!(read(""), NotAShortCode::Empty);
    assert_eq!(read(" - \u{200b}"), NotAShortCode::Empty);
    assert_eq!(read("7K3M-P9X"), NotAShortCode::Length);
    assert_eq!(read("7K3M-P9XA7"), NotAShortCode::Length);
    assert_eq!(read(&" ".repeat(1_000_000)), NotAShortCode::Length);
    assert_eq!(read("7K3M-P9X?"), NotAShortCode::Character);
    assert_eq!(read("7K3M-P9Xé"), NotAShortCode::Character);
}

#[test]
fn digits_of_other_scripts_are_digits() {
    let code = (0..).map(drawn).find(|code| code.as_str().contains('7')).expect("one with a 7");
    for seven in ["\u{0667}", "\u{06f7}", "\u{ff17}"] {
        assert_eq!(code.as_str().replace('7', seven).parse(), Ok(code));
    }
}

#[test]
fn codes_use_the_whole_alphabet_evenly_and_hardly_ever_repeat() {
    let codes: Vec<ShortCode> = (0..20_000).map(drawn).collect();
    let distinct: BTreeSet<String> = codes.iter().map(ToString::to_string).collect();
    assert!(distinct.len() > 19_990, "{}", distinct.len());
    for letter in ALPHABET.chars() {
        let count = codes.iter().filter(|code| code.as_str().starts_with(letter)).count();
        assert!((400..=1_000).contains(&count), "{letter}: {count}");
    }
}

#[test]
fn a_code_is_in_no_log() {
    assert_eq!(format!("{:?}", drawn(1)), "ShortCode(…)");
}
