//! How a command ends early: with one sentence for the person at the terminal.

use std::{fmt, path::Path};

/// The one sentence that says why a command stopped and, where it helps, what to run.
#[derive(Debug, PartialEq, Eq)]
pub struct Stop(String);

/// What every step of a command returns.
pub type Outcome<T = ()> = Result<T, Stop>;

impl Stop {
    /// Stops with this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Turns any error into a [`Stop`] that says what could not be done.
pub trait OrStop<T> {
    /// `what` completes the sentence "could not …".
    fn or_stop(self, what: impl fmt::Display) -> Outcome<T>;

    /// The same for a file or folder: `verb` is what was tried on `path`.
    fn or_stop_at(self, verb: &str, path: &Path) -> Outcome<T>
    where
        Self: Sized,
    {
        self.or_stop(format_args!("{verb} {}", path.display()))
    }
}

impl<T, E: fmt::Display> OrStop<T> for Result<T, E> {
    fn or_stop(self, what: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Stop(format!("Could not {what}: {error:#}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_one_sentence() {
        let failed: Result<(), _> = Err("no space left");
        let stop = failed.or_stop_at("write", Path::new("site/boot.js"));
        let sentence = "Could not write site/boot.js: no space left.";
        assert_eq!(stop, Err(Stop::new(sentence)));
    }
}
