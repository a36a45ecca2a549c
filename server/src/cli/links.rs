//! `sayso link` and `sayso links`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::Key;
use domain::contact::Email;

use super::place::Mode;
use super::{Failure, Place, say};
use crate::letters::Paper;
use crate::letters::press::Letters;
use crate::people;

/// Options of every task that makes links.
#[derive(Debug, Args)]
pub(super) struct Base {
    /// Address that customers use (https://…).
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:3000",
        env = "SAYSO_BASE_URL"
    )]
    base_url: String,
    #[command(flatten)]
    pub(super) place: Place,
}

/// One customer's link.
#[derive(Debug, Args)]
pub struct One {
    /// Email address.
    email: String,
    /// Replace the links made before: they still opt out for a while, and open nothing.
    #[arg(long)]
    rotate: bool,
    #[command(flatten)]
    base: Base,
}

/// Tasks with links.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Write the link of everyone with a customer number into a CSV file, for a mail merge; for
    /// letters also a code to type and a QR code.
    ///
    /// Everyone has a right to their page, so the file holds also those who opted out, by their
    /// customer number and without their address, which may not be sold or passed on
    /// (15 U.S.C. 7704(a)(4)(A)(iv)). Column may_email says no for them, for whom no marketing may
    /// be sent to by email now, or whose address bounces.
    #[expect(clippy::doc_markdown, reason = "it is the text of the command's help")]
    Export(Export),
}

/// Options of `sayso links export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The file; only its owner can read it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    /// Leave out everyone whose may_email would be no, as a file for a mailer must.
    #[expect(clippy::doc_markdown, reason = "it is the text of the command's help")]
    #[arg(long)]
    only_may_email: bool,
    #[command(flatten)]
    letters: OnPaper,
    #[command(flatten)]
    base: Base,
}

/// What letters need.
#[derive(Debug, Args)]
struct OnPaper {
    /// Make a new code for each person's letter, under this name of the mailing, such as
    /// spring-2027: columns `short_code` and `short_link`.
    #[arg(long, value_name = "NAME")]
    mailing: Option<Key>,
    /// Write each QR code into this new folder as SVG: column image.
    #[arg(long, value_name = "DIR", requires = "mailing")]
    svg: Option<PathBuf>,
    /// Write labels with customer number, code and QR code into this PDF file; ten thousand in a
    /// file, the next ones beside it.
    #[arg(long, value_name = "FILE", requires = "mailing")]
    sheet: Option<PathBuf>,
    /// Paper of the labels: a4 (24 of 70 × 37 mm) or letter (30 of 2⅝ × 1 inch).
    #[arg(long, value_enum, default_value_t, requires = "sheet")]
    paper: Paper,
}

impl OnPaper {
    fn letters(self) -> Option<Letters> {
        let Self { mailing, svg, sheet, paper } = self;
        Some(Letters { mailing: mailing?, images: svg, sheet, paper })
    }
}

impl Base {
    /// What links begin with, without a slash at the end.
    pub(super) fn url(&self) -> Result<String, Failure> {
        let url = self.base_url.trim_end_matches('/');
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_none_or(str::is_empty) || url.contains(|c: char| c.is_whitespace() || c == '"') {
            return Err(Failure::usage("--base-url takes an address that begins with https://"));
        }
        if self.place.mode == Mode::Production && !url.starts_with("https://") {
            return Err(Failure::usage("production needs --base-url with an https address"));
        }
        Ok(url.to_owned())
    }
}

/// An email address as somebody at the keyboard wrote it.
pub(super) fn read_email(text: &str) -> Result<Email, Failure> {
    text.parse().map_err(|why| Failure::usage(format!("that is no email address: {why}")))
}

impl One {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let email = read_email(&self.email)?;
        let url = self.base.url()?;
        let premises = self.base.place.open().await?;
        for link in people::link(&premises, &email, &url, self.rotate).await? {
            say(link);
        }
        premises.store.close().await;
        Ok(())
    }
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Export(Export { out, force, only_may_email, letters, base }) = self;
        let base_url = base.url()?;
        let premises = base.place.open().await?;
        let letters = letters.letters();
        let export =
            people::Export { out, base_url, force, only_may_email, progress: true, letters };
        let done = people::export(&premises, &export).await?;
        say(format_args!("{} links written to {}.", done.links, export.out.display()));
        if done.unreadable > 0 {
            say(format_args!(
                "{} customers were left out: no key opens their customer number.",
                done.unreadable
            ));
        }
        if done.unprintable > 0 {
            say(format_args!(
                "{} labels lack their customer number: it has letters outside Latin-1.",
                done.unprintable
            ));
        }
        premises.store.close().await;
        Ok(())
    }
}
