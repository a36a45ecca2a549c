//! `sayso gate`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use domain::Target;

use super::{Failure, Place};
use crate::gate::{Filter, FilterError, Gatekeeper, Summary};
use crate::index::Index;
use crate::ledger::GROUP;
use crate::people::progress::bar;
use crate::ports::SystemClock;
use crate::snapshot::{Credentials, LONGEST_AGE, Offline};

/// Tasks of the gate.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Copy from a list those who may be reached.
    ///
    /// Reads CSV whose first line names at least one of the columns customer_number, email and
    /// phone, and writes the rows of those who may be reached for the target. A row that can't be
    /// read is held back. Says at the end how many were held back and why. With --snapshot it
    /// needs no portal and no database. Exit status 0: all is well, 1: the list was not read to its
    /// end or the snapshot can't be used, 2: the arguments are wrong.
    #[expect(clippy::doc_markdown, reason = "it is the text of the command's help")]
    Filter(FilterList),
}

/// Options of `sayso gate filter`.
#[derive(Debug, Args)]
pub struct FilterList {
    /// What is meant to be sent or shared, such as message:offers/email or
    /// share:advertising/adlane.
    #[arg(long, value_name = "TARGET")]
    target: Target,
    /// The list [default: standard input].
    file: Option<PathBuf>,
    /// Where those go who may be reached [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Decide by a signed file instead: a full one, then each delta that follows on it.
    #[arg(long = "snapshot", value_name = "FILE", requires = "credentials")]
    snapshots: Vec<PathBuf>,
    /// What `sayso snapshot credentials` wrote.
    #[arg(long, value_name = "FILE", requires = "snapshots")]
    credentials: Option<PathBuf>,
    /// Greatest age of the newest snapshot, at most 24h.
    #[arg(long, value_name = "TIME", value_parser = age, default_value = "1h")]
    max_age: i64,
    #[command(flatten)]
    place: Place,
}

/// Milliseconds of a time such as 90s, 30m or 1h.
fn age(text: &str) -> Result<i64, String> {
    let age = text.parse::<jiff::SignedDuration>().map_err(|_| "not a time such as 30m or 1h")?;
    let millis = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    if (1..=LONGEST_AGE).contains(&millis) {
        Ok(millis)
    } else {
        Err("a snapshot may be used for at most 24h".to_owned())
    }
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Filter(list) = self;
        let summary = list.run().await?;
        tell(&summary);
        Ok(())
    }
}

impl FilterList {
    async fn run(self) -> Result<Summary, Failure> {
        if !matches!(
            self.target,
            Target::Message(..) | Target::Share(..) | Target::Profiling(_) | Target::Exception(_)
        ) {
            let sentence =
                format!("{} is wide; name one switch, such as message:offers/email", self.target);
            return Err(Failure::usage(sentence));
        }
        if let Some(credentials) = &self.credentials {
            let credentials = Credentials::read(credentials).map_err(Failure::new)?;
            let clock = Arc::new(SystemClock);
            let offline = Offline::open(&self.snapshots, credentials, self.max_age, clock);
            let offline = offline.map_err(Failure::new)?;
            offline.holds(&self.target).map_err(Failure::new)?;
            return self.filter(&offline).await;
        }
        let premises = self.place.open().await?;
        // The few who are asked about are read from the database, block by block.
        let index = Arc::new(Index::empty());
        let service = premises.assemble(&self.place.data, index, GROUP).await?;
        let outcome = self.filter(&service).await;
        service.store.close().await;
        outcome
    }

    async fn filter(&self, gate: &impl Gatekeeper) -> Result<Summary, Failure> {
        let (list, size): (Box<dyn Read>, u64) = match &self.file {
            None => (Box::new(io::stdin()), 0),
            Some(path) => {
                let file = File::open(path).map_err(|error| {
                    Failure::new(format!("{} can't be read: {error}", path.display()))
                })?;
                let size = file.metadata().map_or(0, |about| about.len());
                (Box::new(file), size)
            }
        };
        let out: Box<dyn Write> = match &self.out {
            None => Box::new(io::stdout()),
            Some(path) => Box::new(File::create(path).map_err(|error| {
                Failure::new(format!("{} can't be written: {error}", path.display()))
            })?),
        };
        let progress = bar(true, size, "{bar:40} {bytes} of {total_bytes}, {eta} to go");
        let filter = Filter { service: gate, target: &self.target };
        let (list, out) = (BufReader::new(list), BufWriter::new(out));
        let outcome = filter.run(list, out, |bytes| progress.set_position(bytes)).await;
        progress.finish_and_clear();
        outcome.map_err(|error| match error {
            FilterError::Columns | FilterError::TooWide => Failure::usage(error),
            other => Failure::new(other),
        })
    }
}

/// The list itself may go to standard output.
#[expect(clippy::print_stderr, reason = "this is where the person at the keyboard is told")]
fn tell(summary: &Summary) {
    eprintln!("{summary}");
}
