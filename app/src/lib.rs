//! What a visitor can see: pages, components, islands and server functions. Knows no SQL and
//! holds no secret; what it needs it asks of [`portal::Portal`].

#[cfg(feature = "ssr")]
pub mod action;
pub mod island;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod portal;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "hydrate")]
mod save;
#[cfg(feature = "ssr")]
pub mod texts;
#[cfg(feature = "ssr")]
pub mod visit;

/// Called once by the browser before the islands come alive.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
