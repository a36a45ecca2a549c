//! `sayso keys`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, say};
use crate::keys::Keys;
use crate::ports::SystemRandom;

/// Tasks with keys.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Write new random keys into a file that only its owner can read.
    Generate {
        /// The file; it must not exist yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Add a key of receipts to a key file: from the next start on it signs. Those before stay, so
    /// that what they signed stays valid.
    Receipt {
        /// The key file.
        #[arg(long, value_name = "FILE", env = "SAYSO_KEYS")]
        keys: PathBuf,
    },
}

impl Task {
    pub(super) fn run(self) -> Result<(), Failure> {
        let out = match self {
            Self::Generate { out } => out,
            Self::Receipt { keys: path } => {
                let mut keys = Keys::read(&path).map_err(Failure::new)?;
                let number = keys.add_receipt(&SystemRandom, &path).map_err(Failure::new)?;
                say(format_args!(
                    "Receipts will be signed with [receipt.{number}]. Restart the portal."
                ));
                return Ok(());
            }
        };
        Keys::generate(&SystemRandom).write_new(&out).map_err(Failure::new)?;
        say(format_args!(
            "Keys written to {}. Keep a copy apart from the database.",
            out.display()
        ));
        Ok(())
    }
}
