//! Formatting, lints and tests of the Rust code.

use super::{peers, postgres::Postgres};
use crate::{outcome::Outcome, process::run, progress::Progress, repository::Repository, site};

/// Fails where rustfmt would change anything.
pub fn format(repository: &Repository) -> Outcome {
    let mut cargo = repository.cargo("fmt");
    run(cargo.args(["--all", "--check"]), "The formatting differs: run `cargo fmt --all`.")
}

/// Lints everything that runs here. xtask stands alone: its dependencies would switch features of
/// the server's on, and those be compiled twice.
pub fn lint_server(repository: &Repository) -> Outcome {
    for packages in [OTHERS, XTASK] {
        let mut cargo = repository.cargo("clippy");
        cargo.args(packages).args(["--all-targets", "--locked", "--", "-D", "warnings"]);
        run(&mut cargo, "Clippy objects to the code, above.")?;
    }
    Ok(())
}

/// Lints what runs in a browser.
pub fn lint_page(repository: &Repository) -> Outcome {
    let mut cargo = repository.cargo("clippy");
    cargo.args(site::PAGE).args(["--", "-D", "warnings"]);
    run(&mut cargo, "Clippy objects to the page's code, above.")
}

/// Runs every Rust test; the store's run on a `PostgreSQL` that lives as long as they do.
pub fn test(repository: &Repository, progress: &mut Progress) -> Outcome {
    let peers = progress.loud("Looking for programs to talk to", || peers::found(repository))?;
    let postgres = progress.quiet("Starting a PostgreSQL for the tests", Postgres::start)?;
    for (name, packages) in [("Running the Rust tests", OTHERS), ("Running xtask's tests", XTASK)] {
        progress.loud(name, || {
            let mut cargo = repository.cargo("test");
            cargo.args(packages).arg("--locked").env("SAYSO_TEST_POSTGRES_URL", postgres.url());
            cargo.env("SAYSO_REQUIRE_POSTGRES", "1").env("SAYSO_REQUIRE_POPPLER", "1");
            cargo.envs(peers.iter().map(|(name, value)| (name, value)));
            run(&mut cargo, "A Rust test fails: its name and words are above.")
        })?;
    }
    progress.quiet("Stopping the PostgreSQL", || postgres.stop())
}

const OTHERS: &[&str] = &["--workspace", "--exclude=xtask"];
const XTASK: &[&str] = &["--package=xtask"];
