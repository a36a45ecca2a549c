//! A list of people in, those who may be reached out.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, Write};

use domain::{Reason, Target};

use super::Subject;
use super::gatekeeper::Gatekeeper;
use super::rows::{HeaderError, Row, Rows, fields};
use crate::people::records::{Records, Step};
use crate::service::Service;
use crate::snapshot::SnapshotError;
use crate::store::StoreError;

/// Rows judged at a time.
const BLOCK: usize = 1_000;
/// Bytes of a list behind which rows are judged though they are fewer.
const BLOCK_BYTES: u64 = 16 << 20;

/// A list could not be filtered. Says nothing of its rows.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// The first line names nobody.
    #[error("the first line must name a column customer_number, email or phone")]
    Columns,
    /// The first line has more columns than are kept of a row.
    #[error("the first line has more than 1000 columns")]
    TooWide,
    /// Reading or writing failed.
    #[error("reading or writing failed: {0}")]
    Io(#[from] io::Error),
    /// Nothing can be known, so nobody may be reached.
    #[error("the choices can't be read: {0}")]
    Store(#[from] StoreError),
    /// The snapshot can't be used, so nobody may be reached.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

impl From<HeaderError> for FilterError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::Nobody => Self::Columns,
            HeaderError::TooWide => Self::TooWide,
        }
    }
}

/// What became of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows read.
    pub read: u64,
    /// Rows let through.
    pub allowed: u64,
    /// Rows held back, by why.
    pub held: BTreeMap<&'static str, u64>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held: u64 = self.held.values().sum();
        let (read, allowed) = (grouped(self.read), grouped(self.allowed));
        write!(f, "{read} in, {allowed} allowed, {} held back", grouped(held))?;
        let mut reasons: Vec<_> = self.held.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (place, (reason, count)) in reasons.into_iter().enumerate() {
            let before = if place == 0 { ": " } else { ", " };
            write!(f, "{before}{} {reason}", grouped(*count))?;
        }
        Ok(())
    }
}

/// A number with a comma between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Everyone whom it names may be reached.
    Allowed,
    /// Somebody may not.
    Held(Reason),
    /// Somebody may not, and a snapshot does not say why.
    Denied,
    /// It names nobody, or in a way that can't be read.
    Unreadable,
}

/// Filters lists for one target.
#[derive(Clone, Copy)]
pub struct Filter<'a, G = Service> {
    /// What knows who may be reached.
    pub service: &'a G,
    /// What is meant to be sent or shared.
    pub target: &'a Target,
}

impl<G: Gatekeeper> Filter<'_, G> {
    /// Copies from a CSV list to another the rows of those who may be reached; `seen` hears how
    /// many bytes were read. A row that names several identifiers passes only if all of them may.
    ///
    /// # Errors
    /// [`FilterError`]; what was written so far stays right.
    pub async fn run(
        &self,
        list: impl BufRead,
        out: impl Write,
        mut seen: impl FnMut(u64),
    ) -> Result<Summary, FilterError> {
        let mut records = Records::new(list);
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(out);
        if records.advance()? != Step::Record {
            return Err(FilterError::Columns);
        }
        let rows = Rows::named_by(records.record())?;
        out.write_record(fields(records.record())).map_err(io::Error::other)?;
        let home = self.service.home();
        let mut summary = Summary::default();
        let (mut block, mut begun): (Vec<Row>, u64) = (Vec::with_capacity(BLOCK), 0);
        loop {
            let step = records.advance()?;
            if step == Step::Record && !records.record().is_blank() {
                block.push(rows.row(records.record(), &home));
            }
            let full = block.len() == BLOCK || records.bytes() - begun >= BLOCK_BYTES;
            if full || step != Step::Record {
                for (row, passed) in block.iter().zip(self.judge(&block).await?) {
                    count(&mut summary, passed);
                    if passed == Passed::Allowed {
                        out.write_record(&row.fields).map_err(io::Error::other)?;
                    }
                }
                block.clear();
                begun = records.bytes();
                seen(begun);
            }
            match step {
                Step::Record => {}
                Step::End => break,
                // A quote that never closes swallowed the rest: nobody in it is let through.
                Step::Unclosed => {
                    count(&mut summary, Passed::Unreadable);
                    break;
                }
            }
        }
        out.flush()?;
        Ok(summary)
    }

    async fn judge(&self, block: &[Row]) -> Result<Vec<Passed>, FilterError> {
        let rows: Vec<Option<&[Subject]>> =
            block.iter().map(|row| row.subjects.as_deref()).collect();
        self.service.pass(&rows, self.target).await
    }
}

fn count(summary: &mut Summary, passed: Passed) {
    summary.read += 1;
    match passed {
        Passed::Allowed => summary.allowed += 1,
        Passed::Held(reason) => *summary.held.entry(reason.as_str()).or_default() += 1,
        Passed::Denied => *summary.held.entry("denied").or_default() += 1,
        Passed::Unreadable => *summary.held.entry("unreadable").or_default() += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_reads_like_a_sentence() {
        let held = BTreeMap::from([("never_opted_in", 7_669), ("opted_out", 180_000)]);
        let summary = Summary { read: 1_000_000, allowed: 812_331, held };
        assert_eq!(
            summary.to_string(),
            "1,000,000 in, 812,331 allowed, 187,669 held back: 180,000 opted_out, 7,669 never_opted_in"
        );
    }
}
