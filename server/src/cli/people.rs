//! `sayso people`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Failure, Place, say};
use crate::people::{self, Report};

/// Tasks with customers.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Load customers from a CSV file. It can tighten what they chose, never loosen it.
    ///
    /// The first line names the columns, in any order: customer_number, name, email, phone,
    /// language, region, birth_year, permissions. Permissions are TARGET=yes and TARGET=no with
    /// spaces between, such as `message:offers/email=no`. Stopped at any moment, the same command
    /// goes on where the file was left.
    #[expect(clippy::doc_markdown, reason = "it is the text of the command's help")]
    Import(Import),
}

/// Options of `sayso people import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The file, in UTF-8.
    file: PathBuf,
    /// Tell what would happen, without changing anything.
    #[arg(long)]
    dry_run: bool,
    /// List of the rows that are not taken, with the reason; row 1 is the line of column names
    /// [default: FILE.rejects.csv; in a dry run none].
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Import a file that was imported before.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    place: Place,
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Import(Import { file, dry_run, rejects, again, place }) = self;
        let import = people::Import { file, dry_run, rejects, again, progress: true };
        let premises = place.open().await?;
        premises.store.widen().await.map_err(Failure::new)?;
        let report = people::import(&premises, &import).await?;
        if report.already {
            say(format_args!(
                "{} was imported before; nothing was done (--again imports it anew).",
                import.file.display()
            ));
        } else {
            tell(&report, &import);
        }
        premises.store.close().await;
        Ok(())
    }
}

fn tell(report: &Report, import: &people::Import) {
    if import.dry_run {
        say("A dry run: nothing was written.");
    }
    if report.resumed_after > 0 {
        say(format_args!("Rows up to {} were taken before.", report.resumed_after));
    }
    let millis = u64::try_from(report.millis).unwrap_or(0).max(1);
    let lines = [
        ("rows read", report.read),
        ("people added", report.added),
        ("people updated", report.updated),
        ("people unchanged", report.unchanged),
        ("rows rejected", report.rejected),
        ("permissions recorded", report.recorded),
        ("permissions kept out by an earlier no", report.kept_out),
        ("opt-outs taken over from a shared address", report.carried),
        ("rows a second", report.read * 1_000 / millis),
    ];
    for (name, number) in lines {
        say(format_args!("{number:>10} {name}"));
    }
    say(format_args!("{:>8}.{} seconds", millis / 1_000, millis % 1_000 / 100));
    if let (true, Some(list)) = (report.rejected > 0, import.rejects_file()) {
        say(format_args!("The rejected rows are listed in {}.", list.display()));
    }
}
