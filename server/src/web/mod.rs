//! The portal over HTTP.

mod assets;
mod errors;
mod go;
mod headers;
mod language;
mod looking;
mod one_click;
mod pages;
mod paper;
mod published;
mod receipts;
mod router;
mod sessions;
mod signal;
mod snippet;
mod strangers;
mod undo;
mod verify;
mod welcome;
mod well_known;

pub use router::{Web, router};
pub use signal::Signals;

/// The stylesheet, as the policy of every page allows it by its hash.
pub(crate) const CSS: &str = assets::SITE.css;
