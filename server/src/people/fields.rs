//! What is said of one customer, parsed: by a row of a file or by a system.

use domain::contact::{Malformed, disguises};
use domain::{Language, Moment};
use jiff::tz::TimeZone;

use super::columns::Column;
use super::row::{Permissions, Reason, Row};
use crate::identify::read_phone;

/// Longest customer number, in characters.
const NUMBER_LIMIT: usize = 64;
/// Longest name, in characters.
const NAME_LIMIT: usize = 200;

/// What is said of one customer, as text; empty where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    /// Number in the business's own books.
    pub customer: &'a str,
    /// What the customer is called.
    pub name: &'a str,
    /// Email address.
    pub email: &'a str,
    /// Phone number.
    pub phone: &'a str,
    /// Language the business writes in.
    pub language: &'a str,
    /// ISO 3166-2 code.
    pub region: &'a str,
    /// Year of birth.
    pub birth_year: &'a str,
}

impl Fields<'_> {
    /// Reads the fields; numbers without a country code are read as from `home`, and nobody is
    /// born after `year`.
    ///
    /// # Errors
    /// The first [`Reason`] not to take them.
    pub fn read(&self, home: &str, year: i64) -> Result<Row, Reason> {
        let customer = plain(Column::CustomerNumber, self.customer.trim(), NUMBER_LIMIT)?;
        let customer = customer
            .ok_or(Reason::Field { column: Column::CustomerNumber, why: Malformed::Empty })?;
        Ok(Row {
            customer,
            name: plain(Column::Name, self.name.trim(), NAME_LIMIT)?,
            email: filled(self.email)
                .map(str::parse)
                .transpose()
                .map_err(|why| Reason::Field { column: Column::Email, why })?,
            phone: filled(self.phone)
                .map(|text| read_phone(text, home))
                .transpose()
                .map_err(|why| Reason::Field { column: Column::Phone, why })?,
            language: filled(self.language).map(language).transpose()?,
            region: filled(self.region).map(region).transpose()?,
            birth_year: filled(self.birth_year).map(|text| birth_year(text, year)).transpose()?,
            permissions: Permissions::default(),
        })
    }
}

/// The year of a moment, in UTC.
#[must_use]
pub fn year_of(now: Moment) -> i64 {
    jiff::Timestamp::from_millisecond(now.0)
        .map_or(1970, |at| i64::from(TimeZone::UTC.to_datetime(at).year()))
}

fn birth_year(text: &str, latest: i64) -> Result<i64, Reason> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = text.parse().ok().filter(|year| digits && (1900..=latest).contains(year));
    year.ok_or(Reason::BirthYear)
}

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A text of a few characters, none of which disguises it.
fn plain(column: Column, text: &str, limit: usize) -> Result<Option<String>, Reason> {
    let why = if text.chars().count() > limit {
        Malformed::TooLong
    } else if disguises(text) {
        Malformed::Control
    } else {
        return Ok(filled(text).map(ToOwned::to_owned));
    };
    Err(Reason::Field { column, why })
}

/// A tag such as `de-AT` counts as the language that it begins with.
fn language(text: &str) -> Result<Language, Reason> {
    let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let well_formed = text.len() <= 35 && text.chars().all(tag);
    let known = well_formed.then(|| Language::for_tag(text)).flatten();
    known.ok_or(Reason::Language)
}

fn region(text: &str) -> Result<String, Reason> {
    let (country, part) = text.split_once('-').map_or((text, None), |(c, p)| (c, Some(p)));
    let inner = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let good = country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && part.is_none_or(|part| (1..=3).contains(&part.len()) && part.bytes().all(inner));
    if good { Ok(text.to_owned()) } else { Err(Reason::Region) }
}
