//! Python with other people's libraries.

use std::path::PathBuf;

use crate::has;

/// The interpreter that has them, if one was set up.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("SAYSO_TEST_PYTHON").map(PathBuf::from);
    has(python.is_some(), "python").then_some(python?)
}
