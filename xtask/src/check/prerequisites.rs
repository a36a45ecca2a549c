//! The tools that the checks need: found, or installed where this may be done unasked.

use super::{Step, postgres};
use crate::{
    outcome::{Outcome, Stop},
    process::{ask, folder_on_path, run, works},
    progress::Progress,
    site,
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

/// What Debian and its relatives call the tools, and the letters that pages are written in.
const PACKAGES: &[(Step, &str)] = &[
    (Step::Test, "postgresql"),
    (Step::Test, "poppler-utils"),
    (Step::Test, "postfix"),
    (Step::Test, "dovecot-imapd"),
    (Step::Test, "dnsmasq-base"),
    (Step::Test, PYTHON),
    (Step::Api, PYTHON),
    (Step::Browser, "chromium"),
    (Step::Browser, "firefox-esr"),
    (Step::Browser, "fonts-noto-core"),
    (Step::Browser, "fonts-noto-cjk"),
];

/// Mail servers: each would take the place of the machine's own, and serve from then on.
const MAIL_SERVERS: &[&str] = &["postfix", "dovecot-imapd"];

/// What a Python that did not come from Debian brings by itself.
pub const PYTHON: &str = "python3-venv";

/// Chromium's names on the systems where people work.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Where Debian lays Firefox.
const FIREFOX: &str = "/usr/bin/firefox";

/// Finds or installs what these steps need.
pub fn ensure(steps: &[Step], progress: &mut Progress) -> Outcome {
    progress.quiet("Looking for Rust's own tools", components)?;
    progress.quiet("Looking for the WebAssembly target", site::ensure_target)?;
    progress.loud("Looking for PostgreSQL, Chromium, Node.js and Python", || programs(steps))
}

/// The browser to test with.
pub fn chromium() -> Outcome<PathBuf> {
    let found = std::env::var_os("CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| BROWSERS.iter().find_map(|name| Some(folder_on_path(&[name])?.join(name))));
    found.ok_or_else(|| missing("Chromium", "chromium"))
}

/// The browser that Playwright can't drive, which one journey speaks to itself: where `FIREFOX`
/// names it, otherwise where Debian lays it, if it is there.
pub fn firefox() -> Option<PathBuf> {
    firefox_of(std::env::var_os("FIREFOX"), Path::new(FIREFOX))
}

/// One that was named is meant, whether it is there or not.
fn firefox_of(named: Option<OsString>, usual: &Path) -> Option<PathBuf> {
    named.map(PathBuf::from).or_else(|| usual.exists().then(|| usual.to_owned()))
}

/// Whether there is a Python that can set up environments of its own.
pub fn has_python() -> bool {
    works("python3", &["-c", "import ensurepip, venv"])
}

/// Whether this program runs as root.
pub fn is_root() -> bool {
    ask(Command::new("id").arg("-u"), "ask for the user's number").is_ok_and(|id| id == "0")
}

/// The sentence for a program that is not there, and whose package has this name on Debian.
pub fn missing(name: &str, package: &str) -> Stop {
    Stop::new(format!(
        "{name} is missing: install it, on Debian with `apt-get install --no-install-recommends {package}`."
    ))
}

fn components() -> Outcome {
    let there = |tool| works("cargo", &[tool, "--version"]);
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["component", "add", "rustfmt", "clippy"]);
    let failed = "rustfmt or clippy is missing: run `rustup component add rustfmt clippy`.";
    if works("rustup", &["--version"]) { run(&mut rustup, failed) } else { Err(Stop::new(failed)) }
}

fn programs(steps: &[Step]) -> Outcome {
    install_packages(steps)?;
    if steps.contains(&Step::Test) {
        postgres::programs()?;
        if !works("pdftoppm", &["-v"]) {
            return Err(missing("pdftoppm", "poppler-utils"));
        }
    }
    if steps.contains(&Step::Api) && !has_python() {
        return Err(missing("Python with venv", PYTHON));
    }
    if steps.contains(&Step::Browser) {
        chromium()?;
        if !works("node", &["--version"]) || !works("npm", &["--version"]) {
            return Err(Stop::new("Node.js is missing: install Node.js 20 or newer, with npm."));
        }
    }
    Ok(())
}

/// As root on a Debian nobody else has to be asked; elsewhere what is missing is named instead.
fn install_packages(steps: &[Step]) -> Outcome {
    if !is_root() || !Path::new("/etc/debian_version").exists() || !works("apt-get", &["--version"])
    {
        return Ok(());
    }
    let wanted = PACKAGES.iter().filter(|(step, _)| steps.contains(step));
    let wanted = wanted.map(|(_, package)| *package);
    let mut absent: Vec<&str> =
        wanted.filter(|package| !there(package) && may_be_added(package)).collect();
    absent.sort_unstable();
    absent.dedup();
    if absent.is_empty() {
        return Ok(());
    }
    let failed = format!(
        "The system's packages could not be installed: run `apt-get update`, then `apt-get install {}`.",
        absent.join(" ")
    );
    run(apt_get().arg("update"), &failed)?;
    run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(absent), &failed)
}

/// A machine that runs services, or has a mail server, is asked before it gets another.
fn may_be_added(package: &str) -> bool {
    let serves = ["/run/systemd/system", "/usr/sbin/sendmail"];
    !MAIL_SERVERS.contains(&package) || !serves.iter().any(|path| Path::new(path).exists())
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn there(package: &str) -> bool {
    (package == PYTHON && has_python()) || installed(package)
}

fn installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    ask(&mut query, "ask for a package").is_ok_and(|status| status == "installed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firefox_that_is_named_is_meant_and_another_must_be_there() {
        let (here, nowhere) = (std::env::temp_dir(), Path::new("/nowhere/firefox"));
        assert_eq!(firefox_of(None, &here), Some(here.clone()));
        assert_eq!(firefox_of(None, nowhere), None);
        assert_eq!(firefox_of(Some(nowhere.into()), &here), Some(nowhere.to_owned()));
    }
}
