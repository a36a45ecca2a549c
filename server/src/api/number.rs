//! Numbers from outside.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

use super::problem::{Kind, Problem};

/// A place in the ledger, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Place(pub i64);

/// The number is below 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no place is below 0")]
pub struct Below;

impl TryFrom<i64> for Place {
    type Error = Below;

    fn try_from(number: i64) -> Result<Self, Below> {
        if number < 0 { Err(Below) } else { Ok(Self(number)) }
    }
}

/// Reads a whole number of a body, in any form that JSON Schema takes for one: 30.0 is 30
/// (JSON Schema Validation 2020-12, §6.1.1).
pub(super) fn whole<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let Some(number) = Option::<Number>::deserialize(from)? else { return Ok(None) };
    let whole = number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
        format!("{float:.0}").parse().ok()
    });
    let fits = whole.and_then(|whole| T::try_from(whole).ok());
    fits.map(Some).ok_or_else(|| D::Error::custom("not a whole number that fits"))
}

/// The same for a number that must be there.
pub(super) fn given_whole<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    whole(from)?.ok_or_else(|| D::Error::custom("not a whole number that fits"))
}

/// Lets a number pass that lies within a range.
///
/// # Errors
/// [`Kind::Invalid`], with the field's name and the range.
pub(super) fn within<T: Display + PartialOrd>(
    field: &str,
    number: T,
    range: &RangeInclusive<T>,
) -> Result<T, Problem> {
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = (range.start(), range.end());
    Err(Problem::new(Kind::Invalid, format!("{field} is a number from {least} to {most}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<u16> {
        whole(&mut serde_json::Deserializer::from_str(text)).ok().flatten()
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        assert_eq!(read("30"), Some(30));
        assert_eq!(read("30.0"), Some(30));
        assert_eq!(read("3e1"), Some(30));
        assert_eq!(read("-0.0"), Some(0));
        for other in ["30.5", "-1", "70000", "1e300", "\"30\"", "true", "null"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
