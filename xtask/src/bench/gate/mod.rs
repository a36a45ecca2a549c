//! The gate: what a decision costs, alone and by the million, with few people and with many; what
//! following it costs; and how millions of people start.

mod crowd;
mod deliveries;
mod feed;
mod inside;
mod million;
mod race;
mod receiver;

use super::{business::Folder, figure::Figure, yardstick};
use crate::{outcome::Outcome, progress::Progress, repository::Repository};
use crowd::Crowd;
use million::{Crowd as Million, load};

/// The steps of [`measure`], and those that ten million people add.
pub const STEPS: [usize; 2] = [11, 2];

/// Few people, and many.
const FEW: u32 = 10_000;
const MILLION: u32 = 1_000_000;
const MANY: u32 = 10_000_000;

/// Measures everything; a start with ten million people only `with_many`, for loading them takes
/// long.
pub fn measure(
    repository: &Repository,
    with_many: bool,
    progress: &mut Progress,
) -> Outcome<Vec<Figure>> {
    let gate = progress.loud("Building the crowd", || yardstick(repository, "gate"))?;
    let bare = progress.loud("Building the bare handler", || yardstick(repository, "bare"))?;
    let folder = Folder::create(repository)?;
    let mut figures = progress.quiet("Deciding in the process", || inside::decide(&gate))?;
    let crowds = progress.quiet("Filling the servers", || {
        Ok([Crowd::start(&gate, FEW)?, Crowd::start(&gate, MANY)?])
    })?;
    figures.extend(progress.quiet("Asking over HTTP", || race::run(&crowds, &bare, &folder))?);
    drop(crowds);
    let (followed, speed) =
        progress.quiet("Following the feed", || feed::follow(repository, &folder))?;
    figures.extend(followed);
    figures
        .extend(progress.quiet("Telling a system", || deliveries::deliver(repository, &folder))?);
    let million =
        progress.quiet("Loading a million people", || load(repository, &folder, Million::One))?;
    let (server, started) =
        progress.quiet("Starting with them", || million::start(&million, Million::One))?;
    figures.extend(started);
    figures.extend(
        progress.quiet("Making and using a snapshot", || {
            million::snapshot(&million, &server, &folder)
        })?,
    );
    figures.extend(
        progress.quiet("Following their feed", || feed::follow_many(&million, &server, speed))?,
    );
    drop(server);
    if with_many {
        let many =
            progress.quiet("Loading ten million", || load(repository, &folder, Million::Ten))?;
        let start = || million::start(&many, Million::Ten);
        figures.extend(progress.quiet("Starting with them", start)?.1);
    }
    Ok(figures)
}
