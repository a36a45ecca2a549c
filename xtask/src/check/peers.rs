//! Other people's programs that the tests talk to: required where they can be run, and left out
//! where they can't.

use super::{
    left_out,
    prerequisites::{has_python, is_root},
    python,
};
use crate::{outcome::Outcome, repository::Repository};
use std::{ffi::OsString, path::Path};

/// The name by which the tests require it, where Debian lays it, and whether root must start it.
const PROGRAMS: &[(&str, &str, bool)] = &[
    ("POSTFIX", "/usr/sbin/postfix", true),
    ("DOVECOT", "/usr/sbin/dovecot", false),
    ("DNSMASQ", "/usr/sbin/dnsmasq", false),
];
/// What the tests' Python must have.
const LIST: &str = "server/tests/peers/requirements.txt";

/// What the tests are told of those that are there.
pub fn found(repository: &Repository) -> Outcome<Vec<(String, OsString)>> {
    let mut told = Vec::new();
    for (name, program, as_root) in PROGRAMS {
        if !Path::new(program).exists() {
            left_out::note(format!("{program} is not installed."));
        } else if *as_root && !is_root() {
            left_out::note(format!("{program} is started by root alone."));
        } else {
            told.push((format!("SAYSO_REQUIRE_{name}"), "1".into()));
        }
    }
    if !has_python() {
        left_out::note("Python with venv is not installed.");
    } else if let Some(programs) = python::environment(repository, "peers", LIST, "dkimpy")? {
        told.push(("SAYSO_TEST_PYTHON".into(), programs.join("python").into()));
        told.push(("SAYSO_REQUIRE_PYTHON".into(), "1".into()));
    }
    Ok(told)
}
