//! The languages of a catalogue and the rules of its texts.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::Text;
use super::problem::quote;
use super::reader::Fields;
use crate::contact::disguises;
use crate::language::{Language, NotALanguage};

/// Most characters of a text.
const LONGEST: usize = 600;

/// A rule beyond those of every text: the word that breaks it.
type Rule = fn(Language, &str) -> Option<&'static str>;

impl<'a> Fields<'a> {
    /// The languages of the file; every text taken afterwards must have them all.
    pub(super) fn read_languages(&mut self) -> Option<Vec<Language>> {
        let (at, tags) = match self.take("languages")? {
            (at, DeValue::Array(tags)) => (at, tags),
            (at, _) => return self.mistyped(at, "languages", "a list such as [\"en\", \"de\"]"),
        };
        let mut languages = Vec::new();
        for tag in &tags {
            let at = tag.span().start;
            let read = tag.get_ref().as_str().map_or(Err(NotALanguage), str::parse::<Language>);
            match read {
                Ok(language) if languages.contains(&language) => {
                    self.wrong(at, format!("“{language}” is listed twice; once is enough."));
                }
                Ok(language) => languages.push(language),
                Err(right) => {
                    self.wrong(at, format!("This is no language of the portal; {right}."));
                }
            }
        }
        if tags.is_empty() {
            self.wrong(at, "“languages” must list at least one language.".into());
        }
        self.languages = languages.as_slice().into();
        Some(languages)
    }

    /// A text in every language of the file.
    pub(super) fn text(&mut self, field: &str) -> Option<Text> {
        self.translated(field, |_, _| None)
    }

    /// The name of a switch in every language of the file.
    pub(super) fn label(&mut self) -> Option<Text> {
        self.translated("label", negation)
    }

    fn translated(&mut self, field: &str, rule: Rule) -> Option<Text> {
        let (at, table) = match self.take(field)? {
            (at, DeValue::Table(table)) => (at, table),
            (at, _) => return self.mistyped(at, field, "a text by language: { en = \"…\" }"),
        };
        let mut text = Text::default();
        let mut present = BTreeSet::new();
        for (tag, value) in table {
            let Some(language) = self.tagged(field, &tag) else { continue };
            present.insert(language);
            let translation = self.translation(field, language, value, rule);
            text.0.extend(translation.map(|translation| (language, translation)));
        }
        for language in self.languages.iter().filter(|listed| !present.contains(listed)) {
            let right = "which “languages” lists";
            self.astray(at, format!("“{field}” has no text in “{language}”, {right}."));
        }
        Some(text)
    }

    fn tagged(&self, field: &str, tag: &Spanned<DeString<'_>>) -> Option<Language> {
        let (at, tag) = (tag.span().start, tag.get_ref());
        let Ok(language) = tag.parse::<Language>() else {
            self.astray(at, format!("“{field}” has a text in {}; {NotALanguage}.", quote(tag)));
            return None;
        };
        if !self.languages.is_empty() && !self.languages.contains(&language) {
            let right = "which “languages” does not list";
            self.astray(at, format!("“{field}” has a text in “{language}”, {right}."));
        }
        Some(language)
    }

    fn translation(
        &self,
        field: &str,
        language: Language,
        value: Spanned<DeValue<'a>>,
        rule: Rule,
    ) -> Option<String> {
        let (at, whose) = (value.span().start, format!("“{field}” in “{language}”"));
        let DeValue::String(text) = value.into_inner() else {
            return self.mistyped(at, field, "text in quotation marks in every language");
        };
        if let Some(word) = rule(language, &text) {
            let right = "a switch is named by what it turns on";
            self.wrong(at, format!("{whose} says “{word}”; {right}."));
        }
        self.tidy(at, &whose, &text)
    }
}

/// A text on one line, and what is wrong with it. A line break serves only who reads the
/// file, and would not be safe in the header of a mail.
pub(super) fn tidy(text: &str) -> (String, Vec<&'static str>) {
    let words: Vec<&str> = text.split([' ', '\t', '\r', '\n']).filter(|w| !w.is_empty()).collect();
    let text = words.join(" ");
    let rules = [
        (text.trim().is_empty(), "must not be empty"),
        (text.chars().count() > LONGEST, "must have at most 600 characters"),
        (disguises(&text), "must hold no control or direction-changing characters"),
        (text.contains(['<', '>']), "must hold no “<” or “>”, since texts are plain"),
    ];
    let flaws = rules.iter().filter(|(broken, _)| *broken).map(|(_, flaw)| *flaw).collect();
    (text, flaws)
}

/// Words of every language written in Latin script. A space stands for the end of a word.
const LATIN: &[&str] = &[" stop ", " unsubscribe ", " opt out ", " opt-out ", " optout "];
const ENGLISH: &[&str] = &[" not ", " cannot ", "n't ", " dont ", " never ", " no "];
const GERMAN: &[&str] = &[" nicht ", " nichts ", " kein", " nie ", " niemals ", " abmeld"];
const SPANISH: &[&str] = &[
    " no ",
    " nunca ",
    " jamas ",
    " dar de baja ",
    " darse de baja ",
    " darme de baja ",
    " darte de baja ",
    " date de baja ",
    " dese de baja ",
];
const FRENCH: &[&str] = &[" jamais ", " desinscri"];
const CHINESE: &[&str] = &["不", "勿", "停止", "退订"];
/// Everyday words that hold a negating character and say nothing negative.
const CHINESE_HARMLESS: &[&str] = &["不锈", "不同", "不断", "不错"];
const ARABIC: &[&str] = &[
    " لا ",
    " ولا ",
    " عدم ",
    " بعدم ",
    " لعدم ",
    " وعدم ",
    " الغاء ",
    " الالغاء ",
    " لالغاء ",
    " بالغاء ",
    " والغاء ",
    " ايقاف ",
    " الايقاف ",
    " لايقاف ",
    " بايقاف ",
    " وايقاف ",
];

/// The negation that a label holds: a switch that turns a "not" on or off is understood the wrong
/// way round (requirement P-07).
pub(super) fn negation(language: Language, label: &str) -> Option<&'static str> {
    let text = folded(label);
    let (own, common) = match language {
        Language::English => (ENGLISH, LATIN),
        Language::German => (GERMAN, LATIN),
        Language::Spanish => (SPANISH, LATIN),
        Language::French => (FRENCH, LATIN),
        Language::Chinese => (CHINESE, CHINESE),
        Language::Arabic => (ARABIC, ARABIC),
    };
    let text = CHINESE_HARMLESS.iter().fold(text, |text, word| text.replace(word, ""));
    let found = own.iter().chain(common).find(|word| text.contains(**word));
    let french = || (language == Language::French).then(|| french_negation(&text)).flatten();
    found.map(|word| word.trim()).or_else(french)
}

/// "ne … pas" and its kin, and a label that begins with "pas de". "Pas" and "plus" alone are
/// ordinary words ("pas à pas", "plus de choix").
fn french_negation(text: &str) -> Option<&'static str> {
    if text.starts_with(" pas de ") || text.starts_with(" pas d'") {
        return Some("pas de");
    }
    let start = text.find(" ne ").or_else(|| text.find(" n'"))?;
    let second = [" pas ", " plus ", " rien ", " aucun ", " aucune "];
    second.iter().any(|word| text[start..].contains(word)).then_some("ne … pas")
}

/// Words in lower case with one space around each; apostrophes, hyphens, accents and the shapes
/// of alef are reduced to one form.
fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    let plain = lower.chars().filter_map(|c| match c {
        '\u{300}'..='\u{36F}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}' => None,
        '’' | '‘' | 'ʼ' | '`' | '´' => Some('\''),
        '\u{2010}' | '\u{2011}' => Some('-'),
        'é' | 'è' | 'ê' => Some('e'),
        'á' | 'à' => Some('a'),
        'أ' | 'إ' | 'آ' => Some('ا'),
        other => Some(other),
    });
    let plain: String = plain.collect();
    let words = plain.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-');
    let words = words.map(|word| word.trim_matches(['\'', '-'])).filter(|word| !word.is_empty());
    words.fold(String::from(" "), |text, word| text + word + " ")
}
