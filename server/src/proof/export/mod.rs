//! Records of what customers asked for, as a business must keep them (11 CCR 7101) and report them
//! once a year (11 CCR 7102).
//!
//! Each record comes from one source. A choice of the ledger is a request that was complied with
//! when it was recorded; a case that colleagues answer is one whose answer stands beside it.
//! Whatever else keeps requests joins in [`each`], and nowhere else.

mod cases;
mod choices;
mod record;
mod totals;

use std::io::Write;

use domain::Moment;

pub use record::{COLUMNS, Record, Right};
pub use totals::Totals;

use super::keys::ProofKeys;
use crate::people::harmless;
use crate::store::{Store, StoreError};

/// A span of time: from its start on, and before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its start.
    pub from: Moment,
    /// Its end.
    pub to: Moment,
}

impl Span {
    pub(super) fn holds(self, at: Moment) -> bool {
        self.from <= at && at < self.to
    }
}

/// An export did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file can't be written.
    #[error("the file can't be written: {0}")]
    File(#[from] std::io::Error),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::File(error.into())
    }
}

/// Hands over every record of a span, part by part, in bounded memory.
///
/// # Errors
/// [`ExportError`].
pub async fn each(
    store: &Store,
    keys: &ProofKeys,
    span: Span,
    mut take: impl FnMut(Record) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    choices::each(store, keys, span, &mut take).await?;
    cases::each(store, keys, span, &mut take).await
}

/// Writes the records of a span as CSV; tells how many.
///
/// # Errors
/// [`ExportError`].
pub async fn to_csv(
    store: &Store,
    keys: &ProofKeys,
    span: Span,
    out: impl Write,
) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    let mut count = 0;
    each(store, keys, span, |record| {
        count += 1;
        writer.write_record(record.cells().iter().map(|cell| harmless(cell)))?;
        Ok(())
    })
    .await?;
    writer.flush()?;
    Ok(count)
}

/// Counts the records of a span.
///
/// # Errors
/// [`ExportError`].
pub async fn totals(store: &Store, keys: &ProofKeys, span: Span) -> Result<Totals, ExportError> {
    let mut totals = Totals::default();
    each(store, keys, span, |record| {
        totals.count(&record);
        Ok(())
    })
    .await?;
    Ok(totals)
}
