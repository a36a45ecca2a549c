//! What a short answer to a message says: stop, start, help, or something that a person must read.
//!
//! A word counts only where it is all that was said. "Please stop by on Friday" is no revocation,
//! and neither is it thrown away: what is unclear is read by somebody.

mod words;

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::language::Language;
use words::{HELP, PHRASES, START, STOP};

/// Most characters of an answer that can be a word or two.
const LONGEST: usize = 160;

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    /// Send nothing more (47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel,
    /// unsubscribe).
    Stop,
    /// Send again. It loosens, so it is only ever a request.
    Start,
    /// Who are you?
    Help,
    /// Somebody must read it.
    Unclear,
}

/// An answer, and the language of its words where they belong to only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What it says.
    pub said: Said,
    /// In which language.
    pub language: Option<Language>,
}

type Lexicon = HashMap<String, Heard>;

static WORDS: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon::new();
    for (said, list) in [(Said::Stop, STOP), (Said::Start, START), (Said::Help, HELP)] {
        enter(&mut lexicon, said, list);
    }
    lexicon
});

static SENTENCES: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = WORDS.clone();
    enter(&mut lexicon, Said::Stop, PHRASES);
    lexicon
});

fn enter(lexicon: &mut Lexicon, said: Said, list: &[(Option<Language>, &[&str])]) {
    for (language, words) in list {
        for word in *words {
            let heard = Heard { said, language: *language };
            let known = lexicon.entry(squeeze(word)).or_insert(heard);
            if known.language != *language {
                known.language = None;
            }
        }
    }
}

/// What a text message says (47 CFR 64.1200(a)(10)).
#[must_use]
pub fn hear(text: &str) -> Heard {
    look_up(&WORDS, text)
}

/// What a line of an email says: the same, and the short sentences that people write in mails.
#[must_use]
pub fn hear_in_mail(line: &str) -> Heard {
    look_up(&SENTENCES, line)
}

fn look_up(lexicon: &Lexicon, text: &str) -> Heard {
    const UNCLEAR: Heard = Heard { said: Said::Unclear, language: None };
    let text = text.trim();
    if text.chars().nth(LONGEST).is_some() {
        return UNCLEAR;
    }
    if let Some(heard) = lexicon.get(&squeeze(text)) {
        return *heard;
    }
    // "STOP STOP", "Stop. Unsubscribe."
    let parts = text.split(|c: char| c.is_whitespace() || !(c.is_alphanumeric() || is_mark(c)));
    let mut heard = parts.filter(|part| !part.is_empty()).map(|part| lexicon.get(&squeeze(part)));
    let Some(Some(first)) = heard.next() else { return UNCLEAR };
    let same = heard.all(|other| other.is_some_and(|other| other.said == first.said));
    if same { *first } else { UNCLEAR }
}

fn is_mark(c: char) -> bool {
    is_combining_mark(c) || c == '\u{640}'
}

/// Letters and digits alone, in one form: no case, no accents, no width, no spaces, no
/// punctuation (Unicode UAX 15, NFKD).
#[must_use]
pub fn squeeze(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_mark(*c) && c.is_alphanumeric());
    let plain = plain.flat_map(char::to_lowercase);
    plain.map(|c| if c == '\u{649}' { '\u{64A}' } else { c }).collect()
}
