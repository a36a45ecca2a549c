//! What a run could not check, so that its last line does not say more than is true.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

static LEFT_OUT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Says at once what is left out and why, and once more at the end.
pub fn note(why: impl Display) {
    eprintln!("Left out: {why}");
    LEFT_OUT.lock().unwrap_or_else(PoisonError::into_inner).push(why.to_string());
}

/// Everything that was left out so far.
pub fn all() -> Vec<String> {
    LEFT_OUT.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
