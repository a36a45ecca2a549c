//! Compiling the page's side of the app for the browser.

use crate::{
    outcome::{OrStop, Outcome, Stop},
    process::{ask, run, works},
    repository::Repository,
};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// The target's name.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// What selects the page's side of the app.
pub const PACKAGE: &[&str] = &[
    "--package=app",
    "--lib",
    "--target",
    TARGET,
    "--no-default-features",
    "--features=hydrate",
    "--locked",
];

/// Adds the target to the toolchain where it is missing.
pub fn ensure_target() -> Outcome {
    if has_target()? {
        return Ok(());
    }
    if !works("rustup", &["--version"]) {
        return Err(Stop::new(format!(
            "Rust's {TARGET} target is missing, and so is rustup to add it: install rustup, then run `rustup target add {TARGET}`."
        )));
    }
    let mut rustup = Command::new("rustup");
    // Its standard output is for scripts; the reader looks at standard error.
    rustup.args(["target", "add", TARGET]).stdout(Stdio::null());
    run(&mut rustup, &format!("The target could not be added: run `rustup target add {TARGET}`."))
}

/// Compiles the app with its `hydrate` feature and returns the module as rustc wrote it.
pub fn build(repository: &Repository) -> Outcome<Vec<u8>> {
    let mut cargo = repository.cargo("build");
    cargo.args(PACKAGE).arg("--profile=wasm");
    run(&mut cargo, "The page's WebAssembly does not compile: the compiler says why, above.")?;
    let path = repository.target(TARGET).join("wasm/app.wasm");
    fs::read(&path).or_stop_at("read", &path)
}

fn has_target() -> Outcome<bool> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    let libraries = ask(&mut rustc, "ask rustc for its targets")?;
    Ok(Path::new(&libraries).is_dir())
}
