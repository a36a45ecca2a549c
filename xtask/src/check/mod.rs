//! `cargo xtask test`: every check of the repository, in order, up to the first failure.

mod api;
mod browser;
mod left_out;
mod peers;
mod postgres;
mod prerequisites;
mod python;
mod rust;

use crate::{
    outcome::{Outcome, Stop},
    process::{clean_up_on_signals, run, works},
    progress::{Progress, Seconds, Stopwatch},
    repository::{Profile, Repository},
    server, site,
};
use clap::{Args, ValueEnum};

/// What to check.
#[derive(Args)]
pub struct Options {
    /// Leave the journeys in a browser out
    #[arg(long)]
    no_browser: bool,
    /// Only these steps, and what they need (may be repeated)
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
}

/// One step of the check; the order here is the order of running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Tools that the other steps need: found, or installed
    Prerequisites,
    /// Formatting
    Format,
    /// The site that the server embeds
    Site,
    /// The compiler's and clippy's warnings, for the server's and the page's side
    Lint,
    /// Rust tests, on both database engines
    Test,
    /// The API against its own document
    Api,
    /// Journeys in a browser, with and without JavaScript
    Browser,
    /// Licences and known weaknesses of the dependencies
    Deny,
}

/// Runs the chosen steps.
pub fn everything(repository: &Repository, options: &Options) -> Outcome {
    let watch = Stopwatch::start();
    clean_up_on_signals()?;
    let steps = options.steps();
    let mut progress = Progress::new(steps.iter().map(|step| step.parts()).sum());
    for step in &steps {
        step.run(repository, &steps, &mut progress)?;
    }
    if steps.is_empty() {
        return Err(Stop::new("No step is left to run: --no-browser leaves the only one out."));
    }
    let missed = left_out::all();
    if missed.is_empty() {
        eprintln!("Everything passed, in {}.", Seconds(watch.elapsed()));
    } else {
        let missed = missed.join(" ");
        eprintln!("What ran passed, in {}. Left out: {missed}", Seconds(watch.elapsed()));
    }
    Ok(())
}

impl Options {
    fn steps(&self) -> Vec<Step> {
        let wanted = |step: &Step| {
            let left_out = self.no_browser && *step == Step::Browser;
            !left_out && (self.only.is_empty() || self.only.contains(step))
        };
        let mut steps: Vec<Step> = Step::value_variants().iter().copied().filter(wanted).collect();
        // The server cannot be compiled without the site that it embeds.
        let embeds = |step| matches!(step, &Step::Lint | &Step::Test | &Step::Api | &Step::Browser);
        if steps.iter().any(embeds) && !steps.contains(&Step::Site) {
            let place = steps.iter().position(embeds).unwrap_or(0);
            steps.insert(place, Step::Site);
        }
        steps
    }
}

impl Step {
    /// How many lines of progress it writes.
    fn parts(self) -> usize {
        match self {
            Self::Format | Self::Deny => 1,
            Self::Lint => 2,
            Self::Prerequisites | Self::Browser => 3,
            Self::Site => site::STEPS,
            Self::Test => 5,
            Self::Api => 7,
        }
    }

    fn run(self, repository: &Repository, steps: &[Self], progress: &mut Progress) -> Outcome {
        match self {
            Self::Prerequisites => prerequisites::ensure(steps, progress),
            Self::Format => progress.loud("Checking the formatting", || rust::format(repository)),
            Self::Site => site::lay_out(repository, progress),
            Self::Lint => {
                progress.loud("Linting the server's side", || rust::lint_server(repository))?;
                progress.loud("Linting the page's side", || rust::lint_page(repository))
            }
            Self::Test => rust::test(repository, progress),
            Self::Api => conformance(repository, progress),
            Self::Browser => journeys(repository, progress),
            Self::Deny => progress.loud("Checking the dependencies", || deny(repository)),
        }
    }
}

fn conformance(repository: &Repository, progress: &mut Progress) -> Outcome {
    let schemathesis = progress.loud("Installing Schemathesis", || api::install(repository))?;
    let server =
        progress.loud("Building the server", || server::compile(repository, Profile::Dev))?;
    let business = progress
        .loud("Starting the example business", || api::Served::start(repository, &server))?;
    progress.loud("Linting the API's document", || business.lint())?;
    progress.loud("Trying the API out", || match &schemathesis {
        Some(schemathesis) => business.try_out(repository, schemathesis),
        None => Ok(()),
    })?;
    progress.loud("Installing the examples' packages", || browser::install(repository))?;
    progress.loud("Walking the examples of docs/connect.md", || match &schemathesis {
        Some(schemathesis) => api::walk_examples(repository, schemathesis, &server),
        None => Ok(()),
    })
}

fn journeys(repository: &Repository, progress: &mut Progress) -> Outcome {
    progress.loud("Installing the browser tests' packages", || browser::install(repository))?;
    let server =
        progress.loud("Building the server", || server::compile(repository, Profile::Dev))?;
    progress.loud("Walking the journeys in a browser", || browser::walk(repository, &server))
}

fn deny(repository: &Repository) -> Outcome {
    if !works("cargo", &["deny", "--version"]) {
        left_out::note("cargo-deny is not installed.");
        return Ok(());
    }
    let mut cargo = repository.cargo("deny");
    let failed = "A dependency breaks the rules of deny.toml: cargo-deny says which, above.";
    run(cargo.arg("check"), failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(no_browser: bool, only: &[Step]) -> Vec<Step> {
        Options { no_browser, only: only.to_vec() }.steps()
    }

    #[test]
    fn everything_runs_in_order_unless_told_otherwise() {
        assert_eq!(steps(false, &[]), Step::value_variants());
        assert!(!steps(true, &[]).contains(&Step::Browser));
    }

    #[test]
    fn what_embeds_the_site_lays_it_out_first() {
        assert_eq!(
            steps(false, &[Step::Test, Step::Format]),
            [Step::Format, Step::Site, Step::Test]
        );
        assert_eq!(steps(false, &[Step::Format]), [Step::Format]);
        assert_eq!(steps(true, &[Step::Browser]), []);
    }
}
