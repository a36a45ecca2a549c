//! `sayso link` and `sayso links`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::contact::Email;

use super::place::Mode;
use super::{Failure, Place, say};
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
    /// Write the link of everyone with a customer number into a CSV file, for a mail merge.
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
    #[command(flatten)]
    base: Base,
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
        let Self::Export(Export { out, force, base }) = self;
        let base_url = base.url()?;
        let premises = base.place.open().await?;
        let export = people::Export { out, base_url, force, progress: true };
        let done = people::export(&premises, &export).await?;
        say(format_args!("{} links written to {}.", done.links, export.out.display()));
        if done.unreadable > 0 {
            say(format_args!(
                "{} customers were left out: no key opens their customer number.",
                done.unreadable
            ));
        }
        premises.store.close().await;
        Ok(())
    }
}
