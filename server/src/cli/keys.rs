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
}

impl Task {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Generate { out } = self;
        Keys::generate(&SystemRandom).write_new(&out).map_err(Failure::new)?;
        say(format_args!(
            "Keys written to {}. Keep a copy apart from the database.",
            out.display()
        ));
        Ok(())
    }
}
