//! Up to where a client knows everything.

use std::fmt;
use std::str::FromStr;

use domain::{Moment, NoticeNumber, Position};
use serde::{Deserialize, Serialize};

use crate::store::Reached;

/// Up to where a client knows everything: what its newest snapshot was made from. Clients keep it
/// as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The notice.
    pub notice: NoticeNumber,
    /// How far ledger and people were.
    pub reached: Reached,
    /// When.
    pub made_at: Moment,
    /// The keys.
    pub keys: String,
}

/// The text is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the cursor of a snapshot")]
pub struct NotACursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { notice, reached, made_at, keys } = self;
        let Reached { position, revision } = reached;
        write!(f, "{}.{}.{revision}.{}.{keys}", notice.0, position.0, made_at.0)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let mut parts = text.split('.');
        let mut number = || -> Option<i64> {
            let text = parts.next()?;
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        let read = || {
            let (notice, position) = (NoticeNumber(number()?), Position(number()?));
            let (revision, made_at) = (number()?, Moment(number()?));
            Some((notice, Reached { position, revision }, made_at))
        };
        let (notice, reached, made_at) = { read }().ok_or(NotACursor)?;
        let keys = parts.next().filter(|keys| (1..=64).contains(&keys.len())).ok_or(NotACursor)?;
        if parts.next().is_some() {
            return Err(NotACursor);
        }
        Ok(Self { notice, reached, made_at, keys: keys.to_owned() })
    }
}

impl TryFrom<String> for Cursor {
    type Error = NotACursor;

    fn try_from(text: String) -> Result<Self, NotACursor> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_being_written_and_nothing_else_is_one() {
        let cursor = Cursor {
            notice: NoticeNumber(3),
            reached: Reached { position: Position(41), revision: 7 },
            made_at: Moment(1_781_515_800_000),
            keys: "a-b_c".into(),
        };
        assert_eq!(cursor.to_string(), "3.41.7.1781515800000.a-b_c");
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in
            ["", "1.2.3.4", "1.2.3.4.", "1.2.3.4.k.5", "-1.2.3.4.k", "1.2..4.k", "+1.2.3.4.k"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }
}
