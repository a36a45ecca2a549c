//! What letters say in every language. These texts stand here and not with the pages' own, since
//! no page and no browser needs them.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod zh_hans;

use domain::Language;

/// The texts of letters in one language. Braces are filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// Subject of a confirmation.
    pub confirmation_subject: &'static str,
    /// Its heading.
    pub confirmation_heading: &'static str,
    /// Its first sentence.
    pub confirmation_lede: &'static str,
    /// What a target became: name and act.
    pub change: &'static str,
    /// From when a change counts.
    pub counts_from: &'static str,
    /// The link to the choices.
    pub choices: &'static str,
    /// The link that takes a change back.
    pub undo: &'static str,
    /// How long it works and for what.
    pub undo_until: &'static str,
    /// How to turn things on again.
    pub changed_mind: &'static str,
    /// What to do when somebody else did it.
    pub not_you: &'static str,
    /// Why there is a confirmation.
    pub why_confirmation: &'static str,
    /// Why there is a letter with a code.
    pub why_code: &'static str,
    /// Subject of an answer.
    pub answer_subject: &'static str,
    /// Why there is an answer.
    pub why_answer: &'static str,
    /// How to reach the privacy team.
    pub reach: &'static str,
    /// Where the portal is.
    pub portal: &'static str,
}

impl Words {
    /// The texts of a language.
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::WORDS,
            Language::Chinese => &zh_hans::WORDS,
            Language::Spanish => &es::WORDS,
            Language::German => &de::WORDS,
            Language::French => &fr::WORDS,
            Language::Arabic => &ar::WORDS,
        }
    }

    /// Every text, in the order of the fields.
    #[cfg(test)]
    const fn all(&self) -> [&'static str; 16] {
        [
            self.confirmation_subject,
            self.confirmation_heading,
            self.confirmation_lede,
            self.change,
            self.counts_from,
            self.choices,
            self.undo,
            self.undo_until,
            self.changed_mind,
            self.not_you,
            self.why_confirmation,
            self.why_code,
            self.answer_subject,
            self.why_answer,
            self.reach,
            self.portal,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let parts = text.split('{').skip(1);
        let mut names: Vec<_> = parts.filter_map(|part| part.split('}').next()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_fills_in_the_same_and_shouts_nowhere() {
        let english = Words::of(Language::English).all();
        for language in Language::ALL {
            for (text, model) in Words::of(language).all().into_iter().zip(english) {
                assert_eq!(placeholders(text), placeholders(model), "{language}: {text}");
                assert!(!text.contains(['!', '！', '¡']), "{language}: {text}");
                assert!(!text.trim().is_empty(), "{language}");
                assert!(language == Language::English || text != model || text.starts_with('{'));
            }
        }
    }
}
