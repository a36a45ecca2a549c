//! What WebAssembly adds: a click is saved in place. Without it the same forms post a page.

#![expect(missing_docs, reason = "the island macro makes a struct of its own")]
#![expect(clippy::must_use_candidate, reason = "a component is used by the view macro")]

use leptos::prelude::*;

/// Saves the choices form in place. It posts the very form that the browser would have posted,
/// reads the page that comes back, and puts it where the old one was; so page and island can't
/// disagree. `failed` is what it says when the server could not be reached.
#[island]
pub fn SaveInPlace(
    /// Shown, in the reader's language, when nothing was saved.
    failed: String,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::save::start(failed);
    #[cfg(not(feature = "hydrate"))]
    drop(failed);
}
