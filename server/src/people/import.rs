//! Loading a file of customers. It can tighten what they chose, never loosen it.
//!
//! The file is taken in blocks, each one transaction that also notes how far it came: after a
//! crash a second run goes on behind the last block. While the store writes a block, the next one
//! is parsed, hashed and sealed.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use app::portal::Notice;
use domain::Source;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};

use super::arrive::Circumstances;
use super::blocks::{Block, Blocks, End, Repeats};
use super::crowd::Crowd;
use super::fit::check_keys;
use super::progress::bar;
use super::rejects::Rejects;
use crate::cli::{Failure, Premises};
use crate::notices::Notices;
use crate::store::{Group, StoreError};
use crate::tell::Duties;

/// What to import and how.
#[derive(Clone, Debug)]
pub struct Import {
    /// The CSV file.
    pub file: PathBuf,
    /// Do everything but write.
    pub dry_run: bool,
    /// Where rows that were not taken are listed, instead of [`Import::rejects_file`]'s default.
    pub rejects: Option<PathBuf>,
    /// Take the file from its first row, even if it was imported before.
    pub again: bool,
    /// Show a progress bar.
    pub progress: bool,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows read, without blank lines.
    pub read: u64,
    /// People that are new.
    pub added: u64,
    /// People of whom something changed, adopted ones included.
    pub updated: u64,
    /// People of whom nothing changed.
    pub unchanged: u64,
    /// Permissions recorded.
    pub recorded: u64,
    /// Opt-outs and pauses taken over from people with the same address or number.
    pub carried: u64,
    /// Permissions that were not recorded, because the customer had said no.
    pub kept_out: u64,
    /// Rows that were not taken.
    pub rejected: u64,
    /// The row behind which a run before had stopped; 0 when this run began the file.
    pub resumed_after: u64,
    /// The file had been imported before, so nothing was done.
    pub already: bool,
    /// How long it took, in milliseconds.
    pub millis: i64,
}

impl Import {
    /// An import without progress bar.
    #[must_use]
    pub fn quiet(file: PathBuf) -> Self {
        Self { file, dry_run: false, rejects: None, again: false, progress: false }
    }

    /// Where rows that were not taken are listed: `customers.rejects.csv` beside `customers.csv`
    /// unless named otherwise. A dry run lists them only where it was told to.
    #[must_use]
    pub fn rejects_file(&self) -> Option<PathBuf> {
        let beside = || (!self.dry_run).then(|| self.file.with_extension("rejects.csv"));
        self.rejects.clone().or_else(beside)
    }
}

/// Loads customers.
///
/// # Errors
/// A sentence for the person at the keyboard.
pub async fn import(premises: &Premises, import: &Import) -> Result<Report, Failure> {
    let begun = premises.clock.now();
    let notice = Notices::load(premises.store.clone()).await.map_err(Failure::new)?.current();
    let hash = hash(import).await?;
    let mut blocks = Blocks::open(&import.file, &notice, begun)?;
    check_keys(premises).await?;
    let progress = premises.store.find_progress(&hash).await.map_err(Failure::new)?;
    let resume = match progress.filter(|_| !import.again) {
        Some((_, true)) => return Ok(Report { already: true, ..Report::default() }),
        Some((rows, false)) => 1 + u64::try_from(rows).unwrap_or(0),
        None => 1,
    };
    let told = |error: io::Error| unreadable(import, &error);
    let mut repeats = None;
    if import.dry_run {
        let mut all = Blocks::open(&import.file, &notice, begun)?;
        all.skip_to(resume).map_err(told)?;
        repeats = Some(Repeats::find(all, &premises.vault).await.map_err(told)?);
    }
    blocks.skip_to(resume).map_err(told)?;
    let run = Run {
        premises,
        notice,
        hash,
        crowd: Crowd::default(),
        repeats,
        rejects: Rejects::begin(import.rejects_file(), resume)?,
        done: resume,
        report: Report { resumed_after: if resume > 1 { resume } else { 0 }, ..Report::default() },
    };
    premises.store.begin_bulk().await.map_err(Failure::new)?;
    let report = run.go(import, blocks).await;
    premises.store.end_bulk().await.map_err(Failure::new)?;
    let mut report = report?;
    report.millis = premises.clock.now().since(begun);
    Ok(report)
}

fn unreadable(import: &Import, error: &io::Error) -> Failure {
    Failure::new(format!("{} can't be read: {error}", import.file.display()))
}

/// SHA-256 of the file, by which a second run knows it again.
async fn hash(import: &Import) -> Result<Vec<u8>, Failure> {
    let file = import.file.clone();
    let read = move || -> io::Result<Vec<u8>> {
        let mut file = File::open(file)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 17]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hash.finalize().to_vec()),
                length => hash.update(&buffer[..length]),
            }
        }
    };
    let read = tokio::task::spawn_blocking(read).await.map_err(Failure::new)?;
    read.map_err(|error| unreadable(import, &error))
}

/// An import on its way.
struct Run<'a> {
    premises: &'a Premises,
    notice: Arc<Notice>,
    hash: Vec<u8>,
    crowd: Crowd,
    /// Only in a dry run.
    repeats: Option<Repeats>,
    rejects: Rejects,
    /// The last row that is done for good.
    done: u64,
    report: Report,
}

impl Run<'_> {
    async fn go(mut self, import: &Import, mut blocks: Blocks) -> Result<Report, Failure> {
        let premises = self.premises;
        let length = import.file.metadata().map_err(|error| unreadable(import, &error))?.len();
        let bar = bar(
            import.progress,
            length,
            "{bar:40} {bytes} of {total_bytes}, {msg} rows, {eta} to go",
        );
        let mut block = blocks.next(premises).await.map_err(|error| unreadable(import, &error))?;
        while block.end == End::More {
            let (taken, next) = tokio::join!(self.take(block, &bar), blocks.next(premises));
            taken?;
            block = next.map_err(|error| unreadable(import, &error))?;
        }
        let end = block.end;
        self.take(block, &bar).await?;
        bar.finish_and_clear();
        if end == End::Unclosed {
            return Err(Failure::new(format!(
                "row {} opens a quote that is never closed, so the rest of the file can't be \
                 told apart; the rows before it were taken",
                self.done + 1
            )));
        }
        Ok(self.report)
    }

    async fn take(&mut self, block: Block, bar: &ProgressBar) -> Result<(), Failure> {
        self.report = self.write(&block).await.map_err(|error| {
            Failure::new(format!(
                "the import stopped behind row {}: {error}; the same command goes on from there",
                self.done
            ))
        })?;
        self.done = block.last;
        bar.set_position(block.bytes);
        bar.set_message(self.report.read.to_string());
        Ok(())
    }

    async fn write(&mut self, block: &Block) -> Result<Report, WriteError> {
        let mut group = self.premises.store.begin_group().await?;
        self.crowd.load(&mut group, &block.customers).await?;
        let Premises { vault, random, clock, .. } = self.premises;
        let (now, random, notice) = (clock.now(), random.as_ref(), &self.notice);
        let of = Circumstances { vault, random, notice, now, source: Source::Import };
        let mut report = self.report;
        report.read += (block.customers.len() + block.rejects.len()) as u64;
        report.rejected += block.rejects.len() as u64;
        for row in &block.customers {
            self.crowd.arrive(row, &of, &mut report);
        }
        self.rejects.add(&block.rejects)?;
        if let Some(repeats) = &self.repeats {
            group.rollback().await?;
            self.crowd.forget(repeats);
        } else {
            let duties = Duties::of(&self.notice.catalogue);
            self.crowd.write(&mut group, &duties, now).await?;
            self.crowd = Crowd::default();
            self.commit(group, block, now.0).await?;
        }
        Ok(report)
    }

    async fn commit(&self, mut group: Group, block: &Block, now: i64) -> Result<(), StoreError> {
        let rows = i64::try_from(block.last - 1).unwrap_or(i64::MAX);
        let finished = (block.end == End::Finished).then_some(now);
        group.record_progress(&self.hash, rows, finished).await?;
        group.commit().await.map(drop)
    }
}

/// A block was not taken.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the list of rejected rows can't be written: {0}")]
    Rejects(#[from] io::Error),
}
