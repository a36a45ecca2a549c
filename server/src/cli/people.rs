//! `sayso people`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, Place};

/// Tasks with customers.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Load customers from a CSV file. It can tighten what they chose, never loosen it.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        Err(Failure::new("unwritten"))
    }
}
