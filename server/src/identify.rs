//! Reading addresses and numbers as people write them.

use domain::contact::{Contact, Email, Malformed, Phone, disguises};
use phonenumber::{Mode, country};

/// Reads an email address or a phone number; numbers without a country code are read as from
/// `home` (ISO 3166-1 alpha-2).
///
/// # Errors
/// [`Malformed`], without the text.
pub fn read_contact(text: &str, home: &str) -> Result<Contact, Malformed> {
    if text.contains('@') {
        return text.parse::<Email>().map(Contact::Email);
    }
    read_phone(text, home).map(Contact::Phone)
}

/// Reads a phone number into E.164. Whether a subscriber has it can't be known, so a number that
/// is of a possible form counts.
///
/// # Errors
/// [`Malformed`], without the text.
pub fn read_phone(text: &str, home: &str) -> Result<Phone, Malformed> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Malformed::Empty);
    }
    if text.len() > 64 {
        return Err(Malformed::TooLong);
    }
    if disguises(text) {
        return Err(Malformed::Control);
    }
    let plain = |c: char| {
        c.is_numeric()
            || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/' | '\u{a0}' | '\u{202f}' | '＋')
    };
    if !text.chars().all(plain) {
        return Err(Malformed::Form);
    }
    let home: Option<country::Id> = home.parse().ok();
    let number = phonenumber::parse(home, text).map_err(|_| Malformed::Form)?;
    Phone::from_e164(&number.format().mode(Mode::E164).to_string())
}
