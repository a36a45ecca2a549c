//! Codes that stand in printed letters and are typed by hand.

use std::fmt;
use std::str::FromStr;

/// Digits, and letters that look like none of them: of each pair that looks alike (0 and O, 1 and
/// I, 2 and Z, 5 and S, 6 and G, 8 and B) only the digit is printed, and the letter is read as it.
/// There are 29, a prime, so that the checksum below misses nothing.
const ALPHABET: &[u8; 29] = b"0123456789ACDEFHJKMNPQRTUVWXY";
const PRIME: u32 = 29;
/// Characters of a code, the checksum among them.
const LENGTH: usize = 8;
/// Where the second group begins.
const MIDDLE: usize = LENGTH / 2;
/// What 8, the weight of the checksum, is divided by: 8 × 11 = 3 × 29 + 1.
const INVERSE: u32 = 11;
/// More than anybody types, with a space after each character.
const LONGEST: usize = 64;

/// A code for a printed letter, such as `7K3M-P9XA`: seven random characters, some 34 bits, and a
/// checksum that catches every single wrong character and every swap of two.
///
/// It is far from unguessable, so only its keyed digest is stored and tries are limited.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShortCode([u8; LENGTH]);

/// Why a text is no [`ShortCode`]. Never carries the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAShortCode {
    /// Nothing was typed.
    #[error("it is empty")]
    Empty,
    /// More or fewer than eight characters.
    #[error("a code has eight characters")]
    Length,
    /// A character that is in no code.
    #[error("a character is in no code")]
    Character,
    /// A character is wrong, or two changed places.
    #[error("the checksum is another one")]
    Checksum,
}

impl ShortCode {
    /// A code from random bytes, as many as `next` is asked for. Every code is as likely as any
    /// other, but for those that might spell a word, which are never made.
    #[must_use]
    pub fn draw(mut next: impl FnMut() -> u8) -> Self {
        // The largest multiple of 29 in a byte: what lies above would favour some characters.
        const FAIR: u8 = 232;
        loop {
            let mut places = [0; LENGTH];
            for place in &mut places[..LENGTH - 1] {
                *place = loop {
                    let byte = next();
                    if byte < FAIR {
                        break u32::from(byte) % PRIME;
                    }
                };
            }
            // The weighted sum of all eight becomes a multiple of 29.
            places[LENGTH - 1] = (PRIME - weigh(&places) % PRIME) * INVERSE % PRIME;
            let code = Self(places.map(|place| ALPHABET[place as usize]));
            if !code.may_spell() {
                return code;
            }
        }
    }

    /// The eight characters without anything between them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The alphabet is ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether three letters stand together with a vowel among them.
    fn may_spell(&self) -> bool {
        self.0.windows(3).any(|three| {
            three.iter().all(u8::is_ascii_alphabetic)
                && three.iter().any(|letter| b"AEUY".contains(letter))
        })
    }
}

/// Each place counts by its number: the weights differ and none is a multiple of 29, so a sum that
/// is right stays so neither when one character changes nor when two change places.
fn weigh(places: &[u32; LENGTH]) -> u32 {
    (1..).zip(places).map(|(weight, place)| weight * place).sum()
}

/// A typed character as a code has it; none for what stands between characters.
fn read(typed: char) -> Option<char> {
    let plain = match typed {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(typed as u32 - 0xFEE0).unwrap_or(typed),
        '\u{0660}'..='\u{0669}' => char::from_u32(typed as u32 - 0x0660 + 0x30).unwrap_or(typed),
        '\u{06F0}'..='\u{06F9}' => char::from_u32(typed as u32 - 0x06F0 + 0x30).unwrap_or(typed),
        other => other,
    };
    let dash = matches!(
        plain,
        '-' | '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}'
    );
    if dash || plain.is_whitespace() || crate::contact::disguises(plain.encode_utf8(&mut [0; 4])) {
        return None;
    }
    Some(match plain.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'G' => '6',
        'B' => '8',
        other => other,
    })
}

impl FromStr for ShortCode {
    type Err = NotAShortCode;

    /// Reads what somebody typed: in either case, with spaces and hyphens or not.
    fn from_str(text: &str) -> Result<Self, NotAShortCode> {
        let mut typed = text.chars();
        let read: Vec<char> = typed.by_ref().take(LONGEST).filter_map(read).collect();
        if read.is_empty() && typed.next().is_none() {
            return Err(NotAShortCode::Empty);
        }
        if read.len() != LENGTH || typed.next().is_some() {
            return Err(NotAShortCode::Length);
        }
        let (mut code, mut places) = ([0; LENGTH], [0; LENGTH]);
        for (at, letter) in read.into_iter().enumerate() {
            let place = ALPHABET.iter().position(|known| char::from(*known) == letter);
            let place = place.ok_or(NotAShortCode::Character)?;
            code[at] = ALPHABET[place];
            places[at] = u32::try_from(place).unwrap_or(PRIME);
        }
        if weigh(&places).is_multiple_of(PRIME) {
            Ok(Self(code))
        } else {
            Err(NotAShortCode::Checksum)
        }
    }
}

/// In two groups of four, as it is printed.
impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.as_str().split_at(MIDDLE);
        write!(f, "{first}-{second}")
    }
}

/// A code opens somebody's choices: it stands in no log.
impl fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShortCode(…)")
    }
}
