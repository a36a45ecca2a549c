//! Reading a system's list, in bounded memory.

use std::io::{self, BufRead};

use tokio::sync::mpsc::Sender;

use crate::people::{Records, Step};

/// Lines that are checked together.
pub const PART: usize = 500;

/// One line of a list.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Its number; the names of the columns are line 1.
    pub number: i64,
    /// Email address, as it stands there; empty where there is none.
    pub email: String,
    /// Phone number, likewise.
    pub phone: String,
    /// Customer number, likewise.
    pub customer: String,
    /// The system's own keyed hashes of the three, in hexadecimal, in the same order.
    pub hashes: [String; 3],
}

/// A list can't be read. Holds nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The bytes don't come.
    #[error("it can't be read: {0}")]
    Read(#[from] io::Error),
    /// The first line is not what it must be.
    #[error(
        "its first line must name one or more of the columns email, phone, customer_number, \
         email_hash, phone_hash and customer_hash"
    )]
    Columns,
    /// The first line has more columns than are kept of a line.
    #[error("its first line has more than 1000 columns")]
    TooWide,
    /// The end is missing.
    #[error("it ends inside a quoted field")]
    Unclosed,
}

const COLUMNS: [&str; 6] =
    ["email", "phone", "customer_number", "email_hash", "phone_hash", "customer_hash"];

/// Reads a list and hands its lines on in parts; ends early when nobody takes them any more.
///
/// # Errors
/// [`ListError`].
pub fn read(list: impl BufRead, parts: &Sender<Vec<Line>>) -> Result<(), ListError> {
    let mut records = Records::new(list);
    if records.advance()? == Step::Unclosed {
        return Err(ListError::Unclosed);
    }
    let first = records.record();
    if first.is_too_wide() {
        return Err(ListError::TooWide);
    }
    let names = (0..first.len()).map(|place| text(first.field(place)).to_ascii_lowercase());
    let names: Vec<String> = names.collect();
    let places = COLUMNS.map(|column| names.iter().position(|name| name == column));
    if places.iter().all(Option::is_none) {
        return Err(ListError::Columns);
    }
    let mut part = Vec::with_capacity(PART);
    for number in 2.. {
        match records.advance()? {
            Step::End => break,
            Step::Unclosed => return Err(ListError::Unclosed),
            Step::Record => {}
        }
        let record = records.record();
        if record.is_blank() {
            continue;
        }
        // A line that is longer than the first loses no column that is looked at.
        let fields = places.map(|place| place.map(|place| text(record.field(place))));
        let [email, phone, customer, hashes @ ..] = fields.map(Option::unwrap_or_default);
        part.push(Line { number, email, phone, customer, hashes });
        if part.len() == PART && parts.blocking_send(std::mem::take(&mut part)).is_err() {
            return Ok(());
        }
    }
    drop(parts.blocking_send(part));
    Ok(())
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim().to_owned()
}
