//! The journeys in a browser, by Playwright in `end2end/`.

use super::{left_out, prerequisites};
use crate::{
    outcome::{Outcome, Stop},
    process::run,
    repository::Repository,
};
use std::{fs, path::Path, process::Command, time::SystemTime};

/// Installs the packages of `end2end/` where they are missing or older than their lock file.
pub fn install(repository: &Repository) -> Outcome {
    let folder = repository.path("end2end");
    if !folder.join("package.json").is_file() {
        return Err(Stop::new("There are no browser journeys: end2end/package.json is missing."));
    }
    let installed = changed(&folder.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= changed(&folder.join("package-lock.json")) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    // The system's browser is used; the packages need not bring their own.
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("PUPPETEER_SKIP_DOWNLOAD", "1");
    run(&mut npm, "npm could not install the packages of end2end/: it says why, above.")
}

/// Walks every journey against this server; the Playwright configuration starts it.
pub fn walk(repository: &Repository, server: &Path) -> Outcome {
    let mut npx = Command::new("npx");
    npx.args(["--no-install", "playwright", "test"]).current_dir(repository.path("end2end"));
    npx.env("SAYSO_BIN", server).env("CHROMIUM", prerequisites::chromium()?);
    if let Some(firefox) = prerequisites::firefox() {
        npx.env("FIREFOX", firefox).env("SAYSO_REQUIRE_FIREFOX", "1");
    } else {
        left_out::note("Firefox is not installed.");
    }
    run(&mut npx, "A journey in the browser fails: Playwright shows which, above.")
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}
