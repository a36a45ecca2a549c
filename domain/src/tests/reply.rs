//! Short answers, in six languages.

use proptest::prelude::*;

use crate::language::Language;
use crate::pressure::pressures;
use crate::reply::{Said, hear, hear_in_mail, squeeze};

/// The words of 47 CFR 64.1200(a)(10).
const FCC: [&str; 7] = ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"];

#[test]
fn the_words_of_the_rule_stop_in_any_case_and_with_any_spaces_and_punctuation() {
    for word in FCC {
        let title: String =
            word.split(' ').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
        let forms = [
            word.to_owned(),
            word.to_uppercase(),
            title,
            format!("  {word}. "),
            format!("“{word}”!!"),
            format!("{word}\r\n"),
            word.replace(' ', "-"),
            word.replace(' ', ""),
            word.chars().flat_map(|c| [c, ' ']).collect(),
            word.chars()
                .map(|c| char::from_u32(c as u32 + 0xFEE0).filter(|_| c != ' ').unwrap_or(c))
                .collect(),
            format!("🛑 {word} 🛑"),
        ];
        for form in forms {
            assert_eq!(hear(&form).said, Said::Stop, "{form:?}");
        }
    }
    assert_eq!(hear("Stop. Unsubscribe.").said, Said::Stop);
    assert_eq!(hear("STOP STOP STOP").said, Said::Stop);
}

#[test]
fn each_language_has_its_words_and_they_tell_the_language() {
    let words = [
        ("退订", Language::Chinese),
        ("取 消 訂 閱。", Language::Chinese),
        ("td", Language::Chinese),
        ("Darme de baja", Language::Spanish),
        ("¡ALTO!", Language::Spanish),
        ("Abmelden", Language::German),
        ("kündigen", Language::German),
        ("ARRÊT", Language::French),
        ("desabonner", Language::French),
        ("إلغاء الاشتراك", Language::Arabic),
        ("الغاء", Language::Arabic),
        ("تَوَقَّف", Language::Arabic),
        ("Quit", Language::English),
    ];
    for (word, language) in words {
        let heard = hear(word);
        assert_eq!((heard.said, heard.language), (Said::Stop, Some(language)), "{word}");
    }
    assert_eq!(hear("fin").language, None, "it is Spanish and French");
}

#[test]
fn whatever_else_is_said_is_read_by_somebody() {
    let unclear = [
        "please stop texting me",
        "stop by on Friday?",
        "I can't stop reading these",
        "don't stop",
        "end of March",
        "cancel my order 1234",
        "the",
        "",
        "   ",
        "🛑",
        "!!!",
        "stop start",
        "s",
        "nonstop",
        "停车场在哪里",
    ];
    for text in unclear {
        assert_eq!(hear(text).said, Said::Unclear, "{text:?}");
    }
    assert_eq!(hear(&"stop ".repeat(1_000)).said, Said::Unclear, "too long for a word");
}

#[test]
fn asking_for_messages_or_for_help_is_neither_stop_nor_unclear() {
    for (text, said) in [("START", Said::Start), ("Unstop", Said::Start), ("oui", Said::Start)] {
        assert_eq!(hear(text).said, said);
    }
    for text in ["help", "INFO", "Hilfe?", "مساعدة", "帮助"] {
        assert_eq!(hear(text).said, Said::Help, "{text}");
    }
}

#[test]
fn a_mail_may_say_it_in_a_short_sentence_and_a_text_may_not() {
    for line in [
        "Please unsubscribe me.",
        "Bitte tragen Sie mich aus!",
        "请取消订阅。",
        "Merci de me désabonner",
    ] {
        assert_eq!(hear_in_mail(line).said, Said::Stop, "{line}");
    }
    assert_eq!(hear("please unsubscribe me").said, Said::Unclear);
}

#[test]
fn pressure_is_found_in_every_language_and_plain_words_are_not_pressure() {
    let pressing = [
        ("We’re SAD to see you go!", Language::English),
        ("您确定要退订吗？", Language::Chinese),
        ("¡Te echaremos de menos!", Language::Spanish),
        ("Schade, dass Sie gehen.", Language::German),
        ("Dernière chance !", Language::French),
        ("سنفتقدك", Language::Arabic),
    ];
    for (text, language) in pressing {
        assert!(pressures(text).iter().any(|(of, _)| *of == language), "{text}");
    }
    let plain = "Three new tents. You get this because you bought a tent. Unsubscribe. Hurrying is not needed.";
    assert_eq!(pressures(plain), []);
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC*", control in any::<String>()) {
        let _ = (hear(&text), hear_in_mail(&control), pressures(&control));
        let once = squeeze(&text);
        prop_assert_eq!(squeeze(&once), once);
    }

    #[test]
    fn noise_around_a_word_changes_nothing(
        word in prop::sample::select(&FCC[..]),
        before in "[ \\t.,!?*_\"'-]{0,6}",
        after in "[ \\t.,!?*_\"'-]{0,6}",
        upper in any::<bool>(),
    ) {
        let word = if upper { word.to_uppercase() } else { word.to_owned() };
        let said = hear(&format!("{before}{word}{after}")).said;
        prop_assert_eq!(said, Said::Stop);
    }

    #[test]
    fn a_word_within_a_sentence_never_stops(
        word in prop::sample::select(&FCC[..]),
        other in "[b-d]{4,8}",
    ) {
        prop_assert_eq!(hear(&format!("{other} {word}")).said, Said::Unclear);
        prop_assert_eq!(hear(&format!("{word} {other}")).said, Said::Unclear);
    }
}
