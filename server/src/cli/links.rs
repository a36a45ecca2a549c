//! `sayso link` and `sayso links`.

use clap::{Args, Subcommand};

use super::{Failure, Place};

/// One customer's link.
#[derive(Debug, Args)]
pub struct One {
    /// Email address.
    email: String,
    #[command(flatten)]
    place: Place,
}

/// Tasks with links.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Write everyone's link into a CSV file, for a mail merge.
    Export {
        #[command(flatten)]
        place: Place,
    },
}

impl One {
    pub(super) async fn run(self) -> Result<(), Failure> {
        Err(Failure::new("unwritten"))
    }
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        Err(Failure::new("unwritten"))
    }
}
