//! Languages that pages speak.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language that the portal speaks, named by its BCP 47 tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Chinese in simplified script.
    #[serde(rename = "zh-Hans")]
    Chinese,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Arabic, written from right to left.
    #[serde(rename = "ar")]
    Arabic,
}

/// The text is no tag of a [`Language`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is one of en, zh-Hans, es, de, fr, ar")]
pub struct NotALanguage;

impl Language {
    /// Every language, in the order the language menu shows them.
    pub const ALL: [Self; 6] =
        [Self::English, Self::Chinese, Self::Spanish, Self::German, Self::French, Self::Arabic];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
            Self::Spanish => "es",
            Self::German => "de",
            Self::French => "fr",
            Self::Arabic => "ar",
        }
    }

    /// The language's name in itself, as a menu shows it.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
            Self::Spanish => "Español",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Arabic => "العربية",
        }
    }

    /// The value of HTML's `dir` attribute.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        if matches!(self, Self::Arabic) { "rtl" } else { "ltr" }
    }

    /// The language that best fits a tag such as `de-AT`, by its first subtag.
    /// Traditional Chinese is answered in simplified script, which beats another language.
    #[must_use]
    pub fn for_tag(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| {
            language.tag().split('-').next().is_some_and(|primary| primary == first)
        })
    }

    /// The first acceptable language of an `Accept-Language` field, by weight, then by order
    /// (RFC 9110 §12.5.4). Broken parts are passed over.
    #[must_use]
    pub fn for_header(field: &str, offered: &[Self]) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in field.split(',').take(32) {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let weight = match parameters.trim().strip_prefix("q=") {
                Some(number) => number.trim().parse().unwrap_or(0.0),
                None => 1.0_f32,
            };
            let Some(language) = Self::for_tag(tag) else { continue };
            let better = best.is_none_or(|(known, _)| weight > known);
            if weight > 0.0 && better && offered.contains(&language) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        Self::ALL.into_iter().find(|language| language.tag() == text).ok_or(NotALanguage)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}
