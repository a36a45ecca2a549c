//! `sayso catalogue`.

use std::path::PathBuf;

use clap::Subcommand;
use domain::catalogue::{Problem, parse};

use super::place::Outgoing;
use super::{Failure, Place, say};
use crate::notices::{NoticeError, publish};
use crate::ports::{Clock, SystemClock};
use crate::tell::{look_up, refused_webhooks};

/// Problems that are printed; a file with more is broken as a whole.
const SHOWN: usize = 200;

/// Tasks with the register.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Report every problem of a catalogue file, with its line.
    Check {
        /// The catalogue.
        file: PathBuf,
    },
    /// Store a catalogue as the next notice. It never changes afterwards.
    Publish {
        /// The catalogue.
        file: PathBuf,
        #[command(flatten)]
        outgoing: Outgoing,
        #[command(flatten)]
        place: Place,
    },
}

impl Task {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check { file } => match parse(&read(&file)?) {
                Ok(catalogue) => {
                    say(format_args!(
                        "{}: good. {} switches, {} exceptions, {} systems, {} languages.",
                        file.display(),
                        catalogue.leaves().count(),
                        catalogue.exceptions.len(),
                        catalogue.systems.len(),
                        catalogue.languages.len()
                    ));
                    for gap in catalogue.gaps() {
                        say(format_args!("{}: note: {gap}", file.display()));
                    }
                    Ok(())
                }
                Err(problems) => Err(report(&file, &problems)),
            },
            Self::Publish { file, outgoing, place } => {
                let source = read(&file)?;
                if let Ok(catalogue) = parse(&source) {
                    let networks = &outgoing.networks;
                    let refused = refused_webhooks(&source, &catalogue, networks, look_up).await;
                    if !refused.is_empty() {
                        return Err(report(&file, &refused));
                    }
                }
                let store = place.open_store().await?;
                match publish(&store, &source, SystemClock.now()).await {
                    Ok(number) => {
                        say(format_args!("Published as notice {number}."));
                        Ok(())
                    }
                    Err(NoticeError::Problems(problems)) => Err(report(&file, &problems)),
                    Err(error) => Err(Failure::new(error)),
                }
            }
        }
    }
}

/// Reads a catalogue file.
pub(super) fn read(file: &std::path::Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::new(format!("{} can't be read: {error}", file.display())))?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::new(format!("{} is not UTF-8 text", file.display())))
}

fn report(file: &std::path::Path, problems: &[Problem]) -> Failure {
    for problem in problems.iter().take(SHOWN) {
        say(format_args!("{}:{}: {}", file.display(), problem.line, problem.reason));
    }
    Failure::new(format!("{} has {} problem(s)", file.display(), problems.len()))
}
