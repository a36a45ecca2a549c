//! Building and starting the server.

use crate::{
    outcome::{OrStop, Outcome},
    process::run,
    progress::Progress,
    repository::{Profile, Repository},
    site,
};
use std::{ffi::OsString, path::PathBuf, process::Command};

/// The steps of [`build`].
pub const STEPS: usize = site::STEPS + 1;

/// Lays the site out, then builds the server that embeds it; returns the executable.
pub fn build(
    repository: &Repository,
    profile: Profile,
    progress: &mut Progress,
) -> Outcome<PathBuf> {
    site::lay_out(repository, progress)?;
    progress.loud("Building the server", || compile(repository, profile))
}

/// Builds the server around a site that is already laid out; returns the executable.
pub fn compile(repository: &Repository, profile: Profile) -> Outcome<PathBuf> {
    let mut cargo = repository.cargo("build");
    cargo.args(["--package", "sayso", "--locked"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    run(&mut cargo, "The server does not compile: the compiler says why, above.")?;
    Ok(repository.server(profile))
}

/// Builds the server and becomes it, with the example business and these arguments.
pub fn serve(repository: &Repository, profile: Profile, arguments: &[OsString]) -> Outcome {
    let executable = build(repository, profile, &mut Progress::new(STEPS))?;
    let mut server = Command::new(executable);
    server.args(["serve", "--example"]).arg(repository.path("example")).args(arguments);
    replace_by(&mut server)
}

/// The server takes this process over, so signals and exit status are its own.
#[cfg(unix)]
fn replace_by(server: &mut Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    Err(server.exec()).or_stop("start the server")
}

/// Elsewhere the console hands Ctrl-C to both, and this process waits.
#[cfg(not(unix))]
fn replace_by(server: &mut Command) -> Outcome {
    run(server, "The server ended with an error: its own words are above.")
}
