//! Python's packages for the checks, each list of them in an environment of its own.

use super::left_out;
use super::prerequisites::{PYTHON, has_python, missing};
use crate::{
    outcome::{OrStop, Outcome},
    process::ask,
    repository::Repository,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The programs of an environment with the packages of a list; none where they can't be had.
pub fn environment(
    repository: &Repository,
    name: &str,
    list: &str,
    what: &str,
) -> Outcome<Option<PathBuf>> {
    let (folder, wanted) = (repository.target(name), repository.path(list));
    let (programs, installed) = (folder.join("bin"), folder.join("requirements.txt"));
    let read = |path: &Path| fs::read(path).ok();
    if read(&installed).is_some() && read(&installed) == read(&wanted) {
        return Ok(Some(programs));
    }
    if !has_python() {
        return Err(missing("Python with venv", PYTHON));
    }
    ask(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), "set Python up")?;
    let mut pip = Command::new(programs.join("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&wanted);
    if let Err(stop) = ask(&mut pip, &format!("install {what}")) {
        left_out::note(stop);
        return Ok(None);
    }
    fs::copy(&wanted, &installed).or_stop_at("write", &installed)?;
    Ok(Some(programs))
}
