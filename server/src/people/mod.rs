//! Customers in files: loading them, and making their links.

mod arrive;
mod blocks;
mod columns;
mod crowd;
mod describe;
mod export;
mod fit;
mod import;
mod links;
pub(crate) mod progress;
pub(crate) mod records;
mod rejects;
mod row;
#[cfg(test)]
mod tests;

pub use export::{Export, Exported, export};
pub use import::{Import, Report, import};
pub use links::{link, mint};
