//! Texts for letters, the phone and the link kit, in every language.

#[path = "../../locales/letters/ar.rs"]
mod ar;
#[path = "../../locales/letters/de.rs"]
mod de;
#[path = "../../locales/letters/en.rs"]
mod en;
#[path = "../../locales/letters/es.rs"]
mod es;
#[path = "../../locales/letters/fr.rs"]
mod fr;
#[path = "../../locales/letters/zh_hans.rs"]
mod zh_hans;

use domain::Language;

/// What a code looks like. It is none itself: its checksum is another one.
pub const EXAMPLE: &str = "K7QD-M2XP";

/// The texts of one language.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the English file beside it says what each one is")]
pub struct Letters {
    // Typing a code
    pub go_title: &'static str,
    pub go_lede: &'static str,
    pub go_label: &'static str,
    pub go_hint: &'static str,
    pub go_submit: &'static str,
    pub go_empty: &'static str,
    pub go_length: &'static str,
    pub go_character: &'static str,
    pub go_checksum: &'static str,
    pub go_unknown_title: &'static str,
    pub go_unknown: &'static str,
    pub go_many_title: &'static str,
    pub go_many: &'static str,
    pub go_without: &'static str,
    // The form to post
    pub form_title: &'static str,
    pub form_lede: &'static str,
    pub form_print: &'static str,
    pub form_who: &'static str,
    pub form_name: &'static str,
    pub form_reach: &'static str,
    pub form_messages: &'static str,
    pub form_profiling: &'static str,
    pub form_sharing: &'static str,
    pub form_empty: &'static str,
    pub form_law: &'static str,
    pub form_to: &'static str,
    pub form_when: &'static str,
    pub form_faster: &'static str,
    // What staff read out
    pub script_title: &'static str,
    pub script_use: &'static str,
    pub script_greeting_heading: &'static str,
    pub script_greeting: &'static str,
    pub script_find_heading: &'static str,
    pub script_find: &'static str,
    pub script_find_second: &'static str,
    pub script_find_note: &'static str,
    pub script_what_heading: &'static str,
    pub script_what: &'static str,
    pub script_what_note: &'static str,
    pub script_repeat_heading: &'static str,
    pub script_repeat: &'static str,
    pub script_messages: &'static str,
    pub script_post: &'static str,
    pub script_companies: &'static str,
    pub script_repeat_note: &'static str,
    pub script_law_heading: &'static str,
    pub script_law_note: &'static str,
    pub script_goodbye_heading: &'static str,
    pub script_goodbye: &'static str,
    pub script_goodbye_note: &'static str,
    // The answer to a letter
    pub letter_title: &'static str,
    pub letter_body: &'static str,
    pub letter_more: &'static str,
    // What the business copies
    pub kit_unsubscribe: &'static str,
    pub kit_choices: &'static str,
    pub kit_policy: &'static str,
    pub kit_letter: &'static str,
}

impl Letters {
    /// The texts of a language.
    #[must_use]
    pub const fn of(language: Language) -> &'static Self {
        texts_of!(language)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Name and text of each, as a struct prints them.
    fn texts(language: Language) -> Vec<(String, String)> {
        let printed = format!("{:#?}", Letters::of(language));
        let lines = printed.lines().filter_map(|line| line.trim().split_once(": \""));
        lines.map(|(name, text)| (name.to_owned(), text.replace("\\u{", ""))).collect()
    }

    #[test]
    fn every_language_has_the_same_placeholders_and_none_shouts() {
        let names = |text: &str| -> BTreeSet<String> {
            let parts = text.split('{').skip(1).filter_map(|part| part.split('}').next());
            parts.map(str::to_owned).collect()
        };
        let english = texts(Language::English);
        assert!(english.len() > 45, "{}", english.len());
        for language in Language::ALL {
            for ((name, text), (_, ours)) in texts(language).iter().zip(&english) {
                assert_eq!(names(text), names(ours), "{language} {name}: {text}");
                assert!(!text.trim_end_matches("\",").is_empty(), "{language} {name} is empty");
                assert!(!text.contains(['!', '！']), "{language} {name} shouts: {text}");
            }
        }
    }

    #[test]
    fn the_code_shown_as_an_example_is_nobody_s() {
        let read = EXAMPLE.parse::<domain::ShortCode>();
        assert_eq!(read, Err(domain::short_code::NotAShortCode::Checksum));
    }
}
